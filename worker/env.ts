/**
 * First step: bindings -> {@linkcode Settings}.
 *
 * @module
 */

import type { AssetsBinding } from "./console.ts";
import { type Credential, readGrants } from "./grant_specs.ts";
import type { HubBinding } from "./hub.ts";
import { badSetting } from "./refusal.ts";

/** What the gateway is told by its platform: secrets and variables of a Worker. */
export interface Env {
  /** Where Redis is: `redis://user:password@host:port/db`, `rediss:` for TLS. */
  REDIS_URL?: string;
  /** The token of who has everything. Printable ASCII without blanks. */
  TOKEN?: string;
  /** The token of who reads: nothing that writes, no KEYS, SCAN or scripts. */
  READ_ONLY_TOKEN?: string;
  /** More tokens, as JSON: a {@linkcode GrantSpec} by name. */
  GRANTS?: string;
  /** The path that the gateway is mounted at, such as `/redis`. */
  PREFIX?: string;
  /**
   * Where a token may stand in the query, as `_token`, and so in the logs of
   * others: `off`, `on`, or `streams`, which browsers open in no other way.
   *
   * @default {"streams"}
   */
  QUERY_TOKEN?: string;
  /**
   * The origins that browsers may call from, with blanks between them; `*` for
   * all, `off` for none.
   *
   * @default {"*"}
   */
  CORS_ORIGIN?: string;
  /**
   * Whether `/console` is served, a page for browsers: `on` or `off`.
   *
   * @default {"off"}
   */
  CONSOLE?: string;
  /** Where that page is on Cloudflare: a binding to the assets of the Worker. */
  ASSETS?: AssetsBinding;
  /** The Durable Objects that hold clients across requests: a binding to `Hub`. */
  HUB?: HubBinding;
  /**
   * How many of them share the requests for one server.
   *
   * @default {"1"}
   */
  SHARDS?: string;
  /** Where Cloudflare should place them, such as `weur`. */
  LOCATION?: string;
}

/** Settings with every value present and checked. */
export interface Settings {
  /** The tokens that are known. */
  readonly credentials: readonly Credential[];
  /** What every path begins with: empty, or `/redis`. */
  readonly prefix: string;
  /** Where a token may stand in the query. */
  readonly queryToken: "off" | "streams" | "on";
  /** The origins that browsers may call from. */
  readonly origins: readonly string[];
  /** Whether the console is served. */
  readonly console: boolean;
}

const known = new WeakMap<Env, Settings>();

/**
 * Reads the settings, once for each `env`. Throws a {@linkcode Refusal} when one
 * is missing or wrong: without a token nothing is served, as anyone could use it.
 *
 * Nothing secret is shown: whoever asks has not shown a token yet.
 */
export function readSettings(env: Env = {}): Settings {
  let settings = known.get(env);
  if (settings === undefined) known.set(env, settings = parse(env));
  return settings;
}

function parse(env: Env): Settings {
  const { PREFIX = "", QUERY_TOKEN = "streams", CORS_ORIGIN = "*" } = env;
  const { CONSOLE = "off" } = env;
  if (!/^(\/[^/?#]+)*\/?$/.test(PREFIX)) {
    throw badSetting("PREFIX", "it must be a path such as /redis", PREFIX);
  }
  if (!isQueryToken(QUERY_TOKEN)) {
    throw badSetting(
      "QUERY_TOKEN",
      "it must be off, streams or on",
      QUERY_TOKEN,
    );
  }
  if (CONSOLE !== "on" && CONSOLE !== "off") {
    throw badSetting("CONSOLE", "it must be on or off", CONSOLE);
  }
  const origins = CORS_ORIGIN === "off" ? [] : CORS_ORIGIN.trim().split(/\s+/);
  if (
    !origins.every((origin) => /^(\*|[a-z][\w+.-]*:\/\/[^/?#]+)$/i.test(origin))
  ) {
    throw badSetting(
      "CORS_ORIGIN",
      "it must be *, off, or origins such as https://app.example",
      CORS_ORIGIN,
    );
  }
  return {
    credentials: readGrants(env),
    prefix: PREFIX.replace(/\/$/, ""),
    queryToken: QUERY_TOKEN,
    origins,
    console: CONSOLE === "on",
  };
}

function isQueryToken(value: string): value is Settings["queryToken"] {
  return value === "off" || value === "streams" || value === "on";
}
