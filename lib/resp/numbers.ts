/**
 * Numbers that are written as lines: doubles and big numbers.
 *
 * @module
 */

/** Reads a double; `undefined` when it is none. */
export function parseDouble(line: string): number | undefined {
  if (/^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(line)) return Number(line);
  if (/^\+?inf$/i.test(line)) return Infinity;
  if (/^-inf$/i.test(line)) return -Infinity;
  // Before 7.2 a server prints it as its libc does: -nan, nan(0x1).
  return /^[+-]?nan(\(\w*\))?$/i.test(line) ? NaN : undefined;
}

/** Reads a big number; `undefined` when it is none. */
export function parseBigNumber(line: string): bigint | undefined {
  return /^[+-]?\d+$/.test(line) ? BigInt(line) : undefined;
}
