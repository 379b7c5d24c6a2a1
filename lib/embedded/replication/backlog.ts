/**
 * The last bytes of the replication stream: what a replica that was away for a
 * while is given.
 *
 * @module
 */

/** A ring of bytes. */
export class Backlog {
  #ring: Uint8Array;
  /** Where the next byte goes. */
  #at = 0;
  #length = 0;

  /** Makes it for so many bytes. */
  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  /** How many bytes it may hold. */
  get size(): number {
    return this.#ring.length;
  }

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes; the oldest are forgotten. */
  add(bytes: Uint8Array): void {
    const ring = this.#ring;
    const kept = bytes.subarray(Math.max(0, bytes.length - ring.length));
    const first = kept.subarray(0, ring.length - this.#at);
    ring.set(first, this.#at);
    ring.set(kept.subarray(first.length));
    this.#at = (this.#at + kept.length) % ring.length;
    this.#length = Math.min(ring.length, this.#length + kept.length);
  }

  /** The last so many bytes, which must be there; a copy. */
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

  /** Makes it larger or smaller; what there is room for is kept. */
  resize(size: number): void {
    const kept = this.last(Math.min(size, this.#length));
    this.#ring = new Uint8Array(size);
    this.#at = this.#length = 0;
    this.add(kept);
  }
}
