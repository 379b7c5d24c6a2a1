/**
 * Redis over HTTP: the gateway, as a Cloudflare Worker.
 *
 * It serves the HTTP convention of Upstash, for any Redis server: `POST /` with
 * a JSON array, `/set/key/value`, `/pipeline`, `/multi-exec`, `/subscribe`; and
 * besides `/ws`, `/raw/get/key`, `/health`, `/ready`, `/metrics` and
 * `/openapi.json`, which describes them all. Its bindings are {@linkcode Env};
 * `wrangler.jsonc` beside this file says how it is deployed. Under `Deno.serve`
 * it is `serve.ts`, which `deno task start` runs.
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

import { readAsset } from "./console.ts";
import { perRequest } from "./direct.ts";
import { type Gateway, makeGateway } from "./gateway.ts";
import { askHub } from "./hub.ts";
import { dial, upgrade } from "./socket.ts";

export { Hub, type HubBinding } from "./hub.ts";
export { type Gateway, makeGateway } from "./gateway.ts";
export type { AssetsBinding } from "./console.ts";
export type { Env } from "./env.ts";
export type { GrantSpec } from "./grant_specs.ts";
export type { Limits } from "./limits.ts";
export type { Platform, Upgraded, Upstream } from "./upstream.ts";

/** The gateway on Cloudflare. */
const gateway: Gateway = makeGateway({
  ...perRequest(dial),
  describe: async (env) => JSON.parse(await readAsset(env, "openapi.json")),
  passOn: askHub,
  upgrade,
  readConsole: readAsset,
});

export default gateway;
