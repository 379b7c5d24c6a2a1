import assert from "node:assert/strict";
import { withCache } from "../../lib/cache/cache.ts";
import { withPrefix } from "../../lib/client/prefix.ts";
import { ClosedError, connect, ReplyError } from "../../mod.ts";
import { clientsOf, errorOf, monitored } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";
import { cacheOver, testCache } from "./support.ts";

testCache(
  "reads are served from memory: typed or as words, in text or in bytes",
  async ({ server, cached, other }) => {
    await other.set("k", "v");
    await other.hset("h", { a: 1, b: 2 });
    await other.zadd("z", [[1.5, "m"]]);
    const read = async () => [
      await cached.get("k"),
      await cached.send(["get", "k"]),
      await cached.bytes.get(new TextEncoder().encode("k")),
      await cached.hgetall("h"),
      await cached.hget("h", "a"),
      await cached.hmget("h", "a", "c"),
      await cached.zrange("z", 0, -1, { withscores: true }),
      await cached.zscore("z", "m"),
      await cached.exists("k", "h"),
      await cached.type("z"),
    ];
    const first = await read();
    const sent = await monitored(server, async () => {
      assert.deepEqual(await read(), first);
    });
    assert.deepEqual(sent, []);
    assert.equal(cached.stats.hits, 10);
    assert.equal(cached.stats.misses, 10);
  },
);

testCache(
  "a change by another client is visible, and emits an event",
  async ({ cached, other, events }) => {
    await other.mset({ k: 1, l: 1 });
    assert.deepEqual(await cached.mget("k", "l"), ["1", "1"]);
    await other.set("k", 2);
    assert.deepEqual((await events.next("invalidated")).keys, ["k"]);
    assert.equal(await cached.get("k"), "2");
    assert.equal(cached.stats.invalidations, 1);
  },
);

testCache(
  "FLUSHALL by another client empties the cache",
  async ({ cached, other, events }) => {
    await other.set("k", 1);
    assert.equal(await cached.get("k"), "1");
    await other.flushall();
    assert.equal((await events.next("invalidated")).keys, null);
    assert.equal(cached.stats.entries, 0);
    assert.equal(await cached.get("k"), null);
  },
);

testCache(
  "absent and empty keys are cached, too",
  async ({ server, cached, other, events }) => {
    const read = () =>
      Promise.all([cached.get("no"), cached.smembers("no"), cached.mget("no")]);
    const first = await read();
    assert.deepEqual(first, [null, [], [null]]);
    assert.deepEqual(await monitored(server, read), []);
    await other.set("no", "yes");
    await events.next("invalidated");
    assert.equal(await cached.get("no"), "yes");
  },
);

testCache(
  "MGET fetches only the keys that are not cached",
  async ({ server, cached, other }) => {
    await other.mset({ a: 1, b: 2, c: 3 });
    await cached.get("a");
    const sent = await monitored(server, async () => {
      assert.deepEqual(await cached.mget("c", "a", "b", "c", "d"), [
        "3",
        "1",
        "2",
        "3",
        null,
      ]);
      assert.equal(await cached.get("b"), "2");
      assert.deepEqual(await cached.mget("d", "c"), [null, "3"]);
    });
    assert.deepEqual(sent, ["MGET c b d"]);
  },
);

testCache(
  "concurrent equal reads share one request, in one tick and later",
  async ({ server, redis, cached, other }) => {
    await other.set("k", "v");
    const sent = await monitored(server, async () => {
      // The server does not reply meanwhile.
      const asleep = other.send(["DEBUG", "SLEEP", 0.05]);
      const asked = Array.from({ length: 50 }, () => cached.get("k"));
      await redis.ping().then(() => {});
      asked.push(
        cached.with({ signal: new AbortController().signal }).get("k"),
      );
      assert.deepEqual(new Set(await Promise.all(asked)), new Set(["v"]));
      await asleep;
    });
    assert.equal(sent.filter((words) => words === "GET k").length, 1);
  },
);

Deno.test("one request serves calls of several ticks", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const { cached } = await cacheOver(redis);
  server.pause();
  const asked = [cached.get("k")];
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    asked.push(cached.get("k"));
  }
  server.resume();
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([null]));
  assert.equal(cached.stats.misses, 1);
  assert.equal(cached.stats.joined, 5);
});

testCache(
  "each caller gets its own arrays, records and bytes",
  async ({ cached, other }) => {
    await other.rpush("list", "a", "b");
    await other.hset("h", { f: "v" });
    for (let i = 0; i < 3; i++) {
      const list = await cached.lrange("list", 0, -1);
      const hash = await cached.hgetall("h");
      const raw = await cached.send(["LRANGE", "list", "0", "-1"]);
      const bytes = await cached.bytes.lrange("list", 0, -1);
      assert.deepEqual([list, raw], [["a", "b"], ["a", "b"]]);
      assert.deepEqual({ ...hash }, { f: "v" });
      assert.deepEqual(bytes[0], new Uint8Array([97]));
      list.reverse().push("mine");
      (raw as string[]).pop();
      hash.f = "mine";
      bytes[0]!.fill(0);
      (bytes[1]!.buffer as ArrayBuffer).transfer();
    }
  },
);

