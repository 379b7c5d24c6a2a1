/**
 * Commands on strings.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { LONGEST_STRING, writeBinary } from "../../resp/binary.ts";
import { err, wrongArity } from "../base/errors.ts";
import { addLongDouble } from "../base/long_double.ts";
import { smallInteger, toBigInt, toInteger } from "../base/numbers.ts";
import { StringValue } from "../values/string.ts";
import { type ExpiryWord, readExpiry, readExpiryOptions } from "./expiry.ts";
import { lcs } from "./lcs.ts";
import { mSetEx } from "./string_msetex.ts";
import {
  type Condition,
  digestOf,
  holds,
  isConditionWord,
} from "./string_conditions.ts";

/** The commands of this family. */
export const STRINGS: readonly CommandSpec[] = [
  {
    name: "APPEND",
    run: append,
  },
  {
    name: "DECR",
    run: (session, [, key]) => add(session, key!, -1),
  },
  {
    name: "DECRBY",
    run: decrBy,
  },
  {
    name: "DELEX",
    run: deleteIf,
  },
  {
    name: "DIGEST",
    run: digest,
  },
  {
    name: "GET",
    run: get,
  },
  {
    name: "GETDEL",
    run: getDel,
  },
  {
    name: "GETEX",
    run: getEx,
  },
  {
    name: "GETRANGE",
    run: getRange,
  },
  {
    name: "GETSET",
    run: getSet,
  },
  {
    name: "INCR",
    run: (session, [, key]) => add(session, key!, 1),
  },
  {
    name: "INCRBY",
    run: (session, [, key, by]) => add(session, key!, toWhole(by!)),
  },
  {
    name: "INCRBYFLOAT",
    run: incrByFloat,
  },
  {
    name: "LCS",
    run: lcs,
  },
  {
    name: "MGET",
    run: mGet,
  },
  {
    name: "MSET",
    run: mSet,
  },
  {
    name: "MSETEX",
    run: mSetEx,
  },
  {
    name: "MSETNX",
    run: mSetNx,
  },
  {
    name: "PSETEX",
    run: (session, args) => setFor(session, args, "PX"),
  },
  {
    name: "SET",
    run: set,
  },
  {
    name: "SETEX",
    run: (session, args) => setFor(session, args, "EX"),
  },
  {
    name: "SETNX",
    run: setNx,
  },
  {
    name: "SETRANGE",
    run: setRange,
  },
  {
    name: "STRLEN",
    run: strLen,
  },
  {
    name: "SUBSTR",
    run: getRange,
  },
];

function checkLength(length: number, most: number): void {
  if (length > most) {
    throw err(
      "string exceeds maximum allowed size (proto-max-bulk-len)",
    );
  }
}

function get({ db, reply }: Session, [, key]: string[]): void {
  const value = db.get(key!, StringValue);
  if (value === undefined) reply.null();
  else value.writeTo(reply);
}

function set(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [, key, text] = args as [string, string, string];
  if (args.length === 3) {
    db.set(key, new StringValue(text));
    session.notify("$", "set", key);
    reply.ok();
    return;
  }
  const { words, time, condition } = readExpiryOptions(args, 3, SET_WORDS);
  const at = time && readExpiry(session, ...time, "set");
  const found = db.peek(key) !== undefined;
  const isAllowed = words.has("NX") ? !found : !words.has("XX") || found;
  // A value that NX keeps is not compared: it may be of another type.
  const compares = condition !== undefined && isAllowed;
  const old = words.has("GET") || compares
    ? db.get(key, StringValue)
    : undefined;
  const sets = isAllowed && (!compares || holds(condition, old));
  if (words.has("GET")) writeOrNull(session, old);
  else if (sets) reply.ok();
  else reply.null();
  if (!sets) return;
  if (words.has("KEEPTTL")) db.replace(key, new StringValue(text));
  else db.set(key, new StringValue(text), at);
  session.notify("$", "set", key);
  if (at !== undefined) {
    session.notify("g", "expire", key);
    session.rewrite(["SET", key, text, "PXAT", String(at)]);
  } else {
    session.rewrite(
      ["SET", key, text, ...words.has("KEEPTTL") ? ["KEEPTTL"] : []],
    );
  }
}

