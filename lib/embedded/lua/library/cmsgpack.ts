/**
 * The library `cmsgpack`: values as MessagePack.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 * @module
 */

import type { Machine } from "../machine.ts";
import { LuaTable } from "../table.ts";
import type { NativeFunction, Value } from "../value.ts";
import {
  integer,
  library,
  optionalInteger,
  rawSet,
  text,
} from "./arguments.ts";

/** Adds `cmsgpack` to the global variables. */
export function openMessagePack(m: Machine): void {
  const made = library(FUNCTIONS);
  made.set("_NAME", "cmsgpack");
  made.set("_VERSION", "lua-cmsgpack 0.4.0");
  made.set("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo");
  made.set("_DESCRIPTION", "MessagePack C implementation for Lua");
  m.globals.set("cmsgpack", made);
}

/** Tables nested deeper are packed as nil. */
const MAX_NESTING = 16;

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  pack(args, m) {
    if (args.length === 0) {
      throw m.argumentError(0, "MessagePack pack needs input.");
    }
    let made = "";
    for (const value of args) made += pack(value, 0);
    m.charge(made.length);
    return made;
  },
  unpack: (args, m) => unpack(m, text(m, args, 0), 0, 0),
  // deno-lint-ignore camelcase -- the name in Lua
  unpack_limit(args, m) {
    const limit = integer(m, args, 1);
    return unpack(m, text(m, args, 0), limit, optionalInteger(m, args, 2, 0));
  },
  // deno-lint-ignore camelcase -- the name in Lua
  unpack_one(args, m) {
    return unpack(m, text(m, args, 0), 1, optionalInteger(m, args, 1, 0));
  },
};

function pack(value: Value, level: number): string {
  switch (typeof value) {
    case "boolean":
      return value ? "\xc3" : "\xc2";
    case "number":
      return packNumber(value);
    case "string":
      return packHeader(value.length, STRING) + value;
  }
  if (!(value instanceof LuaTable) || level === MAX_NESTING) return "\xc0";
  if (isList(value)) {
    const { length } = value;
    let made = packHeader(length, ARRAY);
    for (let i = 1; i <= length; i++) made += pack(value.get(i), level + 1);
    return made;
  }
  let count = 0;
  let made = "";
  for (let entry = value.next(undefined); Array.isArray(entry);) {
    made += pack(entry[0], level + 1) + pack(entry[1], level + 1);
    count++;
    entry = value.next(entry[0]);
  }
  return packHeader(count, MAP) + made;
}

/** The type bytes of a kind: sizes below `short`, then sizes of 8, 16, 32 bits. */
interface Kind {
  readonly short: number;
  readonly fixed: number;
  readonly bytes: readonly (readonly [size: number, code: number])[];
}

const STRING: Kind = {
  short: 32,
  fixed: 0xa0,
  bytes: [[1, 0xd9], [2, 0xda], [4, 0xdb]],
};
const ARRAY: Kind = {
  short: 16,
  fixed: 0x90,
  bytes: [[2, 0xdc], [4, 0xdd]],
};
const MAP: Kind = { short: 16, fixed: 0x80, bytes: [[2, 0xde], [4, 0xdf]] };

function packHeader(size: number, { short, fixed, bytes }: Kind): string {
  if (size < short) return String.fromCharCode(fixed | size);
  const [width, code] = bytes.find(([width]) => size < 256 ** width)!;
  return String.fromCharCode(code) + bigEndian(BigInt(size), width);
}

function bigEndian(value: bigint, width: number): string {
  let made = "";
  for (let i = width - 1; i >= 0; i--) {
    made += String.fromCharCode(Number(value >> BigInt(8 * i) & 255n));
  }
  return made;
}

function packNumber(value: number): string {
  const isInteger = Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  if (isInteger) return packInteger(value);
  const view = new DataView(new ArrayBuffer(9));
  const isShort = Math.fround(value) === value;
  view.setUint8(0, isShort ? 0xca : 0xcb);
  if (isShort) view.setFloat32(1, value);
  else view.setFloat64(1, value);
  return String.fromCharCode(
    ...new Uint8Array(view.buffer, 0, isShort ? 5 : 9),
  );
}

