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
  /** Whether all members always were integers, and few: never true again. */
  #intset = true;
  #sorted: string[] | null = null;

  /** Makes a set of these members. */
  constructor(members: readonly string[] = []) {
    super();
    for (const member of members) this.add(member);
  }

  /** What Redis would hold it as. */
  get encoding(): "intset" | "hashtable" {
    return this.#intset ? "intset" : "hashtable";
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
    if (this.#intset) {
      this.#intset = this.size <= LIMITS["set-max-intset-entries"] &&
        isInteger(member);
    }
    return true;
  }

  /** Deletes a member; says whether it was there. */
  delete(member: string): boolean {
    if (!this.#members.delete(member)) return false;
    this.#sorted = null;
    return true;
  }

  /** All members, in Redis's order where that is determined. Not to be changed. */
  members(): readonly string[] {
    if (!this.#intset) return this.#members.keys();
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
    if (!this.#intset) return this.#members.scan(cursor, count, visit);
    for (const member of this.members()) visit(member);
    return 0;
  }

  /** A copy. */
  copy(): SetValue {
    const copy = new SetValue(this.#members.keys());
    copy.#intset = this.#intset;
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
