/**
 * Reads from memory beside a plain GET and beside node-redis's client-side cache,
 * misses beside GET, cache-aside in ten processes, and what entries take: as tables
 * for `lib/cache/README.md`.
 *
 * `deno task bench:cache`; with `memory` behind it only what entries take.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { createClient } from "npm:redis@6.3.1";
import { type CachedRedis, withCache } from "../lib/cache/cache.ts";
import { connect, type Redis } from "../mod.ts";
import { Askers } from "../tests/cache/askers.ts";
import { Chaos } from "../tests/support/chaos.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";
import { median } from "./work.ts";

answerHelp(`
Usage: deno task bench:cache [memory]

Measures reads from memory beside a plain GET and beside node-redis's cache, misses,
cache-aside in ten processes, and the memory of entries: two minutes. Prints tables.

  memory  only what entries take`);

const ROUNDS = 9;
const TASKS = 64;
const KEYS = 1_000;
/** What a round trip of the slow network takes at least, in ms. */
const SLOW_MS = 1;

interface Getter {
  get(key: string): Promise<unknown>;
}

type Name = (n: number) => string;

const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);
const known: Name = (n) => keys[n % KEYS]!;
let fresh = 0;
/** A key that nobody has asked for. */
const unknown: Name = () => `none:${fresh++}`;

/** How long a read takes where so many tasks read, in microseconds. */
async function timeOf(
  client: Getter,
  reads: number,
  tasks: number,
  name: Name,
): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: tasks }, async () => {
    while (next < reads) await client.get(name(next++));
  }));
  return (performance.now() - start) / reads * 1_000;
}

/** One kind of read, and how long it took in each round. */
interface Row {
  readonly title: string;
  /** The title of the row that it is compared with. */
  readonly beside?: string;
  readonly run: () => Promise<number>;
}

/** Runs all rows by turns; prints the median of each, and of its ratios to another within a round. */
async function compare(
  server: TestServer,
  rows: readonly Row[],
  rounds = ROUNDS,
): Promise<void> {
  const times = new Map<string, number[]>(rows.map(({ title }) => [title, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { title, run } of rows) {
      // A server remembers a million keys: what it forgets it would tell of.
      await server.ask("FLUSHALL");
      const time = await run();
      // The first round warms up.
      if (round > 0) times.get(title)!.push(time);
    }
  }
  for (const { title, beside } of rows) {
    const own = times.get(title)!;
    const others = beside === undefined ? own : times.get(beside)!;
    const ratio = median(own.map((time, i) => time / others[i]!));
    const compared = beside === undefined
      ? ""
      : ratio < 1
      ? `${(1 / ratio).toFixed(1)} times as fast as ${beside}`
      : `${((ratio - 1) * 100).toFixed(0)} % more than ${beside}`;
    console.log(`| ${title} | ${median(own).toFixed(2)} µs | ${compared} |`);
  }
}

async function speed(server: TestServer): Promise<void> {
  await using chaos = Chaos.before(server);
  chaos.toClient.delay = SLOW_MS;
  await using plain = await connect(server.url);
  await using below = await connect(server.url);
  await using far = await connect(chaos.url);
  await using farBelow = await connect(chaos.url);
  const cached = withCache(below);
  const farCached = withCache(farBelow);
  using remembered = await plain.lease();
  await remembered.send(["CLIENT", "TRACKING", "ON"]);
  const rival = createClient({
    url: server.url,
    RESP: 3,
    clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: "LRU" },
  });
  await rival.connect();
  const hits = (client: Getter, reads: number) => async () => {
    await timeOf(client, KEYS, TASKS, known);
    return await timeOf(client, reads, TASKS, known);
  };
  const misses = (client: Getter, reads: number, tasks: number) => () =>
    timeOf(client, reads, tasks, unknown);
  console.log("| Read | Time | |\n| --- | --- | --- |");
  await compare(server, [
    { title: "GET, 64 tasks", run: hits(plain, 100_000) },
    {
      title: "from memory, 64 tasks",
      beside: "GET, 64 tasks",
      run: hits(cached, 1_000_000),
    },
    {
      title: "node-redis from memory, 64 tasks",
      beside: "from memory, 64 tasks",
      run: hits(rival as Getter, 200_000),
    },
    { title: "GET, one at a time", run: misses(plain, 2_000, 1) },
    {
      title: "a miss, one at a time",
      beside: "GET, one at a time",
      run: misses(cached, 2_000, 1),
    },
    { title: "GET of new keys, 64 tasks", run: misses(plain, 20_000, TASKS) },
    {
      title: "a miss, 64 tasks",
      beside: "GET of new keys, 64 tasks",
      run: misses(cached, 20_000, TASKS),
    },
    {
      title: "GET with CLIENT TRACKING and no cache, 64 tasks",
      beside: "GET of new keys, 64 tasks",
      run: misses(remembered, 20_000, TASKS),
    },
  ]);
  await compare(server, [
    {
      title: `GET over ${SLOW_MS} ms, one at a time`,
      run: misses(far, 200, 1),
    },
    {
      title: `a miss over ${SLOW_MS} ms, one at a time`,
      beside: `GET over ${SLOW_MS} ms, one at a time`,
      run: misses(farCached, 200, 1),
    },
    {
      title: `GET over ${SLOW_MS} ms, 64 tasks`,
      run: misses(far, 6_400, TASKS),
    },
    {
      title: `a miss over ${SLOW_MS} ms, 64 tasks`,
      beside: `GET over ${SLOW_MS} ms, 64 tasks`,
      run: misses(farCached, 6_400, TASKS),
    },
  ], 5);
  rival.destroy();
}

