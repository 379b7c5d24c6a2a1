/**
 * Commands on the expiry of hash fields, as of Redis 7.4 and 8.0.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, wrongArity } from "../base/errors.ts";
import { findHash, findOrAddHash } from "../keyspace/hash_expiry.ts";
import { toBigInt, toRange } from "../base/numbers.ts";
import type { HashValue } from "../values/hash.ts";
import { invalidExpire } from "./expiry.ts";

/** The commands of this family. */
export const HASH_FIELDS: readonly CommandSpec[] = [
  {
    name: "HEXPIRE",
    run: (session, args) => expire(session, args, "EX"),
  },
  {
    name: "HPEXPIRE",
    run: (session, args) => expire(session, args, "PX"),
  },
  {
    name: "HEXPIREAT",
    run: (session, args) => expire(session, args, "EXAT"),
  },
  {
    name: "HPEXPIREAT",
    run: (session, args) => expire(session, args, "PXAT"),
  },
  {
    name: "HTTL",
    run: (session, args) => replyExpiries(session, args, "EX"),
  },
  {
    name: "HPTTL",
    run: (session, args) => replyExpiries(session, args, "PX"),
  },
  {
    name: "HEXPIRETIME",
    run: (session, args) => replyExpiries(session, args, "EXAT"),
  },
  {
    name: "HPEXPIRETIME",
    run: (session, args) => replyExpiries(session, args, "PXAT"),
  },
  {
    name: "HPERSIST",
    run: persist,
  },
  {
    name: "HGETDEL",
    run: getDelete,
  },
  {
    name: "HGETEX",
    run: getExpire,
  },
  {
    name: "HSETEX",
    run: setExpire,
  },
];

/** The unit of a time: seconds or milliseconds, relative or absolute. */
type Unit = "EX" | "PX" | "EXAT" | "PXAT";

/** The results of {@linkcode setExpiry} for a field. */
const NO_FIELD = -2;
const NO_EXPIRY = -1;
const NOT_MET = 0;
const DONE = 1;
const DELETED = 2;

/** The latest possible expiry of a field, in ms since 1970. */
const LATEST = 2 ** 46 - 1;

/** Reads a time as ms since 1970. */
function readTime(
  { core }: Session,
  text: string,
  unit: Unit,
  command: string,
): number {
  const value = toBigInt(text);
  if (value < 0n) throw err("invalid expire time, must be >= 0");
  const ms = Number(value) * (unit.startsWith("EX") ? 1000 : 1);
  const at = unit.endsWith("AT") ? ms : core.now + ms;
  if (at > LATEST) throw invalidExpire(command.toLowerCase());
  return at;
}

/** Reads `FIELDS numfields field [field ...]` from `args[at]` on. */
function readFields(
  args: readonly string[],
  at: number,
  notPositive = "Number of fields must be a positive integer",
): string[] {
  if (args[at]?.toUpperCase() !== "FIELDS") {
    throw err(
      "Mandatory argument FIELDS is missing or not at the right position",
    );
  }
  if (args.length === at + 1) throw wrongArity(args[0]!);
  const size = toRange(args[at + 1]!, 1, Infinity, () => err(notPositive));
  if (size !== args.length - at - 2) {
    throw err(
      "The `numfields` parameter must match the number of arguments",
    );
  }
  return args.slice(at + 2);
}

/** The fields that a command changed: to be saved and notified. */
interface Changes {
  readonly kept: string[];
  readonly deleted: string[];
}

/** Sets the expiry of a field, unless `condition` forbids it. */
function setExpiry(
  hash: HashValue,
  field: string,
  at: number,
  condition: string,
  now: number,
  changes: Changes,
): number {
  if (!hash.has(field)) return NO_FIELD;
  const old = hash.expiryOf(field);
  const met = condition === "NX"
    ? old === undefined
    : condition === "XX"
    ? old !== undefined
    : condition === "GT"
    ? old !== undefined && at > old
    : condition === "LT"
    ? old === undefined || at < old
    : true;
  if (!met) return NOT_MET;
  if (at <= now) {
    hash.delete(field);
    changes.deleted.push(field);
    return DELETED;
  }
  hash.setExpiry(field, at);
  changes.kept.push(field);
  return DONE;
}

