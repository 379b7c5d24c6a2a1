/**
 * Commands on the members of a sorted set.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError, wrongArity } from "../base/errors.ts";
import {
  formatDouble,
  formatLongDouble,
  toBigInt,
  toFloat,
} from "../base/numbers.ts";
import { parseCursor, parseScan, replyScan } from "../base/scan.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { type By, parseRange } from "./sorted_set_bounds.ts";

/** The commands of this family. */
export const SORTED_SETS: readonly CommandSpec[] = [
  {
    name: "ZADD",
    run: zadd,
  },
  {
    name: "ZCARD",
    run: zcard,
  },
  {
    name: "ZCOUNT",
    run: zcount,
  },
  {
    name: "ZINCRBY",
    run: zincrby,
  },
  {
    name: "ZLEXCOUNT",
    run: zlexcount,
  },
  {
    name: "ZMSCORE",
    run: zmscore,
  },
  {
    name: "ZRANDMEMBER",
    run: zrandmember,
  },
  {
    name: "ZRANK",
    run: (session, args) => zrank(session, args, false),
  },
  {
    name: "ZREM",
    run: zrem,
  },
  {
    name: "ZREVRANK",
    run: (session, args) => zrank(session, args, true),
  },
  {
    name: "ZSCAN",
    run: zscan,
  },
  {
    name: "ZSCORE",
    run: zscore,
  },
];

/** The options of ZADD. */
export interface AddOptions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
  ch: boolean;
  incr: boolean;
}

/** The options that only add and update members, and reply with the number added. */
export const NO_OPTIONS: AddOptions = {
  nx: false,
  xx: false,
  gt: false,
  lt: false,
  ch: false,
  incr: false,
};

const INCREMENT: AddOptions = { ...NO_OPTIONS, incr: true };

function zadd(session: Session, args: string[]): void {
  let at = 2;
  let options = NO_OPTIONS;
  for (; at < args.length; at++) {
    const name = optionOf(args[at]!);
    if (name === undefined) break;
    if (options === NO_OPTIONS) options = { ...NO_OPTIONS };
    options[name] = true;
  }
  const count = args.length - at;
  if (count === 0 || count % 2 !== 0) throw syntaxError();
  const { nx, xx, gt, lt, incr } = options;
  if (nx && xx) {
    throw err("XX and NX options at the same time are not compatible");
  }
  if (gt && nx || lt && nx || gt && lt) {
    throw err(
      "GT, LT, and/or NX options at the same time are not compatible",
    );
  }
  if (incr && count > 2) {
    throw err("INCR option supports a single increment-element pair");
  }
  addMembers(session, args, at, options);
}

function optionOf(word: string): keyof AddOptions | undefined {
  // Fast path: scores usually begin with a digit.
  if (word.charCodeAt(0) < 0x41) return undefined;
  const name = word.toLowerCase();
  return Object.hasOwn(NO_OPTIONS, name) ? name as keyof AddOptions : undefined;
}

/** The options of ZADD: as arguments of ZINCRBY they are a syntax error. */
const OPTIONS: ReadonlySet<string> = new Set([
  "NX",
  "XX",
  "GT",
  "LT",
  "CH",
  "INCR",
]);

function zincrby(session: Session, args: string[]): void {
  if (OPTIONS.has(args[2]!.toUpperCase())) throw syntaxError();
  addMembers(session, args, 2, INCREMENT);
}

/** Adds the scores and members from `at` on, and writes the reply. */
export function addMembers(
  session: Session,
  args: string[],
  at: number,
  options: AddOptions,
): void {
  const { db, reply } = session;
  const { incr } = options;
  const key = args[1]!;
  const scores: number[] = [];
  for (let i = at; i < args.length; i += 2) scores.push(toFloat(args[i]!));
  let set = db.get(key, SortedSet);
  if (set === undefined) {
    if (options.xx) return incr ? reply.null() : reply.integer(0);
    set = db.getOrAdd(key, SortedSet, () => new SortedSet());
  }
  let added = 0;
  let updated = 0;
  let result: number | undefined;
  for (let i = 0; i < scores.length; i++) {
    const member = args[at + i * 2 + 1]!;
    const old = set.score(member);
    const score = newScore(old, scores[i]!, options);
    if (score === undefined) continue;
    result = score;
    if (old === undefined) added++;
    else if (old !== score) updated++;
    else continue;
    set.set(member, score);
  }
  if (added + updated > 0) {
    db.changed(key);
    session.notify("z", incr ? "zincr" : "zadd", key);
  }
  if (!incr) return reply.integer(options.ch ? added + updated : added);
  if (result === undefined) reply.null();
  else reply.double(formatDouble(result));
}

/** The new score of a member; `undefined` when the options forbid the change. */
function newScore(
  old: number | undefined,
  given: number,
  { nx, xx, gt, lt, incr }: AddOptions,
): number | undefined {
  if (old === undefined) return xx ? undefined : given;
  if (nx) return undefined;
  const score = incr ? old + given : given;
  if (Number.isNaN(score)) {
    throw err("resulting score is not a number (NaN)");
  }
  if (lt && score >= old || gt && score <= old) return undefined;
  return score;
}

