/**
 * The client's own writes, from their call until they settle.
 *
 * @module
 */

import type { Changes } from "./cacheable.ts";

/**
 * The writes that have not settled. What they may change is read behind them, on
 * the connection that took them, and not on the one for tracked reads.
 */
export class Writes {
  /** How many may change each key. */
  readonly #keys = new Map<string, number>();
  /** How many may change any key. */
  #anything = 0;

  /** Notes a write that is called. */
  begin(changes: Changes): void {
    this.#count(changes, 1);
  }

  /** Forgets a write that has settled. */
  end(changes: Changes): void {
    this.#count(changes, -1);
  }

  /** Whether one of them may change one of these keys. */
  mayChange(keys: readonly string[]): boolean {
    if (this.#anything > 0) return true;
    return this.#keys.size > 0 && keys.some((key) => this.#keys.has(key));
  }

  #count(changes: Changes, more: 1 | -1): void {
    if (changes.kind === "anything") this.#anything += more;
    else if (changes.kind === "keys") {
      for (const key of changes.keys) {
        const count = (this.#keys.get(key) ?? 0) + more;
        if (count === 0) this.#keys.delete(key);
        else this.#keys.set(key, count);
      }
    }
  }
}
