/**
 * Sorted sets: members with scores, in their order.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { FLAT_MOST } from "./flat.ts";
import { LIMITS } from "./limits.ts";
import {
  countOf,
  eachBackOf,
  eachOf,
  type Pairs,
  rankOf,
  scoreOf,
  withoutPair,
  withPair,
} from "./sorted_pairs.ts";
import { type Before, SortedTree, type Visit } from "./sorted_tree.ts";
import { Collection } from "./value.ts";

/** The content of a large sorted set. */
interface Indexed {
  readonly tree: SortedTree;
  /** The score of each member. */
  readonly scores: Dict<number>;
}

/** The mark of a sorted set that Redis would encode as a skip list. */
const SKIPLIST = 1;

/** A sorted set: scores by member, and members by rank. */
export class SortedSet extends Collection {
  #content: Pairs | Indexed = [];

  /** Makes an empty sorted set; `large` starts with the encoding of a large one. */
  constructor(large: boolean = false) {
    super();
    if (large) this.mark = SKIPLIST;
  }

  /** The name of the type. */
  get type(): "zset" {
    return "zset";
  }

  /** The encoding that Redis would use: once a skip list, it stays one. */
  get encoding(): "listpack" | "skiplist" {
    return this.mark === SKIPLIST ? "skiplist" : "listpack";
  }

  /** How many members there are. */
  get size(): number {
    const content = this.#content;
    return isFlat(content) ? content.length / 2 : content.scores.size;
  }

  /** The score of a member. */
  score(member: string): number | undefined {
    const content = this.#content;
    return isFlat(content)
      ? scoreOf(content, member)
      : content.scores.get(member);
  }

  /** Sets the score of a member, and adds the member when absent. */
  set(member: string, score: number): void {
    const old = this.score(member);
    if (old !== undefined) {
      if (Object.is(old, score)) return;
    } else if (
      this.size >= LIMITS["zset-max-listpack-entries"] ||
      member.length > LIMITS["zset-max-listpack-value"]
    ) {
      this.mark = SKIPLIST;
    }
    // Redis's listpack stores integers and so loses the sign of -0.
    this.#put(member, this.mark === SKIPLIST ? score : score + 0, old);
  }

  /** Deletes a member; returns whether it was present. */
  delete(member: string): boolean {
    const score = this.score(member);
    if (score === undefined) return false;
    const content = this.#content;
    if (isFlat(content)) {
      this.#content = withoutPair(content, member);
    } else {
      content.scores.delete(member);
      content.tree.delete(score, member);
    }
    return true;
  }

  /** How many members sort before this one; `score` must be its score. */
  rank(member: string, score: number): number {
    const content = this.#content;
    return isFlat(content)
      ? rankOf(content, member, score)
      : content.tree.rank(score, member);
  }

  /** Counts the members for which `before` is true: a prefix of the order. */
  count(before: Before): number {
    const content = this.#content;
    return isFlat(content)
      ? countOf(content, before)
      : content.tree.count(before);
  }

  /** Visits the members from rank `start` to before `end`; `false` stops. */
  each(start: number, end: number, visit: Visit): void {
    const content = this.#content;
    if (isFlat(content)) eachOf(content, start, end, visit);
    else content.tree.each(start, end, visit);
  }

  /** As {@linkcode SortedSet.each}, last member first. */
  eachBack(start: number, end: number, visit: Visit): void {
    const content = this.#content;
    if (isFlat(content)) eachBackOf(content, start, end, visit);
    else content.tree.eachBack(start, end, visit);
  }

  /** The member at a rank. */
  at(rank: number): { member: string; score: number } | undefined {
    let found: { member: string; score: number } | undefined;
    this.each(rank, rank + 1, (member, score) => {
      found = { member, score };
    });
    return found;
  }

  /** As `Keys.scan`; a small sorted set is visited as a whole, in order. */
  scan(
    cursor: number,
    count: number,
    visit: (member: string, score: number) => void,
  ): number {
    const content = this.#content;
    if (this.mark === SKIPLIST && !isFlat(content)) {
      return content.scores.scan(cursor, count, visit);
    }
    this.each(0, this.size, visit);
    return 0;
  }

  /** Goes back to the small encoding if it fits, as Redis does with results of commands. */
  shrink(): void {
    if (this.size > LIMITS["zset-max-listpack-entries"]) return;
    const zeros: string[] = [];
    let fits = true;
    this.each(0, this.size, (member, score) => {
      if (member.length > LIMITS["zset-max-listpack-value"]) fits = false;
      if (Object.is(score, -0)) zeros.push(member);
    });
    if (!fits) return;
    this.mark = 0;
    for (const member of zeros) this.set(member, 0);
  }

  /** A copy. */
  copy(): SortedSet {
    const copy = new SortedSet();
    copy.mark = this.mark;
    // Pairs are immutable, so both sets can share them.
    if (isFlat(this.#content)) copy.#content = this.#content;
    else this.each(0, this.size, (member, score) => copy.#put(member, score));
    return copy;
  }

  #put(member: string, score: number, old?: number): void {
    let content = this.#content;
    if (isFlat(content)) {
      const pairs = old === undefined ? content : withoutPair(content, member);
      if (pairs.length < 2 * FLAT_MOST) {
        this.#content = withPair(pairs, member, score);
        return;
      }
      content = this.#content = toIndexed(content);
    }
    if (old !== undefined) content.tree.delete(old, member);
    content.tree.add(score, member);
    content.scores.set(member, score);
  }
}

function isFlat(content: Pairs | Indexed): content is Pairs {
  return Array.isArray(content);
}

function toIndexed(pairs: Pairs): Indexed {
  const indexed = { tree: new SortedTree(), scores: new Dict<number>() };
  eachOf(pairs, 0, pairs.length, (member, score) => {
    indexed.scores.set(member, score);
    indexed.tree.add(score, member);
  });
  return indexed;
}
