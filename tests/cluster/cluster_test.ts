/**
 * A client for a real cluster of three masters.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type ClusterRedis,
  connectCluster,
} from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ReplyError, TimeoutError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const testCluster = await testWith("cluster");

/** Keys of different slots. */
const KEYS = Array.from({ length: 60 }, (_, i) => `key:${i}`);
/** A key, its slot, the node that has it, and another node. */
interface Place {
  key: string;
  slot: number;
  from: Member;
  to: Member;
}

function place(cluster: TestCluster, key: string): Place {
  const slot = slotOf(key);
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  return { key, slot, from, to };
}

async function withCluster(
  run: (redis: ClusterRedis, cluster: TestCluster) => Promise<void>,
): Promise<void> {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls[0]!);
  await run(redis, cluster);
}

function test(
  name: string,
  run: (redis: ClusterRedis, cluster: TestCluster) => Promise<void>,
): void {
  testCluster(name, () => withCluster(run));
}

test("each command goes to the node of its key", async (redis, cluster) => {
  await Promise.all(KEYS.map((key, i) => redis.set(key, i)));
  for (const [i, key] of KEYS.entries()) {
    assert.equal(await redis.get(key), `${i}`);
    const { from } = place(cluster, key);
    assert.equal(await from.redis.get(key), `${i}`);
  }
  const commandsRefused = await Promise.all(
    cluster.masters.map(async ({ redis }) =>
      /errorstat_MOVED/.test(String(await redis.send(["INFO", "errorstats"])))
    ),
  );
  assert.deepEqual(commandsRefused, [false, false, false]);
});

test("commands with keys in several slots are split, or rejected before anything is sent", async (redis) => {
  await redis.mset(Object.fromEntries(KEYS.map((key, i) => [key, i])));
  const wanted = [...KEYS, "nowhere"];
  assert.deepEqual(await redis.mget(...wanted), [
    ...KEYS.map((_, i) => `${i}`),
    null,
  ]);
  assert.equal(await redis.exists(...wanted), KEYS.length);
  assert.equal(await redis.dbsize(), KEYS.length);
  assert.deepEqual((await redis.keys("key:*")).sort(), [...KEYS].sort());
  const found = await Array.fromAsync(redis.scanIter({ count: 7 }));
  assert.deepEqual(found.sort(), [...KEYS].sort());
  const bytes = await Array.fromAsync(redis.bytes.scanIter({ match: "key:1" }));
  assert.deepEqual(bytes, [new TextEncoder().encode("key:1")]);
  assert.equal(await redis.unlink(...KEYS.slice(10)), KEYS.length - 10);
  assert.equal(await redis.del(...wanted), 10);
  await assert.rejects(redis.sinter("a", "b"), /TypeError.*one slot/);
  await assert.rejects(redis.send(["SCAN", "x"]), /TypeError.*cursor/);
  await redis.set("a", 1);
  assert.equal(await redis.flushall(), "OK");
  assert.equal(await redis.dbsize(), 0);
});

