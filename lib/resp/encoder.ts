/**
 * Commands to bytes, through one staging buffer.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
 * @module
 */

import { kindOf } from "../errors.ts";
import { CR, EMPTY, encodeText, encodeTextInto, LF, ZERO } from "./bytes.ts";
import type { Arg } from "./reply.ts";

/** The size of the staging buffer in bytes, until a command does not fit. */
const FIRST_BUFFER = 1024;
/** Its size then. */
const SMALL_BUFFER = 64 * 1024;
/**
 * The size of the buffer while there are long arguments: in pieces of 64 KiB,
 * values of 1 MiB were 25 % slower.
 */
const LARGE_BUFFER = 1024 * 1024 + SMALL_BUFFER;
/** An argument with more bytes or characters than this is a long argument. */
const LONG = 16 * 1024;
/** The large buffer is dropped after this many writes that did not need it. */
const IDLE_WRITES = 64;
/** `$` or `*`, ten digits, CRLF. */
const HEADER = 16;
/**
 * The buffer counts as full when fewer bytes than this are left, so that there
 * is always room for a command's header.
 */
const LEAST = HEADER * 4;
/**
 * The first bytes after a pause are written early: the server works on them
 * while the rest is encoded.
 */
const FIRST_CHUNK = 8 * 1024;
/**
 * Text up to this length is first encoded as ASCII, one character at a time.
 */
const SHORT_TEXT = 64;
/** A scratch buffer of up to this many bytes is kept for the next text. */
const KEEP_SCRATCH = 4 * 1024 * 1024;

/**
 * Encodes commands into a buffer that is written and then filled again.
 *
 * ```text
 * append, append … -> take -> (write) -> resume, append … -> take -> …
 * ```
 *
 * What does not fit waits: {@linkcode Encoder.resume} goes on with it once the
 * bytes that were taken are written. Long arguments are copied piece by piece,
 * so a caller's memory is never handed to the transport, and the buffer has one
 * of three sizes.
 */
export class Encoder {
  #buffer = new Uint8Array(FIRST_BUFFER);
  #at = 0;
  /** How many writes in a row would have fitted the small buffer. */
  #smallWrites = 0;
  /** Whether the bytes in the buffer were taken and are not written yet. */
  #taken = false;
  /** The fill level at which the buffer counts as full. */
  #limit = FIRST_CHUNK;
  /** Commands that did not fit, in order. The first may be partly encoded. */
  #waiting: (readonly Arg[])[] = [];
  /** Which argument of the first waiting command comes next; 0 for its header. */
  #next = 0;
  /** The rest of a long argument that is partly encoded. */
  #tail: Uint8Array | undefined;
  /**
   * The expected length of the tail: it differs when the caller has detached
   * the memory.
   */
  #tailLength = 0;
  /** Holds long text while it is copied. */
  #scratch = EMPTY;

  /** Whether the buffer must be taken before more can be appended. */
  get full(): boolean {
    return this.#at >= this.#limit || this.#waiting.length > 0;
  }

  /** Whether commands, or the rest of one, wait for the buffer to be written. */
  get unfinished(): boolean {
    return this.#waiting.length > 0;
  }

  /** How many bytes can be taken. */
  get length(): number {
    return this.#at;
  }

  /** Appends one command with checked arguments, or keeps it for `resume`. */
  append(args: readonly Arg[]): void {
    const fits = !this.#taken && !this.full && this.#encode(args, 0);
    if (!fits) this.#waiting.push(args);
  }

