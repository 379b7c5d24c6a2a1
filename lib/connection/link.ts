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
import type { Slot } from "./command.ts";
import {
  type Connection,
  type Death,
  type Limits,
  refusal,
} from "./connection.ts";
import { type Observed, tell } from "./events.ts";
import { authenticate, open, type OpenOptions } from "./handshake.ts";
import { passes, replaces } from "./refusals.ts";

/** How a link connects, and what it does while it cannot. */
export interface LinkOptions extends OpenOptions {
  /** How patient its connections are. */
  readonly limits: Limits;
  /** The wait before each attempt to connect again. */
  readonly backoff: Backoff;
  /** After so many failed attempts in a row what waits is rejected. */
  readonly connectAttempts: number;
  /** How many commands may wait for a connection. */
  readonly queueSize: number;
  /** How often a command is sent again. */
  readonly retries: number;
}

/** Where a link is, with what exists only there. */
export interface LinkState {
  readonly kind: "idle" | "dialing" | "ready" | "waiting" | "closed";
  /** While it is ready. */
  readonly connection?: Connection;
  /** Why it waits before it tries again. */
  readonly reason?: unknown;
}

/** A connection that lived so long, in milliseconds, ends a row of failures. */
const STEADY = 1_000;

/**
 * Holds commands while there is no connection, hands them to the one there is,
 * and takes back from a dead one what may be sent again.
 */
export class Link {
  /** Gets the pushes of every connection that this link makes. */
  onPush: (push: Push) => void = () => {};
  /** Runs on each new connection before any command that waits. */
  onReady: ((connection: Connection) => void) | undefined;
  /** Told when a connection that was ready is lost. */
  onLost: ((reason: unknown) => void) | undefined;
  /** Told when the credentials are refused, and when the attempts are used up: it would not go better for who waits. */
  onGaveUp: ((error: unknown) => void) | undefined;

