/**
 * Values in the format of RDB files and DUMP payloads.
 *
 * Every encoding that Redis has written since 2.4 is read, save those of
 * modules and the zipmaps of 2.4. Written are the plain ones, which every Redis
 * since 7.0 reads; only a hash with fields that expire needs Redis 7.4, and a
 * stream that remembers its producers Redis 8.6.
 *
 * @module
 */

import { HashValue } from "../values/hash.ts";
import { ListValue } from "../values/list.ts";
import { SetValue } from "../values/set.ts";
import { SortedSet } from "../values/sorted_set.ts";
import { Stream } from "../values/stream.ts";
import { StringValue } from "../values/string.ts";
import { Collection, type Value } from "../values/value.ts";
import { TYPE, VERSION } from "./format.ts";
import {
  type RdbReader,
  readIntset,
  readListpack,
  readZiplist,
} from "./reader.ts";
import { readStream, writeStream } from "./streams.ts";
import type { RdbWriter } from "./writer.ts";

/** Reads a value after its type. Throws when it is corrupt or not supported. */
export function readValue(reader: RdbReader, type: number): Value {
  switch (type) {
    case TYPE.string:
      return new StringValue(reader.string());
    case TYPE.list:
    case TYPE.set:
      return type === TYPE.list
        ? new ListValue(readStrings(reader, 1))
        : makeSet(readStrings(reader, 1));
    case TYPE.zset:
    case TYPE.zset2:
      return readSortedSet(reader, type === TYPE.zset2);
    case TYPE.hash:
      return makeHash(readStrings(reader, 2));
    case TYPE.listZiplist:
      return new ListValue(readZiplist(reader.stringBytes()));
    case TYPE.setIntset:
      return makeSet(readIntset(reader.stringBytes()));
    case TYPE.setListpack:
      return makeSet(readListpack(reader.stringBytes()));
    case TYPE.zsetZiplist:
      return makeSortedSet(readZiplist(reader.stringBytes()));
    case TYPE.zsetListpack:
      return makeSortedSet(readListpack(reader.stringBytes()));
    case TYPE.hashZiplist:
      return makeHash(readZiplist(reader.stringBytes()));
    case TYPE.hashListpack:
      return makeHash(readListpack(reader.stringBytes()));
    case TYPE.quicklist:
    case TYPE.quicklist2:
      return readQuicklist(reader, type === TYPE.quicklist2);
    case TYPE.stream:
      return readStream(reader, 1);
    case TYPE.stream2:
      return readStream(reader, 2);
    case TYPE.stream3:
      return readStream(reader, 3);
    case TYPE.stream4:
      return readStream(reader, 4);
    case TYPE.hashMetadata:
    case TYPE.hashListpackEx:
      return readExpiringHash(reader, type === TYPE.hashListpackEx);
    case TYPE.hashZipmap:
      throw new Error(
        "The RDB file has a hash as a zipmap: only Redis before 2.6 wrote them",
      );
    case TYPE.module:
    case TYPE.oldModule:
      throw new Error("The RDB file has the value of a module");
  }
  throw new Error(`The RDB file has a value of the unknown type ${type}`);
}

/** The RDB type in which a value is written. */
export function typeOf(value: Value): number {
  if (value instanceof StringValue) return TYPE.string;
  if (value instanceof ListValue) return TYPE.list;
  if (value instanceof SetValue) return TYPE.set;
  if (value instanceof SortedSet) return TYPE.zset2;
  if (value instanceof Stream) {
    return value.producers.isPlain ? TYPE.stream2 : TYPE.stream4;
  }
  return hasExpiries(value) ? TYPE.hashMetadata : TYPE.hash;
}

/** The version that reads what a value is written as. */
export function versionOf(value: Value): number {
  if (hasExpiries(value)) return VERSION.fieldExpiry;
  return value instanceof Stream && !value.producers.isPlain
    ? VERSION.producers
    : VERSION.plain;
}

function hasExpiries(value: Value): boolean {
  return value.nextExpiry !== Infinity;
}

/** Writes a value without its type. */
export function writeValue(writer: RdbWriter, value: Value): void {
  if (value instanceof StringValue) {
    writer.stringBytes(value.bytes);
  } else if (value instanceof ListValue) {
    writer.count(value.size);
    for (let i = 0; i < value.size; i++) writer.string(value.at(i));
  } else if (value instanceof SetValue) {
    writer.count(value.size);
    for (const member of value.members()) writer.string(member);
  } else if (value instanceof SortedSet) {
    writer.count(value.size);
    value.each(0, value.size, (member, score) => {
      writer.string(member);
      writer.double(score);
    });
  } else if (value instanceof HashValue) {
    writeHash(writer, value);
  } else if (value instanceof Stream) {
    writeStream(writer, value);
  }
}

/** Larger collections are written in steps of this many elements. */
const STEP = 2000;

/** Whether a value is large enough to be written in steps. */
export function isLarge(value: Value): boolean {
  return value instanceof Collection && value.size > STEP &&
    !hasExpiries(value);
}

/**
 * As {@linkcode writeValue}, one step at a time. The value must not change between
 * two steps.
 */
