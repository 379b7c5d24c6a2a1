/**
 * Writes the primitives of RDB files.
 *
 * @see https://rdb.fnordig.de/file_format.html
 * @module
 */

import { binaryToBytes, writeBinary } from "../../resp/binary.ts";
import { joinBytes } from "../../resp/bytes.ts";
import { parseInteger } from "../base/numbers.ts";
import { backLength } from "./reader.ts";

/** Writes to a growing buffer. */
export class RdbWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** The number of bytes that were written since the last `take`. */
  get length(): number {
    return this.#at;
  }

  /** A copy of the written bytes; empties the buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    return bytes;
  }

  /** One byte. */
  byte(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  /** A signed 64-bit integer, little-endian. */
  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value, true);
  }

  /** An unsigned 64-bit integer, big-endian, as in stream ids. */
  uint64BigEndian(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, false);
  }

  /** A double, binary. */
  double(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Raw bytes. */
  bytes(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Binary text (one byte per character), without a length. */
  text(text: string): void {
    const at = this.#reserve(text.length);
    writeBinary(text, this.#bytes, at);
  }

  /** A length. */
  count(value: number): void {
    if (value < 0x40) this.byte(value);
    else if (value < 0x4000) {
      this.byte(0x40 | value >> 8);
      this.byte(value & 0xff);
    } else if (value <= 0xffffffff) {
      this.byte(0x80);
      const at = this.#reserve(4);
      this.#view.setUint32(at, value, false);
    } else {
      this.longCount(BigInt(value));
    }
  }

  /** A length that may be any unsigned 64-bit integer. */
  longCount(value: bigint): void {
    if (value <= 0xffffffffn) return this.count(Number(value));
    this.byte(0x81);
    this.uint64BigEndian(value);
  }

  /** A string after its length. */
  string(text: string): void {
    this.count(text.length);
    this.text(text);
  }

  /** A string of bytes after its length. */
  stringBytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.bytes(bytes);
  }

  #reserve(size: number): number {
    const at = this.#at;
    this.#at = at + size;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#at, at * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** Strings as a listpack. Integers are encoded as such: Redis expects that of streams. */
export function writeListpack(
  elements: readonly string[],
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const element of elements) {
    const encoded = listpackElement(element);
    parts.push(encoded, backLengthOf(encoded.length));
  }
  const body = joinBytes(parts);
  const header = new Uint8Array(6);
  const view = new DataView(header.buffer);
  view.setUint32(0, header.length + body.length + 1, true);
  view.setUint16(4, Math.min(elements.length, 0xffff), true);
  return joinBytes([header, body, Uint8Array.of(0xff)]);
}

function listpackElement(text: string): Uint8Array {
  const integer = text.length <= 20 ? parseInteger(text) : null;
  return integer === null ? listpackString(text) : listpackInteger(integer);
}

function listpackString(text: string): Uint8Array {
  const { length } = text;
  const bytes = binaryToBytes(text);
  if (length < 0x40) return joinBytes([Uint8Array.of(0x80 | length), bytes]);
  if (length < 0x1000) {
    return joinBytes([Uint8Array.of(0xe0 | length >> 8, length & 0xff), bytes]);
  }
  const header = new Uint8Array(5);
  header[0] = 0xf0;
  new DataView(header.buffer).setUint32(1, length, true);
  return joinBytes([header, bytes]);
}

function listpackInteger(integer: bigint): Uint8Array {
  if (integer >= 0n && integer < 128n) return Uint8Array.of(Number(integer));
  if (integer >= -4096n && integer < 4096n) {
    const value = Number(integer) & 0x1fff;
    return Uint8Array.of(0xc0 | value >> 8, value & 0xff);
  }
  for (const [bits, type] of [[16, 0xf1], [24, 0xf2], [32, 0xf3]] as const) {
    if (BigInt.asIntN(bits, integer) !== integer) continue;
    const value = Number(integer);
    const encoded = [type, value & 0xff, value >> 8 & 0xff];
    if (bits >= 24) encoded.push(value >> 16 & 0xff);
    if (bits === 32) encoded.push(value >> 24 & 0xff);
    return Uint8Array.from(encoded);
  }
  const encoded = new Uint8Array(9);
  encoded[0] = 0xf4;
  new DataView(encoded.buffer).setBigInt64(1, integer, true);
  return encoded;
}

/** The back length of an element: its size in groups of seven bits. */
function backLengthOf(size: number): Uint8Array {
  const bytes = backLength(size);
  return Uint8Array.from({ length: bytes }, (_, i) => {
    const bits = Math.floor(size / 2 ** (7 * (bytes - 1 - i))) & 0x7f;
    return i === 0 ? bits : bits | 0x80;
  });
}
