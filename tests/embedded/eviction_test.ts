/**
 * Eviction when memory is full. Keys are drawn at random, so the tests accept much
 * less than the likely result.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Core } from "../../lib/embedded/core.ts";
import type { Effect } from "../../lib/embedded/model/effect.ts";
import { makePipe } from "../../lib/embedded/base/pipe.ts";
import { comparison } from "../support/compared_server.ts";
import { Asker } from "./asker.ts";
import { comparePlays } from "./play.ts";

/** Room for about five hundred keys of a hundred bytes. */
const ROOM = 120_000;
/** When a test begins: early in a minute, as frequencies of use decay by whole minutes. */
const START = Math.ceil(Date.now() / 60_000) * 60_000 + 1_000;

/** A server whose clock the test sets. */
class Server implements AsyncDisposable {
  readonly core: Core;
  readonly asker: Asker;
  readonly effects: string[] = [];
  readonly #served: Promise<void>;
  #now = START;

  constructor(policy: string) {
    this.core = new Core({ config: { "maxmemory-policy": policy } });
    this.core.tick = () => this.core.now = this.#now;
    this.core.effects.sinks.add((effects: readonly Effect[]) => {
      for (const { args } of effects) this.effects.push(args.join(" "));
    });
    const [ours, theirs] = makePipe();
    this.#served = this.core.sessions.serve(theirs);
    this.asker = new Asker(ours);
  }

  ask(...args: (string | number)[]): Promise<unknown> {
    return this.asker.ask(...args);
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.#now += ms;
  }

  /** Sets `count` keys with a common prefix, each with further arguments. */
  async fill(
    name: string,
    count: number,
    ...more: (string | number)[]
  ): Promise<void> {
    const value = "x".repeat(100);
    await this.asker.all(
      Array.from(
        { length: count },
        (_, i) => ["SET", `${name}:${i}`, value, ...more],
      ),
    );
  }

  /** How many keys with a prefix are left. */
  async left(name: string): Promise<number> {
    return (await this.ask("KEYS", `${name}:*`) as string[]).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.asker[Symbol.dispose]();
    this.core.close();
    await this.#served;
  }
}

comparison(
  "refuses commands with OOM at maxmemory, as Redis does",
  async (t) => {
    await comparePlays(t, 2, {
      "commands": [
        "a SET k 1; CONFIG SET maxmemory 1",
        "a SET k 2; GET k; INCR k; PING; LPUSH l 1; EXISTS l; DEL k",
        "a CONFIG SET maxmemory 0; SET k 3",
      ],
      "in MULTI commands that need no memory are queued": [
        "a SET k 1; CONFIG SET maxmemory 1",
        "a MULTI; GET k; EXEC; MULTI; PING; DISCARD; GET k",
        "a CONFIG SET maxmemory 0; SET k 3",
      ],
      "EXEC is refused because of a queued command": [
        "a SET k 1; MULTI; SET k 2; GET k",
        "b CONFIG SET maxmemory 1",
        "a EXEC; EXEC; GET k",
        "b CONFIG SET maxmemory 0",
        "a MULTI; GET k",
        "b CONFIG SET maxmemory 1",
        "a EXEC",
        "b CONFIG SET maxmemory 0",
      ],
      "volatile-lru has nothing to evict without keys that expire": [
        "a SET k 1; CONFIG SET maxmemory 1 maxmemory-policy volatile-lru",
        "a SET k 2; GET k",
        "a CONFIG SET maxmemory 0 maxmemory-policy noeviction",
      ],
      "the active policy decides on the replies of OBJECT": [
        "a SET k 1; OBJECT FREQ k",
        // Without decay: a minute may end between two commands.
        "a CONFIG SET maxmemory-policy allkeys-lfu lfu-decay-time 0",
        "a SET n text; OBJECT FREQ n; GET n; OBJECT FREQ n; OBJECT IDLETIME n",
        "a OBJECT FREQ none; OBJECT IDLETIME none",
        "a CONFIG SET maxmemory-policy noeviction lfu-decay-time 1",
      ],
    });
  },
);

for (
  const policy of [
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
  ]
) {
  Deno.test(`${policy} keeps the data within the limit`, async () => {
    await using server = new Server(policy);
    await server.ask("CONFIG", "SET", "maxmemory", ROOM);
    await server.fill("k", 2000, "EX", 1000);
    const size = await server.left("k");
    ok(size > 100 && size < 1000, `${size} keys are left`);
    const info = String(await server.ask("INFO"));
    match(info, new RegExp(`evicted_keys:${2000 - size}\r`));
    const used = Number(/used_memory:(\d+)/.exec(info)![1]);
    ok(used <= ROOM, `${used} bytes are used`);
    equal(used, counted(server.core));
  });
}

/** The total size, counted from scratch. */
function counted(core: Core): number {
  core.config.set([["maxmemory", "0"]]);
  core.config.set([["maxmemory", String(ROOM)]]);
  return core.eviction.used;
}

