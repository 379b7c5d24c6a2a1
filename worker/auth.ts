/**
 * Second step: whose token is it? Before the body is read.
 *
 * Each token is compared as its SHA-256, word by word to the end, and so is each
 * that is known: the time that takes tells the length of what was shown, which
 * whoever showed it knows, and nothing of a token. No cache of tokens that were
 * shown: it would hold secrets, and its own comparisons would stop early.
 *
 * @module
 */

import { sha256 } from "../lib/sha256.ts";
import type { Settings } from "./env.ts";
import type { Grant } from "./grants.ts";
import { Refusal } from "./refusal.ts";
import { isStream, queryValue, type Target, TOKEN } from "./target.ts";

/** The grant of the token that is shown. Throws a {@linkcode Refusal} when it is not known. */
export function authorize(
  request: Request,
  target: Target,
  settings: Settings,
): Grant {
  const header = request.headers.get("authorization") ??
    offeredToken(request);
  const token = header === null
    ? tokenOfQuery(target, settings)
    : /^bearer +([!-~]+)$/i.exec(header)?.[1];
  const grant = token === undefined ? undefined : grantOf(token, settings);
  if (grant !== undefined) return grant;
  throw new Refusal(
    401,
    "WRONGPASS invalid or missing auth token: send the gateway's own as `Authorization: Bearer TOKEN`",
    { "www-authenticate": "Bearer" },
  );
}

/** A browser's WebSocket has no header for it but its subprotocols. */
function offeredToken({ headers }: Request): string | null {
  const offered = headers.get("sec-websocket-protocol") ?? "";
  const token = /(?:^|[, ])bearer\.([^, ]+)/.exec(offered)?.[1];
  return token === undefined ? null : `Bearer ${token}`;
}

/** The token of the query, where that is taken. */
function tokenOfQuery(
  target: Target,
  { queryToken: where }: Settings,
): string | undefined {
  if (where === "off" || where === "streams" && !isStream(target)) return;
  const token = queryValue(target.query, TOKEN);
  return token && /^[!-~]+$/.test(token) ? token : undefined;
}

function grantOf(
  token: string,
  { credentials }: Settings,
): Grant | undefined {
  const shown = sha256(token);
  let found: Grant | undefined;
  for (const { digest, grant } of credentials) {
    let difference = 0;
    for (let i = 0; i < 8; i++) difference |= shown[i]! ^ digest[i]!;
    if (difference === 0) found = grant;
  }
  return found;
}
