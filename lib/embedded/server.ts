/**
 * A Redis-compatible server in process: for trying things out, and for the
 * tests of applications.
 *
 * ```ts
 * import { EmbeddedServer } from "@respite/respite/embedded";
 * import { connect } from "@respite/respite";
 *
 * await using server = await EmbeddedServer.listen({ port: 0 });
 * await using redis = await connect(server.url);
 * console.assert(await redis.set("greeting", "hello") === "OK");
 * ```
 *
 * @module
 */

import { listen, type Listener } from "../net/tcp.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import { Core, type CoreOptions } from "./core.ts";
import { makePipe } from "./pipe.ts";

/** What an embedded server can be told. */
export interface EmbeddedOptions extends CoreOptions {
  /**
   * The name or address to listen on.
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
  readonly #served = new Set<Promise<void>>();
  #accepting: Promise<void> | null = null;

  private constructor(core: Core, listener: Listener | null) {
    this.#core = core;
    this.#listener = listener;
    if (listener !== null) this.#accepting = this.#accept(listener);
  }

  /** Makes a server that listens. Throws when the address cannot be had. */
  // deno-lint-ignore require-await -- will read its files
  static async listen(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
    const { hostname = "127.0.0.1", port = 6379 } = options;
    const listener = listen({ hostname, port });
    return new EmbeddedServer(new Core(options), listener);
  }

  /** Makes a server that is reached by {@linkcode EmbeddedServer.dial} only. */
  // deno-lint-ignore require-await -- will read its files
  static async create(options: CoreOptions = {}): Promise<EmbeddedServer> {
    return new EmbeddedServer(new Core(options), null);
  }

  /** The port it listens on; 0 when it does not. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** The URL of the server, without a password. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Reaches the server without a socket: an option of `connect`. */
  readonly dial: Dial = (_address: Address, signal: AbortSignal) => {
    signal.throwIfAborted();
    const [ours, theirs] = makePipe();
    this.#serve(ours);
    return Promise.resolve(theirs);
  };

  /** Stops listening and ends every connection. */
  async close(): Promise<void> {
    this.#listener?.[Symbol.dispose]();
    this.#core.close();
    await this.#accepting;
    await Promise.all(this.#served);
  }

  /** Closes the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #accept(listener: Listener): Promise<void> {
    for (;;) {
      const transport = await listener.accept();
      if (transport === null) return;
      this.#serve(transport);
    }
  }

  #serve(transport: Transport): void {
    const served = this.#core.serve(transport);
    this.#served.add(served);
    served.finally(() => this.#served.delete(served));
  }
}
