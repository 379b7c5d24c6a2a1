/**
 * What the arguments of several families have in common: the types of options,
 * and how they become words.
 *
 * @module
 */

import type { Arg } from "../resp/reply.ts";

/** At most one of the members of `T`: the others may not be given with it. */
export type AtMostOne<T> = ExactlyOne<T> | { [K in keyof T]?: never };

/** Exactly one of the members of `T`: the others may not be given with it. */
export type ExactlyOne<T> = {
  [K in keyof T]:
    & { [P in K]: T[P] }
    & { [P in Exclude<keyof T, K>]?: never };
}[keyof T];

/** One of the members of `T` or more, but not none. */
export type AtLeastOne<T> = {
  [K in keyof T]: { [P in K]: T[P] } & Partial<Omit<T, K>>;
}[keyof T];

/**
 * Names and values: an object, or an iterable of pairs such as a `Map`. Pairs
 * keep their order and may have bytes as names.
 *
 * Redis refuses to set nothing: there must be at least one.
 */
export type Entries =
  | { readonly [name: string]: Arg }
  | Iterable<readonly [Arg, Arg]>;

/** A part of a sorted result. */
export interface Limit {
  /** How many elements to skip. */
  offset: number;
  /** How many elements to give at most; with a negative number, all the rest. */
  count: number;
}

/** What an iteration with a cursor gives. */
export interface ScanOptions {
  /** Only elements whose name matches this glob-style pattern. */
  match?: Arg;
  /**
   * How much work to do per call: a hint, a part may hold more or fewer.
   *
   * @default {10}
   */
  count?: number;
}

/** An end of a list: the left one is its head. */
export type Side = "left" | "right";

/** Whether the server works in the background (`"async"`) or lets all clients wait (`"sync"`). */
export type FlushMode = "async" | "sync";

/** Whether `value` can be sent as one argument; options and entries cannot. */
export function isArg(value: unknown): value is Arg {
  // `null` is for the encoder to refuse: it names the argument.
  return typeof value !== "object" || value === null ||
    value instanceof Uint8Array;
}

/** Makes the words of the sub-commands of a command. */
export function subcommands(command: string): (...words: Arg[]) => Arg[] {
  return (...words) => [command, ...words];
}

/** Adds names and values in turn. */
export function addEntries(words: Arg[], entries: Entries): Arg[] {
  if (isIterable(entries)) {
    for (const [name, value] of entries) words.push(name, value);
  } else {
    for (const name of Object.keys(entries)) words.push(name, entries[name]!);
  }
  return words;
}

/** Whether pairs come one by one, rather than as an object. */
export function isIterable<T>(
  pairs: { readonly [name: string]: T } | Iterable<readonly [Arg, T]>,
): pairs is Iterable<readonly [Arg, T]> {
  return Symbol.iterator in pairs;
}

/** Adds keys, behind their number. */
export function addKeys(words: Arg[], keys: readonly Arg[]): Arg[] {
  words.push(keys.length);
  return addAll(words, keys);
}

/** Adds many words; unlike `push(...more)`, as many as there are. */
export function addAll(words: Arg[], more: readonly Arg[]): Arg[] {
  for (const word of more) words.push(word);
  return words;
}

/** Adds the name of an option and its value, if there is one. */
export function addOption(
  words: Arg[],
  name: string,
  value: Arg | undefined,
): Arg[] {
  if (value !== undefined) words.push(name, value);
  return words;
}

/** Adds an option's own name in upper case, if it was chosen. */
export function addWord(words: Arg[], word: string | undefined): Arg[] {
  if (word !== undefined) words.push(word.toUpperCase());
  return words;
}

/** Adds `LIMIT` with offset and count, if there is one. */
export function addLimit(words: Arg[], limit: Limit | undefined): Arg[] {
  if (limit) words.push("LIMIT", limit.offset, limit.count);
  return words;
}

/** Adds what an iteration gives. */
export function addScan(words: Arg[], options?: ScanOptions): Arg[] {
  return addNamed(words, options, "match count");
}

/** Adds an argument, if it is given. */
export function addGiven(words: Arg[], value: Arg | undefined): Arg[] {
  if (value !== undefined) words.push(value);
  return words;
}

type Option = Arg | readonly Arg[] | boolean | undefined;

/**
 * Adds the options that `names` lists, in that order: each option's own name as
 * a word, such as `CHUNK_SIZE` of `chunkSize`, and its value or values behind it
 * unless that is `true`.
 */
export function addNamed(
  words: Arg[],
  options: object | undefined,
  names: string,
): Arg[] {
  for (const name of names.split(" ")) {
    const value = (options as Record<string, Option> | undefined)?.[name];
    if (value === undefined || value === false) continue;
    words.push(name.replace(/[A-Z]/g, "_$&").toUpperCase());
    if (Array.isArray(value)) addAll(words, value);
    else if (value !== true) words.push(value as Arg);
  }
  return words;
}

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
