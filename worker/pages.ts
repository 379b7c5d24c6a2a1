/**
 * Pages that need no token: `/health`, `/ready`, `/openapi.json`. They show nothing
 * of the settings but the prefix.
 *
 * @module
 */

import { RAW } from "../lib/resp/reply.ts";
import type { Env, Settings } from "./env.ts";
import { explain } from "./explain.ts";
import type { Platform } from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** Makes a page: JSON. */
type Page = (
  settings: Settings,
  env: Env | undefined,
) => string | Promise<string>;

const PING = { args: ["PING"], shape: RAW };
/** Redis is ready when it answers within this long, in milliseconds. */
const READY_WITHIN = { timeout: 2_000 };
/**
 * Anybody may ask `/ready`, and Redis is asked this often at most, in milliseconds.
 * Others get the last answer meanwhile: on Cloudflare requests cannot wait for the
 * work of another.
 */
const ASK_EVERY_MS = 1_000;

/** The pages by path. */
export function makePages(
  { engine, describe }: Platform,
): ReadonlyMap<string, Page> {
  /** Why Redis was not ready when it was last asked. */
  let last: { reason: string | undefined } | undefined;
  let nextAsk = 0;
  const findReason = async (
    { credentials }: Settings,
    env: Env | undefined,
  ) => {
    const urls = new Set(credentials.map(({ grant }) => grant.redisUrl));
    try {
      await Promise.all(
        Array.from(urls, (url) => engine(url, env).execute(PING, READY_WITHIN)),
      );
      return undefined;
    } catch (error) {
      return explain(error).message;
    }
  };
  return new Map<string, Page>([
    // A test calls each operation, and compares every answer with it.
    ["/openapi.json", async ({ prefix }, env) => {
      if (!describe) throw new Refusal(404, "ERR there is no description");
      const servers = [{ url: prefix || "/" }];
      return JSON.stringify({ ...await describe(env), servers });
    }],
    ["/health", () => '{"status":"alive"}'],
    ["/ready", async (settings, env) => {
      if (last === undefined || Date.now() >= nextAsk) {
        nextAsk = Date.now() + ASK_EVERY_MS;
        last = { reason: await findReason(settings, env) };
      }
      const { reason } = last;
      if (reason === undefined) return '{"status":"ready"}';
      throw new Refusal(503, reason, { "retry-after": "1" });
    }],
  ]);
}
