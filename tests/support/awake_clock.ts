/**
 * A clock that counts only the time in which the process ran or waited: on a busy
 * machine the rest says nothing.
 *
 * ```ts
 * using clock = new AwakeClock();
 * await something();
 * assert(clock.now < 1_000);
 * ```
 *
 * @module
 */

import process from "node:process";

/** How often it looks at the time, in ms. */
const STEP = 10;
/**
 * After a longer time between two looks, in ms, the process had not waited but was
 * busy, or stood still: its CPU time tells how long it ran.
 */
const LONGEST = 100;

/** Measures the milliseconds in which the process ran or waited, since it was made. */
export class AwakeClock implements Disposable {
  #now = 0;
  #last = performance.now();
  #cpu = process.cpuUsage();
  readonly #timer = setInterval(() => this.#look(), STEP);

  /** The milliseconds so far. */
  get now(): number {
    this.#look();
    return this.#now;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const passed = now - this.#last;
    const { user, system } = process.cpuUsage(this.#cpu);
    const ran = Math.max(STEP, (user + system) / 1_000);
    this.#now += passed > LONGEST ? Math.min(passed, ran) : passed;
    this.#last = now;
    this.#cpu = process.cpuUsage();
  }
}
