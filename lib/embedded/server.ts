/**
 * A Redis-compatible server in this process, for experiments and for the tests of
 * applications.
 *
 * ```ts
 * import { EmbeddedServer } from "@sorrel/redis/embedded";
 * import { connect } from "@sorrel/redis";
 *
 * await using server = await EmbeddedServer.listen({ port: 0 });
 * await using redis = await connect(server.url);
 * console.assert(await redis.set("greeting", "hello") === "OK");
 * ```
 *
 * @module
 */

import { ConnectionError } from "../errors.ts";
import { dial, listen, type Listener } from "../net/tcp.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import { ConfigFile } from "./config_file.ts";
import { Core } from "./core.ts";
import type { CoreOptions } from "./options.ts";
import { Disk } from "./base/disk.ts";
import {
  DEFAULT_SAVE,
  keepNothing,
  Persistence,
} from "./persistence/persistence.ts";
import { makePipe } from "./base/pipe.ts";

export type { Address, CoreOptions, Dial, Transport };
export type { TlsOptions } from "../net/transport.ts";

/** The options of a server's data, and those of {@linkcode CoreOptions}. */
export interface StorageOptions extends CoreOptions {
  /**
   * The directory of the data; it must exist. Without it the data is kept in memory
   * only, and no file is touched. The file formats are those of Redis 7: this server
   * and Redis load each other's files.
   */
  dir?: string;
  /**
   * Whether every change is appended to a file, from which the data is loaded again.
   *
   * @default {false}
   */
  appendonly?: boolean;
  /**
   * When an appended change is synced to the disk: before it is acknowledged, about
   * every second, or when the operating system decides.
   *
   * @default {"everysec"}
   */
  appendfsync?: "always" | "everysec" | "no";
  /**
   * When a snapshot is made: pairs of seconds and of changes within them. With any
   * pair, closing the server makes one, too. `""` for no snapshots.
   *
   * @default {"3600 1 300 100 60 10000" with a directory}
   */
  save?: string;
  /**
   * The master that this server replicates: another embedded server or a real Redis
   * server. Its user and password are the parameters `masteruser` and `masterauth`.
   */
  replicaof?: { hostname: string; port: number };
  /**
   * The path of the file that CONFIG REWRITE writes: a redis.conf, whose
   * comments stay in place. It is not read: pass its settings as `config`.
   */
  configFile?: string;
}

/** The options of an embedded server. */
export interface EmbeddedOptions extends StorageOptions {
  /**
   * The name or address to listen on. Clients on other machines are served only
   * if a password is set, unless the parameter `protected-mode` is `no`.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * The port to listen on; 0 for a free one.
   *
   * @default {6379}
   */
  port?: number;
}

/** A Redis-compatible server in this process. */
export class EmbeddedServer implements AsyncDisposable {
  readonly #core: Core;
  readonly #listener: Listener | null;
  readonly #hostname: string;
  readonly #served = new Set<Promise<void>>();
  readonly #closed = Promise.withResolvers<void>();
  #accepting: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  private constructor(
    core: Core,
    listener: Listener | null,
    hostname: string,
  ) {
    this.#core = core;
    this.#listener = listener;
    this.#hostname = hostname;
    core.shutDown = () => void this.close();
    if (listener !== null) {
      core.config.start("port", String(listener.port));
      core.config.start("bind", hostname);
      this.#accepting = this.#accept(listener);
    }
  }

  /**
   * Makes a server that listens; resolves when its data is loaded. Clients that
   * connect before hear LOADING; after SHUTDOWN of one of them the server is
   * closed. Rejects when the address cannot be had, or the data is corrupt.
   */
  static async listen(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
    const { hostname = "127.0.0.1", port = 6379 } = options;
    const listener = listen({ hostname, port });
    let server: EmbeddedServer;
    try {
      server = new EmbeddedServer(open(options), listener, hostname);
    } catch (error) {
      listener[Symbol.dispose]();
      throw error;
    }
    await server.#load();
    return server;
  }

  /** Makes a server that is reached by {@linkcode EmbeddedServer.dial} only. */
  static async create(options: StorageOptions = {}): Promise<EmbeddedServer> {
    const server = new EmbeddedServer(open(options), null, "127.0.0.1");
    await server.#load();
    return server;
  }

  /** The port it listens on; 0 when it does not. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** The URL of the server, without a password; meaningless when it does not listen. */
  get url(): string {
    const name = /^(0\.0\.0\.0|::)$/.test(this.#hostname)
      ? "127.0.0.1"
      : this.#hostname;
    return `redis://${name.includes(":") ? `[${name}]` : name}:${this.port}`;
  }

  /** Resolves when the server is closed: by `close()`, or by SHUTDOWN. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Connects to the server without a socket: an option of `connect`. Rejects with
   * a `ConnectionError` once the server is closed.
   */
  readonly dial: Dial = (_address: Address, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (this.#closing !== null) {
      return Promise.reject(
        new ConnectionError(
          "Cannot connect to the embedded server as it was closed: make another one",
        ),
      );
    }
    const [ours, theirs] = makePipe();
    this.#serve(ours);
    return Promise.resolve(theirs);
  };

  /** Stops listening, closes every connection, and saves the data if it has storage. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #load(): Promise<void> {
    const { persistence, replication } = this.#core;
    try {
      await persistence?.start();
    } catch (error) {
      // SHUTDOWN of a client ends loading, which is no failure.
      const wasClosed = this.#closing !== null;
      await this.close();
      if (!wasClosed) throw error;
      return;
    }
    replication.start(dial);
  }

  async #close(): Promise<void> {
    this.#listener?.[Symbol.dispose]();
    this.#core.close();
    await this.#accepting;
    await Promise.all(this.#served);
    await this.#core.replication.stopped();
    await this.#core.pause.held;
    const { persistence } = this.#core;
    try {
      persistence?.prepareEnd(null);
    } finally {
      await persistence?.end();
      this.#closed.resolve();
    }
  }

  async #accept(listener: Listener): Promise<void> {
    for (;;) {
      const transport = await listener.accept();
      if (transport === null) return;
      this.#serve(transport);
    }
  }

  #serve(transport: Transport): void {
    const served = this.#core.sessions.serve(transport);
    this.#served.add(served);
    served.catch((error) => this.#core.report(error))
      .finally(() => this.#served.delete(served));
  }
}

/** The state of a server; its data is still to be loaded. */
function open(options: StorageOptions): Core {
  const { dir, appendonly, appendfsync, save, replicaof, configFile } = options;
  const config = { ...options.config };
  if (dir !== undefined) config["dir"] = dir;
  if (appendonly !== undefined) {
    config["appendonly"] = appendonly ? "yes" : "no";
  }
  if (appendfsync !== undefined) config["appendfsync"] = appendfsync;
  if (save !== undefined) config["save"] = save;
  if (replicaof !== undefined) {
    config["replicaof"] = `${replicaof.hostname} ${replicaof.port}`;
  }
  if (config["dir"]) config["save"] ??= DEFAULT_SAVE;
  const core = new Core({ ...options, config });
  try {
    if (configFile !== undefined) {
      const [, parent = ".", name] = /^(?:(.*)\/)?(.+)$/.exec(configFile)!;
      core.configFile = new ConfigFile(new Disk(parent), name!);
    }
    if (config["dir"]) {
      core.persistence = new Persistence(core, new Disk(config["dir"]));
    } else keepNothing(core.config);
    return core;
  } catch (error) {
    core.close();
    throw error;
  }
}
