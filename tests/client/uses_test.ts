/**
 * The uses that redis-py's README shows, one test each.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, createPool } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";
import { monitored, startProgram, testBoth } from "./support.ts";

testBoth("use 1: connect, set and get", async ({ server, protocol }) => {
  await using redis = await connect(server.url, { protocol });
  assert.equal(await redis.set("foo", "bar"), "OK");
  assert.equal(await redis.get("foo"), "bar");
  assert.equal(await redis.get("missing"), null);
});

testBoth(
  "use 2: two clients over one shared pool",
  async ({ server, protocol }) => {
    await using pool = createPool(server.url, { protocol });
    await using one = await connect({ pool });
    await using two = await connect({ pool });
    await one.set("foo", "bar");
    assert.equal(await two.get("foo"), "bar");
    assert.equal(await one.clientId(), await two.clientId());
    await one.close();
    assert.equal(await two.get("foo"), "bar");
  },
);

testBoth("use 3: operations on all five types", async ({ redis }) => {
  // Strings
  await redis.set("counter", 10);
  assert.equal(await redis.incrby("counter", 5), 15);
  assert.equal(await redis.append("counter", "0"), 3);
  assert.equal(await redis.get("counter"), "150");
  // Lists
  assert.equal(await redis.rpush("list", "a", "b", "c"), 3);
  assert.equal(await redis.lpop("list"), "a");
  assert.deepEqual(await redis.lrange("list", 0, -1), ["b", "c"]);
  // Sets
  assert.equal(await redis.sadd("set", "a", "b", "b"), 2);
  assert.deepEqual(new Set(await redis.smembers("set")), new Set(["a", "b"]));
  assert.equal(await redis.sismember("set", "z"), 0);
  // Hashes
  assert.equal(await redis.hset("hash", { name: "ada", born: 1815 }), 2);
  assert.equal(await redis.hget("hash", "name"), "ada");
  assert.equal((await redis.hgetall("hash")).born, "1815");
  // Sorted sets
  assert.equal(await redis.zadd("board", [[3, "c"], [1, "a"], [2, "b"]]), 3);
  assert.deepEqual(await redis.zrange("board", 0, -1), ["a", "b", "c"]);
  assert.deepEqual(
    await redis.zrange("board", 0, 0, { rev: true, withscores: true }),
    [["c", 3]],
  );
});

testBoth(
  "use 4: a pipeline that is atomic by default, and one that is not",
  async ({ server, redis }) => {
    const seen = await monitored(server, async () => {
      const pipe = redis.pipeline();
      pipe.set("foo", 5);
      pipe.incr("foo");
      pipe.get("foo");
      assert.deepEqual(await pipe.execute(), ["OK", 6, "6"]);

      const plain = redis.pipeline({ transaction: false });
      plain.incr("foo");
      plain.get("foo");
      assert.deepEqual(await plain.execute(), [7, "7"]);
    });
    assert.deepEqual(seen, [
      ...["MULTI", "SET foo 5", "INCR foo", "GET foo", "EXEC"],
      ...["INCR foo", "GET foo"],
    ]);
  },
);

const SUBSCRIBER = `
  import { connect } from "@sorrel/redis";
  const [url, protocol] = Deno.args;
  await using redis = await connect(url, { protocol: Number(protocol) });
  await using monitor = await redis.subscribe("monitor");
  console.log("ready");
  for await (const { channel, message, missed } of monitor) {
    if (message === "stop") break;
    console.log(channel, message, missed);
  }
  console.log("subscribed:", (await redis.pubsubChannels()).length);
`;

const PUBLISHER = `
  import { connect } from "@sorrel/redis";
  const [url, protocol] = Deno.args;
  await using redis = await connect(url, { protocol: Number(protocol) });
  for (const message of ["one", "two", "three", "stop"]) {
    console.log(await redis.publish("monitor", message));
  }
`;

Deno.test("use 5: a publisher and a subscriber in two processes", async () => {
  await using server = await TestServer.start();
  for (const protocol of ["2", "3"]) {
    const args = [server.url, protocol];
    const subscriber = startProgram(SUBSCRIBER, args);
    const lines = subscriber.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let heard = (await lines.read()).value ?? "";
    assert.equal(heard, "ready\n");
    const publisher = await startProgram(PUBLISHER, args).output();
    assert.equal(new TextDecoder().decode(publisher.stdout), "1\n1\n1\n1\n");
    for (;;) {
      const { done, value } = await lines.read();
      if (done) break;
      heard += value;
    }
    const [{ code }] = await Promise.all([
      subscriber.status,
      subscriber.stderr.cancel(),
    ]);
    assert.equal(code, 0);
    assert.deepEqual(heard.split("\n"), [
      "ready",
      "monitor one null",
      "monitor two null",
      "monitor three null",
      "subscribed: 0",
      "",
    ]);
  }
});
