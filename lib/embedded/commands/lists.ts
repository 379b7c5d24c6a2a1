/**
 * Commands on lists that never block.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, noSuchKey, syntaxError, wrongArity } from "../base/errors.ts";
import { toBigInt, toInteger, toRange } from "../base/numbers.ts";
import { type End, ListValue } from "../values/list.ts";

/** The commands of this family. */
export const LISTS: readonly CommandSpec[] = [
  {
    name: "LPUSH",
    run: (session, args) => push(session, args, "LEFT", true),
  },
  {
    name: "RPUSH",
    run: (session, args) => push(session, args, "RIGHT", true),
  },
  {
    name: "LPUSHX",
    run: (session, args) => push(session, args, "LEFT", false),
  },
  {
    name: "RPUSHX",
    run: (session, args) => push(session, args, "RIGHT", false),
  },
  {
    name: "LPOP",
    run: (session, args) => pop(session, args, "LEFT"),
  },
  {
    name: "RPOP",
    run: (session, args) => pop(session, args, "RIGHT"),
  },
  {
    name: "LLEN",
    run: ({ db, reply }, [, key]) =>
      reply.integer(db.get(key!, ListValue)?.size ?? 0),
  },
  {
    name: "LINDEX",
    run: index,
  },
  {
    name: "LRANGE",
    run: range,
  },
  {
    name: "LPOS",
    run: position,
  },
  {
    name: "LSET",
    run: set,
  },
  {
    name: "LINSERT",
    run: insert,
  },
  {
    name: "LREM",
    run: remove,
  },
  {
    name: "LTRIM",
    run: trim,
  },
  {
    name: "LMOVE",
    run: (session, [, from, to, fromEnd, toEnd]) =>
      moveOrNull(session, from!, to!, parseEnd(fromEnd), parseEnd(toEnd)),
  },
  {
    name: "RPOPLPUSH",
    run: (session, [, from, to]) =>
      moveOrNull(session, from!, to!, "RIGHT", "LEFT"),
  },
  {
    name: "LMPOP",
    run: popMany,
  },
];

/** Reads the name of an end. */
export function parseEnd(word: string | undefined): End {
  const end = word?.toUpperCase();
  if (end !== "LEFT" && end !== "RIGHT") throw syntaxError();
  return end;
}

/** Pops an element from an existing list and notifies. */
export function popFrom(
  session: Session,
  key: string,
  list: ListValue,
  end: End,
): string {
  const element = list.pop(end);
  popped(session, key, end);
  return element;
}

/** Moves an element and replies with it; returns whether there was one. */
export function move(
  session: Session,
  from: string,
  to: string,
  fromEnd: End,
  toEnd: End,
): boolean {
  const { db, reply } = session;
  const source = db.get(from, ListValue);
  if (source === undefined) return false;
  const target = db.getOrAdd(to, ListValue, () => new ListValue());
  const element = source.pop(fromEnd);
  target.push(toEnd, element);
  session.notify("l", toEnd === "LEFT" ? "lpush" : "rpush", to);
  db.changed(to);
  popped(session, from, fromEnd);
  reply.bulk(element);
  return true;
}

/** The arguments of LMPOP and BLMPOP. */
export interface Popping {
  /** The keys, in the order in which they are tried. */
  readonly keys: string[];
  /** The end to pop from. */
  readonly end: End;
  /** The most elements to pop. */
  readonly count: number;
}

/** Reads `numkeys key [key ...] LEFT|RIGHT [COUNT count]` from `args[at]` on. */
export function parsePopping(args: readonly string[], at: number): Popping {
  const size = toRange(
    args[at]!,
    1,
    Infinity,
    () => err("numkeys should be greater than 0"),
  );
  const behind = at + 1 + size;
  if (behind >= args.length) throw syntaxError();
  const end = parseEnd(args[behind]);
  let count = 1;
  if (args.length > behind + 1) {
    const words = args.length - behind - 1;
    if (args[behind + 1]!.toUpperCase() !== "COUNT" || words < 2) {
      throw syntaxError();
    }
    count = toRange(
      args[behind + 2]!,
      1,
      Infinity,
      () => err("count should be greater than 0"),
    );
    if (words > 2) throw syntaxError();
  }
  return { keys: args.slice(at + 1, behind), end, count };
}

