/**
 * A queue of slots.
 *
 * @module
 */

import type { Slot } from "./command.ts";

/** Give memory back when this many places at the front are empty. */
const COMPACT = 4096;

/**
 * A first-in first-out queue of slots that knows their size: the slots that wait
 * to be written, and those that wait for their reply.
 */
export class SlotQueue {
  #slots: (Slot | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  /** How many slots are in the queue, settled or not. */
  get length(): number {
    return this.#slots.length - this.#head;
  }

  /** About how many bytes their arguments have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends a slot. */
  push(slot: Slot): void {
    this.#bytes += slot.size;
    this.#slots.push(slot);
  }

  /** Puts slots in front of all others, in order. */
  putBack(slots: readonly Slot[]): void {
    if (slots.length === 0) return;
    for (const slot of slots) this.#bytes += slot.size;
    this.#slots = [...slots, ...this.all()];
    this.#head = 0;
  }

  /** The first slot. */
  peek(): Slot | undefined {
    return this.#slots[this.#head];
  }

  /** Removes the first slot and returns it. */
  shift(): Slot | undefined {
    const slots = this.#slots;
    const slot = slots[this.#head];
    if (slot === undefined) return undefined;
    this.#bytes -= slot.size;
    slots[this.#head++] = undefined;
    if (this.#head === slots.length) {
      slots.length = 0;
      this.#head = this.#bytes = 0;
    } else if (this.#head >= COMPACT && this.#head * 2 >= slots.length) {
      slots.splice(0, this.#head);
      this.#head = 0;
    }
    return slot;
  }

  /** Removes the last slot. */
  pop(): void {
    if (this.length > 0) this.#bytes -= this.#slots.pop()!.size;
  }

  /** Removes slots from the front up to the first that is not settled, and returns that. */
  shiftUnsettled(): Slot | undefined {
    for (;;) {
      const slot = this.shift();
      if (slot === undefined || !slot.settled) return slot;
    }
  }

  /** The slots, settled or not, in order. */
  all(): Slot[] {
    return this.#slots.slice(this.#head) as Slot[];
  }

  /** The slots that are not settled, in order. */
  unsettled(): Slot[] {
    return this.all().filter(({ settled }) => !settled);
  }

  /** Removes every settled slot, wherever it is. */
  removeSettled(): void {
    this.#slots = this.unsettled();
    this.#head = this.#bytes = 0;
    for (const slot of this.#slots) this.#bytes += slot!.size;
  }

  /** Empties the queue; returns the slots, settled or not, in order. */
  takeAll(): Slot[] {
    const slots = this.all();
    this.#slots = [];
    this.#head = this.#bytes = 0;
    return slots;
  }

  /**
   * Fails the slots whose deadline has passed; returns the earliest deadline of
   * those that are left.
   */
  expire(time: number, error: (slot: Slot) => Error): number {
    let next = Infinity;
    // A copy: callbacks may change the queue.
    for (const slot of this.unsettled()) {
      if (slot.deadline <= time) slot.fail(error(slot));
      else if (slot.deadline < next) next = slot.deadline;
    }
    return next;
  }
}
