/**
 * First step: the platform's variables -> {@linkcode Settings}.
 *
 * @module
 */

import {
  type Credential,
  readGrants,
  type TokenSettings,
} from "./grant_specs.ts";
import { badSetting } from "./refusal.ts";

/** The variables and secrets of the gateway, and a Worker's bindings. */
export interface Env extends TokenSettings {
  /** The path that the gateway is mounted at, such as `/redis`. */
  PREFIX?: string;
  /**
   * Where a token may stand in the query, as `_token`, and so in logs: `off`, `on`,
   * or `streams`, as browsers open those without headers.
   *
   * @default {"streams"}
   */
  QUERY_TOKEN?: string;
  /**
   * The origins that browsers may call from, separated by blanks; `*` for all,
   * `off` for none.
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
  /**
   * Whether reads are answered from memory until Redis says that they have changed:
   * `off`, `on`, or how many bytes the replies of one `redisUrl` may take, such as
   * `64mb`.
   *
   * @default {"off"}
   */
  CACHE?: string;
  /** Cloudflare: the static assets of the Worker, with the console's page. */
  ASSETS?: AssetsBinding;
  /** Cloudflare: the Durable Objects that keep connections between requests. */
  HUB?: HubBinding;
  /**
   * Cloudflare: how many objects share the commands for one server.
   *
   * @default {"1"}
   */
  SHARDS?: string;
  /** Cloudflare: where the objects should be placed, such as `weur`. */
  LOCATION?: string;
}

/** Cloudflare's static assets, as a binding. */
export interface AssetsBinding {
  /** The asset at the path of a URL, whatever its host. */
  fetch(url: string): Promise<Response>;
}

/** The part of a binding to Durable Objects that the gateway uses. */
export interface HubBinding {
  /** The id of the object with this name. */
  idFromName(name: string): unknown;
  /** A stub of the object, whose methods are called over RPC. */
  get(id: unknown, options?: { locationHint?: string }): unknown;
}

/** Settings with every value present and checked. */
export interface Settings {
  /** The tokens that are known. */
  readonly credentials: readonly Credential[];
  /** The start of every path: empty, or `/redis`. */
  readonly prefix: string;
  /** Where a token may stand in the query. */
  readonly queryToken: "off" | "streams" | "on";
  /** The origins that browsers may call from. */
  readonly origins: readonly string[];
  /** Whether the console is served. */
  readonly console: boolean;
  /** The bytes of the cache of each server; 0 for no cache. */
  readonly cacheBytes: number;
}

const known = new WeakMap<Env, Settings>();

/**
 * Reads the settings, once for each `env`. Throws a {@linkcode Refusal} when one
 * is missing or wrong: without a token anyone could use the gateway.
 *
 * The error shows nothing secret, as the client has not shown a token yet.
 */
export function readSettings(env: Env = {}): Settings {
  let settings = known.get(env);
  if (settings === undefined) known.set(env, settings = parse(env));
  return settings;
}

function parse(env: Env): Settings {
  const { PREFIX = "", QUERY_TOKEN = "streams", CORS_ORIGIN = "*" } = env;
  const { CONSOLE = "off", SHARDS = "1", CACHE = "off" } = env;
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
  if (!/^[1-9]\d{0,3}$/.test(SHARDS)) {
    throw badSetting("SHARDS", "it must be a number from 1 to 9999", SHARDS);
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
    cacheBytes: readBytes(CACHE),
  };
}

/** An object of Cloudflare shares 128 MB with others. */
const DEFAULT_CACHE_BYTES = 32 << 20;

function readBytes(text: string): number {
  if (text === "off") return 0;
  if (text === "on") return DEFAULT_CACHE_BYTES;
  const [, digits, unit = " "] = /^([1-9]\d{0,11})(?:([kmg])b)?$/i.exec(text) ??
    [];
  if (digits === undefined) {
    throw badSetting(
      "CACHE",
      "it must be on, off, or bytes such as 64mb",
      text,
    );
  }
  return Number(digits) * 1024 ** " kmg".indexOf(unit.toLowerCase());
}

function isQueryToken(value: string): value is Settings["queryToken"] {
  return value === "off" || value === "streams" || value === "on";
}
