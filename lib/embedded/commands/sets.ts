/**
 * Commands on sets.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { drawIndex, drawIndexes, toDrawCount } from "../base/draw.ts";
import { err, syntaxError } from "../base/errors.ts";
import { toRange } from "../base/numbers.ts";
import { parseCursor, parseScan, replyScan } from "../base/scan.ts";
import { SetValue } from "../values/set.ts";

/** The commands of this family. */
export const SETS: readonly CommandSpec[] = [
  {
    name: "SADD",
    run: add,
  },
  {
    name: "SREM",
    run: remove,
  },
  {
    name: "SMOVE",
    run: move,
  },
  {
    name: "SISMEMBER",
    run: ({ db, reply }, [, key, member]) =>
      reply.integer(db.get(key!, SetValue)?.has(member!) ? 1 : 0),
  },
  {
    name: "SMISMEMBER",
    run: areMembers,
  },
  {
    name: "SCARD",
    run: ({ db, reply }, [, key]) =>
      reply.integer(db.get(key!, SetValue)?.size ?? 0),
  },
  {
    name: "SMEMBERS",
    run: (session, [, key]) =>
      replySet(session, session.db.get(key!, SetValue)?.members() ?? []),
  },
  {
    name: "SPOP",
    run: pop,
  },
  {
    name: "SRANDMEMBER",
    run: random,
  },
  {
    name: "SINTER",
    run: (session, args) =>
      replySet(session, intersect(find(session, args, 1))),
  },
  {
    name: "SINTERSTORE",
    run: (session, args) =>
      store(session, args, new SetValue(intersect(find(session, args, 2)))),
  },
  {
    name: "SINTERCARD",
    run: intersectionSize,
  },
  {
    name: "SUNION",
    run: (session, args) =>
      replySet(session, union(find(session, args, 1)).members()),
  },
  {
    name: "SUNIONSTORE",
    run: (session, args) => store(session, args, union(find(session, args, 2))),
  },
  {
    name: "SDIFF",
    run: (session, args) =>
      replySet(session, subtract(find(session, args, 1)).members()),
  },
  {
    name: "SDIFFSTORE",
    run: (session, args) =>
      store(session, args, subtract(find(session, args, 2))),
  },
  {
    name: "SSCAN",
    run: scan,
  },
];

/** Records a changed set; notifies when it is empty and so was deleted. */
function changed(session: Session, key: string): void {
  if (session.db.changed(key)) session.notify("g", "del", key);
}

function replySet({ reply }: Session, members: readonly string[]): void {
  reply.set(members.length);
  for (const member of members) reply.bulk(member);
}

function add(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const count = args.length - 2;
  const set = db.getOrAdd(key, SetValue, () => new SetValue([], count));
  let added = 0;
  for (let i = 2; i < args.length; i++) {
    if (set.add(args[i]!)) added++;
  }
  if (added > 0) {
    db.changed(key);
    session.notify("s", "sadd", key);
  }
  reply.integer(added);
}

function remove(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const set = db.get(key, SetValue);
  let removed = 0;
  if (set !== undefined) {
    for (let i = 2; i < args.length; i++) {
      if (set.delete(args[i]!)) removed++;
    }
  }
  if (removed > 0) {
    session.notify("s", "srem", key);
    changed(session, key);
  }
  reply.integer(removed);
}

function move(session: Session, [, from, to, member]: string[]): void {
  const { db, reply } = session;
  const source = db.get(from!, SetValue);
  if (source === undefined) return reply.integer(0);
  const target = db.get(to!, SetValue);
  if (source === target) return reply.integer(source.has(member!) ? 1 : 0);
  if (!source.delete(member!)) return reply.integer(0);
  session.notify("s", "srem", from!);
  changed(session, from!);
  const set = target ?? db.getOrAdd(to!, SetValue, () => new SetValue());
  if (set.add(member!)) {
    db.changed(to!);
    session.notify("s", "sadd", to!);
  }
  reply.integer(1);
}

function areMembers({ db, reply }: Session, args: string[]): void {
  const set = db.get(args[1]!, SetValue);
  reply.array(args.length - 2);
  for (let i = 2; i < args.length; i++) {
    reply.integer(set?.has(args[i]!) ? 1 : 0);
  }
}

