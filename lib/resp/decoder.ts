/**
 * Bytes -> replies: a pure machine that resumes at any byte.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

import { ProtocolError, ReplyError } from "../errors.ts";
import {
  COLON,
  CR,
  decodeText,
  EMPTY,
  joinBytes,
  LF,
  MINUS,
  PLUS,
  QUESTION,
  ZERO,
} from "./bytes.ts";
import {
  ARRAY,
  ATTRIBUTE,
  BIG_NUMBER,
  BOOLEAN,
  BULK_ERROR,
  BULK_STRING,
  BYTES,
  DOUBLE,
  END,
  FLAT,
  INTEGER,
  MAP,
  type Mode,
  NULL,
  PART,
  PUSH,
  Push,
  type Reply,
  SET,
  SIMPLE_ERROR,
  SIMPLE_STRING,
  TEXT,
  VERBATIM_STRING,
} from "./reply.ts";
import { LongBulk } from "./long_bulk.ts";
import { parseBigNumber, parseDouble } from "./numbers.ts";

/** What {@linkcode Decoder.next} returns when the bytes end inside a reply. */
export const MORE: unique symbol = Symbol("more");

/** Replies nested deeper than this are refused: no command comes close. */
const MAX_DEPTH = 512;
/** A longer bulk is refused; servers allow 512 MiB unless told otherwise. */
const MAX_BULK = 2 ** 31;
/** More elements than this are refused: no array holds them. */
const MAX_ELEMENTS = 2 ** 32 - 1;
/** The longest string that V8 makes. */
const MAX_STRING = 2 ** 29 - 24;
/** A longer line of text is refused; MONITOR shows whole values in lines. */
const MAX_LINE = 2 ** 29 - 24;
/** A longer line of digits is refused: reading it takes more than linear time. */
const MAX_DIGITS = 64 * 1024;
/** A bulk that is longer and not here whole is collected in its own allocation. */
const COLLECT = 4096;
/** A carry buffer that grew beyond this is given back once it is empty. */
const KEEP_BUFFER = 1024 * 1024;

/** Pushes that servers before 7.2 put inside an aggregate without counting them. */
const UNCOUNTED = new Set(["message", "pmessage", "smessage", "invalidate"]);

// What the readers of lengths say besides a length.
const ABSENT = -1;
const STREAMED = -2;
const SHORT_OF_BYTES = -3;

const OPENED: unique symbol = Symbol("opened");
const CLOSED: unique symbol = Symbol("closed");
type Read = Reply | typeof MORE | typeof OPENED | typeof CLOSED;

/** An aggregate whose elements are being read. */
interface Frame {
  kind: number;
  /** How many elements are to come; `Infinity` for streamed aggregates. */
  left: number;
  items: Reply[];
}

/**
 * Reads replies from chunks: {@linkcode Decoder.feed} one, then ask
 * {@linkcode Decoder.next} until it says {@linkcode MORE}.
 *
 * No value refers to a chunk, and once `next` has said `MORE` the chunk may be
 * used again. After a {@linkcode ProtocolError} the decoder is of no more use:
 * the place in the stream is lost.
 */
export class Decoder {
  /** Read top-level arrays as pushes: a RESP2 connection that subscribed. */
  arraysArePushes = false;

  // #bytes:  | consumed |   unread   |  not ours  |
  //                     ^ #at        ^ #end
  // #bytes is the chunk that was fed, or #carry when a chunk ended inside an
  // element: then the rest of that chunk and the next chunk are joined there.
  #bytes: Uint8Array = EMPTY;
  #at = 0;
  #end = 0;
  /** The offset in the stream of `#bytes[0]`, for error messages. */
  #offset = 0;
  #carry: Uint8Array<ArrayBuffer> = EMPTY;
  /** Where the search for a line's end goes on, so that it is linear. */
  #scanned = 0;

  readonly #frames: Frame[] = [];
  /** The innermost of #frames. */
  #top: Frame | undefined;
  /** The depth of the outermost push being read, or 0. */
  #pushDepth = 0;
  #bulk: LongBulk | undefined;
  /** Where bulks are collected that become text: no value keeps it. */
  #scratch: Uint8Array<ArrayBuffer> = EMPTY;

