/**
 * The bounds of sorted set ranges: by rank, by score, or lexicographic.
 *
 * @module
 */

import { err } from "../base/errors.ts";
import { toInteger } from "../base/numbers.ts";
import type { SortedSet } from "../values/sorted_set.ts";
import type { Before } from "../values/sorted_tree.ts";

/** The order of a range: index, score or member. */
export type By = "rank" | "score" | "lex";

/** Finds the ranks of a range; it is empty when `start` is not below `end`. */
export type Range = (set: SortedSet) => { start: number; end: number };

/** Reads the two bounds of a range, the lower one first. */
export function parseRange(by: By, min: string, max: string): Range {
  switch (by) {
    case "rank":
      return rankRange(toInteger(min), toInteger(max));
    case "score":
      return between(scoreBound(min, true), scoreBound(max, false));
    case "lex":
      return between(lexBound(min, true), lexBound(max, false));
  }
}

/** A range of ranks, both included; negative ranks count from the end. */
function rankRange(first: number, last: number): Range {
  return ({ size }) => ({
    start: Math.max(first < 0 ? size + first : first, 0),
    end: Math.min((last < 0 ? size + last : last) + 1, size),
  });
}

function between(before: Before, within: Before): Range {
  return (set) => ({ start: set.count(before), end: set.count(within) });
}

/** Tests for members before the lower end, and not behind the upper one. */
function scoreBound(text: string, lower: boolean): Before {
  const exclusive = text.startsWith("(");
  const bound = parseScore(exclusive ? text.slice(1) : text);
  if (exclusive === lower) return (_, score) => score <= bound;
  return (_, score) => score < bound;
}

/** Reads a decimal number, up to a zero byte; empty text counts as 0. */
function parseScore(text: string): number {
  const [line] = text.split("\0", 1) as [string];
  if (line === "") return 0;
  if (/^[-+]?inf(inity)?$/i.test(line)) {
    return line.startsWith("-") ? -Infinity : Infinity;
  }
  // Unlike elsewhere, numbers out of a double's range are accepted.
  const nearest = /^[-+.0-9e]+$/i.test(line) ? Number(line) : NaN;
  if (Number.isNaN(nearest)) throw err("min or max is not a float");
  return nearest;
}

function lexBound(text: string, lower: boolean): Before {
  if (text === "-") return () => false;
  if (text === "+") return () => true;
  const bound = text.slice(1);
  const sign = text.charAt(0);
  if (sign !== "(" && sign !== "[") {
    throw err("min or max not valid string range item");
  }
  if ((sign === "(") === lower) return (member) => member <= bound;
  return (member) => member < bound;
}
