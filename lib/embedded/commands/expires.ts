/**
 * Commands on the expiry of keys.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, shown } from "../base/errors.ts";
import { toBigInt, toTime } from "../base/numbers.ts";
import { type ExpiryWord, invalidExpire } from "./expiry.ts";

/** The commands of this family. */
export const EXPIRES: readonly CommandSpec[] = [
  {
    name: "EXPIRE",
    run: (session, args) => expire(session, args, "EX"),
  },
  {
    name: "EXPIREAT",
    run: (session, args) => expire(session, args, "EXAT"),
  },
  {
    name: "EXPIRETIME",
    run: (session, [, key]) => tell(session, key!, true, 1000),
  },
  {
    name: "PERSIST",
    run: persist,
  },
  {
    name: "PEXPIRE",
    run: (session, args) => expire(session, args, "PX"),
  },
  {
    name: "PEXPIREAT",
    run: (session, args) => expire(session, args, "PXAT"),
  },
  {
    name: "PEXPIRETIME",
    run: (session, [, key]) => tell(session, key!, true, 1),
  },
  {
    name: "PTTL",
    run: (session, [, key]) => tell(session, key!, false, 1),
  },
  {
    name: "TTL",
    run: (session, [, key]) => tell(session, key!, false, 1000),
  },
];

function expire(session: Session, args: string[], word: ExpiryWord): void {
  const { core, db, reply } = session;
  const key = args[1]!;
  const conditions = readConditions(args);
  const at = readTime(session, word, args);
  if (db.use(key) === undefined) return reply.integer(0);
  const old = db.expiryOf(key);
  const refused = conditions.has("NX") && old !== undefined ||
    conditions.has("XX") && old === undefined ||
    // A key without an expiry outlives any other.
    conditions.has("GT") && (old === undefined || at <= old) ||
    conditions.has("LT") && old !== undefined && at >= old;
  if (refused) return reply.integer(0);
  if (at <= core.past) {
    db.delete(key);
    session.notify("g", "del", key);
    session.rewrite(["DEL", key]);
  } else {
    db.setExpiry(key, at);
    session.notify("g", "expire", key);
    session.rewrite(["PEXPIREAT", key, String(at)]);
  }
  reply.integer(1);
}

function readConditions(args: string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const arg of args.slice(3)) {
    const word = arg.toUpperCase();
    if (!["NX", "XX", "GT", "LT"].includes(word)) {
      throw err(`Unsupported option ${shown(arg)}`);
    }
    words.add(word);
  }
  if (words.has("NX") && words.size > 1) {
    throw err(
      "NX and XX, GT or LT options at the same time are not compatible",
    );
  }
  if (words.has("GT") && words.has("LT")) {
    throw err("GT and LT options at the same time are not compatible");
  }
  return words;
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Reads a time in ms since 1970; it may be in the past. */
function readTime(
  { core }: Session,
  word: ExpiryWord,
  args: string[],
): number {
  let at = toBigInt(args[2]!);
  if (word.startsWith("EX")) at *= 1000n;
  const invalid = at < MIN || at > MAX;
  if (!word.endsWith("AT")) at += BigInt(core.now);
  if (invalid || at > MAX) throw invalidExpire(args[0]!.toLowerCase());
  return toTime(at);
}

/** Replies with a key's expiry: absolute or remaining, in units of `ms` milliseconds. */
function tell(
  { core, db, reply }: Session,
  key: string,
  absolute: boolean,
  unit: number,
): void {
  if (db.peek(key) === undefined) return reply.integer(-2);
  const at = db.expiryOf(key);
  if (at === undefined) return reply.integer(-1);
  const left = absolute ? at : Math.max(0, at - core.now);
  reply.integer(Math.floor((left + unit / 2) / unit));
}

function persist(session: Session, [, key]: string[]): void {
  const { db, reply } = session;
  if (db.use(key!) === undefined || db.expiryOf(key!) === undefined) {
    return reply.integer(0);
  }
  db.setExpiry(key!, undefined);
  session.notify("g", "persist", key!);
  reply.integer(1);
}
