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
  readonly #length: number;
  #filled = 0;

  /** Takes the declared length, and a buffer to fill if there is one. */
  constructor(kind: number, length: number, buffer: Uint8Array<ArrayBuffer>) {
    this.kind = kind;
    this.#length = length;
    this.buffer = buffer.length > 0
      ? buffer
      : new Uint8Array(Math.min(length, FIRST_ALLOCATION));
  }

  /** Whether every byte is here. */
  get whole(): boolean {
    return this.#filled === this.#length;
  }

  /** The bytes. */
  get bytes(): Uint8Array {
    return this.buffer.length === this.#length
      ? this.buffer
      : this.buffer.subarray(0, this.#length);
  }

  /** Copies what belongs to it from `chunk[start..end)`; returns how much that was. */
  take(chunk: Uint8Array, start: number, end: number): number {
    const count = Math.min(this.#length - this.#filled, end - start);
    const filled = this.#filled + count;
    if (filled > this.buffer.length) {
      const size = Math.max(filled, this.buffer.length * 2);
      const grown = Math.min(this.#length, size);
      this.buffer = new Uint8Array(this.buffer.buffer.transfer(grown));
    }
    this.buffer.set(chunk.subarray(start, start + count), this.#filled);
    this.#filled = filled;
    return count;
  }
}