/** Propagates and notifies new expiries of fields; a past one has deleted the field. */
function settle(
  session: Session,
  key: string,
  at: number,
  { kept, deleted }: Changes,
): void {
  const { core, db } = session;
  if (kept.length + deleted.length === 0) return;
  if (deleted.length > 0) core.propagate(db, ["HDEL", key, ...deleted]);
  if (kept.length > 0) db.volatile.add(key);
  session.rewrite(
    kept.length === 0
      ? null
      : ["HPEXPIREAT", key, String(at), "FIELDS", String(kept.length), ...kept],
  );
  session.notify("h", deleted.length > 0 ? "hdel" : "hexpire", key);
  changed(session, key);
}

/** Records a changed hash; notifies when it is empty and so was deleted. */
function changed(session: Session, key: string): void {
  if (session.db.changed(key)) session.notify("g", "del", key);
}

const CONDITIONS = ["NX", "XX", "GT", "LT"];

function expire(session: Session, args: string[], unit: Unit): void {
  const { core, reply } = session;
  const key = args[1]!;
  const hash = findHash(session, key);
  const at = readTime(session, args[2]!, unit, args[0]!);
  const word = args[3]!.toUpperCase();
  const condition = CONDITIONS.includes(word) ? word : "";
  const fields = readFields(
    args,
    condition === "" ? 3 : 4,
    "Parameter `numFields` should be greater than 0",
  );
  const changes: Changes = { kept: [], deleted: [] };
  reply.array(fields.length);
  for (const field of fields) {
    reply.integer(
      hash === undefined
        ? NO_FIELD
        : setExpiry(hash, field, at, condition, core.past, changes),
    );
  }
  settle(session, key, at, changes);
}

function replyExpiries(session: Session, args: string[], unit: Unit): void {
  const { core, reply } = session;
  const hash = findHash(session, args[1]!);
  const fields = readFields(args, 2);
  reply.array(fields.length);
  for (const field of fields) {
    const at = hash?.expiryOf(field);
    if (at === undefined) {
      reply.integer(hash?.has(field) ? NO_EXPIRY : NO_FIELD);
      continue;
    }
    const ms = unit.endsWith("AT") ? at : at - core.now;
    reply.integer(unit.startsWith("EX") ? Math.ceil(ms / 1000) : ms);
  }
}

/** Removes the expiry of a field. */
function persistField(
  hash: HashValue,
  field: string,
  persisted: string[],
): number {
  if (!hash.has(field)) return NO_FIELD;
  if (hash.expiryOf(field) === undefined) return NO_EXPIRY;
  hash.setExpiry(field, undefined);
  persisted.push(field);
  return DONE;
}

/** Propagates and notifies that fields do not expire any more. */
function settlePersisted(
  session: Session,
  key: string,
  fields: readonly string[],
): void {
  if (fields.length === 0) return;
  session.notify("h", "hpersist", key);
  session.db.changed(key);
  session.rewrite(
    ["HPERSIST", key, "FIELDS", String(fields.length), ...fields],
  );
}

function persist(session: Session, args: string[]): void {
  const { reply } = session;
  const key = args[1]!;
  const hash = findHash(session, key);
  const fields = readFields(args, 2);
  const persisted: string[] = [];
  reply.array(fields.length);
  for (const field of fields) {
    reply.integer(
      hash === undefined ? NO_FIELD : persistField(hash, field, persisted),
    );
  }
  settlePersisted(session, key, persisted);
}

function getDelete(session: Session, args: string[]): void {
  const { reply } = session;
  const key = args[1]!;
  const hash = findHash(session, key);
  const fields = readFields(args, 2);
  const deleted: string[] = [];
  reply.array(fields.length);
  for (const field of fields) {
    reply.bulkOrNull(hash?.get(field));
    if (hash?.delete(field)) deleted.push(field);
  }
  if (deleted.length === 0) return;
  session.notify("h", "hdel", key);
  changed(session, key);
  session.rewrite(["HDEL", key, ...deleted]);
}