/** How long the slowest of ten processes waits for 12 values each, whose load takes 200 ms. */
async function stampede(server: TestServer): Promise<void> {
  const slowest: number[] = [];
  let loads = 0;
  for (let round = 0; round < 3; round++) {
    await using askers = await Askers.start(server, {
      processes: 10,
      calls: 12,
      loadTime: 200,
    });
    await askers.begin();
    const results = await askers.results();
    slowest.push(Math.max(...results.map(({ time }) => time)));
    loads += (await askers.loaders(1)).length;
  }
  console.log(
    `\n120 calls of getOrSet() in ten processes, with a load of 200 ms: ${
      loads / 3
    } load, all have the value within ${Math.min(...slowest).toFixed(0)} to ${
      Math.max(...slowest).toFixed(0)
    } ms.`,
  );
}

/** What fills a cache one and a half times: how many values, how each is made and read. */
interface Filling {
  readonly count: number;
  readonly make?: (redis: Redis, i: number) => Promise<unknown>;
  readonly read: (cached: CachedRedis, i: number) => Promise<unknown>;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** So many values are made, or read, at a time. */
const AT_A_TIME = 200;

function texts(count: number, value: string, key = "k"): Filling {
  return {
    count,
    make: (redis, i) => redis.set(`${key}:${i}`, `${i}`.padEnd(8) + value),
    read: (cached, i) => cached.get(`${key}:${i}`),
  };
}

function inBytes(filling: Filling): Filling {
  const read: Filling["read"] = (cached, i) => cached.bytes.get(`k:${i}`);
  return { ...filling, read };
}

const FILLINGS: Record<string, Filling> = {
  "short texts": texts(95_000, ""),
  "texts of 1,000 characters": texts(20_000, "x".repeat(1_000)),
  "texts of 1,000 Cyrillic letters": texts(10_000, "ж".repeat(1_000)),
  "texts of 100,000 characters": texts(240, "x".repeat(100_000)),
  "keys of 500 characters": texts(33_000, "", "k".repeat(500)),
  "short bytes": inBytes(texts(60_000, "")),
  "bytes of 10,000": inBytes(texts(2_400, "x".repeat(10_000))),
  "keys that are not there": {
    count: 95_000,
    read: (cached, i) => cached.get(`none:${i}`),
  },
  "MGET of ten short texts": {
    ...texts(95_000, ""),
    read: async (cached, i) => {
      if (i % 10 > 0) return;
      await cached.mget(Array.from({ length: 10 }, (_, k) => `k:${i + k}`));
    },
  },
  "lists of 50": {
    count: 12_000,
    make: (redis, i) =>
      redis.rpush(
        `k:${i}`,
        ...Array.from({ length: 50 }, (_, k) => `${i}-${k}`),
      ),
    read: (cached, i) => cached.lrange(`k:${i}`, 0, -1),
  },
  "hashes of five fields": {
    count: 60_000,
    make: (redis, i) =>
      redis.hset(`k:${i}`, { name: `n${i}`, city: `c${i}`, a: i, b: i, c: i }),
    read: (cached, i) => cached.hgetall(`k:${i}`),
  },
  "sets of 50": {
    count: 12_000,
    make: (redis, i) =>
      redis.sadd(
        `k:${i}`,
        ...Array.from({ length: 50 }, (_, k) => `${i}-${k}`),
      ),
    read: (cached, i) => cached.smembers(`k:${i}`),
  },
  "fields of one hash": {
    count: 80_000,
    read: (cached, i) => cached.hget("h", `field:${i}`),
  },
  "scores": {
    count: 80_000,
    make: (redis, i) => redis.zadd("z", [[i + 0.5, `m${i}`]]),
    read: (cached, i) => cached.zscore("z", `m${i}`),
  },
  "intersections of two keys": {
    count: 60_000,
    make: (redis, i) => redis.sadd(`k:${i}`, "a", "b"),
    read: (cached, i) => cached.sinter(`k:${i}`, `k:${i + 1}`),
  },
};

async function each(
  count: number,
  run: (i: number) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < count; i += AT_A_TIME) {
    const length = Math.min(AT_A_TIME, count - i);
    await Promise.all(Array.from({ length }, (_, k) => run(i + k)));
  }
}

/** What the heap grows by when a cache is filled. */
async function memory(server: TestServer): Promise<void> {
  const gc = (globalThis as { gc?: () => void }).gc!;
  const usage = async () => {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc();
    }
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  console.log(
    "\n| Filled with | Entries | Bytes of each | Memory, of `maxBytes` |\n| --- | --- | --- | --- |",
  );
  const [first] = Object.entries(FILLINGS);
  // The first one warms up.
  for (
    const [i, [name, filling]] of [first!, ...Object.entries(FILLINGS)]
      .entries()
  ) {
    const { count, make, read } = filling;
    await using redis = await connect(server.url);
    await redis.flushall();
    if (make) await each(count, (i) => make(redis, i));
    const connected = Promise.withResolvers<void>();
    using cached = withCache(redis, {
      maxBytes: MAX_BYTES,
      onEvent: ({ kind }) => kind === "connected" && connected.resolve(),
    });
    await connected.promise;
    const before = await usage();
    await each(count, (i) => read(cached, i));
    const grown = await usage() - before;
    const { entries, evictions } = cached.stats;
    if (evictions === 0) throw new Error(`${name} do not fill the cache`);
    if (i === 0) continue;
    console.log(
      `| ${name} | ${entries.toLocaleString("en")} | ${
        (grown / entries).toFixed(0)
      } | ${(grown / MAX_BYTES * 100).toFixed(0)} % |`,
    );
  }
}

await using server = await TestServer.start();
if (Deno.args[0] !== "memory") {
  await speed(server);
  await stampede(server);
}
await memory(server);
