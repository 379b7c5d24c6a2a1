import assert from "node:assert/strict";
import {
  compressed,
  json,
  keyspace,
  structured,
  withCache,
  withCodec,
} from "../../lib/cache/cache.ts";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { withPrefix } from "../../lib/client/prefix.ts";
import { connect } from "../../mod.ts";
import { testBoth } from "../client/support.ts";
import { TestCluster } from "../cluster/test_cluster.ts";
import { testWith } from "../support/server_program.ts";

testBoth(
  "withCodec() writes and reads values of strings, hashes and lists",
  async ({ redis }) => {
    const cached = withCache(redis);
    for (
      const codec of [json(), structured(), compressed(json(), { least: 10 })]
    ) {
      await redis.flushall();
      const values = withCodec<unknown>(cached, codec);
      const value = { name: "Ada", tags: ["a".repeat(100), "ü"] };
      assert.equal(await values.get("k"), null);
      assert.equal(await values.set("k", value, { ex: 60, nx: true }), "OK");
      assert.equal(await values.set("k", 1, { nx: true }), null);
      assert.deepEqual(await values.get("k"), value);
      await values.mset({ a: 1, b: [2] });
      assert.deepEqual(await values.mget("a", "none", "b"), [1, null, [2]]);
      await values.hset("h", { f: value, g: null });
      assert.deepEqual(await values.hget("h", "f"), value);
      assert.deepEqual(
        await values.hgetall("h"),
        new Map<string, unknown>([["f", value], ["g", null]]),
      );
      assert.equal(await values.rpush("l", 1, value), 2);
      assert.deepEqual(await values.lrange("l", 0, -1), [1, value]);
      assert.equal(await values.lpop("l"), 1);
      assert.deepEqual(await values.getdel("k"), value);
      assert.equal(await values.get("k"), null);
      const app = withCodec(withPrefix(redis, "app:"), json<number>());
      await app.set("n", 1);
      assert.equal(await redis.get("app:n"), "1");
    }
  },
);

Deno.test("codecs reject values that they cannot write or read", async () => {
  assert.throws(() => json().encode(undefined), /JSON has nothing for it/);
  const codec = compressed(json());
  await assert.rejects(
    codec.decode(new Uint8Array([9])),
    /first byte must be 0 or 1/,
  );
  const long = await codec.encode("x".repeat(10_000));
  assert(long.length < 200);
  assert.equal(await codec.decode(long), "x".repeat(10_000));
  // A value that would not become shorter is stored as it is.
  const noise = crypto.getRandomValues(new Uint8Array(5_000));
  const raw = { encode: (b: Uint8Array) => b, decode: (b: Uint8Array) => b };
  assert.equal((await compressed(raw).encode(noise)).length, 5_001);
});

testBoth("keyspace() yields the events of keys", async ({ redis }) => {
  await redis.configSet({ "notify-keyspace-events": "" });
  await assert.rejects(
    keyspace(redis),
    /the server must notify: CONFIG SET notify-keyspace-events KA/,
  );
  await redis.configSet({ "notify-keyspace-events": "KA" });
  const changes = await keyspace(redis, {
    events: ["set", "del"],
    pattern: "user:*",
  });
  await redis.set("user:1", "Ada", { ex: 60 });
  await redis.set("item:1", "x");
  await redis.del("user:1");
  assert.deepEqual((await changes.next()).value, {
    event: "set",
    key: "user:1",
  });
  assert.deepEqual((await changes.next()).value, {
    event: "del",
    key: "user:1",
  });
  await changes.return();
});

const testCluster = await testWith("cluster");

testCluster("keyspace() subscribes on all masters of a cluster", async () => {
  await using cluster = await TestCluster.start(3, false, {
    "notify-keyspace-events": "K$",
  });
  await using redis = await connectCluster(cluster.urls);
  const changes = await keyspace(redis);
  const keys = ["a", "b", "c", "d"];
  for (const key of keys) await redis.set(key, 1);
  const seen = new Set<string>();
  while (seen.size < keys.length) {
    const { value } = await changes.next();
    seen.add(value!.key);
  }
  assert.deepEqual([...seen].sort(), keys);
  await changes.return();
  await using one = await connect(cluster.urls[0]!);
  assert.equal(await one.ping(), "PONG");
});
