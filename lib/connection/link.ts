/**
 * The intention to be connected: keeps one connection alive.
 *
 * @module
 */

import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  messageOf,
  ProtocolError,
  QueueFullError,
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
import {
  type Connection,
  type Death,
  type Limits,
  refusal,
} from "./connection.ts";
import { isRetryableLater, isScript, shouldReconnect } from "./error_codes.ts";
import { type Observed, tell } from "./events.ts";
import { authenticate, open, type OpenOptions } from "./handshake.ts";
import { Hold } from "./hold.ts";
import { SlotQueue } from "./slot_queue.ts";

/** How a link connects, and what it does while it cannot. */
export interface LinkOptions extends OpenOptions {
  /** How patient its connections are. */
  readonly limits: Limits;
  /** The wait before each attempt to connect again. */
  readonly backoff: Backoff;
  /** After this many failed attempts in a row the waiting commands are rejected. */
  readonly connectAttempts: number;
  /** How many commands may wait, for a connection or for a reply. */
  readonly queueSize: number;
  /** How many bytes the arguments of these commands may have. */
  readonly queueBytes: number;
  /** What happens to a command that exceeds them. */
  readonly whenFull: "reject" | "wait";
  /** How often a command is sent again after its connection was lost. */
  readonly retries: number;
  /** Whether commands that the server refuses for now are sent again here. */
  readonly retryRefused: boolean;
}

/** The link's state and the data of each state. */
export type LinkState =
  /** Nothing was asked yet, or the attempts to connect are used up. */
  | { readonly kind: "idle" }
  | { readonly kind: "dialing" }
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
const SWEEP_MS = 1;

/**
 * Holds commands in one outbox, which the connection of the moment writes, and
 * takes back from a dead connection what may be sent again.
 */
export class Link {
  /** Gets the pushes of every connection that this link makes. */
  onPush: (push: Push) => void = () => {};
  /** Runs on each new connection before any waiting command. */
  onReady: ((connection: Connection) => void) | undefined;
  /** Called when a connection that was ready is lost. */
  onLost: ((reason: unknown) => void) | undefined;
  /** Called when the credentials are refused or the attempts are used up: queued commands are rejected, as retrying would not help. */
  onGaveUp: ((error: unknown) => void) | undefined;

