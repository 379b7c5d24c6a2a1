/**
 * Numbers that are written as lines.
 *
 * @module
 */

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
