/**
 * The arguments and the reply that SCAN, SSCAN, HSCAN and ZSCAN share.
 *
 * @module
 */

import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { err, shown, syntaxError } from "./errors.ts";
import { matches } from "./glob.ts";
import { toInteger } from "./numbers.ts";

const CURSOR = /^[ \t\n\v\f\r]*[+-]?[0-9]+$/;
/** A negative integer: valid, but not a cursor. */
const NEGATIVE = /^-[1-9][0-9]{0,18}$/;
const MOST = 2n ** 64n - 1n;

/** Reads a cursor as C's `strtoull` does: leading blanks and `-01` are valid. */
export function parseCursor(argument: string): number {
  const text = shown(argument);
  if (!CURSOR.test(text) || NEGATIVE.test(text)) throw err("invalid cursor");
  const digits = text.trimStart();
  const value = BigInt(digits.replace(/^[+-]/, ""));
  if (value > MOST) throw err("invalid cursor");
  // As in C, a negative number wraps around to one of the largest.
  return digits.startsWith("-") && value !== 0n ? Number(MOST) : Number(value);
}

/** The options of a scan. */
export interface ScanOptions {
  /** About how many elements to visit. */
  readonly count: number;
  /** Whether a name matches the pattern. */
  wants(name: string): boolean;
}

/** Reads `[MATCH pattern] [COUNT count]` from `args[at]` on. */
export function parseScan(args: readonly string[], at: number): ScanOptions {
  let count = 10;
  let pattern = "*";
  for (let i = at; i < args.length; i += 2) {
    const word = args[i]!.toUpperCase();
    const value = args[i + 1];
    if (value === undefined) throw syntaxError();
    if (word === "COUNT") {
      count = toInteger(value);
      if (count < 1) throw syntaxError();
    } else if (word === "MATCH") {
      pattern = value;
    } else {
      throw syntaxError();
    }
  }
  return { count, wants: (name) => matches(pattern, name) };
}

/** Writes the found elements and the next cursor. */
export function replyScan(
  reply: ReplyEncoder,
  cursor: number,
  found: readonly string[],
): void {
  reply.array(2);
  reply.bulk(String(cursor));
  reply.bulks(found);
}
