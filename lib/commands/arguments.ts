/**
 * Arguments that several families have in common: their types, and how they
 * become words.
 *
 * @module
 */

import { misuse, quote } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";

/** The members of `T` of which only `K` may be given. */
export type Only<T, K> = {
  [P in keyof T]?: P extends K ? T[P] | undefined : undefined;
};

/** At most one of the members of `T`: the others may not be given with it. */
export type AtMostOne<T> = { [K in keyof T]: Only<T, K> }[keyof T];

/** Exactly one of the members of `T`: the others may not be given with it. */
export type ExactlyOne<T> = {
  [K in keyof T]:
    & { [P in K]: T[P] }
    & { [P in Exclude<keyof T, K>]?: undefined };
}[keyof T];

/** One of the members of `T` or more, but not none. */
export type AtLeastOne<T> = {
  [K in keyof T]: { [P in K]: T[P] } & Partial<Omit<T, K>>;
}[keyof T];

/** One argument, or an array of arguments. */
export type OneOrMany<T extends Arg = Arg> = T | readonly T[];

/**
 * Names and values: an object, a `Map`, or any other iterable of pairs. Pairs
 * keep their order and may have bytes as names. There must be at least one.
 *
 * `T` is the object's type, which may be an `interface`.
 */
export type Entries<T = Record<string, Arg>> =
  | { readonly [K in keyof T]: Arg }
  | Iterable<readonly [Arg, Arg]>;

/** A part of a sorted result. */
export interface Limit {
  /** How many elements to skip. */
  offset: number;
  /** The maximum number of elements to return; all the rest when negative. */
  count: number;
}

/** Options of an iteration with a cursor. */
export interface ScanOptions {
  /** Only elements whose name matches this glob-style pattern. */
  match?: Arg;
  /**
   * How much work to do per call: a hint, a page may hold more or fewer.
   *
   * @default {10}
   */
  count?: number;
}

/** The options of {@linkcode ScanOptions}. */
export const SCAN = "match count";

/** An end of a list: the left one is its head. */
export type Side = "left" | "right";

/** Whether the server works in the background (`"async"`) or blocks all clients meanwhile (`"sync"`). */
export type FlushMode = "async" | "sync";

/** Whether `value` can be sent as one argument; options and entries cannot. */
export function isArg(value: unknown): value is Arg {
  // `null` is for the encoder to refuse: it names the argument.
  return typeof value !== "object" || value === null ||
    value instanceof Uint8Array;
}

/** Whether `value` is several arguments, rather than one. */
export function isMany<T extends Arg>(
  value: OneOrMany<T>,
): value is readonly T[] {
  return Array.isArray(value);
}

/** Creates the words of the sub-commands of a command. */
export function subcommands(command: string): (...words: Arg[]) => Arg[] {
  return (...words) => [command, ...words];
}

/**
 * Adds names and values: an object or an iterable of pairs, or `first` and
 * `rest` as names and values in a row.
 */
export function addEntries(
  words: Arg[],
  first: Arg | object,
  rest: readonly Arg[] = [],
): Arg[] {
  const start = words.length;
  if (first === undefined) return checkAdded(words, start);
  if (isArg(first)) {
    words.push(first, ...rest);
    if (rest.length % 2 === 1) return words;
    throw needsValue(words, words.at(-1));
  }
  checkAlone(words, rest);
  if (isIterable(first)) {
    for (const pair of first) {
      checkTuple(words[0], pair, 2, "[name, value]");
      words.push(pair[0], pair[1]);
    }
  } else {
    for (const [name, value] of Object.entries(first)) {
      if (value === undefined) throw needsValue(words, name);
      words.push(name, value);
    }
  }
  return checkAdded(words, start);
}

function needsValue([command]: readonly Arg[], name: unknown): TypeError {
  return new TypeError(`${command} needs a value behind ${quote(name)}`);
}

/** Throws when more arguments follow an object of names and values. */
export function checkAlone(words: Arg[], rest: readonly Arg[]): void {
  if (rest.length === 0) return;
  throw new TypeError(`${words[0]} takes one object, or values in a row`);
}

/** The names and values of `entries` in a row, for a command that counts them. */
export function pairsOf(
  command: string,
  entries: Arg | object,
): Arg[] {
  return addEntries([command], entries).slice(1);
}

