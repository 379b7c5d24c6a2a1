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
