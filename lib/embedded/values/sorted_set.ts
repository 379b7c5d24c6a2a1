/**
 * Sorted sets: members with scores, in their order.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { LIMITS } from "./limits.ts";
import { type Before, SortedTree, type Visit } from "./sorted_tree.ts";
import { Collection } from "./value.ts";

/** Up to this size a score is found among all members: see `Dict`. */
const SCANNED = 16;

/** A sorted set: scores by member, and members by rank. */
export class SortedSet extends Collection {
  /** The name of the type. */
  readonly type = "zset";
  /** Scores by member; `null` while there are few members. */
  #scores: Dict<number> | null = null;
  readonly #tree = new SortedTree();
  #large: boolean;

  /** Makes an empty one, held as a large one from the start or not. */
  constructor(large: boolean = false) {
    super();
    this.#large = large;
  }

  /** What Redis would hold it as: once large, it stays so. */
  get encoding(): "listpack" | "skiplist" {
    return this.#large ? "skiplist" : "listpack";
  }

  /** How many members there are. */
  get size(): number {
    return this.#tree.size;
  }

  /** The score of a member. */
  score(member: string): number | undefined {
    return this.#scores === null
      ? this.#tree.scoreOf(member)
      : this.#scores.get(member);
  }

  /** Gives a member a score, and adds it when it is not there. */
  set(member: string, score: number): void {
    const old = this.score(member);
    if (old !== undefined) {
      if (Object.is(old, score)) return;
      this.#tree.delete(old, member);
    } else if (
      this.size >= LIMITS["zset-max-listpack-entries"] ||
      member.length > LIMITS["zset-max-listpack-value"]
    ) {
      this.#large = true;
    }
    // A listpack has integers without a negative zero.
    const kept = this.#large ? score : score + 0;
    this.#tree.add(kept, member);
    if (this.#scores !== null) this.#scores.set(member, kept);
    else if (this.size > SCANNED) this.#indexScores();
  }

  /** Deletes a member; says whether it was there. */
  delete(member: string): boolean {
    const score = this.score(member);
    if (score === undefined) return false;
    this.#scores?.delete(member);
    this.#tree.delete(score, member);
    return true;
  }

  /** How many members are before this one, which has that score. */
  rank(member: string, score: number): number {
    return this.#tree.rank(score, member);
  }

  /** How many members `before` is true of; it is for the first ones only. */
  count(before: Before): number {
    return this.#tree.count(before);
  }

  /** Visits the members from rank `start` to before `end`; `false` stops. */
  each(start: number, end: number, visit: Visit): void {
    this.#tree.each(start, end, visit);
  }

  /** Visits the same members, last one first. */
  eachBack(start: number, end: number, visit: Visit): void {
    this.#tree.eachBack(start, end, visit);
  }

  /** The member at a rank. */
  at(rank: number): { member: string; score: number } | undefined {
    let found: { member: string; score: number } | undefined;
    this.#tree.each(rank, rank + 1, (member, score) => {
      found = { member, score };
    });
    return found;
  }

  /** As {@linkcode Dict.scan}; a small one is visited whole, in its order. */
  scan(
    cursor: number,
    count: number,
    visit: (member: string, score: number) => void,
  ): number {
    if (this.#large && this.#scores !== null) {
      return this.#scores.scan(cursor, count, visit);
    }
    this.each(0, this.size, visit);
    return 0;
  }

  /** Is held as a small one again where it fits, as Redis does with results. */
  shrink(): void {
    if (this.size > LIMITS["zset-max-listpack-entries"]) return;
    const zeros: string[] = [];
    let fits = true;
    this.each(0, this.size, (member, score) => {
      if (member.length > LIMITS["zset-max-listpack-value"]) fits = false;
      if (Object.is(score, -0)) zeros.push(member);
    });
    if (!fits) return;
    this.#large = false;
    for (const member of zeros) this.set(member, 0);
  }

  #indexScores(): void {
    const scores = this.#scores = new Dict<number>();
    this.each(0, this.size, (member, score) => {
      scores.set(member, score);
    });
  }

  /** A copy. */
  copy(): SortedSet {
    const copy = new SortedSet(this.#large);
    this.each(0, this.size, (member, score) => copy.set(member, score));
    return copy;
  }
}
