/**
 * What a key holds.
 *
 * @module
 */

/** The types as TYPE names them. */
export type TypeName = "string" | "list" | "set" | "zset" | "hash" | "stream";

/** Times of use are kept in steps of so many ms. */
const STEP = 100;
/** A value that was not used for ten months may as well be older. */
const LONG_AGO = -(2 ** 28);
/** When steps are counted from, in ms since 1970. */
const START = Math.floor(Date.now() / STEP) * STEP;

/** What a key holds; one class for each type. */
export abstract class Value {
  /** The type as TYPE names it. */
  abstract readonly type: TypeName;
  /** The encoding as OBJECT ENCODING names it: what Redis would use. */
  abstract readonly encoding: string;
  // There are many values, and each field of an object takes 8 bytes: what fits
  // into 31 bits is one field, a small integer that V8 keeps in the object.
  #usesAndSnapshot = 5;
  #usedAndMark = 0;

  /** How often it was used, as LFU counts: logarithmically, up to 255. */
  get uses(): number {
    return this.#usesAndSnapshot & 0xff;
  }

  set uses(uses: number) {
    this.#usesAndSnapshot = this.#usesAndSnapshot & ~0xff | uses;
  }

  /** The number of the snapshot that wrote it last, of 24 bits. */
  get snapshot(): number {
    return this.#usesAndSnapshot >>> 8;
  }

  set snapshot(number: number) {
    this.#usesAndSnapshot = number << 8 | this.uses;
  }

  /** When it was used last, in ms since 1970: what eviction goes by. */
  get used(): number {
    return START + (this.#usedAndMark >> 2) * STEP;
  }

  set used(at: number) {
    const step = Math.max(LONG_AGO, Math.floor((at - START) / STEP));
    this.#usedAndMark = step << 2 | this.mark;
  }

  /** Two bits for the class of the value: how Redis would hold it. */
  protected get mark(): number {
    return this.#usedAndMark & 3;
  }

  protected set mark(mark: number) {
    this.#usedAndMark = this.#usedAndMark & ~3 | mark;
  }

  /** A time, in ms since 1970, before which nothing within it expires. */
  get nextExpiry(): number {
    return Infinity;
  }

  /** A copy that shares nothing that can change. */
  abstract copy(): Value;
}

/** A value of many elements: one that gets empty is deleted. */
export abstract class Collection extends Value {
  /** How many elements there are. */
  abstract readonly size: number;
}
