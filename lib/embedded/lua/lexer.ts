/**
 * From text to tokens.
 *
 * @module
 */

import { textToNumber } from "./number.ts";
import { LuaError } from "./value.ts";

/** The reserved words. */
const RESERVED: ReadonlySet<string> = new Set(
  ("and break do else elseif end false for function if in local nil not or " +
    "repeat return then true until while").split(" "),
);

/** The end of the text. */
export const END = "<eof>";

/**
 * The kind of a token: a reserved word or sign as itself, or `<name>`, `<number>`,
 * `<string>` or `<eof>`.
 */
export type TokenKind = string;

/** A token. */
interface Token {
  kind: TokenKind;
  /** A name, or the value of a string. */
  text: string;
  /** The value of a number. */
  number: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const TWO_SIGNS: ReadonlySet<string> = new Set(["==", "~=", "<=", ">="]);
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMERAL = /[\d.]+(?:[eE][+-]?)?[\w]*/y;
const BLANKS = /[ \t\v\f]+/y;
const PLAIN = /[^\\\r\n"']+/y;
const LINE = /[^\r\n]*/y;

/** Reads the tokens of a text, with one token of lookahead. */
export class Lexer {
  /** The name of the text in errors. */
  readonly source: string;
  /** The line of the next character. */
  line = 1;
  /** The line of the token before the current one. */
  lastLine = 1;
  /** The current token. */
  token: Token = { kind: END, text: "", number: 0 };
  #ahead: Token | null = null;
  readonly #text: string;
  #at = 0;
  /** The offset where the token that is being read begins. */
  #start = 0;

  /** Begins to read a text. */
  constructor(text: string, source: string) {
    this.#text = text;
    this.source = source;
  }

  /** Reads the next token. */
  next(): void {
    this.lastLine = this.line;
    if (this.#ahead !== null) {
      this.token = this.#ahead;
      this.#ahead = null;
    } else this.token = this.#read();
  }

  /** The type of the token behind the current one. */
  peek(): TokenKind {
    this.#ahead = this.#read();
    return this.#ahead.kind;
  }

  /** An error at the current token. */
  syntaxError(message: string): LuaError {
    return this.error(message, this.#shown());
  }

  /** An error at this line, near a text. */
  error(message: string, near?: string): LuaError {
    const where = near === undefined ? "" : ` near '${cString(near)}'`;
    return new LuaError(
      `${
        chunkName(this.source, SHOWN_BY_COMPILER)
      }:${this.line}: ${message}${where}`,
    );
  }

  /** The current token as written in the text. */
  #shown(): string {
    const { kind } = this.token;
    switch (kind) {
      // As in Lua, the text that was read last.
      case "<name>":
      case "<string>":
      case "<number>":
        return this.#text.slice(this.#start, this.#at);
    }
    return shownKind(kind);
  }

  #read(): Token {
    const text = this.#text;
    for (;;) {
      this.#start = this.#at;
      const char = text[this.#at];
      switch (char) {
        case undefined:
          return this.#token(END);
        case "\n":
        case "\r":
          this.#newLine();
          continue;
        case " ":
        case "\t":
        case "\v":
        case "\f":
          this.#match(BLANKS);
          continue;
        case "-":
          if (text[this.#at + 1] !== "-") return this.#sign(char);
          this.#comment();
          continue;
        case "[": {
          const level = this.#longLevel(this.#at);
          if (level >= 0) {
            return this.#token("<string>", this.#long(level, "string"));
          }
          if (level === -1) return this.#sign(char);
          this.#at += -level;
          throw this.error(
            "invalid long string delimiter",
            text.slice(this.#start, this.#at),
          );
        }
        case '"':
        case "'":
          return this.#token("<string>", this.#string(char));
        case ".":
          if (isDigit(text.charCodeAt(this.#at + 1))) return this.#number();
          if (text.startsWith("...", this.#at)) return this.#sign("...");
          return this.#sign(text[this.#at + 1] === "." ? ".." : ".");
      }
      if (isDigit(char.charCodeAt(0))) return this.#number();
      const name = this.#match(NAME);
      if (name !== "") {
        return RESERVED.has(name)
          ? this.#token(name)
          : this.#token("<name>", name);
      }
      const two = text.slice(this.#at, this.#at + 2);
      return this.#sign(TWO_SIGNS.has(two) ? two : char);
    }
  }

  #sign(sign: string): Token {
    this.#at += sign.length;
    return this.#token(sign);
  }

  #token(kind: TokenKind, text = "", number = 0): Token {
    return { kind, text, number };
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #newLine(): void {
    const text = this.#text;
    const first = text[this.#at++];
    const second = text[this.#at];
    if ((second === "\n" || second === "\r") && second !== first) this.#at++;
    this.line++;
  }

  #number(): Token {
    const numeral = this.#match(NUMERAL);
    const value = textToNumber(numeral);
    if (value === undefined) throw this.error("malformed number", numeral);
    return this.#token("<number>", "", value);
  }

  #comment(): void {
    this.#at += 2;
    if (this.#text[this.#at] === "[") {
      const level = this.#longLevel(this.#at);
      if (level >= 0) {
        this.#long(level, "comment");
        return;
      }
    }
    this.#match(LINE);
  }

  /**
   * The number of `=` in a long bracket; for other text, the number of characters that
   * look like a long bracket, negative.
   */
  #longLevel(at: number): number {
    const text = this.#text;
    let end = at + 1;
    while (text[end] === "=") end++;
    return text[end] === text[at] ? end - at - 1 : at - end;
  }

  #long(level: number, what: string): string {
    const text = this.#text;
    this.#at += level + 2;
    if (text[this.#at] === "\n" || text[this.#at] === "\r") this.#newLine();
    let value = "";
    for (let from = this.#at;;) {
      switch (text[this.#at]) {
        case undefined:
          throw this.error(`unfinished long ${what}`, END);
        case "[":
          // Lua 5.0 nested long brackets; Lua 5.1 reports that as an error.
          if (level === 0 && text[this.#at + 1] === "[") {
            this.#at += 2;
            throw this.error("nesting of [[...]] is deprecated", "[");
          }
          this.#at++;
          continue;
        case "]":
          if (this.#longLevel(this.#at) === level) {
            value += text.slice(from, this.#at);
            this.#at += level + 2;
            return value;
          }
          this.#at++;
          continue;
        case "\n":
        case "\r":
          value += `${text.slice(from, this.#at)}\n`;
          this.#newLine();
          from = this.#at;
          continue;
      }
      this.#at++;
    }
  }

  #string(quote: string): string {
    const text = this.#text;
    this.#at++;
    let value = "";
    for (;;) {
      const char = text[this.#at];
      switch (char) {
        case undefined:
          throw this.error("unfinished string", END);
        case "\n":
        case "\r":
          throw this.error("unfinished string", quote + value);
        case "\\":
          value += this.#escape(quote + value);
          continue;
        case '"':
        case "'":
          this.#at++;
          if (char === quote) return value;
          value += char;
          continue;
      }
      value += this.#match(PLAIN);
    }
  }

  #escape(before: string): string {
    const char = this.#text[++this.#at];
    if (char === undefined) return "";
    if (char === "\n" || char === "\r") {
      this.#newLine();
      return "\n";
    }
    if (!isDigit(char.charCodeAt(0))) {
      this.#at++;
      return ESCAPES[char] ?? char;
    }
    let code = 0;
    for (let i = 0; i < 3; i++) {
      const digit = this.#text.charCodeAt(this.#at);
      if (!isDigit(digit)) break;
      code = code * 10 + digit - 48;
      this.#at++;
    }
    if (code > 255) throw this.error("escape sequence too large", before);
    return String.fromCharCode(code);
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A kind of token as errors show it. */
export function shownKind(kind: TokenKind): string {
  const code = kind.charCodeAt(0);
  return kind.length === 1 && (code < 32 || code === 127)
    ? `char(${code})`
    : kind;
}

/** Text as C prints it: up to the first zero byte. */
function cString(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** The most characters of a source's name in run-time errors. */
const SHOWN = 60;
/** The same in compile-time errors. */
const SHOWN_BY_COMPILER = 80;

/** The name of a source in errors: its own, or its first line. */
export function chunkName(source: string, longest = SHOWN): string {
  if (source.startsWith("=")) return source.slice(1, longest);
  if (source.startsWith("@")) {
    const name = source.slice(1);
    const most = longest - " '...' ".length - 1;
    return name.length > most ? `...${name.slice(name.length - most)}` : name;
  }
  const line = /^[^\r\n]*/.exec(source)![0];
  const most = longest - ` [string "..."] `.length - 1;
  return line.length < source.length || line.length > most
    ? `[string "${line.slice(0, most)}..."]`
    : `[string "${line}"]`;
}
