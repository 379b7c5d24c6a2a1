/**
 * Second step: token -> {@linkcode Grant}, before the body is read.
 *
 * The SHA-256 of the client's token is compared with that of every known token,
 * word by word to the end: the time depends on the length of the client's token
 * only. There is no cache of tokens: it would keep secrets, and its lookups would
 * stop at the first difference.
 *
 * @module
 */

import { sha256 } from "../lib/sha256.ts";
import type { Settings } from "./env.ts";
import type { Grant } from "./grants.ts";
import type { Incoming } from "./http.ts";
import { Refusal } from "./refusal.ts";
import { isStream, queryValue, type Target, TOKEN } from "./target.ts";

/** The grant of the request's token. Throws a {@linkcode Refusal} for an unknown token. */
export function authorize(
  request: Incoming,
  target: Target,
  settings: Settings,
): Grant {
  const header = request.header("authorization") ??
    protocolToken(request);
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

/** The token among the subprotocols: a browser's WebSocket can set no other header. */
function protocolToken(request: Incoming): string | null {
  const offered = request.header("sec-websocket-protocol") ?? "";
  const token = /(?:^|[, ])bearer\.([^, ]+)/.exec(offered)?.[1];
  return token === undefined ? null : `Bearer ${token}`;
}

/** The token of the query, where the settings allow it. */
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
