/**
 * Writes of the same client are visible at once, with or without an invalidation: the
 * scripted peer never sends one.
 *
 * @module
 */

import assert from "node:assert/strict";
import { withCache } from "../../lib/cache/cache.ts";
import { type Address, connect, dial, type Redis } from "../../mod.ts";
import { until } from "../client/support.ts";
import { Chaos } from "../support/chaos.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { cacheOver, testCache } from "./support.ts";

/** Ways to write the key `k` through the client of a cache. */
const WRITES: Record<
  string,
  (redis: Redis, value: string) => Promise<unknown>
> = {
  "a command": (redis, value) => redis.set("k", value),
  "a command with bytes": (redis, value) =>
    redis.bytes.set(new TextEncoder().encode("k"), value),
  "words": (redis, value) => redis.send(["set", "k", value]),
  "a pipeline": (redis, value) =>
    redis.pipeline((p) => [p.get("k"), p.set("k", value)], {
      transaction: false,
    }),
  "a transaction": (redis, value) =>
    redis.transaction((t) => [t.set("k", value)]),
  "a script that names its key": (redis, value) =>
    redis.eval("return redis.call('SET', KEYS[1], ARGV[1])", ["k"], [value]),
  "a script that names no key": (redis, value) =>
    redis.eval("return redis.call('SET', 'k', ARGV[1])", [], [value]),
  "a command with its key elsewhere": async (redis, value) => {
    await redis.set("source", value);
    await redis.copy("source", "k", { replace: true });
  },
  "a lease": async (redis, value) => {
    using own = await redis.lease();
    await own.set("k", value);
  },
  "MULTI on a lease": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["MULTI"]);
    await own.set("k", value);
    await own.send(["EXEC"]);
  },
  "watch()": (redis, value) =>
    redis.watch("k", (tx) => tx.commit((m) => [m.set("k", value)])),
  "FLUSHALL": async (redis, value) => {
    await redis.flushall();
    await redis.set("k", value);
  },
};

for (const connections of [1, 4]) {
  testCache(
    `writes through the client are visible at once, over ${connections} connections`,
    async ({ cached }) => {
      if (!await TestServer.has("scripting")) return;
      let value = 0;
      for (let round = 0; round < 20; round++) {
        for (const [name, write] of Object.entries(WRITES)) {
          // Concurrent reads.
          const reads = [cached.get("k"), cached.mget("k", "l")];
          await write(cached, `${++value}`);
          assert.equal(await cached.get("k"), `${value}`, name);
          assert.deepEqual(await cached.mget("k"), [`${value}`], name);
          await Promise.all(reads);
        }
      }
    },
    { client: { connections } },
  );
}

testCache(
  "a read that is called after a write sees it",
  async ({ cached }) => {
    for (let i = 0; i < 20; i++) {
      while (cached.stats.entries === 0) await cached.get("k");
      const written = cached.set("k", i);
      assert.equal(await cached.get("k"), `${i}`);
      await written;
    }
  },
);

for (const behind of [false, true]) {
  Deno.test(`a reply that another connection read before a write is not given once that has settled: a read that is called ${behind ? "behind" : "before"} it`, async () => {
    await using server = await TestServer.start();
    await using one = Chaos.before(server);
    await using two = Chaos.before(server);
    await using other = await connect(server.url);
    await other.set("k", "old");
    let dials = 0;
    await using redis = await connect(server.url, {
      connections: 2,
      // An idle client takes its first connection, and the other one while that is
      // busy; the third one is for cached reads.
      dial: (address, signal) => {
        const { port } = dials++ === 0 ? one : two;
        return dial({ ...address, port } as Address, signal);
      },
    });
    const { cached } = await cacheOver(redis);
    // The write is late on its way there, the read on its way back.
    one.toServer.blackhole = true;
    two.toClient.blackhole = true;
    const before = behind ? undefined : cached.get("k");
    const writing = cached.set("k", "new");
    const reading = before ?? cached.get("k");
    await until(async () =>
      /cmdstat_get:calls=1,/.test(await server.ask("INFO", "commandstats"))
    );
    one.heal();
    await writing;
    const after = cached.get("k");
    two.heal();
    assert.equal(await after, "new");
    assert.equal(await reading, "old");
    assert.equal(await cached.get("k"), "new");
  });
}

const HELLO = "%1\r\n+proto\r\n:3\r\n";

/** A peer of a client with a cache: writes come first, `reads()` begins the connection for cached reads. */
function peer(): ScriptedPeer {
  return new ScriptedPeer().expect("HELLO", "3").reply(HELLO);
}

function reads(script: ScriptedPeer): ScriptedPeer {
  return script.redial().expect("HELLO", "3").reply(HELLO)
    .expect("CLIENT", "TRACKING", "ON").reply("+OK\r\n");
}

