import assert from "node:assert/strict";
import {
  type Codec,
  getOrSet,
  structured,
  withCache,
} from "../../lib/cache/cache.ts";
import { connect, type Redis } from "../../mod.ts";
import { clientsOf, errorOf, sleep, until } from "../client/support.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { Askers } from "./askers.ts";

const test = await testWith("scripting");

/** Several clients that share nothing, like separate processes. */
async function clients(
  server: TestServer,
  count: number,
  stack: AsyncDisposableStack,
): Promise<Redis[]> {
  const all = await Promise.all(
    Array.from({ length: count }, () => connect(server.url)),
  );
  for (const redis of all) stack.use(redis);
  return all;
}

test("getOrSet() loads once for all concurrent misses, over one client and over many", async () => {
  await using server = await TestServer.start();
  await using stack = new AsyncDisposableStack();
  const all = await clients(server, 10, stack);
  let loads = 0;
  const load = async () => {
    loads++;
    await sleep(200);
    return { from: "the database" };
  };
  const values = await Promise.all(
    Array.from(
      { length: 120 },
      (_, i) => getOrSet(all[i % 10]!, "k", { ex: 60 }, load),
    ),
  );
  assert.equal(loads, 1);
  for (const value of values) assert.deepEqual(value, { from: "the database" });
  assert.equal(new Set(values).size, 120);
  assert.deepEqual(await getOrSet(all[0]!, "k", { ex: 60 }, load), values[0]);
  assert.equal(loads, 1);
  assert.equal(await all[0]!.get("k"), JSON.stringify(values[0]));
  const ttl = await all[0]!.ttl("k");
  assert(ttl > 50 && ttl <= 60);
});

test("getOrSet() waits for messages, and sends no commands meanwhile", async () => {
  await using server = await TestServer.start();
  await using stack = new AsyncDisposableStack();
  const [one, two, look] = await clients(server, 3, stack) as [
    Redis,
    Redis,
    Redis,
  ];
  const calls = async () =>
    Number(
      /cmdstat_evalsha:calls=(\d+)/.exec(
        await look.info("commandstats"),
      )?.[1] ?? 0,
    );
  const go = Promise.withResolvers<number>();
  const first = getOrSet(
    one,
    "k",
    { ex: 60, lockTime: 60_000 },
    () => go.promise,
  );
  await until(async () => await look.exists("k") === 1);
  const second = getOrSet(two, "k", { ex: 60 }, () => 2);
  await until(async () => (await clientsOf(server, / sub=1 /)).length === 1);
  await until(async () => await calls() >= 3);
  const before = await calls();
  await sleep(300);
  assert.equal(await calls(), before);
  go.resolve(1);
  assert.deepEqual(await Promise.all([first, second]), [1, 1]);
});

test("the loader's error rejects all waiting calls in its process; another process then loads", async () => {
  await using server = await TestServer.start();
  await using stack = new AsyncDisposableStack();
  const [one, two] = await clients(server, 2, stack) as [Redis, Redis];
  const go = Promise.withResolvers<number>();
  const asked = [1, 2, 3].map(() =>
    getOrSet(one, "k", { ex: 60 }, () => go.promise)
  );
  await until(async () => await two.exists("k") === 1);
  const other = getOrSet(two, "k", { ex: 60 }, () => 7);
  go.reject(new Error("no database"));
  for (const each of asked) {
    assert.equal((await errorOf(each)).message, "no database");
  }
  assert.equal(await other, 7);
  assert.equal(await getOrSet(one, "k", { ex: 60 }, () => 8), 7);
});

test("a process that dies while loading blocks others for a limited time; a live one may take longer", async () => {
  await using server = await TestServer.start();
  await using stack = new AsyncDisposableStack();
  const [dying, slow, other] = await clients(server, 3, stack) as [
    Redis,
    Redis,
    Redis,
  ];
  // The key as a killed process leaves it.
  await dying.set("k", "\0sorrel:loading:dead", { px: 300 });
  assert.equal(await getOrSet(other, "k", { ex: 60 }, () => 1), 1);
  // Renewed every third of it: a busy machine may be late with that.
  const lockTime = 6_000;
  const options = { ex: 60, lockTime };
  const loading = getOrSet(slow, "slow", options, async () => {
    await sleep(lockTime + 500);
    return 1;
  });
  await until(async () => await other.exists("slow") === 1);
  assert.equal(await getOrSet(other, "slow", options, () => 2), 1);
  assert.equal(await loading, 1);
});

test("a key that changes while its value is loaded keeps the change", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const value = await getOrSet(redis, "k", { ex: 60 }, async () => {
    await redis.set("k", '"newer"');
    return "older";
  });
  assert.equal(value, "older");
  assert.equal(await redis.get("k"), '"newer"');
});

