/**
 * A cache that is right: reads answered from memory, until the server says that
 * they have changed. The entry point `./cache`.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { withCache } from "@sorrel/redis/cache";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const cached = withCache(redis);
 * await redis.set("name", "sorrel");
 * console.assert(await cached.get("name") === "sorrel");
 * console.assert(await cached.get("name") === "sorrel"); // from memory
 * console.assert(cached.stats.hits === 1);
 * ```
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { Redis } from "../client/redis.ts";
import type { Readings } from "../commands/shapes.ts";
import { CachedEngine } from "./engine.ts";
import type { CacheStats } from "./stats.ts";
import { type CacheOptions, resolveCacheOptions } from "./options.ts";

export type { CacheEvent, CacheOptions } from "./options.ts";
export type { CacheStats } from "./stats.ts";
export {
  type Codec,
  compressed,
  type CompressionOptions,
  json,
  structured,
} from "./codecs.ts";
export { getOrSet, type GetOrSetOptions } from "./get_or_set.ts";
export {
  keyspace,
  type KeyspaceEvent,
  type KeyspaceOptions,
} from "./keyspace.ts";
export { Values, withCodec } from "./values.ts";

/** A client whose reads are answered from memory: every command, and the cache. */
export class CachedRedis<B extends string | Uint8Array = string>
  extends Redis<B>
  implements Disposable {
  readonly #cache: CachedEngine;

  /** Made by {@linkcode withCache}. */
  constructor(cache: CachedEngine, as: Readings<B>, call: CallOptions = {}) {
    super(cache, as, call);
    this.#cache = cache;
  }

  /** What the cache has done so far, and what it holds. */
  get stats(): CacheStats {
    return this.#cache.stats;
  }

  /** Drops every reply that is in memory. */
  clear(): void {
    this.#cache.clear();
  }

  /**
   * Ends the cache, and tracking: from now on every command is sent. The client
   * stays open; `await using` closes it, too.
   */
  [Symbol.dispose](): void {
    this.#cache.end();
  }
}

/**
 * The same client with reads answered from memory, until the server says that
 * their keys have changed (CLIENT TRACKING).
 *
 * Commands that only read, whose keys are known and whose replies depend on those
 * keys alone, are cached, typed or sent as words, in text or in bytes. Everything
 * else is passed on, and so are pipelines, transactions and leases; what they write
 * through this client is seen at once. One request serves all who ask for the same
 * meanwhile. Each caller gets arrays and bytes of its own.
 *
 * Works over a pool, Sentinel, a cluster and `withPrefix`. Closing either client
 * closes both. One client has one cache.
 *
 * What is promised stands in `lib/cache/README.md`.
 *
 * Throws a `TypeError` or `RangeError` for an option that cannot be. A read rejects
 * with a {@linkcode RedisError} where the server refuses CLIENT TRACKING.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { withCache } from "@sorrel/redis/cache";
 *
 * await using redis = await connect("redis://localhost:6379");
 * using cached = withCache(redis, { maxBytes: 16 * 1024 * 1024 });
 * await cached.hset("user:1", { name: "Ada" });
 * console.assert((await cached.hgetall("user:1")).name === "Ada");
 * await cached.hset("user:1", { name: "Grace" });
 * console.assert((await cached.hgetall("user:1")).name === "Grace");
 * ```
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
export function withCache<B extends string | Uint8Array>(
  redis: Redis<B>,
  options: CacheOptions = {},
): CachedRedis<B> {
  const resolved = resolveCacheOptions(options);
  return redis.over(
    (engine) => new CachedEngine(engine, resolved),
    CachedRedis<B>,
  );
}
