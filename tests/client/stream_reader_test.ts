import assert from "node:assert/strict";
import { connect, ReplyError } from "../../mod.ts";
import { TestServer } from "../support/test_server.ts";

async function take<T>(from: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of from) if (taken.push(item) === count) break;
  return taken;
}

for (const protocol of [2, 3] as const) {
  Deno.test(`readGroup() yields new entries, then waits for more, in RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, { protocol });
    const options = { create: "0", block: 50 };
    await redis.xadd("s", "*", { n: 1 });
    await redis.xadd("s", "*", { n: 2 });
    const reading = take(redis.readGroup("s", "g", "me", options), 3);
    await new Promise((resolve) => setTimeout(resolve, 120));
    await redis.xadd("s", "*", { n: 3 });
    const entries = await reading;
    assert.deepEqual(entries.map(({ fields }) => fields.n), ["1", "2", "3"]);
    assert.deepEqual(entries.map(({ again }) => again), [false, false, false]);
    assert.deepEqual(await Promise.all(entries.map(({ ack }) => ack())), [
      1,
      1,
      1,
    ]);
    assert.equal((await redis.xpending("s", "g")).count, 0);
  });
}

Deno.test("readGroup() begins with entries that an earlier run did not acknowledge", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const options = { create: "0", count: 2 };
  for (const n of [1, 2, 3, 4]) await redis.xadd("s", "*", { n });
  const [first] = await take(redis.readGroup("s", "g", "me", options), 1);
  assert.equal(first?.fields.n, "1");
  const entries = await take(redis.readGroup("s", "g", "me", options), 4);
  assert.deepEqual(entries.map(({ fields }) => fields.n), ["1", "2", "3", "4"]);
  assert.deepEqual(
    entries.map(({ again }) => again),
    [true, true, false, false],
  );
});

Deno.test("readGroup() claims entries that another consumer left pending", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.xadd("s", "*", { n: 1 });
  await take(redis.readGroup("s", "g", "gone", { create: "0" }), 1);
  const [entry] = await take(
    redis.readGroup("s", "g", "me", { claimIdle: 20, block: 20 }),
    1,
  );
  assert.equal(entry?.fields.n, "1");
  assert.equal(entry?.again, true);
});

Deno.test("readGroup() acknowledges and skips entries that were deleted while pending", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const options = { create: "0" };
  const first = await redis.xadd("s", "*", { n: 1 });
  await redis.xadd("s", "*", { n: 2 });
  await take(redis.readGroup("s", "g", "me", options), 2);
  await redis.xdel("s", first!);
  const [entry] = await take(redis.readGroup("s", "g", "me", options), 1);
  assert.deepEqual([entry?.fields.n, entry?.again], ["2", true]);
  assert.equal((await redis.xpending("s", "g")).count, 1);
});

Deno.test("readGroup() throws the server's error when it cannot create the group", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.set("s", "no stream");
  await assert.rejects(
    take(redis.readGroup("s", "g", "me", { create: "0" }), 1),
    (error) => error instanceof ReplyError && error.code === "WRONGTYPE",
  );
});

Deno.test("readGroup() continues after its connection was lost", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await using other = await connect(server.url);
  const reading = take(redis.readGroup("s", "g", "me", { create: "0" }), 1);
  while (!(await other.clientList()).includes("cmd=xreadgroup")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await other.clientKill({ type: "normal" });
  await other.xadd("s", "*", { n: 1 });
  const [entry] = await reading;
  assert.equal(entry?.fields.n, "1");
});

Deno.test("readGroup() ends when its signal aborts, also while it waits", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const controller = new AbortController();
  const reading = take(
    redis.readGroup("s", "g", "me", {
      create: "0",
      signal: controller.signal,
    }),
    1,
  );
  setTimeout(() => controller.abort(new Error("enough")), 50);
  await assert.rejects(reading, /enough/);
});

Deno.test("readGroup() throws when the group does not exist", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await assert.rejects(
    take(redis.readGroup("s", "g", "me"), 1),
    (error) => error instanceof ReplyError && error.code === "NOGROUP",
  );
});

Deno.test("readGroup() claims every stale entry, among any number of others", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.xgroupCreate("s", "g", "0", { mkstream: true });
  const total = 60;
  for (let i = 1; i <= total; i++) await redis.xadd("s", `${i}-0`, { n: i });
  await redis.xreadgroup("g", "busy", [["s", ">"]], { count: total - 2 });
  await redis.xreadgroup("g", "gone", [["s", ">"]], { count: 2 });
  // Only these two are stale.
  const stale = ["59-0", "60-0"];
  const idle = 60 * 60 * 1000;
  await redis.xclaim("s", "g", "gone", 0, stale, { idle, justid: true });
  const reader = redis.readGroup("s", "g", "me", {
    count: 1,
    claimIdle: idle / 2,
    block: 10,
  });
  const [one, two] = await take(reader, 2);
  assert.deepEqual([one?.fields.n, two?.fields.n], ["59", "60"]);
});

Deno.test("readGroup() with create continues when its stream was deleted", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const options = { create: "0", block: 1_000 };
  const reader = redis.readGroup("s", "g", "me", options);
  const next = reader.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await redis.del("s");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await redis.xadd("s", "*", { n: 1 });
  assert.equal((await next).value?.fields.n, "1");
  await reader.return();
  await assert.rejects(
    redis.readGroup("s", "g", "me", { claimIdle: 0 }).next(),
    RangeError,
  );
});
