/**
 * How the options of module commands become words, besides what all families
 * have in common.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import {
  addEntries,
  addKeys,
  addNamed,
  addWord,
  type Entries,
} from "../arguments.ts";

/** Adds options whose values are words too, both in upper case. */
export function addChoices(
  words: Arg[],
  options: object,
  names: string,
): Arg[] {
  for (const word of addNamed([], options, names)) {
    addWord(words, word as string);
  }
  return words;
}

/** Adds the name of an option, and its values behind their number, if there are any. */
export function addCounted(
  words: Arg[],
  name: string,
  values: readonly Arg[] | undefined,
): Arg[] {
  if (values) addKeys(addWords(words, name), values);
  return words;
}

/** Adds names and values behind the number of all of them. */
export function addCountedEntries(
  words: Arg[],
  name: string,
  entries: Entries | undefined,
): Arg[] {
  return addCounted(words, name, entries && addEntries([], entries));
}

/** Adds words; `push` that returns the words. */
export function addWords(words: Arg[], ...more: Arg[]): Arg[] {
  words.push(...more);
  return words;
}
