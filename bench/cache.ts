/**
 * Reads from memory, compared with a plain GET and with node-redis's client-side
 * cache, alternating in one run; and the memory of an entry.
 *
 * `deno task bench:cache`.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { createClient } from "npm:redis@6.3.1";
import { withCache } from "../lib/cache/cache.ts";
import { connect } from "../mod.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";
import { median } from "./work.ts";

answerHelp(`
Usage: deno task bench:cache

Compares reads from memory with a plain GET and with node-redis's cache, and
measures the memory of an entry. Takes some minutes.`);

const ROUNDS = 5;
const TASKS = 64;
const KEYS = 1_000;

interface Getter {
  get(key: string): Promise<unknown>;
}

const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);

/** Reads per second of several tasks; `name` gives the key of the n-th read. */
async function rate(
  client: Getter,
  reads: number,
  name: (n: number) => string,
): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: TASKS }, async () => {
    while (next < reads) await client.get(name(next++));
  }));
  return reads / (performance.now() - start) * 1_000;
}

/** The time of one read, without concurrency, in microseconds. */
async function latency(
  client: Getter,
  reads: number,
  name: (n: number) => string,
): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < reads; i++) await client.get(name(i));
  return (performance.now() - start) / reads * 1_000;
}

function show(name: string, rates: number[], unit: string): number {
  const middle = median(rates);
  console.log(`${name.padEnd(36)}${middle.toFixed(1).padStart(14)} ${unit}`);
  return middle;
}

async function speed(server: TestServer): Promise<void> {
  await using plain = await connect(server.url);
  await using below = await connect(server.url);
  const cached = withCache(below);
  const rival = createClient({
    url: server.url,
    RESP: 3,
    clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: "LRU" },
  });
  await rival.connect();
  for (const key of keys) await plain.set(key, `the value of ${key}`);
  const known = (n: number) => keys[n % KEYS]!;
  const results = {
    plain: [] as number[],
    hits: [] as number[],
    rival: [] as number[],
    plainOnce: [] as number[],
    missOnce: [] as number[],
    plainMany: [] as number[],
    missMany: [] as number[],
  };
  let fresh = 0;
  const unknown = () => `none:${fresh++}`;
  for (let round = 0; round <= ROUNDS; round++) {
    const measured = {
      plain: await rate(plain, 200_000, known),
      hits: await rate(cached, 2_000_000, known),
      rival: await rate(rival as Getter, 500_000, known),
      plainOnce: await latency(plain, 3_000, unknown),
      missOnce: await latency(cached, 3_000, unknown),
      plainMany: await rate(plain, 50_000, unknown),
      missMany: await rate(cached, 50_000, unknown),
    };
    // The first round warms up.
    if (round === 0) continue;
    for (const name of Object.keys(results) as (keyof typeof results)[]) {
      results[name].push(measured[name]);
    }
  }
  const base = show("GET, 64 tasks", results.plain, "/s");
  const hits = show("GET from memory, 64 tasks", results.hits, "/s");
  const theirs = show("node-redis, from memory", results.rival, "/s");
  console.log(
    `from memory: ${(hits / base).toFixed(1)} times a GET, ${
      (hits / theirs).toFixed(1)
    } times node-redis`,
  );
  const once = show("GET, one after another", results.plainOnce, "µs");
  const miss = show("a miss, one after another", results.missOnce, "µs");
  console.log(`a miss takes ${((miss / once - 1) * 100).toFixed(0)} % more`);
  show("GET of new keys, 64 tasks", results.plainMany, "/s");
  show("misses, 64 tasks", results.missMany, "/s");
  rival.destroy();
}

/** The growth of the heap per byte that the cache counts. */
async function memory(server: TestServer): Promise<void> {
  const count = 50_000;
  const fillings: Record<string, (i: number) => [key: string, run: Fill]> = {
    "short strings": (i) => [`s:${i}`, (c, k) => c.get(k)],
    "strings of 1,000": (i) => [`l:${i % 10_000}`, (c, k) => c.get(k)],
    "absent keys": (i) => [`absent:${i}`, (c, k) => c.get(k)],
    "bytes": (i) => [`s:${i}`, (c, k) => c.bytes.get(k)],
    "fields of one hash": (i) => ["hash", (c, k) => c.hget(k, `field:${i}`)],
    "hashes": (i) => [`h:${i % 10_000}`, (c, k) => c.hgetall(k)],
  };
  await using redis = await connect(server.url);
  const set = Array.from(
    { length: count },
    (_, i) => redis.set(`s:${i}`, `v${i}`),
  );
  await Promise.all(set);
  for (let i = 0; i < 10_000; i++) {
    redis.set(`l:${i}`, `${i}`.padEnd(1_000, "x"));
    await redis.hset(`h:${i}`, { name: `n${i}`, city: `c${i}`, age: i });
  }
  const gc = (globalThis as { gc?: () => void }).gc!;
  for (const [name, filling] of Object.entries(fillings)) {
    const cached = withCache(redis, { maxBytes: 1e9 });
    await redis.ping();
    gc();
    const usage = () => {
      const { heapUsed, external } = Deno.memoryUsage();
      return heapUsed + external;
    };
    const before = usage();
    for (let i = 0; i < count; i += 500) {
      const batch = Array.from({ length: 500 }, (_, k) => {
        const [key, run] = filling(i + k);
        return run(cached, key);
      });
      await Promise.all(batch);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    const grown = usage() - before;
    const { bytes, entries } = cached.stats;
    console.log(
      `${name.padEnd(20)} ${entries} entries, ${
        (grown / entries).toFixed(0)
      } bytes each, counted as ${(bytes / entries).toFixed(0)}: ${
        ((bytes / grown - 1) * 100).toFixed(0)
      } %`,
    );
    cached[Symbol.dispose]();
  }
}

type Fill = (
  client: ReturnType<typeof withCache<string>>,
  key: string,
) => Promise<unknown>;

await using server = await TestServer.start();
if (Deno.args[0] !== "memory") await speed(server);
await memory(server);
