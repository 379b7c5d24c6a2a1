/**
 * A cluster that loses masters.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ConnectionError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { becomes, TestCluster } from "./test_cluster.ts";

const testCluster = await testWith("cluster");

testCluster(
  "behaviour 66: when a master is lost its replica is found, by commands and by subscriptions",
  async () => {
    await using cluster = await TestCluster.start(3, true);
    await using redis = await connectCluster(cluster.urls, {
      commandTimeout: 15_000,
      connectTimeout: 500,
    });
    const keys = Array.from({ length: 30 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => redis.set(key, key)));
    await using news = await redis.psubscribe("new*", { gaps: true });
    await using shard = await redis.ssubscribe("key:0");
    const lost = cluster.ownerOf(slotOf("key:0"));
    await becomes(async () =>
      /connected_slaves:1/.test(await lost.server.ask("INFO", "replication"))
    );
    const before = Number(await redis.get("key:1") !== null);
    assert.equal(before, 1);
    let failed = 0;
    const counted = Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        try {
          await redis.incr(`{key:0}count:${i % 5}`);
        } catch (error) {
          // Commands that were written when it died may have been executed.
          assert(error instanceof ConnectionError && error.maybeExecuted);
          failed++;
        }
      }),
    );
    await lost.server.kill();
    await counted;
    // Commands from now on wait for the replica.
    for (const key of keys) assert.equal(await redis.get(key), key);
    assert.equal(await redis.set("{key:0}new", 1), "OK");
    let total = 0;
    for (let i = 0; i < 5; i++) {
      total += Number(await redis.get(`{key:0}count:${i}`));
    }
    assert(
      total >= 50 - failed && total <= 50,
      `${total} of 50, ${failed} failed`,
    );
    const hears = async (
      listen: AsyncIterator<unknown>,
      say: () => Promise<unknown>,
    ) => {
      const heard = (async () => {
        for (;;) {
          const { value } = await listen.next();
          if ((value as { message?: unknown }).message === "again") return true;
        }
      })();
      const timer = setInterval(() => say().catch(() => {}), 50);
      await heard;
      clearInterval(timer);
    };
    await hears(news, () => redis.publish("news", "again"));
    await hears(shard, () => redis.spublish("key:0", "again"));
  },
);
