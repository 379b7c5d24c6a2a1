/**
 * Random numbers that are the same everywhere: the generator `drand48`, which
 * Redis gives its scripts.
 *
 * @module
 */

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
/** Seeds are 32 bits; this is behind them. */
const LOW = 0x330en;
const LARGEST = 0x7fffffff;

/** A generator of random numbers. */
export class Random {
  #state = 0n;

  /** Begins with a seed. */
  constructor(seed = 0) {
    this.seed(seed);
  }

  /** Begins anew. */
  seed(seed: number): void {
    this.#state = BigInt.asUintN(32, BigInt(seed)) << 16n | LOW;
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = this.#state * MULTIPLIER + INCREMENT & MASK;
    return Number(this.#state >> 17n) % LARGEST / LARGEST;
  }
}
