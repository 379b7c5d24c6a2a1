/**
 * Tables: Lua's only structure, a list and a hash in one.
 *
 * The order of `pairs` and the length of a list with holes depend on the layout of
 * Lua's tables, and scripts depend on both. So the layout is Lua's own:
 *
 * ```text
 * list    [1] [2] [3] ... up to a power of two, more than half of it in use
 * nodes   key, value, next node of the chain; their number is a power of two.
 *         A key is at its hash, or at a free node, taken from the end, if another
 *         key with the same hash is there
 * ```
 *
 * Only lookups differ from Lua: V8 already caches the hashes of strings, so a `Map`
 * leads from a key to its node. Tables of a few nodes are searched.
 *
 * @module
 */

import { identity, LuaError, type Value } from "./value.ts";

/** Tables with more nodes than this have a `Map`. */
const SEARCHED = 8;
/** The most places of a list or hash: `2 ^ 26`. */
const MAX_BITS = 26;

/** A table of Lua. */
export class LuaTable {
  /** The list: key 1 is at index 0. */
  list: Value[];
  /** Its metatable. */
  metatable: LuaTable | undefined = undefined;
  /** Whether scripts may not change it. */
  readOnly = false;
  /** The keys of the nodes. */
  #keys: Value[] = [];
  /** Their values. */
  #values: Value[] = [];
  /** The next node of the same chain; -1 at its end. */
  #next: number[] = [];
  /** The node of each key, in a table of many nodes. */
  #places: Map<Value, number> | null = null;
  /** All nodes from here on are taken. */
  #free = 0;

  /** Makes a table with room for list items and other fields. */
  constructor(items = 0, fields = 0) {
    this.list = [];
    for (let i = 0; i < items; i++) this.list.push(undefined);
    if (fields > 0) this.#makeNodes(fields);
  }

  /** A list in the layout that adding values one by one gives. None may be nil. */
  static of(values: Value[]): LuaTable {
    const made = new LuaTable();
    let size = values.length > 0 ? 1 : 0;
    while (size < values.length) size *= 2;
    while (values.length < size) values.push(undefined);
    made.list = values;
    return made;
  }

  /** The value of a key. */
  get(key: Value): Value {
    if (typeof key === "number") {
      const at = key - 1;
      // JavaScript returns undefined for a fractional index, too.
      if (at >= 0 && at < this.list.length) {
        const value = this.list[at];
        if (value !== undefined || Number.isInteger(at)) return value;
      }
    }
    const node = this.#find(key);
    return node < 0 ? undefined : this.#values[node];
  }

  /** The value of a string key. */
  getText(key: string): Value {
    const node = this.#find(key);
    return node < 0 ? undefined : this.#values[node];
  }

  /** Sets the value of a key; throws on nil and NaN. */
  set(key: Value, value: Value): void {
    if (typeof key === "number") {
      const at = key - 1;
      if (at >= 0 && at < this.list.length && Number.isInteger(at)) {
        this.list[at] = value;
        return;
      }
    }
    const node = this.#find(key);
    if (node >= 0) {
      this.#values[node] = value;
      return;
    }
    if (key === undefined) throw new TableError("table index is nil");
    if (key !== key) throw new TableError("table index is NaN");
    this.#add(key, value);
  }

  /** A border: the index of a value that nil follows. */
  get length(): number {
    const { list } = this;
    let end = list.length;
    if (end > 0 && list[end - 1] === undefined) {
      let start = 0;
      while (end - start > 1) {
        const middle = start + end >>> 1;
        if (list[middle - 1] === undefined) end = middle;
        else start = middle;
      }
      return start;
    }
    return this.#keys.length === 0 ? end : this.#searchBeyond(end);
  }

  /**
   * The next key and value after a key; `undefined` after the last, -1 when the key is
   * absent.
   */
  next(key: Value): [Value, Value] | undefined | -1 {
    const size = this.list.length;
    let at = 0;
    if (key !== undefined) {
      if (typeof key === "number" && key > 0 && key <= size && key % 1 === 0) {
        at = key;
      } else {
        const node = this.#find(key);
        if (node < 0) return -1;
        at = size + node + 1;
      }
    }
    for (; at < size; at++) {
      const value = this.list[at];
      if (value !== undefined) return [at + 1, value];
    }
    for (let node = at - size; node < this.#keys.length; node++) {
      const value = this.#values[node];
      if (value !== undefined) return [this.#keys[node], value];
    }
    return undefined;
  }

  /** Makes room for list items, for a constructor with many. */
  reserve(items: number): void {
    if (items > this.list.length) this.#resize(items, this.#keys.length);
  }

  /** How many places it has: for the memory limit. */
  get capacity(): number {
    return this.list.length + this.#keys.length;
  }

  #searchBeyond(end: number): number {
    let start = end;
    end++;
    while (this.get(end) !== undefined) {
      start = end;
      end *= 2;
      if (end > 0x7fffffff) {
        let at = 1;
        while (this.get(at) !== undefined) at++;
        return at - 1;
      }
    }
    while (end - start > 1) {
      const middle = start + end >>> 1;
      if (this.get(middle) === undefined) end = middle;
      else start = middle;
    }
    return start;
  }

  #find(key: Value): number {
    if (this.#places !== null) return this.#places.get(key) ?? -1;
    const keys = this.#keys;
    for (let i = 0; i < keys.length; i++) {
      // The key of a free node is undefined, which is never a valid key.
      if (keys[i] === key) return key === undefined ? -1 : i;
    }
    return -1;
  }

