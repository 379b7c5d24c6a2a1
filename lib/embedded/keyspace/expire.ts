/**
 * Keys whose time is over, deleted by the clock: nobody may ever ask for them.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Database } from "./database.ts";

/** Keys that are looked at between two looks at the clock, with effort 1. */
const SAMPLE = 20;

/**
 * Goes through the keys that expire, a few in each turn, as long as many of
 * them are over and the turn has time left.
 */
export class ActiveExpiry {
  /** Whether it runs: DEBUG SET-ACTIVE-EXPIRE. */
  active = true;
  /** The setting `active-expire-effort`: from 1 to 10. */
  #effort = 1;
  readonly #cursors = new Map<Database, number>();
  /** Where the next turn starts, as the last one may have had no time for all. */
  #next = 0;

  /** Follows a configuration. */
  constructor(config: Config) {
    config.onSet("active-expire-effort", (value) => {
      this.#effort = Number(value);
    });
  }

  /** Deletes keys whose time is over at `now`, until there are few or time is up. */
  run(databases: readonly Database[], now: number): void {
    // In ms: from a quarter of the time between two turns to almost half of it.
    const end = performance.now() + 25 + 2 * (this.#effort - 1);
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#next % databases.length]!;
      while (this.#sample(db, now)) {
        if (performance.now() > end) return;
      }
      this.#next++;
    }
  }

  /** Looks at the next keys; says whether many of them were over. */
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
    // Many of them: it goes on at once.
    return over.length > looked * (11 - this.#effort) / 100;
  }
}