  /**
   * Takes the bytes to write, which do not change until `resume`. An empty
   * result means that nothing is left.
   */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#at);
    this.#taken = this.#at > 0;
    // Long arguments are written in large pieces. Short ones do not wait for
    // that.
    this.#limit = this.#buffer.length > SMALL_BUFFER
      ? LARGE_BUFFER / 2
      : this.#taken
      ? SMALL_BUFFER - LEAST
      : FIRST_CHUNK;
    this.#smallWrites = this.#at > SMALL_BUFFER ? 0 : this.#smallWrites + 1;
    return bytes;
  }

  /** Empties the written buffer, and continues with the waiting commands. */
  resume(): void {
    this.#at = 0;
    this.#taken = false;
    if (
      this.#smallWrites >= IDLE_WRITES && this.#buffer.length > SMALL_BUFFER
    ) {
      this.#buffer = new Uint8Array(SMALL_BUFFER);
      this.#limit = SMALL_BUFFER - LEAST;
    }
    let done = 0;
    for (const args of this.#waiting) {
      if (!this.#encode(args, this.#next)) break;
      done++;
      this.#next = 0;
    }
    if (done > 0) this.#waiting.splice(0, done);
  }

  /**
   * Drops the bytes that were appended since `length` was `mark`, if the buffer
   * was not full then.
   */
  rewind(mark: number): void {
    this.#at = mark;
    this.#waiting.length = 0;
    this.#next = 0;
    this.#tail = undefined;
  }

  /**
   * Drops the waiting commands that are not partly encoded, and copies the rest
   * of the one that is, so that its caller may reuse the memory. Returns how
   * many commands were dropped.
   */
  abandon(): number {
    const [begun] = this.#waiting;
    if (begun === undefined || this.#next === 0) {
      return this.#waiting.splice(0).length;
    }
    const forgotten = this.#waiting.length - 1;
    const done = this.#tail === undefined ? this.#next - 1 : this.#next;
    this.#waiting = [begun.map((arg, i) => i < done ? "" : copied(arg))];
    if (this.#tail !== undefined) this.#tail = copied(this.#tail);
    return forgotten;
  }

  /**
   * Encodes a command from its argument `next` on; returns whether all of it
   * fitted.
   */
  #encode(args: readonly Arg[], next: number): boolean {
    if (next === 0) {
      if (this.#buffer.length - this.#at < HEADER) return false;
      this.#header(0x2a, args.length);
      next = 1;
    } else if (this.#tail !== undefined) {
      if (!this.#copyTail()) return false;
      next++;
    }
    for (; next <= args.length; next++) {
      const arg = args[next - 1]!;
      const fits = typeof arg === "string"
        ? this.#text(arg)
        : arg instanceof Uint8Array
        ? this.#bytes(arg)
        : this.#text(String(arg).replace("Infinity", "inf"));
      if (fits) continue;
      this.#next = next;
      return false;
    }
    return true;
  }

  #text(text: string): boolean {
    const { length } = text;
    this.#makeRoom(length);
    const buffer = this.#buffer;
    const start = this.#at;
    const room = buffer.length - start;
    if (length + HEADER * 2 > room) {
      // The next buffer may have room for all of it.
      return start === 0 ? this.#longText(text) : false;
    }
    let at = start;
    if (length <= SHORT_TEXT) {
      buffer[at++] = 0x24;
      if (length > 9) buffer[at++] = ZERO + (length / 10 | 0);
      buffer[at++] = ZERO + length % 10;
      buffer[at++] = CR;
      buffer[at++] = LF;
      let bits = 0;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        bits |= code;
        buffer[at++] = code;
      }
      if (bits <= 0x7f) {
        buffer[at++] = CR;
        buffer[at++] = LF;
        this.#at = at;
        return true;
      }
    }
    this.#at = start;
    const fits = length * 3 + HEADER * 2 <= room;
    // The header of ASCII text, which has as many bytes as characters.
    this.#header(0x24, length);
    at = this.#at;
    const end = fits ? buffer.length : at + length;
    const { read, written } = encodeTextInto(text, buffer.subarray(at, end));
    if (read < length) {
      this.#at = start;
      return start === 0 ? this.#longText(text) : false;
    }
    if (written !== length) {
      // The actual header may have a digit more.
      const more = String(written).length - String(length).length;
      if (more > 0) buffer.copyWithin(at + more, at, at + written);
      this.#at = start;
      this.#header(0x24, written);
    }
    this.#at += written;
    this.#crlf();
    return true;
  }

  /** Encodes text that is longer than the buffer: once, into scratch memory. */
  #longText(text: string): boolean {
    if (this.#scratch.length < text.length) {
      this.#scratch = new Uint8Array(text.length);
    }
    const { read, written } = encodeTextInto(text, this.#scratch);
    const bytes = read === text.length
      ? this.#scratch.subarray(0, written)
      : encodeText(text);
    if (this.#scratch.length > KEEP_SCRATCH) this.#scratch = EMPTY;
    return this.#bytes(bytes);
  }

  #bytes(bytes: Uint8Array): boolean {
    const { length } = bytes;
    this.#makeRoom(length);
    const room = this.#buffer.length - this.#at;
    if (room < HEADER) return false;
    if (length === 0 && (bytes.buffer as ArrayBuffer).detached) {
      throw new TypeError("Cannot send an argument whose memory was detached");
    }
    this.#header(0x24, length);
    if (length + HEADER * 2 <= room) {
      this.#buffer.set(bytes, this.#at);
      this.#at += length;
      this.#crlf();
      return true;
    }
    // With an explicit end, so that the view does not grow with a resizable
    // buffer.
    this.#tail = bytes.subarray(0, length);
    this.#tailLength = length;
    return this.#copyTail();
  }

  /** Copies as much of a long argument as fits; returns whether that was all. */
  #copyTail(): boolean {
    const tail = this.#tail!;
    if (tail.length !== this.#tailLength) {
      throw new TypeError(
        `Cannot send the rest of an argument as its memory was detached: ${this.#tailLength} bytes are missing`,
      );
    }
    const room = this.#buffer.length - this.#at;
    const count = Math.min(tail.length, room);
    this.#buffer.set(tail.subarray(0, count), this.#at);
    this.#at += count;
    this.#tail = tail.subarray(count);
    this.#tailLength -= count;
    if (this.#tailLength > 0 || room - count < 2) return false;
    this.#tail = undefined;
    this.#crlf();
    return true;
  }

  /**
   * Takes a larger buffer where an argument needs it: a long one, so that it is
   * written in large pieces, or the first that does not fit the first buffer.
   */
  #makeRoom(length: number): void {
    const size = this.#buffer.length;
    if (length > LONG) {
      this.#smallWrites = 0;
      if (size <= SMALL_BUFFER) this.#replace(LARGE_BUFFER);
    } else if (
      size === FIRST_BUFFER && length * 3 + HEADER * 2 > size - this.#at
    ) this.#replace(SMALL_BUFFER);
  }

  #replace(size: number): void {
    const buffer = new Uint8Array(size);
    buffer.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = buffer;
  }

  #header(type: number, count: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = type;
    if (count < 10) {
      buffer[at++] = ZERO + count;
    } else if (count < 100) {
      buffer[at++] = ZERO + (count / 10 | 0);
      buffer[at++] = ZERO + count % 10;
    } else {
      at += encodeTextInto(String(count), buffer.subarray(at)).written;
    }
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.#at = at;
  }

  #crlf(): void {
    this.#buffer[this.#at++] = CR;
    this.#buffer[this.#at++] = LF;
  }
}

