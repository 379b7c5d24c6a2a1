/**
 * Members with their scores, in the forms that ZADD takes, and the options of
 * commands that set or combine scores.
 *
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import {
  checkAdded,
  checkAlone,
  checkTuple,
  isArg,
  isIterable,
  type Only,
} from "./arguments.ts";

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

/** Options of ZADD. */
export type ZaddOptions = ZaddCondition & {
  /**
   * Whether to count the members whose score changes too.
   *
   * @default {false}
   */
  ch?: boolean;
};

/** Options of ZADD with INCR. */
export type ZaddIncrOptions = ZaddCondition & {
  /** The score is added to the member's score. */
  incr: true;
  /** Has no effect: the reply is the new score. */
  ch?: boolean;
};

/** The options of ZADD. */
export const ZADD = "nx!|xx! gt!|lt! ch! incr!";

/** Options of commands that combine sorted sets. */
export interface CombineOptions {
  /**
   * By what to multiply the scores of each set, in the order of the keys.
   *
   * @default {all 1}
   */
  weights?: readonly number[];
  /**
   * What to do with the scores of the same member; Redis 8.8 can count them.
   *
   * @default {"sum"}
   */
  aggregate?: "sum" | "min" | "max" | "count";
}

/** The options of {@linkcode CombineOptions}. */
export const COMBINE = "weights aggregate^";

/** Adds members with their scores: `members` and `rest` may be a row of them. */
export function addScores(
  words: Arg[],
  members: Arg | object,
  rest: readonly Arg[],
): Arg[] {
  const start = words.length;
  if (isArg(members)) {
    const row = [members, ...rest];
    for (let i = 0; i < row.length; i += 2) {
      addScore(words, row[i]!, row[i + 1]!);
    }
    return words;
  }
  checkAlone(words, rest);
  if (isScored(members)) addScored(words, members);
  else if (members instanceof Map || !isIterable(members)) {
    const scores = members instanceof Map ? members : Object.entries(members);
    for (const [member, score] of scores) addScore(words, score, member);
  } else {
    for (const one of members) {
      if (isScored(one)) addScored(words, one);
      else {
        checkTuple(words[0], one, 2, "[score, member]");
        addScore(words, one[0], one[1]);
      }
    }
  }
  return checkAdded(words, start);
}

function isScored(value: object): value is ScoredMember {
  return "score" in Object(value) && Object.keys(value).length === 2 &&
    ("value" in value || "member" in value);
}

function addScored(words: Arg[], scored: ScoredMember): void {
  const member = "value" in scored ? scored.value : scored.member;
  addScore(words, scored.score, member);
}

function addScore(words: Arg[], score: Arg, member: Arg): void {
  // A score may come as text, such as from another reply.
  if (!/^\d|^[-+.]?(\d|\.\d|inf)/i.test(String(score))) {
    throw misuse(
      `send ${words[0]}`,
      "a score stands in front of each member, options behind them",
      score,
    );
  }
  words.push(score, member);
}
