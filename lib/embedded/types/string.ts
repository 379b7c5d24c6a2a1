/**
 * Strings: text with a character for each byte, or bytes while they are written
 * into at places.
 *
 * @module
 */

import { binaryToBytes, toBinary } from "../../resp/binary.ts";
import { parseInteger } from "../numbers.ts";
import { Value } from "./value.ts";

/** Strings up to this length are embedded in their key's object in Redis. */
const EMBEDDED = 44;

/** A string. */
export class StringValue extends Value {
  /** The name of the type. */
  readonly type = "string";
  #text: string | null;
  #bytes: Uint8Array | null = null;
  /** How many of the bytes are the string's. */
  #size = 0;

  /** Makes a string of `text`. */
  constructor(text: string) {
    super();
    this.#text = text;
  }

  /** What Redis would hold it as. */
  get encoding(): string {
    // Once written into, Redis leaves it as it is.
    if (this.#bytes !== null) return "raw";
    if (parseInteger(this.text) !== null) return "int";
    return this.length <= EMBEDDED ? "embstr" : "raw";
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes === null ? this.#text!.length : this.#size;
  }

  /** The string as text. */
  get text(): string {
    return this.#text ??= toBinary(this.#bytes!, 0, this.#size);
  }

  set text(text: string) {
    this.#text = text;
    this.#bytes = null;
  }

  /** The string as bytes to read. */
  get bytes(): Uint8Array {
    return this.#bytes?.subarray(0, this.#size) ?? binaryToBytes(this.text);
  }

  /** The string as bytes to write into, at least `size` of them; new ones are 0. */
  writable(size: number): Uint8Array {
    if (this.#bytes === null) {
      this.#bytes = binaryToBytes(this.text);
      this.#size = this.#bytes.length;
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
    this.#text = null;
    return this.#bytes.subarray(0, this.#size);
  }

  /** A copy. */
  copy(): StringValue {
    return new StringValue(this.text);
  }
}
