/**
 * Keys whose time is over, deleted by the clock: nobody may ever ask for them.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** How many keys are looked at between two looks at the clock. */
const SAMPLE = 20;
/** With more than this share of them over, it goes on at once. */
const MUCH = 0.1;
/** How long one turn may take, in ms: a quarter of the time between two. */
const BUDGET = 25;

/**
 * Goes through the keys that expire, a few in each turn, as long as many of
 * them are over and the turn has time left.
 */
export class ActiveExpiry {
  readonly #cursors = new Map<Database, number>();
  /** Where the next turn starts, as the last one may have had no time for all. */
  #next = 0;

  /** Deletes keys whose time is over at `now`, until there are few or time is up. */
  run(databases: readonly Database[], now: number): void {
    const end = performance.now() + BUDGET;
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
      SAMPLE,
      (key, at) => {
        looked++;
        if (at <= now) over.push(key);
      },
    );
    for (const key of over) db.expire(key);
    this.#cursors.set(db, cursor);
    return over.length > looked * MUCH;
  }
}
