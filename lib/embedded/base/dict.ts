/**
 * A hash table that can be scanned and drawn from: Redis's `dict`.
 *
 * @module
 */

/** Up to this size the order of insertion is kept, if nothing else is said. */
const SMALL = 128;
/**
 * Up to this size keys are found by looking at all of them: a `Map` costs
 * several hundred bytes, and a dozen texts are compared as fast as one is hashed.
 */
const SCANNED = 16;

/**
 * Values by key, with random draws in O(1) and scans without a state.
 *
 * Keys lie densely in an array. Deleting moves the last one into the gap (while
 * the table is small, all behind the gap move up). A scan goes from the end
 * down: what it has not seen can only move further down, so that it sees every
 * key that is there from its start to its end.
 */
export class Dict<V> {
  /** The place of each key; `null` while there are few. */
  #index: Map<string, number> | null = null;
  #keys: string[] = [];
  #values: V[] = [];
  readonly #small: number;

  /** Makes an empty table that keeps the order of insertion up to a size. */
  constructor(small = SMALL) {
    this.#small = small;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#keys.length;
  }

  /** The value of a key. */
  get(key: string): V | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : this.#values[at];
  }

  /** Whether there is a key. */
  has(key: string): boolean {
    return this.#find(key) >= 0;
  }

  /** Sets the value of a key; says whether the key is new. */
  set(key: string, value: V): boolean {
    const at = this.#find(key);
    if (at >= 0) {
      this.#values[at] = value;
      return false;
    }
    const size = this.#keys.push(key);
    this.#values.push(value);
    if (this.#index !== null) this.#index.set(key, size - 1);
    else if (size > SCANNED) {
      this.#index = new Map(this.#keys.map((key, at) => [key, at]));
    }
    return true;
  }

  /** Deletes a key; says whether it was there. */
  delete(key: string): boolean {
    const at = this.#find(key);
    if (at < 0) return false;
    this.#index?.delete(key);
    if (this.#keys.length <= this.#small) {
      this.#keys.splice(at, 1);
      this.#values.splice(at, 1);
      if (this.#index === null) return true;
      for (let i = at; i < this.#keys.length; i++) {
        this.#index.set(this.#keys[i]!, i);
      }
      return true;
    }
    const last = this.#keys.pop()!;
    const value = this.#values.pop()!;
    if (at < this.#keys.length) {
      this.#keys[at] = last;
      this.#values[at] = value;
      this.#index?.set(last, at);
    }
    return true;
  }

  /** The place of a key; -1 when there is none. */
  #find(key: string): number {
    if (this.#index !== null) return this.#index.get(key) ?? -1;
    return this.#keys.indexOf(key);
  }

  /** Deletes all keys. */
  clear(): void {
    this.#index = null;
    this.#keys = [];
    this.#values = [];
  }

  /** All keys. Not to be changed. */
  keys(): readonly string[] {
    return this.#keys;
  }

  /** All values, in the order of the keys. Not to be changed. */
  values(): readonly V[] {
    return this.#values;
  }

  /** A key drawn at random; `undefined` when there is none. */
  random(): string | undefined {
    return this.#keys[Math.floor(Math.random() * this.#keys.length)];
  }

  /**
   * Calls `visit` for about `count` keys from `cursor` on, which is 0 at first;
   * returns the cursor to go on with, 0 at the end.
   */
  scan(
    cursor: number,
    count: number,
    visit: (key: string, value: V) => void,
  ): number {
    let at = cursor === 0 ? this.size : Math.min(cursor, this.size);
    for (let left = count; at > 0 && left > 0; left--) {
      at--;
      visit(this.#keys[at]!, this.#values[at]!);
    }
    return at;
  }
}
