/**
 * Commands that pop the first or the last members of a sorted set, with their
 * blocking forms.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { parseTimeout } from "../session/blocking.ts";
import { err, syntaxError } from "../base/errors.ts";
import { formatDouble, toRange } from "../base/numbers.ts";
import { SortedSet } from "../values/sorted_set.ts";

/** The commands of this family. */
export const SORTED_SET_POPS: readonly CommandSpec[] = [
  {
    name: "ZPOPMIN",
    run: (session, args) => pop(session, args, "MIN"),
  },
  {
    name: "ZPOPMAX",
    run: (session, args) => pop(session, args, "MAX"),
  },
  {
    name: "ZMPOP",
    run: zmpop,
  },
  {
    name: "BZPOPMIN",
    run: (session, args) => blockingPop(session, args, "MIN"),
  },
  {
    name: "BZPOPMAX",
    run: (session, args) => blockingPop(session, args, "MAX"),
  },
  {
    name: "BZMPOP",
    run: bzmpop,
  },
];

type End = "MIN" | "MAX";

/** The arguments of ZMPOP. */
interface Popping {
  readonly keys: readonly string[];
  readonly end: End;
  readonly count: number;
}

function pop(session: Session, args: string[], end: End): void {
  const { db, reply } = session;
  const [, key, given] = args;
  if (args.length > 3) throw syntaxError();
  const count = given === undefined ? 1 : toRange(
    given,
    0,
    Infinity,
    () => err("value is out of range, must be positive"),
  );
  const set = db.get(key!, SortedSet);
  if (set === undefined || count === 0) return reply.array(0);
  const size = Math.min(count, set.size);
  const nested = given !== undefined && reply.protocol === 3;
  reply.array(nested ? size : size * 2);
  take(session, key!, set, end, size, nested);
}

/** Pops members of a set and replies with their scores. */
function take(
  session: Session,
  key: string,
  set: SortedSet,
  end: End,
  size: number,
  nested: boolean,
): void {
  const { db, reply } = session;
  const members: string[] = [];
  const show = (member: string, score: number) => {
    if (nested) reply.array(2);
    reply.bulk(member);
    reply.double(formatDouble(score));
    members.push(member);
  };
  if (end === "MIN") set.each(0, size, show);
  else set.eachBack(set.size - size, set.size, show);
  for (const member of members) set.delete(member);
  session.notify("z", end === "MIN" ? "zpopmin" : "zpopmax", key);
  if (db.changed(key)) session.notify("g", "del", key);
}

function zmpop(session: Session, args: string[]): void {
  const popping = parsePopping(args, 1);
  if (!popping.keys.some((key) => popSome(session, key, popping))) {
    session.reply.nullArray();
  }
}

/** Reads numkeys key [key ...] MIN|MAX [COUNT count] from `args[at]` on. */
function parsePopping(args: readonly string[], at: number): Popping {
  const positive = (text: string, name: string) =>
    toRange(
      text,
      1,
      Infinity,
      () => err(`${name} should be greater than 0`),
    );
  const behind = at + 1 + positive(args[at]!, "numkeys");
  const keys = args.slice(at + 1, behind);
  const end = args[behind]?.toUpperCase();
  if (end !== "MIN" && end !== "MAX") throw syntaxError();
  const [word, count, ...rest] = args.slice(behind + 1);
  if (word === undefined) return { keys, end, count: 1 };
  if (word.toUpperCase() !== "COUNT" || count === undefined) {
    throw syntaxError();
  }
  const popping = { keys, end, count: positive(count, "count") } as const;
  if (rest.length > 0) throw syntaxError();
  return popping;
}

/** Pops members of one set and replies with them; returns whether there were any. */
function popSome(
  session: Session,
  key: string,
  { end, count }: Popping,
): boolean {
  const { db, reply } = session;
  const set = db.get(key, SortedSet);
  if (set === undefined) return false;
  const size = Math.min(count, set.size);
  reply.array(2);
  reply.bulk(key);
  reply.array(size);
  take(session, key, set, end, size, true);
  session.rewrite([`ZPOP${end}`, key, String(size)]);
  return true;
}

function blockingPop(session: Session, args: string[], end: End): void {
  const { db, reply } = session;
  const timeout = parseTimeout(args.at(-1)!);
  takeOrWait(session, args.slice(1, -1), timeout, (key) => {
    const set = db.get(key, SortedSet);
    if (set === undefined) return false;
    reply.array(3);
    reply.bulk(key);
    take(session, key, set, end, 1, false);
    session.rewrite([`ZPOP${end}`, key]);
    return true;
  });
}

function bzmpop(session: Session, args: string[]): void {
  const popping = parsePopping(args, 2);
  const timeout = parseTimeout(args[1]!);
  takeOrWait(
    session,
    popping.keys,
    timeout,
    (key) => popSome(session, key, popping),
  );
}

/** Tries each key in order; blocks on all of them when none has a member. */
function takeOrWait(
  session: Session,
  keys: readonly string[],
  timeout: number,
  serve: (key: string) => boolean,
): void {
  const { core, reply } = session;
  if (keys.some(serve)) return;
  if (session.inExec) return reply.nullArray();
  core.waiting.add(session, {
    keys,
    timeout,
    // BZPOPMIN goes on waiting while the key holds another type.
    serve: (key) => session.db.peek(key) instanceof SortedSet && serve(key),
    timedOut: () => reply.nullArray(),
  });
}
