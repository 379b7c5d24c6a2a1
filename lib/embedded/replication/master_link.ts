/**
 * A replica's link to its master; reconnects when the connection ends.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";
import { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { RequestDecoder } from "../../resp/request_decoder.ts";
import type { Database } from "../keyspace/database.ts";
import type { ReplicatedServer } from "./host.ts";
import { AT_ONCE, call, find } from "../session/dispatch.ts";
import { CommandError } from "../base/errors.ts";
import { MasterInput } from "./master_input.ts";
import { addKey, type LoadedKey, loadSteps } from "../rdb/file.ts";
import { dump } from "../rdb/payload.ts";
import { Session } from "../session/session.ts";

/** The state of the link, as ROLE names it. */
export type LinkState =
  | "connect"
  | "connecting"
  | "handshake"
  | "sync"
  | "connected";

/** The delay before connecting again, in ms. */
const RETRY = 1000;
/** The interval between acknowledgements, in ms. */
const ACKNOWLEDGE = 1000;

/** The position in the stream before the link exists. */
export interface KnownStream {
  /** Whether the data matches the stream's offset: no full sync is needed. */
  readonly whole: boolean;
  /** The database that the stream has selected there. */
  readonly selected: number;
}

/** The link to a master. */
export class MasterLink {
  /** The master's host. */
  readonly host: string;
  /** The master's port. */
  readonly port: number;
  /** The state of the link. */
  state: LinkState = "connect";
  /** The session that executes the master's commands; it survives reconnects. */
  session: Session;
  /** When the last bytes of the master arrived, in ms since 1970; 0 for never. */
  heardAt = 0;
  /** When the link went down, in ms since 1970; 0 when it was never up. */
  downSince = 0;
  /** The error of the last connection; empty for none. */
  error = "";
  /** Whether the data matches the stream's offset: no full sync is needed. */
  whole: boolean;
  readonly #core: ReplicatedServer;
  readonly #stop = new AbortController();
  /** Aborts the current connection. */
  #attempt = new AbortController();
  #attemptedAt = 0;
  #acknowledgedAt = 0;
  /** How much of the stream is on the disk, in the append-only file. */
  #syncedOffset = 0;
  /**
   * The offset that is on the disk once the file is synced up to `position`; `null`
   * when none waits.
   */
  #unsynced: { position: number; offset: number } | null = null;
  #transport: Transport | null = null;
  readonly #encoder = new ReplyEncoder();
  #written: Promise<void> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();
  /** Bytes of the stream that are not executed yet. */
  #rest: Uint8Array[] = [];
  #wake: () => void = () => {};

  /** Dials nothing until {@linkcode MasterLink.start}. */
  constructor(
    core: ReplicatedServer,
    host: string,
    port: number,
    known: KnownStream,
  ) {
    this.#core = core;
    this.host = host;
    this.port = port;
    this.whole = known.whole;
    this.session = this.#newSession(known.selected);
  }

  /** Connects, and reconnects until {@linkcode MasterLink.stop}. */
  start(): void {
    this.#ended = this.#run();
  }

  /** Closes the link; resolves when that is done. */
  stop(): Promise<void> {
    this.#stop.abort();
    this.#attempt.abort();
    this.#wake();
    return this.#ended;
  }

  /** Periodic work: aborts a silent connection, acknowledges. */
  tick(): void {
    const { now, config, loading } = this.#core;
    const isDue = now - this.#acknowledgedAt >= ACKNOWLEDGE;
    if (this.state === "sync" && loading.active) {
      // Nothing is read meanwhile, and the master hears that this replica lives.
      this.heardAt = now;
      if (isDue) this.#reassure();
      return;
    }
    const last = Math.max(this.heardAt, this.#attemptedAt);
    if (now - last > config.number("repl-timeout") * 1000) {
      this.#attempt.abort();
    }
    if (this.state !== "connected") return;
    if (isDue) this.#acknowledge();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const attempt = this.#attempt = new AbortController();
      this.#attemptedAt = this.#core.now;
      try {
        await this.#follow(attempt.signal);
        this.error = "The master closed the connection";
      } catch (error) {
        // Every error leads to another attempt.
        this.error = error instanceof Error ? error.message : String(error);
      }
      const was = this.state;
      this.#down();
      // A lost link is dialled again at once; a failed attempt waits.
      if (!signal.aborted && was !== "connected") await this.#pause();
    }
  }

