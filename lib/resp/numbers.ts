/**
 * Numbers that are written as lines.
 *
 * @module
 */

import { decodeText, DOT, MINUS, ZERO } from "./bytes.ts";

/** So many digits make a number that is exact. */
const EXACT = 15;
/** So many fit 32 bits: with `| 0` V8 computes in integers, in a third of the time. */
export const SMALL = 9;
/** No byte is this: an integer has no decimal point. */
const NO_POINT = -1;
const POWERS = Array.from({ length: EXACT + 1 }, (_, i) => 10 ** i);

/**
 * Reads a decimal such as `-12.5` without making a string of it; `undefined` for
 * one of more than 15 digits, and for anything else. `point` is the decimal point.
 */
export function decimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  point: number = DOT,
): number | undefined {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let digits = 0;
  let whole = end;
  let number = 0;
  for (let i = first; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      number = digits < SMALL ? (number * 10 + digit) | 0 : number * 10 + digit;
      digits++;
    } else if (bytes[i] === point && i > first && whole === end) whole = i;
    else return undefined;
  }
  if (digits === 0 || digits > EXACT) return undefined;
  // Both are exact: so is their quotient, to the last bit.
  if (whole < end - 1) number /= POWERS[end - 1 - whole]!;
  return first > start ? -number : number;
}

/**
 * Reads an exact integer: a `bigint` beyond 2^53; `undefined` when the bytes are
 * not an integer.
 */
export function parseInteger(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | undefined {
  const short = decimal(bytes, start, end, NO_POINT);
  // Not minus zero.
  if (short !== undefined) return short + 0;
  const line = decodeText(bytes, start, end);
  if (!/^[+-]?\d{1,19}$/.test(line)) return undefined;
  const number = Number(line) + 0;
  return Number.isSafeInteger(number) ? number : BigInt(line);
}

/** Servers before 7.2 print NaN as their libc does: -nan, nan(0x1). */
const DOUBLE = /^[+-]?(\d+(\.\d*)?(e[+-]?\d+)?|inf|nan(\(\w*\))?)$/i;

/** Reads a double; `undefined` when the bytes are not one. */
export function parseDouble(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const short = decimal(bytes, start, end);
  if (short !== undefined) return short;
  const line = decodeText(bytes, start, end);
  if (!DOUBLE.test(line)) return undefined;
  return Number(line.replace(/inf/i, "Infinity"));
}

/** Reads a big number; `undefined` when the text is not one. */
export function parseBigNumber(line: string): bigint | undefined {
  return /^[+-]?\d+$/.test(line) ? BigInt(line) : undefined;
}
