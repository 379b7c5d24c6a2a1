/**
 * Sets: members that are drawn and scanned, sorted while they are few integers.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { parseInteger } from "../base/numbers.ts";
import { LIMITS } from "./limits.ts";
import { Collection } from "./value.ts";

/** A set. */
export class SetValue extends Collection {
  /** The name of the type. */
  readonly type = "set";
  readonly #members = new Dict<null>();
  /** What Redis would hold it as: it only ever goes on to the next. */
  #encoding: "intset" | "listpack" | "hashtable" = "intset";
  #sorted: string[] | null = null;

  /** Makes a set of these members; `expected` are to be added at once. */
  constructor(members: readonly string[] = [], expected = 0) {
    super();
    if (expected > LIMITS["set-max-listpack-entries"]) {
      this.#encoding = "hashtable";
    } else if (expected > LIMITS["set-max-intset-entries"]) {
      this.#encoding = "listpack";
    }
    for (const member of members) this.add(member);
  }

  /** What Redis would hold it as. */
  get encoding(): "intset" | "listpack" | "hashtable" {
    return this.#encoding;
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Whether there is this member. */
  has(member: string): boolean {
    return this.#members.has(member);
  }

  /** Adds a member; says whether it is new. */
  add(member: string): boolean {
    if (!this.#members.set(member, null)) return false;
    this.#sorted = null;
    if (this.#encoding !== "hashtable") {
      this.#encoding = this.#encodingWith(member);
    }
    return true;
  }

  /** What it is held as with one more member, which was added. */
  #encodingWith(member: string): "intset" | "listpack" | "hashtable" {
    if (this.#encoding === "intset" && isInteger(member)) {
      return this.size <= LIMITS["set-max-intset-entries"]
        ? "intset"
        : "hashtable";
    }
    const fits = this.size <= LIMITS["set-max-listpack-entries"] &&
      member.length <= LIMITS["set-max-listpack-value"];
    return fits ? "listpack" : "hashtable";
  }

  /** Deletes a member; says whether it was there. */
  delete(member: string): boolean {
    if (!this.#members.delete(member)) return false;
    this.#sorted = null;
    return true;
  }

  /** All members, in Redis's order where that is determined. Not to be changed. */
  members(): readonly string[] {
    if (this.#encoding !== "intset") return this.#members.keys();
    return this.#sorted ??= this.#members.keys().toSorted(byNumber);
  }

  /** A member drawn at random, of a set that is not empty. */
  random(): string {
    return this.#members.random()!;
  }

  /** Calls `visit` for some members; see {@linkcode Dict.scan}. */
  scan(
    cursor: number,
    count: number,
    visit: (member: string) => void,
  ): number {
    if (this.#encoding === "hashtable") {
      return this.#members.scan(cursor, count, visit);
    }
    for (const member of this.members()) visit(member);
    return 0;
  }

  /** A copy. */
  copy(): SetValue {
    const copy = new SetValue(this.#members.keys());
    copy.#encoding = this.#encoding;
    return copy;
  }
}

function isInteger(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most texts that are not integers do not start as one.
  return first <= 0x39 && parseInteger(text) !== null;
}

function byNumber(one: string, other: string): number {
  const difference = Number(one) - Number(other);
  if (difference !== 0) return difference;
  return Number(BigInt(one) - BigInt(other));
}
