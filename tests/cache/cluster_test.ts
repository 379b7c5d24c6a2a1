/**
 * Caches over several servers: a cluster with migrating slots, a master that
 * Sentinels replace, a master with replicas.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster, connectSentinel } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { connect, type Redis } from "../../mod.ts";
import { Deployment } from "../cluster/test_sentinels.ts";
import { becomes, TestCluster } from "../cluster/test_cluster.ts";
import { testWith } from "../support/server_program.ts";
import { cacheOver } from "./support.ts";

const testCluster = await testWith("cluster");
const testSentinel = await testWith("sentinel");

testCluster(
  "a cache over a cluster: each node invalidates its keys",
  async (t) => {
    await using cluster = await TestCluster.start();
    for (const protocol of [2, 3] as const) {
      await t.step(`RESP${protocol}`, async () => {
        await using other = await connectCluster(cluster.urls);
        await using redis = await connectCluster(cluster.urls, { protocol });
        const { cached, events } = await cacheOver(redis);
        const keys = ["a", "b", "c", "d", "e", "f"];
        await other.mset(Object.fromEntries(keys.map((key) => [key, "1"])));
        const warm = async () => {
          await cached.mget(keys);
          await cached.exists(keys);
          const { misses } = cached.stats;
          await cached.mget(keys);
          assert.equal(await cached.get("c"), "1");
          assert.equal(await cached.exists(keys), 6);
          return cached.stats.misses === misses;
        };
        await becomes(warm);
        await other.mset(Object.fromEntries(keys.map((key) => [key, "2"])));
        await other.del("f");
        while (cached.stats.invalidations < 6) await events.next("invalidated");
        await becomes(async () => (await cached.exists(keys)) === 5);
        assert.deepEqual(await cached.mget("a", "f", "e"), ["2", null, "2"]);
        await cached.set("f", "3");
        assert.equal(await cached.get("f"), "3");
      });
    }
  },
);

testCluster(
  "migrating slots empty a cache, also of absent keys",
  async () => {
    await using cluster = await TestCluster.start();
    await using redis = await connectCluster(cluster.urls);
    const { cached } = await cacheOver(redis);
    const key = "{moved}k";
    await becomes(async () => {
      await cached.get(key);
      return cached.stats.hits > 0;
    });
    const slot = slotOf(key);
    const from = cluster.ownerOf(slot);
    const to = cluster.masters[(cluster.masters.indexOf(from) + 1) % 3]!;
    await cluster.migrate(slot, from, to);
    // During the migration a reply comes through ASK, and is not cached.
    cached.clear();
    assert.equal(await cached.get(key), null);
    assert.equal(await cached.get(key), null);
    assert.equal(cached.stats.entries, 0);
    await cluster.assign(slot, to);
    await becomes(async () => {
      await cached.get(key);
      return cached.stats.entries > 0;
    });
    await to.redis.set(key, "there");
    await becomes(async () => (await cached.get(key)) === "there");
    const back = "{moved}other";
    await becomes(async () => {
      await cached.get(back);
      return cached.stats.entries > 1;
    });
    await to.redis.del(key);
    // The source node would never report that the key exists on the target now.
    await cluster.assign(slot, from);
    await redis.refresh();
    assert.equal(cached.stats.entries, 0);
  },
);

testSentinel(
  "a failover empties a cache, and the next master is tracked",
  async () => {
    await using all = await Deployment.start();
    await using redis = await connectSentinel(
      all.sentinels.map(({ url }) => url),
      { master: "m" },
    );
    const { cached, events } = await cacheOver(redis);
    await cached.set("k", "1");
    await becomes(async () => {
      await cached.get("k");
      return cached.stats.entries > 0;
    });
    await all.clients[0]!.send(["SENTINEL", "FAILOVER", "m"]);
    await events.next("disconnected");
    assert.equal(cached.stats.entries, 0);
    await events.next("connected");
    const [, port] = (await all.clients[0]!.sentinelGetMasterAddrByName("m"))!;
    await using direct: Redis = await connect({ port: Number(port) });
    await becomes(async () => {
      await cached.get("k");
      return cached.stats.entries > 0;
    });
    await direct.set("k", "2");
    await becomes(async () => (await cached.get("k")) === "2");
  },
);