test("beta reloads a value before it expires, while other calls get the old one", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  let loads = 0;
  const load = async () => {
    await sleep(20);
    return ++loads;
  };
  const often = { ex: 60, beta: 1e9 };
  assert.equal(await getOrSet(redis, "k", often, load), 1);
  assert.equal(await getOrSet(redis, "k", often, load), 2);
  assert.equal(await getOrSet(redis, "k", { ex: 60, beta: 1e-9 }, load), 2);
  assert.equal(await getOrSet(redis, "k", { ex: 60 }, load), 2);
  assert.equal(loads, 2);
});

test("a key that changes while its value is reloaded early keeps the change", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const often = { ex: 60, beta: 1e9 };
  const put = async (value: string) => {
    await redis.del("k");
    await getOrSet(redis, "k", often, async () => {
      await sleep(2);
      return value;
    });
  };
  await put("old");
  const deleted = await getOrSet(redis, "k", often, async () => {
    await redis.del("k");
    return "reloaded";
  });
  assert.equal(deleted, "reloaded");
  assert.equal(await redis.get("k"), null);
  await put("old");
  await getOrSet(redis, "k", often, async () => {
    await redis.set("k", '"newer"');
    return "reloaded";
  });
  assert.equal(await redis.get("k"), '"newer"');
});

test("an early load that fails rejects its call, and the value stays", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const often = { ex: 60, beta: 1e9 };
  await getOrSet(redis, "k", often, () => sleep(2).then(() => 1));
  const failing = getOrSet(redis, "k", often, () => {
    throw new Error("no database");
  });
  assert.equal((await errorOf(failing)).message, "no database");
  assert.equal(await getOrSet(redis, "k", { ex: 60 }, () => 2), 1);
});

test("a load that fails, or a codec, rejects and leaves no key behind", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const decode = () => 0;
  const codecs: [Codec<number>["encode"], RegExp][] = [
    [() => {
      throw new Error("no code");
    }, /no code/],
    [() => undefined as never, /codec must encode it as text or bytes/],
    [() => 5 as never, /codec must encode it as text or bytes/],
    [() => "\0sorrel:loading:1", /begins as the mark/],
  ];
  for (const [encode, message] of codecs) {
    const options = { ex: 60, codec: { encode, decode } };
    await assert.rejects(getOrSet(redis, "k", options, () => 1), message);
    assert.equal(await redis.exists("k"), 0);
  }
  await assert.rejects(
    getOrSet(redis, "k", { ex: 60 }, () => undefined),
    /JSON has nothing for it/,
  );
  await assert.rejects(
    getOrSet(redis, "k", { ex: 60 }, () => {
      throw new Error("at once");
    }),
    /at once/,
  );
  assert.equal(await getOrSet(redis, "k", { ex: 60 }, () => null), null);
  assert.equal(await redis.get("k"), "null");
});

test("a load that hangs renews its token until that is gone or the client is closed", async () => {
  await using server = await TestServer.start();
  await using other = await connect(server.url);
  await using redis = await connect(server.url);
  const scripts = async () =>
    /cmdstat_evalsha:calls=(\d+)/.exec(await other.info("commandstats"))?.[1];
  const hang = () => new Promise<never>(() => {});
  const ends = {
    gone: () => other.set("gone", 1),
    closed: () => redis.close(),
  };
  for (const [key, end] of Object.entries(ends)) {
    getOrSet(redis, key, { ex: 60, lockTime: 900 }, hang);
    await until(async () => await other.exists(key) === 1);
    const begun = await scripts();
    await until(async () => await scripts() !== begun);
    await end();
    await until(async () => {
      const before = await scripts();
      // Longer than between two renewals.
      await sleep(400);
      return await scripts() === before;
    });
  }
  // Timers that go on fail this test: its sanitizer is on.
});

test("ex takes parts of a second", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  for (const beta of [0, 1e9]) {
    for (const ex of [1.1, 2.5]) {
      let loads = 0;
      const load = () => sleep(2).then(() => ++loads);
      for (let i = 0; i < 2; i++) {
        const value = await getOrSet(redis, "k", { ex, beta }, load);
        assert.equal(value, loads);
      }
      const left = await redis.pttl("k");
      assert(left <= ex * 1_000, `${left}`);
      await redis.del("k");
    }
  }
});

