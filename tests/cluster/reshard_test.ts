/**
 * Slots that migrate continuously under load: no command is lost, none is executed
 * twice, and callers see no errors.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type ClusterRedis,
  connectCluster,
} from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { testWith } from "../support/server_program.ts";
import { type Member, TestCluster } from "./test_cluster.ts";

const testCluster = await testWith("cluster");

const TAGS = ["{a}", "{b}", "{c}", "{d}"];
const MOVES = 80;
const TASKS = 20;

testCluster("while slots move every command is executed once", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 20_000,
  });
  const counts = new Map<string, number>();
  const count = (...keys: string[]) => {
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  let moving = true;
  const tasks = Promise.all(
    Array.from({ length: TASKS }, async (_, task) => {
      for (let i = 0; moving; i++) {
        const tag = TAGS[(task + i) % TAGS.length]!;
        const keys = [`${tag}${i % 7}`, `${tag}${(i + 1) % 7}`] as const;
        count(...await ask(redis, task % 5, keys));
      }
    }),
  );
  // When a move fails, the error to see is its own.
  tasks.catch(() => {});
  const homes = new Map(TAGS.map((tag) => [tag, cluster.ownerOf(slotOf(tag))]));
  for (let i = 0; i < MOVES; i++) {
    const tag = TAGS[i % TAGS.length]!;
    const from = homes.get(tag)!;
    const at = cluster.masters.indexOf(from);
    const to = cluster.masters[(at + 1) % cluster.masters.length]!;
    await move(cluster, slotOf(tag), from, to);
    homes.set(tag, to);
  }
  moving = false;
  await tasks;
  const found = await Promise.all(
    [...counts.keys()].map(async (key) => [key, Number(await redis.get(key))]),
  );
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(counts));
});

/** Does one kind of work; resolves to the final counter. */
async function ask(
  redis: ClusterRedis,
  kind: number,
  [one, two]: readonly [string, string],
): Promise<string[]> {
  switch (kind) {
    case 0:
      await redis.incr(one);
      return [one];
    case 1: {
      const keys = TAGS.map((tag) => `${tag}0`);
      await redis.pipeline((p) => keys.map((key) => p.incr(key)), {
        transaction: false,
      });
      return keys;
    }
    case 2:
      await redis.transaction((t) => [t.incr(one), t.incr(two)]);
      return [one, two];
    case 3:
      await redis.watch(one, async (watched) => {
        await watched.get(one);
        await watched.commit((t) => [t.incr(two)]);
      }, { attempts: 10_000 });
      return [two];
    default:
      assert.equal((await redis.mget(one, two, "other")).length, 3);
      return [];
  }
}

/** Migrates a slot, a few keys at a time. */
async function move(
  cluster: TestCluster,
  slot: number,
  from: Member,
  to: Member,
): Promise<void> {
  await cluster.migrate(slot, from, to);
  for (;;) {
    const words = ["CLUSTER", "GETKEYSINSLOT", slot, 2];
    const keys = await from.redis.send(words) as string[];
    if (keys.length === 0) break;
    await from.redis.send([
      ...["MIGRATE", "127.0.0.1", to.server.port, "", 0, 60_000],
      ...["KEYS", ...keys],
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await cluster.assign(slot, to);
}
