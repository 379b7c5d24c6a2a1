/**
 * How the options of module commands become words, besides what all families
 * have in common.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addEntries, addKeys, type Entries } from "../arguments.ts";

/** Adds the name of an option, and its values behind their number, if there are any. */
export function addCounted(
  words: Arg[],
  name: string,
  values: readonly Arg[] | undefined,
): Arg[] {
  if (values) addKeys(addWords(words, name), values);
  return words;
}

/** Adds parameters, their names and values behind the number of all of them. */
export function addParams(words: Arg[], params: Entries | undefined): Arg[] {
  return addCounted(words, "PARAMS", params && addEntries([], params));
}

/** Adds words; `push` that returns the words. */
export function addWords(words: Arg[], ...more: Arg[]): Arg[] {
  words.push(...more);
  return words;
}
