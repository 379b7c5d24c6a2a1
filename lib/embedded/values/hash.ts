/**
 * Hashes: values by field, some of which may expire.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { LIMITS } from "./limits.ts";
import { Collection } from "./value.ts";

/** A hash. */
export class HashValue extends Collection {
  /** The name of the type. */
  readonly type = "hash";
  readonly #fields = new Dict<string>(
    LIMITS["hash-max-listpack-entries"],
  );
  /** Whether it always was small enough: never true again. */
  #listpack = true;
  /** When fields expire, in ms since 1970; `null` when none ever did. */
  #expiries: Map<string, number> | null = null;
  /** No field expires before this. */
  #nextExpiry = Infinity;

  /** What Redis would hold it as. */
  get encoding(): "listpack" | "listpackex" | "hashtable" {
    if (!this.#listpack) return "hashtable";
    return this.#expiries === null ? "listpack" : "listpackex";
  }

  /** How many fields there are. */
  get size(): number {
    return this.#fields.size;
  }

  /** The value of a field. */
  get(field: string): string | undefined {
    return this.#fields.get(field);
  }

  /** Whether there is this field. */
  has(field: string): boolean {
    return this.#fields.has(field);
  }

  /** Sets the value of a field and leaves its expiry; says whether it is new. */
  set(field: string, value: string): boolean {
    const added = this.#fields.set(field, value);
    if (this.#listpack) {
      const longest = LIMITS["hash-max-listpack-value"];
      this.#listpack = field.length <= longest && value.length <= longest &&
        this.size <= LIMITS["hash-max-listpack-entries"];
    }
    return added;
  }

  /** Deletes a field; says whether it was there. */
  delete(field: string): boolean {
    this.#expiries?.delete(field);
    return this.#fields.delete(field);
  }

  /** All fields. Not to be changed. */
  fields(): readonly string[] {
    return this.#fields.keys();
  }

  /** All values, in the order of the fields. Not to be changed. */
  values(): readonly string[] {
    return this.#fields.values();
  }

  /** A field drawn at random, of a hash that is not empty. */
  random(): string {
    return this.#fields.random()!;
  }

  /** Calls `visit` for some fields; see {@linkcode Dict.scan}. */
  scan(
    cursor: number,
    count: number,
    visit: (field: string, value: string) => void,
  ): number {
    if (!this.#listpack) return this.#fields.scan(cursor, count, visit);
    const values = this.values();
    this.fields().forEach((field, i) => visit(field, values[i]!));
    return 0;
  }

  /** When a field expires, in ms since 1970; `undefined` when it does not. */
  expiryOf(field: string): number | undefined {
    return this.#expiries?.get(field);
  }

  /** Lets a field that is there expire at a time, or never. */
  setExpiry(field: string, at: number | undefined): void {
    if (at === undefined) {
      this.#expiries?.delete(field);
    } else {
      (this.#expiries ??= new Map()).set(field, at);
      if (at < this.#nextExpiry) this.#nextExpiry = at;
    }
  }

  /** A time before which no field expires; infinite when none does. */
  override get nextExpiry(): number {
    return this.#nextExpiry;
  }

  /** Deletes the fields whose time is over; returns them. */
  expire(now: number): string[] {
    const over: string[] = [];
    this.#nextExpiry = Infinity;
    for (const [field, at] of this.#expiries ?? []) {
      if (at <= now) over.push(field);
      else if (at < this.#nextExpiry) this.#nextExpiry = at;
    }
    for (const field of over) this.delete(field);
    return over;
  }

  /** A copy. */
  copy(): HashValue {
    const copy = new HashValue();
    const values = this.values();
    this.fields().forEach((field, i) => copy.#fields.set(field, values[i]!));
    copy.#listpack = this.#listpack;
    copy.#expiries = this.#expiries && new Map(this.#expiries);
    copy.#nextExpiry = this.#nextExpiry;
    return copy;
  }
}
