/**
 * The server's side of writing: replies -> bytes, in RESP2 and RESP3.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

import { writeBinary } from "./binary.ts";
import { CR, EMPTY, LF, MINUS, ZERO } from "./bytes.ts";
import {
  ARRAY,
  BIG_NUMBER,
  BOOLEAN,
  BULK_STRING,
  DOUBLE,
  INTEGER,
  MAP,
  NULL,
  PUSH,
  SET,
  SIMPLE_ERROR,
  SIMPLE_STRING,
  VERBATIM_STRING,
} from "./reply.ts";

/** Most connections answer little: a server may have ten thousand. */
const FIRST_BUFFER = 256;
/** A buffer larger than this is given back after its write. */
const KEEP_BUFFER = 1024 * 1024;
/** A type byte, a number of twenty digits, CRLF twice. */
const HEADER = 32;

/**
 * Collects replies as bytes until they are taken.
 *
 * Strings are text with a character for each byte (`binary.ts`). Aggregates are
 * headers: who writes `array(2)` writes two replies next.
 */
export class ReplyEncoder {
  /** What the peer speaks. */
  protocol: 2 | 3 = 2;
  #buffer = new Uint8Array(FIRST_BUFFER);
  #spare: Uint8Array<ArrayBuffer> = EMPTY;
  #at = 0;

  /** How many bytes there are to take. */
  get length(): number {
    return this.#at;
  }

  /** Forgets what was written behind `length` bytes. */
  truncate(length: number): void {
    this.#at = length;
  }

  /** Takes what was written; it stays untouched until the next take. */
  take(): Uint8Array {
    const taken = this.#buffer;
    const bytes = taken.subarray(0, this.#at);
    this.#buffer = this.#spare.length > 0
      ? this.#spare
      : new Uint8Array(FIRST_BUFFER);
    this.#spare = taken.length > KEEP_BUFFER ? EMPTY : taken;
    this.#at = 0;
    return bytes;
  }

  /** `+text` */
  simple(text: string): void {
    this.#line(SIMPLE_STRING, text);
  }

  /** `+OK` */
  ok(): void {
    this.simple("OK");
  }

  /** `-text`; line breaks become blanks, at the end nothing. */
  error(text: string): void {
    const line = text.replace(/[\r\n]+$/, "").replace(/[\r\n]/g, " ");
    this.#line(SIMPLE_ERROR, line);
  }

  /** `:value` */
  integer(value: number | bigint): void {
    if (typeof value === "bigint") this.#line(INTEGER, String(value));
    else this.#count(INTEGER, value);
  }

  /** A bulk string. */
  bulk(text: string): void {
    const length = text.length;
    this.#count(BULK_STRING, length);
    this.#reserve(length + 2);
    writeBinary(text, this.#buffer, this.#at);
    this.#at += length;
    this.#crlf();
  }

  /** A bulk string that is bytes already. */
  bytes(bytes: Uint8Array): void {
    this.#count(BULK_STRING, bytes.length);
    this.#reserve(bytes.length + 2);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#crlf();
  }

  /** A bulk string, or null. */
  bulkOrNull(text: string | undefined | null): void {
    if (text === undefined || text === null) this.null();
    else this.bulk(text);
  }

  /** Null: `$-1` in RESP2. */
  null(): void {
    if (this.protocol === 3) this.#line(NULL, "");
    else this.#line(BULK_STRING, "-1");
  }

  /** Null where an array is expected: `*-1` in RESP2. */
  nullArray(): void {
    if (this.protocol === 3) this.#line(NULL, "");
    else this.#line(ARRAY, "-1");
  }

  /** The header of an array of `size` replies. */
  array(size: number): void {
    this.#count(ARRAY, size);
  }

  /** The header of a map of `size` pairs; a flat array in RESP2. */
  map(size: number): void {
    if (this.protocol === 3) this.#count(MAP, size);
    else this.#count(ARRAY, size * 2);
  }

  /** The header of a set; an array in RESP2. */
  set(size: number): void {
    this.#count(this.protocol === 3 ? SET : ARRAY, size);
  }

  /** The header of a push; an array in RESP2. */
  push(size: number): void {
    this.#count(this.protocol === 3 ? PUSH : ARRAY, size);
  }

  /** An array of bulk strings. */
  bulks(texts: readonly string[]): void {
    this.array(texts.length);
    for (const text of texts) this.bulk(text);
  }

  /** A double as text already; a bulk string in RESP2. */
  double(text: string): void {
    if (this.protocol === 3) this.#line(DOUBLE, text);
    else this.bulk(text);
  }

  /** A boolean; 1 or 0 in RESP2. */
  boolean(value: boolean): void {
    if (this.protocol === 3) this.#line(BOOLEAN, value ? "t" : "f");
    else this.integer(value ? 1 : 0);
  }

  /** A big number; a bulk string in RESP2. */
  bigNumber(text: string): void {
    if (this.protocol === 3) this.#line(BIG_NUMBER, text);
    else this.bulk(text);
  }

  /** Text with its format of three letters; a bulk string in RESP2. */
  verbatim(format: string, text: string): void {
    if (this.protocol === 2) return this.bulk(text);
    const whole = `${format}:${text}`;
    this.#count(VERBATIM_STRING, whole.length);
    this.raw(whole);
    this.#crlf();
  }

  /** Bytes as they are, such as a reply that was encoded before. */
  raw(text: string): void {
    this.#reserve(text.length);
    writeBinary(text, this.#buffer, this.#at);
    this.#at += text.length;
  }

  /** The same of bytes. */
  rawBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #line(type: number, text: string): void {
    this.#reserve(text.length + 3);
    this.#buffer[this.#at++] = type;
    writeBinary(text, this.#buffer, this.#at);
    this.#at += text.length;
    this.#crlf();
  }

  #count(type: number, value: number): void {
    this.#reserve(HEADER);
    const buffer = this.#buffer;
    buffer[this.#at++] = type;
    if (value < 0 || value > 0x3fffffff) {
      this.#at = digits(value, buffer, this.#at);
    } else if (value < 10) {
      buffer[this.#at++] = ZERO + value;
    } else {
      let size = 2;
      for (let rest = value; rest >= 100; rest = rest / 10 | 0) size++;
      const end = this.#at + size;
      let rest = value;
      for (let at = end - 1; at >= this.#at; at--) {
        const tenth = rest / 10 | 0;
        buffer[at] = ZERO + rest - tenth * 10;
        rest = tenth;
      }
      this.#at = end;
    }
    this.#crlf();
  }

  #crlf(): void {
    this.#reserve(2);
    this.#buffer[this.#at++] = CR;
    this.#buffer[this.#at++] = LF;
  }

  #reserve(size: number): void {
    const needed = this.#at + size;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}

/** Writes a number that is negative or large; says where it ends. */
function digits(value: number, into: Uint8Array, at: number): number {
  const text = String(value < 0 ? -value : value);
  if (value < 0) into[at++] = MINUS;
  writeBinary(text, into, at);
  return at + text.length;
}
