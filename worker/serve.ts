/**
 * The gateway on Deno: what `deno task start` runs.
 *
 * {@linkcode serve} has a server of its own. As a program for `deno serve` and Deno
 * Deploy, the file takes its settings from the environment:
 *
 * ```sh
 * REDIS_URL=redis://localhost TOKEN=secret deno serve --unstable-no-legacy-abort \
 *   --host 127.0.0.1 --port 8787 --allow-net --allow-env worker/serve.ts
 * ```
 *
 * @module
 */

import { dial } from "../lib/net/tcp.ts";
import { CACHE_FAMILIES, Caches } from "./cache.ts";
import { Clients } from "./clients.ts";
import page from "./console/index.html" with { type: "text" };
import description from "./console/openapi.json" with { type: "json" };
import { type Env, readSettings } from "./env.ts";
import { type Gateway, makeGateway } from "./gateway.ts";
import type { Incoming } from "./http.ts";
import type { Upgraded } from "./platform.ts";
import { badRequest, badSetting } from "./refusal.ts";
import { upgradeExchange } from "./server/exchange.ts";
import { SERVER_LIMITS, type ServerLimits } from "./server/limits.ts";
import { HttpServer } from "./server/server.ts";
import { TcpListener } from "./server/tcp_listener.ts";

/** Where the gateway listens, and within which limits. */
export interface ServeOptions {
  /** The name or address to listen on. */
  hostname: string;
  /** The port to listen on; 0 for a free one. */
  port: number;
  /** The limits of the server; defaults stand for those that are left out. */
  limits?: Partial<ServerLimits>;
}

/** A gateway that listens. */
export interface GatewayServer {
  /** Its address, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Resolves when it no longer listens. */
  readonly finished: Promise<void>;
  /**
   * Ends streams and WebSockets, takes no more requests, and answers those in
   * flight, at most for `timeout` milliseconds; then closes every connection.
   *
   * @default {10000}
   */
  shutdown(timeout?: number): Promise<void>;
}

/** The settings of the gateway, and of the server in front of it. */
export interface ServerEnv extends Env {
  /**
   * The open connections.
   *
   * @default {"4096"}
   */
  MAX_CONNECTIONS?: string;
  /**
   * The requests in flight.
   *
   * @default {"3000"}
   */
  MAX_REQUESTS?: string;
}

/** Serves the gateway. Throws when a setting is missing or wrong. */
export function serve(
  env: ServerEnv,
  { hostname, port, limits }: ServeOptions,
): GatewayServer {
  const all = { ...SERVER_LIMITS, ...limitsOf(env), ...limits };
  const closing = new AbortController();
  const { gateway, clients } = make(env, upgradeExchange, closing.signal);
  for (const { grant } of readSettings(env).credentials) {
    clients.prepare(grant.redisUrl);
  }
  const listener = Deno.listen({ hostname, port });
  const server = new HttpServer(
    new TcpListener(listener),
    (request) => gateway.handle(request, env),
    all,
  );
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${(listener.addr as Deno.NetAddr).port}`,
    finished: server.finished,
    async shutdown(timeout = 10_000) {
      closing.abort();
      await server.shutdown(timeout);
      await clients.close(0);
    },
  };
}

function limitsOf(
  { MAX_CONNECTIONS, MAX_REQUESTS }: ServerEnv,
): Partial<ServerLimits> {
  return {
    ...(MAX_CONNECTIONS && {
      connections: count("MAX_CONNECTIONS", MAX_CONNECTIONS),
    }),
    ...(MAX_REQUESTS && { requests: count("MAX_REQUESTS", MAX_REQUESTS) }),
  };
}

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw badSetting(name, "it must be a number from 1", text);
}

function make(
  env: Env,
  upgrade: (
    request: Incoming,
    protocol: string | undefined,
    maxBytes: number,
  ) => Upgraded | Promise<Upgraded>,
  closing?: AbortSignal,
): { gateway: Gateway; clients: Clients } {
  const caches = new Caches(() => readSettings(env));
  const clients = new Clients({
    dial,
    batch: requestsRead,
    makeCache: caches.make,
  });
  const gateway = makeGateway({
    engine: clients.session,
    session: clients.session,
    describe: () => description,
    upgrade,
    readConsole: () => page,
    cacheMetrics: caches.metrics,
    cacheFamilies: CACHE_FAMILIES,
    ...(closing === undefined ? {} : { closing }),
  });
  return { gateway, clients };
}

let reading: Promise<void> | undefined;

/**
 * Resolves when all requests that have arrived were read. Their commands leave in
 * one write then: a write costs more than the rest of a request.
 */
function requestsRead(): Promise<void> {
  return reading ??= new Promise((resolve) =>
    setImmediate(() => {
      reading = undefined;
      resolve();
    })
  );
}

const NAMES = [
  "REDIS_URL",
  "TOKEN",
  "READ_ONLY_TOKEN",
  "GRANTS",
  "PREFIX",
  "QUERY_TOKEN",
  "CORS_ORIGIN",
  "CONSOLE",
  "CACHE",
  "MAX_CONNECTIONS",
  "MAX_REQUESTS",
] as const satisfies readonly (keyof ServerEnv)[];

/** The settings of the environment, those that the program may read. */
export function readEnv(): ServerEnv {
  const env: ServerEnv = {};
  for (const name of NAMES) {
    const { state } = Deno.permissions.querySync({
      name: "env",
      variable: name,
    });
    const value = state === "granted" ? Deno.env.get(name) : undefined;
    if (value) env[name] = value;
  }
  return env;
}

/** Makes a WebSocket of a request of `deno serve`, which bounds messages at 64 MB. */
function upgradePlatform(
  { request }: Incoming,
  protocol: string | undefined,
): Upgraded {
  let upgraded: Deno.WebSocketUpgrade;
  try {
    upgraded = Deno.upgradeWebSocket(request!, protocol ? { protocol } : {});
  } catch {
    // It lacks headers of a handshake.
    throw badRequest("the request is no WebSocket handshake");
  }
  const { socket, response } = upgraded;
  return {
    socket,
    response: { status: 101, headers: {}, body: null, response },
  };
}

let started: { gateway: Gateway; env: Env } | undefined;

/**
 * The gateway for the settings of the environment: for `deno serve` and Deno
 * Deploy. Connections, deadlines and the size of WebSocket messages are limited by
 * the platform there, and not by {@linkcode ServerLimits}.
 */
const program: { fetch(request: Request): Promise<Response> } = {
  fetch(request) {
    if (started === undefined) {
      const env = readEnv();
      started = { env, gateway: make(env, upgradePlatform).gateway };
    }
    return started.gateway.fetch(request, started.env);
  },
};

export default program;
