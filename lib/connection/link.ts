/**
 * Keeps a server connected: dials, reconnects, and queues commands meanwhile.
 *
 * @module
 */

import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  messageOf,
  RedisError,
  type ReplyError,
  TimeoutError,
} from "../errors.ts";
import { showAddress } from "../net/transport.ts";
import type { Push } from "../resp/reply.ts";
import { Alarm, atMost } from "./alarm.ts";
import type { Backoff } from "./backoff.ts";
import { now } from "./clock.ts";
import { CommandSlot, type Slot } from "./command.ts";
import type { Connection } from "./connection.ts";
import type { Limits } from "./limits.ts";
import { refusal } from "./failures.ts";
import { isRetryableLater, isScript, shouldReconnect } from "./error_codes.ts";
import { tell } from "./events.ts";
import { authenticate, open, type OpenOptions } from "./handshake.ts";
import { Hold } from "./hold.ts";
import { Refusals } from "./refusals.ts";
import { lost, takeBack, tellRetried } from "./take_back.ts";
import {
  exceeded,
  type Pending,
  queueFull,
  type QueueLimits,
} from "./queue_limits.ts";
import { SlotQueue } from "./slot_queue.ts";

/** How a link connects, and how it treats commands meanwhile. */
export interface LinkOptions extends OpenOptions, QueueLimits {
  /** How patient its connections are. */
  readonly limits: Limits;
  /** The wait before each attempt to connect again. */
  readonly backoff: Backoff;
  /** After this many failed attempts in a row the waiting commands are rejected. */
  readonly connectAttempts: number;
  /** What happens to a command that exceeds them. */
  readonly whenFull: "reject" | "wait";
  /** How often a command is sent again after its connection was lost. */
  readonly retries: number;
  /** Whether commands that the server refuses for now are sent again here. */
  readonly retryRefused: boolean;
}

/** The link's state and the data of each state. */
export type LinkState =
  /** No command was called yet, or all attempts to connect have failed. */
  | { readonly kind: "idle" }
  | {
    readonly kind: "dialing";
    /** Ends the attempt. */
    readonly stop: AbortController;
  }
  | {
    readonly kind: "ready";
    readonly connection: Connection;
    /** Since when, on the clock of `performance.now()`. */
    readonly since: number;
    /** The commands that the server refused for now: nothing else is sent meanwhile. */
    readonly hold?: Hold;
  }
  /** The last attempt failed, or its connection was lost: the next one comes after the backoff. */
  | {
    readonly kind: "waiting";
    readonly reason: unknown;
    readonly until: number;
    /** Ends the wait. */
    readonly goOn: () => void;
  }
  | { readonly kind: "closed"; readonly reason: ClosedError };

/** A connection that lived this long, in ms, resets the count of failed attempts. */
const STABLE_AFTER_MS = 1_000;
/** The outbox is searched for settled commands at most once in this time, in ms. */
const SWEEP_MS = 20;
/** Deadlines are noticed this late at most, in ms: one scan serves many. */
const TICK = 5;

/**
 * Queues commands in one outbox, which the current connection writes. When a
 * connection dies, its commands that may be sent again go back into the outbox.
 */
export class Link implements Pending {
  /** Gets the pushes of every connection that this link makes. */
  onPush: (push: Push) => void = () => {};
  /** Runs on each new connection before any waiting command. */
  onReady: ((connection: Connection) => void) | undefined;
  /** Called when a connection that was ready is lost. */
  onLost: ((reason: unknown) => void) | undefined;
  /** Called when the credentials are refused or the attempts are used up; then commands that still wait are rejected, as retrying would not help. */
  onGaveUp: ((error: unknown) => void) | undefined;

  readonly #options: LinkOptions;
  #state: LinkState = { kind: "idle" };
  /** Commands that wait to be written, in order. */
  readonly #outbox = new SlotQueue();
  /** Fails the commands that wait too long. */
  readonly #alarm = new Alarm(() => this.#expire());
  /** Rejects commands while the queue is full. */
  readonly #refusals = new Refusals();
  /** When the outbox was last searched for settled commands. */
  #swept = 0;
  /** How often in a row the server refused commands for now. */
  #holds = 0;
  /** Ends the wait of a state that has one. */
  readonly #wait = new Alarm(() => this.#endWait());
  /** Resolves when no attempt and no connection is under way any more. */
  #running: Promise<void> | undefined;
  /** Connections that were replaced and still owe replies. */
  readonly #retiring = new Map<Connection, Promise<void>>();
  /** The attempt that is under way, or else the next one. */
  #attempt = promiseOfAttempt();
  #live = true;

