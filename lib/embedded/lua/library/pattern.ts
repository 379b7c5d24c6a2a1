/**
 * Lua's patterns: `%d+`, `[^,]*`, `%b()` …
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { Value } from "../value.ts";

const MAX_CAPTURES = 32;
const UNFINISHED = -1;
const POSITION = -2;

const PERCENT = 37;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const QUESTION = 63;
const BRACKET = 91;
const END_BRACKET = 93;
const CARET = 94;
const DOLLAR = 36;

/** Matches one pattern against one text, from any position. */
export class Matcher {
  readonly #m: Machine;
  readonly #text: string;
  readonly #pattern: string;
  /** The number of captures, complete or not. */
  #level = 0;
  readonly #starts: number[] = [];
  readonly #sizes: number[] = [];

  /** `m` supplies positions for errors. */
  constructor(m: Machine, text: string, pattern: string) {
    this.#m = m;
    this.#text = text;
    this.#pattern = pattern;
  }

  /** The end of a match that begins at `at`; -1 when there is none. */
  match(at: number, patternAt: number): number {
    this.#level = 0;
    try {
      return this.#match(at, patternAt);
    } catch (error) {
      // JavaScript's stack overflowed.
      if (error instanceof RangeError) {
        throw this.#m.error("pattern too complex");
      }
      throw error;
    }
  }

  /** The number of captures of the match. */
  get captureCount(): number {
    return this.#level;
  }

  /** All captures; the whole match when there are none. */
  captures(start: number, end: number): Value[] {
    const count = Math.max(1, this.#level);
    const values: Value[] = [];
    for (let i = 0; i < count; i++) values.push(this.capture(i, start, end));
    return values;
  }

  /** The text of a match. */
  slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** One capture, from 0; the whole match when there are none. */
  capture(i: number, start: number, end: number): Value {
    if (i >= this.#level) {
      if (i !== 0) throw this.#m.error("invalid capture index");
      return this.#text.slice(start, end);
    }
    const size = this.#sizes[i]!;
    const from = this.#starts[i]!;
    if (size === UNFINISHED) throw this.#m.error("unfinished capture");
    return size === POSITION ? from + 1 : this.#text.slice(from, from + size);
  }

  #match(s: number, p: number): number {
    const text = this.#text;
    const pattern = this.#pattern;
    for (;;) {
      if (p >= pattern.length) return s;
      switch (pattern.charCodeAt(p)) {
        case OPEN:
          return pattern.charCodeAt(p + 1) === CLOSE
            ? this.#startCapture(s, p + 2, POSITION)
            : this.#startCapture(s, p + 1, UNFINISHED);
        case CLOSE:
          return this.#endCapture(s, p + 1);
        case PERCENT: {
          const next = pattern[p + 1];
          if (next === "b") {
            s = this.#balance(s, p + 2);
            if (s < 0) return -1;
            p += 4;
            continue;
          }
          if (next === "f") {
            p += 2;
            if (pattern.charCodeAt(p) !== BRACKET) {
              throw this.#m.error("missing '[' after '%f' in pattern");
            }
            const end = this.#itemEnd(p);
            const before = s === 0 ? 0 : text.charCodeAt(s - 1);
            const after = s < text.length ? text.charCodeAt(s) : 0;
            if (
              this.#inSet(before, p, end - 1) || !this.#inSet(after, p, end - 1)
            ) return -1;
            p = end;
            continue;
          }
          if (next !== undefined && next >= "0" && next <= "9") {
            s = this.#matchCapture(s, next);
            if (s < 0) return -1;
            p += 2;
            continue;
          }
          break;
        }
        case DOLLAR:
          if (p + 1 === pattern.length) return s === text.length ? s : -1;
      }
      const end = this.#itemEnd(p);
      const isMatch = s < text.length && this.#single(s, p, end);
      switch (pattern.charCodeAt(end)) {
        case QUESTION: {
          if (isMatch) {
            const found = this.#match(s + 1, end + 1);
            if (found >= 0) return found;
          }
          p = end + 1;
          continue;
        }
        case STAR:
          return this.#most(s, p, end);
        case PLUS:
          return isMatch ? this.#most(s + 1, p, end) : -1;
        case MINUS:
          return this.#least(s, p, end);
      }
      if (!isMatch) return -1;
      s++;
      p = end;
    }
  }

  #most(s: number, p: number, end: number): number {
    let count = 0;
    const { length } = this.#text;
    while (s + count < length && this.#single(s + count, p, end)) count++;
    for (; count >= 0; count--) {
      const found = this.#match(s + count, end + 1);
      if (found >= 0) return found;
    }
    return -1;
  }

  #least(s: number, p: number, end: number): number {
    for (;;) {
      const found = this.#match(s, end + 1);
      if (found >= 0) return found;
      if (s >= this.#text.length || !this.#single(s, p, end)) return -1;
      s++;
    }
  }

