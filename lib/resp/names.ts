/**
 * Names that come again and again: the fields of hashes.
 *
 * @module
 */

import { decodeText } from "./bytes.ts";

/** Longer names are read anew each time, in bytes. */
const LONGEST = 32;
/** How many names are remembered: a power of two. */
const PLACES = 1024;

// Each name has one place, by some of its bytes, and takes it from another name. For
// a name under three bytes, the bytes before it count: a line feed, always the same.
const names: string[] = Array.from({ length: PLACES }, () => "");
/** Their bytes, `LONGEST` for each place. */
const remembered = new Uint8Array(PLACES * LONGEST);
const lengths = new Uint8Array(PLACES);

/**
 * Decodes a name, or returns the string that was made of it before. That is faster
 * in itself, and again where the string names a property: V8 has looked it up by
 * then.
 */
export function nameText(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  const length = end - start;
  if (length > LONGEST) return decodeText(bytes, start, end);
  const hash = length + 3 * bytes[start]! + 7 * bytes[start + end >> 1]! +
    241 * bytes[end - 3]! + 67 * bytes[end - 2]! + 31 * bytes[end - 1]!;
  const place = hash & (PLACES - 1);
  const at = place * LONGEST;
  let same = 0;
  while (same < length && remembered[at + same] === bytes[start + same]) same++;
  if (same === length && lengths[place] === length) return names[place]!;
  for (let i = 0; i < length; i++) remembered[at + i] = bytes[start + i]!;
  lengths[place] = length;
  return names[place] = decodeText(bytes, start, end);
}
