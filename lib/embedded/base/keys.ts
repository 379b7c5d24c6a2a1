/**
 * Keys in an array, each found by its hash: the base of sets and tables.
 *
 * @module
 */

/**
 * Up to this size a key is found by comparing with all keys: as fast as hashing,
 * and a small collection needs no index.
 */
export const SCANNED = 32;

// Random: an attacker who knew the seed could send keys that all collide.
const SEED = randomOdd();
const MULTIPLIER = randomOdd();

/** The hash of binary text (one character per byte); differs between processes. */
export function hashOf(text: string): number {
  const { length } = text;
  let hash = SEED ^ length;
  let i = 0;
  // Four characters at a time: each multiplication waits for the one before.
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
 * keys   | c | a | b |                       a key's place is its index here
 * index  | . . | 3 h | 1 h | . . | 2 h |     place + 1 and hash in each slot
 * ```
 *
 * A key takes the slot of its hash, or the next free one. The index takes 11 to
 * 21 bytes per key where V8's `Map` takes 28 to 56, and it is several times as
 * fast with strings that V8 has not hashed yet, such as those of a request.
 */
export class Keys {
  readonly #keys: string[] = [];
  /** Two numbers per slot; `null` while there are few keys. */
  #index: Int32Array | null = null;
  // A cache: a command often looks for its key more than once.
  #lastKey: string | null = null;
  #lastPlace = -1;
  #lastHash = 0;

  /** The number of keys. */
  get size(): number {
    return this.#keys.length;
  }

  /** All keys, by place. Do not modify the array. */
  get all(): readonly string[] {
    return this.#keys;
  }

  /** The place of a key; -1 when it is absent. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastPlace;
    const place = this.#index === null
      ? this.#keys.indexOf(key)
      : this.#probe(this.#index, key, this.#lastHash = hashOf(key));
    this.#lastKey = key;
    return this.#lastPlace = place;
  }

  /** Appends a key, which must be absent. Returns its place. */
  add(key: string): number {
    const place = this.#keys.push(key) - 1;
    if (this.#index === null) {
      if (place >= SCANNED) this.#indexAll();
    } else {
      const hash = key === this.#lastKey ? this.#lastHash : hashOf(key);
      // A quarter of the slots stays free.
      if (place >= this.#index.length * 3 / 8) this.#resize(2);
      link(this.#index, place, hash);
    }
    this.#lastKey = key;
    return this.#lastPlace = place;
  }

  /** Removes the key at a place; the last key moves there. */
  remove(place: number): void {
    const keys = this.#keys;
    const last = keys.length - 1;
    if (this.#index !== null) {
      unlink(this.#index, this.#slotOf(this.#index, place));
      if (place !== last) {
        this.#index[this.#slotOf(this.#index, last)] = place + 1;
      }
    }
    const moved = keys.pop()!;
    if (place !== last) keys[place] = moved;
    this.#lastKey = null;
    this.#shrink();
  }

  /** Removes the key at a place; all keys behind it move up. Takes O(n). */
  removeInOrder(place: number): void {
    if (this.#index !== null) {
      const index = this.#index;
      unlink(index, this.#slotOf(index, place));
      for (let slot = 0; slot < index.length; slot += 2) {
        if (index[slot]! > place + 1) index[slot]!--;
      }
    }
    this.#keys.splice(place, 1);
    this.#lastKey = null;
    this.#shrink();
  }

  /** The place of a random key. There must be one. */
  random(): number {
    return Math.floor(Math.random() * this.#keys.length);
  }

  /**
   * Calls `visit` for about `count` places from `cursor` on; a scan starts at 0.
   * Returns the next cursor, 0 at the end.
   *
   * It goes from the end down: a key that it has not visited can only move further
   * down, so a full scan visits every key that is present from its start to its end.
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
    const keys = this.#keys;
    const mask = index.length - 1;
    for (let slot = hash << 1 & mask;; slot = slot + 2 & mask) {
      const place = index[slot]! - 1;
      if (place < 0) return -1;
      if (index[slot + 1] === hash && keys[place] === key) return place;
    }
  }

  #slotOf(index: Int32Array, place: number): number {
    const mask = index.length - 1;
    let slot = hashOf(this.#keys[place]!) << 1 & mask;
    while (index[slot] !== place + 1) slot = slot + 2 & mask;
    return slot;
  }

  #indexAll(): void {
    const index = this.#index = new Int32Array(SCANNED * 8);
    this.#keys.forEach((key, place) => link(index, place, hashOf(key)));
  }

  /** Grows the index by a factor. */
  #resize(factor: number): void {
    const old = this.#index!;
    const index = this.#index = new Int32Array(old.length * factor);
    // In slot order, so that both arrays are traversed sequentially.
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot] !== 0) link(index, old[slot]! - 1, old[slot + 1]!);
    }
  }

  #shrink(): void {
    if (this.#index === null) return;
    const { size } = this;
    if (size <= SCANNED / 2) this.#index = null;
    else if (size < this.#index.length / 16) this.#resize(1 / 2);
  }
}

/** Puts a place into the first free slot from its hash on. */
function link(index: Int32Array, place: number, hash: number): void {
  const mask = index.length - 1;
  let slot = hash << 1 & mask;
  while (index[slot] !== 0) slot = slot + 2 & mask;
  index[slot] = place + 1;
  index[slot + 1] = hash;
}

/** Frees a slot; keys that had to skip it move up. */
function unlink(index: Int32Array, slot: number): void {
  const mask = index.length - 1;
  let free = slot;
  for (
    let next = free + 2 & mask;
    index[next] !== 0;
    next = next + 2 & mask
  ) {
    const first = index[next + 1]! << 1 & mask;
    if ((next - first & mask) < (next - free & mask)) continue;
    index[free] = index[next]!;
    index[free + 1] = index[next + 1]!;
    free = next;
  }
  index[free] = 0;
}

function randomOdd(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]! | 1;
}
