/**
 * What is served besides Redis, to anybody: whether the gateway lives, whether
 * it is ready, how it is used. Nothing of the settings but the prefix shows.
 *
 * @module
 */

import { RAW } from "../lib/resp/reply.ts";
import type { Env, Settings } from "./env.ts";
import { explain } from "./explain.ts";
import { Refusal } from "./refusal.ts";
import type { Platform } from "./upstream.ts";

/** Makes a page: JSON. */
type Page = (
  settings: Settings,
  env: Env | undefined,
) => string | Promise<string>;

/** How long Redis may take to say that it is there, in milliseconds. */
const ANSWERED_SOON = { timeout: 2_000 };
const PING = { args: ["PING"], shape: RAW };
/** Who asks again so soon, in milliseconds, hears the same: it costs Redis nothing. */
const READY_FOR = 1_000;

/** The pages by path. */
export function makePages(
  { engine, describe }: Platform,
): ReadonlyMap<string, Page> {
  /** Why it is not ready. */
  let reason: string | undefined;
  let until = 0;
  const whyNot = async ({ credentials }: Settings) => {
    const urls = new Set(credentials.map(({ grant }) => grant.redisUrl));
    try {
      await Promise.all(
        Array.from(urls, (url) => engine(url).execute(PING, ANSWERED_SOON)),
      );
      return undefined;
    } catch (error) {
      return explain(error).message;
    }
  };
  return new Map<string, Page>([
    // A test asks each operation, and holds every answer against it.
    ["/openapi.json", async ({ prefix }, env) => {
      if (!describe) throw new Refusal(404, "ERR there is no description");
      const servers = [{ url: prefix || "/" }];
      return JSON.stringify({ ...await describe(env), servers });
    }],
    ["/health", () => '{"status":"alive"}'],
    ["/ready", async (settings) => {
      if (Date.now() >= until) {
        reason = await whyNot(settings);
        until = Date.now() + READY_FOR;
      }
      if (reason === undefined) return '{"status":"ready"}';
      throw new Refusal(503, reason, { "retry-after": "1" });
    }],
  ]);
}