Deno.test("the running total of sizes stays correct under all commands", async () => {
  await using server = new Server("noeviction");
  await server.ask("CONFIG", "SET", "maxmemory", 10 * ROOM);
  await server.fill("k", 50);
  await server.fill("e", 50, "PX", 1);
  await server.asker.all([
    ["RPUSH", "list", ..."abcdef".repeat(20)],
    ["LTRIM", "list", 0, 10],
    ["SADD", "set", "one", "two", 3],
    ["SPOP", "set"],
    ["ZADD", "zset", 1, "a", 2, "b"],
    ["ZUNIONSTORE", "other", 2, "zset", "set"],
    ["HSET", "hash", "f", "v".repeat(500)],
    ["XADD", "stream", "*", "f", "v".repeat(500)],
    ["APPEND", "k:1", "more"],
    ["SETRANGE", "k:2", 1000, "far"],
    ["RENAME", "k:3", "k:4"],
    ["COPY", "k:5", "list", "REPLACE"],
    ["MOVE", "k:6", 5],
    ["SWAPDB", 0, 3],
    ["SET", "k", 1],
    ["SWAPDB", 1, 3],
    ["DEL", "hash"],
    ["PFADD", "hll", 1, 2, 3],
    ["SORT", "list", "ALPHA", "STORE", "sorted"],
  ]);
  server.pass(10);
  await server.ask("SELECT", 1);
  await server.ask("KEYS", "*");
  await server.asker.all(
    Array.from({ length: 50 }, (_, i) => ["GET", `e:${i}`]),
  );
  const { used } = server.core.eviction;
  ok(used > 5_000);
  equal(used, counted(server.core));
  await server.ask("FLUSHALL");
  equal(server.core.eviction.used, 0);
});

Deno.test("LRU keeps recently used keys", async () => {
  for (const policy of ["allkeys-lru", "volatile-lru"]) {
    await using server = new Server(policy);
    await server.fill("cold", 200, "EX", 1000);
    await server.fill("hot", 200, "EX", 1000);
    server.pass(60_000);
    await server.asker.all(
      Array.from({ length: 200 }, (_, i) => ["GET", `hot:${i}`]),
    );
    await server.ask("CONFIG", "SET", "maxmemory", ROOM);
    server.pass(1_000);
    await server.fill("new", 250, "EX", 1000);
    const [hot, cold] = [await server.left("hot"), await server.left("cold")];
    ok(hot > 150 && cold < 80, `${policy}: ${hot} hot, ${cold} cold`);
  }
});

Deno.test("LFU keeps frequently used keys, even if not used recently", async () => {
  for (const policy of ["allkeys-lfu", "volatile-lfu"]) {
    await using server = new Server(policy);
    await server.fill("hot", 200, "EX", 1000);
    for (let round = 0; round < 30; round++) {
      await server.asker.all(
        Array.from({ length: 200 }, (_, i) => ["GET", `hot:${i}`]),
      );
    }
    server.pass(1_000);
    await server.fill("cold", 200, "EX", 1000);
    await server.ask("CONFIG", "SET", "maxmemory", ROOM);
    await server.fill("new", 250, "EX", 1000);
    const [hot, cold] = [await server.left("hot"), await server.left("cold")];
    // In 300 runs: 199 or 200 hot keys, and about 108 ± 15 cold ones.
    ok(hot > 150 && cold < 160, `${policy}: ${hot} hot, ${cold} cold`);
  }
});

Deno.test("a frequency grows slowly, and decays", async () => {
  await using server = new Server("allkeys-lfu");
  await server.ask("SET", "k", 1);
  equal(await server.ask("OBJECT", "FREQ", "k"), 5);
  for (let i = 0; i < 200; i++) await server.ask("GET", "k");
  const often = Number(await server.ask("OBJECT", "FREQ", "k"));
  // The first use always counts; in 3,000 runs the result was 8 to 18.
  ok(often > 5 && often < 30, `${often} after 200 uses`);
  // A new value keeps the frequency of the old one.
  await server.ask("SET", "k", 2);
  ok(Number(await server.ask("OBJECT", "FREQ", "k")) >= often);
  server.pass(5 * 60_000);
  const faded = Number(await server.ask("OBJECT", "FREQ", "k"));
  ok(faded === often - 5 || faded === often - 4, `${faded}, was ${often}`);
  server.pass(300 * 60_000);
  equal(await server.ask("OBJECT", "FREQ", "k"), 0);
});

Deno.test("a read with CLIENT NO-TOUCH does not count as a use", async () => {
  await using server = new Server("allkeys-lru");
  await server.ask("SET", "k", "v");
  await server.ask("CLIENT", "NO-TOUCH", "ON");
  server.pass(10_000);
  await server.ask("GET", "k");
  equal(await server.ask("OBJECT", "IDLETIME", "k"), 10);
  await server.ask("TOUCH", "k");
  equal(await server.ask("OBJECT", "IDLETIME", "k"), 0);
  server.pass(5_000);
  await server.ask("CLIENT", "NO-TOUCH", "OFF");
  await server.ask("GET", "k");
  equal(await server.ask("OBJECT", "IDLETIME", "k"), 0);
});

Deno.test("volatile-ttl evicts the keys that expire soonest", async () => {
  await using server = new Server("volatile-ttl");
  await server.fill("soon", 200, "EX", 10);
  await server.fill("late", 200, "EX", 10_000);
  await server.fill("never", 10);
  await server.ask("CONFIG", "SET", "maxmemory", ROOM);
  await server.fill("new", 250, "EX", 5_000);
  const [soon, late] = [await server.left("soon"), await server.left("late")];
  ok(late > 150 && soon < 80, `${late} late, ${soon} soon`);
  equal(await server.left("never"), 10);
});

Deno.test("evicted keys propagate as deletions, and are notified", async () => {
  await using server = new Server("allkeys-random");
  await server.ask("CONFIG", "SET", "notify-keyspace-events", "Ee");
  const [ours, theirs] = makePipe();
  const served = server.core.sessions.serve(theirs);
  {
    using listener = new Asker(ours);
    await listener.ask("SUBSCRIBE", "__keyevent@0__:evicted");
    await server.ask("SET", "k", "v");
    await server.ask("CONFIG", "SET", "maxmemory", 1);
    match(String(await server.ask("SET", "other", "v")), /^OK$/);
    deepEqual(await listener.next(), [
      "message",
      "__keyevent@0__:evicted",
      "k",
    ]);
    deepEqual(server.effects, ["SET k v", "DEL k", "SET other v"]);
  }
  await served;
});
