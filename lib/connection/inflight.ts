/**
 * The slots of one connection, in the order of their replies.
 *
 * @module
 */

import type { Slot } from "./command.ts";

/** Give memory back when so many places at the front are empty. */
const COMPACT = 4096;

/**
 * A queue with a mark between what was written and what was not:
 *
 * ```text
 * slots:  | answered |  in flight  |  not yet written  |
 *                    ^ #head       ^ #written          ^ #slots.length
 * ```
 */
export class Inflight {
  #slots: (Slot | undefined)[] = [];
  #head = 0;
  #written = 0;

  /** How many slots wait for a reply, written or not. */
  get length(): number {
    return this.#slots.length - this.#head;
  }

  /** Appends a slot whose bytes were appended to the encoder. */
  push(slot: Slot): void {
    this.#slots.push(slot);
  }

  /** The slot that the next reply belongs to. */
  peek(): Slot | undefined {
    return this.#slots[this.#head];
  }

  /** Removes the slot that has had its last reply. */
  shift(): void {
    const slots = this.#slots;
    slots[this.#head++] = undefined;
    if (this.#head === slots.length) {
      slots.length = 0;
      this.#head = this.#written = 0;
    } else if (this.#head >= COMPACT && this.#head * 2 >= slots.length) {
      slots.splice(0, this.#head);
      this.#written -= this.#head;
      this.#head = 0;
    }
  }

  /** Marks every slot as written: its bytes were handed to the transport. */
  markWritten(): void {
    this.#written = this.#slots.length;
  }

  /** Calls `visit` with each slot, and whether it was written. */
  forEach(visit: (slot: Slot, written: boolean) => void): void {
    for (let i = this.#head; i < this.#slots.length; i++) {
      visit(this.#slots[i]!, i < this.#written);
    }
  }

  /** Empties the queue; returns the slots that were written, and those that were not. */
  takeAll(): { written: Slot[]; unwritten: Slot[] } {
    const slots = this.#slots as Slot[];
    const written = slots.slice(this.#head, this.#written);
    const unwritten = slots.slice(Math.max(this.#head, this.#written));
    this.#slots = [];
    this.#head = this.#written = 0;
    return { written, unwritten };
  }
}
