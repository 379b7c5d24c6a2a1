/**
 * Clients with a cache, and the events of their caches.
 *
 * @module
 */

import { connect } from "../../lib/connect.ts";
import {
  type CachedRedis,
  type CacheEvent,
  type CacheOptions,
  withCache,
} from "../../lib/cache/cache.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import type { Redis } from "../../lib/client/redis.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

const testTracking = await testWith("client tracking");

/** The events of a cache, in order. */
export class Events {
  readonly #events: CacheEvent[] = [];
  #more = Promise.withResolvers<void>();

  /** Takes the next event. */
  readonly add = (event: CacheEvent): void => {
    this.#events.push(event);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  };

  /**
   * Resolves to the next event of a kind that no earlier call has returned; rejects
   * after a minute without one.
   */
  async next<K extends CacheEvent["kind"]>(
    kind: K,
  ): Promise<CacheEvent & { kind: K }> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`No event "${kind}" came`)),
      60_000,
    );
    try {
      for (;;) {
        const at = this.#events.findIndex((event) => event.kind === kind);
        if (at >= 0) {
          return this.#events.splice(at, 1)[0] as CacheEvent & { kind: K };
        }
        await Promise.race([this.#more.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The resources of a test of a cache. */
export interface CacheSetting {
  readonly server: TestServer;
  /** The client below the cache. */
  readonly redis: Redis;
  readonly cached: CachedRedis;
  /** The client of another program. */
  readonly other: Redis;
  readonly events: Events;
  readonly protocol: 2 | 3;
}

/** Options of the client of a test. */
export interface CacheTestOptions {
  readonly cache?: CacheOptions;
  readonly client?: ClientOptions;
}

/** Makes a client with a cache whose tracking is already on. */
export async function cacheOver(
  redis: Redis,
  options: CacheOptions = {},
): Promise<{ cached: CachedRedis; events: Events }> {
  const events = new Events();
  const cached = withCache(redis, { ...options, onEvent: events.add });
  await events.next("connected");
  return { cached, events };
}

/** Declares a test with a new server and a cache, once for each protocol. */
export function testCache(
  name: string,
  run: (setting: CacheSetting) => Promise<void>,
  { cache = {}, client = {} }: CacheTestOptions = {},
): void {
  testTracking(name, async (t) => {
    await using server = await TestServer.start();
    for (const protocol of [2, 3] as const) {
      await t.step(`RESP${protocol}`, async () => {
        await server.ask("FLUSHALL");
        await using other = await connect(server.url);
        await using redis = await connect(server.url, { protocol, ...client });
        const { cached, events } = await cacheOver(redis, cache);
        await run({ server, redis, cached, other, events, protocol });
      });
    }
  });
}