  #startCapture(s: number, p: number, size: number): number {
    const level = this.#level;
    if (level >= MAX_CAPTURES) throw this.#m.error("too many captures");
    this.#starts[level] = s;
    this.#sizes[level] = size;
    this.#level++;
    const found = this.#match(s, p);
    if (found < 0) this.#level--;
    return found;
  }

  #endCapture(s: number, p: number): number {
    let level = this.#level - 1;
    while (level >= 0 && this.#sizes[level] !== UNFINISHED) level--;
    if (level < 0) throw this.#m.error("invalid pattern capture");
    this.#sizes[level] = s - this.#starts[level]!;
    const found = this.#match(s, p);
    if (found < 0) this.#sizes[level] = UNFINISHED;
    return found;
  }

  #matchCapture(s: number, digit: string): number {
    const i = digit.charCodeAt(0) - 49;
    const size = this.#sizes[i];
    if (i < 0 || i >= this.#level || size === UNFINISHED) {
      throw this.#m.error("invalid capture index");
    }
    // A position capture has no text to match; in C its length is too large for any text.
    if (size === POSITION) return -1;
    const start = this.#starts[i]!;
    const text = this.#text.slice(start, start + size!);
    return this.#text.startsWith(text, s) ? s + size! : -1;
  }

  #balance(s: number, p: number): number {
    const text = this.#text;
    if (p + 1 >= this.#pattern.length) {
      throw this.#m.error("unbalanced pattern");
    }
    const open = this.#pattern.charCodeAt(p);
    const close = this.#pattern.charCodeAt(p + 1);
    if (s >= text.length || text.charCodeAt(s) !== open) return -1;
    let depth = 1;
    for (let at = s + 1; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === close) {
        if (--depth === 0) return at + 1;
      } else if (char === open) depth++;
    }
    return -1;
  }

  /** The end of a pattern item: a character, a class or a set. */
  #itemEnd(p: number): number {
    const pattern = this.#pattern;
    switch (pattern.charCodeAt(p++)) {
      case PERCENT:
        if (p >= pattern.length) {
          throw this.#m.error("malformed pattern (ends with '%')");
        }
        return p + 1;
      case BRACKET:
        if (pattern.charCodeAt(p) === CARET) p++;
        do {
          if (p >= pattern.length) {
            throw this.#m.error("malformed pattern (missing ']')");
          }
          if (pattern.charCodeAt(p++) === PERCENT && p < pattern.length) p++;
        } while (pattern.charCodeAt(p) !== END_BRACKET);
        return p + 1;
    }
    return p;
  }

  /** Whether the item that ends at `end` matches a character of the text. */
  #single(s: number, p: number, end: number): boolean {
    const char = this.#text.charCodeAt(s);
    const item = this.#pattern.charCodeAt(p);
    switch (item) {
      case DOT:
        return true;
      case PERCENT:
        return isInClass(char, this.#pattern.charCodeAt(p + 1));
      case BRACKET:
        return this.#inSet(char, p, end - 1);
    }
    return item === char;
  }

  /** Whether a character is in the set between `p` and `end`, its brackets. */
  #inSet(char: number, p: number, end: number): boolean {
    const pattern = this.#pattern;
    let found = true;
    if (pattern.charCodeAt(p + 1) === CARET) {
      found = false;
      p++;
    }
    while (++p < end) {
      const item = pattern.charCodeAt(p);
      if (item === PERCENT) {
        p++;
        if (isInClass(char, pattern.charCodeAt(p))) return found;
      } else if (pattern.charCodeAt(p + 1) === MINUS && p + 2 < end) {
        p += 2;
        if (item <= char && char <= pattern.charCodeAt(p)) return found;
      } else if (item === char) return found;
    }
    return !found;
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  // deno-lint-ignore no-control-regex -- the class of control characters
  c: /[\0-\x1f\x7f]/,
  d: /\d/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[ \t-\r]/,
  u: /[A-Z]/,
  w: /[A-Za-z0-9]/,
  x: /[\dA-Fa-f]/,
  z: /\0/,
};

/** For each class, which of the 256 characters belong to it. */
const TABLES = new Map(
  Object.entries(CLASSES).map(([name, pattern]) => [
    name.charCodeAt(0),
    Uint8Array.from(
      { length: 256 },
      (_, char) => pattern.test(String.fromCharCode(char)) ? 1 : 0,
    ),
  ]),
);

function isInClass(char: number, name: number): boolean {
  const table = TABLES.get(name | 32);
  // A class in upper case is negated; any other character matches itself.
  const isLetter = name >= 65 && name <= 90 || name >= 97 && name <= 122;
  if (table === undefined || !isLetter) return name === char;
  return (table[char] === 1) === ((name & 32) !== 0);
}

/** Whether a pattern has no special characters. */
export function isPlain(pattern: string): boolean {
  return !/[\^$*+?.([%-]/.test(pattern);
}
