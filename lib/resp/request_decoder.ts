/**
 * The server's side of reading: bytes -> commands, in any chunks.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { LONGEST_STRING, toBinary } from "./binary.ts";
import { CR, EMPTY, LF, MINUS, ZERO } from "./bytes.ts";
import { ARRAY, BULK_STRING } from "./reply.ts";

/** What a request may be. */
export interface RequestLimits {
  /** Bytes of one argument. */
  bulk: number;
  /** Arguments of one command. */
  count: number;
}

/** As redis-server limits those who have not shown a password yet. */
export const UNAUTHENTICATED: RequestLimits = { bulk: 16_384, count: 10 };
/** As redis-server's defaults, but for 24 bytes that V8 lacks. */
export const DEFAULT_LIMITS: RequestLimits = {
  bulk: LONGEST_STRING,
  count: 2 ** 31 - 1,
};

/**
 * An argument of this length that comes in several chunks becomes text chunk by
 * chunk: hundreds of megabytes at once would stop the process for seconds.
 */
const LARGE = 64 * 1024;

/** Up to so many arguments an array is made with room for all of them. */
const USUAL_COUNT = 64;

/** Bytes of a line: an inline command, or a count. */
const LONGEST_LINE = 64 * 1024;

/**
 * Reads commands: arrays of bulk strings, or lines as people type them.
 *
 * An argument is text with a character for each byte (`binary.ts`).
 */
export class RequestDecoder {
  /** What is allowed; may be replaced between commands. */
  limits: RequestLimits;
  #buffer: Uint8Array = EMPTY;
  #at = 0;
  #end = 0;
  /** Whether the buffer is ours, and not what the transport reads into. */
  #kept = false;
  /** Arguments of the command that is being read. */
  #args: string[] = [];
  /** How many of them there are. */
  #read = 0;
  /** How many of them are to come. */
  #missing = 0;
  /** Length of the bulk string whose bytes are to come, -1 before its header. */
  #bulk = -1;
  /** The text of a large argument so far. */
  #parts: string[] = [];
  /** Bytes in those parts. */
  #taken = 0;

  /** Makes a decoder that allows what `limits` say. */
  constructor(limits: RequestLimits = DEFAULT_LIMITS) {
    this.limits = limits;
  }

  /** How many bytes wait to become a command. */
  get pending(): number {
    return this.#end - this.#at + this.#taken;
  }

