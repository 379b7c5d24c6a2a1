/**
 * The cache of a client: reads are answered from memory until Redis says that
 * their keys have changed.
 *
 * The cache of another instance hears of a client's write a moment later than the
 * client, so that each answer to a write has a new sync token. A request with a
 * token that this cache does not know asks Redis. Meanwhile the cache makes sure
 * that it has heard of every change before, and knows the token from then on.
 *
 * `lib/cache/README.md` says what is promised below.
 *
 * @module
 */

import type {
  BatchOptions,
  Command,
  PooledEngine,
} from "../lib/client/client.ts";
import { CachedEngine } from "../lib/cache/engine.ts";
import type { CacheStats } from "../lib/cache/stats.ts";
import {
  type CachedCallOptions,
  resolveCacheOptions,
} from "../lib/cache/options.ts";
import { TrackingRefusedError } from "../lib/cache/tracker.ts";
import { onlyReads } from "../lib/connection/traits.ts";
import { ReplyError } from "../lib/errors.ts";
import { inCategory, nameOf } from "./categories.ts";
import type { Settings } from "./env.ts";
import { addCounts, type Counts, type Family } from "./metrics.ts";
import type { CacheTold, Engine, GatewayCall } from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** How many sync tokens are remembered. */
const MAX_TOKENS = 10_000;
/** A token of another form is not given back: it may be of any length. */
const TOKEN = /^[\w.-]{1,64}$/;

/** What `/metrics` tells of caches. */
export const CACHE_FAMILIES: readonly Family[] = [
  ["cache_hits_total", "counter", "Reads answered from the cache."],
  ["cache_misses_total", "counter", "Reads that the cache had no reply for."],
  ["cache_invalidations_total", "counter", "Changes that Redis told of."],
  [
    "cache_evictions_total",
    "counter",
    "Replies that the cache had no room for.",
  ],
  ["cache_bytes", "gauge", "Bytes that cached replies take, about."],
  ["cache_entries", "gauge", "Cached replies."],
];

/** The caches of an instance, one for each client, where the settings want them. */
export class Caches {
  readonly #settings: () => Settings;
  readonly #open = new Set<ClientCache>();
  /** What those did that are closed. */
  readonly #closed: Counts = {};

  /** Reads the settings with the first client. */
  constructor(settings: () => Settings) {
    this.#settings = settings;
  }

  /** Makes the cache of a client; `undefined` when the settings want none. */
  readonly make = (client: PooledEngine): ClientCache | undefined => {
    const { cacheBytes } = this.#settings();
    if (cacheBytes === 0) return undefined;
    const cache = new ClientCache(client, cacheBytes, () => {
      if (this.#open.delete(cache)) addCounts(this.#closed, countsOf(cache));
    });
    this.#open.add(cache);
    return cache;
  };

  /** What they have done, and what they hold. */
  readonly metrics = (): { counts: Counts; gauges: Counts } => {
    const counts = { ...this.#closed };
    const gauges: Counts = {};
    for (const cache of this.#open) {
      const { bytes, entries } = cache.stats;
      addCounts(counts, countsOf(cache));
      addCounts(gauges, { cache_bytes: bytes, cache_entries: entries });
    }
    return { counts, gauges };
  };
}

function countsOf({ stats }: ClientCache): Counts {
  return {
    cache_hits_total: stats.hits,
    cache_misses_total: stats.misses + stats.joined,
    cache_invalidations_total: stats.invalidations,
    cache_evictions_total: stats.evictions,
  };
}

/** A client with a cache. Without `cache` in a call Redis is asked. */
export class ClientCache implements Engine {
  readonly #engine: CachedEngine;
  /** The tokens of writes that the cache has heard of, the oldest first. */
  readonly #tokens = new Set<string>();
  /** For clients that show none: they have written nothing. */
  readonly #firstToken = crypto.randomUUID();
  readonly #onClose: () => void;

  /** Keeps replies in about `maxBytes` of memory. */
  constructor(
    client: PooledEngine,
    maxBytes: number,
    onClose: () => void = () => {},
  ) {
    this.#onClose = onClose;
    // A key that has expired is gone for Redis before it tells so.
    const options = resolveCacheOptions({ maxBytes, pttl: true });
    this.#engine = new CachedEngine(client, options);
  }

  /** What it has done, and what it holds. */
  get stats(): CacheStats {
    return this.#engine.stats;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: GatewayCall): Promise<T> {
    return this.#answer(
      [command],
      call,
      (call) => this.#engine.execute(command, call),
    );
  }

  /** Executes commands together: those that only read each for itself, so that memory has the answers to some. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: GatewayCall,
  ): Promise<unknown[]> {
    return this.#answer(commands, call, (call, onlyReads) => {
      // With a signal some command blocks: one connection serves them all.
      const isWhole = batch.atomic || !onlyReads || call.signal !== undefined;
      if (isWhole || call.maxAge === 0) {
        return this.#engine.executeAll(commands, batch, call);
      }
      const replies = commands.map((command) =>
        this.#engine.execute(command, call).catch(replyError)
      );
      return Promise.all(replies);
    });
  }

  /** Forgets all, and hears of changes no more. */
  close(): Promise<void> {
    this.#onClose();
    return this.#engine.end();
  }

  async #answer<T>(
    commands: readonly Command[],
    { cache, ...rest }: GatewayCall,
    run: (call: CachedCallOptions, onlyReads: boolean) => Promise<T>,
  ): Promise<T> {
    if (cache === undefined) return await run({ ...rest, maxAge: 0 }, false);
    const { syncToken } = cache;
    const isKnown = syncToken === "" || this.#tokens.has(syncToken);
    const synced = isKnown ? undefined : this.#engine.sync();
    const reads = commands.every(({ args }) => onlyReads(args));
    let age: CacheTold["age"];
    const call: CachedCallOptions = {
      ...rest,
      maxAge: isKnown ? cache.maxAge : 0,
      onHit: (each) => age = Math.max(age ?? 0, each),
    };
    try {
      const value = await run(call, reads);
      const next = reads && (syncToken === "" || TOKEN.test(syncToken))
        ? syncToken || this.#firstToken
        : crypto.randomUUID();
      // A script, or an unknown command, may have written keys that it does not name.
      if (reads || !commands.some(isScript)) {
        if (synced === undefined) this.#know(next);
        else synced.then((isCertain) => isCertain && this.#know(next));
      }
      cache.tell({ age, syncToken: next });
      return value;
    } catch (error) {
      if (!(error instanceof TrackingRefusedError)) throw error;
      const { reply } = error.cause as ReplyError;
      throw new Refusal(
        502,
        `ERR CACHE needs CLIENT TRACKING, which Redis refuses: ${reply}`,
      );
    }
  }

  #know(token: string): void {
    this.#tokens.add(token);
    if (this.#tokens.size <= MAX_TOKENS) return;
    const [oldest] = this.#tokens;
    this.#tokens.delete(oldest!);
  }
}

function isScript({ args }: Command): boolean {
  return inCategory("@scripting", nameOf(args), true);
}

/** The error of one command among others. */
function replyError(error: unknown): ReplyError {
  if (error instanceof ReplyError) return error;
  throw error;
}