testCache(
  "a caller's bytes may change once its call has settled",
  async ({ server, cached, other }) => {
    await other.set("key", "right");
    server.pause();
    const key = new TextEncoder().encode("key");
    const stop = new AbortController();
    const aborted = cached.with({ signal: stop.signal }).get(key);
    const joined = cached.get("key");
    stop.abort(new Error("no longer"));
    assert.equal((await errorOf(aborted)).message, "no longer");
    key.fill(0);
    server.resume();
    assert.equal(await joined, "right");
  },
);

testCache(
  "an error reply is returned, but not cached",
  async ({ cached, other }) => {
    await other.rpush("list", "a");
    assert((await errorOf(cached.get("list"))) instanceof ReplyError);
    assert.deepEqual(await cached.mget("list"), [null]);
    await other.del("list");
    assert.equal(cached.stats.misses, 2);
    assert.equal(await cached.get("list"), null);
  },
);

testCache(
  "commands that are random, about time, or iterate are not cached",
  async ({ server, cached, other }) => {
    await other.sadd("s", "a");
    await other.set("k", "v", { ex: 100 });
    const read = () =>
      Promise.all([
        cached.srandmember("s"),
        cached.ttl("k"),
        cached.sscan("s", 0),
        cached.dbsize(),
        cached.objectEncoding("k"),
      ]);
    await read();
    assert.equal((await monitored(server, read)).length, 5);
    assert.equal(cached.stats.entries, 0);
  },
);

testCache(
  "an invalid argument is rejected, regardless of the cache",
  async ({ cached, other }) => {
    await other.set("null", "v");
    assert.equal(await cached.get("null"), "v");
    await assert.rejects(
      async () => await cached.get(null as never),
      TypeError,
    );
  },
);

testCache(
  "an aborted call rejects, even if the reply is in memory",
  async ({ cached }) => {
    await cached.get("k");
    const signal = AbortSignal.abort(new Error("no longer"));
    const error = await errorOf(cached.with({ signal }).get("k"));
    assert.equal(error.message, "no longer");
  },
);

Deno.test("withPrefix() works below and above a cache", async (t) => {
  await using server = await TestServer.start();
  for (const protocol of [2, 3] as const) {
    for (const cache of [{}, { prefixes: ["k"] }]) {
      await t.step(`RESP${protocol} ${JSON.stringify(cache)}`, async () => {
        await server.ask("FLUSHALL");
        await using other = await connect(server.url);
        await using redis = await connect(server.url, { protocol });
        const app = withPrefix(withPrefix(redis, "a:"), "b:");
        const { cached, events } = await cacheOver(app, cache);
        await other.mset({ "a:b:k": "1", "k": "wrong" });
        assert.equal(await cached.get("k"), "1");
        assert.deepEqual(await cached.mget("k", "k2"), ["1", null]);
        assert.equal(await cached.get("k"), "1");
        assert.equal(cached.stats.hits, 1);
        await other.mset({ "a:b:k": "2", "a:b:k2": "3" });
        while (cached.stats.invalidations < 2) await events.next("invalidated");
        assert.deepEqual(await cached.mget("k", "k2"), ["2", "3"]);
        assert.equal(await cached.exists("k", "k2"), 2);
        await cached.set("k", "4");
        assert.equal(await cached.get("k"), "4");
      });
    }
  }
  await t.step("above", async () => {
    await using redis = await connect(server.url);
    const { cached } = await cacheOver(redis);
    const app = withPrefix(cached, "above:");
    await app.set("k", "1");
    assert.equal(await app.get("k"), "1");
    assert.equal(await app.get("k"), "1");
    assert.equal(cached.stats.hits, 1);
  });
});

testCache(
  "with prefixes only keys under them are cached",
  async ({ server, cached, other, events }) => {
    await other.mset({ "user:1": 1, "item:1": 1, "else": 1 });
    // One message for each prefix.
    await events.next("invalidated");
    await events.next("invalidated");
    const read = async () => [
      await cached.get("user:1"),
      await cached.mget("user:1", "item:1"),
      await cached.get("else"),
    ];
    await read();
    assert.deepEqual(await monitored(server, read), ["GET else"]);
    await other.set("item:1", 2);
    assert.deepEqual((await events.next("invalidated")).keys, ["item:1"]);
    assert.deepEqual(await cached.mget("user:1", "item:1"), ["1", "2"]);
  },
  { cache: { prefixes: ["user:", "item:"] } },
);

