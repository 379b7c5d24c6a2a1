/**
 * Bytes -> replies: a pure machine that resumes at any byte.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

import { ProtocolError, quote, ReplyError } from "../errors.ts";
import { LONGEST_STRING } from "./binary.ts";
import { COLON, CR, decodeText, EMPTY, isLossy, LF, ZERO } from "./bytes.ts";
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
  INTEGER,
  LONGEST_PAYLOAD_TEXT,
  MAP,
  type Mode,
  NAME,
  NULL,
  PART,
  PAYLOAD,
  PUSH,
  Push,
  type Reply,
  SIMPLE_ERROR,
  SIMPLE_STRING,
  TEXT,
  VERBATIM_STRING,
  WIRE,
} from "./reply.ts";
import { type Frame, valueOf } from "./frame.ts";
import { Heading } from "./heading.ts";
import { LongBulk } from "./long_bulk.ts";
import { MORE, WholeReader } from "./whole_reader.ts";

export { MORE };
import { parseBigNumber, parseDouble, parseInteger } from "./numbers.ts";

/** Replies nested deeper than this are refused: no command comes close. */
const MAX_DEPTH = 512;
/** A longer bulk is refused; servers allow 512 MiB unless told otherwise. */
const MAX_BULK = 2 ** 31;
/** More elements than this are refused: no array holds them. */
const MAX_ELEMENTS = 2 ** 32 - 1;
/** The longest string that V8 makes, and the longest line: MONITOR shows whole values in lines. */
const MAX_STRING = LONGEST_STRING;
/** A longer line that is no text is refused: reading it takes more than linear time. */
const MAX_DIGITS = 64 * 1024;
/** A carry buffer that grew beyond this is given back once it is empty. */
const KEEP_BUFFER = 1024 * 1024;
/** How deep short arrays are read whole: an entry of a stream, and its fields. */
const LEVELS = 2;

/** The types that may stand anywhere. */
const TYPES = "+-:$*_#,(!=%~|>";
/** Pushes that servers before 7.2 put inside an aggregate without counting them. */
const UNCOUNTED = new Set(["message", "pmessage", "smessage", "invalidate"]);

// What stands in place of a length.
const ABSENT = -1;
const STREAMED = Infinity;

const OPENED: unique symbol = Symbol("opened");
const CLOSED: unique symbol = Symbol("closed");
type Read = Reply | typeof MORE | typeof OPENED | typeof CLOSED;

/**
 * Reads replies from chunks: {@linkcode Decoder.feed} one, then ask
 * {@linkcode Decoder.next} until it says {@linkcode MORE}.
 *
 * No value refers to a chunk, and once `next` has said `MORE` the chunk may be
 * used again. After a {@linkcode ProtocolError} the decoder is of no more use:
 * the place in the stream is lost.
 */
export class Decoder extends WholeReader {
  /** Read top-level arrays as pushes: a RESP2 connection that subscribed. */
  arraysArePushes = false;
  /** How the last element of a push is read, by its kind and what follows that: a channel or a pattern. */
  payloadMode: (kind: Reply, name: Reply | undefined) => Mode = () => BYTES;

  // `bytes` is the chunk that was fed, or #carry when a chunk ended inside an
  // element: then the rest of that chunk and the next chunk are joined there.
  /** The offset in the stream of `bytes[0]`, for error messages. */
  #offset = 0;
  #carry: Uint8Array<ArrayBuffer> = EMPTY;
  /** Where the search for a line's end goes on, so that it is linear. */
  #scanned = 0;

  /** The offset in the stream where the last attribute ended: its value must follow. */
  #attributed = -1;

  readonly #heading = new Heading();
  readonly #frames: Frame[] = [];
  /** The innermost of #frames. */
  #top: Frame | undefined;
  #bulk: LongBulk | undefined;
  /** Where bulks are collected that become text: no value keeps it. */
  #scratch: Uint8Array<ArrayBuffer> = EMPTY;