Deno.test("an own write drops the reply in memory, and keeps out one that is under way", async () => {
  const script = peer()
    .expect("SET", "k", "new").reply("+OK\r\n")
    .expect("SET", "k", "newer").reply("+OK\r\n");
  reads(script)
    .expect("GET", "k").reply("$3\r\nold\r\n")
    .expect("GET", "k").reply("$3\r\nnew\r\n")
    // It is on its way with the write, and nobody knows which is executed first.
    .expect("GET", "k").reply("$3\r\nnew\r\n")
    .expect("GET", "k").reply("$5\r\nnewer\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis);
  assert.equal(await cached.get("k"), "old");
  await cached.set("k", "new");
  assert.equal(await cached.get("k"), "new");
  assert.equal(await cached.get("k"), "new");
  cached.clear();
  const reading = cached.get("k");
  const writing = cached.set("k", "newer");
  assert.equal(await reading, "new");
  await writing;
  assert.equal(await cached.get("k"), "newer");
  await script.done();
});

Deno.test("reads that are called behind a write go where it went, all as one, and are not kept", async () => {
  const script = peer()
    .expect("SET", "k", "1").expect("GET", "k").expect("MGET", "l", "k")
    .reply("+OK\r\n$1\r\n1\r\n*2\r\n$1\r\n2\r\n$1\r\n1\r\n");
  reads(script)
    .expect("GET", "l").reply("$1\r\n2\r\n")
    .expect("GET", "k").reply("$1\r\n1\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis);
  const written = cached.set("k", "1");
  const behind = [cached.get("k"), cached.get("k"), cached.get("k")];
  const both = cached.mget("l", "k");
  const beside = cached.get("l");
  assert.deepEqual(await Promise.all(behind), ["1", "1", "1"]);
  assert.deepEqual(await both, ["2", "1"]);
  assert.equal(await beside, "2");
  await written;
  assert.equal(await cached.get("k"), "1");
  await script.done();
});

Deno.test("reads go behind XREADGROUP, too, where it does not block", async () => {
  const words = ["XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"];
  const script = peer().expect(...words).expect("XLEN", "s")
    .reply("_\r\n:0\r\n");
  reads(script);
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis);
  const read = cached.send(words);
  assert.equal(await cached.xlen("s"), 0);
  assert.equal(await read, null);
  await script.done();
});

Deno.test("a write that failed drops the reply in memory too", async () => {
  const script = peer()
    .expect("INCR", "k").reply("-ERR no\r\n")
    .expect("NEW.COMMAND", "x").reply("+OK\r\n")
    .expect("PUBLISH", "k", "x").reply(":0\r\n");
  reads(script)
    .expect("GET", "k").reply("$1\r\n1\r\n")
    .expect("GET", "k").reply("$1\r\n1\r\n")
    .expect("GET", "k").reply("$1\r\n2\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis);
  await cached.get("k");
  await assert.rejects(cached.incr("k"));
  assert.equal(await cached.get("k"), "1");
  // An unknown command may change any key.
  await cached.send(["NEW.COMMAND", "x"]);
  assert.equal(await cached.get("k"), "2");
  await cached.publish("k", "x");
  assert.equal(await cached.get("k"), "2");
  await script.done();
});

Deno.test("an invalidation between the request and the reply keeps that reply out", async () => {
  for (
    const push of [
      ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n",
      ">2\r\n+invalidate\r\n_\r\n",
    ]
  ) {
    const script = reads(peer())
      .expect("GET", "k").reply(push).reply("$3\r\nold\r\n")
      .expect("GET", "k").reply("$3\r\nnew\r\n");
    await using redis = await connect({ dial: script.dial, info: false });
    const { cached } = await cacheOver(redis);
    assert.equal(await cached.get("k"), "old");
    assert.equal(cached.stats.entries, 0);
    assert.equal(await cached.get("k"), "new");
    assert.equal(await cached.get("k"), "new");
    await script.done();
  }
});

Deno.test("who asks after an invalidation gets no reply that was asked for before", async () => {
  const script = reads(peer())
    .expect("GET", "k").reply(">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n")
    .reply("$3\r\nold\r\n")
    .expect("GET", "k").reply("$3\r\nnew\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  let later: Promise<string | null> | undefined;
  const connected = Promise.withResolvers<void>();
  const cached = withCache(redis, {
    onEvent: ({ kind }) => {
      if (kind === "connected") connected.resolve();
      if (kind === "invalidated") later = cached.get("k");
    },
  });
  await connected.promise;
  const [first] = await Promise.all([cached.get("k"), cached.get("k")]);
  assert.equal(first, "old");
  assert.equal(await later, "new");
  await script.done();
});

Deno.test("a reply that the server does not remember is not kept: without a connection for cached reads", async () => {
  const script = peer()
    .expect("GET", "k").reply("$1\r\n1\r\n")
    .expect("GET", "k").reply("$1\r\n2\r\n")
    .redial().refuse();
  await using redis = await connect({
    dial: script.dial,
    info: false,
    backoff: () => 60_000,
  });
  const cached = withCache(redis);
  // The first one waits for that connection, as it may be open soon.
  assert.equal(await cached.get("k"), "1");
  assert.equal(await cached.get("k"), "2");
  assert.equal(cached.stats.entries, 0);
  await script.done();
});

Deno.test("a read that is refused for now is sent again, and kept once it is answered", async () => {
  const script = reads(peer())
    .expect("GET", "k").reply("-LOADING soon\r\n")
    .expect("GET", "k").reply("$1\r\n1\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis);
  assert.equal(await cached.get("k"), "1");
  assert.equal(await cached.get("k"), "1");
  await script.done();
});

Deno.test("a read with PTTL behind it that is refused for now is sent again as any other", async () => {
  const script = peer().expect("GET", "k").reply("$1\r\n1\r\n");
  reads(script)
    .expect("GET", "k").expect("PTTL", "k")
    .reply("-LOADING soon\r\n-LOADING soon\r\n")
    .expect("GET", "k").expect("PTTL", "k").reply("$1\r\n2\r\n:-1\r\n");
  await using redis = await connect({ dial: script.dial, info: false });
  const { cached } = await cacheOver(redis, { pttl: true });
  assert.equal(await cached.get("k"), "1");
  assert.equal(await cached.get("k"), "2");
  assert.equal(await cached.get("k"), "2");
  await script.done();
});