  /** Takes the next bytes of the stream. */
  feed(chunk: Uint8Array): void {
    const rest = this.#end - this.#at;
    if (rest === 0) {
      this.#offset += this.#at;
      this.#bytes = chunk;
      this.#at = this.#scanned = 0;
      this.#end = chunk.length;
      if (this.#carry.length > KEEP_BUFFER) this.#carry = EMPTY;
      return;
    }
    // After MORE the rest lies at the start of #carry.
    this.#reserve(rest + chunk.length);
    this.#carry.set(chunk, rest);
    this.#bytes = this.#carry;
    this.#end = rest + chunk.length;
  }

  /** How many bytes of the last chunk, and of the rest before it, are read. */
  get position(): number {
    return this.#at;
  }

  /**
   * Returns the next reply or push, or {@linkcode MORE}.
   *
   * `mode` says how the reply is read; `modes`, for the elements of a top-level
   * array, each its own (EXEC). The strings of a push are always bytes.
   */
  next(mode: Mode = TEXT, modes?: readonly Mode[]): Reply | Push | typeof MORE {
    const frames = this.#frames;
    for (;;) {
      const how = this.#top === undefined
        ? mode
        : this.#modeInside(mode, modes);
      let value: Read = this.#bulk === undefined
        ? this.#value(how)
        : this.#collect(how);
      if (value === MORE) return this.#keepRest();
      if (value === OPENED) continue;
      let frame: Frame | undefined;
      while ((frame = this.#top) !== undefined) {
        if (value !== CLOSED) {
          frame.items.push(value as Reply);
          if (--frame.left > 0) break;
        }
        frames.pop();
        // Never frames[-1]: V8 looks that up as a name, 40 ns each time.
        this.#top = frames.length > 0 ? frames[frames.length - 1] : undefined;
        if (frame.kind === PUSH) {
          if (this.#pushDepth > frames.length) this.#pushDepth = 0;
          const push = this.#push(frame.items);
          if (frames.length === 0 || UNCOUNTED.has(push.kind)) return push;
          value = [push.kind, ...push.data];
          continue;
        }
        if (frame.kind === ATTRIBUTE) {
          value = OPENED;
          break;
        }
        // Not how: a push that was the last element was read as bytes.
        value = this.#close(frame, this.#modeInside(mode, modes));
      }
      if (frame === undefined && value !== OPENED) return value as Reply;
    }
  }

  #modeInside(mode: Mode, modes: readonly Mode[] | undefined): Mode {
    if (this.#pushDepth > 0) return BYTES;
    if (modes === undefined) return mode;
    const top = this.#frames[0];
    return top?.kind === ARRAY ? modes[top.items.length] ?? mode : mode;
  }

  /** Reads one scalar, opens one aggregate, or says MORE and takes nothing. */
  #value(mode: Mode): Read {
    const start = this.#at;
    if (start >= this.#end) return MORE;
    const byte = this.#bytes[start]!;
    if (byte === BULK_STRING && this.#top?.kind !== PART) {
      const value = this.#wholeBulk(start + 1, mode);
      if (value !== MORE) return value;
    }
    this.#at = start + 1;
    const value = this.#dispatch(byte, mode);
    // A bulk that is being collected keeps what it took.
    if (value === MORE && this.#bulk === undefined) this.#at = start;
    return value;
  }

  /**
   * The bulk whose length stands at `i`, if all of it is here and in order: what
   * most replies are made of. Else MORE, and the careful readers say why.
   */
  #wholeBulk(i: number, mode: Mode): string | Uint8Array | typeof MORE {
    const bytes = this.#bytes;
    const last = this.#end - 1;
    const first = i;
    let length = 0;
    for (; i < last; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    const start = i + 2;
    const end = start + length;
    if (
      i === first || end >= last || length > MAX_STRING || bytes[i] !== CR ||
      bytes[i + 1] !== LF ||
      bytes[end] !== CR || bytes[end + 1] !== LF
    ) return MORE;
    this.#at = end + 2;
    return mode & BYTES
      ? bytes.slice(start, end)
      : decodeText(bytes, start, end);
  }

  #dispatch(byte: number, mode: Mode): Read {
    const frame = this.#top;
    if (frame?.kind === PART && byte !== PART) throw this.#unexpected(byte);
    switch (byte) {
      case SIMPLE_STRING:
        return this.#simpleString(mode);
      case SIMPLE_ERROR:
        return this.#simpleError();
      case INTEGER:
        return this.#integer();
      case BULK_STRING:
      case BULK_ERROR:
      case VERBATIM_STRING:
        return this.#bulkString(byte, mode);
      case ARRAY:
      case MAP:
      case SET:
      case ATTRIBUTE:
      case PUSH:
        return this.#aggregate(byte, mode);
      case NULL:
        return this.#null();
      case BOOLEAN:
        return this.#boolean();
      case DOUBLE:
        return this.#double();
      case BIG_NUMBER:
        return this.#bigNumber();
      case PART:
        if (frame?.kind !== PART) break;
        return this.#part(mode);
      case END:
        if (frame?.left !== Infinity) break;
        return this.#endOfStream(frame);
    }
    throw this.#unexpected(byte);
  }

  // -- Lines --

  /** The end of the line that starts at #at (its CR), or -1 when it is not here yet. */
  #lineEnd(limit = MAX_LINE): number {
    const bytes = this.#bytes;
    const last = this.#end - 1;
    for (let i = Math.max(this.#at, this.#scanned); i < last; i++) {
      if (bytes[i] === CR) {
        if (bytes[i + 1] === LF) return i;
        throw this.#error("a CR without its LF in a line", i);
      }
      if (bytes[i] === LF) throw this.#error("an LF without its CR", i);
    }
    if (last - this.#at > limit) {
      throw this.#error(`a line over ${limit} bytes`, this.#at);
    }
    this.#scanned = Math.max(this.#at, last);
    return -1;
  }

  /** The line that starts at #at as text; takes it. */
  #line(limit?: number): string | typeof MORE {
    const end = this.#lineEnd(limit);
    if (end < 0) return MORE;
    const line = decodeText(this.#bytes, this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #simpleString(mode: Mode): Read {
    const bytes = this.#bytes;
    const at = this.#at;
    if (
      !(mode & BYTES) && at + 4 <= this.#end && bytes[at] === 0x4f &&
      bytes[at + 1] === 0x4b && bytes[at + 2] === CR && bytes[at + 3] === LF
    ) {
      // What most writes are answered with: not one more string each time.
      this.#at = at + 4;
      return "OK";
    }
    const end = this.#lineEnd();
    if (end < 0) return MORE;
    const start = this.#at;
    this.#at = end + 2;
    return mode & BYTES
      ? this.#bytes.slice(start, end)
      : decodeText(this.#bytes, start, end);
  }

  #simpleError(): Read {
    const line = this.#line();
    return line === MORE ? MORE : new ReplyError(line);
  }

  #integer(): Read {
    const bytes = this.#bytes;
    let i = this.#at;
    const sign = bytes[i];
    if (sign === MINUS || sign === PLUS) i++;
    const first = i;
    let value = 0;
    for (; i < this.#end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i - first > 19) {
      throw this.#error("an integer of over 19 digits", this.#at);
    }
    if (!this.#crlf(i, i > first)) return MORE;
    const start = this.#at;
    this.#at = i + 2;
    if (i - first > 15) {
      const exact = BigInt(decodeText(bytes, first, i));
      const signed = bytes[start] === MINUS ? -exact : exact;
      const rounded = Number(signed);
      return Number.isSafeInteger(rounded) ? rounded : signed;
    }
    // Not -value: minus zero is no integer.
    return sign === MINUS ? 0 - value : value;
  }

  #null(): Read {
    if (!this.#crlf(this.#at, true)) return MORE;
    this.#at += 2;
    return null;
  }

  #boolean(): Read {
    const i = this.#at;
    if (i >= this.#end) return MORE;
    const letter = this.#bytes[i]!;
    if (letter !== 0x74 && letter !== 0x66) throw this.#unexpected(letter, i);
    if (!this.#crlf(i + 1, true)) return MORE;
    this.#at = i + 3;
    return letter === 0x74;
  }

  #double(): Read {
    return this.#number("a double", parseDouble);
  }

  #bigNumber(): Read {
    return this.#number("a big number", parseBigNumber);
  }

  #number<T extends Reply>(
    what: string,
    parse: (line: string) => T | undefined,
  ): T | typeof MORE {
    const start = this.#at;
    const line = this.#line(MAX_DIGITS);
    if (line === MORE) return MORE;
    const value = parse(line);
    if (value !== undefined) return value;
    throw this.#error(`${what} ${JSON.stringify(line.slice(0, 40))}`, start);
  }

  // -- Bulks --

  /**
   * The length that starts at #at; takes its line. Negative: ABSENT, STREAMED
   * or SHORT_OF_BYTES (then nothing is taken).
   */
  #length(limit: number): number {
    const bytes = this.#bytes;
    let i = this.#at;
    let value = 0;
    for (; i < this.#end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > limit) throw this.#error(`a length over ${limit}`, this.#at);
    }
    if (i === this.#at && i < this.#end) {
      if (bytes[i] === QUESTION) {
        value = STREAMED;
        i++;
      } else if (bytes[i] === MINUS) {
        if (i + 1 >= this.#end) return SHORT_OF_BYTES;
        const digit = bytes[i + 1]!;
        if (digit !== ZERO + 1) throw this.#unexpected(digit, i + 1);
        value = ABSENT;
        i += 2;
      }
    }
    if (!this.#crlf(i, i > this.#at)) return SHORT_OF_BYTES;
    this.#at = i + 2;
    return value;
  }

  #bulkString(kind: number, mode: Mode): Read {
    const start = this.#at;
    const length = this.#length(MAX_BULK);
    if (length >= 0) return this.#body(kind, length, mode);
    if (length === SHORT_OF_BYTES) return MORE;
    if (kind !== BULK_STRING) throw this.#error("a negative length", start);
    if (length === ABSENT) return null;
    return this.#open(PART, Infinity);
  }

  #part(mode: Mode): Read {
    const start = this.#at;
    const length = this.#length(MAX_BULK);
    if (length === SHORT_OF_BYTES) return MORE;
    if (length < 0) throw this.#error("a negative length", start);
    return length === 0 ? CLOSED : this.#body(PART, length, mode);
  }

