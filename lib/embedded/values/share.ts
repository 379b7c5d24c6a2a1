/**
 * Interns short texts: records repeat the same field names.
 *
 * @module
 */

import { hashOf } from "../base/keys.ts";

/** How many texts are remembered: a power of two. */
const SIZE = 1024;
/** A longer text is hardly a field name. */
const LONGEST = 32;

const recent: string[] = new Array<string>(SIZE).fill("");

/** Returns an equal text that was shared before, or the text itself. */
export function share(text: string): string {
  if (text.length > LONGEST) return text;
  const at = hashOf(text) & (SIZE - 1);
  const other = recent[at]!;
  return other === text ? other : recent[at] = text;
}
