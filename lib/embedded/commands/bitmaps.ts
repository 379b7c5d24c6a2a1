/**
 * Commands on the bits of strings.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { parseInteger, toBigInt, toInteger } from "../base/numbers.ts";
import { StringValue } from "../values/string.ts";

/** The commands of this family. */
export const BITMAPS: readonly CommandSpec[] = [
  {
    name: "BITCOUNT",
    run: bitCount,
  },
  {
    name: "BITOP",
    run: bitOp,
  },
  {
    name: "BITPOS",
    run: bitPos,
  },
  {
    name: "GETBIT",
    run: getBit,
  },
  {
    name: "SETBIT",
    run: setBit,
  },
];

/** Reads the offset of a bit; `#n` is the offset of the n-th field of `bits` bits. */
export function toBitOffset(
  { core }: Session,
  text: string,
  bits = 0,
): number {
  const counted = bits > 0 && text.startsWith("#");
  const value = parseInteger(counted ? text.slice(1) : text);
  const offset = value === null ? -1 : Number(value) * (counted ? bits : 1);
  if (offset < 0 || offset >= core.limits.string * 8) {
    throw err("bit offset is not an integer or out of range");
  }
  return offset;
}

/**
 * The string at a key with room for bits up to `last`; created when absent. Also
 * returns whether it was created or extended.
 */
export function bitsToWrite(
  { db }: Session,
  key: string,
  last: number,
): { value: StringValue; bytes: Uint8Array; longer: boolean } {
  const value = db.getOrAdd(key, StringValue, () => new StringValue(""));
  const { length } = value;
  const bytes = value.writable(Math.floor(last / 8) + 1);
  return { value, bytes, longer: bytes.length > length };
}

function setBit(session: Session, args: string[]): void {
  const [, key, place, text] = args as [string, string, string, string];
  const offset = toBitOffset(session, place);
  const bit = parseInteger(text);
  if (bit !== 0n && bit !== 1n) {
    throw err("bit is not an integer or out of range");
  }
  const { bytes, longer } = bitsToWrite(session, key, offset);
  const at = Math.floor(offset / 8);
  const mask = 0x80 >> offset % 8;
  const old = (bytes[at]! & mask) === 0 ? 0 : 1;
  if (longer || BigInt(old) !== bit) {
    if (bit === 1n) bytes[at]! |= mask;
    else bytes[at]! &= ~mask;
    session.db.changed(key);
    session.notify("$", "setbit", key);
  }
  session.reply.integer(old);
}

function getBit(session: Session, [, key, place]: string[]): void {
  const { db, reply } = session;
  const offset = toBitOffset(session, place!);
  const byte = db.get(key!, StringValue)?.byteAt(Math.floor(offset / 8)) ?? 0;
  reply.integer(byte >> 7 - offset % 8 & 1);
}

/** A range of bits, both ends included. */
interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** The range from `start` to `end`; negative values count from the end of the string. */
function stretchOf(
  length: number,
  start: number,
  end: number,
  unit: number,
): Stretch {
  const total = length * 8 / unit;
  if (start < 0) start = Math.max(0, total + start);
  if (end < 0) end = Math.max(0, total + end);
  end = Math.min(end, total - 1);
  return { first: start * unit, last: end * unit + unit - 1 };
}

/** Reads `BYTE` or `BIT`: the number of bits that an index counts. */
function toUnit(word: string | undefined): 1 | 8 {
  if (word === undefined) return 8;
  const name = word.toUpperCase();
  if (name !== "BIT" && name !== "BYTE") throw syntaxError();
  return name === "BIT" ? 1 : 8;
}

function bitCount({ db, reply }: Session, args: string[]): void {
  if (args.length === 3 || args.length > 5) throw syntaxError();
  const [start, end] = args.length === 2
    ? [0, -1]
    : [toInteger(args[2]!), toInteger(args[3]!)];
  const unit = toUnit(args[4]);
  const value = db.get(args[1]!, StringValue);
  if (value === undefined) return reply.integer(0);
  if (start < 0 && end < 0 && start > end) return reply.integer(0);
  const { first, last } = stretchOf(value.length, start, end, unit);
  reply.integer(first > last ? 0 : countBits(value.bytes, first, last));
}

/** The number of one bits of each byte. */
const POPULATION = new Uint8Array(256);
for (let i = 1; i < 256; i++) POPULATION[i] = POPULATION[i >> 1]! + (i & 1);

function countBits(bytes: Uint8Array, first: number, last: number): number {
  const [start, end] = [Math.floor(first / 8), Math.floor(last / 8)];
  let count = 0;
  for (let at = start; at <= end; at++) count += POPULATION[bytes[at]!]!;
  // The bits outside of the range in its first and its last byte.
  const before = bytes[start]! >> 8 - first % 8;
  const behind = bytes[end]! & 0xff >> last % 8 + 1;
  return count - POPULATION[before]! - POPULATION[behind]!;
}

