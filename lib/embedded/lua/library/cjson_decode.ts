/**
 * `cjson.decode`: parses JSON.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { textToNumber } from "../number.ts";
import { LuaTable } from "../table.ts";
import type { Value } from "../value.ts";
import { ARRAY_MARK, type JsonSettings, NULL } from "./cjson.ts";

/** Reads a JSON text. */
export function decode(
  m: Machine,
  text: string,
  settings: JsonSettings,
): Value {
  if (text.length >= 2 && (text[0] === "\0" || text[1] === "\0")) {
    throw m.error("JSON parser does not support UTF-16 or UTF-32");
  }
  const decoder = new Decoder(m, text, settings);
  const value = decoder.value(decoder.next());
  const last = decoder.next();
  if (last.kind !== "T_END") throw decoder.expected("the end", last);
  return value;
}

/** A token, by cjson's own name; an error has its message. */
type Token =
  | { readonly kind: "T_STRING"; readonly at: number; readonly value: string }
  | { readonly kind: "T_NUMBER"; readonly at: number; readonly value: number }
  | { readonly kind: "T_BOOLEAN"; readonly at: number; readonly value: boolean }
  | { readonly kind: "T_ERROR"; readonly at: number; readonly value: string }
  | { readonly kind: Sign | "T_NULL" | "T_END"; readonly at: number };

type Sign =
  | "T_OBJ_BEGIN"
  | "T_OBJ_END"
  | "T_ARR_BEGIN"
  | "T_ARR_END"
  | "T_COLON"
  | "T_COMMA";

const SIGNS: Readonly<Record<string, Sign>> = {
  "{": "T_OBJ_BEGIN",
  "}": "T_OBJ_END",
  "[": "T_ARR_BEGIN",
  "]": "T_ARR_END",
  ":": "T_COLON",
  ",": "T_COMMA",
};

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
};

