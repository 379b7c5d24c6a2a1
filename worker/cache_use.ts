/**
 * How one request uses the cache.
 *
 * @module
 */

import type { Settings } from "./env.ts";
import type { Grant } from "./grants.ts";
import type { Incoming } from "./http.ts";
import type { CacheAsk, CacheTold } from "./platform.ts";

/** What a request allows the cache, and what the cache told of the answer. */
export class CacheUse implements CacheAsk {
  readonly maxAge: number;
  readonly syncToken: string;
  /** Set with the answer; `undefined` where no cache was asked. */
  told: CacheTold | undefined;

  /**
   * Reads the headers. `no-cache` does not count: clients of the convention send it
   * with every request, and Redis itself says that what is in memory is right.
   */
  constructor(request: Incoming) {
    const control = request.header("cache-control") ?? "";
    const seconds = /(?:^|[\s,])max-age=(\d+)/i.exec(control)?.[1];
    this.maxAge = seconds === undefined ? Infinity : Number(seconds) * 1000;
    this.syncToken = request.header("upstash-sync-token") ?? "";
  }

  /** Takes what the cache tells. */
  tell(told: CacheTold): void {
    this.told = told;
  }
}

/** How a request uses the cache; `undefined` where its settings or its grant have none. */
export function useOfCache(
  request: Incoming,
  { cacheBytes }: Settings,
  { cache }: Grant,
): CacheUse | undefined {
  return cacheBytes > 0 && cache ? new CacheUse(request) : undefined;
}