  #down(): void {
    if (this.state === "connected") this.downSince = this.#core.now;
    this.state = "connect";
    this.#transport = null;
    this.#rest = [];
    this.#written = Promise.resolve();
    // The master sends an interrupted transaction again, from its MULTI on.
    this.session.transaction = null;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { dial } = this.#core.replication;
    if (dial === null) throw new Error("There is no network");
    this.state = "connecting";
    const address = { hostname: this.host, port: this.port };
    using transport = await dial(address, signal);
    const end = () => transport[Symbol.dispose]();
    signal.addEventListener("abort", end, { once: true });
    signal.throwIfAborted();
    this.#transport = transport;
    this.state = "handshake";
    const input = new MasterInput(transport, () => this.heardAt = Date.now());
    const core = this.#core;
    const { replication } = core;
    try {
      const [word, id, offset] = await this.#shakeHands(input);
      signal.throwIfAborted();
      this.state = "sync";
      const { failover } = replication;
      if (failover.state === "failover-in-progress") {
        failover.answered(/^\+(CONTINUE|FULLRESYNC)$/.test(word!));
        signal.throwIfAborted();
      }
      if (word === "+CONTINUE") {
        if (id !== undefined && id !== replication.id) {
          replication.rename(id);
          replication.replicas.drop();
        }
      } else if (word === "+FULLRESYNC") {
        this.whole = false;
        const data = await input.transfer();
        signal.throwIfAborted();
        await core.loading.run(this.#load(data, id!, Number(offset)));
        signal.throwIfAborted();
        this.whole = true;
      } else throw new Error(`The master answers ${word}`);
      this.state = "connected";
      this.#acknowledge();
      const stream = new RequestDecoder();
      for (let chunk = await input.some(); chunk; chunk = await input.some()) {
        if (signal.aborted) break;
        // Wait while a script of a client is paused: a script runs alone.
        while (core.scripting.busy) await core.pause.held;
        this.#execute(stream, chunk);
      }
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /** Authenticates and sends PSYNC; returns the words of its reply. */
  async #shakeHands(input: MasterInput): Promise<string[]> {
    const { config, replication } = this.#core;
    const ask = (...args: string[]): Promise<string> => {
      this.#write(args);
      return input.line();
    };
    const pong = await ask("PING");
    if (!/^(\+|-NOAUTH|-NOPERM|-ERR operation not permitted)/.test(pong)) {
      throw new Error(`The master answers ${pong}`);
    }
    const password = config.get("masterauth");
    if (password !== "") {
      const user = config.get("masteruser");
      const answer = await ask(
        "AUTH",
        ...user === "" ? [] : [user],
        password,
      );
      if (!answer.startsWith("+")) {
        throw new Error(`The master answers ${answer}`);
      }
    }
    const port = config.get("replica-announce-port");
    await ask(
      "REPLCONF",
      "listening-port",
      port === "0" ? config.get("port") : port,
    );
    const announced = config.get("replica-announce-ip");
    if (announced !== "") await ask("REPLCONF", "ip-address", announced);
    await ask("REPLCONF", "capa", "eof", "capa", "psync2");
    const known = this.whole
      ? [replication.id, String(replication.offset + 1)]
      : ["?", "-1"];
    if (replication.failover.state === "failover-in-progress") {
      known.push("FAILOVER");
    }
    const answer = await ask("PSYNC", ...known);
    return answer.split(" ");
  }

  /** Replaces all data by that of a full sync, in steps. */
  *#load(data: Uint8Array, id: string, offset: number): Generator<void> {
    const core = this.#core;
    core.tick();
    // Until the load is complete the data belongs to a stream that nobody knows.
    core.replication.startOver();
    let selected = 0;
    for (const db of core.databases) db.clear();
    core.tracking.flushed();
    const { libraries } = core.scripting;
    libraries.flush();
    const [first] = core.databases;
    // For the append-only file: one transaction at the end, as clients may run
    // commands between two steps.
    const effects: [Database, string[]][] = [
      [first!, ["FLUSHALL"]],
      [first!, ["FUNCTION", "FLUSH"]],
    ];
    const saves = core.effects.sinks.size > 0;
    yield* loadSteps(
      data,
      (loaded) => {
        addKey(core.databases, loaded, core.now);
        if (saves) {
          effects.push([core.databases[loaded.db]!, restoreArguments(loaded)]);
        }
      },
      (name, value) => {
        if (name === "repl-stream-db") selected = Number(value);
      },
      (code) => {
        libraries.load(code, true);
        effects.push([first!, ["FUNCTION", "LOAD", code]]);
      },
    );
    core.replication.startOver(id, offset);
    this.#syncedOffset = 0;
    this.#unsynced = null;
    for (const [db, args] of effects) core.propagate(db, args);
    this.session = this.#newSession(selected);
    core.settle();
    core.sessions.flush();
  }

