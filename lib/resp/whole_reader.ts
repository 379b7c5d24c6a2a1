/**
 * Replies that lie whole in the bytes at hand: what most replies are.
 *
 * @module
 */

import {
  CR,
  decodeText,
  EMPTY,
  encodeText,
  isLossy,
  LF,
  MINUS,
  ZERO,
} from "./bytes.ts";
import { nameText } from "./names.ts";
import {
  ARRAY,
  BULK_STRING,
  BYTES,
  DOUBLE,
  FLAT,
  INTEGER,
  LONGEST_PAYLOAD_TEXT,
  MAP,
  type Mode,
  NAME,
  NULL,
  PAYLOAD,
  type Reply,
  SET,
  SIMPLE_STRING,
} from "./reply.ts";
import { valueOf } from "./frame.ts";
import { parseDouble, parseInteger, SMALL } from "./numbers.ts";

/** What {@linkcode Decoder.next} returns when the bytes end inside a reply. */
export const MORE: unique symbol = Symbol("more");

/** A bulk string that is longer and not here whole is collected in its own allocation. */
const COLLECT = 4096;
const OK = encodeText("+OK\r\n");
const NULL_LINE = encodeText("_\r\n");
const NULL_BULK = encodeText("$-1\r\n");
/** A number that is longer is read as any line. */
const LONGEST_NUMBER = 32;

/**
 * Reads values that are whole and in order by the shortest way. It gives up, and
 * takes nothing, at any other: those {@linkcode Decoder} reads step by step, and
 * it alone says what is wrong with them.
 */
export abstract class WholeReader {
  // bytes:  | consumed |   unread   |  not ours  |
  //                    ^ at         ^ end
  /** The bytes at hand. Behind `end` they mean nothing: they are of an earlier chunk. */
  protected bytes: Uint8Array = EMPTY;
  /** Where the unread bytes begin. */
  protected at = 0;
  /** Where they end. */
  protected end = 0;

  /**
   * Reads what most replies and elements are, where it is here whole and in order:
   * strings, numbers, `OK`, nulls, and short aggregates of these, which may hold
   * aggregates themselves so many `levels` deep. Returns `undefined`, and takes
   * nothing, where it must be read the longer way.
   */
  protected whole(mode: Mode, levels: number): Reply | typeof MORE | undefined {
    // No value is shorter than three bytes.
    if (this.at + 2 >= this.end) return undefined;
    switch (this.bytes[this.at]) {
      case BULK_STRING:
        return this.string(mode);
      case INTEGER:
        return this.#integer();
      case SIMPLE_STRING:
        // What most writes are answered with: not one more string each time.
        return mode & BYTES ? undefined : this.#fixed(OK, "OK");
      case ARRAY:
      case SET:
      case MAP:
        return levels > 0 ? this.#short(mode, levels - 1) : undefined;
      case DOUBLE:
        return this.#number(parseDouble);
      case NULL:
        return this.#fixed(NULL_LINE, null);
      default:
        return undefined;
    }
  }