test("a value that expires while it is loaded early is replaced all the same", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  let loads = 0;
  const load = (ms: number) => () => sleep(ms).then(() => ++loads);
  const options = { ex: 0.3, beta: 1e9, lockTime: 60_000 };
  await getOrSet(redis, "k", options, load(2));
  assert.equal(
    await getOrSet(redis, "k", { ...options, ex: 60 }, load(600)),
    2,
  );
  assert.equal(await getOrSet(redis, "k", { ex: 60 }, load(2)), 2);
  // A load that fails leaves it its time.
  const failing = getOrSet(redis, "k", { ...options, lockTime: 90_000 }, () => {
    throw new Error("no database");
  });
  await assert.rejects(failing, /no database/);
  const left = await redis.pttl("k");
  assert(left > 0 && left <= 60_000, `${left}`);
});

test("a value that has expired on the server, and not yet in the cache, is loaded and kept", async () => {
  if (!await TestServer.has("debug")) return;
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const cached = withCache(redis);
  await server.ask("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  let loads = 0;
  const load = () => sleep(2).then(() => ++loads);
  const options = { ex: 3, beta: 1e-9 };
  await getOrSet(cached, "k", options, load);
  await until(async () => {
    const { hits } = cached.stats;
    await getOrSet(cached, "k", options, load);
    return cached.stats.hits > hits;
  });
  // Nobody deletes the key, so nobody tells the cache.
  await sleep(3_100);
  const value = await getOrSet(cached, "k", { ex: 60, beta: 1e-9 }, load);
  assert.equal(value, loads);
  assert.equal(await getOrSet(redis, "k", { ex: 60 }, load), value);
});

test("getOrSet() works with codecs, a cache and bytes", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const cached = withCache(redis);
  const codec: Codec<Map<string, Date>> = structured();
  const options = { ex: 60, codec };
  const made = new Map([["now", new Date(0)]]);
  for (let i = 0; i < 5; i++) {
    const value = await getOrSet(cached.bytes, "k", options, () => made);
    assert.deepEqual(value, made);
  }
  const client = cached.bytes;
  await until(async () => {
    const { hits } = cached.stats;
    await getOrSet(client, "k", options, () => made);
    return cached.stats.hits > hits;
  });
});

test("getOrSet() rejects invalid options", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  for (
    const [options, message] of [
      [{}, /"ex" must be seconds, from 0.001 to/],
      [{ ex: 0.0001 }, /"ex" must be seconds, from 0.001 to/],
      [{ ex: 1e16 }, /"ex" must be seconds, from 0.001 to/],
      [{ ex: Infinity }, /"ex" must be seconds, from 0.001 to/],
      [{ ex: 1, px: 5 }, /its option is unknown.*px/],
      [{ ex: 1, beta: -1 }, /"beta" must be at least 0/],
      [{ ex: 1, lockTime: 0.5 }, /"lockTime" must be whole milliseconds/],
    ] as const
  ) {
    await assert.rejects(
      getOrSet(redis, "k", options as never, () => 1),
      message,
    );
  }
  await assert.rejects(getOrSet(redis, "k", { ex: 1 }, 1 as never), TypeError);
  assert.equal(await redis.exists("k"), 0);
});

/** The values that are right, as JSON. */
const LOADED = ['{"from":"the database"}'];

test("120 calls in ten processes: one load, for which nobody asks the server again and again", async () => {
  await using server = await TestServer.start();
  await using askers = await Askers.start(server, {
    processes: 10,
    calls: 12,
    loadTime: "told",
    lockTime: 60_000,
  });
  await askers.begin();
  await askers.waiting(9);
  // Each looks, and the nine that wait look again once they have subscribed.
  const scripts = () => askers.executed("evalsha", "eval");
  await until(async () => await scripts() >= 19);
  const before = await askers.executed("evalsha", "eval", "get");
  await sleep(300);
  assert.equal(await askers.executed("evalsha", "eval", "get"), before);
  await askers.go();
  const results = await askers.results();
  assert.equal(results.length, 10);
  for (const { values } of results) assert.deepEqual(values, LOADED);
  assert.equal((await askers.loaders(1)).length, 1);
  // The nine look once more when they are told, and the value was put there.
  assert.equal(await scripts(), 19 + 9 + 1);
});

test("a process that is killed while it loads frees the others by time", async () => {
  await using server = await TestServer.start();
  await using askers = await Askers.start(server, {
    processes: 3,
    calls: 4,
    loadTime: "told",
    // The first renews it: a busy machine may be late with that.
    lockTime: 5_000,
  });
  await askers.begin();
  await askers.waiting(2);
  const [first] = await askers.loaders(1);
  await askers.kill(first!);
  const loaders = await askers.loaders(2);
  assert.equal(loaders.length, 2);
  assert.notEqual(loaders[1], first);
  await askers.go();
  const results = await askers.results();
  assert.equal(results.length, 2);
  for (const { values } of results) assert.deepEqual(values, LOADED);
});
