/**
 * Commands that the server refused for now, and their order.
 *
 * @module
 */

import type { ReplyError } from "../errors.ts";
import type { Slot } from "./command.ts";

/**
 * Keeps the commands that the server refused without executing them (LOADING and
 * its kind) until they are sent again, in the order in which they were asked.
 * Meanwhile nothing else is sent.
 */
export class Hold {
  /** When they are sent again, on the clock of `now()`. */
  readonly until: number;
  /**
   * The first refused command and all that were in flight behind it, in order,
   * with the refusal of each.
   */
  readonly #refusals: Map<Slot, ReplyError | undefined>;
  /** How many commands were refused. */
  size = 0;
  /** About how many bytes these have. */
  bytes = 0;

  /** Takes the slots in flight; the server has just refused the first. */
  constructor(order: readonly Slot[], until: number) {
    this.#refusals = new Map(order.map((slot) => [slot, undefined]));
    this.until = until;
  }

  /** Whether the command was in flight when the first was refused. */
  has(slot: Slot): boolean {
    return this.#refusals.has(slot);
  }

  /** Keeps a refused command. */
  add(slot: Slot, error: ReplyError): void {
    this.#refusals.set(slot, error);
    this.size++;
    this.bytes += slot.size;
  }

  /** The refused commands that are not settled. */
  get waiting(): Slot[] {
    return this.#refused().map(([slot]) => slot).filter(({ settled }) =>
      !settled
    );
  }

  /**
   * Returns the commands to send again, in order: the refused ones, and `kept`,
   * which were in flight when the connection was lost.
   *
   * A refused command fails if a later one may have been executed and is not sent
   * again: it would be executed out of order.
   */
  release(kept: readonly Slot[] = []): Slot[] {
    const again = new Set(kept);
    const order = [...this.#refusals];
    const last = order.findLastIndex(([slot, error]) =>
      error === undefined && !again.has(slot)
    );
    const slots: Slot[] = [];
    for (const [i, [slot, error]] of order.entries()) {
      if (error !== undefined && i < last) slot.fail(error);
      if (!slot.settled && (error !== undefined || again.delete(slot))) {
        slots.push(slot);
      }
    }
    return [...slots, ...again];
  }

  /** Fails the commands whose deadline has passed; returns the earliest deadline of the others. */
  expire(time: number): number {
    let next = Infinity;
    for (const [slot, error] of this.#refused()) {
      if (slot.settled) continue;
      if (slot.deadline <= time) slot.fail(error);
      else next = Math.min(next, slot.deadline);
    }
    return next;
  }

  #refused(): [Slot, ReplyError][] {
    return [...this.#refusals].filter(
      (entry): entry is [Slot, ReplyError] => entry[1] !== undefined,
    );
  }
}
