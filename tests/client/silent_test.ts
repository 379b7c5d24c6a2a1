/**
 * Silent connections: dead ones are closed, those that only wait are kept.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { ConnectionError, TimeoutError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";
import { errorOf } from "./support.ts";

/** Waits until the server has a blocked client. */
async function blocked(server: TestServer): Promise<void> {
  while (!/ flags=b /.test(await server.ask("CLIENT", "LIST"))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const protocol of [2, 3] as const) {
  Deno.test(`a blocking pop is kept while its server responds, in RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, {
      protocol,
      pingInterval: 40,
    });
    const popped = redis.blpop(["jobs"], 0);
    popped.catch(() => {});
    await blocked(server);
    // Long enough for several probes.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { length } = (await server.ask("CLIENT", "LIST")).split(" flags=b ");
    assert.equal(length, 2);
    await redis.rpush("jobs", "one");
    assert.deepEqual(await popped, ["jobs", "one"]);
    assert.equal(await redis.ping(), "PONG");
  });
}

Deno.test("a blocking pop rejects when its connection was cut silently", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    pingInterval: 60,
    commandTimeout: 500,
  });
  const popped = redis.blpop(["jobs"], 0);
  popped.catch(() => {});
  await blocked(server);
  chaos.strand();
  using clock = new AwakeClock();
  const error = await errorOf(popped);
  assert(error instanceof ConnectionError);
  assert.match(error.message, /has not answered/);
  assert(clock.now < 3_000);
});

Deno.test("a blocking pop rejects when the server has forgotten its connection", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    pingInterval: 60,
    commandTimeout: 500,
  });
  const popped = redis.blpop(["jobs"], 0);
  popped.catch(() => {});
  await blocked(server);
  chaos.strand();
  await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  const error = await errorOf(popped);
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
});

Deno.test("a blocking pop waits for a frozen server", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { pingInterval: 50 });
  const popped = redis.blpop(["jobs"], 0);
  popped.catch(() => {});
  await blocked(server);
  server.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  server.resume();
  assert.equal(await server.ask("RPUSH", "jobs", "one"), ":1\r\n");
  assert.deepEqual(await popped, ["jobs", "one"]);
});

Deno.test("a call with a longer timeout does not keep a dead connection open", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { commandTimeout: 150 });
  await redis.set("k", "v");
  const patient = redis.with({ timeout: 0 });
  await patient.ping();
  const waiting = [patient.get("k"), redis.with({ timeout: 8_000 }).get("k")];
  await Promise.all(waiting);
  chaos.strand();
  const lost = patient.incr("n");
  lost.catch(() => {});
  // The loss of the shared connection is noticed separately; then it reconnects.
  await assert.rejects(redis.get("k"), TimeoutError);
  let answered: unknown;
  while ((answered = await redis.get("k").catch(() => undefined)) !== "v");
  assert.equal(answered, "v");
  // A probe finds that the patient call's connection is lost, too.
  const error = await errorOf(lost);
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
  assert.equal(await patient.get("k"), "v");
});

Deno.test("a slow command with a long timeout closes no connection", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 150 });
  const patient = redis.with({ timeout: 5_000 });
  await Promise.all([patient.ping(), redis.ping()]);
  const slow = patient.send(["DEBUG", "SLEEP", "0.6"]);
  await assert.rejects(redis.get("k"), TimeoutError);
  assert.equal(await slow, "OK");
  assert.equal(await patient.get("k"), null);
});

Deno.test("a blocking pop is kept if a second connection reaches another server", async () => {
  await using server = await TestServer.start();
  await using other = await TestServer.start();
  let dials = 0;
  await using redis = await connect(server.url, {
    pingInterval: 40,
    // Like a load balancer: the probes reach another server.
    dial: (_, signal) => {
      const { port } = dials++ < 2 ? server : other;
      return dial({ hostname: "127.0.0.1", port }, signal);
    },
  });
  const popped = redis.blpop(["jobs"], 0);
  popped.catch(() => {});
  await blocked(server);
  while (dials < 5) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.ask("RPUSH", "jobs", "one");
  assert.deepEqual(await popped, ["jobs", "one"]);
});

Deno.test("without commandTimeout, calls wait for a server that is slow for longer than pingInterval", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    commandTimeout: 0,
    pingInterval: 60,
  });
  await redis.ping();
  const slow = redis.send(["DEBUG", "SLEEP", "0.5"]);
  const behind = redis.incr("n");
  assert.equal(await slow, "OK");
  assert.equal(await behind, 1);
});

Deno.test("a PING that a busy server answers late fails no call behind it", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    commandTimeout: 0,
    pingInterval: 60,
  });
  await redis.ping();
  const slow = server.ask("DEBUG", "SLEEP", "0.6");
  // The connection is idle and sends a PING.
  await new Promise((resolve) => setTimeout(resolve, 90));
  const behind = redis.incr("n");
  assert.equal(await behind, 1);
  assert.equal(await slow, "+OK\r\n");
});

Deno.test("a blocking pop is kept if there are no credentials for a second connection", async () => {
  const password = "s3cret";
  await using server = await TestServer.start({
    config: { requirepass: password },
  });
  let asked = 0;
  await using redis = await connect({
    port: server.port,
    pingInterval: 40,
    credentials: () => {
      if (++asked > 2) throw new Error("The vault is closed");
      return { password };
    },
  });
  await using admin = await connect({ port: server.port, password });
  const popped = redis.blpop(["jobs"], 0);
  popped.catch(() => {});
  while (asked < 4) await new Promise((resolve) => setTimeout(resolve, 10));
  await admin.rpush("jobs", "one");
  assert.deepEqual(await popped, ["jobs", "one"]);
});
