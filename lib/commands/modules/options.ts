/**
 * How the options of module commands become words. They are many, so they are
 * added by name: `distanceMetric` is sent as `DISTANCE_METRIC`.
 *
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addEntries, addKeys, type Entries } from "../arguments.ts";

function wordOf(name: string): string {
  return name.replace(/[A-Z]/g, "_$&").toUpperCase();
}

/** Adds options in the order of `names`: the word of a flag, or a word and its value. */
export function addNamed<K extends string>(
  words: Arg[],
  options: { readonly [P in K]?: Arg | boolean },
  names: readonly K[],
): Arg[] {
  for (const name of names) {
    const value: Arg | boolean | undefined = options[name];
    if (value === undefined || value === false) continue;
    words.push(wordOf(name));
    if (value !== true) words.push(value);
  }
  return words;
}

/** Adds options whose values are words too, both in upper case. */
export function addChoices<K extends string>(
  words: Arg[],
  options: { readonly [P in K]?: string },
  names: readonly K[],
): Arg[] {
  for (const name of names) {
    const value: string | undefined = options[name];
    if (value !== undefined) words.push(wordOf(name), value.toUpperCase());
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
