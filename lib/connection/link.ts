/**
 * The intention to be connected: keeps one connection alive.
 *
 * @module
 */

import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  ProtocolError,
  QueueFullError,
  RedisError,
  TimeoutError,
} from "../errors.ts";
import { showAddress } from "../net/transport.ts";
import type { Push } from "../resp/reply.ts";
import type { Backoff } from "./backoff.ts";
import type { Slot } from "./command.ts";
import type { Connection, Death, Limits } from "./connection.ts";
import { open, type OpenOptions } from "./handshake.ts";

/** How a link connects, and what it does while it cannot. */
export interface LinkOptions extends OpenOptions {
  /** How patient its connections are. */
  readonly limits: Limits;
  /** The wait before each attempt to connect again. */
  readonly backoff: Backoff;
  /** After so many failed attempts in a row what waits is rejected. */
  readonly attempts: number;
  /** How many commands may wait for a connection. */
  readonly queueSize: number;
}

/** Where a link can be. What exists only in a state lives in it. */
export type LinkState =
  | { readonly kind: "idle" }
  | { readonly kind: "dialing"; readonly attempt: number }
  | { readonly kind: "ready"; readonly connection: Connection }
  | {
    readonly kind: "waiting";
    readonly attempt: number;
    readonly reason: unknown;
  }
  | { readonly kind: "closed"; readonly reason: unknown };

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
  /** Told when the attempts are used up: nothing happens until somebody asks. */
  onGaveUp: ((error: unknown) => void) | undefined;

  readonly #options: LinkOptions;
  #state: LinkState = { kind: "idle" };
  #queue: Slot[] = [];
  /** Fails what waits too long; runs while something waits. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  /** Ends the wait before an attempt. */
  #sleeping: ReturnType<typeof setTimeout> | undefined;
  /** Ends the dialling or the waiting that is under way. */
  readonly #stop = new AbortController();
  /** Resolves when nothing is under way any more. */
  #running: Promise<void> | undefined;
  /** The attempt that is under way, or else the next one. */
  #attempt = promiseOfAttempt();
  #unreferenced = false;

  /** Connects when first asked to. */
  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Where the link is. */
  get state(): LinkState {
    return this.#state;
  }

  /** How many commands wait, for a connection or for a reply. */
  get pending(): number {
    const state = this.#state;
    return this.#queue.length +
      (state.kind === "ready" ? state.connection.pending : 0);
  }

  /** Asks: now, or as soon as there is a connection. */
  execute(slot: Slot): void {
    const state = this.#state;
    if (state.kind === "ready" && state.connection.alive) {
      return state.connection.execute(slot);
    }
    if (state.kind === "closed") return slot.fail(closedError());
    this.#hold(slot);
    if (state.kind === "idle") this.#start();
  }

  /** Resolves once the link is connected; rejects when the next attempt fails. */
  async connect(): Promise<void> {
    const state = this.#state;
    if (state.kind === "closed") throw closedError();
    if (state.kind === "ready" && state.connection.alive) return;
    if (state.kind === "idle") this.#start();
    await this.#attempt.promise;
  }

  /**
   * Lets what was asked come to its end, at most until `signal` aborts; then
   * closes. Resolves when the socket is closed.
   */
  async close(signal?: AbortSignal): Promise<void> {
    if (!signal?.aborted) {
      const aborted = Promise.withResolvers<void>();
      const abort = () => aborted.resolve();
      signal?.addEventListener("abort", abort, { once: true });
      await Promise.race([this.#drain(), aborted.promise]);
      signal?.removeEventListener("abort", abort);
    }
    this.destroy();
    await this.#running;
  }

  /** Resolves when what was asked is answered, or is not going to be soon. */
  async #drain(): Promise<void> {
    if (this.#state.kind === "dialing" && this.#queue.length > 0) {
      await this.#attempt.promise.catch(() => {});
    }
    const state = this.#state;
    if (state.kind === "ready") await state.connection.drain();
  }

  /** Closes at once: what waits or is under way is rejected. */
  destroy(): void {
    const state = this.#state;
    if (state.kind === "closed") return;
    const reason = closedError();
    this.#state = { kind: "closed", reason };
    this.#stop.abort(reason);
    this.#attempted().reject(reason);
    if (state.kind === "ready") state.connection.destroy(reason);
    this.#failQueue(reason);
  }

  /** Lets the process live while the link is connected. */
  ref(): void {
    this.#unreferenced = false;
    this.#timer?.ref();
    this.#sleeping?.ref();
    if (this.#state.kind === "ready") this.#state.connection.ref();
  }

  /** Lets the process end although the link is connected. */
  unref(): void {
    this.#unreferenced = true;
    this.#timer?.unref();
    this.#sleeping?.unref();
    if (this.#state.kind === "ready") this.#state.connection.unref();
  }

  // -- The life of the link --

  #start(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      this.#state = { kind: "dialing", attempt };
      let reason: unknown;
      try {
        const connection = await this.#open();
        const since = performance.now();
        this.#attempted().resolve();
        const death = await connection.closed;
        this.#takeBack(death);
        if (this.#isClosed()) return;
        reason = death.reason;
        this.onLost?.(reason);
        if (performance.now() - since >= STEADY) attempt = 0;
      } catch (error) {
        if (this.#isClosed()) return;
        this.#attempted().reject(error);
        reason = error;
        // It would not go better for what waits.
        if (error instanceof AuthenticationError) this.#failQueue(error);
      }
      if (attempt >= this.#options.attempts) {
        const error = this.#gaveUp(attempt, reason);
        this.#state = { kind: "idle" };
        this.#failQueue(error);
        this.onGaveUp?.(error);
        return;
      }
      this.#state = { kind: "waiting", attempt, reason };
      const delay = attempt === 0 ? 0 : this.#options.backoff(attempt);
      if (!await this.#sleep(delay)) return;
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
    if (this.#unreferenced) connection.unref();
    this.#state = { kind: "ready", connection };
    // It may be lost already: then what waits goes on waiting.
    if (!connection.alive) return connection;
    this.onReady?.(connection);
    const queue = this.#queue;
    this.#queue = [];
    this.#disarm();
    for (const slot of queue) if (!slot.settled) connection.execute(slot);
    return connection;
  }

  /** Keeps of a dead connection's slots what may be sent again, in order, ahead of what waits. */
  #takeBack({ reason, written, unwritten }: Death): void {
    const kept: Slot[] = [];
    const closed = this.#isClosed();
    for (const slot of written) {
      if (slot.settled) continue;
      const again = !closed && !(reason instanceof ProtocolError) &&
        slot.retries > 0 && slot.repeatable;
      if (again) {
        slot.retries--;
        kept.push(slot);
      } else slot.fail(lost(slot, reason, true));
    }
    for (const slot of unwritten) {
      if (slot.settled) continue;
      if (closed) slot.fail(lost(slot, reason, false));
      else kept.push(slot);
    }
    this.#queue = [...kept, ...this.#queue];
    this.#arm();
  }

  #gaveUp(attempt: number, reason: unknown): Error {
    if (reason instanceof RedisError && attempt === 1) return reason;
    return new ConnectionError(
      `Cannot connect to ${
        showAddress(this.#options.address)
      } in ${attempt} attempts: ${message(reason)}`,
      { cause: reason },
    );
  }

  /** Whether it was closed meanwhile: the type checker believes what it saw last. */
  #isClosed(): boolean {
    return this.#state.kind === "closed";
  }

  /** Resolves after `delay` ms to `true`, or to `false` when the link is closed. */
  async #sleep(delay: number): Promise<boolean> {
    const signal = this.#stop.signal;
    if (delay > 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      this.#sleeping = setTimeout(wake, delay);
      if (this.#unreferenced) this.#sleeping.unref();
      signal.addEventListener("abort", wake, { once: true });
      await promise;
      clearTimeout(this.#sleeping);
      this.#sleeping = undefined;
      signal.removeEventListener("abort", wake);
    }
    return !signal.aborted;
  }

  // -- What waits for a connection --

  #hold(slot: Slot): void {
    const { queueSize } = this.#options;
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
    if (slot.deadline < this.#wakeAt) this.#arm();
  }

  #failQueue(error: unknown): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#disarm();
    for (const slot of queue) slot.fail(error);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAt = Infinity;
  }

  /** Wakes up at the earliest deadline of what waits. */
  #arm(): void {
    this.#disarm();
    for (const { deadline, settled } of this.#queue) {
      if (!settled && deadline < this.#wakeAt) this.#wakeAt = deadline;
    }
    if (this.#wakeAt === Infinity) return;
    const delay = Math.max(1, this.#wakeAt - performance.now());
    this.#timer = setTimeout(this.#expire, Math.min(delay, 2 ** 31 - 1));
    if (this.#unreferenced) this.#timer.unref();
  }

  readonly #expire = (): void => {
    const time = performance.now();
    const state = this.#state;
    const why = state.kind === "waiting" ? `: ${message(state.reason)}` : "";
    const queue = this.#queue;
    this.#queue = queue.filter(({ settled, deadline }) =>
      !settled && deadline > time
    );
    for (const slot of queue) {
      if (slot.deadline > time) continue;
      slot.fail(
        new TimeoutError(`${slot.title} found no connection in time${why}`, {
          cause: state.kind === "waiting" ? state.reason : undefined,
        }),
      );
    }
    this.#arm();
  };
}

/** Rejects every slot that a dead connection left: nobody takes them back. */
export function failAll({ reason, written, unwritten }: Death): void {
  for (const slot of written) slot.fail(lost(slot, reason, true));
  for (const slot of unwritten) slot.fail(lost(slot, reason, false));
}

function lost(slot: Slot, reason: unknown, written: boolean): Error {
  if (reason instanceof ProtocolError) return reason;
  const maybeExecuted = written && !slot.harmless;
  const options = { cause: reason, maybeExecuted };
  if (reason instanceof ClosedError) {
    return new ClosedError(
      `${slot.title} got no reply before the client was closed`,
      options,
    );
  }
  return new ConnectionError(
    `${slot.title} lost its connection before the reply came: ${
      message(reason)
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

function closedError(): ClosedError {
  return new ClosedError("The client is closed");
}

function message(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
