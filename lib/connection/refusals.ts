/**
 * Delays rejections until the sockets have been read.
 *
 * @module
 */

import type { Slot } from "./command.ts";

/**
 * Rejects commands in the next turn of the event loop. A caller that retries at
 * once would otherwise keep the event loop from reading the replies that make room
 * for its command.
 */
export class Refusals {
  readonly #rejections: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Settles the slot now, and rejects its promise later. */
  add(slot: Slot, error: Error): void {
    this.#rejections.push(slot.refuse(error));
    this.#timer ??= setTimeout(() => this.flush(), 0);
  }

  /** Rejects the promises now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const reject of this.#rejections.splice(0)) reject();
  }
}
