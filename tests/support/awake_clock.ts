/**
 * A clock that stands still while the process does: on a busy machine a time that
 * something took says nothing, unless the process could run meanwhile.
 *
 * ```ts
 * using clock = new AwakeClock();
 * await something();
 * assert(clock.now < 1_000);
 * ```
 *
 * @module
 */

/** How often it looks at the time, in ms. */
const STEP = 10;
/** A longer time between two looks is one in which the process stood still, in ms. */
const LONGEST = 100;

/** Measures the milliseconds in which the process could run, since it was made. */
export class AwakeClock implements Disposable {
  #now = 0;
  #last = performance.now();
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
    this.#now += passed > LONGEST ? STEP : passed;
    this.#last = now;
  }
}