const BLANKS = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\0]*/y;
// Every number that strtod reads; `INVALID` finds those that are not JSON.
const NUMBER =
  /[+-]?(?:0[xX][\da-fA-F]+(?:\.[\da-fA-F]*)?(?:[pP][+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan(?:\(\w*\))?)/iy;
const INVALID = /[+]|-?(?:0[xX\d]|inf|nan)/iy;
const NUMBER_START = /[-\d]/;
const MAYBE = /[fiInNt+]/;

class Decoder {
  readonly #m: Machine;
  readonly #text: string;
  readonly #settings: JsonSettings;
  #at = 0;
  #depth = 0;

  constructor(m: Machine, text: string, settings: JsonSettings) {
    this.#m = m;
    this.#text = text;
    this.#settings = settings;
  }

  next(): Token {
    const text = this.#text;
    this.#match(BLANKS);
    const at = this.#at;
    const char = text[at];
    // C strings end at the first zero byte.
    if (char === undefined || char === "\0") return { kind: "T_END", at };
    const sign = SIGNS[char];
    if (sign !== undefined) {
      this.#at++;
      return { kind: sign, at };
    }
    if (char === '"') return this.#string();
    const isNumber = NUMBER_START.test(char);
    if (!isNumber && !MAYBE.test(char)) return this.#error("invalid token", at);
    const { decodeInvalid } = this.#settings;
    if (isNumber) {
      if (!decodeInvalid && this.#looksInvalid()) {
        return this.#error("invalid number", at);
      }
      return this.#number();
    }
    for (const [word, token] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      this.#at += word.length;
      return { ...token, at } as Token;
    }
    if (decodeInvalid && this.#looksInvalid()) return this.#number();
    return this.#error("invalid token", at);
  }

  value(token: Token): Value {
    switch (token.kind) {
      case "T_STRING":
      case "T_NUMBER":
      case "T_BOOLEAN":
        return token.value;
      case "T_NULL":
        return NULL;
      case "T_OBJ_BEGIN":
        return this.#object();
      case "T_ARR_BEGIN":
        return this.#array();
    }
    throw this.expected("value", token);
  }

  expected(what: string, token: Token): Error {
    const found = token.kind === "T_ERROR" ? token.value : token.kind;
    return this.#m.error(
      `Expected ${what} but found ${found} at character ${token.at + 1}`,
    );
  }

  #object(): LuaTable {
    this.#descend();
    const made = new LuaTable();
    let token = this.next();
    if (token.kind !== "T_OBJ_END") {
      for (;;) {
        if (token.kind !== "T_STRING") {
          throw this.expected("object key string", token);
        }
        const key = token.value;
        token = this.next();
        if (token.kind !== "T_COLON") throw this.expected("colon", token);
        made.set(key, this.value(this.next()));
        token = this.next();
        if (token.kind === "T_OBJ_END") break;
        if (token.kind !== "T_COMMA") {
          throw this.expected("comma or object end", token);
        }
        token = this.next();
      }
    }
    this.#depth--;
    return made;
  }

  #array(): LuaTable {
    this.#descend();
    const made = new LuaTable();
    if (this.#settings.markArrays) {
      const metatable = made.metatable = new LuaTable();
      metatable.set(ARRAY_MARK, true);
      metatable.readOnly = true;
    }
    let token = this.next();
    if (token.kind !== "T_ARR_END") {
      for (let i = 1;; i++) {
        made.set(i, this.value(token));
        token = this.next();
        if (token.kind === "T_ARR_END") break;
        if (token.kind !== "T_COMMA") {
          throw this.expected("comma or array end", token);
        }
        token = this.next();
      }
    }
    this.#depth--;
    return made;
  }

  #descend(): void {
    if (++this.#depth <= this.#settings.decodeDepth) return;
    throw this.#m.error(
      `Found too many nested data structures (${this.#depth}) at character ${this.#at}`,
    );
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #looksInvalid(): boolean {
    INVALID.lastIndex = this.#at;
    return INVALID.test(this.#text);
  }

  #number(): Token {
    const at = this.#at;
    const value = textToNumber(this.#match(NUMBER));
    return value === undefined
      ? this.#error("invalid number", at)
      : { kind: "T_NUMBER", at, value };
  }

  #error(value: string, at = this.#at): Token {
    return { kind: "T_ERROR", at, value };
  }

  #string(): Token {
    const at = this.#at++;
    let value = this.#match(PLAIN);
    for (;;) {
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#at++;
        return { kind: "T_STRING", at, value };
      }
      if (char !== "\\") return this.#error("unexpected end of string");
      const escape = this.#text[this.#at + 1] ?? "";
      if (escape === "u") {
        const code = this.#codePoint();
        if (code === undefined) {
          return this.#error("invalid unicode escape code");
        }
        value += toUtf8(code);
      } else {
        const meant = ESCAPES[escape];
        if (meant === undefined) return this.#error("invalid escape code");
        value += meant;
        this.#at += 2;
      }
      value += this.#match(PLAIN);
    }
  }

  /** The code point of a `\u` escape, or of a surrogate pair of two. */
  #codePoint(): number | undefined {
    const first = this.#codeUnit(this.#at);
    if (first === undefined) return undefined;
    if ((first & 0xf800) !== 0xd800) {
      this.#at += 6;
      return first;
    }
    if ((first & 0x400) !== 0) return undefined;
    const second = this.#codeUnit(this.#at + 6);
    if (second === undefined || (second & 0xfc00) !== 0xdc00) return undefined;
    this.#at += 12;
    return ((first & 0x3ff) << 10 | second & 0x3ff) + 0x10000;
  }

  #codeUnit(at: number): number | undefined {
    const escape = this.#text.slice(at, at + 6);
    return /^\\u[\da-fA-F]{4}$/.test(escape)
      ? parseInt(escape.slice(2), 16)
      : undefined;
  }
}

const WORDS = [
  ["true", { kind: "T_BOOLEAN", value: true }],
  ["false", { kind: "T_BOOLEAN", value: false }],
  ["null", { kind: "T_NULL" }],
] as const;

/** Encodes a code point as UTF-8, one character per byte. */
function toUtf8(code: number): string {
  const make = String.fromCharCode;
  if (code < 0x80) return make(code);
  const last = 0x80 | code & 63;
  if (code < 0x800) return make(0xc0 | code >> 6, last);
  const third = 0x80 | code >> 6 & 63;
  if (code < 0x10000) return make(0xe0 | code >> 12, third, last);
  return make(0xf0 | code >> 18, 0x80 | code >> 12 & 63, third, last);
}