function zrem(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const set = db.get(key, SortedSet);
  if (set === undefined) return reply.integer(0);
  let removed = 0;
  for (let i = 2; i < args.length; i++) if (set.delete(args[i]!)) removed++;
  if (removed > 0) {
    session.notify("z", "zrem", key);
    if (db.changed(key)) session.notify("g", "del", key);
  }
  reply.integer(removed);
}

function zcard({ db, reply }: Session, [, key]: string[]): void {
  reply.integer(db.get(key!, SortedSet)?.size ?? 0);
}

function zscore({ db, reply }: Session, [, key, member]: string[]): void {
  const score = db.get(key!, SortedSet)?.score(member!);
  if (score === undefined) reply.null();
  else reply.double(formatDouble(score));
}

function zmscore({ db, reply }: Session, args: string[]): void {
  const set = db.get(args[1]!, SortedSet);
  reply.array(args.length - 2);
  for (let i = 2; i < args.length; i++) {
    const score = set?.score(args[i]!);
    if (score === undefined) reply.null();
    else reply.double(formatDouble(score));
  }
}

function zrank(session: Session, args: string[], reversed: boolean): void {
  const { db, reply } = session;
  const [, key, member, word] = args as [string, string, string, string?];
  if (args.length > 4) throw wrongArity(args[0]!);
  const withScore = word !== undefined;
  if (withScore && word.toUpperCase() !== "WITHSCORE") throw syntaxError();
  const set = db.get(key, SortedSet);
  const score = set?.score(member);
  if (score === undefined) {
    return withScore ? reply.nullArray() : reply.null();
  }
  const rank = set!.rank(member, score);
  if (withScore) reply.array(2);
  reply.integer(reversed ? set!.size - 1 - rank : rank);
  if (withScore) reply.double(formatDouble(score));
}

function zcount(session: Session, args: string[]): void {
  countRange(session, args, "score");
}

function zlexcount(session: Session, args: string[]): void {
  countRange(session, args, "lex");
}

function countRange({ db, reply }: Session, args: string[], by: By): void {
  const [, key, min, max] = args as [string, string, string, string];
  const range = parseRange(by, min, max);
  const set = db.get(key, SortedSet);
  if (set === undefined) return reply.integer(0);
  const { start, end } = range(set);
  reply.integer(Math.max(end - start, 0));
}

const MOST = 2n ** 63n - 1n;

function zrandmember({ db, reply }: Session, args: string[]): void {
  const [, key, wanted, word] = args;
  if (wanted === undefined) {
    const set = db.get(key!, SortedSet);
    return reply.bulkOrNull(set && draw(set).member);
  }
  const count = parseCount(wanted);
  if (args.length > 4 || word !== undefined && !/^withscores$/i.test(word)) {
    throw syntaxError();
  }
  const withScores = word !== undefined;
  if (withScores && Math.abs(count) > Number(MOST / 2n)) {
    throw err("value is out of range");
  }
  const set = db.get(key!, SortedSet);
  if (set === undefined || count === 0) return reply.array(0);
  const size = count < 0 ? -count : Math.min(count, set.size);
  const nested = withScores && reply.protocol === 3;
  reply.array(withScores && !nested ? size * 2 : size);
  const show = (member: string, score: number) => {
    if (nested) reply.array(2);
    reply.bulk(member);
    if (withScores) reply.double(formatDouble(score));
  };
  if (count >= set.size) return set.eachBack(0, set.size, show);
  const ranks = count < 0 ? null : drawRanks(set.size, count);
  for (let i = 0; i < size; i++) {
    const { member, score } = ranks === null ? draw(set) : set.at(ranks[i]!)!;
    show(member, score);
  }
}

function parseCount(text: string): number {
  const count = toBigInt(text);
  if (count < -MOST) {
    throw err(
      `value is out of range, value must between -${MOST} and ${MOST}`,
    );
  }
  return Number(count);
}

function draw(set: SortedSet): { member: string; score: number } {
  return set.at(Math.floor(Math.random() * set.size))!;
}

/** Draws `count` different ranks; `count` must be below `size`. */
function drawRanks(size: number, count: number): number[] {
  // Floyd's algorithm: one step per draw.
  const drawn = new Set<number>();
  for (let i = size - count; i < size; i++) {
    const rank = Math.floor(Math.random() * (i + 1));
    drawn.add(drawn.has(rank) ? i : rank);
  }
  return [...drawn];
}

function zscan({ db, reply }: Session, args: string[]): void {
  const cursor = parseCursor(args[2]!);
  const set = db.get(args[1]!, SortedSet);
  if (set === undefined) return replyScan(reply, 0, []);
  const { count, wants } = parseScan(args, 3);
  const found: string[] = [];
  const next = set.scan(cursor, count, (member, score) => {
    if (wants(member)) found.push(member, scannedScore(set, score));
  });
  replyScan(reply, next, found);
}

/** A score as ZSCAN shows it: a listpack stores large integers as such. */
function scannedScore(set: SortedSet, score: number): string {
  if (set.encoding !== "listpack") return formatLongDouble(score);
  const whole = Number.isInteger(score) && Math.abs(score) <= 2 ** 62;
  return whole ? String(BigInt(score)) : formatDouble(score);
}
