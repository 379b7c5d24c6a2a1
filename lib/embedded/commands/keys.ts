/**
 * Commands on keys of any type.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import type { Database } from "../keyspace/database.ts";
import { err, noSuchKey, syntaxError } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import { toRange } from "../base/numbers.ts";
import { parseCursor, parseScan, replyScan } from "../base/scan.ts";

/** The commands of this family. */
export const KEYS: readonly CommandSpec[] = [
  {
    name: "COPY",
    run: copy,
  },
  {
    name: "DEL",
    run: del,
  },
  {
    name: "EXISTS",
    run: exists,
  },
  {
    name: "KEYS",
    run: keys,
  },
  {
    name: "MOVE",
    run: move,
  },
  {
    name: "RANDOMKEY",
    run: randomKey,
  },
  {
    name: "RENAME",
    run: rename,
  },
  {
    name: "RENAMENX",
    run: rename,
  },
  {
    name: "SCAN",
    run: scan,
  },
  {
    name: "TOUCH",
    run: touch,
  },
  {
    name: "TYPE",
    run: type,
  },
  {
    name: "UNLINK",
    run: del,
  },
];

/** DEL and UNLINK: the garbage collector frees the memory in both cases. */
function del(session: Session, args: string[]): void {
  let count = 0;
  for (let i = 1; i < args.length; i++) {
    if (!session.db.delete(args[i]!)) continue;
    session.notify("g", "del", args[i]!);
    count++;
  }
  session.reply.integer(count);
}

function exists({ db, reply }: Session, args: string[]): void {
  let count = 0;
  for (let i = 1; i < args.length; i++) {
    if (db.peek(args[i]!) !== undefined) count++;
  }
  reply.integer(count);
}

function touch({ db, reply }: Session, args: string[]): void {
  let count = 0;
  for (let i = 1; i < args.length; i++) {
    if (db.use(args[i]!) !== undefined) count++;
  }
  reply.integer(count);
}

function type({ db, reply }: Session, [, key]: string[]): void {
  reply.simple(db.peek(key!)?.type ?? "none");
}

function keys({ db, reply }: Session, [, pattern]: string[]): void {
  reply.bulks(
    db.keys.keys().filter((key) => matches(pattern!, key) && !db.isOver(key)),
  );
}

function randomKey({ db, reply }: Session): void {
  for (let tries = 1;; tries++) {
    const key = db.keys.random();
    if (key === undefined) return reply.null();
    if (db.peek(key) !== undefined) return reply.bulk(key);
    // `peek` deletes an expired key, so the loop ends. On a replica it does not:
    // there, as in Redis, an expired key is the reply in the end.
    if (tries >= 100 && db.keys.has(key)) return reply.bulk(key);
  }
}

function scan({ db, reply }: Session, args: string[]): void {
  const cursor = parseCursor(args[1]!);
  let type: string | undefined;
  const others: string[] = [];
  for (let i = 2; i < args.length; i += 2) {
    const [word, value] = [args[i]!, args[i + 1]];
    if (word.toUpperCase() === "TYPE" && value !== undefined) {
      type = value.toLowerCase();
    } else {
      others.push(...args.slice(i, i + 2));
    }
  }
  const { count, wants } = parseScan(others, 0);
  const found: string[] = [];
  const over: string[] = [];
  const next = db.keys.scan(cursor, count, (key, value) => {
    if (type !== undefined && value.type !== type || !wants(key)) return;
    (db.isOver(key) ? over : found).push(key);
  });
  for (const key of over) db.expire(key);
  replyScan(reply, next, found);
}

function rename(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [name, from, to] = args as [string, string, string];
  const onlyNew = name.length > "RENAME".length;
  const value = db.use(from);
  if (value === undefined) throw noSuchKey();
  const renames = from !== to &&
    !(onlyNew && db.peek(to) !== undefined);
  if (renames) {
    const at = db.expiryOf(from);
    db.delete(from);
    db.set(to, value, at);
    session.notify("g", "rename_from", from);
    session.notify("g", "rename_to", to);
  }
  if (onlyNew) reply.integer(renames ? 1 : 0);
  else reply.ok();
}

function copy(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [, from, to] = args as [string, string, string];
  let target = db;
  let replaces = false;
  for (let i = 3; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "REPLACE") {
      replaces = true;
    } else if (word === "DB" && i + 1 < args.length) {
      target = databaseOf(session, args[++i]!);
    } else {
      throw syntaxError();
    }
  }
  if (target === db && from === to) throw sameObject();
  const value = db.use(from);
  if (value === undefined) return reply.integer(0);
  if (target.peek(to) !== undefined && !replaces) return reply.integer(0);
  target.set(to, value.copy(), db.expiryOf(from));
  tell(session, target, "copy_to", to);
  reply.integer(1);
}

function move(session: Session, [, key, number]: string[]): void {
  const { db, reply } = session;
  const target = databaseOf(session, number!);
  if (target === db) throw sameObject();
  const value = db.use(key!);
  if (value === undefined || target.peek(key!) !== undefined) {
    return reply.integer(0);
  }
  target.set(key!, value, db.expiryOf(key!));
  db.delete(key!);
  tell(session, db, "move_from", key!);
  tell(session, target, "move_to", key!);
  reply.integer(1);
}

const LEAST_INT = -(2 ** 31);
const MOST_INT = 2 ** 31 - 1;

function databaseOf(session: Session, number: string): Database {
  const index = toRange(number, LEAST_INT, MOST_INT);
  const db = session.core.databases[index];
  if (db === undefined) throw err("DB index is out of range");
  return db;
}

function sameObject(): Error {
  return err("source and destination objects are the same");
}

/** Sends a notification for a key of any database. */
function tell({ core }: Session, db: Database, event: string, key: string) {
  const { notifications } = core;
  if (notifications.active) notifications.tell(db.index, "g", event, key);
}
