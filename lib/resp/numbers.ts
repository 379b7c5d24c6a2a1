/**
 * Numbers that are written as lines.
 *
 * @module
 */

import { DOT, MINUS, ZERO } from "./bytes.ts";

/** So many digits make a number that is exact. */
export const EXACT = 15;
/** So many fit 32 bits: with `| 0` V8 then computes in integers, in a third of the time. */
export const SMALL = 9;
const POWERS = Array.from({ length: EXACT + 1 }, (_, i) => 10 ** i);

/**
 * Reads a decimal such as `-12.5` without making a string of it; `undefined` for
 * one of more than 15 digits, and for anything else.
 */
export function decimal(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let digits = 0;
  let point = end;
  let number = 0;
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      number = digits < SMALL ? (number * 10 + digit) | 0 : number * 10 + digit;
      digits++;
    } else if (bytes[i] === DOT && i > first && point === end) point = i;
    else return undefined;
  }
  if (digits === 0 || digits > EXACT) return undefined;
  // Both are exact: so is their quotient, to the last bit.
  if (point < end - 1) number /= POWERS[end - 1 - point]!;
  return first > start ? -number : number;
}

/** Reads an integer, exact: a `bigint` beyond 2^53; `undefined` when it is none. */
export function parseInteger(line: string): number | bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(line)) return undefined;
  const exact = BigInt(line);
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/** Before 7.2 a server prints what is no number as its libc does: -nan, nan(0x1). */
const DOUBLE = /^[+-]?(\d+(\.\d*)?(e[+-]?\d+)?|inf|nan(\(\w*\))?)$/i;

/** Reads a double; `undefined` when it is none. */
export function parseDouble(line: string): number | undefined {
  if (!DOUBLE.test(line)) return undefined;
  return Number(line.replace(/inf/i, "Infinity"));
}

/** Reads a big number; `undefined` when it is none. */
export function parseBigNumber(line: string): bigint | undefined {
  return /^[+-]?\d+$/.test(line) ? BigInt(line) : undefined;
}
