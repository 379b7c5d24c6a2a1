/**
 * Events that empty a cache, and its limits.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type CachedRedis, withCache } from "../../lib/cache/cache.ts";
import { type Address, connect, dial } from "../../mod.ts";
import { clientsOf, errorOf, until } from "../client/support.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";
import { cacheOver, testCache } from "./support.ts";

/** Waits until `k` is read from memory: a second connection may be lost behind the first one. */
async function isKept(cached: CachedRedis, value: string): Promise<void> {
  await until(async () => {
    const { hits } = cached.stats;
    assert.equal(await cached.get("k"), value);
    return cached.stats.hits > hits;
  });
}

testCache(
  "a lost connection empties the cache, and the next one is tracked",
  async ({ server, cached, other, events }) => {
    await other.set("k", 1);
    assert.equal(await cached.get("k"), "1");
    await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await events.next("disconnected");
    assert.equal(cached.stats.entries, 0);
    await other.set("k", 2);
    await isKept(cached, "2");
    await other.set("k", 3);
    await until(async () => await cached.get("k") === "3");
  },
);

Deno.test("in RESP2 a lost subscription empties the cache, and nothing is cached until there is a new one", async () => {
  await using server = await TestServer.start();
  await using other = await connect(server.url);
  await using redis = await connect(server.url, { protocol: 2 });
  const { cached, events } = await cacheOver(redis);
  await other.set("k", 1);
  assert.equal(await cached.get("k"), "1");
  await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
  await events.next("disconnected");
  assert.equal(cached.stats.entries, 0);
  await events.next("connected");
  await isKept(cached, "1");
  await other.set("k", 2);
  await until(async () => await cached.get("k") === "2");
});

Deno.test("closing the client closes the subscription of RESP2", async () => {
  await using server = await TestServer.start();
  {
    await using redis = await connect(server.url, { protocol: 2 });
    await cacheOver(redis);
    assert.equal((await clientsOf(server)).length, 3);
  }
  await until(async () => (await clientsOf(server)).length === 0);
});

Deno.test("staleOnDisconnect serves from memory while the connection is lost", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using other = await connect(server.url);
  for (const protocol of [2, 3] as const) {
    await other.set("k", 1);
    await using redis = await connect(chaos.url, { protocol });
    const { cached, events } = await cacheOver(redis, {
      staleOnDisconnect: true,
    });
    assert.equal(await cached.get("k"), "1");
    await chaos.refuse();
    chaos.drop();
    await events.next("disconnected");
    await other.set("k", 2);
    assert.equal(await cached.get("k"), "1");
    chaos.heal();
    await events.next("connected");
    assert.equal(await cached.get("k"), "2");
  }
});

Deno.test("staleOnDisconnect answers nothing from memory once the server refuses CLIENT TRACKING", async () => {
  await using server = await TestServer.start();
  const user = ["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"];
  for (const protocol of [2, 3] as const) {
    await server.ask(...user);
    await using redis = await connect(server.url, {
      username: "app",
      password: "pw",
      protocol,
    });
    const { cached, events } = await cacheOver(redis, {
      staleOnDisconnect: true,
    });
    await cached.get("k");
    await server.ask("ACL", "SETUSER", "app", "-client|tracking");
    await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await events.next("disconnected");
    await until(() =>
      cached.get("k").then(() => false, (error) => {
        assert.match(String(error), /refused CLIENT TRACKING/);
        return true;
      })
    );
  }
});

testCache(
  "a changed user empties the cache",
  async ({ server, redis, cached }) => {
    await server.ask(
      "ACL",
      "SETUSER",
      "default",
      "on",
      "nopass",
      "~*",
      "&*",
      "+@all",
    );
    await cached.get("k");
    assert.equal(cached.stats.entries, 1);
    // Also through the client below.
    await redis.authenticate();
    assert.equal(cached.stats.entries, 0);
    await cached.get("k");
    await cached.authenticate();
    assert.equal(cached.stats.entries, 0);
  },
  { client: { username: "default", password: "" } },
);

