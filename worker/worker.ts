/**
 * Redis over HTTP: the gateway, as a Cloudflare Worker.
 *
 * It serves the HTTP convention of Upstash, for any Redis server: `POST /` with
 * a JSON array, `/set/key/value`, `/pipeline`, `/multi-exec`, `/subscribe`; and
 * besides `/ws`, `/raw/get/key`, `/health`, `/ready`, `/metrics` and
 * `/openapi.json`, which describes them all. Its bindings are {@linkcode Env};
 * `wrangler.jsonc` beside this file says how it is deployed, `README.md` the rest.
 * For Deno it is `serve.ts`, which `deno task start` runs.
 *
 * ```ts
 * import gateway from "@sorrel/redis/worker";
 *
 * const request = new Request("https://gateway.example/get/greeting");
 * const env = { REDIS_URL: "redis://localhost:6379", TOKEN: "secret" };
 * const { status } = await gateway.fetch(request, env);
 * console.assert(status === 401);
 * ```
 *
 * @module
 */

import { dial, upgrade } from "./cloudflare.ts";
import { readAsset } from "./console.ts";
import { Direct, perRequest } from "./direct.ts";
import { type Env, readSettings } from "./env.ts";
import { type Gateway, makeGateway } from "./gateway.ts";
import type { Platform } from "./platform.ts";
import { HubEngine, hubFor, sharedMetrics } from "./hub_engine.ts";
import { badSetting } from "./refusal.ts";

export { DurableObject, Hub, type HubStub, type RpcCall } from "./hub.ts";
export { type Context, type Gateway, makeGateway } from "./gateway.ts";
export type { AssetsBinding, Env, HubBinding } from "./env.ts";
export type { Listening } from "./grants.ts";
export type { GrantSpec, TokenSettings } from "./grant_specs.ts";
export type { Incoming, Outgoing } from "./http.ts";
export type { Limits } from "./limits.ts";
export type { Counts, Family } from "./metrics.ts";
export type {
  CacheAsk,
  CacheTold,
  Engine,
  Feed,
  FeedOptions,
  GatewayCall,
  Platform,
  Session,
  SharedMetrics,
  Socket,
  Upgraded,
} from "./platform.ts";
export type { ErrorData } from "./wire.ts";

/** Makes the gateway on Cloudflare; `cacheFamilies` are given where its Durable Objects have a cache. */
export function makeWorker(
  { cacheFamilies }: Pick<Platform, "cacheFamilies">,
): Gateway {
  const ownConnections = perRequest(dial);
  const hub = (redisUrl: string, env: Env | undefined) => {
    const stub = hubFor(redisUrl, env);
    if (readSettings(env).cacheBytes > 0 && !(stub && cacheFamilies)) {
      throw badSetting(
        "CACHE",
        'on Cloudflare it needs the binding HUB and "main": "cached_worker.ts"',
      );
    }
    return stub && new HubEngine(stub, redisUrl, new Direct(redisUrl, dial));
  };
  return makeGateway({
    engine: (redisUrl, env) =>
      hub(redisUrl, env) ?? ownConnections.engine(redisUrl, env),
    session: (redisUrl, env) =>
      hub(redisUrl, env) ?? ownConnections.session(redisUrl, env),
    describe: async (env) => JSON.parse(await readAsset(env, "openapi.json")),
    upgrade,
    readConsole: readAsset,
    sharedMetrics,
    ...(cacheFamilies && { cacheFamilies }),
  });
}

/** The gateway on Cloudflare. */
const gateway: Gateway = makeWorker({});

export default gateway;
