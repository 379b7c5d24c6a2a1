/**
 * One client of the server: its connection, its state, its turn.
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
  /** Who it is. */
  user: User;
  /** Whether it has shown a password, or none is asked for. */
  authenticated: boolean;
  /** What MULTI began. */
  transaction: Transaction | null = null;
  /** Whose script's commands it runs. */
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
  /** What it said of itself, if it copies this server. */
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
  /** What came unasked while a reply was half written. */
  #later: ((reply: ReplyEncoder) => void)[] = [];
  #writing = false;
  /** Bytes that are being written. */
  #inFlight = 0;
  /** Since when more waits than the soft limit. */
  #overSoft = 0;
  #drained: (() => void) | null = null;
  #closed = false;

  /** Makes the session of a new connection. */
  constructor(core: S, transport: Transport) {
    this.core = core;
    this.id = core.nextSessionId();
    this.db = core.databases[0]!;
    this.since = this.lastUse = core.now;
    this.user = core.users.default;
    this.#transport = transport;
    this.address = transport.peer ?? "127.0.0.1:0";
    this.local = transport.local ?? `127.0.0.1:${core.config.get("port")}`;
    this.authenticated = !core.users.required;
    this.#requests = new RequestDecoder(
      this.authenticated ? core.requestLimits : UNAUTHENTICATED,
    );
  }

  /** Lets it do what a user may. */
  admit(user: User): void {
    this.user = user;
    this.authenticated = true;
    this.#requests.limits = this.core.requestLimits;
  }

  /** Makes it who it was at first. */
  expel(): void {
    this.user = this.core.users.default;
    this.authenticated = !this.core.users.required;
    this.#requests.limits = this.authenticated
      ? this.core.requestLimits
      : UNAUTHENTICATED;
  }

  /** To how much it listens. */
  get subscriptions(): number {
    return this.channels.size + this.patterns.size;
  }

  /** Whether it listens to anything. */
  get listens(): boolean {
    return this.subscriptions + this.shards.size > 0;
  }

  /** What kind of client it is: how much may wait to be written to it. */
  get type(): BufferClass {
    if (this.replica?.online) return "slave";
    return this.listens ? "pubsub" : "normal";
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
        if (this.pendingInput > this.core.queryLimit) break;
        if (this.reply.length > MUCH) await this.#drain();
      }
    } catch {
      // The connection was lost, or closed by us.
    } finally {
      this.close();
    }
  }

  /**
   * Runs `work` as one command: an error is its reply, and what it changed is
   * saved as `args`, unless it says how else with `rewrite`. Says whether it
   * succeeded.
   */
  run(args: readonly string[] | null, work: () => void): boolean {
    const { core, reply } = this;
    const start = reply.length;
    if (this.#depth++ === 0) this.#start = start;
    const { dirty } = core;
    core.rewritten = args;
    let succeeded = true;
    try {
      work();
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

  /** Tells who asked to know that `event` happened to a key of its database. */
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
    this.core.flushLater(this);
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

  /** Starts to write what there is. */
  flush(): void {
    if (this.#writing || this.#closed || this.reply.length === 0) return;
    this.#writing = true;
    void this.#write();
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
    this.#drained?.();
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
        !this.waiting && !this.closing && !this.#closed && !core.asleep
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
    core.flush();
    if (reply.length > 0) this.checkOutput();
    if (this.closing && !this.#writing) this.close();
  }

  /** What CLIENT CACHING said holds up to the next command that is not CLIENT. */
  #endCaching(tracked: Tracked): void {
    if (this.transaction !== null) return;
    if (!this.lastCommand.startsWith("client|")) tracked.caching = null;
  }

  /** Takes back the reply to a command that was to have none. */
  #mute(start: number): void {
    this.reply.truncate(start);
    if (this.replies === "next") this.replies = "skip";
    else if (this.replies === "skip") this.replies = "on";
  }

  /** Sends what was to be sent behind a reply that is whole now. */
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
      // What others change in the same turn is saved together with ours.
      if (persistence?.aof.pending) await null;
      while (this.reply.length > 0) {
        // What is answered is saved before.
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
    this.#drained?.();
    if (this.closing) this.close();
  }

  #drain(): Promise<void> {
    if (this.#closed || !this.#writing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = null;
        resolve();
      };
    });
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
