import assert from "node:assert/strict";
import { connect } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

for (const protocol of [2, 3] as const) {
  Deno.test(`scanIter(), hscanIter() and similar yield every element, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, { protocol });
    const names = Array.from({ length: 1_000 }, (_, i) => `k:${i}`);
    await redis.mset(Object.fromEntries(names.map((name) => [name, 1])));
    await redis.hset(
      "hash",
      Object.fromEntries(names.map((name) => [name, name])),
    );
    await redis.sadd("set", ...names);
    await redis.zadd("sorted", names.map((name, i) => [i / 2, name]));

    const keys = new Set(
      await Array.fromAsync(redis.scanIter({ match: "k:*" })),
    );
    assert.deepEqual([...keys].toSorted(), names.toSorted());
    const fields = new Map(await Array.fromAsync(redis.hscanIter("hash")));
    assert.equal(fields.size, 1_000);
    assert.equal(fields.get("k:7"), "k:7");
    const members = new Set(await Array.fromAsync(redis.sscanIter("set")));
    assert.equal(members.size, 1_000);
    const scores = new Map(await Array.fromAsync(redis.zscanIter("sorted")));
    assert.equal(scores.get("k:7"), 3.5);
    assert.deepEqual(await Array.fromAsync(redis.sscanIter("absent")), []);
    const bytes = await Array.fromAsync(redis.bytes.sscanIter("set"));
    assert.ok(bytes[0] instanceof Uint8Array);
  });
}

Deno.test("scanIter() ends when its signal aborts", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.mset(
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k:${i}`, 1])),
  );
  const controller = new AbortController();
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of redis.scanIter({ signal: controller.signal })) {
      if (++count === 3) controller.abort(new Error("enough"));
    }
  }, /enough/);
  assert.ok(count < 500);
});
