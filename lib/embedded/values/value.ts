/**
 * The base class of all values that a key can hold.
 *
 * @module
 */

/** The types as TYPE names them. */
export type TypeName = "string" | "list" | "set" | "zset" | "hash" | "stream";

/** Times of use have this resolution, in ms. */
const STEP = 100;
/** The oldest time of use that is kept, in steps: ten months. */
const LONG_AGO = -(2 ** 28);
/** The origin of the steps, in ms since 1970. */
const START = Math.floor(Date.now() / STEP) * STEP;

/** The value of a key; one class for each type. */
export abstract class Value {
  /** The type as TYPE names it. */
  abstract readonly type: TypeName;
  /** The encoding that Redis would use, as OBJECT ENCODING names it. */
  abstract readonly encoding: string;
  // There are many values, and each field of an object takes 8 bytes. So two small
  // numbers share one field; within 31 bits V8 stores it in the object itself.
  #usesAndSnapshot = 5;
  #usedAndMark = 0;

  /** LFU's counter of uses: logarithmic, up to 255. */
  get uses(): number {
    return this.#usesAndSnapshot & 0xff;
  }

  set uses(uses: number) {
    this.#usesAndSnapshot = this.#usesAndSnapshot & ~0xff | uses;
  }

  /** The number of the last snapshot that wrote this value, of 24 bits. */
  get snapshot(): number {
    return this.#usesAndSnapshot >>> 8;
  }

  set snapshot(number: number) {
    this.#usesAndSnapshot = number << 8 | this.uses;
  }

  /** When it was used last, in ms since 1970; eviction compares it. */
  get used(): number {
    return START + (this.#usedAndMark >> 2) * STEP;
  }

  set used(at: number) {
    const step = Math.max(LONG_AGO, Math.floor((at - START) / STEP));
    this.#usedAndMark = step << 2 | this.mark;
  }

  /** Two bits for the subclass: the encoding that Redis would use. */
  protected get mark(): number {
    return this.#usedAndMark & 3;
  }

  protected set mark(mark: number) {
    this.#usedAndMark = this.#usedAndMark & ~3 | mark;
  }

  /** A lower bound for the expiry of its first field, in ms since 1970. */
  get nextExpiry(): number {
    return Infinity;
  }

  /** A deep copy: shares no mutable state. */
  abstract copy(): Value;
}

/** A value of many elements. An empty one is deleted. */
export abstract class Collection extends Value {
  /** How many elements there are. */
  abstract readonly size: number;
}