function bitPos({ db, reply }: Session, args: string[]): void {
  const bit = toBigInt(args[2]!);
  if (bit !== 0n && bit !== 1n) {
    throw err("The bit argument must be 1 or 0.");
  }
  if (args.length > 6) throw syntaxError();
  const start = args[3] === undefined ? 0 : toInteger(args[3]);
  const unit = toUnit(args[5]);
  const end = args[4] === undefined ? -1 : toInteger(args[4]);
  const value = db.get(args[1]!, StringValue);
  if (value === undefined) return reply.integer(bit === 1n ? -1 : 0);
  const { first, last } = stretchOf(value.length, start, end, unit);
  if (first > last) return reply.integer(-1);
  const at = findBit(value.bytes, bit === 1n, first, last);
  // Without an explicit end, the string counts as followed by zeros.
  const none = bit === 0n && args[4] === undefined ? last + 1 : -1;
  reply.integer(at ?? none);
}

function findBit(
  bytes: Uint8Array,
  set: boolean,
  first: number,
  last: number,
): number | null {
  const full = set ? 0 : 0xff;
  for (let at = first; at <= last;) {
    const byte = bytes[Math.floor(at / 8)]!;
    if (at % 8 === 0 && byte === full) {
      at += 8;
      continue;
    }
    if ((byte & 0x80 >> at % 8) !== 0 === set) return at;
    at++;
  }
  return null;
}

type Operation = (a: number, b: number) => number;

/** Operations that are applied to one source after another. */
const ON_EACH: Readonly<Record<string, Operation>> = {
  AND: (a, b) => a & b,
  OR: (a, b) => a | b,
  XOR: (a, b) => a ^ b,
};

/** Operations on the first source and the union of the others. */
const ON_FIRST: Readonly<Record<string, Operation>> = {
  DIFF: (first, others) => first & ~others,
  DIFF1: (first, others) => ~first & others,
  ANDOR: (first, others) => first & others,
};

const OPERATIONS = new Set(
  ["NOT", "ONE", ...Object.keys(ON_EACH), ...Object.keys(ON_FIRST)],
);

function combine(
  name: string,
  sources: readonly Uint8Array[],
  size: number,
): Uint8Array {
  const onFirst = ON_FIRST[name];
  if (onFirst !== undefined) {
    const [first, ...others] = sources as [Uint8Array];
    return fold([first, fold(others, size, ON_EACH["OR"]!)], size, onFirst);
  }
  if (name === "ONE") return bitsOfOne(sources, size);
  return name === "NOT"
    ? sources[0]!.map((byte) => ~byte)
    : fold(sources, size, ON_EACH[name]!);
}

function fold(
  [first, ...others]: readonly Uint8Array[],
  size: number,
  operation: Operation,
): Uint8Array {
  const result = new Uint8Array(size);
  result.set(first!);
  for (const other of others) {
    for (let i = 0; i < size; i++) {
      result[i] = operation(result[i]!, other[i] ?? 0);
    }
  }
  return result;
}

/** The bits that are set in exactly one source. */
function bitsOfOne(sources: readonly Uint8Array[], size: number): Uint8Array {
  const [once, more] = [new Uint8Array(size), new Uint8Array(size)];
  for (const source of sources) {
    for (const [i, byte] of source.entries()) {
      more[i]! |= once[i]! & byte;
      once[i]! |= byte;
    }
  }
  return once.map((byte, i) => byte & ~more[i]!);
}

function bitOp(session: Session, args: string[]): void {
  const { db, reply } = session;
  const [word, target] = [args[1]!, args[2]!];
  const keys = args.slice(3);
  const name = word.toUpperCase();
  if (!OPERATIONS.has(name)) throw syntaxError();
  if (name === "NOT" && keys.length !== 1) {
    throw err("BITOP NOT must be called with a single source key.");
  }
  if (Object.hasOwn(ON_FIRST, name) && keys.length < 2) {
    throw err(`BITOP ${name} must be called with at least two source keys.`);
  }
  const sources = keys.map((key) =>
    db.get(key, StringValue)?.bytes ?? new Uint8Array()
  );
  const size = Math.max(...sources.map((source) => source.length));
  if (size === 0) {
    if (db.delete(target)) session.notify("g", "del", target);
    return reply.integer(0);
  }
  const value = StringValue.ofBytes(combine(name, sources, size));
  db.set(target, value);
  session.notify("$", "set", target);
  // Propagated as SET: servers before 8.2 do not know all operations.
  session.rewrite(["SET", target, value.text]);
  reply.integer(size);
}
