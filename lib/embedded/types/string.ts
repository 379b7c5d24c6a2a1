/**
 * Strings: text with a character for each byte, or bytes while they are written
 * into at places.
 *
 * @module
 */

import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { isInteger, smallInteger } from "../numbers.ts";
import { Value } from "./value.ts";

/** Strings up to this length are embedded in their key's object in Redis. */
const EMBEDDED = 44;

/** Integers up to this are one object for all keys in Redis. */
const SHARED_INTEGERS = 10_000;

/**
 * How Redis would hold a string: `"best"` as an integer where it can, `"copied"`
 * the same without sharing it, `"text"` never as one, `"raw"` in a buffer of its
 * own.
 */
export type StringForm = "best" | "copied" | "text" | "raw";

/** A string. */
export class StringValue extends Value {
  /** The name of the type. */
  readonly type = "string";
  #form: StringForm;
  #text: string;
  /** While it is written into: what counts instead of the text. */
  #bytes: Uint8Array | null = null;
  /** How many of the bytes are the string's. */
  #size = 0;

  /** Makes a string of `text`. */
  constructor(text: string, form: StringForm = "best") {
    super();
    this.#text = text;
    this.#form = form;
  }

  /** Makes a string of bytes, which become its own. */
  static ofBytes(bytes: Uint8Array): StringValue {
    const value = new StringValue("");
    value.setBytes(bytes);
    return value;
  }

  /** What Redis would hold it as. */
  get encoding(): string {
    if (this.#form === "raw") return "raw";
    if (this.#form !== "text" && isInteger(this.#text)) return "int";
    return this.length <= EMBEDDED ? "embstr" : "raw";
  }

  /** Whether Redis would share it among keys. */
  get shared(): boolean {
    if (this.#form !== "best") return false;
    const integer = smallInteger(this.#text);
    return integer >= 0 && integer < SHARED_INTEGERS;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes === null ? this.#text.length : this.#size;
  }

  /** The string as text. */
  get text(): string {
    return this.#bytes === null
      ? this.#text
      : toBinary(this.#bytes, 0, this.#size);
  }

  /** Replaces the string. */
  setTo(text: string, form: StringForm): void {
    this.#text = text;
    this.#form = form;
    this.#bytes = null;
  }

  /** Replaces the string by bytes, which become its own. */
  setBytes(bytes: Uint8Array): void {
    this.setTo("", "raw");
    this.#bytes = bytes;
    this.#size = bytes.length;
  }

  /** Part of the string as text. */
  slice(start: number, end: number): string {
    return this.#bytes === null
      ? this.#text.slice(start, end)
      : toBinary(this.#bytes, start, end);
  }

  /** The string as bytes to read. */
  get bytes(): Uint8Array {
    return this.#bytes?.subarray(0, this.#size) ?? binaryToBytes(this.#text);
  }

  /** One byte; 0 behind the end. */
  byteAt(at: number): number {
    if (at >= this.length) return 0;
    return this.#bytes?.[at] ?? this.#text.charCodeAt(at);
  }

  /** Writes it as a reply. */
  writeTo(reply: ReplyEncoder): void {
    if (this.#bytes === null) reply.bulk(this.#text);
    else reply.bytes(this.bytes);
  }

  /** Adds text at the end. */
  append(text: string): void {
    // Text that grows is no copy each time: V8 joins it when it is read.
    this.setTo(this.text + text, "raw");
  }

  /** The string as bytes to write into, at least `size` of them; new ones are 0. */
  writable(size: number): Uint8Array {
    if (this.#bytes === null) {
      this.#bytes = binaryToBytes(this.#text);
      this.#size = this.#bytes.length;
      this.#text = "";
      this.#form = "raw";
    }
    if (size > this.#bytes.length) {
      // Room to grow, so that setting bit after bit stays linear.
      const larger = new Uint8Array(
        Math.max(size, Math.min(this.#bytes.length * 2, size + 1024 * 1024)),
      );
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#size = Math.max(this.#size, size);
    return this.#bytes.subarray(0, this.#size);
  }

  /** A copy. */
  copy(): StringValue {
    const form = this.#form === "best" ? "copied" : this.#form;
    return new StringValue(this.text, form);
  }
}
