/**
 * The order of commands that the server refuses for now.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ClientEvent, connect } from "../../mod.ts";
import { until } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("a command that was refused for now is not overtaken by one that was asked later", async () => {
  await using server = await TestServer.start();
  const events: ClientEvent[] = [];
  await using redis = await connect(server.url, {
    backoff: () => 300,
    onEvent: (event) => events.push(event),
  });
  await redis.ping();
  // A replica that has lost its master, and refuses with MASTERDOWN.
  await server.ask("CONFIG", "SET", "replica-read-only", "no");
  await server.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
  await server.ask("REPLICAOF", "127.0.0.1", "1");
  const first = redis.set("k", "first");
  await until(() => events.some(({ kind }) => kind === "retried"));
  await server.ask("REPLICAOF", "NO", "ONE");
  const second = redis.set("k", "second");
  assert.deepEqual(await Promise.all([first, second]), ["OK", "OK"]);
  assert.equal(await redis.get("k"), "second");
});

Deno.test("a command that is refused for now is asked again until its deadline", async () => {
  await using server = await TestServer.start();
  const events: ClientEvent[] = [];
  await using redis = await connect(server.url, {
    backoff: () => 5,
    onEvent: (event) => events.push(event),
  });
  await redis.ping();
  await server.ask("CONFIG", "SET", "replica-read-only", "no");
  await server.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
  await server.ask("REPLICAOF", "127.0.0.1", "1");
  const count = redis.incr("n");
  count.catch(() => {});
  const retried = () => events.filter(({ kind }) => kind === "retried").length;
  await Promise.race([count, until(() => retried() >= 20)]);
  await server.ask("REPLICAOF", "NO", "ONE");
  assert.equal(await count, 1);
});
