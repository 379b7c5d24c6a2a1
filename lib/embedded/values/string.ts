/**
 * Strings: text with a character for each byte, or bytes while they are written
 * into at places.
 *
 * @module
 */

import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import { isInteger } from "../base/numbers.ts";
import { Value } from "./value.ts";

/** Strings up to this length are embedded in their key's object in Redis. */
const EMBEDDED = 44;

/**
 * How Redis would hold a string: `"best"` as an integer where it can, `"copied"`
 * the same without sharing it, `"text"` never as one, `"raw"` in a buffer of its
 * own.
 */
export type StringForm = "best" | "copied" | "text" | "raw";

/** The forms by the mark of a value. */
const FORMS: readonly StringForm[] = ["best", "copied", "text", "raw"];

/** A string while it is written into. */
interface Writable {
  bytes: Uint8Array;
  /** How many of the bytes are the string's. */
  size: number;
}

/** A string: objects as small as can be, as there are many. */
export class StringValue extends Value {
  #content: string | Writable;

  /** Makes a string of `text`. */
  constructor(text: string, form: StringForm = "best") {
    super();
    this.#content = text;
    if (form !== "best") this.#form = form;
  }

  get #form(): StringForm {
    return FORMS[this.mark]!;
  }

  set #form(form: StringForm) {
    this.mark = FORMS.indexOf(form);
  }

  /** The name of the type. */
  get type(): "string" {
    return "string";
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
    if (this.#form !== "text" && isInteger(this.text)) return "int";
    return this.length <= EMBEDDED ? "embstr" : "raw";
  }

  /** How many bytes there are. */
  get length(): number {
    const content = this.#content;
    return typeof content === "string" ? content.length : content.size;
  }

  /** The string as text. */
  get text(): string {
    const content = this.#content;
    return typeof content === "string"
      ? content
      : toBinary(content.bytes, 0, content.size);
  }

  /** Replaces the string. */
  setTo(text: string, form: StringForm): void {
    this.#content = text;
    this.#form = form;
  }

  /** Replaces the string by bytes, which become its own. */
  setBytes(bytes: Uint8Array): void {
    this.#content = { bytes, size: bytes.length };
    this.#form = "raw";
  }

  /** Part of the string as text. */
  slice(start: number, end: number): string {
    const content = this.#content;
    return typeof content === "string"
      ? content.slice(start, end)
      : toBinary(content.bytes, start, end);
  }

  /** The string as bytes to read. */
  get bytes(): Uint8Array {
    const content = this.#content;
    return typeof content === "string"
      ? binaryToBytes(content)
      : content.bytes.subarray(0, content.size);
  }

  /** One byte; 0 behind the end. */
  byteAt(at: number): number {
    if (at >= this.length) return 0;
    const content = this.#content;
    return typeof content === "string"
      ? content.charCodeAt(at)
      : content.bytes[at]!;
  }

  /** Writes it as a reply. */
  writeTo(reply: ReplyEncoder): void {
    const content = this.#content;
    if (typeof content === "string") reply.bulk(content);
    else reply.bytes(this.bytes);
  }

  /** Adds text at the end. */
  append(text: string): void {
    // Text that grows is no copy each time: V8 joins it when it is read.
    this.setTo(this.text + text, "raw");
  }

  /** The string as bytes to write into, at least `size` of them; new ones are 0. */
  writable(size: number): Uint8Array {
    let content = this.#content;
    if (typeof content === "string") {
      const bytes = binaryToBytes(content);
      this.#content = content = { bytes, size: bytes.length };
      this.#form = "raw";
    }
    if (size > content.bytes.length) {
      // Room to grow, so that setting bit after bit stays linear.
      const larger = new Uint8Array(
        Math.max(size, Math.min(content.bytes.length * 2, size + 1024 * 1024)),
      );
      larger.set(content.bytes.subarray(0, content.size));
      content.bytes = larger;
    }
    content.size = Math.max(content.size, size);
    return content.bytes.subarray(0, content.size);
  }

  /** A copy. */
  copy(): StringValue {
    const form = this.#form === "best" ? "copied" : this.#form;
    return new StringValue(this.text, form);
  }
}
