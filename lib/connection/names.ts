/**
 * The names of channels and patterns: text, or bytes that are not UTF-8.
 *
 * @module
 */

import { decodeText, encodeText, isLossy } from "../resp/bytes.ts";

/** The name of a channel or a pattern. */
export type Name = string | Uint8Array;

/** Marks names that are not UTF-8: no other name begins with it. */
const BINARY = "\ud800";

/** A string for each name, the same for the text and the bytes of it. */
export function keyOf(name: Name): string {
  if (typeof name === "string" && !isLossy(name)) {
    // Unpaired surrogates are sent as U+FFFD, and come back so.
    const sent = name.toWellFormed();
    if (!isLossy(sent)) return sent;
  }
  const bytes = typeof name === "string" ? encodeText(name) : name;
  const text = decodeText(bytes);
  return isLossy(text) ? BINARY + bytes.join() : text;
}