  /** Connects when first used. */
  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The link's state. */
  get state(): LinkState {
    return this.#state;
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#state.kind === "ready" ? this.#state.connection : undefined;
  }

  /** How many commands wait, for a connection or for a reply. */
  get pending(): number {
    const state = this.#state;
    let count = this.#outbox.length;
    if (state.kind === "ready") {
      count += state.connection.pending + (state.hold?.size ?? 0);
    }
    return this.#retiring.size === 0
      ? count
      : sum(this.#retiring.keys(), "pending", count);
  }

  /** About how many bytes these have. */
  get pendingBytes(): number {
    const state = this.#state;
    let bytes = this.#outbox.bytes;
    if (state.kind === "ready") {
      bytes += state.connection.pendingBytes + (state.hold?.bytes ?? 0);
    }
    return this.#retiring.size === 0
      ? bytes
      : sum(this.#retiring.keys(), "pendingBytes", bytes);
  }

  /** Executes a command: now, or as soon as there is a connection. */
  execute(slot: Slot): void {
    const state = this.#state;
    if (state.kind === "closed") return slot.fail(state.reason);
    try {
      slot.check();
    } catch (error) {
      return slot.fail(error);
    }
    const full = this.#exceeded(slot);
    if (full !== undefined) {
      const error = queueFull(this.#options, full, slot);
      return this.#refusals.add(slot, error);
    }
    this.#outbox.push(slot);
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline, TICK);
    if (state.kind === "ready") state.connection.write();
    else if (state.kind === "idle") this.#start();
  }

  /** Resolves once the link is connected; rejects when the next attempt fails. */
  async connect(): Promise<void> {
    if (this.#state.kind === "closed") throw this.#state.reason;
    if (this.connection?.alive) return;
    this.#start();
    await this.#attempt.promise;
  }

  /**
   * Waits up to `timeout` milliseconds for pending commands, then closes.
   * Resolves when the socket is closed.
   */
  async close(timeout = Infinity): Promise<void> {
    if (timeout > 0 && this.pending > 0) await atMost(timeout, this.#drain());
    this.destroy();
    await Promise.all([this.#running, ...this.#retiring.values()]);
  }

  /** Hands over the commands that wait for a connection: another link executes them from now on. */
  takeWaiting(): Slot[] {
    this.#alarm.set(Infinity);
    return this.#outbox.takeAll();
  }

  /** Gets the credentials again and authenticates the current connection; the next one gets them anyway. */
  async authenticate(): Promise<void> {
    // A dial under way may have got its credentials before this call.
    if (this.#state.kind === "dialing") await this.connect().catch(() => {});
    const { connection } = this;
    if (connection?.alive) await authenticate(connection, this.#options);
  }

  /** Resolves when the commands have settled that have a connection, or get one from the current dial. */
  async #drain(): Promise<void> {
    if (this.#state.kind === "dialing" && this.#outbox.length > 0) {
      await this.#attempt.promise.catch(() => {});
    }
    for (let state; (state = this.#state).kind === "ready" && state.hold;) {
      const { waiting } = state.hold;
      if (waiting.length === 0) break;
      await Promise.allSettled(waiting.map(({ promise }) => promise));
    }
    const connections = [...this.#retiring.keys()];
    if (this.connection) connections.push(this.connection);
    await Promise.all(connections.map((connection) => connection.drain()));
  }

  /** Closes at once and rejects all pending commands. */
  destroy(): void {
    const state = this.#state;
    if (state.kind === "closed") return;
    const { connection } = this;
    const reason = new ClosedError("The client is closed");
    const refused = this.#takeHold()?.release() ?? [];
    this.#enter({ kind: "closed", reason });
    if (state.kind === "dialing") state.stop.abort(reason);
    this.#attempted().reject(reason);
    this.#refusals.flush();
    for (const each of [connection, ...this.#retiring.keys()]) {
      each?.destroy(reason);
    }
    this.#failAll(refused, reason);
    this.#failOutbox(reason);
  }

  /**
   * Drops the current server, after a failover: dials anew at once, also out of a
   * dial or a backoff that is under way. New commands go to the next connection;
   * the old one closes after its last reply.
   */
  leave(reason: Error): void {
    const state = this.#state;
    if (state.kind === "ready") state.connection.retire(reason);
    else if (state.kind === "dialing") state.stop.abort(reason);
    else if (state.kind === "waiting") state.goOn();
  }

  /** Says whether the process lives while the link is connected: the default. */
  ref(live: boolean): void {
    this.#live = live;
    this.#alarm.ref(live);
    this.#wait.ref(live);
    this.connection?.ref(live);
  }

  // -- The life of the link --

  /** The one place that changes the state. */
  #enter(state: LinkState): void {
    if (this.#state.kind === "waiting") this.#state.goOn();
    this.#state = state;
    const until = state.kind === "waiting"
      ? state.until
      : state.kind === "ready"
      ? state.hold?.until
      : undefined;
    this.#wait.set(until ?? Infinity);
  }

  #endWait(): void {
    const state = this.#state;
    if (state.kind === "waiting") state.goOn();
    else if (state.kind === "ready") this.#endHold(state.connection);
  }

  #start(): void {
    if (this.#state.kind === "idle") this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      let reason: unknown;
      const stop = new AbortController();
      this.#enter({ kind: "dialing", stop });
      try {
        const connection = await this.#open(stop.signal);
        reason = await connection.left;
        const retired = !connection.dead;
        const stable = this.#isStable;
        const hold = this.#takeHold();
        if (retired) {
          this.#outbox.putBack(hold?.release() ?? []);
          this.#expire();
        }
        const ended = this.#takeBack(connection, retired ? "reads" : hold);
        if (retired) this.#retiring.set(connection, ended);
        else await ended;
        if (this.#isClosed) return;
        this.onLost?.(reason);
        if (stable || retired) attempt = 0;
      } catch (error) {
        if (this.#isClosed) return;
        reason = error;
        // `leave()` has ended the dial: that is no failed attempt.
        if (stop.signal.aborted) attempt = 0;
        else this.#attempted().reject(error);
        if (error instanceof AuthenticationError) {
          this.onGaveUp?.(error);
          this.#failOutbox(error);
        }
      }
      if (attempt >= this.#options.connectAttempts) {
        const error = this.#gaveUp(attempt, reason);
        this.#enter({ kind: "idle" });
        this.onGaveUp?.(error);
        this.#failOutbox(error);
        return;
      }
      const delay = attempt === 0 ? 0 : this.#options.backoff(attempt);
      const rested = Promise.withResolvers<void>();
      this.#enter({
        kind: "waiting",
        reason,
        until: now() + delay,
        goOn: rested.resolve,
      });
      const kind = "reconnecting";
      tell(this.#options, { kind, attempt: attempt + 1, delay, reason });
      // A dial that fails at once must not keep the event loop from running.
      if (attempt > 0) await rested.promise;
      if (this.#isClosed) return;
    }
  }

  /**
   * Once a connection is dead, puts the commands that may be sent again back into
   * the outbox: those of the hold, and those in flight. After `leave()` only reads
   * are sent again, because later commands have been sent meanwhile.
   */
  async #takeBack(
    connection: Connection,
    hold: Hold | "reads" | undefined,
  ): Promise<void> {
    const death = await connection.closed;
    this.#retiring.delete(connection);
    const again = this.#isClosed ? "none" : hold === "reads" ? hold : "all";
    const kept = takeBack(death, again, this.#options);
    const slots = hold instanceof Hold ? hold.release(kept) : kept;
    if (this.#isClosed) return this.#failAll(slots, death.reason);
    this.#outbox.putBack(slots);
    this.#expire();
    this.connection?.write();
    if (this.#outbox.length > 0) this.#start();
  }

  /** Returns the attempt that has ended, and starts a new one. */
  #attempted(): PromiseWithResolvers<void> {
    const attempt = this.#attempt;
    this.#attempt = promiseOfAttempt();
    return attempt;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const options = this.#options;
    const connection = await open(options, options.limits, signal);
    if (signal.aborted) {
      connection.destroy(signal.reason);
      await connection.closed;
      throw signal.reason;
    }
    connection.onPush = this.onPush;
    connection.onRefused = (slot, error) =>
      this.#refused(connection, slot, error);
    connection.ref(this.#live);
    this.#enter({ kind: "ready", connection, since: performance.now() });
    if (connection.alive) {
      this.onReady?.(connection);
      connection.serve(this.#outbox);
    }
    this.#attempted().resolve();
    return connection;
  }

  #gaveUp(attempt: number, reason: unknown): Error {
    if (
      reason instanceof AuthenticationError ||
      reason instanceof RedisError && attempt === 1
    ) return reason;
    return new ConnectionError(
      `Cannot connect to ${
        showAddress(this.#options.address)
      } in ${attempt} attempts: ${messageOf(reason)}`,
      { cause: reason },
    );
  }

  get #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  /** Whether the connection has lived long enough to count as a success. */
  get #isStable(): boolean {
    return this.#state.kind === "ready" &&
      performance.now() - this.#state.since >= STABLE_AFTER_MS;
  }

  // -- Commands that the server refuses for now --

  /** Acts on an error reply as `error_codes.ts` says; returns `true` if that settles or queues the slot. */
  #refused(connection: Connection, slot: Slot, error: ReplyError): boolean {
    const state = this.#state;
    if (state.kind !== "ready" || state.connection !== connection) return false;
    // Not at once: a name that always leads to a replica must not cause endless dials.
    if (shouldReconnect(error) && this.#isStable) {
      connection.retire(refusal(error));
    }
    if (
      !(slot instanceof CommandSlot) || !isRetryableLater(error) ||
      isScript(slot.description)
    ) return false;
    // Its caller has gone: no reason to hold other commands.
    if (slot.settled) {
      state.hold?.add(slot, error);
      return false;
    }
    error.of(slot.description);
    const { retryRefused, backoff } = this.#options;
    const wanted = slot.retry !== false && retryRefused;
    let hold = state.hold;
    if (hold === undefined) {
      const until = now() + backoff(this.#holds + 1);
      if (!wanted || until >= slot.deadline) return false;
      this.#holds++;
      hold = new Hold(connection.inFlight, until);
      this.#enter({ ...state, hold });
      connection.serve(undefined);
    }
    // The connection's own command, sent during the hold.
    if (!hold.has(slot)) return false;
    // The server has not executed it, so it no longer counts as written.
    hold.add(slot, error);
    slot.written = false;
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline, TICK);
    if (wanted && hold.until < slot.deadline) {
      tellRetried(this.#options, slot, error);
    } else slot.fail(slot.maybeExecuted ? lost(slot, error) : error);
    return true;
  }

  /** Sends the refused commands again, once every command in flight behind them is answered. */
  async #endHold(connection: Connection): Promise<void> {
    await connection.drain();
    if (this.connection !== connection) return;
    const slots = this.#takeHold()?.release() ?? [];
    // Once the first of them settles, the count of refusals in a row starts anew.
    slots[0]?.onEnd(() => {
      this.#holds = 0;
    });
    this.#outbox.putBack(slots);
    connection.serve(this.#outbox);
  }

  /** Ends the hold, if there is one, and returns it. */
  #takeHold(): Hold | undefined {
    const state = this.#state;
    if (state.kind !== "ready" || state.hold === undefined) return undefined;
    const { connection, since, hold } = state;
    this.#enter({ kind: "ready", connection, since });
    return hold;
  }

  // -- The outbox --

  /** The queue limit that a command must be rejected for, if there is one. */
  #exceeded(slot: Slot): keyof QueueLimits | undefined {
    const options = this.#options;
    let full = exceeded(options, this, slot);
    if (full !== undefined && now() - this.#swept >= SWEEP_MS) {
      this.#swept = now();
      // Aborted commands free their places.
      this.#outbox.removeSettled();
      full = exceeded(options, this, slot);
    }
    return options.whenFull === "wait" ? undefined : full;
  }

  #failOutbox(error: unknown): void {
    this.#failAll(this.takeWaiting(), error);
  }

  /** Fails slots that are not in flight, some of which may have been written before. */
  #failAll(slots: readonly Slot[], reason: unknown): void {
    for (const slot of slots) {
      slot.fail(slot.maybeExecuted ? lost(slot, reason) : reason);
    }
  }

  #expire(): void {
    const time = performance.now();
    const state = this.#state;
    const held = state.kind === "ready" ? state.hold : undefined;
    const next = Math.min(
      this.#outbox.expire(time, (slot) => this.#tooLate(slot)),
      held?.expire(time) ?? Infinity,
    );
    this.#outbox.removeSettled();
    this.#alarm.set(next);
  }

  #tooLate(slot: Slot): TimeoutError {
    const { maybeExecuted, description } = slot;
    if (this.#state.kind === "ready") {
      return new TimeoutError(
        `${description} was not sent by its deadline`,
        { maybeExecuted },
      );
    }
    const cause = this.#state.kind === "waiting"
      ? this.#state.reason
      : undefined;
    const why = cause === undefined ? "" : `: ${messageOf(cause)}`;
    return new TimeoutError(
      `${description} found no connection in time${why}`,
      {
        cause,
        maybeExecuted,
      },
    );
  }
}

/** Sums a figure of connections. Not called for none: an iterator would cost time on each command. */
function sum(
  connections: Iterable<Pending>,
  what: keyof Pending,
  start: number,
): number {
  for (const connection of connections) start += connection[what];
  return start;
}

function promiseOfAttempt(): PromiseWithResolvers<void> {
  const attempt = Promise.withResolvers<void>();
  // Without a caller of `connect()` nobody awaits it: its rejection must not end the process.
  attempt.promise.catch(() => {});
  return attempt;
}
