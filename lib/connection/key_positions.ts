/**
 * Where the keys are among the words of a command, for routing by slot and for
 * prefixes of keys.
 *
 * A file of its own, so that programs that need neither do not load it. A command
 * that the table does not have counts as one without keys.
 *
 * @see https://redis.io/docs/latest/develop/reference/key-specs/
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { KEYED_NAMES } from "./keyed_names.ts";
import { READ_NAMES } from "./read_names.ts";
import { groupsIn, namesKeys, readOptions, upper } from "./words.ts";

/** Returns the indices of the keys among the words. */
type Rule = (args: readonly Arg[]) => number[];

/** From `first` to `last`, which counts from the end when negative. */
function range(first: number, last: number = first, step = 1): Rule {
  return ({ length }) => {
    const end = Math.min(last < 0 ? length + last : last, length - 1);
    const indices: number[] = [];
    for (let i = first; i <= end; i += step) indices.push(i);
    return indices;
  };
}

/** The word at `at` is the number of keys, which follow it `step` apart; the word at `also` is a key, too. */
function counted(at: number, also?: number, step = 1): Rule {
  return (args) => {
    const count = Number(upper(args[at]));
    const last = at + (count > 0 ? count : 0) * step;
    const indices = range(at + 1, last, step)(args);
    return also === undefined ? indices : [also, ...indices];
  };
}

/** The first argument, and those behind `STORE` and `STOREDIST`, which are looked for from `from` on. */
function storing(from: number): Rule {
  return (args) => {
    const indices = [1];
    for (let i = from; i + 1 < args.length; i++) {
      if (/^STORE(DIST)?$/.test(upper(args[i]))) indices.push(++i);
    }
    return indices;
  };
}

/** The first argument, and the one behind the last `STORE`. */
function sorted(args: readonly Arg[]): number[] {
  const indices = [1];
  for (let i = 2; i + 1 < args.length; i++) {
    const word = upper(args[i]);
    if (word === "STORE") indices[1] = ++i;
    else if (word === "LIMIT") i += 2;
    else if (word === "BY" || word === "GET") i++;
  }
  return indices;
}

/** The first half of the words behind `STREAMS`. */
function streams(args: readonly Arg[]): number[] {
  const { keys } = readOptions(args);
  return range(keys, keys - 1 + Math.floor((args.length - keys) / 2))(args);
}

/** The third argument, or the words behind `KEYS` when that is empty. */
function migrated(args: readonly Arg[]): number[] {
  const key = args[3] ?? "";
  if ((key as string | Uint8Array).length !== 0) return range(3)(args);
  for (let i = 6; i < args.length; i++) {
    const word = upper(args[i]);
    if (word === "KEYS") return range(i + 1, -1)(args);
    if (word === "AUTH") i++;
    else if (word === "AUTH2") i += 2;
  }
  return [];
}

const RULES = new Map<string, Rule>();
for (const { keys, names } of groupsIn(READ_NAMES + KEYED_NAMES)) {
  if (!namesKeys(keys)) continue;
  const rule = ruleOf(keys);
  names.forEach((name) => RULES.set(name, rule));
}

/** Reads where a group of commands has its keys. */
function ruleOf(rule: string): Rule {
  const [word, ...more] = rule.split(" ");
  const numbers = more.map(Number);
  const [a = 0, b, c] = numbers;
  switch (word) {
    // The place of the count, of one more key, and the distance between keys.
    case "#":
      return counted(a, b || undefined, c);
    case "STORE":
      return storing(a);
    case "SORT":
      return sorted;
    case "STREAMS":
      return streams;
    case "KEYS":
      return migrated;
    default:
      return range(Number(word), ...numbers);
  }
}

/**
 * Returns the indices of the keys among the words of a command, in order; none
 * when it has none, or is not known.
 */
export function keysOf(args: readonly Arg[]): number[] {
  return lookUp(args)?.(args) ?? [];
}

/** Whether the command is one with keys, even if these arguments have none. */
export function mayHaveKeys(args: readonly Arg[]): boolean {
  return lookUp(args) !== undefined;
}

function lookUp(args: readonly Arg[]): Rule | undefined {
  const word = upper(args[0]);
  return RULES.get(word) ?? RULES.get(`${word}|${upper(args[1])}`);
}

/**
 * Returns the indices of the words that say which node of a cluster is meant:
 * the keys, the channels of sharded pub/sub, the cursor of `CLUSTERSCAN`.
 */
export function routesBy(args: readonly Arg[]): number[] {
  switch (upper(args[0])) {
    case "SPUBLISH":
    // Its cursor says which slot is next.
    case "CLUSTERSCAN":
      return range(1)(args);
    case "SSUBSCRIBE":
    case "SUNSUBSCRIBE":
      return range(1, -1)(args);
    default:
      return keysOf(args);
  }
}
