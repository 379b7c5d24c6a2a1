/**
 * The gateway under `Deno.serve`: what `deno task start` runs.
 *
 * As a program it takes its settings from the environment, as `deno serve` and
 * Deno Deploy start one:
 *
 * ```sh
 * REDIS_URL=redis://localhost TOKEN=secret deno serve --unstable-no-legacy-abort \
 *   --host 127.0.0.1 --port 8787 --allow-net --allow-env worker/serve.ts
 * ```
 *
 * @module
 */

import { dial } from "../lib/net/tcp.ts";
import page from "./console/index.html" with { type: "text" };
import description from "./console/openapi.json" with { type: "json" };
import { type Env, readSettings } from "./env.ts";
import { type Gateway, makeGateway } from "./gateway.ts";
import { Refusal } from "./refusal.ts";
import { Clients } from "./upstream.ts";

/** Where the gateway listens. */
export interface ServeOptions {
  /** The name or address to listen on. */
  hostname: string;
  /** The port to listen on; 0 for a free one. */
  port: number;
}

/** A gateway that listens. */
export interface GatewayServer {
  /** Its address, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Resolves when it no longer listens. */
  readonly finished: Promise<void>;
  /**
   * Ends streams and WebSockets, takes no more requests, and answers those that
   * came, at most for `timeout` milliseconds; then closes every connection.
   *
   * @default {10000}
   */
  shutdown(timeout?: number): Promise<void>;
}

/** Serves the gateway. Throws when a setting is missing or wrong. */
export function serve(
  env: Env,
  { hostname, port }: ServeOptions,
): GatewayServer {
  const closing = new AbortController();
  const { gateway, clients } = make(closing.signal);
  for (const { grant } of readSettings(env).credentials) {
    clients.prepare(grant.redisUrl);
  }
  const abort = new AbortController();
  const server = Deno.serve(
    { hostname, port, signal: abort.signal, onListen: () => {} },
    (request) => gateway.fetch(request, env),
  );
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${server.addr.port}`,
    finished: server.finished,
    async shutdown(timeout = 10_000) {
      closing.abort();
      const timer = setTimeout(() => abort.abort(), timeout);
      await server.shutdown();
      clearTimeout(timer);
      await clients.close(0);
    },
  };
}

function make(
  closing?: AbortSignal,
): { gateway: Gateway; clients: Clients } {
  const clients = new Clients({ dial, turn: endOfTurn });
  const gateway = makeGateway({
    engine: clients.engine,
    upstream: clients.upstream,
    describe: () => description,
    upgrade(request, protocol) {
      try {
        return Deno.upgradeWebSocket(request, protocol ? { protocol } : {});
      } catch {
        // Headers that belong to it are missing.
        throw new Refusal(400, "ERR the request is no WebSocket handshake");
      }
    },
    readConsole: () => page,
    ...(closing === undefined ? {} : { closing }),
  });
  return { gateway, clients };
}

let turn: Promise<void> | undefined;

/**
 * Resolves when all requests that have come were read. Their commands leave in
 * one write then: a write of its own costs more than all else that the gateway
 * does for a request.
 */
function endOfTurn(): Promise<void> {
  return turn ??= new Promise((resolve) =>
    setImmediate(() => {
      turn = undefined;
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
] as const satisfies readonly (keyof Env)[];

/** The settings of the environment, as far as it may be read. */
export function readEnv(): Env {
  const env: Env = {};
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

let own: { gateway: Gateway; env: Env } | undefined;

/** The gateway for the settings of the environment: for `deno serve`. */
const program: { fetch(request: Request): Promise<Response> } = {
  fetch(request) {
    own ??= { gateway: make().gateway, env: readEnv() };
    return own.gateway.fetch(request, own.env);
  },
};

export default program;
