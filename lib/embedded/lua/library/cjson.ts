/**
 * The library `cjson`: values as JSON.
 *
 * @module
 */

import { typeName } from "../convert.ts";
import type { Machine } from "../machine.ts";
import { general } from "../number.ts";
import { LuaTable } from "../table.ts";
import { LightUserdata, type NativeFunction, type Value } from "../value.ts";
import { integer, library, text, wrongType } from "./arguments.ts";
import { decode } from "./cjson_decode.ts";

/** JSON's null, as a table cannot hold nil. */
export const NULL = new LightUserdata("(nil)");

/** What the metatable of a marked list has. */
export const ARRAY_MARK = "__is_cjson_array";

/** What a script can set. */
export interface JsonSettings {
  /** Whether excessively sparse lists become objects. */
  convertSparse: boolean;
  /** A list is too sparse if it has more places than this times its items. */
  sparseRatio: number;
  /** A list with at most this many places is never too sparse. */
  sparseSafe: number;
  encodeDepth: number;
  decodeDepth: number;
  /** How infinity and NaN are encoded: as an error, as such, or as null. */
  encodeInvalid: "off" | "on" | "null";
  decodeInvalid: boolean;
  /** Whether lists that are read are marked, so that empty ones are written as lists. */
  markArrays: boolean;
  precision: number;
  keepBuffer: boolean;
}

/** Adds `cjson` to the global variables. */
export function openJson(m: Machine): void {
  m.globals.set("cjson", create());
}

const LARGEST = 0x7fffffff;

type Run = NativeFunction["run"];

function create(): LuaTable {
  const settings: JsonSettings = {
    convertSparse: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    encodeInvalid: "off",
    decodeInvalid: true,
    markArrays: false,
    precision: 14,
    keepBuffer: true,
  };
  const made = library({ ...functions(settings), ...options(settings) });
  made.set("null", NULL);
  made.set("_NAME", "cjson");
  made.set("_VERSION", "2.1.0");
  return made;
}

function functions(settings: JsonSettings): Readonly<Record<string, Run>> {
  const one = (args: readonly Value[], m: Machine) => {
    if (args.length !== 1) throw m.argumentError(1, "expected 1 argument");
  };
  return {
    decode(args, m) {
      one(args, m);
      return decode(m, text(m, args, 0), settings);
    },
    encode(args, m) {
      one(args, m);
      const made = encode(m, args[0], settings, 0);
      m.charge(made.length);
      return made;
    },
    new: () => create(),
  };
}

function options(settings: JsonSettings): Readonly<Record<string, Run>> {
  const most = (args: readonly Value[], m: Machine, count: number) => {
    if (args.length > count) {
      throw m.argumentError(count + 1, "found too many arguments");
    }
  };
  const number = (
    name:
      | "sparseRatio"
      | "sparseSafe"
      | "encodeDepth"
      | "decodeDepth"
      | "precision",
    least: number,
    greatest: number,
    at = 0,
  ): Run =>
  (args, m) => {
    if (args[at] !== undefined) {
      const value = integer(m, args, at);
      if (value < least || value > greatest) {
        throw m.argumentError(
          1,
          `expected integer between ${least} and ${greatest}`,
        );
      }
      settings[name] = value;
    }
    return settings[name];
  };
  const flag = (
    name: "convertSparse" | "decodeInvalid" | "keepBuffer" | "markArrays",
  ): Run =>
  (args, m) => {
    if (args[0] !== undefined) {
      settings[name] = choice(m, args, ["off", "on"]) === "on";
    }
    return settings[name];
  };
  const sparse = [
    flag("convertSparse"),
    number("sparseRatio", 0, LARGEST, 1),
    number("sparseSafe", 0, LARGEST, 2),
  ];
  const single = (run: Run): Run => (args, m) => {
    most(args, m, 1);
    return run(args, m);
  };
  return {
    decode_array_with_array_mt: single(flag("markArrays")),
    decode_invalid_numbers: single(flag("decodeInvalid")),
    decode_max_depth: single(number("decodeDepth", 1, LARGEST)),
    encode_invalid_numbers: single((args, m) => {
      if (args[0] !== undefined) {
        settings.encodeInvalid = choice(m, args, ["off", "on", "null"]);
      }
      const { encodeInvalid } = settings;
      return encodeInvalid === "null" ? "null" : encodeInvalid === "on";
    }),
    encode_keep_buffer: single(flag("keepBuffer")),
    encode_max_depth: single(number("encodeDepth", 1, LARGEST)),
    encode_number_precision: single(number("precision", 1, 14)),
    encode_sparse_array(args, m) {
      most(args, m, 3);
      return sparse.map((run) => run(args, m) as Value);
    },
  };
}

