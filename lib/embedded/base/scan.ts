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
/** What is an integer without more, and no cursor. */
const NEGATIVE = /^-[1-9][0-9]{0,18}$/;
const MOST = 2n ** 64n - 1n;

/** Reads a cursor: as C's `strtoull`, which takes blanks before it, and `-01`. */
export function parseCursor(argument: string): number {
  const text = shown(argument);
  if (!CURSOR.test(text) || NEGATIVE.test(text)) throw err("invalid cursor");
  const digits = text.trimStart();
  const value = BigInt(digits.replace(/^[+-]/, ""));
  if (value > MOST) throw err("invalid cursor");
  // A negative one wraps around to one of the largest.
  return digits.startsWith("-") && value !== 0n ? Number(MOST) : Number(value);
}

/** What a scan was asked for. */
export interface ScanOptions {
  /** About how many elements to visit. */
  readonly count: number;
  /** Whether an element of that name is wanted. */
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

/** Writes what a scan found, and the cursor to go on with. */
export function replyScan(
  reply: ReplyEncoder,
  cursor: number,
  found: readonly string[],
): void {
  reply.array(2);
  reply.bulk(String(cursor));
  reply.bulks(found);
}