  /** Takes the next bytes of the stream. */
  feed(chunk: Uint8Array): void {
    const rest = this.end - this.at;
    if (rest === 0) {
      this.#offset += this.at;
      this.bytes = chunk;
      this.at = this.#scanned = 0;
      if (this.#carry.length > KEEP_BUFFER) this.#carry = EMPTY;
    } else {
      // After MORE the rest lies at the start of #carry.
      this.#reserve(rest + chunk.length);
      this.#carry.set(chunk, rest);
      this.bytes = this.#carry;
    }
    this.end = rest + chunk.length;
  }

  /**
   * Where the next bytes of the stream can be read to instead of into a chunk
   * for {@linkcode Decoder.feed}, after `next` has said `MORE`: inside of a long
   * bulk, which is then not copied. Say how many came: {@linkcode Decoder.filled}.
   */
  get room(): Uint8Array | undefined {
    return this.#bulk?.room;
  }

  /** Takes so many bytes of the stream, which were read to where `room` said. */
  filled(count: number): void {
    this.#bulk!.missing -= count;
    this.#offset += count;
  }

  /** How many bytes of the last chunk, and of the rest before it, are read. */
  get position(): number {
    return this.at;
  }

  /**
   * Returns the next reply or push, or {@linkcode MORE}.
   *
   * `mode` says how the reply is read; `modes`, for the elements of a top-level
   * array, each its own (EXEC). Whatever the mode, the last element of a push is
   * read as {@linkcode Decoder.payloadMode} says (a message), and those before it
   * are text, or bytes where they are no UTF-8 (names).
   */
  next(mode: Mode = TEXT, modes?: readonly Mode[]): Reply | Push | typeof MORE {
    const whole = this.#top === undefined && this.#bulk === undefined
      ? this.whole(
        mode,
        modes === undefined && !this.arraysArePushes ? LEVELS : 0,
      )
      : undefined;
    if (whole === MORE) return this.#keepRest();
    return whole === undefined ? this.#resume(mode, modes) : whole;
  }

  /**
   * Gives the next replies and pushes to `take`, all read as `mode` says, for as
   * long as it returns true. Returns `true` once `take` stopped it, `false` once
   * the bytes are used up.
   */
  run(mode: Mode, take: (reply: Reply | Push) => boolean): boolean {
    for (;;) {
      const reply = this.next(mode);
      if (reply === MORE) return false;
      if (!take(reply)) return true;
      // Some pushes stand inside of an aggregate: what follows is its element.
      if (this.#top === undefined && !this.integers(take)) return true;
    }
  }

  /** Goes on with a reply of several elements, or begins one of any kind. */
  #resume(mode: Mode, modes?: readonly Mode[]): Reply | Push | typeof MORE {
    const frames = this.#frames;
    if (frames.length === 0 && this.#bulk === undefined) {
      const push = this.#message();
      if (push !== undefined) return push;
    }
    for (;;) {
      let frame = this.#top;
      let how = mode;
      if (frame !== undefined) {
        how = frame.mode;
        if (frame.kind === PUSH) {
          const { items, left } = frame;
          if (items.length === 0) how = TEXT;
          else if (left > 1) how = NAME;
          else how = this.payloadMode(items[0]!, items[1]);
        } else if (modes === undefined) this.#elements(frame);
        else if (frames.length === 1 && frame.kind === ARRAY) {
          how = modes[frame.items.length] ?? how;
        }
      }
      let value: Read = this.#bulk === undefined
        ? this.#value(how)
        : this.#collect(this.#bulk, how);
      if (value === MORE) return this.#keepRest();
      if (value === OPENED) continue;
      while ((frame = this.#top) !== undefined) {
        if (value !== CLOSED) {
          frame.items.push(value as Reply);
          if (--frame.left > 0) break;
        }
        frames.pop();
        // Never frames[-1]: V8 looks that up as a name, 40 ns each time.
        this.#top = frames.length > 0 ? frames[frames.length - 1] : undefined;
        if (frame.kind === PUSH) {
          const [first, ...data] = frame.items;
          const kind = typeof first === "string" ? first : "";
          if (frames.length === 0 || UNCOUNTED.has(kind)) {
            return new Push(kind, data);
          }
          value = [kind, ...data];
        } else if (frame.kind === ATTRIBUTE) {
          this.#attributed = this.#offset + this.at;
          value = OPENED;
          break;
        } else value = this.#close(frame);
      }
      if (frame === undefined && value !== OPENED) return value as Reply;
    }
  }

  /**
   * Reads a push of a few strings that is here whole, as messages are;
   * `undefined` for any other.
   */
  #message(): Push | undefined {
    const start = this.at;
    const type = start < this.end ? this.bytes[start] : 0;
    if (type !== PUSH && !(type === ARRAY && this.arraysArePushes)) {
      return undefined;
    }
    const heading = this.#heading;
    const length = heading.lengthAt(this.bytes, start, this.end);
    this.at += length;
    if (length > 0 || this.#readHeading()) {
      const { kind, names } = heading;
      const payload = this.string(this.payloadMode(kind, names[0]));
      if (payload !== undefined && payload !== MORE) {
        const data = names.length === 1
          ? [names[0]!, payload]
          : [...names, payload];
        return new Push(kind, data);
      }
    }
    this.at = start;
    return undefined;
  }

  /** Reads all of a push but its last element, where that is a few strings. */
  #readHeading(): boolean {
    const bytes = this.bytes;
    const at = this.at;
    const count = at + 3 < this.end ? bytes[at + 1]! - ZERO : 0;
    if (
      count < 3 || count > 9 || bytes[at + 2] !== CR || bytes[at + 3] !== LF
    ) return false;
    this.at += 4;
    const kind = this.string(TEXT);
    if (typeof kind !== "string") return false;
    const names: (string | Uint8Array)[] = [];
    while (names.length < count - 2) {
      const name = this.string(NAME);
      if (!name || name === MORE) return false;
      names.push(name);
    }
    this.#heading.set(kind, names, bytes, at, this.at);
    return true;
  }

