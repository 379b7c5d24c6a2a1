/**
 * Eviction of keys when memory is full: `maxmemory` and its policies.
 *
 * The limit applies to the estimate of `memory.ts` for keys and values; it leaves
 * out connections and the runtime. While `maxmemory` is set the estimate follows
 * every change; otherwise it costs nothing.
 *
 * @see https://redis.io/docs/latest/develop/reference/eviction/
 * @module
 */

import type { Host } from "./host.ts";
import type { Database } from "./database.ts";
import { estimateKey } from "./memory.ts";
import type { Value } from "../values/value.ts";

/** A key that may be evicted; the highest score goes first. */
interface Candidate {
  readonly db: Database;
  readonly key: string;
  readonly score: number;
}

/** How many candidates are kept between evictions. */
const POOL = 16;
/** How long one call may evict, in ms; the server's timer continues. */
const BUDGET = 10;
/** The counter of a new key starts here, so that it is not evicted at once. */
const NEW = 5;
const MOST_USES = 255;
const MINUTE = 60_000;

/** Evicts keys, and keeps the sizes and uses that it needs for that. */
export class Eviction {
  /** The limit of the estimated bytes; 0 for none. */
  limit = 0;
  /** Whether the policy ranks keys by frequency of use: LFU. */
  byFrequency = false;
  /** Whether only changes count as uses: LRM. */
  byChange = false;
  readonly #core: Host;
  readonly #sizes = new Map<Database, Map<string, number>>();
  #used = 0;
  /** Whether the sizes must be counted again. */
  #stale = true;
  #amongAll = false;
  /** The end of the policy's name: `lru`, `lfu`, `lrm`, `random`, `ttl`, `noeviction`. */
  #order = "noeviction";
  #samples = 5;
  #decayTime = 1;
  #logFactor = 10;
  #pool: Candidate[] = [];
  /** The database from which the next random key is drawn. */
  #next = 0;

  /** Makes it follow the configuration of a server. */
  constructor(core: Host) {
    this.#core = core;
    const { config } = core;
    config.onSet("maxmemory", (value) => {
      if (Number(value) === 0) this.#sizes.clear();
      if (this.limit === 0) this.#stale = true;
      this.limit = Number(value);
    });
    config.onSet("maxmemory-policy", (value) => {
      const [among, order] = value.split("-");
      this.#amongAll = among === "allkeys";
      this.#order = order ?? value;
      this.byFrequency = order === "lfu";
      this.byChange = order === "lrm";
      this.#pool = [];
    });
    config.onSet("maxmemory-samples", (value) => {
      this.#samples = Number(value);
    });
    config.onSet("lfu-decay-time", (value) => this.#decayTime = Number(value));
    config.onSet("lfu-log-factor", (value) => this.#logFactor = Number(value));
  }

  /** The estimated bytes of all keys; only valid while there is a limit. */
  get used(): number {
    if (this.#stale) this.#recount();
    return this.#used;
  }

  /** Notes that a key was changed, added or deleted. */
  changed(db: Database, key: string): void {
    if (this.#stale) return;
    const sizes = this.#sizesOf(db);
    const value = db.keys.get(key);
    const size = value === undefined ? 0 : estimateKey(key, value);
    if (this.byChange && value !== undefined) value.used = this.#core.now;
    this.#used += size - (sizes.get(key) ?? 0);
    if (size === 0) sizes.delete(key);
    else sizes.set(key, size);
  }

  /** Evicts until the limit is met or time is up; returns whether no key was left to evict. */
  makeRoom(): boolean {
    const core = this.#core;
    if (this.used <= this.limit) return false;
    // A replica evicts nothing: its master sends the deletions.
    if (core.role === "slave") return false;
    const end = performance.now() + BUDGET;
    while (this.#used > this.limit) {
      const victim = this.#choose();
      if (victim === null) return true;
      this.#evict(victim);
      if (performance.now() > end) break;
    }
    core.settle();
    return false;
  }

  /** How often a value was used, as OBJECT FREQ shows it. Decays over time. */
  frequencyOf(value: Value): number {
    if (this.#decayTime === 0) return value.uses;
    const minutes = Math.floor(this.#core.now / MINUTE) -
      Math.floor(value.used / MINUTE);
    return Math.max(0, value.uses - Math.floor(minutes / this.#decayTime));
  }

  /** Counts a use, with a probability that falls as the counter rises. */
  countUse(value: Value): void {
    const uses = this.frequencyOf(value);
    const odds = 1 / (Math.max(0, uses - NEW) * this.#logFactor + 1);
    const more = uses < MOST_USES && Math.random() < odds;
    value.uses = more ? uses + 1 : uses;
  }

  #sizesOf(db: Database): Map<string, number> {
    let sizes = this.#sizes.get(db);
    if (sizes === undefined) this.#sizes.set(db, sizes = new Map());
    return sizes;
  }

  #recount(): void {
    this.#stale = false;
    this.#used = 0;
    this.#sizes.clear();
    for (const db of this.#core.databases) {
      for (const key of db.keys.keys()) this.changed(db, key);
    }
  }

  #evict({ db, key }: Candidate): void {
    const core = this.#core;
    if (!db.delete(key)) return;
    core.statistics.evictions++;
    core.propagate(db, ["DEL", key]);
    if (core.notifications.active) {
      core.notifications.tell(db.index, "e", "evicted", key);
    }
  }

  /** The next key to evict; `null` when the policy allows none. */
  #choose(): Candidate | null {
    switch (this.#order) {
      case "noeviction":
        return null;
      case "random":
        return this.#draw();
    }
    for (;;) {
      const found = this.#fill();
      for (let best = this.#pool.pop(); best; best = this.#pool.pop()) {
        if (this.#among(best.db).has(best.key)) return best;
      }
      if (!found) return null;
    }
  }

  /** The keys of a database that may be evicted. */
  #among(db: Database): Database["keys"] | Database["expires"] {
    return this.#amongAll ? db.keys : db.expires;
  }

  #draw(): Candidate | null {
    const { databases } = this.#core;
    for (let i = 0; i < databases.length; i++) {
      const db = databases[this.#next++ % databases.length]!;
      const key = this.#among(db).random();
      if (key !== undefined) return { db, key, score: 0 };
    }
    return null;
  }

  /** Samples keys of each database for the pool; returns whether there are any. */
  #fill(): boolean {
    let found = false;
    for (const db of this.#core.databases) {
      const keys = this.#among(db);
      if (keys.size === 0) continue;
      found = true;
      if (keys.size <= this.#samples) {
        for (const key of keys.keys()) this.#consider(db, key);
      } else {
        for (let i = 0; i < this.#samples; i++) {
          this.#consider(db, keys.random()!);
        }
      }
    }
    return found;
  }

  /** Adds a key to the pool, which is sorted by score, if its score is high enough. */
  #consider(db: Database, key: string): void {
    const pool = this.#pool;
    const score = this.#score(db, key);
    let at = pool.length;
    while (at > 0 && pool[at - 1]!.score > score) at--;
    if (at === 0 && pool.length === POOL) return;
    if (pool.some((other) => other.key === key && other.db === db)) return;
    pool.splice(at, 0, { db, key, score });
    if (pool.length > POOL) pool.shift();
  }

  #score(db: Database, key: string): number {
    if (this.#order === "ttl") return -db.expires.get(key)!;
    const value = db.keys.get(key)!;
    if (this.byFrequency) return MOST_USES - this.frequencyOf(value);
    return this.#core.now - value.used;
  }
}
