/**
 * The gateway: a request -> a response, in six steps with a file each.
 *
 * 1. `env.ts`: the platform's variables -> settings
 * 2. `auth.ts`: token -> grant
 * 3. `request.ts`: request -> plan
 * 4. `policy.ts`: plan -> permitted commands
 * 5. `perform.ts`: commands -> answers
 * 6. `response.ts`: answers -> response
 *
 * @module
 */

import { authorize } from "./auth.ts";
import { useOfCache } from "./cache_use.ts";
import { respondWithConsole } from "./console.ts";
import { type Env, readSettings, type Settings } from "./env.ts";
import { respondWithEvents } from "./events.ts";
import { type Grant, mayListen, mayMeasure } from "./grants.ts";
import {
  checkMethod,
  fromRequest,
  type Incoming,
  isGet,
  type Outgoing,
  toResponse,
} from "./http.ts";
import { gaugesOf, Metrics, METRICS_TYPE, metricsText } from "./metrics.ts";
import { makePages } from "./pages.ts";
import { perform } from "./perform.ts";
import type { Platform } from "./platform.ts";
import { permit } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { readPlan } from "./request.ts";
import {
  type Asked,
  corsHeaders,
  respond,
  respondToPreflight,
  respondWithError,
  respondWithText,
} from "./response.ts";
import { type Target, targetOf } from "./target.ts";
import { respondWithSocket } from "./websocket.ts";

/** The part of a Worker's context that the gateway uses. */
export interface Context {
  /** Lets work go on behind the response. */
  waitUntil(work: Promise<unknown>): void;
}

/** Answers requests: the shape of a Worker. */
export interface Gateway {
  /** Answers one request; it never rejects. */
  fetch(request: Request, env?: Env, context?: Context): Promise<Response>;
  /**
   * Answers one request of a server that has no `Request` objects.
   *
   * @internal
   */
  handle(request: Incoming, env?: Env, context?: Context): Promise<Outgoing>;
}

/** Instances report to the shared metrics this often at most, in milliseconds. */
const REPORT_EVERY_MS = 10_000;

/** Makes the gateway of a platform. */
export function makeGateway(platform: Platform): Gateway {
  const metrics = new Metrics();
  const pages = makePages(platform);
  /** Names this instance in the shared metrics. */
  let instance: string | undefined;
  let reportedAt = 0;

  async function report(env: Env | undefined): Promise<void> {
    const shared = platform.sharedMetrics?.(env);
    if (shared === undefined) return;
    reportedAt = Date.now();
    const { credentials } = readSettings(env);
    await shared.report(
      instance ??= crypto.randomUUID(),
      metrics.takeNew(credentials),
      gaugesOf(credentials),
    );
  }

  function reportSometimes(env: Env | undefined, context?: Context): void {
    if (platform.sharedMetrics === undefined) return;
    if (Date.now() - reportedAt < REPORT_EVERY_MS) return;
    // The next report has what a failed one lacked only in part: counts may be
    // too low, and never go back.
    const reporting = report(env).catch(() => {});
    context?.waitUntil(reporting);
  }

  async function respondWithMetrics(
    asked: Asked,
    { credentials }: Settings,
    env: Env | undefined,
  ): Promise<Outgoing> {
    await report(env);
    const shared = await platform.sharedMetrics?.(env)?.read();
    const { counts, gauges } = shared ?? {
      counts: metrics.counts(credentials),
      gauges: gaugesOf(credentials),
    };
    const cache = platform.cacheMetrics?.();
    const text = metricsText(
      { ...counts, ...gauges, ...cache?.counts, ...cache?.gauges },
      platform.cacheFamilies,
    );
    return respondWithText(asked, text, METRICS_TYPE);
  }

  /** The answer without a token; `undefined` when one is needed. */
  async function answerAnybody(
    asked: Asked,
    target: Target,
    settings: Settings,
    env: Env | undefined,
  ): Promise<Outgoing | undefined> {
    if (!isGet(asked.request)) return undefined;
    const page = pages.get(target.path);
    if (page) return respondWithText(asked, await page(settings, env));
    if (target.path !== "/console") return undefined;
    if (!settings.console || !platform.readConsole) {
      throw new Refusal(404, "ERR there is no console: CONSOLE is off");
    }
    return respondWithConsole(asked, await platform.readConsole(env));
  }

  /** Executes commands, or opens a stream. */
  async function answerPlan(
    asked: Asked,
    target: Target,
    grant: Grant,
    settings: Settings,
    env: Env | undefined,
  ): Promise<Outgoing> {
    const { request } = asked;
    const plan = await readPlan(request, target, grant.limits);
    if (plan.kind === "listen") {
      mayListen(grant, plan.how, plan.names);
      return await respondWithEvents(
        plan,
        grant,
        platform,
        env,
        corsHeaders(asked),
        request,
        () => reportSometimes(env),
      );
    }
    const permitted = permit(plan, grant);
    const engine = platform.engine(grant.redisUrl, env);
    const cache = useOfCache(request, settings, grant);
    const work = () => perform(permitted, engine, plan.format, request, cache);
    const answers = permitted.blocks
      ? await grant.usage.whileBlocked(work)
      : await work();
    metrics.countCommands(answers.length);
    return await respond(asked, plan, answers, cache?.told);
  }

  async function answer(
    request: Incoming,
    env: Env | undefined,
  ): Promise<Outgoing> {
    let asked: Asked = { request, origins: ["*"] };
    try {
      const settings = readSettings(env);
      asked = { request, origins: settings.origins };
      if (request.method === "OPTIONS") return respondToPreflight(asked);
      checkMethod(request);
      const target = targetOf(request.target, settings.prefix);
      const page = await answerAnybody(asked, target, settings, env);
      if (page !== undefined) return page;
      const grant = authorize(request, target, settings);
      request.authorized?.();
      grant.usage.admit();
      if (target.path === "/metrics") {
        checkMethod(request, ["GET", "HEAD"]);
        mayMeasure(grant);
        return await respondWithMetrics(asked, settings, env);
      }
      if (target.path === "/ws") {
        checkMethod(request, ["GET"]);
        return await respondWithSocket(
          request,
          grant,
          platform,
          env,
          () => reportSometimes(env),
        );
      }
      const place = grant.usage.startRequest();
      try {
        return await answerPlan(asked, target, grant, settings, env);
      } finally {
        place.close();
      }
    } catch (error) {
      return respondWithError(asked, error);
    }
  }

  async function handle(
    request: Incoming,
    env?: Env,
    context?: Context,
  ): Promise<Outgoing> {
    const start = Date.now();
    const outgoing = await answer(request, env);
    metrics.count(outgoing.status, Date.now() - start);
    reportSometimes(env, context);
    return outgoing;
  }

  return {
    handle,
    async fetch(request, env, context) {
      const outgoing = await handle(fromRequest(request), env, context);
      return toResponse(outgoing, request.method);
    },
  };
}
