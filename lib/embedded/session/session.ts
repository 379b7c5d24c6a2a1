/**
 * One client of the server: its connection, its state, and running its commands.
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

/** Bytes that are read at a time: at first, and while the client sends much. */
const FIRST_READ = 512;
const MOST_READ = 64 * 1024;
/** With more to be written than this, no more is read until it is. */
const MUCH = 1024 * 1024;

/**
 * Which replies CLIENT REPLY lets through: `next` leaves out the reply to the
 * next command, `skip` that to the running one.
 */
export type Replies = "on" | "off" | "next" | "skip";

/** One client of the server. */
export class Session<S extends Server = Server> {
  /** Its number: CLIENT ID. */
  readonly id: number;
  /** The server it is a client of. */
  readonly core: S;
  /** Where replies are written. */
  readonly reply = new ReplyEncoder();
  /** The address it comes from. */
  readonly address: string;
  /** The address it reached. */
  readonly local: string;
  /** The selected database. */
  db: Database;
  /** What CLIENT SETNAME gave it. */
  name = "";
  /** What CLIENT SETINFO says of its library. */
  readonly library = { name: "", version: "" };
  /** The user that it is logged in as. */
  user: User;
  /** Whether it is logged in, or need not be. */
  authenticated: boolean;
  /** What MULTI began. */
  transaction: Transaction | null = null;
  /** Of a script's session: the session that runs the script. */
  caller: Session | null = null;
  /** Whether EXEC runs its commands: none of them may wait. */
  inExec = false;
  /** Whether a key it watches was changed. */
  touched = false;
  /** The channels it listens to. */
  readonly channels = new Set<string>();
  /** The patterns of channels it listens to. */
  readonly patterns = new Set<string>();
  /** The channels of shards it listens to. */
  readonly shards = new Set<string>();
  /** What CLIENT TRACKING turned on. */
  tracked: Tracked | null = null;
  /** Whether it gets every command: MONITOR. */
  monitors = false;
  /** Its data as a replica, once it has announced itself as one. */
  replica: Replica | null = null;
  /** How long the replication stream was behind its last command. */
  written = 0;
  /** What CLIENT NO-EVICT says. */
  noEvict = false;
  /** What CLIENT NO-TOUCH says: its reads do not count as uses. */
  noTouch = false;
  /** Which replies it gets. */
  replies: Replies = "on";
  /** Whether it waits for keys, and executes nothing meanwhile. */
  waiting = false;
  /** Whether to close when all is written. */
  closing = false;
  /** When it was made, in ms since 1970. */
  readonly since: number;
  /** When it executed a command last, in ms since 1970. */
  lastUse: number;
  /** The name of the command it executed last. */
  lastCommand = "NULL";
  readonly #transport: Transport;
  readonly #requests: RequestDecoder;
  /** A command that waits for the end of a pause. */
  #held: string[] | null = null;
  /** Where the reply to the running command begins. */
  #start = 0;
  /** How many runs are nested: EXEC's and its command's. */
  #depth = 0;
  /** Pushes that came while a reply was half written. */
  #later: ((reply: ReplyEncoder) => void)[] = [];
  #writing = false;
  /** Bytes that are being written. */
  #inFlight = 0;
  /** Since when more output waits than the soft limit allows; 0 for not at all. */
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

  /** Logs it in as a user. */
  admit(user: User): void {
    this.user = user;
    this.authenticated = true;
    this.#requests.limits = this.core.limits.request;
  }

  /** Logs it out, as before it first logged in. */
  expel(): void {
    this.user = this.core.users.default;
    this.authenticated = !this.core.users.required;
    this.#requests.limits = this.authenticated
      ? this.core.limits.request
      : UNAUTHENTICATED;
  }

  /** How many channels and patterns it is subscribed to. */
  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Whether it is subscribed to anything. */
  get listens(): boolean {
    return this.subscriptions + this.shards.size > 0;
  }

  /** Its class in the setting `client-output-buffer-limit`. */
  get type(): BufferClass {
    if (this.replica?.online) return "slave";
    return this.listens ? "pubsub" : "normal";
  }

  /** Whether the setting `timeout` does not close it. */
  get mayIdle(): boolean {
    return this.waiting || this.listens || this.monitors ||
      this.replica?.online === true;
  }

  /** Bytes that wait to become a command. */
  get pendingInput(): number {
    return this.#requests.pending;
  }

  /** Bytes that wait to be written. */
  get pendingOutput(): number {
    return this.reply.length + this.#inFlight;
  }

  /** Reads and executes until the connection ends. */
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
        // The decoder keeps what it has not read: the buffer is free again.
        if (size === into.length && size < MOST_READ) {
          into = new Uint8Array(Math.min(size * 4, MOST_READ));
        }
        if (this.pendingInput > this.core.limits.query) break;
        if (this.reply.length > MUCH) await this.drained();
      }
    } catch {
      // The connection was lost, or closed by us.
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

  /** Saves what the running command changes as these arguments; `null` for not at all. */
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

  /** Sends what it did not ask for; behind the reply to its running command. */
  push(write: (reply: ReplyEncoder) => void): void {
    if (this.#closed) return;
    // Redis pushes behind the reply of the command that runs.
    if (this.#depth > 0 || this.inExec) {
      this.#later.push(write);
      return;
    }
    write(this.reply);
    this.core.sessions.flushLater(this);
    this.checkOutput();
  }

  /** Replies to a subscription: CLIENT REPLY does not suppress that. */
  confirm(write: (reply: ReplyEncoder) => void): void {
    if (this.replies === "on") write(this.reply);
    else this.push(write);
  }

  /** Sends what it did not ask for before the reply of its running command. */
  pushBefore(write: (reply: ReplyEncoder) => void): void {
    if (this.#depth === 0 || this.reply.length > this.#start) {
      this.push(write);
      return;
    }
    write(this.reply);
    this.#start = this.reply.length;
    this.checkOutput();
  }

  /** Ends what MULTI began, and what WATCH watches. */
  discard(): void {
    this.transaction = null;
    this.core.watches.forget(this);
  }

  /** Goes on after a wait or a pause. */
  resume(): void {
    this.#process();
  }

  /** Goes on in the next turn, after `work`: closed connections are gone by then. */
  nextTurn(work: () => void): void {
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      work();
      this.resume();
    });
  }

  /** Starts to write the replies that there are. */
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
    // The data that a replica is sent at first may be of any size.
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

  /** An exception ends this session at most, never the process. */
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
        this.written = core.replication.offset;
      }
      // Of a chunk that is not read to its end the rest is kept.
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

  /** CLIENT CACHING holds for the next command that is not CLIENT. */
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

  /** Sends the pushes that waited for the end of a reply. */
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
      // Changes of other sessions in the same turn are saved together with these.
      if (persistence?.aof.pending) await null;
      while (this.reply.length > 0) {
        // Changes are saved before they are acknowledged.
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
 * The reply to an exception. V8 throws a `RangeError` where a string, an array
 * or the stack would get too large: the client hears of it.
 */
function messageFor(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof RangeError) {
    return `ERR Cannot execute the command: ${error.message}`;
  }
  throw error;
}
