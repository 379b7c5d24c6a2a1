/**
 * A bulk that comes in several chunks, collected in an allocation of its own.
 *
 * @module
 */

/**
 * The largest first allocation, whatever length was declared: the peer may
 * never send that much.
 */
const FIRST_ALLOCATION = 1024 * 1024;
/**
 * The last bytes, up to this many, are read in a chunk together with what
 * follows them, and copied.
 */
const TAIL = 16 * 1024;

/** The bytes of one bulk, as they arrive. */
export class LongBulk {
  /** The bulk's type byte. */
  readonly kind: number;
  /** The bytes, perhaps with room behind them. */
  buffer: Uint8Array<ArrayBuffer>;
  /** How many bytes are still missing. */
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

  /** The bytes, when all have come. */
  get bytes(): Uint8Array {
    return this.buffer.length === this.#length
      ? this.buffer
      : this.buffer.subarray(0, this.#length);
  }

  /**
   * The memory to read the next bytes into, without a copy; `undefined` near
   * the end.
   */
  get room(): Uint8Array | undefined {
    const at = this.#length - this.missing;
    const end = this.#length - TAIL;
    if (end - at < TAIL) return undefined;
    this.#reserve(at + TAIL);
    return this.buffer.subarray(at, end);
  }

  /**
   * Copies its bytes from the start of `chunk`; returns how many there were.
   */
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