  /** Executes the commands of a chunk of the stream, and passes their bytes on. */
  #execute(stream: RequestDecoder, chunk: Uint8Array): void {
    const core = this.#core;
    const { replication } = core;
    this.#rest.push(chunk.slice());
    let behind = this.#rest.reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    core.tick();
    core.overdue = "kept";
    stream.feed(chunk);
    try {
      for (let args = stream.next(); args !== null; args = stream.next()) {
        this.#apply(args);
        // A transaction is executed, and counted, with its EXEC.
        if (this.session.transaction !== null) continue;
        const size = behind - stream.pending;
        behind -= size;
        done += size;
        replication.offset += size;
      }
    } finally {
      core.overdue = "hidden";
    }
    this.#relay(done);
    core.sessions.flush();
  }

  #apply(args: string[]): void {
    const core = this.#core;
    const { session } = this;
    session.lastUse = core.now;
    try {
      const command = find(session, args);
      const { transaction } = session;
      if (command.name === "replconf") {
        if (args[1]?.toUpperCase() === "GETACK") this.#acknowledge();
      } else if (transaction === null || AT_ONCE.has(command.name)) {
        call(session, command, args);
      } else {
        transaction.queue.push({ command, args });
      }
    } catch (error) {
      // Like Redis, skip a command that this server cannot execute.
      if (!(error instanceof CommandError)) throw error;
    }
    session.reply.truncate(0);
    core.settle();
  }

  /** Passes the first `count` bytes of `#rest` on to replicas. */
  #relay(count: number): void {
    while (count > 0) {
      const chunk = this.#rest.shift()!;
      if (chunk.length > count) this.#rest.unshift(chunk.subarray(count));
      const part = chunk.subarray(0, count);
      this.#core.replication.relay(part);
      count -= part.length;
    }
  }

  #acknowledge(): void {
    const { now, replication } = this.#core;
    this.#acknowledgedAt = now;
    const acknowledged = ["REPLCONF", "ACK", String(replication.offset)];
    const synced = this.#synced();
    if (synced > 0) acknowledged.push("FACK", String(synced));
    this.#write(acknowledged);
  }

  /** How much of the stream is on the disk for sure; 0 for nothing. */
  #synced(): number {
    const { persistence, replication } = this.#core;
    const aof = persistence?.aof;
    if (!aof?.on) return 0;
    const { position, synced } = aof;
    const { offset } = replication;
    if (this.#unsynced !== null && synced >= this.#unsynced.position) {
      this.#syncedOffset = this.#unsynced.offset;
      this.#unsynced = null;
    }
    if (synced >= position) this.#syncedOffset = offset;
    else this.#unsynced ??= { position, offset };
    return this.#syncedOffset;
  }

  /** An empty line says no more than that this replica is there. */
  #reassure(): void {
    this.#acknowledgedAt = this.#core.now;
    this.#encoder.raw("\n");
    this.#send();
  }

  #write(args: readonly string[]): void {
    this.#encoder.bulks(args);
    this.#send();
  }

  #send(): void {
    const transport = this.#transport!;
    const bytes = this.#encoder.take().slice();
    this.#written = this.#written
      .then(() => transport.write([bytes]))
      // The reading side reports a lost connection.
      .catch(() => {});
  }

  #newSession(selected: number): Session {
    const { databases, users } = this.#core;
    const session = new Session(this.#core, NOWHERE);
    session.admit(users.default);
    session.db = databases[selected] ?? session.db;
    return session;
  }
}

/** Discards the replies to the master's commands. */
const NOWHERE: Transport = {
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  [Symbol.dispose]() {},
};

/** The RESTORE command for a loaded key. */
function restoreArguments({ key, value, expiry }: LoadedKey): string[] {
  const at = String(expiry ?? 0);
  return ["RESTORE", key, at, dump(value), "REPLACE", "ABSTTL"];
}