  #body(kind: number, length: number, mode: Mode): Read {
    const start = this.#at;
    const end = start + length;
    if (end + 2 <= this.#end) {
      this.#crlf(end, true);
      this.#at = end + 2;
      if (kind === BULK_STRING && length <= MAX_STRING) {
        return mode & BYTES
          ? this.#bytes.slice(start, end)
          : decodeText(this.#bytes, start, end);
      }
      return this.#bulkValue(kind, this.#bytes.slice(start, end), mode);
    }
    if (length <= COLLECT) return MORE;
    const text = kind !== PART && !(mode & BYTES);
    this.#bulk = new LongBulk(kind, length, text ? this.#scratch : EMPTY);
    this.#scratch = EMPTY;
    return this.#collect(mode);
  }

  #collect(mode: Mode): Read {
    const bulk = this.#bulk!;
    this.#at += bulk.take(this.#bytes, this.#at, this.#end);
    if (!bulk.whole || !this.#crlf(this.#at, true)) return MORE;
    this.#at += 2;
    this.#bulk = undefined;
    const value = this.#bulkValue(bulk.kind, bulk.bytes, mode);
    const kept = bulk.kind === PART || mode & BYTES;
    if (!kept && bulk.buffer.length <= KEEP_BUFFER) this.#scratch = bulk.buffer;
    return value;
  }

