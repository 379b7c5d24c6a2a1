/**
 * Small collections: one array with all elements and no spare room.
 *
 * V8 gives an array that grows by `push` room for 16 more elements. That is too
 * much for a collection of ten, so the array is copied when it grows.
 *
 * @module
 */

import { SCANNED } from "../base/keys.ts";

/** The most elements, or pairs, of a flat collection. Larger ones have an index. */
export const FLAT_MOST = SCANNED;

/** A copy of `list` with room for `count` elements at `at`; the caller sets them. */
export function grown<T>(list: readonly T[], at: number, count: number): T[] {
  const { length } = list;
  const copy = new Array<T>(length + count);
  for (let i = 0; i < at; i++) copy[i] = list[i]!;
  for (let i = at; i < length; i++) copy[i + count] = list[i]!;
  return copy;
}

/** A copy of `list` without the `count` elements at `at`. */
export function shrunk<T>(list: readonly T[], at: number, count: number): T[] {
  const copy = new Array<T>(list.length - count);
  for (let i = 0; i < at; i++) copy[i] = list[i]!;
  for (let i = at; i < copy.length; i++) copy[i] = list[i + count]!;
  return copy;
}

/** The index of the pair with this first element; -1 when there is none. */
export function pairAt(pairs: readonly unknown[], first: string): number {
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === first) return i;
  return -1;
}
