/**
 * A gateway with its own HTTP server, for tests that send raw bytes.
 *
 * @module
 */

import type { Env } from "../../worker/env.ts";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import type { ServerLimits } from "../../worker/server/limits.ts";
import { TestServer } from "../support/test_server.ts";
import { Caller } from "./caller.ts";
import { RawClient } from "./raw_client.ts";

/** The token with all permissions. */
export const TOKEN = "token-of-the-tests";

/** A gateway in front of a new Redis server. */
export interface Fixture extends AsyncDisposable {
  readonly server: TestServer;
  readonly gateway: GatewayServer;
  readonly caller: Caller;
  readonly url: string;
}

/** Starts a gateway with `limits`. */
export async function start(
  limits: Partial<ServerLimits> = {},
  env: Env = {},
): Promise<Fixture> {
  const server = await TestServer.start();
  const gateway = serve({ REDIS_URL: server.url, TOKEN, ...env }, {
    hostname: "127.0.0.1",
    port: 0,
    limits,
  });
  return {
    server,
    gateway,
    url: gateway.url,
    caller: new Caller(gateway.url, TOKEN),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown(1_000);
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Sends text on a new connection; resolves to everything that is received. */
export async function exchange(url: string, text: string): Promise<string> {
  using client = await RawClient.open(url);
  await client.send(text);
  return await client.end();
}
