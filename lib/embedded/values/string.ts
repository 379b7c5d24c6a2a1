/**
 * Strings: binary text (one character per byte), or bytes once a command such as
 * SETBIT writes at offsets.
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
 * How Redis would store a string. `best`: as an integer where possible. `copied`:
 * the same, but not as a shared object. `text`: never as an integer. `raw`: in a
 * buffer of its own.
 */
export type StringForm = "best" | "copied" | "text" | "raw";

/** The forms, indexed by the mark of a value. */
const FORMS: readonly StringForm[] = ["best", "copied", "text", "raw"];

/** The content of a string that is written at offsets. */
interface Writable {
  bytes: Uint8Array;
  /** The string's length; the buffer may be longer. */
  size: number;
}

/** A string. There are many, so each object is as small as possible. */
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

  /** Makes a string of bytes and takes over the array. */
  static ofBytes(bytes: Uint8Array): StringValue {
    const value = new StringValue("");
    value.setBytes(bytes);
    return value;
  }

  /** The encoding that Redis would use. */
  get encoding(): string {
    if (this.#form === "raw") return "raw";
    if (this.#form !== "text" && isInteger(this.text)) return "int";
    return this.length <= EMBEDDED ? "embstr" : "raw";
  }

  /** The length in bytes. */
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

  /** Replaces the string by bytes and takes over the array. */
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

  /** The string as bytes, for reading only. */
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
    // V8 concatenates lazily: the text is not copied with each append.
    this.setTo(this.text + text, "raw");
  }

  /** The bytes for writing, at least `size` of them; new bytes are 0. */
  writable(size: number): Uint8Array {
    let content = this.#content;
    if (typeof content === "string") {
      const bytes = binaryToBytes(content);
      this.#content = content = { bytes, size: bytes.length };
      this.#form = "raw";
    }
    if (size > content.bytes.length) {
      // Spare room, so that setting one bit after another takes linear time.
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
