/**
 * The console: a page for browsers, `/console`, where `CONSOLE` is `on`.
 *
 * It stands in `console/index.html`, which is no part of this program: each
 * platform reads it in its own way. Anybody may have it, without a token: it
 * asks for one.
 *
 * @module
 */

import type { Env } from "./env.ts";
import { Refusal } from "./refusal.ts";
import { type Asked, respondWithText } from "./response.ts";

/** Cloudflare's static assets, as a binding. */
export interface AssetsBinding {
  /** The asset at the path of a URL, whatever its host. */
  fetch(url: string): Promise<Response>;
}

/** Reads a file of `console/` from a Worker's assets; `index.html` has no name there. */
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
): Response {
  // Nothing but what stands in the page runs in it.
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
