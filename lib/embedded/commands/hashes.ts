/**
 * Commands on hashes.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { drawIndex, drawIndexes, toDrawCount } from "../base/draw.ts";
import { err, syntaxError, wrongArity } from "../base/errors.ts";
import { findHash, findOrAddHash } from "../keyspace/hash_expiry.ts";
import { addLongDouble, parseLongDouble } from "../base/long_double.ts";
import { parseInteger, toBigInt } from "../base/numbers.ts";
import { parseCursor, parseScan, replyScan } from "../base/scan.ts";

/** The commands of this family. */
export const HASHES: readonly CommandSpec[] = [
  {
    name: "HSET",
    run: (session, args) => session.reply.integer(set(session, args)),
  },
  {
    name: "HMSET",
    run: (session, args) => {
      set(session, args);
      session.reply.ok();
    },
  },
  {
    name: "HSETNX",
    run: setNew,
  },
  {
    name: "HGET",
    run: (session, [, key, field]) =>
      session.reply.bulkOrNull(findHash(session, key!)?.get(field!)),
  },
  {
    name: "HMGET",
    run: getMany,
  },
  {
    name: "HGETALL",
    run: getAll,
  },
  {
    name: "HKEYS",
    run: (session, [, key]) =>
      session.reply.bulks(findHash(session, key!)?.fields() ?? []),
  },
  {
    name: "HVALS",
    run: (session, [, key]) =>
      session.reply.bulks(findHash(session, key!)?.values() ?? []),
  },
  {
    name: "HLEN",
    run: (session, [, key]) =>
      session.reply.integer(findHash(session, key!)?.size ?? 0),
  },
  {
    name: "HSTRLEN",
    run: (session, [, key, field]) =>
      session.reply.integer(findHash(session, key!)?.get(field!)?.length ?? 0),
  },
  {
    name: "HEXISTS",
    run: (session, [, key, field]) =>
      session.reply.integer(findHash(session, key!)?.has(field!) ? 1 : 0),
  },
  {
    name: "HDEL",
    run: remove,
  },
  {
    name: "HINCRBY",
    run: increment,
  },
  {
    name: "HINCRBYFLOAT",
    run: incrementFloat,
  },
  {
    name: "HRANDFIELD",
    run: random,
  },
  {
    name: "HSCAN",
    run: scan,
  },
];

/** Sets fields; returns how many are new. */
function set(session: Session, args: string[]): number {
  if (args.length % 2 === 1) throw wrongArity(args[0]!);
  const key = args[1]!;
  const hash = findOrAddHash(session, key);
  let added = 0;
  for (let i = 2; i < args.length; i += 2) {
    const field = args[i]!;
    if (hash.set(field, args[i + 1]!)) added++;
    else hash.setExpiry(field, undefined);
  }
  session.db.changed(key);
  session.notify("h", "hset", key);
  return added;
}

function setNew(session: Session, [, key, field, value]: string[]): void {
  const { db, reply } = session;
  if (findHash(session, key!)?.has(field!)) return reply.integer(0);
  findOrAddHash(session, key!).set(field!, value!);
  db.changed(key!);
  session.notify("h", "hset", key!);
  reply.integer(1);
}

function getMany(session: Session, args: string[]): void {
  const { reply } = session;
  const hash = findHash(session, args[1]!);
  reply.array(args.length - 2);
  for (let i = 2; i < args.length; i++) reply.bulkOrNull(hash?.get(args[i]!));
}

function getAll(session: Session, [, key]: string[]): void {
  const { reply } = session;
  const hash = findHash(session, key!);
  if (hash === undefined) return reply.map(0);
  reply.map(hash.size);
  for (let i = 0; i < hash.size; i++) {
    reply.bulk(hash.fieldAt(i));
    reply.bulk(hash.valueAt(i));
  }
}

function remove(session: Session, args: string[]): void {
  const key = args[1]!;
  const hash = findHash(session, key);
  let removed = 0;
  if (hash !== undefined) {
    for (let i = 2; i < args.length; i++) {
      if (hash.delete(args[i]!)) removed++;
    }
  }
  if (removed > 0) {
    session.notify("h", "hdel", key);
    if (session.db.changed(key)) session.notify("g", "del", key);
  }
  session.reply.integer(removed);
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

function increment(session: Session, [, key, field, text]: string[]): void {
  const { db, reply } = session;
  const by = toBigInt(text!);
  const old = findHash(session, key!)?.get(field!) ?? "0";
  const value = parseInteger(old);
  if (value === null) throw err("hash value is not an integer");
  const sum = value + by;
  if (sum < MIN || sum > MAX) {
    throw err("increment or decrement would overflow");
  }
  findOrAddHash(session, key!).set(field!, String(sum));
  db.changed(key!);
  session.notify("h", "hincrby", key!);
  reply.integer(sum);
}

function incrementFloat(
  session: Session,
  [, key, field, text]: string[],
): void {
  const { db, reply } = session;
  const by = parseLongDouble(text!);
  if (by === null) throw err("value is not a valid float");
  if ("infinite" in by) throw err("value is NaN or Infinity");
  const old = findHash(session, key!)?.get(field!) ?? "0";
  if (parseLongDouble(old) === null) throw err("hash value is not a float");
  const sum = addLongDouble(old, text!);
  const hash = findOrAddHash(session, key!);
  hash.set(field!, sum);
  db.changed(key!);
  session.notify("h", "hincrbyfloat", key!);
  // HSET ends the expiry of a field; Redis 7.0, without such expiries, reads it too.
  session.rewrite(
    hash.expiryOf(field!) === undefined
      ? ["HSET", key!, field!, sum]
      : ["HSETEX", key!, "KEEPTTL", "FIELDS", "1", field!, sum],
  );
  reply.bulk(sum);
}

function random(session: Session, args: string[]): void {
  const { reply } = session;
  const key = args[1]!;
  if (args.length === 2) {
    return reply.bulkOrNull(findHash(session, key)?.random());
  }
  const count = toDrawCount(args[2]!);
  const withValues = args.length > 3;
  if (withValues) {
    if (args.length > 4 || args[3]!.toUpperCase() !== "WITHVALUES") {
      throw syntaxError();
    }
    if (Math.abs(count) > 2 ** 62) throw err("value is out of range");
  }
  const hash = findHash(session, key);
  if (hash === undefined || count === 0) return reply.array(0);
  const size = Math.min(Math.abs(count), count < 0 ? Infinity : hash.size);
  const pairs = withValues && reply.protocol === 3;
  reply.array(withValues && !pairs ? size * 2 : size);
  const write = (at: number) => {
    if (pairs) reply.array(2);
    reply.bulk(hash.fieldAt(at));
    if (withValues) reply.bulk(hash.valueAt(at));
  };
  if (count < 0) {
    for (let i = 0; i < size; i++) write(drawIndex(hash.size));
  } else if (size === hash.size) {
    for (let i = 0; i < size; i++) write(i);
  } else {
    drawIndexes(hash.size, size).forEach(write);
  }
}

function scan(session: Session, args: string[]): void {
  const { reply } = session;
  const cursor = parseCursor(args[2]!);
  const hash = findHash(session, args[1]!);
  if (hash === undefined) return replyScan(reply, 0, []);
  const { count, wants } = parseScan(args, 3);
  const found: string[] = [];
  const next = hash.scan(cursor, count, (field, value) => {
    if (wants(field)) found.push(field, value);
  });
  replyScan(reply, next, found);
}