testCache(
  "beyond maxEntries, the least recently used entries are evicted",
  async ({ cached, events }) => {
    for (const key of ["a", "b", "c", "a", "d"]) await cached.get(key);
    assert.deepEqual((await events.next("evicted")).keys, ["b"]);
    assert.equal(cached.stats.entries, 3);
    assert.equal(cached.stats.evictions, 1);
    const { hits } = cached.stats;
    for (const key of ["a", "c", "d"]) await cached.get(key);
    assert.equal(cached.stats.hits, hits + 3);
  },
  { cache: { maxEntries: 3 } },
);

testCache(
  "maxBytes is never exceeded, not even by a single value",
  async ({ cached, other }) => {
    for (let i = 0; i < 100; i++) {
      await other.set(`k${i}`, "x".repeat(1_000));
      await cached.get(`k${i}`);
      assert(cached.stats.bytes <= 20_000);
    }
    assert(cached.stats.entries > 10);
    const { entries } = cached.stats;
    await other.set("long", "x".repeat(20_000));
    assert.equal((await cached.get("long"))?.length, 20_000);
    assert.equal(cached.stats.entries, entries);
  },
  { cache: { maxBytes: 20_000 } },
);

testCache(
  "the bytes in the statistics always match the entries",
  async ({ cached, other, events }) => {
    await other.mset({ a: 1, b: 2 });
    await other.sadd("s", "a", "b");
    await other.sadd("t", "b", "c");
    for (let i = 0; i < 3; i++) {
      await Promise.all([
        cached.mget("a", "b"),
        cached.sinter("s", "t"),
        cached.sinter("t", "s"),
        cached.scard("s"),
        cached.sismember("s", "a"),
        cached.bytes.smembers("s"),
      ]);
      assert.equal(cached.stats.entries, 7);
      await other.sadd("s", `${i}`);
      await events.next("invalidated");
      assert.equal(cached.stats.entries, 2);
    }
    await cached.del("a", "b", "s", "t");
    assert.equal(cached.stats.entries, 0);
    assert.equal(cached.stats.bytes, 0);
  },
);

testCache("a reply is no older than the ttl", async ({ cached }) => {
  const asked = performance.now();
  await cached.get("k");
  while (cached.stats.misses === 1) {
    await cached.get("k");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert(performance.now() - asked >= 300);
  assert(cached.stats.hits > 0);
}, { cache: { ttl: 300 } });

testCache(
  "with pttl no reply outlives its key, regardless of when the server notices the expiry",
  async ({ server, cached, other }) => {
    if (!await TestServer.has("debug")) return;
    await server.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    await other.set("k", "v", { px: 4_000 });
    await other.set("long", "v", { ex: 100 });
    const asked = performance.now();
    assert.equal(await cached.get("k"), "v");
    assert.equal(await cached.get("long"), "v");
    assert.deepEqual(await cached.mget("k", "none"), ["v", null]);
    while (await cached.get("k") === "v") {
      await new Promise((resolve) => setTimeout(resolve, 1));
      assert(performance.now() - asked < 60_000);
    }
    assert(performance.now() - asked >= 2_000);
    assert.equal(await other.get("k"), null);
    const { misses } = cached.stats;
    assert.equal(await cached.get("long"), "v");
    assert.equal(await cached.get("none"), null);
    assert.equal(cached.stats.misses, misses + 1);
  },
  { cache: { pttl: true } },
);

testCache(
  "a call with a deadline of its own does not wait for another's request",
  async ({ server, cached }) => {
    server.pause();
    const patient = cached.get("k");
    const error = await errorOf(cached.with({ timeout: 20 }).get("k"));
    assert.equal(error.name, "TimeoutError");
    server.resume();
    assert.equal(await patient, null);
  },
);

Deno.test("calls are not cached if reads go to replicas", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const cached = withCache(redis);
  const away = cached.with({ readFrom: "replica" });
  await away.get("k");
  await away.get("k");
  assert.equal(cached.stats.misses, 0);
  assert.equal(cached.stats.entries, 0);
});