  /**
   * Reads elements of an aggregate one after another, as far as they are here
   * whole. The last element is left, which closes the aggregate.
   */
  #elements(frame: Frame): void {
    // What begins like an element inside of a bulk is none.
    if (this.#bulk !== undefined || frame.kind === PART) return;
    const { items, mode } = frame;
    const isMap = frame.kind === MAP;
    while (frame.left > 1) {
      // Keys of maps may have come before; most other elements are strings.
      let value: Reply | typeof MORE | undefined =
        isMap && items.length % 2 === 0
          ? this.key(mode, LEVELS)
          : this.string(mode);
      if (value === undefined) value = this.whole(mode, LEVELS);
      if (value === undefined || value === MORE) return;
      items.push(value);
      frame.left--;
    }
  }

  /** Reads one scalar, opens one aggregate, or says MORE and takes nothing. */
  #value(mode: Mode): Read {
    const bytes = this.bytes;
    const start = this.at;
    if (start >= this.end) return MORE;
    const type = bytes[start]!;
    const kind = this.#top?.kind;
    if (kind !== PART) {
      const value = this.whole(mode, 0);
      if (value !== undefined) return value;
    }
    const allowed = kind === PART
      ? type === PART
      : type === END
      ? this.#top?.left === STREAMED &&
        this.#attributed !== this.#offset + start
      : TYPES.includes(String.fromCharCode(type));
    if (!allowed) throw this.#unexpected(start);
    this.at++;
    const value = this.#line(type, mode);
    // A bulk that is being collected keeps what it took.
    if (value === MORE && this.#bulk === undefined) this.at = start;
    return value;
  }

