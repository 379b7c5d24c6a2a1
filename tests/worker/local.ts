/**
 * The gateway without HTTP: requests are objects. It uses a real Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dial } from "../../lib/net/tcp.ts";
import page from "../../worker/console/index.html" with { type: "text" };
import description from "../../worker/console/openapi.json" with {
  type: "json",
};
import { CACHE_FAMILIES, Caches } from "../../worker/cache.ts";
import { type Env, readSettings } from "../../worker/env.ts";
import { type Gateway, makeGateway } from "../../worker/gateway.ts";
import { Refusal } from "../../worker/refusal.ts";
import { Clients } from "../../worker/clients.ts";
import { TestServer, type TestServerOptions } from "../support/test_server.ts";

/** The token with all permissions. */
export const TOKEN = "token-of-the-tests";

/** A gateway and its Redis. */
export class LocalGateway implements AsyncDisposable {
  /** The Redis server. */
  readonly server: TestServer;
  readonly #caches = new Caches(() => readSettings(this.#env));
  readonly #clients = new Clients({ dial, makeCache: this.#caches.make });
  readonly #gateway: Gateway = makeGateway({
    engine: this.#clients.session,
    session: this.#clients.session,
    describe: () => description,
    readConsole: () => page,
    cacheMetrics: this.#caches.metrics,
    cacheFamilies: CACHE_FAMILIES,
    // What a server does when there is no socket below a request.
    upgrade: () => Promise.reject(new Refusal(400, "ERR no handshake")),
  });
  readonly #env: Env;

  private constructor(server: TestServer, env: Env) {
    this.server = server;
    this.#env = { REDIS_URL: server.url, TOKEN, ...env };
  }

  /** Starts a Redis and makes a gateway with these additional settings. */
  static async start(
    env: Env = {},
    options: TestServerOptions = {},
  ): Promise<LocalGateway> {
    return new LocalGateway(await TestServer.start(options), env);
  }

  /** Sends a request with the token for everything, unless the headers have another. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) {
      headers.set("authorization", `Bearer ${TOKEN}`);
    }
    const url = `https://gateway.example${path}`;
    return this.#gateway.fetch(
      new Request(url, { ...init, headers }),
      this.#env,
    );
  }

  /** Sends a request; returns the status and the parsed JSON body. */
  async json(
    path: string,
    init: RequestInit = {},
  ): Promise<[status: number, body: unknown]> {
    const response = await this.fetch(path, init);
    assert.equal(response.headers.get("content-type"), "application/json");
    return [response.status, await response.json()];
  }

  /** Posts JSON; returns the status and the parsed body. */
  post(
    path: string,
    body: unknown,
    headers: HeadersInit = {},
  ): Promise<[status: number, body: unknown]> {
    return this.json(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers,
    });
  }

  /** Closes the connections and stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients.close(0);
    await this.server[Symbol.asyncDispose]();
  }
}

/** The header with a token. */
export function bearer(token: string): HeadersInit {
  return { authorization: `Bearer ${token}` };
}
