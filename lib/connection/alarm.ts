/**
 * What happens later, or when a signal aborts.
 *
 * @module
 */

import { TimeoutError } from "../errors.ts";
import { now } from "./clock.ts";

/** The longest time that fits a timer: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/** One timer, set to a point in time and set again. */
export class Alarm {
  /** When it rings, on the clock of `now()`; `Infinity` for not at all. */
  at = Infinity;
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unreferenced = false;

  /** Takes what is called when it rings: perhaps too early, when it is far away. */
  constructor(ring: () => void) {
    this.#ring = () => {
      this.at = Infinity;
      ring();
    };
  }

  /** Sets it to another time, at least `least` milliseconds from now. */
  set(at: number, least = 1): void {
    clearTimeout(this.#timer);
    this.at = at;
    if (at === Infinity) return;
    const delay = Math.min(Math.max(at - now(), least), LONGEST);
    this.#timer = setTimeout(this.#ring, delay);
    if (this.#unreferenced) this.#timer.unref();
  }

  /** Says whether the process lives for it: the default. */
  ref(live: boolean): void {
    this.#unreferenced = !live;
    if (this.at < Infinity) this.set(this.at);
  }
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
): Promise<T> {
  const stop = new AbortController();
  const alarm = new Alarm(() =>
    stop.abort(new TimeoutError(`${what} within ${Math.round(patience)} ms`))
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

/**
 * Calls `end` with the signal's reason when it aborts, or has; not any more once
 * the returned function was called.
 */
export function onAbort(
  signal: AbortSignal | undefined,
  end: (reason: unknown) => void,
): () => void {
  const abort = () => end(signal!.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}
