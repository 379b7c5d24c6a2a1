/**
 * A small sorted set: members and scores in turn in one array, in their order.
 *
 * @module
 */

import { grown, pairAt, shrunk } from "./flat.ts";
import type { Before, Visit } from "./sorted_tree.ts";

/** Member, score, member, score: by score, and by member where scores are equal. */
export type Pairs = readonly (string | number)[];

/** The score of a member. */
export function scoreOf(pairs: Pairs, member: string): number | undefined {
  const at = pairAt(pairs, member);
  return at < 0 ? undefined : pairs[at + 1] as number;
}

/** The pairs with one more, whose member is not there. */
export function withPair(pairs: Pairs, member: string, score: number): Pairs {
  const at = 2 * rankOf(pairs, member, score);
  const more = grown(pairs, at, 2);
  more[at] = member;
  more[at + 1] = score;
  return more;
}

/** The pairs without a member that is there. */
export function withoutPair(pairs: Pairs, member: string): Pairs {
  return shrunk(pairs, pairAt(pairs, member), 2);
}

/** How many pairs sort before this one. */
export function rankOf(pairs: Pairs, member: string, score: number): number {
  return countOf(
    pairs,
    (otherMember, other) =>
      other < score || (other === score && otherMember < member),
  );
}

/** How many pairs `before` is true of; it is for the first ones only. */
export function countOf(pairs: Pairs, before: Before): number {
  let low = 0;
  let high = pairs.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = 2 * middle;
    if (before(pairs[at] as string, pairs[at + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Visits the pairs from rank `start` to before `end`; `false` stops. */
export function eachOf(
  pairs: Pairs,
  start: number,
  end: number,
  visit: Visit,
): void {
  const behind = Math.min(2 * end, pairs.length);
  for (let at = 2 * Math.max(start, 0); at < behind; at += 2) {
    if (visit(pairs[at] as string, pairs[at + 1] as number) === false) return;
  }
}

/** Visits the same pairs, last one first. */
export function eachBackOf(
  pairs: Pairs,
  start: number,
  end: number,
  visit: Visit,
): void {
  const first = 2 * Math.max(start, 0);
  for (let at = Math.min(2 * end, pairs.length) - 2; at >= first; at -= 2) {
    if (visit(pairs[at] as string, pairs[at + 1] as number) === false) return;
  }
}
