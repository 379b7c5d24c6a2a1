/**
 * Commands -> bytes: one growing buffer, taken as a few chunks.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
 * @module
 */

import { CR, EMPTY, encodeText, encodeTextInto, LF, ZERO } from "./bytes.ts";
import type { Arg } from "./reply.ts";

/** Byte arguments from this size on are passed on as chunks of their own, uncopied. */
const UNCOPIED = 8 * 1024;
/** Text from this length on is encoded into a chunk of its own; shorter text into the buffer, which is there already. */
const LONG_TEXT = 8 * 1024 * 1024;
/** Up to this length text is tried as ASCII, a character at a time. */
const SHORT_TEXT = 64;
const FIRST_BUFFER = 16 * 1024;
/** A larger buffer is given back when so many writes in a row did without. */
const PATIENCE = 64;
/** A buffer larger than this is given back after its write. */
const KEEP_BUFFER = 16 * 1024 * 1024;
/** `$` or `*`, ten digits, CRLF, and the CRLF behind an argument. */
const HEADER = 16;

/**
 * Collects commands as bytes until they are taken.
 *
 * The bytes of one {@linkcode Encoder.take} are not touched until the next one:
 * take again only when their write has settled.
 */
export class Encoder {
  #buffer = new Uint8Array(FIRST_BUFFER);
  #at = 0;
  // A second buffer fills while the first one is being written.
  #spare: Uint8Array<ArrayBuffer> = EMPTY;
  /** How many writes in a row fitted the first size. */
  #small = 0;
  /** What was finished before the bytes from `#from` on. */
  #chunks: Uint8Array[] = [];
  #from = 0;
  readonly #high: number;
  readonly #onHigh: () => void;

  /** `onHigh` is called behind a command with which more than `high` bytes wait in the buffer. */
  constructor(high = Infinity, onHigh: () => void = () => {}) {
    this.#high = high;
    this.#onHigh = onHigh;
  }

  /** Whether there is nothing to take. */
  get empty(): boolean {
    return this.#at === this.#from && this.#chunks.length === 0;
  }

  /**
   * Appends one command.
   *
   * Throws a `TypeError` that names the argument, and appends nothing, when one
   * is not a string, a number, a bigint or bytes.
   */
  encode(args: readonly Arg[]): void {
    checkArgs(args);
    this.append(args);
  }

  /** Appends one command whose arguments were checked. */
  append(args: readonly Arg[]): void {
    this.#header(0x2a, args.length);
    for (const arg of args) {
      if (typeof arg === "string") this.#text(arg);
      else if (arg instanceof Uint8Array) this.#bytes(arg);
      else this.#text(String(arg).replace("Infinity", "inf"));
    }
    if (this.#at > this.#high) this.#onHigh();
  }

  /** Takes what was appended, as chunks to be written in order. */
  take(): Uint8Array[] {
    this.#cut();
    const chunks = this.#chunks;
    const taken = this.#buffer;
    this.#small = this.#at > FIRST_BUFFER ? 0 : this.#small + 1;
    const enough = this.#small < PATIENCE ? Infinity : FIRST_BUFFER;
    const spare = this.#spare.length > enough ? EMPTY : this.#spare;
    this.#buffer = spare.length > 0 ? spare : new Uint8Array(FIRST_BUFFER);
    this.#spare = taken.length > KEEP_BUFFER ? EMPTY : taken;
    this.#chunks = [];
    this.#at = this.#from = 0;
    return chunks;
  }

  #text(text: string): void {
    const length = text.length;
    if (length >= LONG_TEXT) return this.#chunk(encodeText(text));
    this.#reserve(length + HEADER * 2);
    const buffer = this.#buffer;
    const start = this.#at;
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
        return;
      }
    } else {
      this.#header(0x24, length);
      at = this.#at;
      // As many bytes as characters: ASCII.
      const room = buffer.subarray(at, at + length);
      if (encodeTextInto(text, room).read === length) {
        this.#at = at + length;
        return this.#crlf();
      }
    }
    // Encoded behind the longest header it can have, then moved up to its own.
    this.#at = start;
    this.#reserve(length * 3 + HEADER * 2);
    const body = start + HEADER;
    const size = encodeTextInto(text, this.#buffer.subarray(body)).written;
    this.#header(0x24, size);
    this.#buffer.copyWithin(this.#at, body, body + size);
    this.#at += size;
    this.#crlf();
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length >= UNCOPIED) return this.#chunk(bytes);
    this.#reserve(bytes.length + HEADER * 2);
    this.#header(0x24, bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#crlf();
  }

  /** Appends an argument whose bytes stay where they are. */
  #chunk(bytes: Uint8Array): void {
    this.#reserve(HEADER);
    this.#header(0x24, bytes.length);
    this.#cut();
    this.#chunks.push(bytes);
    this.#reserve(HEADER);
    this.#crlf();
  }

  /** Ends the chunk that is being filled. */
  #cut(): void {
    if (this.#at === this.#from) return;
    this.#chunks.push(this.#buffer.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  #header(type: number, count: number): void {
    this.#reserve(HEADER);
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

  #reserve(size: number): void {
    const needed = this.#at + size;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    // Chunks that were cut keep the old buffer.
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}

/**
 * Throws what {@linkcode Encoder.encode} would, before there is a connection to
 * encode for.
 */
export function checkArgs(args: readonly Arg[]): void {
  if (args.length === 0) {
    throw new TypeError("Cannot send a command without a name");
  }
  for (let i = 0; i < args.length; i++) {
    const arg: unknown = args[i];
    const type = typeof arg;
    const fits = type === "string" || arg instanceof Uint8Array ||
      type === "bigint" || type === "number" && !Number.isNaN(arg);
    if (fits) continue;
    const word = typeof args[0] === "string" ? args[0] : "a command";
    // Only the type is shown of what is no plain value: it may hold a secret.
    const plain = arg === null || type === "number" || type === "boolean";
    throw new TypeError(
      `Cannot send ${word}: argument ${i} must be a string, a number, a bigint ` +
        `or a Uint8Array: current value is ${plain ? arg : type}`,
    );
  }
}