  readonly #options: LinkOptions;
  #state: LinkState = { kind: "idle" };
  /** Commands that wait to be written, in order. */
  readonly #outbox = new SlotQueue();
  /** Fails the commands that wait too long. */
  readonly #alarm = new Alarm(() => this.#expire());
  /** When the outbox was last searched for settled commands. */
  #swept = 0;
  /** How often in a row the server refused commands for now. */
  #holds = 0;
  /** Ends the wait of a state that has one. */
  readonly #wait = new Alarm(() => this.#endWait());
  /** Aborts when the link is closed, which ends the dialling that is under way. */
  readonly #stop = new AbortController();
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
    return this.#outbox.length + (this.connection?.pending ?? 0);
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
    if (!this.#hasRoom(slot)) return slot.fail(this.#queueFull(slot));
    this.#outbox.push(slot);
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline);
    if (state.kind === "ready") state.connection.write();
    else if (state.kind === "idle") this.#start();
  }

  /** Resolves once the link is connected; rejects when the next attempt fails. */
  async connect(): Promise<void> {
    this.#stop.signal.throwIfAborted();
    if (this.connection?.alive) return;
    this.#start();
    await this.#attempt.promise;
  }

  /**
   * Lets what was asked come to its end, at most for `timeout` milliseconds;
   * then closes. Resolves when the socket is closed.
   */
  async close(timeout = Infinity): Promise<void> {
    if (timeout > 0) await atMost(timeout, this.#drain());
    this.destroy();
    await Promise.all([this.#running, ...this.#retiring.values()]);
  }

  /** Asks for the credentials again, for the connection that there is; the next one asks anyway. */
  async authenticate(): Promise<void> {
    // What is being opened may have asked before.
    if (this.#state.kind === "dialing") await this.connect().catch(() => {});
    const { connection } = this;
    if (connection?.alive) await authenticate(connection, this.#options);
  }

  /** Resolves when what was asked is answered, or will not be soon. */
  async #drain(): Promise<void> {
    if (this.#state.kind === "dialing" && this.#outbox.length > 0) {
      await this.#attempt.promise.catch(() => {});
    }
    const connections = [...this.#retiring.keys()];
    if (this.connection) connections.push(this.connection);
    await Promise.all(connections.map((connection) => connection.drain()));
  }

  /** Closes at once: what waits or is under way is rejected. */
  destroy(): void {
    if (this.#state.kind === "closed") return;
    const { connection } = this;
    const reason = new ClosedError("The client is closed");
    const refused = this.#takeHeld();
    this.#enter({ kind: "closed", reason });
    this.#stop.abort(reason);
    this.#attempted().reject(reason);
    for (const each of [connection, ...this.#retiring.keys()]) {
      each?.destroy(reason);
    }
    this.#failAll(refused, reason);
    this.#failOutbox(reason);
  }

  /**
   * Replaces the connection, whose server is left: new commands go to the next
   * one at once, while this one ends when its replies are in.
   */
  leave(reason: Error): void {
    if (this.#state.kind === "ready") this.#state.connection.retire(reason);
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
    if (this.#state.kind !== "idle") return;
    this.#enter({ kind: "dialing" });
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      let reason: unknown;
      try {
        const connection = await this.#open();
        reason = await connection.left;
        const retired = !connection.dead;
        const stable = this.#isStable;
        const held = this.#takeHeld();
        if (retired) {
          this.#outbox.putBack(held);
          this.#expire();
        }
        const ended = this.#takeBack(connection, retired ? [] : held);
        if (retired) this.#retiring.set(connection, ended);
        else await ended;
        if (this.#isClosed) return;
        this.onLost?.(reason);
        if (stable || retired) attempt = 0;
      } catch (error) {
        if (this.#isClosed) return;
        this.#attempted().reject(error);
        reason = error;
        if (error instanceof AuthenticationError) {
          this.#failOutbox(error);
          this.onGaveUp?.(error);
        }
      }
      if (attempt >= this.#options.connectAttempts) {
        const error = this.#gaveUp(attempt, reason);
        this.#enter({ kind: "idle" });
        this.#failOutbox(error);
        this.onGaveUp?.(error);
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
      this.#enter({ kind: "dialing" });
    }
  }

  /** Takes back from a connection, once it is dead, what may be sent again; `refused` goes ahead of that. */
  async #takeBack(
    connection: Connection,
    refused: readonly Slot[],
  ): Promise<void> {
    const death = await connection.closed;
    this.#retiring.delete(connection);
    if (this.#isClosed) this.#failAll(refused, death.reason);
    const kept = takeBack(death, !this.#isClosed, this.#options);
    if (this.#isClosed) return;
    this.#outbox.putBack([...refused, ...kept]);
    this.#expire();
    this.connection?.write();
    if (this.#outbox.length > 0) this.#start();
  }

  /** Hands out the attempt that is over; the next one is another. */
  #attempted(): PromiseWithResolvers<void> {
    const attempt = this.#attempt;
    this.#attempt = promiseOfAttempt();
    return attempt;
  }

  async #open(): Promise<Connection> {
    const options = this.#options;
    const { signal } = this.#stop;
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
    return this.#stop.signal.aborted;
  }

  /** Whether the connection has lived long enough to count as a success. */
  get #isStable(): boolean {
    return this.#state.kind === "ready" &&
      performance.now() - this.#state.since >= STABLE_AFTER_MS;
  }

  // -- Commands that the server refuses for now --

  /** Does what `error_codes.ts` says; returns whether the command is sent again. */
  #refused(connection: Connection, slot: Slot, error: ReplyError): boolean {
    const state = this.#state;
    if (state.kind !== "ready" || state.connection !== connection) return false;
    // A name that leads to a replica for good is not dialled without end.
    if (shouldReconnect(error) && this.#isStable) {
      connection.retire(refusal(error));
    }
    if (
      slot.settled || !(slot instanceof CommandSlot) ||
      !isRetryableLater(error) || isScript(slot.description)
    ) return false;
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
    // One of the connection alone, which was sent meanwhile.
    if (!hold.has(slot)) return false;
    // It was not executed this time, whether it is sent again or not.
    hold.add(slot, error);
    slot.written = false;
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline);
    if (wanted && hold.until < slot.deadline) {
      tellRetried(this.#options, slot, error);
    } else slot.fail(slot.maybeExecuted ? lost(slot, error) : error);
    return true;
  }

  /** Sends the refused commands again, once all that was in flight behind them is answered. */
  async #endHold(connection: Connection): Promise<void> {
    await connection.drain();
    if (this.connection !== connection) return;
    this.#outbox.putBack(this.#takeHeld());
    connection.serve(this.#outbox);
  }

  /** Ends the hold, if there is one, and returns the commands to be sent again. */
  #takeHeld(): Slot[] {
    const state = this.#state;
    if (state.kind !== "ready" || state.hold === undefined) return [];
    const slots = state.hold.release();
    const { connection, since } = state;
    this.#enter({ kind: "ready", connection, since });
    // One that is answered, or given up, ends the row.
    slots[0]?.onEnd(() => {
      this.#holds = 0;
    });
    return slots;
  }

  // -- The outbox --

  #hasRoom(slot: Slot): boolean {
    if (this.#options.whenFull === "wait" || !this.#exceeds(slot)) return true;
    if (now() - this.#swept < SWEEP_MS) return false;
    this.#swept = now();
    // What was aborted makes room.
    this.#outbox.removeSettled();
    return !this.#exceeds(slot);
  }

  /** The option that the command would exceed. */
  #exceeds(slot: Slot): "queueSize" | "queueBytes" | undefined {
    const { queueSize, queueBytes } = this.#options;
    const { pending } = this;
    if (pending >= queueSize) return "queueSize";
    const bytes = this.#outbox.bytes + (this.connection?.pendingBytes ?? 0);
    // One command of any size may be sent where nothing else waits.
    if (pending > 0 && bytes + slot.size > queueBytes) return "queueBytes";
    return undefined;
  }

  #queueFull(slot: Slot): QueueFullError {
    const name = this.#exceeds(slot) ?? "queueSize";
    const what = name === "queueSize"
      ? '"queueSize" commands already wait'
      : 'it would exceed the "queueBytes" of the commands that wait';
    return new QueueFullError(
      `Cannot queue ${slot.description} as ${what}: current value is ${
        this.#options[name]
      }`,
    );
  }

  #failOutbox(error: unknown): void {
    this.#alarm.set(Infinity);
    this.#failAll(this.#outbox.takeAll(), error);
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

/**
 * Returns the slots of a dead connection that may be sent again, in order, and
 * rejects the others; where none may, all are rejected.
 */
export function takeBack(
  { reason, written, unwritten }: Death,
  again: boolean,
  observed: Observed = {},
): Slot[] {
  const kept: Slot[] = [];
  for (const slot of written) {
    const resend = again && !(reason instanceof ProtocolError) &&
      slot.resendable && slot.retries-- > 0;
    if (resend) {
      slot.attempted = true;
      kept.push(slot);
      tellRetried(observed, slot, reason);
    } else slot.fail(lost(slot, reason));
  }
  // These were for that connection alone.
  for (const slot of unwritten) slot.fail(lost(slot, reason));
  return kept;
}

function tellRetried(observed: Observed, slot: Slot, reason: unknown): void {
  tell(observed, { kind: "retried", command: slot.description, reason });
}

function lost(slot: Slot, reason: unknown): Error {
  if (reason instanceof ProtocolError) return reason;
  const options = { cause: reason, maybeExecuted: slot.maybeExecuted };
  return reason instanceof ClosedError
    ? new ClosedError(
      `${slot.description} got no reply before the client was closed`,
      options,
    )
    : new ConnectionError(
      `${slot.description} lost its connection before the reply came: ${
        messageOf(reason)
      }`,
      options,
    );
}

function promiseOfAttempt(): PromiseWithResolvers<void> {
  const attempt = Promise.withResolvers<void>();
  // Not everybody asks how it went.
  attempt.promise.catch(() => {});
  return attempt;
}