  readonly #options: LinkOptions;
  #state: LinkState = { kind: "idle" };
  #queue: Slot[] = [];
  /** Fails what waits too long; set while something waits. */
  readonly #alarm = new Alarm(() => this.#expire());
  /** When the queue was last looked through for room. */
  #swept = 0;
  /** Since when it has this connection. */
  #since = 0;
  #rested = Promise.withResolvers<void>();
  /** Ends the wait before an attempt, or before what was refused is sent again. */
  readonly #rest = new Alarm(() => {
    this.#rested.resolve();
    this.#sendQueue();
  });
  /** Aborts when the link is closed, which ends the dialling that is under way. */
  readonly #stop = new AbortController();
  /** Resolves when nothing is under way any more. */
  #running: Promise<void> | undefined;
  /** The attempt that is under way, or else the next one. */
  #attempt = promiseOfAttempt();
  #live = true;

  /** Connects when first asked to. */
  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Where the link is. */
  get state(): LinkState {
    return this.#state;
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#state.connection;
  }

  /** How many commands wait, for a connection or for a reply. */
  get pending(): number {
    return this.#queue.length + (this.connection?.pending ?? 0);
  }

  /** Asks: now, or as soon as there is a connection. */
  execute(slot: Slot): void {
    const { connection } = this;
    if (connection?.alive) connection.execute(slot);
    else if (this.#closed) slot.fail(this.#stop.signal.reason);
    else {
      this.#hold(slot);
      this.#start();
    }
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
    await this.#running;
  }

  /** Asks for the credentials again, for the connection that there is; the next one asks anyway. */
  async authenticate(): Promise<void> {
    // What is being opened may have asked before.
    if (this.#state.kind === "dialing") await this.connect().catch(() => {});
    const { connection } = this;
    if (connection?.alive) await authenticate(connection, this.#options);
  }

  /** Resolves when what was asked is answered, or is not going to be soon. */
  async #drain(): Promise<void> {
    if (this.#state.kind === "dialing" && this.#queue.length > 0) {
      await this.#attempt.promise.catch(() => {});
    }
    await this.connection?.drain();
  }

  /** Closes at once: what waits or is under way is rejected. */
  destroy(): void {
    if (this.#closed) return;
    const { connection } = this;
    const reason = new ClosedError("The client is closed");
    this.#state = { kind: "closed" };
    this.#stop.abort(reason);
    this.#rest.set(Infinity);
    this.#rested.resolve();
    this.#attempted().reject(reason);
    connection?.destroy(reason);
    this.#failQueue(reason);
  }

  /** Says whether the process lives while the link is connected: the default. */
  ref(live: boolean): void {
    this.#live = live;
    this.#alarm.ref(live);
    this.#rest.ref(live);
    this.connection?.ref(live);
  }

  // -- The life of the link --

  #start(): void {
    if (this.#state.kind === "idle") this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      this.#state = { kind: "dialing" };
      let reason: unknown;
      try {
        const connection = await this.#open();
        this.#since = performance.now();
        this.#attempted().resolve();
        const death = await connection.closed;
        const kept = takeBack(death, !this.#closed, this.#options);
        // Ahead of what waits.
        this.#queue = [...kept, ...this.#queue];
        this.#arm();
        if (this.#closed) return;
        reason = death.reason;
        this.onLost?.(reason);
        if (this.#steady) attempt = 0;
      } catch (error) {
        if (this.#closed) return;
        this.#attempted().reject(error);
        reason = error;
        if (error instanceof AuthenticationError) {
          this.#failQueue(error);
          this.onGaveUp?.(error);
        }
      }
      if (attempt >= this.#options.connectAttempts) {
        const error = this.#gaveUp(attempt, reason);
        this.#state = { kind: "idle" };
        this.#failQueue(error);
        this.onGaveUp?.(error);
        return;
      }
      this.#state = { kind: "waiting", reason };
      const delay = attempt === 0 ? 0 : this.#options.backoff(attempt);
      const kind = "reconnecting";
      tell(this.#options, { kind, attempt: attempt + 1, delay, reason });
      if (delay > 0) {
        this.#rested = Promise.withResolvers();
        this.#rest.set(now() + delay);
        await this.#rested.promise;
      }
      if (this.#closed) return;
    }
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
    this.#state = { kind: "ready", connection };
    // It may be lost already: then what waits goes on waiting.
    if (!connection.alive) return connection;
    this.onReady?.(connection);
    this.#sendQueue();
    return connection;
  }

  /** Does what `refusals.ts` says; returns whether the command is sent again. */
  #refused(connection: Connection, slot: Slot, error: ReplyError): boolean {
    // A name that leads to a replica for good is not asked without end.
    if (replaces(error) && this.#steady) {
      connection.retire(refusal(error));
    }
    const { retries, backoff } = this.#options;
    const at = now() + backoff(retries - slot.retries + 1);
    if (
      slot.settled || !passes(slot, error) || at >= slot.deadline ||
      slot.retries-- < 1
    ) return false;
    this.#queue.push(slot);
    if (at < this.#rest.at) this.#rest.set(at);
    tellRetried(this.#options, slot, error);
    return true;
  }

  /** Whether the connection has lived long enough to be a success. */
  get #steady(): boolean {
    return performance.now() - this.#since >= STEADY;
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

  get #closed(): boolean {
    return this.#stop.signal.aborted;
  }

  // -- What waits for a connection --

  #hold(slot: Slot): void {
    const { queueSize } = this.#options;
    if (this.#queue.length >= queueSize && now() - this.#swept >= 1) {
      // What was aborted makes room; looked for at most once a millisecond.
      this.#swept = now();
      this.#queue = this.#queue.filter(({ settled }) => !settled);
    }
    if (this.#queue.length >= queueSize) {
      return slot.fail(
        new QueueFullError(
          `Cannot hold ${slot.title} as "queueSize" commands already wait for a connection: current value is ${queueSize}`,
        ),
      );
    }
    try {
      slot.check();
    } catch (error) {
      return slot.fail(error);
    }
    this.#queue.push(slot);
    if (slot.deadline < this.#alarm.at) this.#alarm.set(slot.deadline);
  }

  #sendQueue(): void {
    const { connection } = this;
    // With the next connection it is sent anyway.
    if (!connection?.alive) return;
    for (const slot of this.#takeQueue()) {
      if (!slot.settled) connection.execute(slot);
    }
  }

  #takeQueue(): Slot[] {
    this.#alarm.set(Infinity);
    return this.#queue.splice(0);
  }

  #failQueue(error: unknown): void {
    for (const slot of this.#takeQueue()) slot.fail(error);
  }

  /** Wakes up at the earliest deadline of what waits. */
  #arm(): void {
    let at = Infinity;
    for (const { deadline, settled } of this.#queue) {
      if (!settled && deadline < at) at = deadline;
    }
    this.#alarm.set(at);
  }

  #expire(): void {
    const time = performance.now();
    const cause = this.#state.reason;
    const why = cause === undefined ? "" : `: ${messageOf(cause)}`;
    this.#queue = this.#queue.filter((slot) => {
      if (slot.deadline > time) return !slot.settled;
      slot.fail(
        new TimeoutError(`${slot.title} found no connection in time${why}`, {
          cause,
        }),
      );
      return false;
    });
    this.#arm();
  }
}

/**
 * Keeps of a dead connection's slots what may be sent again, in order; where
 * none may, all are rejected.
 */
export function takeBack(
  { reason, written, unwritten }: Death,
  again: boolean,
  observed: Observed = {},
): Slot[] {
  const kept: Slot[] = [];
  const take = (slots: readonly Slot[], sent: boolean) => {
    for (const slot of slots) {
      if (slot.settled) continue;
      const harmless = !sent || !(reason instanceof ProtocolError) &&
          slot.retries-- > 0 && slot.repeatable;
      if (!again || !harmless) slot.fail(lost(slot, reason, sent));
      else {
        kept.push(slot);
        if (sent) tellRetried(observed, slot, reason);
      }
    }
  };
  take(written, true);
  take(unwritten, false);
  return kept;
}

function tellRetried(observed: Observed, slot: Slot, reason: unknown): void {
  tell(observed, { kind: "retried", command: slot.title, reason });
}

function lost(slot: Slot, reason: unknown, written: boolean): Error {
  if (reason instanceof ProtocolError) return reason;
  const options = { cause: reason, maybeExecuted: written && !slot.harmless };
  return reason instanceof ClosedError
    ? new ClosedError(
      `${slot.title} got no reply before the client was closed`,
      options,
    )
    : new ConnectionError(
      `${slot.title} lost its connection before the reply came: ${
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
