/**
 * Random draws for SRANDMEMBER, HRANDFIELD and ZRANDMEMBER.
 *
 * @module
 */

import { err } from "./errors.ts";
import { toBigInt } from "./numbers.ts";

/** Redis refuses a larger count. */
const MOST = 2n ** 63n - 1n;

/** Reads how many to draw; a negative count allows the same element repeatedly. */
export function toDrawCount(text: string): number {
  const count = toBigInt(text);
  if (count < -MOST) {
    throw err(
      `value is out of range, value must between -${MOST} and ${MOST}`,
    );
  }
  return Number(count);
}

/** Draws `count` different indexes below `size`: Floyd's algorithm. */
export function drawIndexes(size: number, count: number): number[] {
  const drawn = new Set<number>();
  for (let last = size - count; last < size; last++) {
    const index = drawIndex(last + 1);
    drawn.add(drawn.has(index) ? last : index);
  }
  return [...drawn];
}

/** Draws an index below `size`. */
export function drawIndex(size: number): number {
  return Math.floor(Math.random() * size);
}