export function* writeSteps(writer: RdbWriter, value: Value): Generator<void> {
  const { size } = value as Collection;
  writer.count(size);
  const write = writerOfElements(writer, value);
  for (let at = 0; at < size; at += STEP) {
    write(at, Math.min(at + STEP, size));
    yield;
  }
}

/** Makes a function that writes a collection's elements from one index to another. */
function writerOfElements(
  writer: RdbWriter,
  value: Value,
): (from: number, to: number) => void {
  if (value instanceof ListValue) {
    return (from, to) => {
      for (let i = from; i < to; i++) writer.string(value.at(i));
    };
  }
  if (value instanceof SortedSet) {
    return (from, to) =>
      value.each(from, to, (member, score) => {
        writer.string(member);
        writer.double(score);
      });
  }
  if (value instanceof SetValue) {
    const members = value.members();
    return (from, to) => {
      for (let i = from; i < to; i++) writer.string(members[i]!);
    };
  }
  const hash = value as HashValue;
  return (from, to) => {
    for (let i = from; i < to; i++) {
      writer.string(hash.fieldAt(i));
      writer.string(hash.valueAt(i));
    }
  };
}

function readStrings(reader: RdbReader, each: number): string[] {
  const count = reader.length() * each;
  const strings: string[] = [];
  for (let i = 0; i < count; i++) strings.push(reader.string());
  return strings;
}

function readQuicklist(reader: RdbReader, listpacks: boolean): ListValue {
  const elements: string[] = [];
  for (let nodes = reader.length(); nodes > 0; nodes--) {
    // A long element has a plain node of its own.
    if (listpacks && reader.length() === 1) {
      elements.push(reader.string());
      continue;
    }
    const bytes = reader.stringBytes();
    const read = listpacks ? readListpack(bytes) : readZiplist(bytes);
    for (const element of read) elements.push(element);
  }
  return new ListValue(elements);
}

function makeSet(members: readonly string[]): SetValue {
  const set = new SetValue(members);
  if (set.size !== members.length) throw twice("set");
  return set;
}

function readSortedSet(reader: RdbReader, binary: boolean): SortedSet {
  const set = new SortedSet(true);
  for (let left = reader.length(); left > 0; left--) {
    const member = reader.string();
    addScore(set, member, binary ? reader.double() : reader.doubleText());
  }
  set.shrink();
  return set;
}

function makeSortedSet(strings: readonly string[]): SortedSet {
  const set = new SortedSet();
  for (let i = 0; i + 1 < strings.length; i += 2) {
    addScore(set, strings[i]!, toScore(strings[i + 1]!));
  }
  return set;
}

function addScore(set: SortedSet, member: string, score: number): void {
  if (Number.isNaN(score)) {
    throw new Error("The RDB file has a score that is not a number");
  }
  if (set.score(member) !== undefined) throw twice("sorted set");
  set.set(member, score);
}

function toScore(text: string): number {
  const infinite = /^([+-]?)inf$/.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  return Number(text);
}

function makeHash(strings: readonly string[]): HashValue {
  const hash = new HashValue();
  for (let i = 0; i + 1 < strings.length; i += 2) {
    if (!hash.set(strings[i]!, strings[i + 1]!)) throw twice("hash");
  }
  return hash;
}

function readExpiringHash(reader: RdbReader, listpack: boolean): HashValue {
  const hash = new HashValue();
  const first = Number(reader.int64());
  const add = (field: string, value: string, expiry: number) => {
    if (!hash.set(field, value)) throw twice("hash");
    if (expiry > 0) hash.setExpiry(field, expiry);
  };
  if (listpack) {
    const strings = readListpack(reader.stringBytes());
    for (let i = 0; i + 2 < strings.length; i += 3) {
      add(strings[i]!, strings[i + 1]!, Number(strings[i + 2]));
    }
    return hash;
  }
  for (let left = reader.length(); left > 0; left--) {
    const behind = reader.length();
    const field = reader.string();
    add(field, reader.string(), behind === 0 ? 0 : first + behind - 1);
  }
  return hash;
}

function writeHash(writer: RdbWriter, hash: HashValue): void {
  const { size } = hash;
  const expiring = hasExpiries(hash);
  let first = Infinity;
  if (expiring) {
    for (let i = 0; i < size; i++) {
      first = Math.min(first, hash.expiryOf(hash.fieldAt(i)) ?? Infinity);
    }
    if (first === Infinity) first = 0;
    writer.int64(BigInt(first));
  }
  writer.count(size);
  for (let i = 0; i < size; i++) {
    const field = hash.fieldAt(i);
    if (expiring) {
      const at = hash.expiryOf(field);
      writer.count(at === undefined ? 0 : at - first + 1);
    }
    writer.string(field);
    writer.string(hash.valueAt(i));
  }
}

/** Whether a value is a collection without elements: Redis never stores one. */
export function isEmpty(value: Value): boolean {
  return value instanceof Collection && value.size === 0;
}

function twice(type: string): Error {
  return new Error(`The RDB file has a ${type} with the same element twice`);
}
