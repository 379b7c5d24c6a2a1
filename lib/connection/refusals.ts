/**
 * Rejections that wait until the sockets were read.
 *
 * @module
 */

import type { Slot } from "./command.ts";

/**
 * Rejects commands that are refused here, a little later: a caller who asks again
 * at once would otherwise keep the event loop, and so the replies that would end
 * the refusals, from running.
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