  /**
   * Adds bytes. They are looked at until {@linkcode RequestDecoder.next} says
   * that there is no whole command, and then what is left of them is kept.
   */
  feed(chunk: Uint8Array): void {
    if (this.#at === this.#end) {
      this.#buffer = chunk;
      this.#at = 0;
      this.#end = chunk.length;
      this.#kept = false;
      return;
    }
    const size = this.#end - this.#at;
    const whole = size + chunk.length;
    // Grown by half at least: a long argument is copied a few times, not once a chunk.
    if (this.#end + chunk.length > this.#buffer.length || !this.#kept) {
      const larger = new Uint8Array(Math.max(whole, size * 2));
      larger.set(this.#buffer.subarray(this.#at, this.#end));
      this.#buffer = larger;
      this.#at = 0;
      this.#end = size;
      this.#kept = true;
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The arguments of the next command, or `null` until there are more bytes.
   * Throws a {@linkcode ProtocolError} with Redis's own words.
   */
  next(): string[] | null {
    for (;;) {
      const args = this.#step();
      if (args === null) {
        this.keep();
        return null;
      }
      // An empty line or array is nothing.
      if (args.length > 0) return args;
    }
  }

  #step(): string[] | null {
    if (this.#missing === 0) {
      if (this.#at === this.#end) return null;
      if (this.#buffer[this.#at] !== ARRAY) return this.#inline();
      const count = this.#count("mbulk", "multibulk", this.limits.count);
      if (count === null) return null;
      if (count <= 0) return [];
      this.#missing = count;
      // As long as it needs to be; a count is not to be believed before its bytes come.
      this.#args = count <= USUAL_COUNT ? new Array<string>(count) : [];
      this.#read = 0;
    }
    while (this.#missing > 0) {
      if (this.#bulk < 0) {
        if (this.#at === this.#end) return null;
        const type = this.#buffer[this.#at]!;
        if (type !== BULK_STRING) {
          throw new ProtocolError(
            `Protocol error: expected '$', got '${String.fromCharCode(type)}'`,
          );
        }
        const size = this.#count("bulk", "bulk", this.limits.bulk);
        if (size === null) return null;
        if (size < 0) throw invalid("bulk");
        this.#bulk = size;
      }
      const end = this.#at + this.#bulk - this.#taken;
      if (end + 2 > this.#end) {
        if (this.#bulk >= LARGE) this.#takePart(Math.min(end, this.#end));
        return null;
      }
      const text = toBinary(this.#buffer, this.#at, end);
      this.#args[this.#read++] = this.#taken === 0
        ? text
        : this.#joinParts(text);
      this.#at = end + 2;
      this.#bulk = -1;
      this.#missing--;
    }
    return this.#args;
  }

  #takePart(end: number): void {
    if (end === this.#at) return;
    this.#parts.push(toBinary(this.#buffer, this.#at, end));
    this.#taken += end - this.#at;
    this.#at = end;
  }

  #joinParts(last: string): string {
    this.#parts.push(last);
    const text = this.#parts.join("");
    this.#parts = [];
    this.#taken = 0;
    return text;
  }

  /** A count behind its type byte, or `null` while its line is not whole. */
  #count(
    line: "mbulk" | "bulk",
    name: "multibulk" | "bulk",
    most: number,
  ): number | null {
    const buffer = this.#buffer;
    let at = this.#at + 1;
    const negative = buffer[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (; at < this.#end; at++) {
      const digit = buffer[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at + 1 >= this.#end) {
      if (this.#end - this.#at <= LONGEST_LINE) return null;
      throw new ProtocolError(`Protocol error: too big ${line} count string`);
    }
    if (at === first || buffer[at] !== CR) throw invalid(name);
    if (value > most) {
      throw most === UNAUTHENTICATED.bulk || most === UNAUTHENTICATED.count
        ? new ProtocolError(`Protocol error: unauthenticated ${name} length`)
        : invalid(name);
    }
    this.#at = at + 2;
    return negative ? -value : value;
  }

  #inline(): string[] | null {
    const end = this.#buffer.subarray(0, this.#end).indexOf(LF, this.#at);
    if (end < 0) {
      if (this.#end - this.#at <= LONGEST_LINE) return null;
      throw new ProtocolError("Protocol error: too big inline request");
    }
    const text = toBinary(
      this.#buffer,
      this.#at,
      this.#buffer[end - 1] === CR && end > this.#at ? end - 1 : end,
    );
    this.#at = end + 1;
    return splitLine(text);
  }

  /**
   * Copies what was fed and is not read yet: from here on the chunk may be
   * overwritten. {@linkcode RequestDecoder.next} does so when it returns `null`.
   */
  keep(): void {
    if (this.#at === this.#end) {
      this.#buffer = EMPTY;
      this.#at = this.#end = 0;
      this.#kept = false;
    } else if (!this.#kept) {
      this.#buffer = this.#buffer.slice(this.#at, this.#end);
      this.#end -= this.#at;
      this.#at = 0;
      this.#kept = true;
    }
  }
}

function invalid(name: "multibulk" | "bulk"): ProtocolError {
  return new ProtocolError(`Protocol error: invalid ${name} length`);
}

const ESCAPES: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};

/**
 * Splits a line into arguments as a shell does: blanks separate, `"` quotes
 * with escapes (`\n`, `\xff`), `'` without.
 */
export function splitLine(line: string): string[] {
  const args: string[] = [];
  const unbalanced = () =>
    new ProtocolError("Protocol error: unbalanced quotes in request");
  const blank = (char: string | undefined) =>
    char !== undefined && /[\s\0]/.test(char);
  let i = 0;
  for (;;) {
    while (blank(line[i])) i++;
    if (i >= line.length) return args;
    let arg = "";
    while (i < line.length && !blank(line[i])) {
      const quoting = line[i];
      if (quoting !== '"' && quoting !== "'") {
        arg += line[i++];
        continue;
      }
      for (i++; line[i] !== quoting; i++) {
        if (i >= line.length) throw unbalanced();
        if (line[i] !== "\\") {
          arg += line[i];
          continue;
        }
        const hex = /^x[0-9a-f]{2}/i.exec(line.slice(i + 1, i + 4))?.[0];
        const next = line[i + 1];
        if (quoting === '"' && hex !== undefined) {
          arg += String.fromCharCode(parseInt(hex.slice(1), 16));
          i += 3;
        } else if (next !== undefined && (quoting === '"' || next === "'")) {
          arg += quoting === '"' ? ESCAPES[next] ?? next : next;
          i++;
        } else {
          arg += "\\";
        }
      }
      i++;
      // A closing quote ends the argument.
      if (i < line.length && !blank(line[i])) throw unbalanced();
    }
    args.push(arg);
  }
}