  /** Adds an absent key. */
  #add(key: Value, value: Value): void {
    let place = this.#mainPlace(key);
    if (place < 0 || this.#values[place] !== undefined) {
      const free = this.#findFree();
      if (free < 0) {
        this.#grow(key);
        this.set(key, value);
        return;
      }
      const other = this.#mainPlace(this.#keys[place]);
      if (other !== place) {
        // The other key is not at its hash: move it to the free node.
        let previous = other;
        while (this.#next[previous] !== place) previous = this.#next[previous]!;
        this.#next[previous] = free;
        this.#put(free, this.#keys[place], this.#values[place]);
        this.#next[free] = this.#next[place]!;
        this.#next[place] = -1;
      } else {
        this.#next[free] = this.#next[place]!;
        this.#next[place] = free;
        place = free;
      }
    } else if (this.#places !== null) {
      // The node still had a deleted key.
      const dead = this.#keys[place];
      if (dead !== undefined) this.#places.delete(dead);
    }
    this.#put(place, key, value);
  }

  #put(node: number, key: Value, value: Value): void {
    this.#keys[node] = key;
    this.#values[node] = value;
    this.#places?.set(key, node);
  }

  /** Finds a node that never had a key; -1 when there is none. */
  #findFree(): number {
    while (this.#free-- > 0) {
      if (this.#keys[this.#free] === undefined) return this.#free;
    }
    return -1;
  }

  /** The node at a key's hash; -1 without nodes. */
  #mainPlace(key: Value): number {
    const size = this.#keys.length;
    if (size === 0) return -1;
    switch (typeof key) {
      case "string":
        return hashText(key) & size - 1;
      case "number":
        return key === 0 ? 0 : hashNumber(key) % (size - 1 | 1);
      case "boolean":
        return (key ? 1 : 0) & size - 1;
    }
    return identity(key as object) % (size - 1 | 1);
  }

  /** Counts the keys and rebuilds the table with room for one more. */
  #grow(extra: Value): void {
    const counts = new Int32Array(MAX_BITS + 1);
    let inList = this.#countList(counts);
    let total = inList + 1;
    for (let i = 0; i < this.#keys.length; i++) {
      if (this.#values[i] === undefined) continue;
      if (countKey(this.#keys[i], counts)) inList++;
      total++;
    }
    if (countKey(extra, counts)) inList++;
    const [size, used] = listSize(counts, inList);
    this.#resize(size, total - used);
  }

  #countList(counts: Int32Array): number {
    const { list } = this;
    let used = 0;
    let i = 1;
    for (let bits = 0; bits <= MAX_BITS; bits++) {
      const end = Math.min(2 ** bits, list.length);
      if (i > end) break;
      for (; i <= end; i++) {
        if (list[i - 1] === undefined) continue;
        counts[bits]!++;
        used++;
      }
    }
    return used;
  }

  #resize(items: number, fields: number): void {
    const keys = this.#keys;
    const values = this.#values;
    const { list } = this;
    const old = list.length;
    for (let i = old; i < items; i++) list.push(undefined);
    this.#makeNodes(fields);
    if (items < old) {
      const rest = list.splice(items);
      for (let i = 0; i < rest.length; i++) {
        if (rest[i] !== undefined) this.set(items + i + 1, rest[i]);
      }
    }
    for (let i = keys.length - 1; i >= 0; i--) {
      if (values[i] !== undefined) this.set(keys[i], values[i]);
    }
  }

  #makeNodes(fields: number): void {
    let size = fields > 0 ? 1 : 0;
    while (size < fields) size *= 2;
    if (size > 2 ** MAX_BITS) throw new TableError("table overflow");
    const keys: Value[] = [];
    const values: Value[] = [];
    const next: number[] = [];
    for (let i = 0; i < size; i++) {
      keys.push(undefined);
      values.push(undefined);
      next.push(-1);
    }
    this.#keys = keys;
    this.#values = values;
    this.#next = next;
    this.#places = size > SEARCHED ? new Map() : null;
    this.#free = size;
  }
}

/** The error for an invalid key. */
export class TableError extends LuaError {
  /** The name of the error's class. */
  override readonly name = "TableError";
}

/** The size of the list: the greatest power of two of which more than half is used. */
function listSize(
  counts: Int32Array,
  keys: number,
): [size: number, used: number] {
  let seen = 0;
  let used = 0;
  let size = 0;
  for (let bits = 0; 2 ** bits / 2 < keys; bits++) {
    const power = 2 ** bits;
    const count = counts[bits]!;
    if (count > 0) {
      seen += count;
      if (seen > power / 2) {
        size = power;
        used = seen;
      }
    }
    if (seen === keys) break;
  }
  return [size, used];
}

/** Counts a possible list index by its power of two; returns false for other keys. */
function countKey(key: Value, counts: Int32Array): boolean {
  if (typeof key !== "number") return false;
  if (key < 1 || key > 2 ** MAX_BITS || key % 1 !== 0) return false;
  counts[key === 1 ? 0 : 32 - Math.clz32(key - 1)]!++;
  return true;
}

/** Lua's hash of a string: samples the bytes of a long one. */
function hashText(text: string): number {
  const { length } = text;
  let hash = length;
  const step = (length >> 5) + 1;
  for (let at = length; at >= step; at -= step) {
    hash ^= (hash << 5) + (hash >>> 2) + text.charCodeAt(at - 1);
  }
  return hash;
}

const NUMBER = new Float64Array(1);
const HALVES = new Uint32Array(NUMBER.buffer);

/** Lua's hash of a number: the sum of its two halves. */
function hashNumber(value: number): number {
  NUMBER[0] = value;
  return (HALVES[0]! + HALVES[1]!) >>> 0;
}
