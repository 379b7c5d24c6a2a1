/**
 * The outcomes that a cluster's client reports: the executed commands, their order,
 * and replies that combine several nodes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ConnectionError, ReplyError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestCluster } from "./test_cluster.ts";

const test = await testWith("cluster");

/** The cluster serves the slots of the remaining nodes. */
const PARTIAL = { "cluster-require-full-coverage": "no" };
const KEYS = Array.from({ length: 30 }, (_, i) => `key:${i}`);
const plain = { transaction: false } as const;

test("when a node is lost, each command of a pipeline has its own outcome", async () => {
  await using cluster = await TestCluster.start(3, false, PARTIAL);
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 1_000,
  });
  await redis.ping();
  const lost = cluster.ownerOf(slotOf("key:0"));
  const isLost = (key: string) => cluster.ownerOf(slotOf(key)) === lost;
  await lost.server.kill();
  const outcomes = await redis.pipeline((p) => KEYS.map((key) => p.incr(key)), {
    ...plain,
    raiseOnError: false,
  });
  for (const [i, key] of KEYS.entries()) {
    const outcome = outcomes[i];
    if (isLost(key)) {
      assert(outcome instanceof ConnectionError, key);
      assert.equal(outcome.maybeExecuted, false);
    } else assert.equal(outcome, 1, key);
  }
  const partly = (error: Error) => {
    assert(error instanceof ConnectionError, `${error}`);
    assert.equal(error.maybeExecuted, true, error.message);
    return true;
  };
  await assert.rejects(
    redis.pipeline((p) => KEYS.map((key) => p.incr(key)), plain),
    partly,
  );
  await assert.rejects(redis.del(...KEYS), partly);
  const values = Object.fromEntries(KEYS.map((key) => [key, "v"]));
  await assert.rejects(redis.mset(values), partly);
  await assert.rejects(redis.flushall(), partly);
  // A read may be retried.
  await assert.rejects(redis.mget(...KEYS), (error: Error) => {
    assert(error instanceof ConnectionError && !error.maybeExecuted);
    return true;
  });
});

test("a refused command of a pipeline is not executed after a later one on its key", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  const slot = slotOf("{a}");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  await redis.mset({ "{a}1": 0, "{a}2": 0 });
  await cluster.migrate(slot, from, to);
  const words = ["MIGRATE", "127.0.0.1", to.server.port, "{a}2", 0, 60_000];
  await from.redis.send(words);
  // Each node has one of the keys: MSET is refused, SET is not.
  const outcomes = redis.pipeline(
    (p) => [p.mset({ "{a}1": 1, "{a}2": 1 }), p.set("{a}1", 2)],
    { ...plain, raiseOnError: false },
  );
  const [refused, set] = await outcomes;
  assert(refused instanceof ReplyError && refused.code === "TRYAGAIN");
  assert.equal(set, "OK");
  assert.equal(await redis.get("{a}1"), "2");
  // Commands that no later one has overtaken wait for the slot.
  const waits = redis.pipeline(
    (p) => [p.set("{a}1", 3), p.mget("{a}1", "{a}2")],
    plain,
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await from.redis.send([...words.slice(0, 3), "{a}1", 0, 60_000]);
  await cluster.assign(slot, to);
  assert.deepEqual(await waits, ["OK", ["3", "0"]]);
});

test("the messages of one publisher arrive in order", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  await using news = await redis.subscribe("news");
  const heard: number[] = [];
  const all = (async () => {
    for await (const { message } of news) {
      if (message === "end") return;
      heard.push(Number(message));
    }
  })();
  for (let i = 0; i < 2_000; i++) await redis.publish("news", `${i}`);
  await redis.publish("news", "end");
  await all;
  assert.deepEqual(heard, Array.from({ length: 2_000 }, (_, i) => i));
});

test("commands about all nodes are sent to all", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  const [one, two] = cluster.masters;
  await using _a = await one!.redis.subscribe(["news", "other"]);
  await using _b = await two!.redis.subscribe("news");
  await using _c = await two!.redis.psubscribe("n*");
  assert.deepEqual(await redis.pubsubNumsub("news", "other"), [
    ["news", 2],
    ["other", 1],
  ]);
  assert.deepEqual((await redis.pubsubChannels()).sort(), ["news", "other"]);
  assert.equal(await redis.pubsubNumpat(), 1);

  const known = await redis.scriptLoad("return 1");
  await one!.redis.scriptFlush();
  const everywhere = await redis.scriptLoad("return 2");
  assert.deepEqual(await redis.scriptExists(known, everywhere), [0, 1]);

  await redis.set("key", "v");
  for (let i = 0; i < 6; i++) assert.equal(await redis.randomkey(), "key");
  await redis.configSet({ "slowlog-max-len": "7" });
  for (const master of redis.masters()) {
    const { "slowlog-max-len": value } = await master.configGet(
      "slowlog-max-len",
    );
    assert.equal(value, "7");
  }

  await assert.rejects(redis.wait(1, 100), /TypeError.*WAIT.*lease\(\)/);
  await assert.rejects(
    redis.pipeline((p) => [p.set("key", "w"), p.wait(1, 100)], plain),
    /TypeError.*WAIT.*lease\(\)/,
  );
  assert.equal(await redis.get("key"), "v");
  await assert.rejects(
    redis.psubscribe("__keyspace@0__:*"),
    /TypeError.*masters\(\)/,
  );
});

test("scanIter() finds every key during a failover and a slot migration", async () => {
  await using cluster = await TestCluster.start(3, true);
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 20_000,
  });
  const keys = Array.from({ length: 3_000 }, (_, i) => `key:${i}`);
  await redis.mset(Object.fromEntries(keys.map((key) => [key, "v"])));
  await cluster.copied();
  const found = new Set<string>();
  const pages = redis.scanIter()[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await pages.next();
    if (!done) found.add(value);
    return !done;
  };
  for (let i = 0; i < 500; i++) await next();
  // One node that was not scanned yet, and the one that is being scanned.
  await cluster.masters[2]!.server.kill();
  for (let i = 0; i < 100; i++) await next();
  await cluster.failOver(cluster.replicas[0]!);
  while (await next());
  assert.equal(found.size, keys.length);
});

test("scanIter() ends, and finds every key, while a slot is migrating", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  const keys = Array.from({ length: 600 }, (_, i) => `key:${i}`);
  const moving = Array.from({ length: 300 }, (_, i) => `{a}${i}`);
  await redis.mset(
    Object.fromEntries([...keys, ...moving].map((key) => [key, "v"])),
  );
  const slot = slotOf("{a}");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  await cluster.migrate(slot, from, to);
  const found = new Set<string>();
  let moved = 0;
  for await (const key of redis.scanIter({ count: 20 })) {
    found.add(key);
    // Some of its keys are moved meanwhile; the slot keeps migrating.
    if (found.size % 10 > 0 || moved >= 200) continue;
    const some = moving.slice(moved, moved += 10);
    await from.redis.send([
      ...["MIGRATE", "127.0.0.1", to.server.port, "", 0, 60_000, "KEYS"],
      ...some,
    ]);
  }
  assert.equal(moved, 200);
  assert.equal(found.size, keys.length + moving.length);
});
