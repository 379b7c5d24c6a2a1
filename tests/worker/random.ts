/**
 * Reproducible random values.
 *
 * @module
 */

/** Random numbers from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    t = t + Math.imul(t ^ t >>> 7, t | 61) ^ t;
    return Math.floor(((t ^ t >>> 14) >>> 0) / 2 ** 32 * end);
  }

  chance(of: number): boolean {
    return this.below(1_000) < of * 1_000;
  }

  /** A random element; sometimes `undefined`, for something else. */
  of<T>(values: readonly T[]): T | undefined {
    return this.chance(0.1) ? undefined : values[this.below(values.length)];
  }

  /** Random characters, half of them ASCII. */
  text(most: number): string {
    return Array.from(
      { length: this.below(most + 1) },
      () =>
        String.fromCharCode(
          this.chance(0.5) ? this.below(128) : this.below(0xd800),
        ),
    ).join("");
  }

  /** Random characters that are valid in a header. */
  latin(most: number): string {
    return this.text(most).replace(/[^ -~\x80-\xff]/g, "").trim();
  }
}