function packInteger(value: number): string {
  if (value >= -32 && value < 128) return String.fromCharCode(value & 255);
  const width = [1, 2, 4, 8].find((width) =>
    value >= 0 ? value < 256 ** width : value >= -(256 ** width) / 2
  )!;
  const code = (value >= 0 ? 0xcc : 0xd0) + Math.log2(width);
  return String.fromCharCode(code) + bigEndian(BigInt(value), width);
}

/** Whether the keys are 1 to n without gaps. */
function isList(table: LuaTable): boolean {
  let count = 0;
  let most = 0;
  for (let entry = table.next(undefined); Array.isArray(entry);) {
    const [key] = entry;
    const isPlace = typeof key === "number" && key > 0 && key < 2 ** 31 &&
      Number.isInteger(key);
    if (!isPlace) return false;
    most = Math.max(most, key);
    count++;
    entry = table.next(key);
  }
  return most === count;
}

function unpack(
  m: Machine,
  data: string,
  limit: number,
  offset: number,
): Value[] {
  if (offset < 0 || limit < 0) {
    throw m.error(
      `Invalid request to unpack with offset of ${offset} and limit of ${data.length}.`,
    );
  }
  if (offset > data.length) {
    throw m.error(
      `Start offset ${offset} greater than input length ${data.length}.`,
    );
  }
  const isWhole = limit === 0 && offset === 0;
  const reader = new Reader(m, data, offset);
  const values: Value[] = [];
  while (!reader.isAtEnd && (isWhole || values.length < limit)) {
    values.push(reader.value());
  }
  if (!isWhole) values.unshift(reader.isAtEnd ? -1 : reader.at);
  return values;
}

/** Reads values from bytes. */
class Reader {
  readonly #m: Machine;
  readonly #data: string;
  /** The offset of the next byte. */
  at: number;

  constructor(m: Machine, data: string, at: number) {
    this.#m = m;
    this.#data = data;
    this.at = at;
  }

  /** Whether all bytes were read. */
  get isAtEnd(): boolean {
    return this.at >= this.#data.length;
  }

  /** The next value. */
  value(): Value {
    const code = this.#take(1).charCodeAt(0);
    if (code < 0x80) return code;
    if (code < 0x90) return this.#map(code & 0xf);
    if (code < 0xa0) return this.#array(code & 0xf);
    if (code < 0xc0) return this.#take(code & 0x1f);
    if (code >= 0xe0) return code - 256;
    switch (code) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#view(4).getFloat32(0);
      case 0xcb:
        return this.#view(8).getFloat64(0);
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#size(1 << code - 0xcc);
      case 0xcf:
        return Number(this.#view(8).getBigUint64(0));
      case 0xd0:
        return this.#view(1).getInt8(0);
      case 0xd1:
        return this.#view(2).getInt16(0);
      case 0xd2:
        return this.#view(4).getInt32(0);
      case 0xd3:
        return Number(this.#view(8).getBigInt64(0));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#take(this.#size(1 << code - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#size(2 << code - 0xdc));
      case 0xde:
      case 0xdf:
        return this.#map(this.#size(2 << code - 0xde));
    }
    throw this.#m.error("Bad data format in input.");
  }

  #take(count: number): string {
    const end = this.at + count;
    if (end > this.#data.length) throw this.#m.error("Missing bytes in input.");
    const bytes = this.#data.slice(this.at, end);
    this.at = end;
    return bytes;
  }

  #view(count: number): DataView {
    const bytes = this.#take(count);
    return new DataView(
      Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)).buffer,
    );
  }

  #size(width: number): number {
    const bytes = this.#take(width);
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + bytes.charCodeAt(i);
    return value;
  }

  #array(count: number): LuaTable {
    const made = new LuaTable();
    for (let i = 1; i <= count; i++) made.set(i, this.value());
    return made;
  }

  #map(count: number): LuaTable {
    const made = new LuaTable();
    for (let i = 0; i < count; i++) {
      const key = this.value();
      rawSet(made, key, this.value());
    }
    return made;
  }
}
