/**
 * A bulk that comes in several chunks, collected in an allocation of its own.
 *
 * @module
 */

/** What it starts with, whatever length was declared: that is only a claim. */
const FIRST_ALLOCATION = 64 * 1024;

/** The bytes of one bulk, as they arrive. */
export class LongBulk {
  /** The bulk's type byte. */
  readonly kind: number;
  /** Where the bytes are, and perhaps room behind them. */
  buffer: Uint8Array<ArrayBuffer>;
  /** How many bytes are to come. */
  missing: number;
  readonly #length: number;

  /** Takes the declared length, and a buffer to fill if there is one. */
  constructor(kind: number, length: number, buffer: Uint8Array<ArrayBuffer>) {
    this.kind = kind;
    this.missing = this.#length = length;
    this.buffer = buffer.length > 0
      ? buffer
      : new Uint8Array(Math.min(length, FIRST_ALLOCATION));
  }

  /** The bytes, once none is missing. */
  get bytes(): Uint8Array {
    return this.buffer.length === this.#length
      ? this.buffer
      : this.buffer.subarray(0, this.#length);
  }

  /** Copies what belongs to it from the start of `chunk`; returns how much that was. */
  take(chunk: Uint8Array): number {
    const count = Math.min(this.missing, chunk.length);
    const at = this.#length - this.missing;
    const size = Math.max(at + count, this.buffer.length * 2);
    if (at + count > this.buffer.length) {
      const grown = Math.min(this.#length, size);
      this.buffer = new Uint8Array(this.buffer.buffer.transfer(grown));
    }
    this.buffer.set(chunk.subarray(0, count), at);
    this.missing -= count;
    return count;
  }
}
