/**
 * Active expiry: deletes expired keys that no command looks up.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Database } from "./database.ts";

/** Keys that are checked between two readings of the clock, with effort 1. */
const SAMPLE = 20;

/**
 * Samples the keys that have an expiry. A run goes on as long as many of the
 * sampled keys have expired and it has time left.
 */
export class ActiveExpiry {
  /** Whether it runs: DEBUG SET-ACTIVE-EXPIRE. */
  active = true;
  /** The setting `active-expire-effort`: from 1 to 10. */
  #effort = 1;
  readonly #cursors = new Map<Database, number>();
  /** The database where the next run starts, as the last run may have stopped early. */
  #next = 0;

  /** Follows `active-expire-effort` of a configuration. */
  constructor(config: Config) {
    config.onSet("active-expire-effort", (value) => {
      this.#effort = Number(value);
    });
  }

  /** Deletes keys that have expired at `now`, until few are left or time is up. */
  run(databases: readonly Database[], now: number): void {
    // In ms: from a quarter of the interval between two runs to almost half of it.
    const end = performance.now() + 25 + 2 * (this.#effort - 1);
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#next % databases.length]!;
      while (this.#sample(db, now)) {
        if (performance.now() > end) return;
      }
      this.#next++;
    }
  }

  /** Samples some keys and deletes the expired; returns whether there were many. */
  #sample(db: Database, now: number): boolean {
    if (db.expires.size === 0) return false;
    const over: string[] = [];
    let looked = 0;
    const cursor = db.expires.scan(
      this.#cursors.get(db) ?? 0,
      SAMPLE + SAMPLE / 4 * (this.#effort - 1),
      (key, at) => {
        looked++;
        if (at <= now) over.push(key);
      },
    );
    for (const key of over) db.expire(key);
    this.#cursors.set(db, cursor);
    // The higher the effort, the fewer expired keys are enough to go on.
    return over.length > looked * (11 - this.#effort) / 100;
  }
}
