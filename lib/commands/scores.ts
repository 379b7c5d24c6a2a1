/**
 * Members with their scores, in the forms that ZADD takes, and its options.
 *
 * @module
 */

import { quote } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import { checkTuple, isIterable, type Only } from "./arguments.ts";

/** A member with its score; `value` and `member` mean the same. */
export type ScoredMember = {
  /** The score. */
  readonly score: number;
} & ({ readonly value: Arg } | { readonly member: Arg });

/**
 * Members with their scores: an object or a `Map` of member to score, one
 * `{ score, value }`, or an array of these or of `[score, member]`.
 *
 * `T` is the object's type, which may be an `interface`. An object whose names
 * are `score` and `value` is one member, not two.
 */
export type Scores<T = Record<string, number>> =
  | { readonly [K in keyof T]: number }
  | ReadonlyMap<Arg, number>
  | ScoredMember
  | Iterable<ScoredMember | readonly [score: number, member: Arg]>;

/** The conditions under which members get their scores. */
export interface ZaddConditions {
  /** Only new members are added. */
  nx: boolean;
  /** Only existing members get a new score. */
  xx: boolean;
  /** Existing members only get a higher score; new members are added. */
  gt: boolean;
  /** Existing members only get a lower score; new members are added. */
  lt: boolean;
}

/** Which members get their scores; all without an option. `nx` goes with no other, `gt` not with `lt`. */
export type ZaddCondition =
  | Only<ZaddConditions, "nx">
  | Only<ZaddConditions, "xx" | "gt">
  | Only<ZaddConditions, "xx" | "lt">;

/** How members are added. */
export type ZaddOptions = ZaddCondition & {
  /**
   * Whether to count the members whose score changes too.
   *
   * @default {false}
   */
  ch?: boolean;
};

/** How one member's score is incremented. */
export type ZaddIncrOptions = ZaddCondition & {
  /** The score is added to the one that the member has. */
  incr: true;
  /** Has no effect: the reply is the new score. */
  ch?: boolean;
};

/** The options of ZADD. */
export const ZADD = "nx!|xx! gt!|lt! ch! incr!";

/** Adds members with their scores, in any form but in a row. */
export function addScores(
  words: Arg[],
  members: object,
  rest: readonly Arg[],
): Arg[] {
  if (rest.length > 0) {
    throw new TypeError(
      `${
        words[0]
      } takes one object of members, or scores and members in a row: not both`,
    );
  }
  const start = words.length;
  if (members instanceof Map) {
    for (const [member, score] of members) addScore(words, score, member);
  } else if (isIterable(members)) {
    for (const one of members) {
      if (isScored(one)) addScored(words, one);
      else {
        checkTuple(words[0], one, 2, "[score, member] or { score, value }");
        addScore(words, one[0], one[1]);
      }
    }
  } else if (isScored(members)) addScored(words, members);
  else {
    for (const [member, score] of Object.entries(members)) {
      addScore(words, score, member);
    }
  }
  if (words.length > start) return words;
  throw new TypeError(`${words[0]} needs at least one member`);
}

function isScored(value: object): value is ScoredMember {
  return "score" in value && ("value" in value || "member" in value) &&
    Object.keys(value).length === 2;
}

function addScored(words: Arg[], scored: ScoredMember): void {
  const member = "value" in scored ? scored.value : scored.member;
  addScore(words, scored.score, member);
}

function addScore(words: Arg[], score: Arg, member: Arg): void {
  if (typeof score !== "number" && typeof score !== "bigint") {
    throw new TypeError(
      `${words[0]} takes a number as the score of ${quote(member)}: ` +
        `current value is ${quote(score)}`,
    );
  }
  words.push(score, member);
}
