/**
 * The last bytes of the replication stream. A replica that reconnects continues
 * from here.
 *
 * @module
 */

/** A ring of bytes. */
export class Backlog {
  #ring: Uint8Array;
  /** The index of the next byte. */
  #at = 0;
  #length = 0;

  /** Makes a ring of `size` bytes. */
  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  /** The capacity in bytes. */
  get size(): number {
    return this.#ring.length;
  }

  /** The number of stored bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes; overwrites the oldest. */
  add(bytes: Uint8Array): void {
    const ring = this.#ring;
    const kept = bytes.subarray(Math.max(0, bytes.length - ring.length));
    const first = kept.subarray(0, ring.length - this.#at);
    ring.set(first, this.#at);
    ring.set(kept.subarray(first.length));
    this.#at = (this.#at + kept.length) % ring.length;
    this.#length = Math.min(ring.length, this.#length + kept.length);
  }

  /** A copy of the last `count` bytes; at least as many must be stored. */
  last(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(count);
    const start = this.#at - count;
    if (start >= 0) bytes.set(this.#ring.subarray(start, this.#at));
    else {
      bytes.set(this.#ring.subarray(this.#ring.length + start));
      bytes.set(this.#ring.subarray(0, this.#at), -start);
    }
    return bytes;
  }

  /** Changes the capacity; keeps the newest bytes that fit. */
  resize(size: number): void {
    const kept = this.last(Math.min(size, this.#length));
    this.#ring = new Uint8Array(size);
    this.#at = this.#length = 0;
    this.add(kept);
  }
}
