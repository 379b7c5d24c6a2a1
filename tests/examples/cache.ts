/**
 * A cache with stampede protection: when a value is missing, one caller among all
 * processes loads it, and the others wait for that value.
 *
 * ```sh
 * deno run --allow-net --allow-env=REDIS_URL cache.ts
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { connect, type Redis } from "../../mod.ts";

/** How a value is loaded and kept. */
interface CacheOptions {
  /** How long a value is kept, in seconds. */
  ex: number;
  /** Loads the value when the cache does not have it. */
  load: () => Promise<string>;
}

class Cache {
  readonly #redis: Redis;
  /** Loads of this process that are under way, by key. */
  readonly #loading = new Map<string, Promise<string>>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Returns the cached value of `key`, or loads and keeps it. */
  async get(key: string, options: CacheOptions): Promise<string> {
    const hit = await this.#redis.get(key);
    if (hit !== null) return hit;
    // Callers of this process share one lock and one load.
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#load(key, options)
        .finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return await loading;
  }

  async #load(key: string, { ex, load }: CacheOptions): Promise<string> {
    await using _lock = await this.#redis.lock(`${key}:lock`, {
      ttl: 10_000,
      renew: true, // a load may take longer
      retryDelay: 20,
    });
    // Another process may have loaded it while this one waited for the lock.
    const hit = await this.#redis.get(key);
    if (hit !== null) return hit;
    const value = await load();
    await this.#redis.set(key, value, { ex });
    return value;
  }
}

await using redis = await connect();
const cache = new Cache(redis);

/** A stand-in for a slow query. */
async function report(): Promise<string> {
  const count = await redis.incr("loads");
  await new Promise((resolve) => setTimeout(resolve, 50));
  return `report ${count}`;
}

const values = await Promise.all(
  Array.from(
    { length: 100 },
    () => cache.get("report", { ex: 300, load: report }),
  ),
);
console.log(`${values.length} callers got ${[...new Set(values)].join(", ")}`);