/** Pops elements of one list and replies with them; returns whether there were any. */
export function popSome(
  session: Session,
  key: string,
  { end, count }: Popping,
): boolean {
  const { db, reply } = session;
  const list = db.get(key, ListValue);
  if (list === undefined) return false;
  const size = Math.min(count, list.size);
  reply.array(2);
  reply.bulk(key);
  reply.array(size);
  for (let i = 0; i < size; i++) reply.bulk(list.pop(end));
  popped(session, key, end);
  session.rewrite([end === "LEFT" ? "LPOP" : "RPOP", key, String(size)]);
  return true;
}

/** Notifies that elements were popped from a list. */
function popped(session: Session, key: string, end: End): void {
  session.notify("l", end === "LEFT" ? "lpop" : "rpop", key);
  changed(session, key);
}

/** Records a changed list; notifies when it is empty and so was deleted. */
function changed(session: Session, key: string): void {
  if (session.db.changed(key)) session.notify("g", "del", key);
}

function push(
  session: Session,
  args: string[],
  end: End,
  create: boolean,
): void {
  const { db, reply } = session;
  const key = args[1]!;
  const list = create
    ? db.getOrAdd(key, ListValue, () => new ListValue())
    : db.get(key, ListValue);
  if (list === undefined) return reply.integer(0);
  for (let i = 2; i < args.length; i++) list.push(end, args[i]!);
  reply.integer(list.size);
  db.changed(key);
  session.notify("l", end === "LEFT" ? "lpush" : "rpush", key);
}

function pop(session: Session, args: string[], end: End): void {
  const { db, reply } = session;
  if (args.length > 3) throw wrongArity(args[0]!);
  const key = args[1]!;
  const count = args.length === 2 ? null : toRange(
    args[2]!,
    0,
    Infinity,
    () => err("value is out of range, must be positive"),
  );
  const list = db.get(key, ListValue);
  if (count === null) {
    if (list === undefined) reply.null();
    else reply.bulk(popFrom(session, key, list, end));
    return;
  }
  if (list === undefined) return reply.nullArray();
  const size = Math.min(count, list.size);
  reply.array(size);
  if (size === 0) return;
  for (let i = 0; i < size; i++) reply.bulk(list.pop(end));
  popped(session, key, end);
}

function index({ db, reply }: Session, [, key, text]: string[]): void {
  const list = db.get(key!, ListValue);
  if (list === undefined) return reply.null();
  const at = fromStart(toInteger(text!), list.size);
  if (at < 0 || at >= list.size) reply.null();
  else reply.bulk(list.at(at));
}

function range({ db, reply }: Session, [, key, from, to]: string[]): void {
  const [start, stop] = [toInteger(from!), toInteger(to!)];
  const list = db.get(key!, ListValue);
  if (list === undefined) return reply.array(0);
  const [first, end] = bounds(start, stop, list.size);
  reply.array(end - first);
  for (let i = first; i < end; i++) reply.bulk(list.at(i));
}

/** Converts a negative index, which counts from the end. */
function fromStart(index: number, size: number): number {
  return index < 0 ? size + index : index;
}

/** The first index and the one after the last; equal for an empty range. */
function bounds(start: number, stop: number, size: number): [number, number] {
  const first = Math.max(fromStart(start, size), 0);
  const end = Math.min(fromStart(stop, size) + 1, size);
  return first >= end ? [0, 0] : [first, end];
}

