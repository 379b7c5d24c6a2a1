/**
 * SORT and SORT_RO.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError, wrongType } from "../base/errors.ts";
import { parseFloat64, toInteger } from "../base/numbers.ts";
import { HashValue } from "../values/hash.ts";
import { ListValue } from "../values/list.ts";
import { SetValue } from "../values/set.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { StringValue } from "../values/string.ts";
import type { Value } from "../values/value.ts";

/** The commands of this family. */
export const SORT: readonly CommandSpec[] = [
  {
    name: "SORT",
    keys: keysOfSort,
    run: sort,
  },
  {
    name: "SORT_RO",
    run: sort,
  },
];

/** The indexes of the key, and of the key after the last STORE. */
function keysOfSort(args: readonly string[]): number[] {
  let stored = 0;
  for (let i = 2; i + 1 < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "LIMIT") i += 2;
    else if (word === "BY" || word === "GET") i++;
    else if (word === "STORE") stored = ++i;
  }
  return stored === 0 ? [1] : [1, stored];
}

/** The options of SORT. */
interface Options {
  readonly by: string | null;
  readonly get: readonly string[];
  readonly store: string | null;
  readonly alpha: boolean;
  readonly descending: boolean;
  readonly offset: number;
  readonly count: number;
}

function sort(session: Session, args: string[]): void {
  const { db, reply } = session;
  const options = readOptions(args);
  const value = db.use(args[1]!);
  const sorted = value === undefined
    ? []
    : sortedElements(session, value, options);
  const { get, store } = options;
  const output = get.length === 0
    ? sorted
    : sorted.flatMap((element) =>
      get.map((pattern) => lookUp(session, pattern, element))
    );
  if (store === null) {
    reply.array(output.length);
    for (const element of output) reply.bulkOrNull(element);
    return;
  }
  if (output.length > 0) {
    db.set(store, new ListValue(output.map((element) => element ?? "")));
    session.notify("l", "sortstore", store);
  } else if (db.delete(store)) {
    session.notify("g", "del", store);
  }
  reply.integer(output.length);
}

function readOptions(args: string[]): Options {
  const readOnly = args[0]!.length > "SORT".length;
  const get: string[] = [];
  let by: string | null = null;
  let store: string | null = null;
  let alpha = false;
  let descending = false;
  let offset = 0;
  let count = -1;
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    const left = args.length - i - 1;
    if (word === "ASC") descending = false;
    else if (word === "DESC") descending = true;
    else if (word === "ALPHA") alpha = true;
    else if (word === "LIMIT" && left >= 2) {
      offset = toInteger(args[++i]!);
      count = toInteger(args[++i]!);
    } else if (word === "STORE" && left >= 1 && !readOnly) store = args[++i]!;
    else if (word === "BY" && left >= 1) by = args[++i]!;
    else if (word === "GET" && left >= 1) get.push(args[++i]!);
    else throw syntaxError();
  }
  return { by, get, store, alpha, descending, offset, count };
}

/** The elements in order, cut to the limit. */
function sortedElements(
  session: Session,
  value: Value,
  options: Options,
): string[] {
  let { by, alpha } = options;
  const elements = elementsOf(value);
  // A BY pattern without `*` is the same for all elements: SORT keeps their order.
  let unsorted = by !== null && !by.includes("*");
  if (unsorted && value instanceof SetValue && options.store !== null) {
    // The order of a set is not defined: sort, so that replicas store the same result.
    unsorted = false;
    alpha = true;
    by = null;
  }
  if (unsorted) {
    if (options.descending && !(value instanceof SetValue)) elements.reverse();
  } else {
    order(session, elements, by, alpha, options.descending);
  }
  const start = Math.max(options.offset, 0);
  const end = options.count < 0 ? elements.length : start + options.count;
  return elements.slice(start, end);
}

function elementsOf(value: Value): string[] {
  if (value instanceof ListValue) return value.elements();
  if (value instanceof SetValue) return [...value.members()];
  if (!(value instanceof SortedSet)) throw wrongType();
  const members: string[] = [];
  value.each(0, value.size, (member) => void members.push(member));
  return members;
}

/** Sorts in place, each element by its weight. */
function order(
  session: Session,
  elements: string[],
  by: string | null,
  alpha: boolean,
  descending: boolean,
): void {
  const weights = new Map<string, string | number | undefined>();
  for (const element of elements) {
    if (weights.has(element)) continue;
    const weight = by === null ? element : lookUp(session, by, element);
    weights.set(element, alpha ? weight : toScore(weight ?? "0"));
  }
  const sign = descending ? -1 : 1;
  elements.sort((a, b) => {
    const difference = compare(weights.get(a), weights.get(b));
    // Elements with equal scores are compared as text; with ALPHA they stay equal.
    return sign * (difference === 0 && !alpha ? compare(a, b) : difference);
  });
}

function compare(
  a: string | number | undefined,
  b: string | number | undefined,
): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Reads the weight of an element: a decimal number, up to a zero byte. */
function toScore(text: string): number {
  const whole = text.replace(/\0[^]*$/, "");
  const isHexadecimal = /^[-+]?0x/i.test(whole);
  const score = whole === "" ? 0 : isHexadecimal ? null : parseFloat64(whole);
  // C's `strtod` reports subnormal numbers as out of range.
  const lost = score !== null && score !== 0 && Math.abs(score) < LEAST_NORMAL;
  if (score === null || lost) {
    throw err("One or more scores can't be converted into double");
  }
  return score;
}

const LEAST_NORMAL = 2 ** -1022;

/**
 * The value that a pattern of BY or GET leads to for an element: `#` to itself, `key*` to
 * the string of a key, `key*->field` to the field of a hash.
 */
function lookUp(
  { core, db }: Session,
  pattern: string,
  element: string,
): string | undefined {
  if (pattern === "#") return element;
  const star = pattern.indexOf("*");
  if (star < 0) return undefined;
  let arrow = pattern.indexOf("->", star + 1);
  // A `->` without a field after it belongs to the key.
  if (arrow < 0 || arrow + 2 === pattern.length) arrow = pattern.length;
  const key = pattern.slice(0, star) + element + pattern.slice(star + 1, arrow);
  const value = db.use(key);
  if (arrow === pattern.length) {
    return value instanceof StringValue ? value.text : undefined;
  }
  if (!(value instanceof HashValue)) return undefined;
  const field = pattern.slice(arrow + 2);
  // An expired field may still be in memory.
  const over = (value.expiryOf(field) ?? Infinity) <= core.now;
  return over ? undefined : value.get(field);
}
