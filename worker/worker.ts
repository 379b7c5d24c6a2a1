/**
 * Redis over HTTP: the gateway, as a Cloudflare Worker.
 *
 * It serves the HTTP convention of Upstash, for any Redis server: `POST /` with
 * a JSON array, `/set/key/value`, `/pipeline` and `/multi-exec`. Its bindings
 * are `REDIS_URL` and `TOKEN`; `wrangler.jsonc` beside this file says how it is
 * deployed. Under `Deno.serve` it is `serve.ts`, which `deno task start` runs.
 *
 * ```ts
 * import gateway from "@respite/respite/worker";
 *
 * const request = new Request("https://gateway.example/get/greeting");
 * const env = { REDIS_URL: "redis://localhost:6379", TOKEN: "secret" };
 * const { status } = await gateway.fetch(request, env);
 * console.assert(status === 401);
 * ```
 *
 * @module
 */

import { authorize } from "./auth.ts";
import { type Env, readSettings } from "./env.ts";
import { perform } from "./perform.ts";
import { permit } from "./policy.ts";
import { checkMethod, readPlan } from "./request.ts";
import { respond, respondToPreflight, respondWithError } from "./response.ts";
import { perRequest, type Upstream } from "./upstream.ts";

export type { Env } from "./env.ts";
export type { Upstream } from "./upstream.ts";

/** What answers requests: the shape of a Worker. */
export interface Gateway {
  /** Answers one request; it never rejects. */
  fetch(request: Request, env?: Env): Promise<Response>;
}

/** Makes the gateway that gets its clients from `upstream`. */
export function makeGateway(upstream: Upstream): Gateway {
  return {
    async fetch(request, env) {
      try {
        if (request.method === "OPTIONS") return respondToPreflight();
        checkMethod(request);
        const settings = readSettings(env);
        await authorize(request, settings.token);
        const plan = await readPlan(request, settings.bodyLimit);
        const permitted = permit(plan);
        const answers = await upstream(
          settings.redisUrl,
          (client) => perform(permitted, client, { bytes: plan.base64 }),
        );
        return respond(request, plan, answers);
      } catch (error) {
        return respondWithError(request, error);
      }
    },
  };
}

/** The gateway on Cloudflare. */
const gateway: Gateway = makeGateway(perRequest);

export default gateway;
