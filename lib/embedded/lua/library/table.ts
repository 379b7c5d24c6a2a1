/**
 * The library `table`.
 *
 * @module
 */

import { toText, typeName } from "../convert.ts";
import { isCallable, type Machine } from "../machine.ts";
import { orderError, orderMethod } from "../metamethods.ts";
import type { LuaTable } from "../table.ts";
import {
  calling,
  isTrue,
  type NativeFunction,
  type Routine,
  type RoutineRun,
  type Value,
} from "../value.ts";
import {
  addRoutines,
  integer,
  library,
  NOTHING,
  optionalInteger,
  optionalText,
  rawSet,
  readOnlyError,
  table,
  wrongType,
} from "./arguments.ts";

/** Adds `table` to the global variables. */
export function openTable(m: Machine): void {
  const made = library(FUNCTIONS);
  addRoutines(made, ROUTINES);
  m.globals.set("table", made);
}

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  concat(args, m) {
    const separator = optionalText(m, args, 1, "");
    const list = table(m, args, 0);
    const first = optionalInteger(m, args, 2, 1);
    const last = args[3] === undefined ? list.length : integer(m, args, 3);
    let made = "";
    for (let i = first; i <= last; i++) {
      const value = list.get(i);
      const shown = toText(value);
      if (shown === undefined) {
        throw m.error(
          `invalid value (${
            typeName(value)
          }) at index ${i} in table for 'concat'`,
        );
      }
      made += i < last ? shown + separator : shown;
      if (made.length > CHARGED) m.charge(made.length);
    }
    m.charge(made.length);
    return made;
  },
  getn: (args, m) => table(m, args, 0).length,
  insert(args, m) {
    const list = table(m, args, 0);
    let end = list.length + 1;
    let at = end;
    if (args.length === 3) {
      at = integer(m, args, 1);
      if (at > end) end = at;
      for (let i = end; i > at; i--) rawSet(list, i, list.get(i - 1));
    } else if (args.length !== 2) {
      throw m.error("wrong number of arguments to 'insert'");
    }
    rawSet(list, at, args[args.length - 1]);
    return NOTHING;
  },
  maxn(args, m) {
    const list = table(m, args, 0);
    let most = 0;
    for (let entry = list.next(undefined); Array.isArray(entry);) {
      const [key] = entry;
      if (typeof key === "number" && key > most) most = key;
      entry = list.next(key);
    }
    return most;
  },
  remove(args, m) {
    const list = table(m, args, 0);
    const end = list.length;
    const at = optionalInteger(m, args, 1, end);
    if (at < 1 || at > end) return NOTHING;
    const removed = list.get(at);
    for (let i = at; i < end; i++) rawSet(list, i, list.get(i + 1));
    rawSet(list, end, undefined);
    return removed;
  },
  setn(args, m) {
    table(m, args, 0);
    throw m.error("'setn' is obsolete");
  },
};

/** Larger strings are charged while they grow; smaller ones once they are complete. */
const CHARGED = 1024 * 1024;

const ROUTINES: Readonly<Record<string, Routine["run"]>> = {
  *foreach(args, m): RoutineRun {
    const list = table(m, args, 0);
    const callee = callback(m, args);
    let entry = list.next(undefined);
    while (entry !== undefined) {
      if (entry === -1) throw m.error("invalid key to 'next'");
      const [result] = yield calling(callee, ...entry);
      if (result !== undefined) return [result];
      entry = list.next(entry[0]);
    }
    return NOTHING;
  },
  *foreachi(args, m): RoutineRun {
    const list = table(m, args, 0);
    const { length } = list;
    const callee = callback(m, args);
    for (let i = 1; i <= length; i++) {
      const [result] = yield calling(callee, i, list.get(i));
      if (result !== undefined) return [result];
    }
    return NOTHING;
  },
  *sort(args, m): RoutineRun {
    const list = table(m, args, 0);
    const { length } = list;
    const compare = args[1] === undefined ? undefined : callback(m, args);
    if (list.readOnly) throw readOnlyError();
    if (compare !== undefined || !sortPlain(list, length)) {
      yield* quicksort(m, list, length, compare);
    }
    return NOTHING;
  },
};

function callback(m: Machine, args: readonly Value[]): Value {
  if (!isCallable(args[1])) throw wrongType(m, args, 1, "function");
  return args[1];
}

/** Sorts a list of only numbers or only strings; returns false for any other list. */
function sortPlain(list: LuaTable, length: number): boolean {
  const values: Value[] = [];
  const kind = typeof list.get(1);
  if (kind !== "number" && kind !== "string") return length < 2;
  for (let i = 1; i <= length; i++) {
    const value = list.get(i);
    if (typeof value !== kind || value !== value) return false;
    values.push(value);
  }
  if (kind === "number") (values as number[]).sort((a, b) => a - b);
  // The default order compares UTF-16 units: bytes, as each character is one.
  else values.sort();
  values.forEach((value, i) => list.set(i + 1, value));
  return true;
}

type Comparison = Generator<ReturnType<typeof calling>, boolean, Value[]>;

/** Whether `a` sorts before `b`. */
function* comesBefore(
  m: Machine,
  compare: Value,
  a: Value,
  b: Value,
): Comparison {
  if (compare !== undefined) return isTrue((yield calling(compare, a, b))[0]);
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  const meta = orderMethod(m, a, b, "__lt");
  if (meta === undefined) throw orderError(m, a, b);
  return isTrue((yield calling(meta, a, b))[0]);
}

/**
 * Lua's own quicksort: with an inconsistent comparison the resulting order depends
 * on the algorithm.
 */
function* quicksort(
  m: Machine,
  list: LuaTable,
  length: number,
  compare: Value,
): Generator<ReturnType<typeof calling>, void, Value[]> {
  const before = (a: Value, b: Value) => comesBefore(m, compare, a, b);
  const swap = (i: number, j: number) => {
    const value = list.get(i);
    list.set(i, list.get(j));
    list.set(j, value);
  };
  /** The parts that remain to be sorted, the next one last. */
  const parts: [first: number, last: number][] = [[1, length]];
  for (let part; (part = parts.pop()) !== undefined;) {
    const [first, last] = part;
    if (first >= last) continue;
    if (yield* before(list.get(last), list.get(first))) swap(first, last);
    if (last - first === 1) continue;
    let i = Math.floor((first + last) / 2);
    if (yield* before(list.get(i), list.get(first))) swap(i, first);
    else if (yield* before(list.get(last), list.get(i))) swap(i, last);
    if (last - first === 2) continue;
    const pivot = list.get(i);
    swap(i, last - 1);
    i = first;
    let j = last - 1;
    for (;;) {
      while (yield* before(list.get(++i), pivot)) {
        if (i > last) throw m.error("invalid order function for sorting");
      }
      while (yield* before(pivot, list.get(--j))) {
        if (j < first) throw m.error("invalid order function for sorting");
      }
      if (j < i) break;
      swap(i, j);
    }
    swap(last - 1, i);
    // As in Lua, the smaller part is sorted first.
    const [low, high]: [number, number][] = [[first, i - 1], [i + 1, last]];
    if (i - first < last - i) parts.push(high!, low!);
    else parts.push(low!, high!);
  }
}
