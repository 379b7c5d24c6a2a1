/**
 * Reproducible random numbers: the generator `drand48`, as Redis gives it to
 * scripts.
 *
 * @module
 */

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
/** The lowest 16 bits of the state after seeding; a seed has 32 bits. */
const LOW = 0x330en;
const LARGEST = 0x7fffffff;

/** A generator of random numbers. */
export class Random {
  #state = 0n;

  /** Begins with a seed. */
  constructor(seed = 0) {
    this.seed(seed);
  }

  /** Restarts with a seed. */
  seed(seed: number): void {
    this.#state = BigInt.asUintN(32, BigInt(seed)) << 16n | LOW;
  }

  /** A number in the range 0 (included) to 1 (excluded). */
  next(): number {
    this.#state = this.#state * MULTIPLIER + INCREMENT & MASK;
    return Number(this.#state >> 17n) % LARGEST / LARGEST;
  }
}
