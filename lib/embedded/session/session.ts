/**
 * One client of the server: its connection, its state, and the execution of its
 * commands.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import type { Transport } from "../../net/transport.ts";
import { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { RequestDecoder, UNAUTHENTICATED } from "../../resp/request_decoder.ts";
import type { User } from "../access/acl.ts";
import type { BufferClass } from "../base/config.ts";
import type { Server } from "./server.ts";
import type { Database } from "../keyspace/database.ts";
import { dispatch } from "./dispatch.ts";
import { CommandError } from "../base/errors.ts";
import type { Replica } from "./replica.ts";
import type { Tracked } from "./tracked.ts";
import type { Transaction } from "./transaction.ts";

/** The size of the read buffer: at first, and when the client sends a lot. */
const FIRST_READ = 512;
const MOST_READ = 64 * 1024;
/** Backpressure: reading pauses while more than this many bytes of replies are pending. */
const MUCH = 1024 * 1024;

/**
 * The mode of CLIENT REPLY. `skip` suppresses the reply to the running command,
 * `next` that to the next one.
 */
export type Replies = "on" | "off" | "next" | "skip";

/** One client of the server. */
export class Session<S extends Server = Server> {
  /** The id, as of CLIENT ID. */
  readonly id: number;
  /** The server. */
  readonly core: S;
  /** The buffer of replies. */
  readonly reply = new ReplyEncoder();
  /** The client's address. */
  readonly address: string;
  /** The server's address of the connection. */
  readonly local: string;
  /** The selected database. */
  db: Database;
  /** The name set by CLIENT SETNAME. */
  name = "";
  /** The library set by CLIENT SETINFO. */
  readonly library = { name: "", version: "" };
  /** The authenticated user. */
  user: User;
  /** Whether it is authenticated, or need not be. */
  authenticated: boolean;
  /** The transaction since MULTI. */
  transaction: Transaction | null = null;
  /** For a script's session: the session that runs the script. */
  caller: Session | null = null;
  /** Whether EXEC is running its commands: none of them may block. */
  inExec = false;
  /** Whether a watched key was changed. */
  touched = false;
  /** The subscribed channels. */
  readonly channels = new Set<string>();
  /** The subscribed patterns. */
  readonly patterns = new Set<string>();
  /** The subscribed shard channels. */
  readonly shards = new Set<string>();
  /** The options of CLIENT TRACKING; `null` while it is off. */
  tracked: Tracked | null = null;
  /** Whether it is in MONITOR mode. */
  monitors = false;
  /** Its replica state, once it has announced itself as a replica. */
  replica: Replica | null = null;
  /** The replication offset after its last command: WAIT waits for it. */
  written = 0;
  /** Set by CLIENT NO-EVICT. */
  noEvict = false;
  /** Set by CLIENT NO-TOUCH: its reads do not count as uses. */
  noTouch = false;
  /** The mode of CLIENT REPLY. */
  replies: Replies = "on";
  /** Whether it is blocked: it executes no commands meanwhile. */
  waiting = false;
  /** Whether to close the connection after the pending output is written. */
  closing = false;
  /** When it connected, in ms since 1970. */
  readonly since: number;
  /** When it executed its last command, in ms since 1970. */
  lastUse: number;
  /** The name of its last command. */
  lastCommand = "NULL";
  readonly #transport: Transport;
  readonly #requests: RequestDecoder;
  /** A command that a pause holds back. */
  #held: string[] | null = null;
  /** The offset in `reply` where the running command's reply begins. */
  #start = 0;
  /** How many runs are nested: that of EXEC and that of its command. */
  #depth = 0;
  /** Pushes that were deferred because a reply was incomplete. */
  #later: ((reply: ReplyEncoder) => void)[] = [];
  #writing = false;
  /** Bytes that are being written. */
  #inFlight = 0;
  /** Since when the output exceeds the soft limit, in ms since 1970; 0 for not at all. */
  #overSoft = 0;
  /** Resolves when all that waits is written. */
  #drained: PromiseWithResolvers<void> | null = null;
  #closed = false;

