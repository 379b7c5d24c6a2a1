/**
 * Atomic slot migration (Valkey 9): slots change nodes with all their keys at once,
 * under load.
 *
 * @see https://valkey.io/topics/atomic-slot-migration/
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { atLeast, probe } from "../support/server_program.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const program = await probe();
const ignore = program.kind !== "valkey" || !atLeast(program, "9.0");

const TAGS = ["{a}", "{b}", "{c}", "{d}"];
const MOVES = 12;

/** Moves the slot of a tag to another master. */
async function migrate(
  tag: string,
  from: Member,
  to: Member,
): Promise<void> {
  const slot = slotOf(tag);
  await from.redis.send([
    ...["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", to.id],
  ]);
  await becomes(async () => {
    const migrations = await from.redis.clusterGetslotmigrations();
    assert(
      migrations.every(({ state }) => state !== "failed"),
      JSON.stringify(migrations),
    );
    const said = await to.redis.send(["CLUSTER", "COUNTKEYSINSLOT", slot])
      .catch(() => 0);
    const owner = String(await to.redis.send(["CLUSTER", "NODES"]))
      .split("\n").find((line) => line.includes("myself"))!;
    const owns = owner.split(" ").slice(8).some((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return first! <= slot && slot <= last!;
    });
    return Number(said) > 0 && owns;
  }, 30_000);
}

Deno.test(
  "while slots migrate atomically every command is executed once, and SCAN misses nothing",
  { ignore },
  async () => {
    await using cluster = await TestCluster.start(3, false, {
      "cluster-node-timeout": "2000",
    });
    await using redis = await connectCluster(cluster.urls, {
      commandTimeout: 20_000,
    });
    const still = TAGS.flatMap((tag) =>
      Array.from({ length: 100 }, (_, i) => `${tag}still:${i}`)
    );
    await redis.mset(Object.fromEntries(still.map((key) => [key, "v"])));
    const counts = new Map<string, number>();
    const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
    let moving = true;
    const tasks = Array.from({ length: 20 }, async (_, task) => {
      for (let i = 0; moving; i++) {
        const tag = TAGS[(task + i) % TAGS.length]!;
        const keys = [`${tag}${i % 7}`, `${tag}${(i + 1) % 7}`] as const;
        switch (task % 4) {
          case 0:
            await redis.incr(keys[0]);
            add(keys[0]);
            break;
          case 1:
            await redis.pipeline((p) => TAGS.map((tag) => p.incr(`${tag}0`)), {
              transaction: false,
            });
            for (const tag of TAGS) add(`${tag}0`);
            break;
          case 2:
            await redis.transaction((t) => keys.map((key) => t.incr(key)));
            keys.forEach(add);
            break;
          default:
            await redis.watch(keys[0], async (watched) => {
              await watched.get(keys[0]);
              await watched.commit((t) => [t.incr(keys[1])]);
            }, { attempts: 10_000 });
            add(keys[1]);
        }
      }
    });
    const scans = (async () => {
      let count = 0;
      for (; moving; count++) {
        const found = new Set(
          await Array.fromAsync(redis.scanIter({ match: "*still:*" })),
        );
        assert.equal(found.size, still.length);
      }
      return count;
    })();
    const homes = new Map(
      TAGS.map((tag) => [tag, cluster.ownerOf(slotOf(tag))]),
    );
    for (let i = 0; i < MOVES; i++) {
      const tag = TAGS[i % TAGS.length]!;
      const from = homes.get(tag)!;
      const to = cluster.masters[(cluster.masters.indexOf(from) + 1) % 3]!;
      await migrate(tag, from, to);
      homes.set(tag, to);
    }
    moving = false;
    await Promise.all(tasks);
    assert(await scans > 0);
    for (const [key, expected] of counts) {
      assert.equal(await redis.get(key), `${expected}`, key);
    }
  },
);
