/**
 * Reads the primitives of RDB files: lengths, strings, numbers, and the packed
 * lists of strings that store small collections.
 *
 * Strings are binary text (one character per byte).
 *
 * @see https://rdb.fnordig.de/file_format.html
 * @module
 */

import { toBinary } from "../../resp/binary.ts";
import { decompress } from "./lzf.ts";

/** Reads from bytes that are complete; throws at their end. */
export class RdbReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The offset of the next byte. */
  at: number;

  /** Makes a reader that begins at `at`. */
  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
  }

  /** Whether all bytes were read. */
  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Whether this text comes next. */
  startsWith(text: string): boolean {
    const end = this.at + text.length;
    return end <= this.#bytes.length &&
      toBinary(this.#bytes, this.at, end) === text;
  }

  /** The next byte. */
  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  /** An unsigned 16-bit integer, little-endian. */
  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  /** An unsigned 32-bit integer, little-endian. */
  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A signed 64-bit integer, little-endian. */
  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  /** An unsigned 64-bit integer, big-endian, as in stream ids. */
  uint64BigEndian(): bigint {
    return this.#view.getBigUint64(this.#advance(8), false);
  }

  /** A signed integer of 8, 16, 24, 32 or 64 bits, little-endian, as text. */
  integer(bits: 8 | 16 | 24 | 32 | 64): string {
    const at = this.#advance(bits / 8);
    const view = this.#view;
    switch (bits) {
      case 8:
        return String(view.getInt8(at));
      case 16:
        return String(view.getInt16(at, true));
      case 24:
        return String(view.getUint16(at, true) | view.getInt8(at + 2) << 16);
      case 32:
        return String(view.getInt32(at, true));
      case 64:
        return String(view.getBigInt64(at, true));
    }
  }

  /** A double, binary. */
  double(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  /** A double as text after its length, the format of old files. */
  doubleText(): number {
    const length = this.byte();
    if (length === 253) return NaN;
    if (length === 254) return Infinity;
    if (length === 255) return -Infinity;
    return Number(this.text(length));
  }

  /** The next `length` bytes as text. */
  text(length: number): string {
    const at = this.#advance(length);
    return toBinary(this.#bytes, at, at + length);
  }

  /** The next `length` bytes; not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A length. */
  length(): number {
    const length = this.#lengthOrEncoding();
    if (length < 0) {
      throw new Error(
        "The RDB file has a special encoding in place of a length",
      );
    }
    return length;
  }

  /** A length that may be any 64-bit integer. */
  longLength(): bigint {
    if (this.#bytes[this.at] !== 0x81) return BigInt(this.length());
    this.at++;
    return this.uint64BigEndian();
  }

  /** A string in any encoding. */
  string(): string {
    const bytes = this.stringBytes();
    return toBinary(bytes, 0, bytes.length);
  }

  /** A string in any encoding, as bytes; may not be a copy. */
  stringBytes(): Uint8Array {
    const length = this.#lengthOrEncoding();
    if (length >= 0) return this.bytes(length);
    switch (length) {
      case -1:
        return ascii(this.integer(8));
      case -2:
        return ascii(this.integer(16));
      case -3:
        return ascii(this.integer(32));
      case -4: {
        const compressed = this.length();
        const size = this.length();
        return decompress(this.bytes(compressed), size);
      }
    }
    throw new Error("The RDB file has a string of an unknown encoding");
  }

  /** A length; or, for a special string encoding, its number negated minus 1. */
  #lengthOrEncoding(): number {
    const first = this.byte();
    switch (first >> 6) {
      case 0:
        return first & 0x3f;
      case 1:
        return (first & 0x3f) << 8 | this.byte();
      case 3:
        return -1 - (first & 0x3f);
    }
    if (first === 0x80) return this.#view.getUint32(this.#advance(4), false);
    return Number(this.#view.getBigUint64(this.#advance(8), false));
  }

  #advance(size: number): number {
    const { at } = this;
    if (at + size > this.#bytes.length) {
      throw new Error("The RDB file ends in the middle of a value");
    }
    this.at = at + size;
    return at;
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The strings of a listpack: the format of small collections since Redis 7. */
export function readListpack(bytes: Uint8Array): string[] {
  const reader = new RdbReader(bytes, 6);
  const elements: string[] = [];
  for (;;) {
    const start = reader.at;
    const first = reader.byte();
    if (first === 0xff) return elements;
    elements.push(listpackElement(reader, first));
    reader.bytes(backLength(reader.at - start));
  }
}

function listpackElement(reader: RdbReader, first: number): string {
  if (first < 0x80) return String(first);
  if (first < 0xc0) return reader.text(first & 0x3f);
  if (first < 0xe0) {
    const value = (first & 0x1f) << 8 | reader.byte();
    return String(value >= 4096 ? value - 8192 : value);
  }
  if (first < 0xf0) return reader.text((first & 0x0f) << 8 | reader.byte());
  switch (first) {
    case 0xf0:
      return reader.text(reader.uint32());
    case 0xf1:
      return reader.integer(16);
    case 0xf2:
      return reader.integer(24);
    case 0xf3:
      return reader.integer(32);
    case 0xf4:
      return reader.integer(64);
  }
  throw new Error("The RDB file has a listpack with an unknown encoding");
}

/** The bytes of a listpack element's back length. */
export function backLength(size: number): number {
  if (size < 128) return 1;
  if (size < 16_384) return 2;
  if (size < 2_097_152) return 3;
  return size < 268_435_456 ? 4 : 5;
}

/** The strings of a ziplist: the format of small collections before Redis 7. */
export function readZiplist(bytes: Uint8Array): string[] {
  const reader = new RdbReader(bytes, 10);
  const elements: string[] = [];
  for (;;) {
    const before = reader.byte();
    if (before === 0xff) return elements;
    if (before === 0xfe) reader.uint32();
    elements.push(ziplistElement(reader, reader.byte()));
  }
}

function ziplistElement(reader: RdbReader, first: number): string {
  switch (first >> 6) {
    case 0:
      return reader.text(first & 0x3f);
    case 1:
      return reader.text((first & 0x3f) << 8 | reader.byte());
    case 2: {
      const [a, b, c, d] = reader.bytes(4);
      return reader.text((a! << 24 | b! << 16 | c! << 8 | d!) >>> 0);
    }
  }
  switch (first) {
    case 0xc0:
      return reader.integer(16);
    case 0xd0:
      return reader.integer(32);
    case 0xe0:
      return reader.integer(64);
    case 0xf0:
      return reader.integer(24);
    case 0xfe:
      return reader.integer(8);
  }
  return String((first & 0x0f) - 1);
}

/** The integers of an intset, as text. */
export function readIntset(bytes: Uint8Array): string[] {
  const reader = new RdbReader(bytes);
  const bits = reader.uint32() * 8 as 16 | 32 | 64;
  const count = reader.uint32();
  return Array.from({ length: count }, () => reader.integer(bits));
}
