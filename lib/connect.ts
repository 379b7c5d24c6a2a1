/**
 * Opens clients, with Deno's sockets as the default dial.
 *
 * @module
 */

import { callSite, placeConnect } from "./client/call_site.ts";
import { Client } from "./client/client.ts";
import { explainOtherOptions } from "./client/elsewhere.ts";
import type { ClientOptions } from "./client/options.ts";
import { Pool } from "./client/pool.ts";
import { Redis } from "./client/redis.ts";
import { fromUrl } from "./client/url.ts";
import { AS_TEXT } from "./commands/shapes.ts";
import { isOptions, misuse } from "./errors.ts";
import { callOptions, dial, environment } from "./net/tcp.ts";

/** The options of a client that shares the connections of a pool. */
export interface SharedPool {
  /** The pool. Closing the client does not close it. */
  pool: Pool;
}

const DEFAULT_URL = "redis://127.0.0.1:6379";

/**
 * Connects to a Redis server.
 *
 * Takes a URL (`redis:` or `valkey:`, `rediss:` or `valkeys:` for TLS, `unix:`),
 * options, or both, of which the options win; without any, the environment variable `REDIS_URL`, where it
 * may be read, else `redis://127.0.0.1:6379`. In a URL, user and password are
 * percent-decoded, and numbers, `name` and `info` may be given as its query:
 * `?commandTimeout=200`.
 *
 * Rejects with an {@linkcode AuthenticationError}, a {@linkcode TimeoutError}
 * or another {@linkcode ConnectionError} when the first attempt fails, a
 * {@linkcode ProtocolError} when no Redis is there, a `TypeError` or
 * `RangeError` for a wrong option. A connection that is lost later is restored
 * by itself.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 *
 * await using redis = await connect("redis://localhost:6379", {
 *   name: "example",
 * });
 * console.assert(await redis.clientGetname() === "example");
 * ```
 */
export async function connect(
  target?: string | URL | ClientOptions | SharedPool,
  options: ClientOptions = {},
): Promise<Redis> {
  if (isShared(target) && Object.keys(options).length > 0) {
    throw new TypeError("Cannot connect with options as the pool has its own");
  }
  const settings = isShared(target) ? target : withDial(target, options);
  const client = new Client(settings);
  const site = callSite();
  try {
    await client.connect();
    const own = "pool" in settings ? settings.pool.options : settings;
    return new Redis(client, AS_TEXT, callOptions(own));
  } catch (error) {
    await client.close({ timeout: 0 });
    throw placeConnect(error, site);
  }
}

/**
 * Makes a pool of connections that several clients share.
 *
 * ```ts
 * import { connect, createPool } from "@sorrel/redis";
 *
 * await using pool = createPool("redis://localhost:6379");
 * await using one = await connect({ pool });
 * await using two = await connect({ pool });
 * await one.set("shared", 1);
 * console.assert(await two.get("shared") === "1");
 * ```
 */
export function createPool(
  target?: string | URL | ClientOptions,
  options: ClientOptions = {},
): Pool {
  return new Pool(withDial(target, options));
}

function isShared(target: unknown): target is SharedPool {
  return typeof target === "object" && target !== null && "pool" in target;
}

function withDial(
  target: string | URL | ClientOptions = environment("REDIS_URL") ??
    DEFAULT_URL,
  options: ClientOptions,
): ClientOptions {
  const isUrl = typeof target === "string" || target instanceof URL;
  if (!isUrl && !isOptions(target)) {
    throw misuse("connect", "it takes a URL or options", target);
  }
  if (!isOptions(options)) {
    throw misuse("connect", "its options are an object", options);
  }
  const first = isUrl ? fromUrl(target) : target;
  const all = { dial, ...first, ...options };
  explainOtherOptions(all);
  return { ...all, ...callOptions(all) };
}
