/**
 * A bulk that comes in several chunks, collected in an allocation of its own.
 *
 * @module
 */

/** What it starts with at most, whatever length was declared: that is only a claim. */
const FIRST_ALLOCATION = 1024 * 1024;
/** So much at its end comes in a chunk, with what follows it, and is copied. */
const TAIL = 16 * 1024;

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

  /** Where its next bytes can be read to without a copy; `undefined` near its end. */
  get room(): Uint8Array | undefined {
    const at = this.#length - this.missing;
    const end = this.#length - TAIL;
    if (end - at < TAIL) return undefined;
    this.#reserve(at + TAIL);
    return this.buffer.subarray(at, end);
  }

  /** Copies what belongs to it from the start of `chunk`; returns how much that was. */
  take(chunk: Uint8Array): number {
    const count = Math.min(this.missing, chunk.length);
    const at = this.#length - this.missing;
    this.#reserve(at + count);
    this.buffer.set(chunk.subarray(0, count), at);
    this.missing -= count;
    return count;
  }

  #reserve(size: number): void {
    const { buffer } = this;
    if (size <= buffer.length) return;
    const grown = Math.min(this.#length, Math.max(size, buffer.length * 2));
    this.buffer = new Uint8Array(buffer.buffer.transfer(grown));
  }
}