function getExpire(session: Session, args: string[]): void {
  const { core, reply } = session;
  const key = args[1]!;
  const hash = findHash(session, key);
  const word = args[2]!.toUpperCase();
  const unit = isUnit(word) ? word : null;
  const at = unit === null ? 0 : readTime(session, args[3]!, unit, args[0]!);
  const fields = readFields(
    args,
    unit !== null ? 4 : word === "PERSIST" ? 3 : 2,
  );
  const changes: Changes = { kept: [], deleted: [] };
  const persisted: string[] = [];
  reply.array(fields.length);
  for (const field of fields) {
    reply.bulkOrNull(hash?.get(field));
    if (hash === undefined) continue;
    if (unit !== null) setExpiry(hash, field, at, "", core.past, changes);
    else if (word === "PERSIST") persistField(hash, field, persisted);
  }
  settlePersisted(session, key, persisted);
  settle(session, key, at, changes);
}

function isUnit(word: string): word is Unit {
  return word === "EX" || word === "PX" || word === "EXAT" || word === "PXAT";
}

/** The options between the key and the fields of HSETEX. */
interface SetOptions {
  /** When the fields expire, in ms since 1970. */
  at?: number;
  /** KEEPTTL: whether fields keep their expiry. */
  keep: boolean;
  /** `FXX`: all fields must exist; `FNX`: none may exist. */
  condition: string;
  /** Fields and values, alternating. */
  pairs: string[];
}

function readSetOptions(session: Session, args: string[]): SetOptions {
  const options: SetOptions = { keep: false, condition: "", pairs: [] };
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "FIELDS") {
      if (i >= args.length - 3) throw wrongArity(args[0]!);
      const size = toRange(
        args[i + 1]!,
        1,
        2 ** 31 - 1,
        () => err("invalid number of fields"),
      );
      options.pairs = args.slice(i + 2);
      if (options.pairs.length !== size * 2) throw wrongArity(args[0]!);
      return options;
    }
    if (isUnit(word) || word === "KEEPTTL") {
      if (options.at !== undefined || options.keep) {
        throw err(
          "Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
        );
      }
      if (word === "KEEPTTL") {
        options.keep = true;
        continue;
      }
      const text = args[++i];
      if (text === undefined) throw err("missing expire time");
      options.at = readTime(session, text, word, args[0]!);
    } else if (word === "FXX" || word === "FNX") {
      if (options.condition !== "") {
        throw err("Only one of FXX or FNX arguments can be specified");
      }
      options.condition = word;
    } else {
      throw err(`unknown argument: ${args[i]}`);
    }
  }
  throw wrongArity(args[0]!);
}

function setExpire(session: Session, args: string[]): void {
  const { core, reply } = session;
  const key = args[1]!;
  const { at, keep, condition, pairs } = readSetOptions(session, args);
  const fields = pairs.filter((_, i) => i % 2 === 0);
  const old = findHash(session, key);
  const found = fields.filter((field) => old?.has(field)).length;
  if (
    (condition === "FXX" && found < fields.length) ||
    (condition === "FNX" && found > 0)
  ) return reply.integer(0);
  const hash = findOrAddHash(session, key);
  for (let i = 0; i < pairs.length; i += 2) {
    hash.set(pairs[i]!, pairs[i + 1]!);
    if (!keep && at === undefined) hash.setExpiry(pairs[i]!, undefined);
  }
  session.notify("h", "hset", key);
  if (at === undefined) {
    session.db.changed(key);
  } else {
    const changes: Changes = { kept: [], deleted: [] };
    for (const field of fields) {
      setExpiry(hash, field, at, "", core.past, changes);
    }
    settle(session, key, at, changes);
    if (changes.kept.length > 0) {
      session.rewrite(
        ["HSETEX", key, "PXAT", String(at), "FIELDS", String(fields.length)]
          .concat(pairs),
      );
    }
  }
  reply.integer(1);
}
