/**
 * Keys in an array, each found by its hash: what sets and tables are made of.
 *
 * @module
 */

/**
 * Up to this size a key is found by comparing all: that is as fast as hashing
 * it, and a small collection needs no index.
 */
export const SCANNED = 32;

// An attacker who knew these could send keys that all have one hash.
const SEED = randomOdd();
const MULTIPLIER = randomOdd();

/** The hash of a text with a character for each byte; another in each process. */
export function hashOf(text: string): number {
  const { length } = text;
  let hash = SEED ^ length;
  let i = 0;
  // Four characters at a time: the multiplications wait for each other.
  for (; i + 4 <= length; i += 4) {
    hash = Math.imul(
      hash ^ text.charCodeAt(i) ^ text.charCodeAt(i + 1) << 8 ^
        text.charCodeAt(i + 2) << 16 ^ text.charCodeAt(i + 3) << 24,
      MULTIPLIER,
    );
    hash ^= hash >>> 15;
  }
  for (; i < length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), MULTIPLIER);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ hash >>> 13;
}

/**
 * Keys without gaps, in an array, with a hash index once there are many.
 *
 * ```text
 * keys    | c | a | b |                  a key's place is its index here
 * slots   | . | 3 | 1 | . | . | 2 | . |  place + 1, at the key's hash or behind
 * hashes  | h | h | h |                  by place, so that growing reads no key
 * ```
 *
 * A `Map` of V8 takes 28 to 56 bytes for each key, this index 9 to 19, and it
 * is several times as fast with keys that V8 has not hashed yet, as those of a
 * request are.
 */
export class Keys {
  readonly #keys: string[] = [];
  /** The slots, and behind them the hashes; `null` while there are few keys. */
  #index: Int32Array | null = null;
  /** How many slots there are: a power of two. */
  #slots = 0;
  // A command often looks for its key more than once.
  #lastKey: string | null = null;
  #lastPlace = -1;
  #lastHash = 0;

  /** How many keys there are. */
  get size(): number {
    return this.#keys.length;
  }

  /** All keys, by place. Not to be changed. */
  get all(): readonly string[] {
    return this.#keys;
  }

  /** The place of a key; -1 when it is not there. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastPlace;
    const place = this.#index === null
      ? this.#keys.indexOf(key)
      : this.#probe(this.#index, key, this.#lastHash = hashOf(key));
    this.#lastKey = key;
    return this.#lastPlace = place;
  }

  /** Adds a key behind all others; it must not be there. Returns its place. */
  add(key: string): number {
    const place = this.#keys.push(key) - 1;
    if (this.#index === null) {
      if (place >= SCANNED) this.#indexAll();
    } else {
      const hash = key === this.#lastKey ? this.#lastHash : hashOf(key);
      if (this.#isFull()) this.#resize(this.#slots * 2);
      this.#index[this.#slots + place] = hash;
      this.#link(this.#index, place, hash);
    }
    this.#lastKey = key;
    return this.#lastPlace = place;
  }

  /** Removes the key at a place; the last key moves there. */
  remove(place: number): void {
    const keys = this.#keys;
    this.#lastKey = null;
    if (this.#index !== null) {
      const index = this.#index;
      const last = keys.length - 1;
      this.#unlink(index, place);
      if (place !== last) {
        index[this.#slotOf(index, last)] = place + 1;
        index[this.#slots + place] = index[this.#slots + last]!;
      }
    }
    const moved = keys.pop()!;
    if (place < keys.length) keys[place] = moved;
    this.#shrink();
  }

  /** Removes the key at a place; all behind it move up. Takes O(n). */
  removeInOrder(place: number): void {
    this.#lastKey = null;
    if (this.#index !== null) {
      const index = this.#index;
      const slots = this.#slots;
      this.#unlink(index, place);
      for (let i = 0; i < slots; i++) {
        if (index[i]! > place + 1) index[i]!--;
      }
      index.copyWithin(slots + place, slots + place + 1);
    }
    this.#keys.splice(place, 1);
    this.#shrink();
  }

  /** A place drawn at random, of keys that are not empty. */
  random(): number {
    return Math.floor(Math.random() * this.#keys.length);
  }

  /**
   * Calls `visit` for about `count` places from `cursor` on, which is 0 at
   * first; returns the cursor to go on with, 0 at the end.
   *
   * It goes from the end down: a key that it has not seen can only move further
   * down, so it sees every key that is there from its start to its end.
   */
  scan(
    cursor: number,
    count: number,
    visit: (place: number) => void,
  ): number {
    let at = cursor === 0 ? this.size : Math.min(cursor, this.size);
    for (let left = count; at > 0 && left > 0; left--) visit(--at);
    return at;
  }

  #probe(index: Int32Array, key: string, hash: number): number {
    const slots = this.#slots;
    const keys = this.#keys;
    const mask = slots - 1;
    for (let slot = hash & mask;; slot = (slot + 1) & mask) {
      const place = index[slot]! - 1;
      if (place < 0) return -1;
      if (index[slots + place] === hash && keys[place] === key) return place;
    }
  }

  /** Takes the first free slot from the hash on for a place. */
  #link(index: Int32Array, place: number, hash: number): void {
    const mask = this.#slots - 1;
    let slot = hash & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = place + 1;
  }

  /** Frees the slot of a place; what was linked behind it closes the gap. */
  #unlink(index: Int32Array, place: number): void {
    const slots = this.#slots;
    const mask = slots - 1;
    let gap = this.#slotOf(index, place);
    for (
      let slot = (gap + 1) & mask;
      index[slot] !== 0;
      slot = (slot + 1) & mask
    ) {
      const first = index[slots + index[slot]! - 1]! & mask;
      // A key stays where a search that begins at its hash does not meet the gap.
      if (((slot - first) & mask) < ((slot - gap) & mask)) continue;
      index[gap] = index[slot]!;
      gap = slot;
    }
    index[gap] = 0;
  }

  #slotOf(index: Int32Array, place: number): number {
    const mask = this.#slots - 1;
    let slot = index[this.#slots + place]! & mask;
    while (index[slot] !== place + 1) slot = (slot + 1) & mask;
    return slot;
  }

  /** Whether the newest key finds no place in the index: a quarter stays free. */
  #isFull(): boolean {
    return this.#keys.length > this.#slots * 3 / 4;
  }

  #shrink(): void {
    if (this.#index === null || this.#keys.length > this.#slots / 8) return;
    if (this.#keys.length > SCANNED / 2) return this.#resize(this.#slots / 2);
    this.#index = null;
    this.#slots = 0;
  }

  #indexAll(): void {
    const keys = this.#keys;
    this.#resize(SCANNED * 4);
    const index = this.#index!;
    for (let place = 0; place < keys.length; place++) {
      const hash = hashOf(keys[place]!);
      index[this.#slots + place] = hash;
      this.#link(index, place, hash);
    }
  }

  /** Makes an index of another size; the hashes that the old one has are linked. */
  #resize(slots: number): void {
    const old = this.#index;
    const from = this.#slots;
    const index = this.#index = new Int32Array(slots + slots * 3 / 4);
    this.#slots = slots;
    if (old === null) return;
    const count = Math.min(this.#keys.length, from * 3 / 4);
    for (let place = 0; place < count; place++) {
      const hash = index[slots + place] = old[from + place]!;
      this.#link(index, place, hash);
    }
  }
}

function randomOdd(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]! | 1;
}
