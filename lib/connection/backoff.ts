/**
 * How long to wait before trying to connect again.
 *
 * @module
 */

/** The milliseconds to wait before an attempt; the first one after a failure is 1. */
export type Backoff = (attempt: number) => number;

/** Exponential from 50 ms, at most 2 s, with full jitter so that clients do not come back together. */
export function jittered(attempt: number): number {
  return Math.random() * Math.min(2_000, 50 * 2 ** Math.min(attempt, 10));
}
