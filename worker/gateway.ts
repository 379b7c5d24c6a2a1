/**
 * The gateway: a request -> a response, in six steps, a file for each.
 *
 * @module
 */

import { authorize } from "./auth.ts";
import { declaredLength } from "./body.ts";
import { respondWithConsole } from "./console.ts";
import { type Env, readSettings } from "./env.ts";
import { respondWithEvents } from "./events.ts";
import { mayListen, mayMeasure } from "./grants.ts";
import { Metrics, METRICS_TYPE } from "./metrics.ts";
import { makePages } from "./pages.ts";
import { perform } from "./perform.ts";
import { permit } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { checkMethod, isGet, readPlan } from "./request.ts";
import {
  respond,
  respondToPreflight,
  respondWithError,
  respondWithText,
  sharedWith,
} from "./response.ts";
import { targetOf } from "./target.ts";
import type { Platform } from "./upstream.ts";
import { respondWithSocket } from "./websocket.ts";

/** What answers requests: the shape of a Worker. */
export interface Gateway {
  /** Answers one request; it never rejects. */
  fetch(request: Request, env?: Env): Promise<Response>;
}

/** Makes the gateway of a platform. */
export function makeGateway(platform: Platform): Gateway {
  const metrics = new Metrics();
  const pages = makePages(platform);

  async function answer(request: Request, env?: Env): Promise<Response> {
    let origins: readonly string[] = ["*"];
    try {
      const settings = readSettings(env);
      origins = settings.origins;
      const asked = { request, origins };
      if (request.method === "OPTIONS") return respondToPreflight(asked);
      checkMethod(request);
      const target = targetOf(request.url, settings.prefix);
      const page = isGet(request) ? pages.get(target.path) : undefined;
      if (page) return respondWithText(asked, await page(settings, env));
      if (target.path === "/console" && isGet(request)) {
        if (!settings.console || !platform.readConsole) {
          throw new Refusal(404, "ERR there is no console: CONSOLE is off");
        }
        return respondWithConsole(asked, await platform.readConsole(env));
      }

      const grant = authorize(request, target, settings);
      if (platform.passOn) {
        // Were it refused elsewhere, while it is still sent there, the client
        // would often see a broken connection and no answer (workerd).
        declaredLength(request, grant.limits.bodyBytes);
        const elsewhere = platform.passOn(request, grant.redisUrl, env);
        if (elsewhere) return await elsewhere;
      }
      grant.usage.admit();
      if (target.path === "/metrics") {
        checkMethod(request, ["GET", "HEAD"]);
        mayMeasure(grant);
        return respondWithText(asked, metrics.text(settings), METRICS_TYPE);
      }
      if (target.path === "/ws") {
        checkMethod(request, ["GET"]);
        return await respondWithSocket(request, grant, platform);
      }
      const plan = await readPlan(request, target, grant.limits);
      if (plan.kind === "listen") {
        mayListen(grant, plan.how, plan.names);
        const shared = sharedWith(asked);
        return await respondWithEvents(
          plan,
          grant,
          platform,
          shared,
          request,
        );
      }
      const permitted = permit(plan, grant);
      const engine = platform.engine(grant.redisUrl);
      const work = () => perform(permitted, engine, plan.format, request);
      const answers = permitted.blocks
        ? await grant.usage.whileWaiting(work)
        : await work();
      metrics.countCommands(answers.length);
      return await respond(asked, plan, answers);
    } catch (error) {
      return respondWithError({ request, origins }, error);
    }
  }

  return {
    async fetch(request, env) {
      const start = Date.now();
      const response = await answer(request, env);
      metrics.count(response.status, Date.now() - start);
      return response;
    },
  };
}
