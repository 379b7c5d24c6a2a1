/**
 * Clients with a cache, and what their caches tell.
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

  /** Resolves to the next event of a kind that nobody has waited for yet. */
  async next<K extends CacheEvent["kind"]>(
    kind: K,
  ): Promise<CacheEvent & { kind: K }> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.kind === kind);
      if (at >= 0) {
        return this.#events.splice(at, 1)[0] as CacheEvent & { kind: K };
      }
      await this.#more.promise;
    }
  }
}

/** What a test of a cache gets. */
export interface CacheSetting {
  readonly server: TestServer;
  /** The client below the cache. */
  readonly redis: Redis;
  readonly cached: CachedRedis;
  /** Another program's client. */
  readonly other: Redis;
  readonly events: Events;
  readonly protocol: 2 | 3;
}

/** How the client of a test is made. */
export interface CacheTestOptions {
  readonly cache?: CacheOptions;
  readonly client?: ClientOptions;
}

/** Makes a client with a cache that is told of changes already. */
export async function cacheOver(
  redis: Redis,
  options: CacheOptions = {},
): Promise<{ cached: CachedRedis; events: Events }> {
  const events = new Events();
  const cached = withCache(redis, { ...options, onEvent: events.add });
  await events.next("connected");
  return { cached, events };
}

/** A test with a server of its own and a cache, once for each protocol. */
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
