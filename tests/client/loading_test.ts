import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { ClientEvent } from "../../lib/connection/events.ts";
import { TestServer } from "../support/test_server.ts";
import { until } from "./support.ts";

Deno.test("behaviour 36: a write to a server that is loading its data is retried until it succeeds", async () => {
  await using server = await TestServer.start();
  const events: ClientEvent[] = [];
  await using redis = await connect(server.url, {
    retries: 100,
    backoff: () => 10,
    onEvent: (event) => events.push(event),
  });
  await server.ask("DEBUG", "POPULATE", "1500", "key", "100");
  // Loading takes 100 µs for each key, and the server replies to other commands now
  // and then.
  await server.ask("CONFIG", "SET", "key-load-delay", "100");
  await server.ask(
    ...["CONFIG", "SET", "loading-process-events-interval-bytes", "1024"],
  );
  using own = await redis.lease();
  const reloaded = own.send(["DEBUG", "RELOAD"]);
  await until(async () => /^-LOADING/.test(await server.ask("GET", "k")));
  assert.equal(await redis.incr("n"), 1);
  assert.equal(await reloaded, "OK");
  const [retried] = events.filter((event) => event.kind === "retried");
  assert.match(String(retried?.reason), /LOADING/);
});