function choice<Name extends string>(
  m: Machine,
  args: Value[],
  names: readonly Name[],
): Name {
  const [value] = args;
  if (typeof value === "boolean") return names[value ? 1 : 0]!;
  if (typeof value !== "string" && typeof value !== "number") {
    throw wrongType(m, args, 0, "string");
  }
  const name = names.find((name) => name === value);
  if (name === undefined) throw m.argumentError(1, `invalid option '${value}'`);
  return name;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "/": "\\/",
  "\\": "\\\\",
};

function quote(value: string): string {
  const escaped = value.replace(
    // deno-lint-ignore no-control-regex -- control characters are escaped
    /[\0-\x1f"/\\\x7f]/g,
    (char) =>
      ESCAPES[char] ??
        `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

function encode(
  m: Machine,
  value: Value,
  settings: JsonSettings,
  depth: number,
): string {
  switch (typeof value) {
    case "undefined":
      return "null";
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return encodeNumber(m, value, settings);
    case "string":
      return quote(value);
  }
  if (value === NULL) return "null";
  if (!(value instanceof LuaTable)) {
    throw failure(m, value, "type not supported");
  }
  depth++;
  if (depth > settings.encodeDepth) {
    throw m.error(`Cannot serialise, excessive nesting (${depth})`);
  }
  const isMarked = !!value.metatable?.getText(ARRAY_MARK);
  const length = isMarked ? value.length : listLength(m, value, settings);
  const parts: string[] = [];
  if (isMarked || length > 0) {
    for (let i = 1; i <= length; i++) {
      parts.push(encode(m, value.get(i), settings, depth));
    }
    return `[${parts.join(",")}]`;
  }
  for (let entry = value.next(undefined); Array.isArray(entry);) {
    const [key, held] = entry;
    let name: string;
    if (typeof key === "number") name = `"${encodeNumber(m, key, settings)}"`;
    else if (typeof key === "string") name = quote(key);
    else throw failure(m, key, "table key must be a number or string");
    parts.push(`${name}:${encode(m, held, settings, depth)}`);
    entry = value.next(key);
  }
  return `{${parts.join(",")}}`;
}

function encodeNumber(
  m: Machine,
  value: number,
  { encodeInvalid, precision }: JsonSettings,
): string {
  if (!Number.isFinite(value)) {
    if (encodeInvalid === "off") {
      throw failure(m, value, "must not be NaN or Inf");
    }
    if (encodeInvalid === "null") return "null";
    if (value !== value) return "nan";
  }
  return general(value, precision, false);
}

/** The number of places of a list; -1 if the table is not a list. */
function listLength(
  m: Machine,
  table: LuaTable,
  { convertSparse, sparseRatio, sparseSafe }: JsonSettings,
): number {
  let most = 0;
  let items = 0;
  for (let entry = table.next(undefined); Array.isArray(entry);) {
    const [key] = entry;
    if (typeof key !== "number" || key < 1 || !Number.isInteger(key)) return -1;
    most = Math.max(most, key);
    items++;
    entry = table.next(key);
  }
  if (sparseRatio > 0 && most > items * sparseRatio && most > sparseSafe) {
    if (!convertSparse) throw failure(m, table, "excessively sparse array");
    return -1;
  }
  return most;
}

function failure(m: Machine, value: Value, reason: string): Error {
  return m.error(`Cannot serialise ${typeName(value)}: ${reason}`);
}
