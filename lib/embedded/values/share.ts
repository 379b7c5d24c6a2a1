/**
 * One text for many that are equal: records have the same field names.
 *
 * @module
 */

import { hashOf } from "../base/keys.ts";

/** How many texts are remembered: a power of two. */
const SIZE = 1024;
/** A longer text is hardly the name of a field. */
const LONGEST = 32;

const recent: string[] = new Array<string>(SIZE).fill("");

/** The text itself, or one that is equal to it and was shared before. */
export function share(text: string): string {
  if (text.length > LONGEST) return text;
  const at = hashOf(text) & (SIZE - 1);
  const other = recent[at]!;
  return other === text ? other : recent[at] = text;
}
