/**
 * A hash table that can be scanned and drawn from: Redis's `dict`.
 *
 * @module
 */

import { Keys } from "./keys.ts";

/** Up to this size the order of insertion is kept, if nothing else is said. */
const SMALL = 128;

/**
 * Values by key, with random draws in O(1) and scans without a state.
 *
 * Deleting moves the last key into the gap; while the table is small, all
 * behind the gap move up, so that the order of insertion is kept.
 */
export class Dict<V> {
  readonly #keys = new Keys();
  /** By place. */
  readonly #values: V[] = [];
  readonly #small: number;

  /** Makes an empty table that keeps the order of insertion up to a size. */
  constructor(small = SMALL) {
    this.#small = small;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#values.length;
  }

  /** The value of a key. */
  get(key: string): V | undefined {
    const at = this.#keys.find(key);
    return at < 0 ? undefined : this.#values[at];
  }

  /** Whether there is a key. */
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

  /** Deletes a key; says whether it was there. */
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

  /** All keys. Not to be changed. */
  keys(): readonly string[] {
    return this.#keys.all;
  }

  /** All values, in the order of the keys. Not to be changed. */
  values(): readonly V[] {
    return this.#values;
  }

  /** A key drawn at random; `undefined` when there is none. */
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