test(
  "behaviour 61: MOVED is followed, and many redirects load one slot map",
  async (redis, cluster) => {
    const { slot, to } = place(cluster, "k");
    await becomes(async () => {
      const before = await cluster.asked();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return before === await cluster.asked();
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await cluster.assign(slot, to);
    const before = await cluster.asked();
    const done = await Promise.all(
      Array.from({ length: 200 }, (_, i) => redis.set(`{k}${i}`, i)),
    );
    assert.equal(done.length, 200);
    assert.equal(await to.redis.get("{k}7"), "7");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = await cluster.asked() - before;
    assert(asked >= 1 && asked <= 2, `${asked}`);
  },
);

test(
  "behaviour 62: a key of a migrating slot is read from the target, with no command in between",
  async (redis, cluster) => {
    const { slot, from, to } = place(cluster, "{m}");
    await redis.set("{m}old", "old");
    await cluster.migrate(slot, from, to);
    const tasks: Promise<unknown>[] = [];
    for (let i = 0; i < 100; i++) {
      tasks.push(redis.set(`{m}${i}`, i), redis.get("{m}old"), redis.ping());
    }
    const replies = await Promise.all(tasks);
    assert.deepEqual(replies.slice(0, 3), ["OK", "old", "PONG"]);
    assert.equal(await redis.get("{m}99"), "99");
    assert.deepEqual(
      await redis.transaction((t) => [t.incr("{m}n"), t.incr("{m}n")]),
      [1, 2],
    );
    assert.equal(
      await redis.with({ timeout: 1_000 }).blpop(["{m}list"], 0.05),
      null,
    );
    // Each node has one of the keys: TRYAGAIN, until the target has both.
    const both = redis.mget("{m}old", "{m}1");
    await new Promise((resolve) => setTimeout(resolve, 200));
    await from.redis.send([
      ...["MIGRATE", "127.0.0.1", to.server.port, "{m}old", 0, 60_000],
    ]);
    assert.deepEqual(await both, ["old", "1"]);
    await cluster.assign(slot, to);
    assert.equal(await redis.get("{m}old"), "old");
  },
);

test(
  "behaviour 63: commands for a slot without a node wait, until the deadline",
  async (redis, cluster) => {
    const { slot, from } = place(cluster, "k");
    await Promise.all(
      cluster.masters.map(({ redis }) =>
        redis.send(["CLUSTER", "DELSLOTS", slot])
      ),
    );
    const waits = redis.set("k", "v");
    waits.catch(() => {});
    await assert.rejects(
      redis.with({ timeout: 300 }).get("k"),
      (error: Error) => {
        assert(error instanceof TimeoutError);
        assert.match(error.message, /^GET found no node: .*CLUSTERDOWN/);
        return true;
      },
    );
    await Promise.all(
      cluster.masters.map(({ redis }) =>
        redis.send(["CLUSTER", "SETSLOT", slot, "NODE", from.id])
      ),
    );
    assert.equal(await waits, "OK");
  },
);

test(
  "behaviour 64: a pipeline goes to all nodes, and only redirected commands are sent again",
  async (redis, cluster) => {
    const { slot, to } = place(cluster, KEYS[0]!);
    await cluster.assign(slot, to);
    const replies = await redis.pipeline(
      (p) => [...KEYS.map((key) => p.incr(key)), p.ping(), p.mget("a", "b")],
      { transaction: false },
    );
    assert.deepEqual(replies, [...KEYS.map(() => 1), "PONG", [null, null]]);
    for (const key of KEYS) assert.equal(await redis.get(key), "1");
    const mixed = await redis.pipeline(
      (p) => [p.set("s", "x"), p.incr("s"), p.incr(KEYS[1]!)],
      { transaction: false, raiseOnError: false },
    );
    assert(mixed[1] instanceof ReplyError);
    assert.deepEqual([mixed[0], mixed[2]], ["OK", 2]);
    await assert.rejects(
      redis.pipeline((p) => [p.get("a"), p.get("b")]),
      /TypeError.*\{ transaction: false \}/,
    );
  },
);

test(
  "transactions, watch, leases, scripts and locks use the node of their keys",
  async (redis, cluster) => {
    for (const key of KEYS.slice(0, 10)) {
      const [one, two] = await redis.transaction((t) => [
        t.incr(`{${key}}n`),
        t.incr(`{${key}}n`),
      ]);
      assert.deepEqual([one, two], [1, 2]);
      const total = await redis.watch(`{${key}}n`, async (watched) => {
        const n = Number(await watched.get(`{${key}}n`));
        return await watched.commit((t) => [t.set(`{${key}}n`, n + 1)]);
      });
      assert.deepEqual(total, ["OK"]);
      using lease = await redis.lease();
      assert.equal(await lease.get(`{${key}}n`), "3");
      const script = redis.script("return redis.call('GET', KEYS[1])");
      assert.equal(await script.run([`{${key}}n`], []), "3");
    }
    // A watched key that has moved is watched on its new node.
    const { key, slot, to } = place(cluster, "w");
    await cluster.assign(slot, to);
    await redis.watch(
      key,
      (watched) => watched.commit((t) => [t.set(key, "x")]),
    );
    assert.equal(await to.redis.get(key), "x");
    await using lock = await redis.lock("mutex", { ttl: 5_000 });
    assert.equal(typeof lock.token, "string");
    const popped = redis.blpop(["queue"], 5);
    await redis.rpush("queue", "job");
    assert.deepEqual(popped && (await popped), ["queue", "job"]);
  },
);

test("a subscription gets messages of all nodes", async (redis, cluster) => {
  await using news = await redis.subscribe("news");
  await using shard = await redis.ssubscribe(["{s}a", "{s}b"]);
  for (const { redis } of cluster.masters) await redis.publish("news", "hello");
  for (let i = 0; i < 3; i++) {
    assert.equal((await news.next()).value?.message, "hello");
  }
  await redis.spublish("{s}a", "one");
  assert.equal((await shard.next()).value?.message, "one");
  // The shard's slot moves, and the subscription moves with it.
  const { slot, to } = place(cluster, "{s}");
  await cluster.assign(slot, to);
  await becomes(async () => {
    const counts = await to.redis.send(["PUBSUB", "SHARDNUMSUB", "{s}b"]);
    return (counts as unknown[])[1] === 1;
  });
  await redis.spublish("{s}b", "two");
  assert.equal((await shard.next()).value?.message, "two");
});

test(
  "in a pipeline, commands for several nodes keep their order",
  async (redis, cluster) => {
    const [one, two] = ["a", "b"];
    assert.notEqual(cluster.ownerOf(slotOf(one)), cluster.ownerOf(slotOf(two)));
    const plain = { transaction: false } as const;
    await redis.pipeline((p) => [p.del(one, two), p.set(one, "x")], plain);
    assert.equal(await redis.get(one), "x");
    await redis.pipeline((p) => [p.flushall(), p.set(one, "0")], plain);
    const [before] = await redis.pipeline(
      (p) => [p.mget(one, two), p.set(one, "1")],
      plain,
    );
    assert.deepEqual(before, ["0", null]);
    // If one command cannot be sent, none is.
    await assert.rejects(
      redis.pipeline((p) => [p.set(two, "w"), p.send(["SELECT", 0])], plain),
      TypeError,
    );
    assert.equal(await redis.get(two), null);
  },
);

test("a script is not retried because of its own error text", async (redis) => {
  const script =
    "redis.call('INCR', KEYS[1]) return redis.error_reply('TRYAGAIN')";
  await assert.rejects(redis.eval(script, ["n"], []), /TRYAGAIN/);
  assert.equal(await redis.get("n"), "1");
});

test(
  "SCAN finds every key even if the order of the masters changes",
  async (redis, cluster) => {
    const keys = Array.from({ length: 900 }, (_, i) => `key:${i}`);
    await redis.mset(Object.fromEntries(keys.map((key) => [key, "v"])));
    const found = new Set<string>();
    let cursor = "0";
    let pages = 0;
    do {
      const page = await redis.scan(cursor, { count: 50 });
      for (const key of page.items) found.add(key);
      ({ cursor } = page);
      if (++pages === 8) {
        await cluster.assign(0, cluster.masters[2]!);
        await redis.refresh();
      }
    } while (cursor !== "0");
    assert.equal(found.size, keys.length);
  },
);

test("a lease uses the node of its first key, in concurrent calls, too", async (redis) => {
  await redis.set("a", 1);
  using lease = await redis.lease();
  await lease.ping();
  assert.deepEqual(
    await Promise.all([lease.get("a"), lease.get("a"), lease.ping()]),
    ["1", "1", "PONG"],
  );
  for (const master of redis.masters()) await master.close();
  assert.equal(await redis.get("a"), "1");
});

test(
  "a sharded subscription survives a slot that no node serves for a while",
  async (redis, cluster) => {
    const { slot, from, to } = place(cluster, "{s}");
    const live = await redis.ssubscribe("{s}a");
    for (const { redis } of cluster.masters) {
      await redis.send(["CLUSTER", "DELSLOTS", slot]);
    }
    const late = redis.ssubscribe("{s}b");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await cluster.assign(slot, to);
    await using heard = await late;
    let again = false;
    live.next().then(() => again = true);
    await becomes(async () => {
      await redis.spublish("{s}a", "x");
      return again;
    });
    await redis.spublish("{s}b", "y");
    assert.equal((await heard.next()).value?.message, "y");
    // Unsubscribing on close must not go to a node that would refuse it.
    await cluster.assign(slot, from);
    await live.close();
  },
);

testCluster("connectCluster() rejects with a clear error", async () => {
  await using server = await TestServer.start();
  await assert.rejects(
    connectCluster(server.url),
    (error: Error) =>
      error instanceof ReplyError &&
      /cluster support disabled/.test(error.message),
  );
  await server.kill();
  await assert.rejects(
    connectCluster(server.url, { connectTimeout: 500 }),
    /ConnectionError: Cannot learn the nodes of the cluster: 127\.0\.0\.1:\d+: /,
  );
  await assert.rejects(connectCluster([]), /TypeError/);
  await assert.rejects(connectCluster("redis://localhost/3"), /TypeError/);
});