function position({ db, reply }: Session, args: string[]): void {
  const element = args[2]!;
  let rank = 1;
  let count: number | null = null;
  let longest = 0;
  for (let i = 3; i < args.length; i += 2) {
    const word = args[i]!.toUpperCase();
    const value = args[i + 1];
    if (value === undefined) throw syntaxError();
    if (word === "RANK") {
      // -2^63 is out of range: Redis negates negative ranks, which would overflow.
      rank = toRange(value, -LARGEST, LARGEST);
      if (rank === 0) {
        throw err(
          "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        );
      }
    } else if (word === "COUNT") {
      count = toRange(value, 0, Infinity, () => err("COUNT can't be negative"));
    } else if (word === "MAXLEN") {
      longest = toRange(
        value,
        0,
        Infinity,
        () => err("MAXLEN can't be negative"),
      );
    } else {
      throw syntaxError();
    }
  }
  const list = db.get(args[1]!, ListValue);
  const size = list?.size ?? 0;
  const looked = longest === 0 ? size : Math.min(longest, size);
  const wanted = count === null ? 1 : count === 0 ? Infinity : count;
  const found: number[] = [];
  let skip = Math.abs(rank) - 1;
  for (let i = 0; i < looked && found.length < wanted; i++) {
    const at = rank > 0 ? i : size - 1 - i;
    if (list!.at(at) === element && skip-- <= 0) found.push(at);
  }
  if (count === null) {
    if (found.length === 0) reply.null();
    else reply.integer(found[0]!);
    return;
  }
  reply.array(found.length);
  for (const at of found) reply.integer(at);
}

function set(session: Session, [, key, text, element]: string[]): void {
  const { db, reply } = session;
  const list = db.get(key!, ListValue);
  if (list === undefined) throw noSuchKey();
  // Like Redis, keep only 32 bits of the index.
  const index = Number(BigInt.asIntN(32, toBigInt(text!)));
  const at = fromStart(index, list.size);
  if (at < 0 || at >= list.size) throw err("index out of range");
  list.set(at, element!);
  db.changed(key!);
  session.notify("l", "lset", key!);
  session.rewrite(["LSET", key!, String(at), element!]);
  reply.ok();
}

function insert(
  session: Session,
  [, key, side, pivot, element]: string[],
): void {
  const { db, reply } = session;
  const where = side!.toUpperCase();
  if (where !== "BEFORE" && where !== "AFTER") throw syntaxError();
  const list = db.get(key!, ListValue);
  if (list === undefined) return reply.integer(0);
  for (let i = 0; i < list.size; i++) {
    if (list.at(i) !== pivot) continue;
    list.insert(where === "BEFORE" ? i : i + 1, element!);
    db.changed(key!);
    session.notify("l", "linsert", key!);
    return reply.integer(list.size);
  }
  reply.integer(-1);
}

/** The largest integer of 64 bits. */
const LARGEST = 2n ** 63n - 1n;

function remove(session: Session, [, key, count, element]: string[]): void {
  const { db, reply } = session;
  const most = toRange(count!, -LARGEST, LARGEST);
  const list = db.get(key!, ListValue);
  const removed = list?.remove(
    element!,
    most < 0 ? "RIGHT" : "LEFT",
    most === 0 ? Infinity : Math.abs(most),
  ) ?? 0;
  if (removed > 0) {
    session.notify("l", "lrem", key!);
    changed(session, key!);
  }
  reply.integer(removed);
}

function trim(session: Session, [, key, from, to]: string[]): void {
  const { db, reply } = session;
  const [start, stop] = [toInteger(from!), toInteger(to!)];
  const list = db.get(key!, ListValue);
  if (list !== undefined) {
    const { size } = list;
    const [first, end] = bounds(start, stop, size);
    list.trim(first, size - end);
    session.notify("l", "ltrim", key!);
    changed(session, key!);
  }
  reply.ok();
}

function moveOrNull(
  session: Session,
  from: string,
  to: string,
  fromEnd: End,
  toEnd: End,
): void {
  if (!move(session, from, to, fromEnd, toEnd)) session.reply.null();
}

function popMany(session: Session, args: string[]): void {
  const popping = parsePopping(args, 1);
  if (!popping.keys.some((key) => popSome(session, key, popping))) {
    session.reply.nullArray();
  }
}
