/**
 * The arguments that set an expiry.
 *
 * @module
 */

import type { Session } from "./host.ts";
import { type CommandError, err, syntaxError } from "../base/errors.ts";
import { toBigInt, toTime } from "../base/numbers.ts";
import { type Condition, isConditionWord } from "./string_conditions.ts";

const MAX = 2n ** 63n - 1n;

/** The error for an invalid time. */
export function invalidExpire(name: string): CommandError {
  return err(`invalid expire time in '${name}' command`);
}

/** The unit of a time: `EX` for seconds from now, `PXAT` for ms since 1970, … */
export type ExpiryWord = "EX" | "PX" | "EXAT" | "PXAT";

/** Reads a time as ms since 1970; it must be positive. */
export function readExpiry(
  { core }: Session,
  word: ExpiryWord,
  text: string,
  name: string,
): number {
  let at = toBigInt(text);
  if (at <= 0n) throw invalidExpire(name);
  if (word.startsWith("EX")) at *= 1000n;
  if (!word.endsWith("AT")) at += BigInt(core.now);
  if (at > MAX) throw invalidExpire(name);
  return toTime(at);
}

/** The options behind the value of SET, and behind the key of GETEX. */
export interface ExpiryOptions {
  /** The time; {@linkcode readExpiry} parses it. */
  readonly time: [ExpiryWord, string] | undefined;
  /** The options without an argument. */
  readonly words: ReadonlySet<string>;
  /** The condition of SET on the old value. */
  readonly condition: Condition | undefined;
}

const EXPIRIES = ["EX", "PX", "EXAT", "PXAT"];

/** Options of SET that exclude each other; GETEX lacks `NX`, `XX`, `GET`, `KEEPTTL`. */
const EXCLUDED: Readonly<Record<string, readonly string[]>> = {
  NX: ["XX"],
  XX: ["NX"],
  GET: [],
  KEEPTTL: EXPIRIES,
  PERSIST: EXPIRIES,
};

/** Reads the options of SET or GETEX from `first` on. */
export function readExpiryOptions(
  args: readonly string[],
  first: number,
  allowed: readonly string[],
): ExpiryOptions {
  const words = new Set<string>();
  let time: [ExpiryWord, string] | undefined;
  let condition: Condition | undefined;
  for (let i = first; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    const next = args[i + 1];
    if (EXPIRIES.includes(word)) {
      const other = time !== undefined && time[0] !== word;
      const kept = words.has("KEEPTTL") || words.has("PERSIST");
      if (next === undefined || other || kept) throw syntaxError();
      time = [word as ExpiryWord, next];
      i++;
    } else if (isConditionWord(word) && allowed.includes("IFEQ")) {
      const other = condition !== undefined && condition[0] !== word;
      // As in Redis, NX may follow a condition, but not precede it.
      const excluded = words.has("NX") || words.has("XX");
      if (next === undefined || other || excluded) throw syntaxError();
      condition = [word, next];
      i++;
    } else {
      const excluded = EXCLUDED[word];
      if (excluded === undefined || !allowed.includes(word)) {
        throw syntaxError();
      }
      if (excluded.some((w) => words.has(w) || w === time?.[0])) {
        throw syntaxError();
      }
      words.add(word);
    }
  }
  return { words, time, condition };
}
