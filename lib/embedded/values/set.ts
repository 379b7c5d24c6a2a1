/**
 * Sets: support scans and random draws; a small set of integers is sorted.
 *
 * @module
 */

import { Keys } from "../base/keys.ts";
import { parseInteger } from "../base/numbers.ts";
import { FLAT_MOST, grown, shrunk } from "./flat.ts";
import { LIMITS } from "./limits.ts";
import { Collection } from "./value.ts";

/** The encodings, indexed by the mark of a value: a set only moves to a later one. */
const ENCODINGS = ["intset", "listpack", "hashtable"] as const;

type Encoding = typeof ENCODINGS[number];

/** A set: its members in an array, with an index once there are many. */
export class SetValue extends Collection {
  #content: string[] | Keys = [];
  /** The sorted members of an intset; `null` when they must be sorted again. */
  #sorted: string[] | null = null;

  /** Makes a set of these members; `expected` more will be added at once. */
  constructor(members: readonly string[] = [], expected = 0) {
    super();
    if (expected > LIMITS["set-max-listpack-entries"]) {
      this.#become("hashtable");
    } else if (expected > LIMITS["set-max-intset-entries"]) {
      this.#become("listpack");
    }
    for (const member of members) this.add(member);
  }

  /** The name of the type. */
  get type(): "set" {
    return "set";
  }

  /** The encoding that Redis would use. */
  get encoding(): Encoding {
    return ENCODINGS[this.mark]!;
  }

  #become(encoding: Encoding): void {
    this.mark = ENCODINGS.indexOf(encoding);
  }

  /** The number of members. */
  get size(): number {
    return this.#members.length;
  }

  /** Whether a member is present. */
  has(member: string): boolean {
    return this.#find(member) >= 0;
  }

  /** Adds a member; returns whether it is new. */
  add(member: string): boolean {
    if (this.#find(member) >= 0) return false;
    const content = this.#content;
    if (!Array.isArray(content)) content.add(member);
    else if (content.length < FLAT_MOST) {
      const members = this.#content = grown(content, content.length, 1);
      members[content.length] = member;
    } else {
      const keys = this.#content = new Keys();
      for (const other of content) keys.add(other);
      keys.add(member);
    }
    this.#sorted = null;
    if (this.encoding !== "hashtable") this.#become(this.#encodingWith(member));
    return true;
  }

  /** The encoding after a member was added. */
  #encodingWith(member: string): Encoding {
    if (this.encoding === "intset" && isInteger(member)) {
      return this.size <= LIMITS["set-max-intset-entries"]
        ? "intset"
        : "hashtable";
    }
    const fits = this.size <= LIMITS["set-max-listpack-entries"] &&
      member.length <= LIMITS["set-max-listpack-value"];
    return fits ? "listpack" : "hashtable";
  }

  /** Deletes a member; returns whether it was present. */
  delete(member: string): boolean {
    const at = this.#find(member);
    if (at < 0) return false;
    const content = this.#content;
    if (Array.isArray(content)) this.#content = shrunk(content, at, 1);
    else if (this.encoding === "listpack") content.removeInOrder(at);
    else content.remove(at);
    this.#sorted = null;
    return true;
  }

  /** All members, in Redis's order where Redis defines one. Do not modify the array. */
  members(): readonly string[] {
    if (this.encoding !== "intset") return this.#members;
    return this.#sorted ??= this.#members.toSorted(byNumber);
  }

  /** A random member of a set that is not empty. */
  random(): string {
    const members = this.#members;
    return members[Math.floor(Math.random() * members.length)]!;
  }

  /** Visits some members, see `Keys.scan`; all members of a small set. */
  scan(
    cursor: number,
    count: number,
    visit: (member: string) => void,
  ): number {
    const content = this.#content;
    if (this.encoding !== "hashtable" || Array.isArray(content)) {
      for (const member of this.members()) visit(member);
      return 0;
    }
    return content.scan(cursor, count, (at) => visit(content.all[at]!));
  }

  /** A copy. */
  copy(): SetValue {
    const copy = new SetValue(this.#members);
    copy.mark = this.mark;
    return copy;
  }

  get #members(): readonly string[] {
    const content = this.#content;
    return Array.isArray(content) ? content : content.all;
  }

  #find(member: string): number {
    const content = this.#content;
    return Array.isArray(content)
      ? content.indexOf(member)
      : content.find(member);
  }
}

function isInteger(text: string): boolean {
  const first = text.charCodeAt(0);
  // Cheap test first: few texts that are not integers start with a digit or sign.
  return first <= 0x39 && parseInteger(text) !== null;
}

function byNumber(one: string, other: string): number {
  const difference = Number(one) - Number(other);
  if (difference !== 0) return difference;
  return Number(BigInt(one) - BigInt(other));
}