const SET_WORDS = ["NX", "XX", "GET", "KEEPTTL", "IFEQ"];

function setNx(session: Session, [, key, text]: string[]): void {
  const { db, reply } = session;
  if (db.peek(key!) !== undefined) return reply.integer(0);
  db.set(key!, new StringValue(text!));
  session.notify("$", "set", key!);
  reply.integer(1);
}

function setFor(session: Session, args: string[], word: ExpiryWord): void {
  const [name, key, time, text] = args as [string, string, string, string];
  const at = readExpiry(session, word, time, name.toLowerCase());
  session.db.set(key, new StringValue(text), at);
  session.notify("$", "set", key);
  session.notify("g", "expire", key);
  session.rewrite(["SET", key, text, "PXAT", String(at)]);
  session.reply.ok();
}

function getSet(session: Session, [, key, text]: string[]): void {
  const { db } = session;
  writeOrNull(session, db.get(key!, StringValue));
  db.set(key!, new StringValue(text!));
  session.notify("$", "set", key!);
  session.rewrite(["SET", key!, text!]);
}

function getDel(session: Session, [, key]: string[]): void {
  const { db } = session;
  const value = db.get(key!, StringValue);
  writeOrNull(session, value);
  if (value === undefined) return;
  db.delete(key!);
  session.notify("g", "del", key!);
  session.rewrite(["DEL", key!]);
}

