/**
 * Reads from the replicas of a cluster.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ConnectionError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const test = await testWith("cluster");

async function gets({ server }: Member): Promise<number> {
  const stats = await server.ask("INFO", "commandstats");
  return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

test("reads go to replicas if the client or the call says so", async () => {
  await using cluster = await TestCluster.start(3, true);
  await using redis = await connectCluster(cluster.urls, {
    readFrom: "preferReplica",
  });
  const master = cluster.ownerOf(slotOf("k"));
  const replica = cluster.replicas[cluster.masters.indexOf(master)]!;
  await redis.set("k", "v");
  await becomes(async () => await redis.get("k") === "v");
  const before = await gets(replica);
  const atMaster = await gets(master);
  for (let i = 0; i < 10; i++) assert.equal(await redis.get("k"), "v");
  assert.equal(await gets(replica) - before, 10);
  assert.equal(await redis.with({ readFrom: "master" }).get("k"), "v");
  assert.equal(await gets(master) - atMaster, 1);

  // The connection is lost: READONLY must be sent again.
  await replica.redis.send([
    "CLIENT",
    "KILL",
    "TYPE",
    "normal",
    "SKIPME",
    "yes",
  ]);
  for (let i = 0; i < 10; i++) assert.equal(await redis.get("k"), "v");
  await becomes(async () => {
    assert.equal(await redis.get("k"), "v");
    return await gets(replica) - before > 15;
  });

  await replica.server.kill();
  for (let i = 0; i < 4; i++) assert.equal(await redis.get("k"), "v");
  await assert.rejects(
    redis.with({ readFrom: "replica" }).get("k"),
    (error: Error) => {
      assert(error instanceof ConnectionError && !error.maybeExecuted);
      return true;
    },
  );
  await assert.rejects(
    // @ts-expect-error -- not a valid value of `readFrom`
    connectCluster(cluster.urls, { readFrom: "slave" }),
    /TypeError.*"readFrom"/,
  );
});
