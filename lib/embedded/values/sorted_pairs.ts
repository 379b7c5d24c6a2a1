/**
 * A small sorted set: one array of alternating members and scores, sorted.
 *
 * @module
 */

import { grown, pairAt, shrunk } from "./flat.ts";
import type { Before, Visit } from "./sorted_tree.ts";

/** Member, score, member, score …: sorted by score, then by member. */
export type Pairs = readonly (string | number)[];

/** The score of a member. */
export function scoreOf(pairs: Pairs, member: string): number | undefined {
  const at = pairAt(pairs, member);
  return at < 0 ? undefined : pairs[at + 1] as number;
}

/** The pairs with one added, whose member must be absent. */
export function withPair(pairs: Pairs, member: string, score: number): Pairs {
  const at = 2 * rankOf(pairs, member, score);
  const more = grown(pairs, at, 2);
  more[at] = member;
  more[at + 1] = score;
  return more;
}

/** The pairs without a member, which must be present. */
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

/** Counts the pairs for which `before` is true: a prefix of the order. */
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

/** As {@linkcode eachOf}, last pair first. */
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
