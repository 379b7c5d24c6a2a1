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
  /** The first refused command and all that were in flight behind it. */
  readonly #order: readonly Slot[];
  readonly #refused = new Map<Slot, ReplyError>();

  /** Takes the slots in flight, of which the first is being refused. */
  constructor(order: readonly Slot[], until: number) {
    this.#order = order;
    this.until = until;
  }

  /** Whether the command was in flight when the first was refused. */
  has(slot: Slot): boolean {
    return this.#order.includes(slot);
  }

  /** Keeps a refused command. */
  add(slot: Slot, error: ReplyError): void {
    this.#refused.set(slot, error);
  }

  /**
   * Returns the commands to send again, in order. A command that was refused
   * while a later one was executed, and is not sent again itself, fails: it would
   * be executed after that.
   */
  release(): Slot[] {
    const last = this.#order.findLastIndex((slot) =>
      !this.#refused.has(slot) && (slot.settled || !slot.resendable)
    );
    return this.#order.filter((slot, i) => {
      const error = this.#refused.get(slot);
      if (error === undefined) return false;
      if (i < last) slot.fail(error);
      return !slot.settled;
    });
  }

  /** Fails the commands whose deadline has passed; returns the earliest deadline of the others. */
  expire(time: number): number {
    let next = Infinity;
    for (const [slot, error] of this.#refused) {
      if (slot.settled) continue;
      if (slot.deadline <= time) slot.fail(error);
      else next = Math.min(next, slot.deadline);
    }
    return next;
  }
}
