/**
 * Bytes that arrive and are kept: a request's body, a WebSocket's message.
 *
 * @module
 */

import type { Budget } from "./limits.ts";

const FIRST_BYTES = 4 * 1024;

/**
 * Grows with the bytes that have arrived, whatever size was announced: a client
 * that announces 10 MB and sends nothing costs 4 KB.
 */
export class ReceiveBuffer {
  readonly #budget: Budget;
  readonly #limit: number;
  readonly #tooLarge: () => Error;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  /** `tooLarge` makes the error for more than `limit` bytes. */
  constructor(budget: Budget, limit: number, tooLarge: () => Error) {
    this.#budget = budget;
    this.#limit = limit;
    this.#tooLarge = tooLarge;
  }

  /** The bytes that have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Throws unless `count` more bytes are within the limit. */
  check(count: number): void {
    if (this.#length + count > this.#limit) throw this.#tooLarge();
  }

  /** Copies bytes behind the others. */
  append(bytes: Uint8Array): void {
    this.check(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A place of at most `wanted` bytes to read into; what was read is told to `filled`. */
  room(wanted: number): Uint8Array {
    if (this.#length === this.#bytes.length) this.#reserve(Math.min(wanted, 1));
    return this.#bytes.subarray(this.#length, this.#length + wanted);
  }

  /** Says that `count` bytes were read into the room. */
  filled(count: number): void {
    this.#length += count;
  }

  /** All that has arrived. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets the bytes, and gives their share of the budget back. */
  release(): void {
    this.#budget.give(this.#bytes.length);
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  /** Makes room for `count` more bytes. Throws when the server has no more for this. */
  #reserve(count: number): void {
    const needed = this.#length + count;
    const size = this.#bytes.length;
    if (needed <= size) return;
    const doubled = Math.max(needed, size * 2, FIRST_BYTES);
    const grown = Math.max(needed, Math.min(doubled, this.#limit));
    this.#budget.take(grown - size);
    const bytes = new Uint8Array(grown);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
