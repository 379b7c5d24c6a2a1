/**
 * BITFIELD and BITFIELD_RO: integers of any width within a string.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { smallInteger, toBigInt } from "../base/numbers.ts";
import { StringValue } from "../values/string.ts";
import { bitsToWrite, toBitOffset } from "./bitmaps.ts";

/** The commands of this family. */
export const BITFIELD: readonly CommandSpec[] = [
  {
    name: "BITFIELD",
    run: bitField,
  },
  {
    name: "BITFIELD_RO",
    run: bitField,
  },
];

/** An integer within a string: its type and offset. */
interface Field {
  readonly signed: boolean;
  readonly bits: number;
  readonly offset: number;
}

/** The handling of a number that does not fit. */
type Overflow = "WRAP" | "SAT" | "FAIL";

/** One operation of the command. */
interface Operation {
  readonly word: "GET" | "SET" | "INCRBY";
  readonly field: Field;
  readonly operand: bigint;
  readonly overflow: Overflow;
}

function bitField(session: Session, args: string[]): void {
  const { db, reply } = session;
  const key = args[1]!;
  const operations = readOperations(session, args);
  const writes = operations.filter(({ word }) => word !== "GET");
  let bytes: Uint8Array;
  let changes = false;
  if (writes.length === 0) {
    bytes = db.get(key, StringValue)?.bytes ?? new Uint8Array();
  } else {
    if (args[0]!.length > "BITFIELD".length) {
      throw err("BITFIELD_RO only supports the GET subcommand");
    }
    const last = Math.max(
      ...writes.map(({ field }) => field.offset + field.bits - 1),
    );
    const made = bitsToWrite(session, key, last);
    bytes = made.bytes;
    changes = made.longer;
  }
  reply.array(operations.length);
  for (const { word, field, operand, overflow } of operations) {
    const old = read(bytes, field);
    if (word === "GET") {
      reply.integer(old);
      continue;
    }
    // For an unsigned SET, a negative number stands for its 64 bits.
    const operandOrBits = field.signed ? operand : BigInt.asUintN(64, operand);
    const fitted = word === "INCRBY"
      ? fit(old, operand, field, overflow)
      : fit(operandOrBits, 0n, field, overflow);
    if (fitted === null) {
      reply.null();
      continue;
    }
    write(bytes, field, fitted);
    changes ||= fitted !== old;
    reply.integer(word === "SET" ? old : fitted);
  }
  if (!changes) return;
  db.changed(key);
  session.notify("$", "setbit", key);
}

function readOperations(session: Session, args: string[]): Operation[] {
  const operations: Operation[] = [];
  let overflow: Overflow = "WRAP";
  for (let i = 2; i < args.length;) {
    const word = args[i]!.toUpperCase();
    const left = args.length - i - 1;
    if (word === "OVERFLOW" && left >= 1) {
      overflow = toOverflow(args[i + 1]!);
      i += 2;
      continue;
    }
    const get = word === "GET" && left >= 2;
    const set = (word === "SET" || word === "INCRBY") && left >= 3;
    if (!get && !set) throw syntaxError();
    operations.push({
      word: word as Operation["word"],
      field: toField(session, args[i + 1]!, args[i + 2]!),
      operand: set ? toBigInt(args[i + 3]!) : 0n,
      overflow,
    });
    i += set ? 4 : 3;
  }
  return operations;
}

function toOverflow(text: string): Overflow {
  const word = text.toUpperCase();
  if (word === "WRAP" || word === "SAT" || word === "FAIL") return word;
  throw err("Invalid OVERFLOW type specified");
}

function toField(session: Session, type: string, place: string): Field {
  const signed = type[0] === "i";
  const bits = smallInteger(type.slice(1));
  const known = signed || type[0] === "u";
  if (!known || !(bits >= 1 && bits <= (signed ? 64 : 63))) {
    throw err(
      "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
    );
  }
  return { signed, bits, offset: toBitOffset(session, place, bits) };
}

/** The number that fits the field; `null` for OVERFLOW FAIL. */
function fit(
  value: bigint,
  by: bigint,
  { signed, bits }: Field,
  overflow: Overflow,
): bigint | null {
  const most = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const least = signed ? -most - 1n : 0n;
  const sum = value + by;
  // Redis computes a 64-bit difference that may wrap, so that a SET of a very
  // negative number to a signed field counts as too large.
  const wraps = signed && bits < 64 && BigInt.asIntN(64, most - value) < by;
  const tooLarge = sum > most || wraps;
  if (!tooLarge && sum >= least) return sum;
  if (overflow === "FAIL") return null;
  if (overflow === "SAT") return tooLarge ? most : least;
  return signed ? BigInt.asIntN(bits, sum) : BigInt.asUintN(bits, sum);
}

/** The bytes that contain a field, and the number of bits after it in the last one. */
function placeOf({ bits, offset }: Field) {
  const end = offset + bits;
  const last = Math.ceil(end / 8) - 1;
  return { first: Math.floor(offset / 8), last, behind: last * 8 + 8 - end };
}

function read(bytes: Uint8Array, field: Field): bigint {
  const { first, last, behind } = placeOf(field);
  let value = 0n;
  for (let at = first; at <= last; at++) {
    value = value << 8n | BigInt(bytes[at] ?? 0);
  }
  value >>= BigInt(behind);
  return field.signed
    ? BigInt.asIntN(field.bits, value)
    : BigInt.asUintN(field.bits, value);
}

function write(bytes: Uint8Array, field: Field, value: bigint): void {
  const { first, last, behind } = placeOf(field);
  let rest = BigInt.asUintN(field.bits, value) << BigInt(behind);
  let mask = ((1n << BigInt(field.bits)) - 1n) << BigInt(behind);
  for (let at = last; at >= first; at--) {
    const kept = bytes[at]! & ~Number(mask & 0xffn);
    bytes[at] = kept | Number(rest & 0xffn);
    rest >>= 8n;
    mask >>= 8n;
  }
}
