/**
 * What a key holds.
 *
 * @module
 */

/** The types as TYPE names them. */
export type TypeName = "string" | "list" | "set" | "zset" | "hash" | "stream";

/** Uses are told in steps of so many ms. */
const STEP = 100;
/** What was not used for three years need not be known better. */
const LONG_AGO = -(2 ** 30);
/** When steps are counted from, in ms since 1970. */
const START = Math.floor(Date.now() / STEP) * STEP;

/** What a key holds; one class for each type. */
export abstract class Value {
  /** The type as TYPE names it. */
  abstract readonly type: TypeName;
  /** The encoding as OBJECT ENCODING names it: what Redis would use. */
  abstract readonly encoding: string;
  // One small integer for two: there are many values.
  #usesAndSnapshot = 5;
  // As a small integer, which V8 keeps in the object; a time in ms is another.
  #used = 0;

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
    return START + this.#used * STEP;
  }

  set used(at: number) {
    const step = Math.floor((at - START) / STEP);
    this.#used = Math.max(LONG_AGO, step) | 0;
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