/** A copy. Detached memory cannot be copied; `#copyTail` notices it later. */
function copied<T extends Arg>(arg: T): T {
  return arg instanceof Uint8Array && arg.length > 0 ? arg.slice() as T : arg;
}

/** The bytes of a command besides its arguments: its header. */
const COMMAND_OVERHEAD = 4;
/** The bytes of an argument besides its value, mostly: its header and CRLF. */
const ARG_OVERHEAD = 6;
/** About how many bytes a number has. */
const NUMBER = 8;

/**
 * Returns about how many bytes a command has. Throws a `TypeError` that names
 * the argument when one is not a string, a number, a bigint or bytes.
 */
export function checkArgs(args: readonly Arg[]): number {
  if (args.length === 0) {
    throw new TypeError("Cannot send a command without a name");
  }
  let size = COMMAND_OVERHEAD;
  for (let i = 0; i < args.length; i++) {
    const arg: unknown = args[i];
    if (typeof arg === "string" || arg instanceof Uint8Array) {
      size += arg.length + ARG_OVERHEAD;
      continue;
    }
    const type = typeof arg;
    if (type === "bigint" || type === "number" && !Number.isNaN(arg)) {
      size += NUMBER + ARG_OVERHEAD;
      continue;
    }
    const word = typeof args[0] === "string" ? args[0] : "a command";
    // The value is not shown: it may hold a secret.
    const kind = kindOf(arg);
    throw new TypeError(
      `Cannot send ${word}: argument ${i} must be a string, a number, a bigint ` +
        `or a Uint8Array: current value is ${kind}${ADVICE[kind] ?? ""}`,
    );
  }
  return size;
}

/** Common mistakes, and what to write instead. */
const ADVICE: Record<string, string> = {
  "a plain object": ": JSON.stringify() it",
  "an Array": ": spread it",
  "a Date": ": getTime() gives a number",
  "a Promise": ": await it",
};