function deleteIf(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [name, key, word, operand] = args as [string, string, string?, string?];
  if (args.length !== 2 && args.length !== 4) {
    throw wrongArity(name.toLowerCase());
  }
  const value = db.use(key);
  if (value === undefined) return reply.integer(0);
  if (word !== undefined) {
    const condition = toCondition(word, operand!);
    if (!(value instanceof StringValue)) {
      throw err("Key should be of string type if conditions are specified");
    }
    if (condition === undefined) {
      throw err("Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
    }
    if (!holds(condition, value)) return reply.integer(0);
  }
  db.delete(key);
  session.notify("g", "del", key);
  session.rewrite(["DEL", key]);
  reply.integer(1);
}

function toCondition(word: string, operand: string): Condition | undefined {
  const upper = word.toUpperCase();
  return isConditionWord(upper) ? [upper, operand] : undefined;
}

function digest({ db, reply }: Session, [, key]: string[]): void {
  const value = db.get(key!, StringValue);
  reply.bulkOrNull(value && digestOf(value));
}

function getEx(session: Session, args: string[]): void {
  const { core, db } = session;
  const key = args[1]!;
  const { words, time } = readExpiryOptions(args, 2, ["PERSIST"]);
  const value = db.get(key, StringValue);
  if (value === undefined) return session.reply.null();
  const at = time && readExpiry(session, ...time, "getex");
  value.writeTo(session.reply);
  if (at !== undefined && at <= core.past) {
    db.delete(key);
    session.notify("g", "del", key);
    session.rewrite(["DEL", key]);
  } else if (at !== undefined) {
    db.setExpiry(key, at);
    session.notify("g", "expire", key);
    session.rewrite(["PEXPIREAT", key, String(at)]);
  } else if (words.has("PERSIST") && db.expiryOf(key) !== undefined) {
    db.setExpiry(key, undefined);
    session.notify("g", "persist", key);
    session.rewrite(["PERSIST", key]);
  }
}

function writeOrNull({ reply }: Session, value: StringValue | undefined): void {
  if (value === undefined) reply.null();
  else value.writeTo(reply);
}

function mGet({ db, reply }: Session, args: string[]): void {
  reply.array(args.length - 1);
  for (let i = 1; i < args.length; i++) {
    const value = db.use(args[i]!);
    if (value instanceof StringValue) value.writeTo(reply);
    else reply.null();
  }
}

function mSet(session: Session, args: string[]): void {
  if (args.length % 2 === 0) throw wrongArity("mset");
  setAll(session, args);
  session.reply.ok();
}

function mSetNx(session: Session, args: string[]): void {
  if (args.length % 2 === 0) throw wrongArity("msetnx");
  for (let i = 1; i < args.length; i += 2) {
    if (session.db.peek(args[i]!) !== undefined) {
      return session.reply.integer(0);
    }
  }
  setAll(session, args);
  session.reply.integer(1);
}

function setAll(session: Session, args: string[]): void {
  for (let i = 1; i < args.length; i += 2) {
    session.db.set(args[i]!, new StringValue(args[i + 1]!));
    session.notify("$", "set", args[i]!);
  }
}

function strLen({ db, reply }: Session, [, key]: string[]): void {
  reply.integer(db.get(key!, StringValue)?.length ?? 0);
}

function append(session: Session, [, key, text]: string[]): void {
  const { db, reply } = session;
  const value = db.get(key!, StringValue);
  if (value === undefined) {
    db.set(key!, new StringValue(text!));
  } else {
    checkLength(
      value.length + text!.length,
      Math.min(session.core.limits.string, LONGEST_STRING),
    );
    value.append(text!);
    db.changed(key!);
  }
  session.notify("$", "append", key!);
  reply.integer((value ?? text!).length);
}

function getRange({ db, reply }: Session, args: string[]): void {
  let start = toInteger(args[2]!);
  let end = toInteger(args[3]!);
  const value = db.get(args[1]!, StringValue);
  if (value === undefined) return reply.bulk("");
  if (start < 0 && end < 0 && start > end) return reply.bulk("");
  const { length } = value;
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  end = Math.min(end, length - 1);
  if (start > end) reply.bulk("");
  else reply.bulk(value.slice(start, end + 1));
}

function setRange(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [, key, place, text] = args as [string, string, string, string];
  const offset = toInteger(place);
  if (offset < 0) throw err("offset is out of range");
  const old = db.get(key, StringValue);
  if (text === "") return reply.integer(old?.length ?? 0);
  checkLength(offset + text.length, session.core.limits.string);
  const value = old ?? new StringValue("");
  writeBinary(text, value.writable(offset + text.length), offset);
  if (old === undefined) db.set(key, value);
  else db.changed(key);
  session.notify("$", "setrange", key);
  reply.integer(value.length);
}

function decrBy(session: Session, [, key, text]: string[]): void {
  const by = toWhole(text!);
  if (by === MIN) throw err("decrement would overflow");
  add(session, key!, -by);
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Reads a 64-bit integer: a number when it has few digits, else a bigint. */
function toWhole(text: string): number | bigint {
  const small = smallInteger(text);
  return Number.isNaN(small) ? toBigInt(text) : small;
}

/** Adds to the integer value of a key. */
function add(session: Session, key: string, by: number | bigint): void {
  const { db, reply } = session;
  const value = db.get(key, StringValue);
  const sum = value === undefined ? by : sumOf(toWhole(value.text), by);
  const text = String(sum);
  if (value === undefined) {
    db.set(key, new StringValue(text));
  } else {
    value.setTo(text, "best");
    db.changed(key);
  }
  session.notify("$", "incrby", key);
  reply.integer(sum);
}

function sumOf(a: number | bigint, b: number | bigint): number | bigint {
  // Numbers have few digits, so the sum is exact.
  if (typeof a === "number" && typeof b === "number") return a + b;
  const sum = BigInt(a) + BigInt(b);
  if (sum < MIN || sum > MAX) {
    throw err("increment or decrement would overflow");
  }
  return sum;
}

function incrByFloat(session: Session, [, key, by]: string[]): void {
  const { db, reply } = session;
  const value = db.get(key!, StringValue);
  const text = addLongDouble(value?.text ?? "0", by!);
  if (value === undefined) {
    db.set(key!, new StringValue(text, "text"));
  } else {
    value.setTo(text, "text");
    db.changed(key!);
  }
  session.notify("$", "incrbyfloat", key!);
  session.rewrite(["SET", key!, text, "KEEPTTL"]);
  reply.bulk(text);
}