/** Throws unless `tuple` is an array of this many elements. */
export function checkTuple(
  command: Arg | undefined,
  tuple: readonly unknown[],
  length: number,
  form: string,
): void {
  if (Array.isArray(tuple) && tuple.length === length) return;
  throw misuse(`send ${command}`, `it takes ${form} for each`, tuple);
}

/** Throws unless `values` can be iterated over: an array of what `form` shows. */
export function checkIterable(
  command: Arg | undefined,
  values: unknown,
  form: string,
): void {
  if (typeof values === "object" && values !== null && isIterable(values)) {
    return;
  }
  throw misuse(`send ${command}`, `it takes an array of ${form}`, values);
}

/** Throws when nothing was added to `words` since they were `start` words. */
export function checkAdded(words: Arg[], start: number): Arg[] {
  if (words.length > start) return words;
  throw new TypeError(`${words[0]} needs at least one more argument`);
}

/** Whether pairs come one by one, rather than as an object. */
export function isIterable<T>(
  pairs: object | Iterable<T>,
): pairs is Iterable<readonly [Arg, Arg]> {
  return Symbol.iterator in pairs;
}

/** Adds at least one argument, given in a row or as one array. */
export function addMany(words: Arg[], many: readonly OneOrMany[]): Arg[] {
  const start = words.length;
  return checkAdded(addFlat(words, many), start);
}

/** The cursor of a SCAN; no pattern, which other clients take in its place. */
export function checkCursor(command: string, cursor: Arg): Arg {
  if (typeof cursor !== "string" || /^\d/.test(cursor)) return cursor;
  throw misuse(`send ${command}`, 'its cursor is "0" at first', cursor);
}

/** Adds keys, after their count. */
export function addKeys(words: Arg[], keys: OneOrMany): Arg[] {
  const list = isMany(keys) ? keys : [keys];
  words.push(list.length);
  return checkAdded(addAll(words, list), words.length - list.length);
}

/** Adds keys, and behind them the seconds that the command waits at most. */
export function addBlocking(
  words: Arg[],
  args: readonly OneOrMany[],
): Arg[] {
  const timeout = args.at(-1);
  if (typeof timeout !== "number") {
    throw misuse(
      `send ${words[0]}`,
      "its timeout in seconds stands behind the keys",
      timeout,
    );
  }
  addMany(words, args.slice(0, -1)).push(timeout);
  return words;
}

/** Keys that are given in a row or as one array, and the options behind them. */
export function keysAndOptions<O extends object>(
  args: readonly (OneOrMany | O | undefined)[],
): [keys: readonly Arg[], options: O | undefined] {
  const [first, second] = args;
  if (Array.isArray(first)) return [first, second as O | undefined];
  if (typeof first === "number") {
    throw misuse("send keys", "it takes them without their number", first);
  }
  return rowAndOptions(args as readonly (Arg | O | undefined)[]);
}

/** Arguments in a row, and the options behind them. */
export function rowAndOptions<O extends object>(
  args: readonly (Arg | O | undefined)[],
): [row: readonly Arg[], options: O | undefined] {
  const last = args.at(-1);
  if (last !== undefined && isArg(last)) return [args as Arg[], undefined];
  return [args.slice(0, -1) as Arg[], last as O | undefined];
}

/** Adds arguments that are given in a row or as one array. */
export function addFlat(words: Arg[], many: readonly OneOrMany[]): Arg[] {
  for (const one of many) {
    if (typeof one === "object" && isMany(one)) addAll(words, one);
    else words.push(one as Arg);
  }
  return words;
}

/** Adds many words; unlike `push(...more)`, as many as there are. */
export function addAll(words: Arg[], more: readonly Arg[]): Arg[] {
  for (const word of more) words.push(word);
  return words;
}

/** Adds words of the command in upper case; those that are given. */
export function addWord(words: Arg[], word: string | undefined): Arg[] {
  if (word !== undefined) words.push(upper(words[0], word));
  return words;
}

/** A word of a command in upper case. */
export function upper(command: Arg | undefined, word: string): string {
  if (typeof word === "string") return word.toUpperCase();
  throw misuse(`send ${command}`, "its words must be strings", word);
}

/** Adds an argument, if it is given. */
export function addGiven(words: Arg[], value: Arg | undefined): Arg[] {
  if (value !== undefined) words.push(value);
  return words;
}
