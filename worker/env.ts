/**
 * First step: bindings -> {@linkcode Settings}.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";

/** What the gateway is told by its platform: secrets and variables of a Worker. */
export interface Env {
  /** Where Redis is: `redis://user:password@host:port/db`, `rediss:` for TLS. */
  REDIS_URL?: string;
  /** The token that clients must show. Printable ASCII without blanks. */
  TOKEN?: string;
}

/** Settings with every value present and checked. */
export interface Settings {
  /** Where Redis is. */
  readonly redisUrl: string;
  /** The token that clients must show. */
  readonly token: string;
  /** How many bytes the body of a request may have. */
  readonly bodyLimit: number;
}

/** What the hosted service of this convention takes. */
const BODY_LIMIT = 10 * 1024 * 1024;

const HOW = "set it with `npx wrangler secret put";

/**
 * Reads the settings. Throws a {@linkcode Refusal} when one is missing: without
 * a token nothing is served, as anyone could use it.
 *
 * Nothing of a value is shown: whoever asks has not shown a token yet.
 */
export function readSettings(env: Env | undefined): Settings {
  const redisUrl = env?.REDIS_URL;
  const token = env?.TOKEN;
  if (typeof token !== "string" || token === "") {
    throw new Refusal(500, `ERR the gateway has no TOKEN: ${HOW} TOKEN\``);
  }
  // A header carries nothing else safely: its other bytes mean Latin-1 here and
  // UTF-8 there, and blanks at its ends are lost.
  if (!/^[!-~]+$/.test(token)) {
    throw new Refusal(
      500,
      "ERR the gateway's TOKEN must be printable ASCII without blanks",
    );
  }
  if (typeof redisUrl !== "string" || redisUrl === "") {
    throw new Refusal(
      500,
      `ERR the gateway has no REDIS_URL: ${HOW} REDIS_URL\``,
    );
  }
  return { redisUrl, token, bodyLimit: BODY_LIMIT };
}
