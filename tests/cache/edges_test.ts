/**
 * Uses of a cache that are rare, large or hostile.
 *
 * @module
 */

import assert from "node:assert/strict";
import { withCache } from "../../lib/cache/cache.ts";
import { EngineWrapper } from "../../lib/client/engine_wrapper.ts";
import {
  type CallOptions,
  type Command,
  connect,
  dial,
  Redis,
} from "../../mod.ts";
import { clientsOf, sleep, until } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";
import { cacheOver, testCache } from "./support.ts";

testCache(
  "a server that remembers few keys tells of those that it forgets, which are dropped",
  async ({ server, cached, other, events }) => {
    await server.ask("CONFIG", "SET", "tracking-table-max-keys", "10");
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    for (const key of keys) assert.equal(await cached.get(key), null);
    while (cached.stats.entries > 10) await events.next("invalidated");
    await other.mset(Object.fromEntries(keys.map((key) => [key, "new"])));
    await until(async () =>
      (await cached.mget(keys)).every((value) => value === "new")
    );
    await server.ask("CONFIG", "SET", "tracking-table-max-keys", "1000000");
  },
);

testCache(
  "a key of a megabyte is cached as others",
  async ({ cached, other, events }) => {
    const key = "k".repeat(1024 * 1024);
    await other.set(key, 1);
    assert.equal(await cached.get(key), "1");
    assert.equal(await cached.get(key), "1");
    assert.equal(cached.stats.hits, 1);
    assert(cached.stats.bytes > key.length);
    await other.set(key, 2);
    assert.deepEqual((await events.next("invalidated")).keys, [key]);
    assert.equal(await cached.get(key), "2");
    await cached.set(key, 3);
    assert.equal(await cached.get(key), "3");
  },
);

/** Keys that are no text, that look like such, or that mean something in JavaScript. */
const KEYS: (string | Uint8Array)[] = [
  new Uint8Array([0xff, 0xfe]),
  new Uint8Array([0]),
  new Uint8Array([0xef, 0xbb, 0xbf, 0x61]),
  "\ufeffa",
  "\ufffd",
  "\ud800",
  "\ud8001,2",
  "a\udc00",
  "",
  "\r\n",
  "__proto__",
  "1",
];

testCache("a key may be any bytes", async ({ cached, other }) => {
  for (const key of KEYS) {
    for (const value of ["1", "2"]) {
      await other.set(key, value);
      await until(async () => await cached.get(key) === value);
      const { hits } = cached.stats;
      assert.equal(await cached.get(key), value);
      assert.equal(cached.stats.hits, hits + 1);
    }
    await cached.set(key, 3);
    assert.equal(await cached.get(key), "3");
  }
});

testCache(
  "prefixes may overlap",
  async ({ cached, other, events }) => {
    for (const key of ["user:1", "user:22", "b"]) {
      assert.equal(await cached.get(key), null);
      await other.set(key, 1);
      assert.deepEqual((await events.next("invalidated")).keys, [key]);
      assert.equal(await cached.get(key), "1");
      assert.equal(await cached.get(key), "1");
    }
    assert.equal(cached.stats.hits, 3);
  },
  { cache: { prefixes: ["user:2", "user:", "b", "b"] } },
);