  /** Reads what `type` means by its line, which starts at `at`. */
  #line(type: number, mode: Mode): Read {
    const text = type === SIMPLE_STRING || type === SIMPLE_ERROR;
    const start = this.at;
    const end = this.#lineEnd(text ? MAX_STRING : MAX_DIGITS);
    if (end < 0) return MORE;
    this.at = end + 2;
    if (type === SIMPLE_STRING && mode & BYTES && mode !== WIRE) {
      return this.bytes.slice(start, end);
    }
    const line = decodeText(this.bytes, start, end);
    let value: Read | undefined;
    switch (type) {
      case SIMPLE_STRING:
        return line;
      case SIMPLE_ERROR:
        return new ReplyError(line);
      case NULL:
        if (line === "") value = null;
        break;
      case BOOLEAN:
        if (line === "t" || line === "f") value = line === "t";
        break;
      case INTEGER:
        value = parseInteger(this.bytes, start, end);
        break;
      case DOUBLE:
        value = parseDouble(this.bytes, start, end);
        break;
      case BIG_NUMBER:
        value = parseBigNumber(line);
        break;
      case END: {
        const { kind, items } = this.#top!;
        const half = kind === MAP && items.length % 2 === 1;
        if (line === "" && !half) value = CLOSED;
        break;
      }
      default:
        // More digits would be as good as infinite.
        if (/^(\d{1,99}|-1|\?)$/.test(line)) {
          const length = line === "?" ? STREAMED : Number(line);
          const limit = isBulk(type) ? MAX_BULK : MAX_ELEMENTS;
          if (length > limit && length < STREAMED) {
            throw this.#error(`a length over ${limit}`, start);
          }
          value = this.#sized(type, length, mode);
        }
    }
    if (value !== undefined) return value;
    const shown = String.fromCharCode(type) + line;
    throw this.#error(`unreadable ${quote(shown)}`, start);
  }

  /** The end of the line that starts at `at` (its CR), or -1 when it is not here yet. */
  #lineEnd(limit: number): number {
    const bytes = this.bytes;
    const last = this.end - 1;
    let i = Math.max(this.at, this.#scanned);
    while (i < last && bytes[i] !== CR && bytes[i] !== LF) i++;
    if (i - this.at > limit) {
      throw this.#error(`a line over ${limit} bytes`, this.at);
    }
    if (i < last) {
      if (bytes[i] === CR && bytes[i + 1] === LF) return i;
      throw this.#error("a line with half an end", i);
    }
    this.#scanned = i;
    return -1;
  }

  /** Reads what has a length, behind its line; `undefined` when the length makes no sense. */
  #sized(type: number, length: number, mode: Mode): Read | undefined {
    if (length === ABSENT) {
      return type === BULK_STRING || type === ARRAY ? null : undefined;
    }
    if (isBulk(type)) {
      if (length === STREAMED) {
        return type === BULK_STRING
          ? this.#open(PART, STREAMED, mode)
          : undefined;
      }
      if (type === PART && length === 0) return CLOSED;
      const text = type !== PART && !(mode & BYTES) && mode !== PAYLOAD;
      const bulk = new LongBulk(type, length, text ? this.#scratch : EMPTY);
      this.#scratch = EMPTY;
      return this.#collect(bulk, mode);
    }
    const kind = type === ARRAY && this.arraysArePushes && !this.#top
      ? PUSH
      : type;
    if (length === 0) {
      if (kind === ATTRIBUTE) {
        this.#attributed = this.#offset + this.at;
        return OPENED;
      }
      if (kind !== PUSH) return this.#close({ kind, mode, left: 0, items: [] });
    }
    if (kind === PUSH || kind === ATTRIBUTE) {
      if (length === 0 || length === STREAMED) return undefined;
    }
    const pairs = kind === MAP || kind === ATTRIBUTE;
    return this.#open(
      kind,
      pairs ? length * 2 : length,
      kind === PUSH ? BYTES : mode,
    );
  }

  #open(kind: number, left: number, mode: Mode): typeof OPENED {
    if (this.#frames.length === MAX_DEPTH) {
      throw this.#error(`a reply nested deeper than ${MAX_DEPTH}`, this.at);
    }
    this.#frames.push(this.#top = { kind, mode, left, items: [] });
    return OPENED;
  }

  #close(frame: Frame): Reply {
    const value = valueOf(frame);
    return frame.kind === PART
      ? this.#bulkValue(BULK_STRING, value as Uint8Array, frame.mode)
      : value;
  }

  // -- Bulks that are not here whole --

  #collect(bulk: LongBulk, mode: Mode): Read {
    this.#bulk = bulk;
    this.at += bulk.take(this.bytes.subarray(this.at, this.end));
    if (bulk.missing > 0) return MORE;
    const at = this.at;
    const left = this.end - at;
    if (left > 0 && this.bytes[at] !== CR) throw this.#unexpected(at);
    if (left > 1 && this.bytes[at + 1] !== LF) throw this.#unexpected(at + 1);
    if (left < 2) return MORE;
    this.at += 2;
    this.#bulk = undefined;
    const { kind, buffer } = bulk;
    const value = this.#bulkValue(kind, bulk.bytes, mode);
    if (typeof value === "string" && buffer.length <= KEEP_BUFFER) {
      this.#scratch = buffer;
    }
    return value;
  }

  /** What a bulk of `kind` means. The bytes are the value's own. */
  #bulkValue(kind: number, bytes: Uint8Array, mode: Mode): Reply {
    if (kind === PART) return bytes;
    if (kind === BULK_ERROR) {
      const shown = Math.min(bytes.length, MAX_STRING);
      return new ReplyError(decodeText(bytes, 0, shown));
    }
    // txt:Some string
    const start = kind === VERBATIM_STRING ? 4 : 0;
    if (start > 0 && bytes[3] !== COLON) {
      throw this.#error("a verbatim string without its format", this.at);
    }
    if (
      mode & BYTES || mode === PAYLOAD && bytes.length > LONGEST_PAYLOAD_TEXT
    ) {
      return start === 0 ? bytes : bytes.slice(start);
    }
    if (bytes.length - start > MAX_STRING) {
      return new ReplyError(
        `TOOLONG a value of ${bytes.length} bytes does not fit a string: read it as bytes`,
      );
    }
    const text = decodeText(bytes, start);
    // The buffer may be used again for what becomes text.
    return mode === NAME && isLossy(text) ? bytes.slice(start) : text;
  }

  // -- Ends and errors --

  #keepRest(): typeof MORE {
    const taken = this.at;
    const rest = this.end - taken;
    if (rest > 0) {
      this.#reserve(rest);
      // It may lie there already, and be long.
      if (taken > 0 || this.bytes !== this.#carry) {
        this.#carry.set(this.bytes.subarray(taken, this.end));
      }
      this.bytes = this.#carry;
      this.#offset += taken;
      this.#scanned = Math.max(0, this.#scanned - taken);
      this.at = 0;
      this.end = rest;
    } else this.bytes = EMPTY;
    return MORE;
  }

  #reserve(size: number): void {
    if (this.#carry.length >= size) return;
    const larger = new Uint8Array(Math.max(size, this.#carry.length * 2, 1024));
    larger.set(this.#carry);
    this.#carry = larger;
  }

  #unexpected(at: number): ProtocolError {
    return this.#error(`unexpected byte ${hex(this.bytes[at]!)}`, at);
  }

  #error(what: string, at: number): ProtocolError {
    const bytes = this.bytes.slice(
      Math.max(0, at - 8),
      Math.min(this.end, at + 8),
    );
    return new ProtocolError(
      `Cannot decode reply: ${what} at offset ${this.#offset + at}, in ${
        Array.from(bytes, hex).join(" ")
      }`,
      { bytes },
    );
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Whether the length of this type counts bytes. */
function isBulk(type: number): boolean {
  return "$!=;".includes(String.fromCharCode(type));
}