  /** What a bulk of `kind` means. The bytes are the value's own. */
  #bulkValue(kind: number, bytes: Uint8Array, mode: Mode): Reply {
    if (kind === PART) return bytes;
    if (kind === BULK_ERROR) {
      const shown = Math.min(bytes.length, MAX_STRING);
      return new ReplyError(decodeText(bytes, 0, shown));
    }
    let start = 0;
    if (kind === VERBATIM_STRING) {
      // txt:Some string
      if (bytes[3] !== COLON) {
        throw this.#error("a verbatim string without its format", this.#at);
      }
      start = 4;
    }
    if (mode & BYTES) return start === 0 ? bytes : bytes.slice(start);
    if (bytes.length - start > MAX_STRING) {
      return new ReplyError(
        `TOOLONG a value of ${bytes.length} bytes does not fit a string: read it as bytes`,
      );
    }
    return decodeText(bytes, start);
  }

  // -- Aggregates --

  #aggregate(byte: number, mode: Mode): Read {
    const start = this.#at;
    const count = this.#length(MAX_ELEMENTS);
    if (count === SHORT_OF_BYTES) return MORE;
    const kind =
      byte === ARRAY && this.arraysArePushes && this.#frames.length === 0
        ? PUSH
        : byte;
    if (count === ABSENT) {
      if (byte !== ARRAY) throw this.#error("a negative length", start);
      return null;
    }
    if (count === STREAMED) {
      if (kind === PUSH || kind === ATTRIBUTE) {
        throw this.#unexpected(QUESTION, start);
      }
      return this.#open(kind, Infinity);
    }
    if (count === 0) {
      if (kind === PUSH) throw this.#error("a push without a kind", start);
      if (kind === ATTRIBUTE) return OPENED;
      return this.#close({ kind, left: 0, items: [] }, mode);
    }
    const pairs = kind === MAP || kind === ATTRIBUTE;
    return this.#open(kind, pairs ? count * 2 : count);
  }

  #open(kind: number, left: number): typeof OPENED {
    if (this.#frames.length === MAX_DEPTH) {
      throw this.#error(`a reply nested deeper than ${MAX_DEPTH}`, this.#at);
    }
    this.#top = { kind, left, items: [] };
    this.#frames.push(this.#top);
    if (kind === PUSH && this.#pushDepth === 0) {
      this.#pushDepth = this.#frames.length;
    }
    return OPENED;
  }

  #endOfStream(frame: Frame): Read {
    if (!this.#crlf(this.#at, true)) return MORE;
    if (frame.kind === MAP && frame.items.length % 2 === 1) {
      throw this.#error("a streamed map that ends after a key", this.#at);
    }
    this.#at += 2;
    return CLOSED;
  }

  #close({ kind, items }: Frame, mode: Mode): Reply {
    if (kind === PART) {
      const bytes = joinBytes(items as Uint8Array[]);
      return this.#bulkValue(BULK_STRING, bytes, mode);
    }
    if (kind === ARRAY || mode & FLAT) return items;
    if (kind === SET) return new Set(items);
    const map = new Map<Reply, Reply>();
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
    return map;
  }

  #push([kind, ...data]: Reply[]): Push {
    return new Push(kind instanceof Uint8Array ? decodeText(kind) : "", data);
  }

  // -- Ends and errors --

  /**
   * Whether CRLF stands at `i`; `false` when it is not here yet. Throws when
   * something else does, or when what stands before it was `wanted` and is not there.
   */
  #crlf(i: number, wanted: boolean): boolean {
    const bytes = this.#bytes;
    if (i < this.#end) {
      if (!wanted || bytes[i] !== CR) throw this.#unexpected(bytes[i]!, i);
      if (i + 1 < this.#end) {
        if (bytes[i + 1] === LF) return true;
        throw this.#unexpected(bytes[i + 1]!, i + 1);
      }
    }
    return false;
  }

  #keepRest(): typeof MORE {
    const rest = this.#end - this.#at;
    if (rest > 0) {
      const taken = this.#at;
      if (this.#bytes === this.#carry) {
        this.#carry.copyWithin(0, taken, this.#end);
      } else {
        this.#reserve(rest);
        this.#carry.set(this.#bytes.subarray(taken, this.#end));
      }
      this.#offset += taken;
      this.#scanned = Math.max(0, this.#scanned - taken);
      this.#at = 0;
      this.#end = rest;
    }
    this.#bytes = rest > 0 ? this.#carry : EMPTY;
    return MORE;
  }

  #reserve(size: number): void {
    if (this.#carry.length >= size) return;
    const larger = new Uint8Array(Math.max(size, this.#carry.length * 2, 1024));
    larger.set(this.#carry);
    this.#carry = larger;
  }

  #unexpected(byte: number, at = this.#at - 1): ProtocolError {
    const shown = byte > 0x20 && byte < 0x7f
      ? `"${String.fromCharCode(byte)}" `
      : "";
    const hex = byte.toString(16).padStart(2, "0");
    return this.#error(`unexpected byte ${shown}(0x${hex})`, at);
  }

  #error(what: string, at: number): ProtocolError {
    const from = Math.max(0, at - 8);
    const near = this.#bytes.subarray(from, Math.min(this.#end, at + 8));
    const hex = Array.from(near, (byte) => byte.toString(16).padStart(2, "0"));
    return new ProtocolError(
      `Cannot decode reply: ${what} at offset ${this.#offset + at}, in ${
        hex.join(" ")
      }`,
    );
  }
}
