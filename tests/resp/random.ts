/**
 * Reproducible random numbers, and random replies in wire format.
 *
 * @module
 */

import { ReplyError } from "../../lib/errors.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import {
  BYTES,
  FLAT,
  type Mode,
  NAME,
  Push,
  type Reply,
} from "../../lib/resp/reply.ts";

// Not the library's own: that is under test.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A small random number generator: the same seed gives the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to, but not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Random bytes: text, any bytes, or line ends, mostly short. */
  bytes(longest: number): Uint8Array<ArrayBuffer> {
    const length = this.below(
      this.pick(
        [3, 20, 50, 50, 50, 200, longest].map((n) => Math.min(n, longest)),
      ) + 1,
    );
    const alphabet = this.pick([
      ["a", "b", "c", " "],
      ["a", "ü", "漢", "🦀", "\ufeff"],
      ["\r", "\n", "\r\n", "+OK\r\n", "$-1\r\n", "\0"],
      ["$1\r\na\r\n", ":1\r\n"],
      [],
    ]);
    if (alphabet.length === 0) {
      return Uint8Array.from({ length }, () => this.below(256));
    }
    let text = "";
    while (text.length < length) text += this.pick(alphabet);
    return encodeText(text);
  }
}

/** `bytes` in chunks of random lengths. */
export function* randomChunks(
  random: Random,
  bytes: Uint8Array,
): Generator<Uint8Array> {
  const longest = random.pick([1, 3, 20, 300, 5000, 70_000]);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random.below(longest);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

/** The maximum nesting of aggregates in random replies. */
const DEEPEST = 4;

/**
 * Writes random replies of every type in every form, with the expected value of each.
 */
export class ReplyWriter {
  readonly #random: Random;
  readonly #longest: number;
  #parts: Uint8Array[] = [];
  #pushes: Push[] = [];
  #insidePush = false;

  /** `longest` is the approximate length of the longest string. */
  constructor(random: Random, longest: number) {
    this.#random = random;
    this.#longest = longest;
  }

  /** Takes the written bytes. */
  take(): Uint8Array {
    const bytes = joinBytes(this.#parts);
    this.#parts = [];
    return bytes;
  }

  /**
   * Writes one reply, with pushes before and in it; returns the expected values, the
   * reply last.
   */
  reply(mode: Mode, modes?: readonly Mode[]): (Reply | Push)[] {
    this.#pushes = [];
    while (this.#random.chance(0.1)) this.#push();
    const value = this.#value(mode, 0, modes);
    return [...this.#pushes, value];
  }

  #line(text: string): void {
    this.#parts.push(encodeText(`${text}\r\n`));
  }

  #value(mode: Mode, depth: number, modes?: readonly Mode[]): Reply {
    this.#betweenValues(depth);
    const kinds = depth < DEEPEST ? 15 : 12;
    switch (this.#random.below(kinds)) {
      case 0:
        return this.#simpleString(mode);
      case 1: {
        const text = this.#lineText();
        this.#line(`-${text}`);
        return new ReplyError(text);
      }
      case 2:
        return this.#integer();
      case 3:
      case 4:
        return this.#bulkString(mode);
      case 5:
        return this.#streamedString(mode);
      case 6: {
        this.#line(this.#random.pick(["_", "$-1", "*-1"]));
        return null;
      }
      case 7: {
        const value = this.#random.chance(0.5);
        this.#line(value ? "#t" : "#f");
        return value;
      }
      case 8:
        return this.#double();
      case 9: {
        const digits = `1${"0123456789".repeat(this.#random.below(20))}`;
        const value = BigInt(digits) * (this.#random.chance(0.5) ? 1n : -1n);
        this.#line(`(${value}`);
        return value;
      }
      case 10: {
        const bytes = this.#random.bytes(this.#longest);
        this.#bulk("!", bytes);
        return new ReplyError(decoder.decode(bytes));
      }
      case 11: {
        const bytes = this.#random.bytes(this.#longest);
        const format = this.#random.pick(["txt:", "mkd:"]);
        this.#bulk("=", joinBytes([encodeText(format), bytes]));
        return text(bytes, mode);
      }
      case 12:
        return this.#elements("*", mode, depth, modes);
      case 13: {
        const items = this.#elements("~", mode, depth);
        return mode & FLAT ? items : new Set(items);
      }
      default:
        return this.#map(mode, depth);
    }
  }

  /** Writes items that may precede any value: attributes, and inserted messages. */
  #betweenValues(depth: number): void {
    while (this.#random.chance(0.05)) {
      const pairs = this.#random.below(3);
      this.#line(`|${pairs}`);
      for (let i = 0; i < 2 * pairs; i++) this.#value(0, depth + 1);
    }
    if (!this.#insidePush && this.#random.chance(0.03)) {
      this.#push(this.#random.pick(["message", "pmessage", "invalidate"]));
    }
  }

  #push(kind?: string): void {
    kind ??= this.#random.pick(["message", "subscribe", "MOVING", ""]);
    const count = this.#random.below(4);
    this.#line(`>${count + 1}`);
    if (this.#random.chance(0.5)) this.#line(`+${kind}`);
    else this.#bulk("$", encodeText(kind));
    this.#insidePush = true;
    const data: Reply[] = [];
    while (data.length < count) {
      const last = data.length === count - 1;
      data.push(this.#value(last ? BYTES : NAME, DEEPEST - 1));
    }
    this.#insidePush = false;
    this.#pushes.push(new Push(kind, data));
  }

  #lineText(): string {
    return decoder.decode(this.#random.bytes(200)).replaceAll(/[\r\n]/g, "");
  }

  #simpleString(mode: Mode): Reply {
    const line = this.#lineText();
    this.#line(`+${line}`);
    return mode & BYTES ? encodeText(line) : line;
  }

  #integer(): Reply {
    const random = this.#random;
    const bits = BigInt(random.below(2 ** 32)) << 31n;
    const value = random.pick([
      BigInt(random.below(1000)),
      bits,
      2n ** 53n + BigInt(random.below(9) - 4),
      2n ** 63n - 1n - BigInt(random.below(3)),
    ]) * (random.chance(0.5) ? 1n : -1n);
    const sign = value >= 0n && random.chance(0.2) ? "+" : "";
    this.#line(`:${sign}${value}`);
    const near = -(2n ** 53n) < value && value < 2n ** 53n;
    return near ? Number(value) : value;
  }

  #bulk(type: string, bytes: Uint8Array): void {
    this.#line(`${type}${bytes.length}`);
    this.#parts.push(bytes, encodeText("\r\n"));
  }

  #bulkString(mode: Mode): Reply {
    const bytes = this.#random.bytes(this.#longest);
    this.#bulk("$", bytes);
    return text(bytes, mode);
  }

  #streamedString(mode: Mode): Reply {
    const bytes = this.#random.bytes(this.#longest);
    this.#line("$?");
    for (let at = 0; at < bytes.length;) {
      const size = 1 + this.#random.below(bytes.length);
      this.#bulk(";", bytes.subarray(at, at + size));
      at += size;
    }
    this.#line(";0");
    return text(bytes, mode);
  }

  #double(): Reply {
    const value = this.#random.pick([
      Infinity,
      -Infinity,
      NaN,
      -0,
      this.#random.below(1000),
      this.#random.next(),
      -this.#random.next() * 1e300,
      this.#random.next() * 1e-300,
    ]);
    const word = String(value).toLowerCase().replace("infinity", "inf");
    this.#line(Object.is(value, -0) ? ",-0" : `,${word}`);
    return value;
  }

  /** Writes an aggregate of any values, fixed or streamed. */
  #elements(
    type: string,
    mode: Mode,
    depth: number,
    modes?: readonly Mode[],
    multiple = 1,
  ): Reply[] {
    const count = this.#random.below(this.#random.chance(0.05) ? 30 : 5);
    const streamed = this.#random.chance(0.2);
    this.#line(`${type}${streamed ? "?" : count}`);
    const items: Reply[] = [];
    for (let i = 0; i < count * multiple; i++) {
      if (!this.#insidePush && depth > 0 && this.#random.chance(0.02)) {
        items.push(this.#confirmation());
      } else {
        items.push(this.#value(modes?.[i] ?? mode, depth + 1));
      }
    }
    if (streamed) this.#line(".");
    return items;
  }

  /** Writes a push that counts as an element. */
  #confirmation(): Reply {
    const channel = this.#random.bytes(50);
    this.#line(">3");
    this.#line("+subscribe");
    this.#bulk("$", channel);
    this.#line(":1");
    return ["subscribe", text(channel, NAME), 1];
  }

  #map(mode: Mode, depth: number): Reply {
    const items = this.#elements("%", mode, depth, undefined, 2);
    if (mode & FLAT) return items;
    const map = new Map<Reply, Reply>();
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
    return map;
  }
}

function text(bytes: Uint8Array, mode: Mode): Reply {
  if (mode & BYTES) return bytes;
  const read = decoder.decode(bytes);
  return mode === NAME && read.includes("\ufffd") ? bytes : read;
}
