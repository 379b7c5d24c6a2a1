/**
 * Turns of the event loop between answers that need none.
 *
 * @module
 */

/** After so many answers the time is looked at. */
const ANSWERS = 1024;
/** After this long without a turn that is known of, in ms, answers wait for one. */
const BUSY_MS = 10;

/**
 * Lets the sockets be read while a program reads from memory in a loop: a loop of
 * microtasks would keep every invalidation away.
 */
export class Yielding {
  #answers = 0;
  #turnedAt = performance.now();
  #turn: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolve: (() => void) | undefined;

  /** A turn of the event loop to wait for, if one is due. */
  turn(): Promise<void> | undefined {
    if (this.#turn !== undefined) return this.#turn;
    if (++this.#answers < ANSWERS) return undefined;
    this.#answers = 0;
    const time = performance.now();
    if (time - this.#turnedAt < BUSY_MS) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.end(), 0);
    return this.#turn = promise;
  }

  /** Lets go of who waits for a turn. */
  end(): void {
    clearTimeout(this.#timer);
    this.#resolve?.();
    this.#turn = this.#resolve = this.#timer = undefined;
    this.#turnedAt = performance.now();
  }
}
