/**
 * The order of commands that the server refuses temporarily.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ClientEvent, connect, type Redis } from "../../mod.ts";
import { until } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";

/** A client of a server that is loading its data and refuses with LOADING. */
interface Loading extends AsyncDisposable {
  readonly redis: Redis;
  /** Settles when the server has finished loading. */
  readonly loaded: Promise<unknown>;
  /** How often commands were retried. */
  retried(): number;
}

async function loading(backoff: number): Promise<Loading> {
  const server = await TestServer.start();
  const events: ClientEvent[] = [];
  const redis = await connect(server.url, {
    backoff: () => backoff,
    onEvent: (event) => events.push(event),
  });
  await server.ask("DEBUG", "POPULATE", "3000", "key", "100");
  // Loading takes 100 µs for each key, and the server replies to other commands now
  // and then.
  await server.ask("CONFIG", "SET", "key-load-delay", "100");
  await server.ask(
    ...["CONFIG", "SET", "loading-process-events-interval-bytes", "1024"],
  );
  const own = await redis.lease();
  const loaded = own.send(["DEBUG", "RELOAD"]);
  await until(async () => /^-LOADING/.test(await server.ask("GET", "k")));
  return {
    redis,
    loaded,
    retried: () => events.filter(({ kind }) => kind === "retried").length,
    async [Symbol.asyncDispose]() {
      own[Symbol.dispose]();
      await redis.close({ timeout: 0 });
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a command refused with LOADING is not overtaken by a later one", async () => {
  // Longer than the server's loading, so that the second call is made when it could be
  // executed.
  await using setting = await loading(1_500);
  const { redis } = setting;
  const first = redis.set("k", "first");
  await until(() => setting.retried() > 0);
  await setting.loaded;
  const second = redis.set("k", "second");
  assert.deepEqual(await Promise.all([first, second]), ["OK", "OK"]);
  assert.equal(await redis.get("k"), "second");
});

Deno.test("a command refused with LOADING is retried until the server has loaded", async () => {
  await using setting = await loading(5);
  const { redis } = setting;
  assert.equal(await redis.incr("n"), 1);
  // More often than commands are retried for any other reason.
  assert(setting.retried() > 3, `${setting.retried()} times`);
  await setting.loaded;
});