function pop(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  if (args.length > 3) throw syntaxError();
  const count = args.length === 2 ? null : toRange(
    args[2]!,
    0,
    Infinity,
    () => err("value is out of range, must be positive"),
  );
  const set = db.get(key, SetValue);
  if (set === undefined) {
    if (count === null) reply.null();
    else reply.set(0);
    return;
  }
  if (count === 0) return reply.set(0);
  const popped = count === null ? [set.random()] : draw(set, count);
  for (const member of popped) set.delete(member);
  session.notify("s", "spop", key);
  changed(session, key);
  session.rewrite(
    set.size === 0 ? ["DEL", key] : ["SREM", key, ...popped],
  );
  if (count === null) reply.bulk(popped[0]!);
  else replySet(session, popped);
}

/** Draws distinct members; all of them, in order, when `count` is large enough. */
function draw(set: SetValue, count: number): string[] {
  const members = set.members();
  if (count >= members.length) return [...members];
  return drawIndexes(members.length, count).map((at) => members[at]!);
}

function random({ db, reply }: Session, args: string[]): void {
  const key = args[1]!;
  if (args.length === 2) {
    return reply.bulkOrNull(db.get(key, SetValue)?.random());
  }
  if (args.length > 3) throw syntaxError();
  const count = toDrawCount(args[2]!);
  const set = db.get(key, SetValue);
  if (set === undefined || count === 0) return reply.array(0);
  if (count > 0) return reply.bulks(draw(set, count));
  const members = set.members();
  reply.array(-count);
  for (let i = 0; i < -count; i++) {
    reply.bulk(members[drawIndex(members.length)]!);
  }
}

const EMPTY = new SetValue();

/** The sets of the keys from `args[from]` on; an absent key gives an empty set. */
function find(
  { db }: Session,
  args: readonly string[],
  from: number,
): SetValue[] {
  const sets: SetValue[] = [];
  for (let i = from; i < args.length; i++) {
    sets.push(db.get(args[i]!, SetValue) ?? EMPTY);
  }
  return sets;
}

/** The intersection, at most `limit` members, in the order of the smallest set. */
function intersect(sets: readonly SetValue[], limit = Infinity): string[] {
  const [smallest, ...others] = sets.toSorted((a, b) => a.size - b.size);
  const found: string[] = [];
  for (const member of smallest!.members()) {
    if (found.length >= limit) break;
    if (others.every((set) => set.has(member))) found.push(member);
  }
  return found;
}

function union(sets: readonly SetValue[]): SetValue {
  const all = new SetValue();
  for (const set of sets) {
    for (const member of set.members()) all.add(member);
  }
  return all;
}

/** The members of the first set that are in no other. */
function subtract([first, ...others]: readonly SetValue[]): SetValue {
  return new SetValue(
    first!.members().filter((member) => !others.some((set) => set.has(member))),
  );
}

function store(session: Session, args: readonly string[], set: SetValue): void {
  const { db, reply } = session;
  const key = args[1]!;
  if (set.size > 0) {
    db.set(key, set);
    session.notify("s", args[0]!.toLowerCase(), key);
  } else if (db.delete(key)) {
    session.notify("g", "del", key);
  }
  reply.integer(set.size);
}

function intersectionSize(session: Session, args: string[]): void {
  const size = toRange(
    args[1]!,
    1,
    Infinity,
    () => err("numkeys should be greater than 0"),
  );
  const behind = 2 + size;
  if (behind > args.length) {
    throw err("Number of keys can't be greater than number of args");
  }
  let limit = 0;
  for (let i = behind; i < args.length; i += 2) {
    const value = args[i + 1];
    if (args[i]!.toUpperCase() !== "LIMIT" || value === undefined) {
      throw syntaxError();
    }
    limit = toRange(value, 0, Infinity, () => err("LIMIT can't be negative"));
  }
  const sets = find(session, args.slice(0, behind), 2);
  session.reply.integer(intersect(sets, limit || Infinity).length);
}

function scan({ db, reply }: Session, args: string[]): void {
  const cursor = parseCursor(args[2]!);
  const set = db.get(args[1]!, SetValue);
  if (set === undefined) return replyScan(reply, 0, []);
  const { count, wants } = parseScan(args, 3);
  const found: string[] = [];
  const next = set.scan(cursor, count, (member) => {
    if (wants(member)) found.push(member);
  });
  replyScan(reply, next, found);
}
