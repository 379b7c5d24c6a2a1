/**
 * What is served besides Redis, to anybody: whether the gateway lives, whether
 * it is ready, how it is used. Nothing of the settings but the prefix shows.
 *
 * @module
 */

import { TEXT } from "../lib/resp/reply.ts";
import type { Settings } from "./env.ts";
import { openapi } from "./openapi.ts";
import { Refusal } from "./refusal.ts";
import type { Upstream } from "./upstream.ts";

/** Makes a page: JSON. */
type Page = (settings: Settings) => string | Promise<string>;

/** How long Redis may take to say that it is there, in milliseconds. */
const READY_WITHIN = 2_000;
/** Who asks again so soon, in milliseconds, hears the same: it costs Redis nothing. */
const READY_FOR = 1_000;

const PING = {
  args: ["PING"],
  shape: { mode: TEXT, turn: () => true },
} as const;

/** The pages by path. */
export function makePages(upstream: Upstream): ReadonlyMap<string, Page> {
  let ready = false;
  let until = 0;
  const isReady = async ({ credentials }: Settings) => {
    const urls = new Set(credentials.map(({ grant }) => grant.redisUrl));
    try {
      await Promise.all(
        Array.from(
          urls,
          (url) =>
            upstream(
              url,
              (client) => client.execute(PING, { timeout: READY_WITHIN }),
            ),
        ),
      );
      return true;
    } catch {
      return false;
    }
  };
  return new Map<string, Page>([
    ["/openapi.json", ({ prefix }) => openapi(prefix)],
    ["/health", () => '{"status":"alive"}'],
    ["/ready", async (settings) => {
      if (Date.now() >= until) {
        ready = await isReady(settings);
        until = Date.now() + READY_FOR;
      }
      if (ready) return '{"status":"ready"}';
      throw new Refusal(503, "ERR Redis does not answer", {
        "retry-after": "1",
      });
    }],
  ]);
}
