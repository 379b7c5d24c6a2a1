/**
 * Conversion between replies of Redis and values of Lua.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/#data-type-conversion
 * @module
 */

import { formatDouble } from "../base/numbers.ts";
import { toBinary } from "../../resp/binary.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { LuaTable } from "../lua/table.ts";
import type { Value } from "../lua/value.ts";

const CR = 13;

/** A table with one field. */
export function tableOf(name: string, value: Value): LuaTable {
  const made = new LuaTable();
  made.set(name, value);
  return made;
}

/** Converts an encoded reply, in RESP2 or RESP3, to a Lua value. */
export class ReplyReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Begins to read. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next value. */
  value(): Value {
    const type = this.#bytes[this.#at++];
    switch (type) {
      case 0x24: // $
        return this.#bulk();
      case 0x3a: // :
        return Number(this.#line());
      case 0x2b: // +
        return tableOf("ok", this.#line());
      case 0x2d: // -
        return tableOf("err", this.#line());
      case 0x2a: // *
        return this.#array();
      case 0x25: // %
        return tableOf("map", this.#pairs());
      case 0x7e: // ~
        return tableOf("set", this.#set());
      case 0x5f: // _
        this.#line();
        return undefined;
      case 0x23: // #
        return this.#line() === "t";
      case 0x2c: // ,
        return tableOf("double", readDouble(this.#line()));
      case 0x28: // (
        return tableOf("big_number", this.#line());
      case 0x3d: // =
        return this.#verbatim();
    }
    throw new Error(`Cannot read reply: unexpected type byte ${type}`);
  }

  #line(): string {
    const start = this.#at;
    let end = start;
    while (this.#bytes[end] !== CR) end++;
    this.#at = end + 2;
    return toBinary(this.#bytes, start, end);
  }

  #size(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === 0x2d) {
      this.#line();
      return -1;
    }
    let size = 0;
    for (; bytes[at] !== CR; at++) size = size * 10 + bytes[at]! - 48;
    this.#at = at + 2;
    return size;
  }

  #bulk(): Value {
    const size = this.#size();
    if (size < 0) return false;
    const start = this.#at;
    this.#at = start + size + 2;
    return toBinary(this.#bytes, start, start + size);
  }

  #array(): Value {
    const size = this.#size();
    if (size < 0) return false;
    const values: Value[] = [];
    let isWhole = true;
    for (let i = 0; i < size; i++) {
      const value = this.value();
      if (value === undefined) isWhole = false;
      values.push(value);
    }
    if (isWhole) return LuaTable.of(values);
    const made = new LuaTable();
    values.forEach((value, i) => made.set(i + 1, value));
    return made;
  }

  #pairs(): LuaTable {
    const made = new LuaTable();
    for (let i = this.#size(); i > 0; i--) {
      const key = this.value();
      made.set(key, this.value());
    }
    return made;
  }

  #set(): LuaTable {
    const made = new LuaTable();
    for (let i = this.#size(); i > 0; i--) made.set(this.value(), true);
    return made;
  }

  #verbatim(): LuaTable {
    const text = this.#bulk() as string;
    const made = new LuaTable();
    made.set("string", text.slice(4));
    made.set("format", text.slice(0, 3));
    return tableOf("verbatim_string", made);
  }
}

function readDouble(text: string): number {
  if (text === "inf") return Infinity;
  return text === "-inf" ? -Infinity : Number(text);
}

/** The deepest nesting of tables: beyond it Lua's stack would overflow. */
const MAX_DEPTH = 7994;

/** Writes Lua values as replies. */
export class ReplyWriter {
  /** The protocol that the script chose with `redis.setresp`. */
  protocol: 2 | 3;
  readonly #reply: ReplyEncoder;
  /** Called with each error inside the reply. */
  readonly #countError: (table: LuaTable, message: string) => void;

  /** Writes to a client's reply. */
  constructor(
    reply: ReplyEncoder,
    protocol: 2 | 3,
    countError: (table: LuaTable, message: string) => void,
  ) {
    this.#reply = reply;
    this.protocol = protocol;
    this.#countError = countError;
  }

  /** Writes a value with all nested values. */
  write(value: Value): void {
    // Iterative: scripts may nest deeper than JavaScript's stack allows.
    const pending: Pending[] = [{ value, depth: 0 }];
    for (let next; (next = pending.pop()) !== undefined;) {
      const parts = this.#writeOne(next.value, next.depth);
      for (let i = parts.length - 1; i >= 0; i--) {
        pending.push({ value: parts[i], depth: next.depth + 1 });
      }
    }
  }

  /** Writes a value; of an aggregate returns its elements, which follow. */
  #writeOne(value: Value, depth: number): readonly Value[] {
    const reply = this.#reply;
    switch (typeof value) {
      case "string":
        reply.bulk(value);
        return NONE;
      case "number":
        reply.integer(toInteger(value));
        return NONE;
      case "boolean":
        if (this.protocol === 3) reply.boolean(value);
        else if (value) reply.integer(1);
        else reply.null();
        return NONE;
    }
    if (!(value instanceof LuaTable)) {
      reply.null();
      return NONE;
    }
    if (depth > MAX_DEPTH) {
      return this.#error(value, "ERR reached lua stack limit");
    }
    return this.#scalar(value) ?? this.#aggregate(value);
  }

  #error(table: LuaTable, message: string): readonly Value[] {
    this.#countError(table, message);
    this.#reply.error(message);
    return NONE;
  }

  /** Writes a table with a special field such as `err`; `undefined` for any other table. */
  #scalar(table: LuaTable): readonly Value[] | undefined {
    const reply = this.#reply;
    const error = table.getText("err");
    if (typeof error === "string") return this.#error(table, error);
    const ok = table.getText("ok");
    const double = table.getText("double");
    const big = table.getText("big_number");
    const verbatim = table.getText("verbatim_string");
    if (typeof ok === "string") reply.simple(oneLine(ok));
    else if (typeof double === "number") reply.double(formatDouble(double));
    else if (typeof big === "string") reply.bigNumber(oneLine(big));
    else if (verbatim instanceof LuaTable) {
      const format = verbatim.getText("format");
      const text = verbatim.getText("string");
      if (typeof format !== "string" || typeof text !== "string") {
        return undefined;
      }
      reply.verbatim(format.slice(0, 3), text);
    } else return undefined;
    return NONE;
  }

  #aggregate(table: LuaTable): readonly Value[] {
    const reply = this.#reply;
    const map = table.getText("map");
    if (map instanceof LuaTable) {
      const entries = entriesOf(map);
      reply.map(entries.length);
      return entries.flat();
    }
    const set = table.getText("set");
    if (set instanceof LuaTable) {
      const entries = entriesOf(set);
      reply.set(entries.length);
      return entries.map(([key]) => key);
    }
    const parts: Value[] = [];
    for (let value; (value = table.get(parts.length + 1)) !== undefined;) {
      parts.push(value);
    }
    reply.array(parts.length);
    return parts;
  }
}

/** A value to be written, and its depth. */
interface Pending {
  readonly value: Value;
  readonly depth: number;
}

const NONE: readonly Value[] = [];

function entriesOf(table: LuaTable): [Value, Value][] {
  const entries: [Value, Value][] = [];
  for (let entry = table.next(undefined); Array.isArray(entry);) {
    entries.push(entry);
    entry = table.next(entry[0]);
  }
  return entries;
}

/** A double as a 64-bit integer, as x86 converts it. */
function toInteger(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : -(1n << 63n);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, " ");
}
