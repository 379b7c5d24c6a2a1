/**
 * A hash table with cursor scans and random draws: Redis's `dict`.
 *
 * @module
 */

import { Keys } from "./keys.ts";

/** The default size up to which the order of insertion is kept. */
const SMALL = 128;

/**
 * Values by key, with random draws in O(1) and stateless scans.
 *
 * Deleting moves the last key into the gap. A small table moves all keys behind
 * the gap instead, to keep the order of insertion.
 */
export class Dict<V> {
  readonly #keys = new Keys();
  /** By the place of their key. */
  readonly #values: V[] = [];
  readonly #small: number;
  /** Never read. Without it V8 would optimize the reads of `prefetch` away. */
  #sum = 0;

  /** Makes an empty table that keeps the order of insertion up to `small` keys. */
  constructor(small = SMALL) {
    this.#small = small;
  }

  /** The number of keys. */
  get size(): number {
    return this.#values.length;
  }

  /** The value of a key. */
  get(key: string): V | undefined {
    const at = this.#keys.find(key);
    return at < 0 ? undefined : this.#values[at];
  }

  /**
   * Reads keys that will soon be looked up, and their values, so that they are in
   * the CPU's caches. A lookup in a large table waits for memory several times, as
   * each read depends on the one before; here the reads of different keys overlap.
   * `read` reads a value and returns any number.
   */
  prefetch(keys: readonly string[], read: (value: V) => number): void {
    const { all } = this.#keys;
    const places: number[] = [];
    for (const key of keys) {
      const place = this.#keys.guess(key);
      if (place >= 0) places.push(place);
    }
    let sum = 0;
    for (const place of places) sum += all[place]!.charCodeAt(0);
    for (const place of places) sum += read(this.#values[place]!);
    this.#sum = sum;
  }

  /** Whether a key is present. */
  has(key: string): boolean {
    return this.#keys.find(key) >= 0;
  }

  /** Sets the value of a key; says whether the key is new. */
  set(key: string, value: V): boolean {
    const at = this.#keys.find(key);
    if (at >= 0) {
      this.#values[at] = value;
      return false;
    }
    this.#keys.add(key);
    this.#values.push(value);
    return true;
  }

  /** Deletes a key; returns whether it was present. */
  delete(key: string): boolean {
    const at = this.#keys.find(key);
    if (at < 0) return false;
    if (this.size <= this.#small) {
      this.#keys.removeInOrder(at);
      this.#values.splice(at, 1);
      return true;
    }
    this.#keys.remove(at);
    const value = this.#values.pop()!;
    if (at < this.size) this.#values[at] = value;
    return true;
  }

  /** All keys. Do not modify the array. */
  keys(): readonly string[] {
    return this.#keys.all;
  }

  /** All values, in the order of the keys. Do not modify the array. */
  values(): readonly V[] {
    return this.#values;
  }

  /** A random key; `undefined` when the table is empty. */
  random(): string | undefined {
    return this.#keys.all[this.#keys.random()];
  }

  /** Calls `visit` for some keys; see {@linkcode Keys.scan}. */
  scan(
    cursor: number,
    count: number,
    visit: (key: string, value: V) => void,
  ): number {
    return this.#keys.scan(
      cursor,
      count,
      (at) => visit(this.#keys.all[at]!, this.#values[at]!),
    );
  }
}
