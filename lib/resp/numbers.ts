/**
 * Numbers that are written as lines.
 *
 * @module
 */

/**
 * Reads an exact integer: a `bigint` beyond 2^53; `undefined` when the text is
 * not an integer.
 */
export function parseInteger(line: string): number | bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(line)) return undefined;
  const exact = BigInt(line);
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/** Servers before 7.2 print NaN as their libc does: -nan, nan(0x1). */
const DOUBLE = /^[+-]?(\d+(\.\d*)?(e[+-]?\d+)?|inf|nan(\(\w*\))?)$/i;

/** Reads a double; `undefined` when the text is not one. */
export function parseDouble(line: string): number | undefined {
  if (!DOUBLE.test(line)) return undefined;
  return Number(line.replace(/inf/i, "Infinity"));
}

/** Reads a big number; `undefined` when the text is not one. */
export function parseBigNumber(line: string): bigint | undefined {
  return /^[+-]?\d+$/.test(line) ? BigInt(line) : undefined;
}