testCache(
  "each of several connections is tracked",
  async ({ cached, other, events }) => {
    for (let round = 1; round <= 3; round++) {
      await other.mset(
        Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`k${i}`, round]),
        ),
      );
      while (cached.stats.invalidations < (round - 1) * 40) {
        await events.next("invalidated");
      }
      const values = await Promise.all(
        Array.from({ length: 40 }, (_, i) => cached.get(`k${i}`)),
      );
      assert.deepEqual(new Set(values), new Set([`${round}`]));
    }
  },
  { client: { connections: 4 } },
);

Deno.test("a server that refuses CLIENT TRACKING gives a clear error, or only the ttl on request", async () => {
  await using server = await TestServer.start();
  await server.ask(
    "ACL",
    "SETUSER",
    "app",
    "on",
    ">pw",
    "~*",
    "&*",
    "+@all",
    "-client|tracking",
  );
  for (const protocol of [2, 3] as const) {
    await using redis = await connect(server.url, {
      username: "app",
      password: "pw",
      protocol,
    });
    const cached = withCache(redis);
    let error: unknown;
    // In RESP2 the subscription comes first.
    while (error === undefined) {
      error = await cached.get("k").then(() => undefined, (error) => error);
    }
    assert.match(
      String(error),
      /Cannot cache as the server refused CLIENT TRACKING.*"tracking: false"/,
    );
    await cached.set("k", "1");
    cached[Symbol.dispose]();
    const plain = withCache(redis, { tracking: false, ttl: 60_000 });
    assert.equal(await plain.get("k"), "1");
    assert.equal(await plain.get("k"), "1");
    assert.equal(plain.stats.hits, 1);
    await plain.set("k", "2");
    assert.equal(await plain.get("k"), "2");
  }
  assert.throws(
    () => withCache({ over: () => {} } as never, { tracking: false }),
    /"tracking: false" needs a "ttl"/,
  );
});

testCache("a client can have only one cache", async ({ redis, cached }) => {
  const second = withCache(redis);
  const error = await errorOf(second.get("k"));
  assert.match(error.message, /have a cache already/);
  assert.equal(await cached.get("k"), null);
  second[Symbol.dispose]();
  assert.equal(await cached.get("k"), null);
  assert.equal(cached.stats.hits, 1);
});

testCache(
  "disposing of a cache ends tracking, and the client keeps working",
  async ({ server, redis, cached, other }) => {
    await other.set("k", 1);
    assert.equal(await cached.get("k"), "1");
    cached[Symbol.dispose]();
    assert.equal(cached.stats.entries, 0);
    await other.set("k", 2);
    assert.equal(await cached.get("k"), "2");
    assert.equal(await redis.get("k"), "2");
    const tracking = await clientsOf(server, / flags=\S*t/);
    assert.deepEqual(tracking, []);
    const next = await cacheOver(redis);
    assert.equal(await next.cached.get("k"), "2");
    await other.set("k", 3);
    await next.events.next("invalidated");
    assert.equal(await next.cached.get("k"), "3");
    assert.equal(cached.stats.invalidations, 0);
  },
);

testCache(
  "a closed client serves nothing from memory",
  async ({ redis, cached }) => {
    await cached.get("k");
    await redis.close();
    assert((await errorOf(cached.get("k"))) instanceof ClosedError);
  },
);

testCache(
  "a loop that reads from memory sees changes",
  async ({ cached, other }) => {
    await other.set("k", 1);
    assert.equal(await cached.get("k"), "1");
    const written = other.set("k", 2);
    const end = performance.now() + 60_000;
    while (await cached.get("k") === "1") assert(performance.now() < end);
    await written;
  },
);

Deno.test("withCache() rejects invalid options", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  for (
    const [options, message] of [
      [{ size: 1 }, /its option is unknown.*size/],
      [{ maxBytes: 0 }, /"maxBytes" must be above 0/],
      [{ maxEntries: NaN }, /"maxEntries" must be above 0/],
      [{ ttl: "1" }, /"ttl" must be above 0/],
      [{ pttl: 1 }, /"pttl" must be true or false/],
      [{ prefixes: [] }, /"prefixes" must be a list of strings/],
      [{ prefixes: "user:" }, /"prefixes" must be a list of strings/],
      [{ onEvent: 1 }, /"onEvent" must be a function/],
    ] as const
  ) assert.throws(() => withCache(redis, options as never), message);
});

Deno.test("the server remembers only what is cached", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const { cached } = await cacheOver(redis);
  const remembered = async () =>
    Number(
      /tracking_total_keys:(\d+)/.exec(await server.ask("INFO", "stats"))![1],
    );
  await Promise.all([
    redis.get("below"),
    cached.ttl("ttl"),
    cached.sscan("set", 0),
    cached.pipeline((p) => [p.get("piped"), p.hget("piped too", "f")]),
    cached.transaction((t) => [t.get("in a transaction")]),
    cached.eval("return redis.call('GET', KEYS[1])", ["in a script"], []),
  ]);
  assert.equal(await remembered(), 0);
  await cached.get("k");
  await cached.mget("k", "l");
  assert.equal(await remembered(), 2);
});
