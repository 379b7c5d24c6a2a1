/**
 * The Durable Object with a cache, where the setting CACHE asks for one.
 *
 * The cache lives as long as the connections that tell of changes: these are closed
 * a minute after the last request, and the object is awake that long.
 *
 * @module
 */

import type { Arg } from "../lib/resp/reply.ts";
import { Caches } from "./cache.ts";
import { type Env, readSettings } from "./env.ts";
import { Hub as PlainHub, type RpcCall } from "./hub.ts";
import { sharedMetrics } from "./hub_engine.ts";
import { type Counts, newCounts } from "./metrics.ts";

const IDLE_MS = 60_000;
/** Of the six sockets that Cloudflare allows, one is for cached reads, and one hears of changes. */
const POOL_SIZE = 2;
/** The object reports at most this long after a request, in milliseconds. */
const REPORT_AFTER_MS = 10_000;

/** The Durable Object. */
export class Hub extends PlainHub {
  readonly #env: Env;
  readonly #caches: Caches;
  readonly #instance: string = crypto.randomUUID();
  readonly #isOn: boolean;
  #reported: Counts = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Called by Cloudflare. */
  constructor(state: unknown, env: Env) {
    const settings = readSettings(env);
    const caches = new Caches(() => settings);
    super(
      state,
      env,
      settings.cacheBytes === 0
        ? {}
        : { idle: IDLE_MS, poolSize: POOL_SIZE, makeCache: caches.make },
    );
    this.#env = env;
    this.#isOn = settings.cacheBytes > 0;
    this.#caches = caches;
  }

  /** Executes one command, and reports later what the caches do. */
  override execute(
    redisUrl: string,
    args: readonly Arg[],
    call: RpcCall,
  ): Promise<unknown> {
    this.#reportLater();
    return super.execute(redisUrl, args, call);
  }

  /** Executes commands together, and reports later what the caches do. */
  override executeAll(
    redisUrl: string,
    commands: readonly (readonly Arg[])[],
    atomic: boolean,
    call: RpcCall,
  ): Promise<unknown> {
    this.#reportLater();
    return super.executeAll(redisUrl, commands, atomic, call);
  }

  #reportLater(): void {
    if (!this.#isOn) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const { counts, gauges } = this.#caches.metrics();
      const fresh = newCounts(counts, this.#reported);
      this.#reported = counts;
      sharedMetrics(this.#env)?.report(this.#instance, fresh, gauges)
        .catch(() => {});
    }, REPORT_AFTER_MS);
  }
}