testCache(
  "MGET of many thousands of keys",
  async ({ cached, other, events }) => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}`);
    await other.mset(Object.fromEntries(keys.map((key, i) => [key, i])));
    const values = keys.map((_, i) => `${i}`);
    assert.deepEqual(await cached.mget(keys), values);
    assert.deepEqual(await cached.mget(keys), values);
    assert.equal(cached.stats.hits, 1);
    assert.equal(cached.stats.entries, keys.length);
    await other.del(keys.slice(0, 19_000));
    while (cached.stats.invalidations < 19_000) {
      await events.next(
        "invalidated",
      );
    }
    assert.equal(cached.stats.entries, 1_000);
    assert.deepEqual(
      await cached.mget(keys),
      values.map((value, i) => i < 19_000 ? null : value),
    );
    await cached.del(keys);
    assert.equal(cached.stats.entries, 0);
    assert.deepEqual(await cached.mget(keys), keys.map(() => null));
  },
);

type Writes = Record<
  string,
  (redis: Redis, value: string) => Promise<unknown>
>;

/** Writes `k` in ways that hide the key. */
const FUNCTIONS: Writes = {
  "a function with its key": (redis, value) =>
    redis.send(["FCALL", "put", 1, "k", value]),
  "a function without its key": (redis, value) =>
    redis.send(["FCALL", "put_k", 0, value]),
  "a function in a pipeline": (redis, value) =>
    redis.pipeline((p) => [p.send(["FCALL", "put_k", 0, value]), p.get("k")]),
};

/** Writes `k` in ways that leave a connection in another state, or hide the key. */
const WRITES: Writes = {
  "a script in a transaction": (redis, value) =>
    redis.transaction((t) => [
      t.send(["EVAL", "return redis.call('SET', 'k', ARGV[1])", 0, value]),
    ]),
  "words in bytes": (redis, value) =>
    redis.send(
      ["sEt", "k", value].map((word) => new TextEncoder().encode(word)),
    ),
  "RESET on a lease": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["RESET"]);
    await own.send(["SET", "k", value]);
  },
  "another database, and back": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["SELECT", 1]);
    await own.send(["SET", "k", value]);
    await own.send(["COPY", "k", "k", "DB", 0, "REPLACE"]);
  },
  "MOVE from another database": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["DEL", "k"]);
    await own.send(["SELECT", 1]);
    await own.send(["SET", "k", value]);
    await own.send(["MOVE", "k", 0]);
  },
  "a lease with tracking of its own": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["CLIENT", "NO-EVICT", "ON"]);
    await own.send(["CLIENT", "TRACKING", "ON", "NOLOOP"]);
    await own.send(["GET", "k"]);
    await own.send(["SET", "k", value]);
  },
  "SWAPDB": async (redis, value) => {
    using own = await redis.lease();
    await own.send(["SELECT", 1]);
    await own.send(["SET", "k", value]);
    await own.send(["SWAPDB", 0, 1]);
  },
};

for (const connections of [1, 4]) {
  testCache(
    `rare ways of writing are seen at once, over ${connections} connections`,
    async ({ cached }) => {
      let writes = Object.entries(WRITES);
      if (await TestServer.has("functions")) {
        await cached.functionLoad(
          `#!lua name=lib
redis.register_function("put", function(keys, args) return redis.call("SET", keys[1], args[1]) end)
redis.register_function("put_k", function(_, args) return redis.call("SET", "k", args[1]) end)`,
          { replace: true },
        );
        writes = [...Object.entries(FUNCTIONS), ...writes];
      }
      let value = 0;
      for (let round = 0; round < 10; round++) {
        for (const [name, write] of writes) {
          const reads = [cached.get("k"), cached.mget("k", "l")];
          await write(cached, `${++value}`);
          assert.equal(await cached.get("k"), `${value}`, name);
          assert.deepEqual(
            await cached.mget("k", "l"),
            [`${value}`, null],
            name,
          );
          await Promise.all(reads);
        }
      }
    },
    { client: { connections } },
  );
}

testCache(
  "disposing of a cache while it reads: every read gets its reply",
  async ({ server, redis, cached, other }) => {
    await other.mset({ a: 1, b: 2, c: 3 });
    server.pause();
    const reads = Promise.all([
      cached.get("a"),
      cached.get("a"),
      cached.mget("a", "b"),
      cached.hget("none", "f"),
    ]);
    cached[Symbol.dispose]();
    const after = cached.mget("c", "a");
    const next = withCache(redis);
    const again = next.get("b");
    server.resume();
    assert.deepEqual(await reads, ["1", "1", ["1", "2"], null]);
    assert.deepEqual(await after, ["3", "1"]);
    assert.equal(await again, "2");
    assert.equal(cached.stats.entries, 0);
    next[Symbol.dispose]();
    await until(async () =>
      (await clientsOf(server, / flags=\S*t/)).length === 0
    );
  },
);

Deno.test("a tracked read that is sent once the cache has ended opens no connection", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const reached = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  /** Sends commands late, as the engine of a cluster does that is redirected. */
  class Late extends EngineWrapper {
    override async execute<T>(command: Command<T>, call: CallOptions) {
      reached.resolve();
      await go.promise;
      return await this.engine.execute(command, call);
    }
    override executeAll(): Promise<unknown[]> {
      throw new Error("not used");
    }
  }
  const late = redis.over((engine) => new Late(engine), Redis<string>);
  const { cached } = await cacheOver(late);
  const reading = cached.get("k");
  await reached.promise;
  cached[Symbol.dispose]();
  await until(async () => (await clientsOf(server)).length === 1);
  go.resolve();
  assert.equal(await reading, null);
  assert.equal((await clientsOf(server)).length, 1);
});

Deno.test("reads that wait for the connection for cached reads take another one if the cache ends and it does not open", async () => {
  await using server = await TestServer.start();
  let dials = 0;
  await using redis = await connect(server.url, {
    dial: async (address, signal) => {
      if (++dials > 1) {
        await sleep(20);
        throw new Error("no more connections");
      }
      return await dial(address, signal);
    },
  });
  const cached = withCache(redis);
  const reads = [cached.get("k"), cached.get("l"), cached.mget("k", "m")];
  cached[Symbol.dispose]();
  assert.deepEqual(await Promise.all(reads), [null, null, [null, null]]);
  assert.equal(dials, 2);
});