Deno.test("a lost connection empties the cache although cached reads have another: the address may lead to another server", async () => {
  await using before = await TestServer.start();
  await using after = await TestServer.start();
  for (const protocol of [2, 3] as const) {
    await before.ask("SET", "k", "before");
    await after.ask("SET", "k", "after");
    let server = before;
    await using redis = await connect(server.url, {
      protocol,
      dial: (address, signal) =>
        dial({ ...address, port: server.port } as Address, signal),
    });
    const { cached, events } = await cacheOver(redis);
    assert.equal(await cached.get("k"), "before");
    server = after;
    // As of a master that has become a replica: only the write is refused.
    await before.ask("CLIENT", "KILL", "ID", `${await redis.clientId()}`);
    await events.next("disconnected");
    assert.equal(cached.stats.entries, 0);
    await events.next("connected");
    assert.equal(await cached.get("k"), "after");
    await after.ask("SET", "k", "later");
    await until(async () => await cached.get("k") === "later");
  }
});

Deno.test("where the connection for cached reads cannot be opened, reads take the other one, and are not kept", async () => {
  await using server = await TestServer.start();
  let dials = 0;
  await using redis = await connect(server.url, {
    connectAttempts: 2,
    backoff: () => 1,
    dial: (address, signal) => {
      if (dials++ > 0) throw new Error("no more connections");
      return dial(address, signal);
    },
  });
  const cached = withCache(redis);
  for (let i = 0; i < 20; i++) {
    await cached.set("k", i);
    assert.equal(await cached.get("k"), `${i}`);
    assert.deepEqual(await cached.mget("k"), [`${i}`]);
  }
  assert.equal(cached.stats.entries, 0);
  assert(dials > 1);
});

Deno.test("where the connection for cached reads is refused for its credentials, reads take the other one", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  // Connections that are open stay authenticated.
  await redis.configSet({ requirepass: "new" });
  const cached = withCache(redis);
  await redis.set("k", "v");
  for (let i = 0; i < 20; i++) assert.equal(await cached.get("k"), "v");
  assert.equal(cached.stats.entries, 0);
});

Deno.test("the connection for cached reads ends with the last cache", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { name: "app" });
  const connections = async () =>
    (await redis.clientList()).split(" name=app ").length - 1;
  for (let i = 0; i < 2; i++) {
    using cached = withCache(redis);
    await cached.get("k");
    assert.equal(await connections(), 2);
    cached[Symbol.dispose]();
    await until(async () => await connections() === 1);
  }
});

Deno.test("what a connection tells that was left, and still owes replies, is late and drops nothing", async () => {
  await using server = await TestServer.start();
  await using slow = Chaos.before(server);
  await using other = await connect(server.url);
  let dials = 0;
  await using redis = await connect(server.url, {
    dial: (address, signal) => {
      // The first connection for cached reads.
      const { port } = ++dials === 2 ? slow : server;
      return dial({ ...address, port } as Address, signal);
    },
  });
  const { cached, events } = await cacheOver(redis);
  await other.set("k", 1);
  assert.equal(await cached.get("k"), "1");
  slow.toClient.blackhole = true;
  await other.set("k", 2);
  const late = cached.get("late");
  await until(async () =>
    /cmdstat_get:calls=2/.test(await server.ask("INFO", "commandstats"))
  );
  await server.ask("CLIENT", "KILL", "ID", `${await redis.clientId()}`);
  await events.next("disconnected");
  await events.next("connected");
  assert.equal(await cached.get("k"), "2");
  slow.heal();
  assert.equal(await late, null);
  // The new one is replaced again if the other comes back behind it.
  const { hits } = cached.stats;
  await until(async () => {
    assert.equal(await cached.get("k"), "2");
    return cached.stats.hits > hits;
  });
  assert.equal(cached.stats.invalidations, 0);
});