  /** Makes the session of a new connection. */
  constructor(core: S, transport: Transport) {
    this.core = core;
    this.id = core.sessions.nextId();
    this.db = core.databases[0]!;
    this.since = this.lastUse = core.now;
    this.user = core.users.default;
    this.#transport = transport;
    this.address = transport.peer ?? "127.0.0.1:0";
    this.local = transport.local ?? `127.0.0.1:${core.config.get("port")}`;
    this.authenticated = !core.users.required;
    this.#requests = new RequestDecoder(
      this.authenticated ? core.limits.request : UNAUTHENTICATED,
    );
  }

  /** Authenticates the session as a user. */
  admit(user: User): void {
    this.user = user;
    this.authenticated = true;
    this.#requests.limits = this.core.limits.request;
  }

  /** Resets the session to the default user. */
  expel(): void {
    this.user = this.core.users.default;
    this.authenticated = !this.core.users.required;
    this.#requests.limits = this.authenticated
      ? this.core.limits.request
      : UNAUTHENTICATED;
  }

  /** The number of its subscriptions to channels and patterns. */
  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Whether it has any subscription. */
  get listens(): boolean {
    return this.subscriptions + this.shards.size > 0;
  }

  /** Its class in the setting `client-output-buffer-limit`. */
  get type(): BufferClass {
    if (this.replica?.online) return "slave";
    return this.listens ? "pubsub" : "normal";
  }

  /** Whether the setting `timeout` does not apply to it. */
  get mayIdle(): boolean {
    return this.waiting || this.listens || this.monitors ||
      this.replica?.joined === true;
  }

  /** Received bytes that were not executed. */
  get pendingInput(): number {
    return this.#requests.pending;
  }

  /** Bytes of output that were not sent. */
  get pendingOutput(): number {
    return this.reply.length + this.#inFlight;
  }

  /** Reads and executes commands until the connection ends. */
  async serve(): Promise<void> {
    let into = new Uint8Array(FIRST_READ);
    try {
      while (!this.#closed) {
        const size = await this.#transport.read(into);
        if (size === null) break;
        this.core.statistics.reads++;
        this.core.statistics.bytesRead += size;
        this.#requests.feed(into.subarray(0, size));
        this.#process();
        // The decoder has copied the bytes that it still needs: the buffer can be reused.
        if (size === into.length && size < MOST_READ) {
          into = new Uint8Array(Math.min(size * 4, MOST_READ));
        }
        if (this.pendingInput > this.core.limits.query) break;
        if (this.reply.length > MUCH) await this.drained();
      }
    } catch {
      // The connection was lost, or this server closed it.
    } finally {
      this.close();
    }
  }

  /**
   * Runs `work` with `args` as one command: an error is its reply, and what it
   * changed is saved as `args`, unless it says how else with `rewrite`. Returns
   * whether it succeeded.
   */
  run(
    args: string[] | null,
    work: (session: this, args: string[]) => void,
  ): boolean {
    const { core, reply } = this;
    const start = reply.length;
    if (this.#depth++ === 0) this.#start = start;
    const { dirty } = core;
    core.rewritten = args;
    let succeeded = true;
    try {
      work(this, args ?? []);
    } catch (error) {
      const message = messageFor(error);
      if (!(error instanceof CommandError)) core.report(error);
      reply.truncate(Math.max(start, this.#start));
      reply.error(message);
      core.statistics.countError(message);
      succeeded = false;
    } finally {
      this.#depth--;
    }
    if (core.dirty !== dirty && core.rewritten !== null) {
      core.propagate(this.db, core.rewritten);
    }
    const isWhole = this.#depth === 0 && !this.inExec;
    if (isWhole && this.#later.length > 0) this.#pushLater();
    return succeeded;
  }

  /** Sets the command that the running command propagates as; `null` for none. */
  rewrite(args: readonly string[] | null): void {
    this.core.rewritten = args;
  }

  /** Publishes a keyspace notification of a key of its database. */
  notify(type: string, event: string, key: string): void {
    const { notifications } = this.core;
    if (notifications.active) {
      notifications.tell(this.db.index, type, event, key);
    }
  }

  /** Sends a push, after the reply to the running command if there is one. */
  push(write: (reply: ReplyEncoder) => void): void {
    if (this.#closed) return;
    // In Redis, too, a push follows the reply of the running command.
    if (this.#depth > 0 || this.inExec) {
      this.#later.push(write);
      return;
    }
    write(this.reply);
    this.core.sessions.flushLater(this);
    this.checkOutput();
  }

  /** Writes a subscription's confirmation, which CLIENT REPLY does not suppress. */
  confirm(write: (reply: ReplyEncoder) => void): void {
    if (this.replies === "on") write(this.reply);
    else this.push(write);
  }

  /** Sends a push before the reply to the running command. */
  pushBefore(write: (reply: ReplyEncoder) => void): void {
    if (this.#depth === 0 || this.reply.length > this.#start) {
      this.push(write);
      return;
    }
    write(this.reply);
    this.#start = this.reply.length;
    this.checkOutput();
  }

  /** Ends the transaction and all watches. */
  discard(): void {
    this.transaction = null;
    this.core.watches.forget(this);
  }

  /** Executes the received commands after a wait or a pause. */
  resume(): void {
    this.#process();
  }

  /** Runs `work` and resumes in a timer: closed connections are noticed before that. */
  resumeLater(work: () => void): void {
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      work();
      this.resume();
    });
  }

  /** Starts to send the pending replies. */
  flush(): void {
    if (this.#writing || this.#closed || this.reply.length === 0) return;
    this.#writing = true;
    void this.#write();
  }

  /** Resolves when all replies are written, or the connection has ended. */
  async drained(): Promise<void> {
    if (this.#closed || !this.#writing) return;
    this.#drained ??= Promise.withResolvers();
    await this.#drained.promise;
  }

  /** Drops the connection when too much waits to be written. */
  checkOutput(): void {
    const { core } = this;
    // A full sync may be of any size, so it does not count.
    const size = this.pendingOutput - (this.replica?.unread ?? 0);
    const { hard, soft, seconds } = core.config.limits[this.type];
    if (soft === 0 || size <= soft) this.#overSoft = 0;
    else if (this.#overSoft === 0) this.#overSoft = core.now;
    const tooLong = this.#overSoft > 0 &&
      core.now - this.#overSoft >= seconds * 1000;
    if (hard > 0 && size > hard || tooLong) this.close();
  }

  /** Ends the connection at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport[Symbol.dispose]();
    this.#endDrain();
    this.core.left(this);
  }

  /** An exception ends this session, never the process. */
  #process(): void {
    try {
      this.#execute();
    } catch (error) {
      this.core.report(error);
      this.close();
    }
  }

  #execute(): void {
    const { core, reply } = this;
    core.tick();
    try {
      while (
        !this.waiting && !this.closing && !this.#closed && !core.pause.asleep
      ) {
        const args = this.#held ?? this.#requests.next();
        if (args === null) break;
        const start = this.#start = reply.length;
        this.#held = dispatch(this, args) ? null : args;
        if (this.#held !== null) break;
        if (this.tracked !== null) this.#endCaching(this.tracked);
        if (this.replies !== "on") this.#mute(Math.max(start, this.#start));
        core.settle();
        // What WAIT sends to the replicas is no write of the session.
        const { lastCommand } = this;
        if (lastCommand !== "wait" && lastCommand !== "waitaof") this.wrote();
      }
      // Copies the unread rest of the chunk, as its buffer is reused.
      this.#requests.keep();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reply.error(`ERR ${error.message}`);
      this.closing = true;
    }
    this.flush();
    core.sessions.flush();
    if (reply.length > 0) this.checkOutput();
    if (this.closing && !this.#writing) this.close();
  }

  /** Notes that everything propagated so far may be a write of this session. */
  wrote(): void {
    this.written = this.core.replication.offset;
  }

  /** Ends the effect of CLIENT CACHING after the next command other than CLIENT. */
  #endCaching(tracked: Tracked): void {
    if (this.transaction !== null) return;
    if (!this.lastCommand.startsWith("client|")) tracked.caching = null;
  }

  /** Drops the reply to a command that CLIENT REPLY suppresses. */
  #mute(start: number): void {
    this.reply.truncate(start);
    if (this.replies === "next") this.replies = "skip";
    else if (this.replies === "skip") this.replies = "on";
  }

  /** Sends the deferred pushes. */
  flushLater(): void {
    if (this.#later.length > 0) this.#pushLater();
  }

  #pushLater(): void {
    const later = this.#later;
    this.#later = [];
    for (const write of later) write(this.reply);
    this.#start = this.reply.length;
    this.checkOutput();
  }

  async #write(): Promise<void> {
    const { persistence } = this.core;
    try {
      // One write to the file includes the changes of other sessions in this tick.
      if (persistence?.aof.pending) await null;
      while (this.reply.length > 0) {
        // Durability: changes are saved before the reply acknowledges them.
        persistence?.aof.commit();
        if (this.#closed) break;
        const bytes = this.reply.take();
        this.core.statistics.writes++;
        this.core.statistics.bytesWritten += bytes.length;
        this.#inFlight = bytes.length;
        await this.#transport.write([bytes]);
      }
    } catch {
      this.closing = true;
    }
    this.#inFlight = 0;
    this.#writing = false;
    this.#endDrain();
    if (this.closing) this.close();
  }

  #endDrain(): void {
    this.#drained?.resolve();
    this.#drained = null;
  }
}

/**
 * The reply to an exception. V8 throws a `RangeError` when a string, an array or
 * the stack becomes too large: the client gets it as an error reply.
 */
function messageFor(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof RangeError) {
    return `ERR Cannot execute the command: ${error.message}`;
  }
  throw error;
}
