/**
 * Timers, deadlines and abort signals.
 *
 * @module
 */

import { TimeoutError } from "../errors.ts";
import { now } from "./clock.ts";

/** The longest time that fits a timer: 24.8 days. */
const LONGEST = 2 ** 31 - 1;
/** An alarm that is later than this, in ms, means that the program was busy or frozen. */
const LATE = 20;
/** After a late alarm, the longest time in ms to read replies that have arrived. */
const CATCH_UP = 1_000;

/**
 * One timer, set to a point in time and set again.
 *
 * When the program was busy or frozen, timers ring before sockets are read, so
 * an answer that came in time would be taken for missing. An alarm that is late
 * therefore waits again, as long as it was late, while the sockets are read.
 */
export class Alarm {
  /** When it rings, on the clock of `now()`; `Infinity` for not at all. */
  at = Infinity;
  readonly #ring: () => void;
  /** When the timer is due: later than `at` where that has passed already. */
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unreferenced = false;
  /** How often in a row it was late, and waited for the sockets to be read. */
  #catchUps = 0;

  /** Takes the function to call when it rings. An alarm more than 24 days away rings too early. */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Sets it to another time, at least `least` milliseconds from now. */
  set(at: number, least = 1): void {
    clearTimeout(this.#timer);
    this.at = at;
    this.#catchUps = 0;
    if (at < Infinity) this.#start(Math.max(at - now(), least));
  }

  /** Says whether the process lives for it: the default. */
  ref(live: boolean): void {
    this.#unreferenced = !live;
    if (this.at < Infinity) this.set(this.at);
  }

  #start(delay: number): void {
    this.#due = performance.now() + delay;
    this.#timer = setTimeout(this.#wake, Math.min(delay, LONGEST));
    if (this.#unreferenced) this.#timer.unref();
  }

  readonly #wake = (): void => {
    const late = performance.now() - this.#due;
    // A program that is always a little late must not put it off for ever.
    if (late > LATE * 2 ** this.#catchUps) {
      this.#catchUps++;
      return this.#start(Math.min(late, CATCH_UP));
    }
    this.#catchUps = 0;
    this.at = Infinity;
    this.#ring();
  };
}

/**
 * Does `work` with a signal that aborts with another, or with a `TimeoutError`
 * that says `what` could not be done within `patience` milliseconds.
 */
export async function inTime<T>(
  what: string,
  patience: number,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
  Late: typeof TimeoutError = TimeoutError,
): Promise<T> {
  const stop = new AbortController();
  const alarm = new Alarm(() =>
    stop.abort(new Late(`${what} within ${Math.round(patience)} ms`))
  );
  alarm.set(now() + patience);
  const release = onAbort(signal, (reason) => stop.abort(reason));
  try {
    return await work(stop.signal);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    alarm.set(Infinity);
    release();
  }
}

/** Does `work`, and waits no longer than the signal lets it: rejects with its reason then. */
export async function until<T>(
  work: () => T | Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  onAbort(signal, aborted.reject);
  return await Promise.race([work(), aborted.promise]);
}

/** Waits for `work`, which never rejects, at most `patience` milliseconds. */
export async function atMost(
  patience: number,
  work: Promise<unknown>,
): Promise<void> {
  const waited = inTime(
    "",
    patience,
    undefined,
    (stop) => until(() => work, stop),
  );
  await waited.catch(() => {});
}

/** The functions to call when a signal aborts. */
interface Listener {
  readonly calls: Set<(reason: unknown) => void>;
  readonly listen: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/**
 * Calls `end` with the signal's reason when it aborts, at once if it has. The
 * returned function revokes that.
 *
 * A signal gets one listener, however many calls share it: the more listeners an
 * `EventTarget` has, the longer it takes to add one.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  end: (reason: unknown) => void,
): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    end(signal.reason);
    return () => {};
  }
  const { calls, listen } = listeners.get(signal) ?? listenTo(signal);
  // A function of its own, so that `end` may be given twice.
  const call = (reason: unknown) => end(reason);
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0) return;
    listeners.delete(signal);
    signal.removeEventListener("abort", listen);
  };
}

function listenTo(signal: AbortSignal): Listener {
  const calls = new Set<(reason: unknown) => void>();
  const listen = () => {
    listeners.delete(signal);
    // Calls that are revoked meanwhile are left out.
    for (const call of calls) {
      calls.delete(call);
      try {
        call(signal.reason);
      } catch (error) {
        // As with an EventTarget, an error does not keep the others from being called.
        reportError(error);
      }
    }
  };
  const listener = { calls, listen };
  listeners.set(signal, listener);
  signal.addEventListener("abort", listen, { once: true });
  return listener;
}
