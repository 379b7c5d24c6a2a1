/**
 * The gateway under `Deno.serve`: what `deno task start` runs.
 *
 * @module
 */

import { dial } from "../lib/net/tcp.ts";
import { readSettings } from "./env.ts";
import { makeClient, shared } from "./upstream.ts";
import { makeGateway } from "./worker.ts";

/** Where the gateway listens, for whom, and where its Redis is. */
export interface ServeOptions {
  /** Where Redis is: `redis://user:password@host:port/db`. */
  redisUrl: string;
  /** The token that clients must show. Printable ASCII without blanks. */
  token: string;
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
  /** Takes no more requests, answers those that came, closes the connection to Redis. */
  shutdown(): Promise<void>;
}

/** After so many failed attempts in a row, within a second, who waits gets an error. */
const ATTEMPTS = 4;

/** Serves the gateway. Throws when a setting is missing or wrong. */
export function serve(options: ServeOptions): GatewayServer {
  const { hostname, port } = options;
  const env = { REDIS_URL: options.redisUrl, TOKEN: options.token };
  const client = makeClient(readSettings(env).redisUrl, dial, ATTEMPTS);
  const gateway = makeGateway(shared(client));
  const server = Deno.serve(
    { hostname, port, onListen: () => {} },
    (request) => gateway.fetch(request, env),
  );
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${server.addr.port}`,
    finished: server.finished,
    async shutdown() {
      await server.shutdown();
      await client.close();
    },
  };
}
