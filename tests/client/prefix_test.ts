import assert from "node:assert/strict";
import { withPrefix } from "../../lib/client/prefix.ts";
import { ClosedError, connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";
import { runProgram } from "./support.ts";

Deno.test("withPrefix() puts the prefix before keys only", async () => {
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

Deno.test("withPrefix() applies to pipelines, leases, watch, scripts and blocking commands", async () => {
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

Deno.test("withPrefix() leaves channels, credentials and the rest of the client as they are", async () => {
  await using server = await TestServer.start({
    config: { requirepass: "s3cret" },
  });
  let asked = 0;
  await using redis = await connect(server.url, {
    credentials: () => {
      asked++;
      return { password: "s3cret" };
    },
  });
  const app = withPrefix(redis, "app:");
  assert.equal(Deno.inspect(app), Deno.inspect(redis));
  await using news = await app.subscribe("news");
  assert.equal(await redis.publish("news", "for all"), 1);
  assert.equal((await news.next()).value?.message, "for all");
  const before = asked;
  await app.authenticate();
  assert(asked > before);
  const commands = await app.monitor();
  await app.set("k", "v");
  for await (const { args } of commands) if (args[1] === "app:k") break;
  app.unref();
  app.ref();
  // Closing either of them closes both.
  await app.close();
  await assert.rejects(redis.get("k"), ClosedError);
  assert.equal((await news.next()).done, true);
});

Deno.test("withPrefix() passes unref() on, so that the process exits", async () => {
  await using server = await TestServer.start();
  const prefix = new URL("../../lib/client/prefix.ts", import.meta.url).href;
  const { code, stdout, stderr } = await runProgram(
    `import { connect } from "@sorrel/redis";
    import { withPrefix } from ${JSON.stringify(prefix)};
    const app = withPrefix(await connect(Deno.args[0]), "app:");
    await app.set("k", "v");
    app.unref();
    console.log("done");`,
    [server.url],
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "done\n");
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

Deno.test("withPrefix() rejects an invalid key, and prefixes the patterns of SORT", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const app = withPrefix(redis, "app:");
  for (const key of [undefined, null, NaN, {}]) {
    await assert.rejects(app.set(key as never, "x"), TypeError);
  }
  assert.equal(await redis.dbsize(), 0);
  await app.rpush("l", 3, 1, 2);
  await app.mset({ w_1: 9, w_2: 8, w_3: 7 });
  assert.deepEqual(
    await app.sort("l", { by: "w_*", get: ["w_*", "#"] }),
    ["7", "3", "8", "2", "9", "1"],
  );
  assert.deepEqual(await app.sort("l", { by: "nosort" }), ["3", "1", "2"]);
});
