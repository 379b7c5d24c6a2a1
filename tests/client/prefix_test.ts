import assert from "node:assert/strict";
import { withPrefix } from "../../lib/client/prefix.ts";
import { connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("withPrefix() puts the prefix before keys, and before nothing else", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const app = withPrefix(redis, "app:");
  await app.set("k", "k");
  await app.mset({ a: 1, b: 2 });
  await app.rpush("list", "list");
  await app.zadd("z1", [[1, "m"]]);
  await app.zunionstore("out", ["z1"]);
  await app.set(new Uint8Array([0xff]), "bytes");
  assert.equal(await redis.get("app:k"), "k");
  assert.deepEqual(await app.mget("a", "b"), ["1", "2"]);
  assert.deepEqual(await app.lrange("list", 0, -1), ["list"]);
  assert.equal(await app.zscore("out", "m"), 1);
  assert.equal(await app.get(new Uint8Array([0xff])), "bytes");
  assert.deepEqual(
    (await redis.keys("*")).filter((key) => !key.startsWith("app:")),
    [],
  );
});

Deno.test("withPrefix() reaches pipelines, leases, watch, scripts and blocking commands", async () => {
  await using server = await TestServer.start();
  if (!server.has("scripting")) return;
  await using redis = await connect(server.url);
  const app = withPrefix(redis, "app:");
  await app.pipeline((p) => [p.set("n", 1), p.incr("n")]);
  assert.equal(await redis.get("app:n"), "2");
  const [done] = await app.watch("n", async (tx) => {
    const n = Number(await tx.get("n"));
    return await tx.commit((m) => [m.set("n", n + 1)]);
  });
  assert.equal(done, "OK");
  assert.equal(await redis.get("app:n"), "3");
  {
    using own = await app.lease();
    assert.equal(await own.get("n"), "3");
  }
  const read = app.script(`return redis.call("get", KEYS[1])`);
  assert.equal(await read.run(["n"], []), "3");
  await app.rpush("jobs", "first");
  assert.deepEqual(await app.blpop(["jobs"], 1), ["app:jobs", "first"]);
});

Deno.test("withPrefix() sees a change of the watched key", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const app = withPrefix(redis, "app:");
  let runs = 0;
  await app.watch("n", async (tx) => {
    if (runs++ === 0) await redis.set("app:n", "other");
    return await tx.commit((m) => [m.set("n", 1)]);
  });
  assert.equal(runs, 2);
});