  /** Passes over these bytes, if they are here, and returns what they mean. */
  #fixed<T>(wire: Uint8Array, value: T): T | undefined {
    const bytes = this.bytes;
    const at = this.at;
    const { length } = wire;
    if (at + length > this.end) return undefined;
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== wire[i]) return undefined;
    }
    this.at = at + length;
    return value;
  }

  /**
   * Reads an array, a set or a map of up to nine elements without a frame: of
   * pairs there are many.
   */
  #short(mode: Mode, levels: number): Reply | undefined {
    const bytes = this.bytes;
    const start = this.at;
    const kind = bytes[start]!;
    const digit = bytes[start + 1]! - ZERO;
    if (
      digit < 1 || digit > 9 || start + 4 > this.end ||
      bytes[start + 2] !== CR || bytes[start + 3] !== LF
    ) return undefined;
    this.at = start + 4;
    const count = kind === MAP ? digit * 2 : digit;
    // Not pushed: the first push makes room for 17.
    const items = new Array<Reply>(count);
    for (let i = 0; i < count; i++) {
      const item = kind === MAP && i % 2 === 0
        ? this.key(mode, levels)
        : this.whole(mode, levels);
      if (item === undefined || item === MORE) {
        this.at = start;
        return undefined;
      }
      items[i] = item;
    }
    return kind === ARRAY ? items : valueOf({ kind, mode, items, left: 0 });
  }

  /**
   * Reads a bulk string that is here whole; returns `MORE` for a short one that
   * is not, and `undefined` for what must go the longer way.
   */
  protected string(
    mode: Mode,
  ): string | Uint8Array | null | typeof MORE | undefined {
    const bytes = this.bytes;
    const at = this.at;
    const stop = this.end;
    if (at >= stop || bytes[at] !== BULK_STRING) return undefined;
    const most = Math.min(at + 6, stop);
    let i = at + 1;
    let length = 0;
    for (; i < most; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit >>> 0 > 9) break;
      length = (length * 10 + digit) | 0;
    }
    const body = i + 2;
    if (body > stop) return undefined;
    if (i === at + 1) return this.#fixed(NULL_BULK, null);
    if (bytes[i] !== CR || bytes[i + 1] !== LF) return undefined;
    const end = body + length;
    if (end + 2 > stop) return length <= COLLECT ? MORE : undefined;
    if (bytes[end] !== CR || bytes[end + 1] !== LF) return undefined;
    this.at = end + 2;
    if (mode & BYTES || mode === PAYLOAD && length > LONGEST_PAYLOAD_TEXT) {
      return bytes.slice(body, end);
    }
    const text = decodeText(bytes, body, end);
    return mode === NAME && isLossy(text) ? bytes.slice(body, end) : text;
  }

  /** Reads a key of a map: a short string that may have come before, or any value. */
  protected key(mode: Mode, levels: number): Reply | typeof MORE | undefined {
    const bytes = this.bytes;
    const at = this.at;
    let length = bytes[at + 1]! - ZERO;
    let line = at + 2;
    if (length >= 1 && length <= 9) {
      const digit = bytes[line]! - ZERO;
      if (digit >= 0 && digit <= 9) {
        length = length * 10 + digit;
        line++;
      }
      const end = line + 2 + length;
      if (
        end + 2 <= this.end && (mode | FLAT) === FLAT &&
        bytes[at] === BULK_STRING && bytes[line] === CR &&
        bytes[line + 1] === LF && bytes[end] === CR && bytes[end + 1] === LF
      ) {
        this.at = end + 2;
        return nameText(bytes, line + 2, end);
      }
    }
    return this.whole(mode, levels);
  }

  /** Reads an integer that is here whole; `undefined` for any other. */
  #integer(): number | bigint | undefined {
    const bytes = this.bytes;
    const stop = this.end - 1;
    const sign = bytes[this.at + 1] === MINUS ? 1 : 0;
    const first = this.at + 1 + sign;
    const small = Math.min(first + SMALL, stop);
    let i = first;
    let number = 0;
    for (; i < small; i++) {
      const digit = bytes[i]! - ZERO;
      // Negative numbers are great ones so.
      if (digit >>> 0 > 9) break;
      number = (number * 10 + digit) | 0;
    }
    if (
      i === first || i >= stop || bytes[i] !== CR || bytes[i + 1] !== LF
    ) return this.#number(parseInteger);
    this.at = i + 2;
    // Not -number: minus zero is no integer.
    return sign ? 0 - number : number;
  }

  /**
   * Gives integers to `take`, for as long as one follows another here and it
   * returns true; returns its last answer. Counters send many: this loop keeps its
   * place in a variable and asks once, not for each digit, where the bytes end.
   */
  protected integers(take: (integer: number) => boolean): boolean {
    const bytes = this.bytes;
    let at = this.at;
    if (at >= this.end || bytes[at] !== INTEGER) return true;
    // Here the last line ends that is whole: no search for a digit leaves it.
    let last = this.end - 1;
    const least = Math.max(at, last - LONGEST_NUMBER);
    while (last > least && bytes[last] !== LF) last--;
    if (last <= at || bytes[last] !== LF) return true;
    while (at < last && bytes[at] === INTEGER) {
      let i = at + 1;
      let number = 0;
      let digit: number;
      while ((digit = bytes[i]! - ZERO) >>> 0 <= 9) {
        number = (number * 10 + digit) | 0;
        i++;
      }
      const digits = i - at - 1;
      if (
        digits === 0 || digits > SMALL || bytes[i] !== CR ||
        bytes[i + 1] !== LF
      ) return true;
      this.at = at = i + 2;
      if (!take(number)) return false;
    }
    return true;
  }

  /** Reads a number by its line, where that is here whole. */
  #number<T>(
    parse: (bytes: Uint8Array, start: number, end: number) => T | undefined,
  ): T | undefined {
    const bytes = this.bytes;
    const start = this.at + 1;
    const stop = Math.min(this.end - 1, start + LONGEST_NUMBER);
    let end = start;
    while (end < stop && bytes[end] !== CR) end++;
    if (end >= stop || bytes[end + 1] !== LF) return undefined;
    const value = parse(bytes, start, end);
    if (value !== undefined) this.at = end + 2;
    return value;
  }
}
