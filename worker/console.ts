/**
 * The console: a page for browsers, `/console`, where the setting `CONSOLE` is `on`.
 *
 * The page is `console/index.html`, which each platform reads in its own way. It
 * needs no token: it asks its user for one.
 *
 * @module
 */

import type { Env } from "./env.ts";
import type { Outgoing } from "./http.ts";
import { Refusal } from "./refusal.ts";
import { type Asked, respondWithText } from "./response.ts";

/** Reads a file of `console/` from a Worker's assets; `index.html` has the empty name there. */
export async function readAsset(
  { ASSETS }: Env = {},
  name = "",
): Promise<string> {
  if (!ASSETS) throw new Refusal(500, "ERR there is no binding ASSETS");
  return await (await ASSETS.fetch(`https://assets/${name}`)).text();
}

/** Answers with the page. */
export function respondWithConsole(
  asked: Asked,
  page: string,
): Outgoing {
  // Only the page's own scripts run in it.
  const nonce = crypto.randomUUID();
  const own = `'nonce-${nonce}'`;
  return respondWithText(
    asked,
    page.replaceAll('"NONCE"', `"${nonce}"`),
    "text/html; charset=utf-8",
    {
      "content-security-policy":
        `default-src 'none'; script-src ${own}; style-src ${own}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  );
}
