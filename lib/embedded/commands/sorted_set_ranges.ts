/**
 * Commands on ranges of a sorted set.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { formatDouble, toInteger } from "../base/numbers.ts";
import { SortedSet } from "../values/sorted_set.ts";
import type { Visit } from "../values/sorted_tree.ts";
import { type By, parseRange, type Range } from "./sorted_set_bounds.ts";

/** The commands of this family. */
export const SORTED_SET_RANGES: readonly CommandSpec[] = [
  {
    name: "ZRANGE",
    run: zrange,
  },
  {
    name: "ZRANGEBYLEX",
    run: zrangebylex,
  },
  {
    name: "ZRANGEBYSCORE",
    run: zrangebyscore,
  },
  {
    name: "ZREVRANGE",
    run: zrevrange,
  },
  {
    name: "ZREVRANGEBYLEX",
    run: zrevrangebylex,
  },
  {
    name: "ZREVRANGEBYSCORE",
    run: zrevrangebyscore,
  },
  {
    name: "ZRANGESTORE",
    run: zrangestore,
  },
  {
    name: "ZREMRANGEBYLEX",
    run: zremrangebylex,
  },
  {
    name: "ZREMRANGEBYRANK",
    run: zremrangebyrank,
  },
  {
    name: "ZREMRANGEBYSCORE",
    run: zremrangebyscore,
  },
];

/** The form of a command of the family, as its name tells it. */
interface Form {
  /** The order; left out where options tell it. */
  by?: By;
  /** Whether it is reversed; absent when an option determines it. */
  reverse?: boolean;
}

/** The arguments of a range command. */
interface Query {
  by: By;
  reverse: boolean;
  withScores: boolean;
  range: Range;
  offset: number;
  /** The most members; negative for all. */
  limit: number;
}

function zrange(session: Session, args: string[]): void {
  show(session, args[1]!, parseQuery(args, 2, {}, true));
}

function zrangebylex(session: Session, args: string[]): void {
  const form: Form = { by: "lex", reverse: false };
  show(session, args[1]!, parseQuery(args, 2, form, true));
}

function zrangebyscore(session: Session, args: string[]): void {
  const form: Form = { by: "score", reverse: false };
  show(session, args[1]!, parseQuery(args, 2, form, true));
}

function zrevrange(session: Session, args: string[]): void {
  const form: Form = { by: "rank", reverse: true };
  show(session, args[1]!, parseQuery(args, 2, form, true));
}

function zrevrangebylex(session: Session, args: string[]): void {
  const form: Form = { by: "lex", reverse: true };
  show(session, args[1]!, parseQuery(args, 2, form, true));
}

function zrevrangebyscore(session: Session, args: string[]): void {
  const form: Form = { by: "score", reverse: true };
  show(session, args[1]!, parseQuery(args, 2, form, true));
}

function zrangestore(session: Session, args: string[]): void {
  const { db, reply } = session;
  const target = args[1]!;
  const query = parseQuery(args, 3, {}, false);
  const source = db.get(args[2]!, SortedSet);
  const result = new SortedSet();
  if (source !== undefined) {
    const { start, end } = ranksOf(source, query);
    visit(source, query, start, end, (member, score) => {
      result.set(member, score);
    });
  }
  storeSortedSet(session, target, result, "zrangestore");
  reply.integer(result.size);
}

/** Stores the result of a command; an empty result deletes the key. */
export function storeSortedSet(
  session: Session,
  key: string,
  result: SortedSet,
  event: string,
): void {
  if (result.size > 0) {
    session.db.set(key, result);
    session.notify("z", event, key);
  } else if (session.db.delete(key)) {
    session.notify("g", "del", key);
  }
}

/** Reads MIN MAX [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]. */
function parseQuery(
  args: string[],
  at: number,
  form: Form,
  shown: boolean,
): Query {
  let { by, reverse } = form;
  let withScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = at + 2; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "WITHSCORES" && shown) withScores = true;
    else if (word === "LIMIT" && i + 2 < args.length) {
      offset = toInteger(args[i + 1]!);
      limit = toInteger(args[i + 2]!);
      i += 2;
    } else if (word === "REV" && reverse === undefined) reverse = true;
    else if (word === "BYLEX" && by === undefined) by = "lex";
    else if (word === "BYSCORE" && by === undefined) by = "score";
    else throw syntaxError();
  }
  by ??= "rank";
  reverse ??= false;
  if (limit !== -1 && by === "rank") {
    throw err(
      "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  if (withScores && by === "lex") {
    throw err(
      "syntax error, WITHSCORES not supported in combination with BYLEX",
    );
  }
  // A reversed range names the higher bound first; reversed ranks count from the end.
  const swapped = reverse && by !== "rank";
  const range = parseRange(
    by,
    args[swapped ? at + 1 : at]!,
    args[swapped ? at : at + 1]!,
  );
  return { by, reverse, withScores, range, offset, limit };
}

/** The ranks of the result of a query. */
function ranksOf(
  set: SortedSet,
  { by, reverse, range, offset, limit }: Query,
): { start: number; end: number } {
  let { start, end } = range(set);
  if (by === "rank") {
    return reverse ? { start: set.size - end, end: set.size - start } : {
      start,
      end,
    };
  }
  if (offset < 0) return { start: 0, end: 0 };
  if (reverse) {
    end -= offset;
    if (limit >= 0) start = Math.max(start, end - limit);
  } else {
    start += offset;
    if (limit >= 0) end = Math.min(end, start + limit);
  }
  return { start, end };
}

function visit(
  set: SortedSet,
  { reverse }: Query,
  start: number,
  end: number,
  look: Visit,
): void {
  if (reverse) set.eachBack(start, end, look);
  else set.each(start, end, look);
}

function show({ db, reply }: Session, key: string, query: Query): void {
  const set = db.get(key, SortedSet);
  if (set === undefined) return reply.array(0);
  const { start, end } = ranksOf(set, query);
  const count = Math.max(end - start, 0);
  if (!query.withScores) {
    reply.array(count);
    visit(set, query, start, end, (member) => reply.bulk(member));
    return;
  }
  const nested = reply.protocol === 3;
  reply.array(nested ? count : count * 2);
  visit(set, query, start, end, (member, score) => {
    if (nested) reply.array(2);
    reply.bulk(member);
    reply.double(formatDouble(score));
  });
}

function zremrangebylex(session: Session, args: string[]): void {
  removeRange(session, args, "lex");
}

function zremrangebyrank(session: Session, args: string[]): void {
  removeRange(session, args, "rank");
}

function zremrangebyscore(session: Session, args: string[]): void {
  removeRange(session, args, "score");
}

function removeRange(session: Session, args: string[], by: By): void {
  const { db, reply } = session;
  const [, key, min, max] = args as [string, string, string, string];
  const range = parseRange(by, min, max);
  const set = db.get(key, SortedSet);
  if (set === undefined) return reply.integer(0);
  const { start, end } = range(set);
  const members: string[] = [];
  set.each(start, end, (member) => {
    members.push(member);
  });
  for (const member of members) set.delete(member);
  if (members.length > 0) {
    session.notify("z", `zremrangeby${by}`, key);
    if (db.changed(key)) session.notify("g", "del", key);
  }
  reply.integer(members.length);
}
