/**
 * Hashes: values by field; fields may expire.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { FLAT_MOST, grown, pairAt, shrunk } from "./flat.ts";
import { LIMITS } from "./limits.ts";
import { share } from "./share.ts";
import { Collection } from "./value.ts";

/** Expiry times of fields, for a hash that ever had one. */
interface Expiring {
  /** When fields expire, in ms since 1970. */
  readonly times: Map<string, number>;
  /** A lower bound: no field expires before this time. */
  next: number;
}

/** The mark of a hash that outgrew the listpack: Redis never converts it back. */
const LARGE = 1;

/** A hash: alternating fields and values in one array, a table once there are many. */
export class HashValue extends Collection {
  #content: string[] | Dict<string> = [];
  #expiring: Expiring | null = null;

  /** The name of the type. */
  get type(): "hash" {
    return "hash";
  }

  /** The encoding that Redis would use. */
  get encoding(): "listpack" | "listpackex" | "hashtable" {
    if (this.mark === LARGE) return "hashtable";
    return this.#expiring === null ? "listpack" : "listpackex";
  }

  /** How many fields there are. */
  get size(): number {
    const content = this.#content;
    return Array.isArray(content) ? content.length / 2 : content.size;
  }

  /** The value of a field. */
  get(field: string): string | undefined {
    const content = this.#content;
    if (!Array.isArray(content)) return content.get(field);
    const at = pairAt(content, field);
    return at < 0 ? undefined : content[at + 1];
  }

  /** Whether a field is present. */
  has(field: string): boolean {
    return this.get(field) !== undefined;
  }

  /** Sets the value of a field and keeps its expiry; returns whether the field is new. */
  set(field: string, value: string): boolean {
    const added = this.#put(field, value);
    if (this.mark !== LARGE) {
      const longest = LIMITS["hash-max-listpack-value"];
      const small = field.length <= longest && value.length <= longest &&
        this.size <= LIMITS["hash-max-listpack-entries"];
      if (!small) this.mark = LARGE;
    }
    return added;
  }

  #put(field: string, value: string): boolean {
    const content = this.#content;
    if (!Array.isArray(content)) {
      return content.set(field, value);
    }
    const at = pairAt(content, field);
    if (at >= 0) {
      content[at + 1] = value;
      return false;
    }
    const { length } = content;
    if (length === 2 * FLAT_MOST) {
      this.#toTable(content).set(field, value);
      return true;
    }
    const pairs = this.#content = grown(content, length, 2);
    pairs[length] = share(field);
    pairs[length + 1] = value;
    return true;
  }

  #toTable(pairs: readonly string[]): Dict<string> {
    const table = new Dict<string>(LIMITS["hash-max-listpack-entries"]);
    for (let i = 0; i < pairs.length; i += 2) {
      table.set(pairs[i]!, pairs[i + 1]!);
    }
    return this.#content = table;
  }

  /** Deletes a field; returns whether it was present. */
  delete(field: string): boolean {
    this.#expiring?.times.delete(field);
    const content = this.#content;
    if (!Array.isArray(content)) return content.delete(field);
    const at = pairAt(content, field);
    if (at < 0) return false;
    this.#content = shrunk(content, at, 2);
    return true;
  }

  /** The field at an index. */
  fieldAt(place: number): string {
    const content = this.#content;
    return Array.isArray(content)
      ? content[2 * place]!
      : content.keys()[place]!;
  }

  /** The value of the field at an index. */
  valueAt(place: number): string {
    const content = this.#content;
    return Array.isArray(content)
      ? content[2 * place + 1]!
      : content.values()[place]!;
  }

  /** All fields. Do not modify the array. */
  fields(): readonly string[] {
    const content = this.#content;
    if (!Array.isArray(content)) return content.keys();
    return content.filter((_, i) => i % 2 === 0);
  }

  /** All values, in the order of the fields. Do not modify the array. */
  values(): readonly string[] {
    const content = this.#content;
    if (!Array.isArray(content)) return content.values();
    return content.filter((_, i) => i % 2 === 1);
  }

  /** A random field of a hash that is not empty. */
  random(): string {
    return this.fieldAt(Math.floor(Math.random() * this.size));
  }

  /** Visits some fields, see `Keys.scan`; all fields of a small hash. */
  scan(
    cursor: number,
    count: number,
    visit: (field: string, value: string) => void,
  ): number {
    if (this.mark === LARGE && !Array.isArray(this.#content)) {
      return this.#content.scan(cursor, count, visit);
    }
    const { size } = this;
    for (let i = 0; i < size; i++) visit(this.fieldAt(i), this.valueAt(i));
    return 0;
  }

  /** When a field expires, in ms since 1970; `undefined` when it does not. */
  expiryOf(field: string): number | undefined {
    return this.#expiring?.times.get(field);
  }

  /** Sets when a field that is present expires; `undefined` for never. */
  setExpiry(field: string, at: number | undefined): void {
    if (at === undefined) {
      this.#expiring?.times.delete(field);
      return;
    }
    const expiring = this.#expiring ??= { times: new Map(), next: Infinity };
    expiring.times.set(field, at);
    if (at < expiring.next) expiring.next = at;
  }

  /** A time before which no field expires; infinite when none does. */
  override get nextExpiry(): number {
    return this.#expiring?.next ?? Infinity;
  }

  /** Deletes the expired fields; returns them. */
  expire(now: number): string[] {
    const over: string[] = [];
    if (this.#expiring === null) return over;
    let next = Infinity;
    for (const [field, at] of this.#expiring.times) {
      if (at <= now) over.push(field);
      else if (at < next) next = at;
    }
    this.#expiring.next = next;
    for (const field of over) this.delete(field);
    return over;
  }

  /** A copy. */
  copy(): HashValue {
    const copy = new HashValue();
    const content = this.#content;
    if (Array.isArray(content)) copy.#content = content.slice();
    else this.#copyTable(content, copy);
    copy.mark = this.mark;
    copy.#expiring = this.#expiring &&
      { ...this.#expiring, times: new Map(this.#expiring.times) };
    return copy;
  }

  #copyTable(table: Dict<string>, copy: HashValue): void {
    const fields = table.keys();
    const values = table.values();
    const other = copy.#toTable([]);
    for (let i = 0; i < fields.length; i++) other.set(fields[i]!, values[i]!);
  }
}
