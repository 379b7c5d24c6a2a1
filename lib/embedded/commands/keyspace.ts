/**
 * Commands on whole databases.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { parseInteger } from "../base/numbers.ts";

/** The commands of this family. */
export const KEYSPACE: readonly CommandSpec[] = [
  {
    name: "DBSIZE",
    run: ({ db, reply }) => reply.integer(db.keys.size),
  },
  {
    name: "FLUSHDB",
    run: flushDb,
  },
  {
    name: "FLUSHALL",
    run: flushAll,
  },
  {
    name: "SWAPDB",
    run: swapDb,
  },
];

function flushDb(session: Session, args: string[]): void {
  checkFlush(args);
  session.db.clear();
  flushed(session);
}

function flushAll(session: Session, args: string[]): void {
  checkFlush(args);
  for (const db of session.core.databases) db.clear();
  flushed(session);
}

function checkFlush(args: string[]): void {
  if (args.length === 1) return;
  const how = args[1]!.toUpperCase();
  if (args.length > 2 || (how !== "SYNC" && how !== "ASYNC")) {
    throw syntaxError();
  }
}

function flushed(session: Session): void {
  session.core.tracking.flushed();
  // Like Redis, propagate it even if the database was empty.
  session.core.dirty++;
  session.reply.ok();
}

function swapDb(session: Session, [, first, second]: string[]): void {
  const { core, reply } = session;
  const find = (text: string, which: string) => {
    const number = parseInteger(text);
    if (number === null || number > 0x7fffffffn || number < -0x80000000n) {
      throw err(`invalid ${which} DB index`);
    }
    return Number(number);
  };
  const a = find(first!, "first");
  const b = find(second!, "second");
  const [one, other] = [core.databases[a], core.databases[b]];
  if (one === undefined || other === undefined) {
    throw err("DB index is out of range");
  }
  one.swap(other);
  core.dirty++;
  reply.ok();
}
