/**
 * Redirects: the limit on following them, how those of a pipeline are sent, and the
 * counts for each node.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ConnectionError, TimeoutError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const test = await testWith("cluster");
const plain = { transaction: false } as const;

async function count({ server }: Member, what: RegExp): Promise<number> {
  return Number(what.exec(await server.ask("INFO", "all"))?.[1] ?? 0);
}

const MOVED = /errorstat_MOVED:count=(\d+)/;

test("no more than maxRedirections are followed", async () => {
  await using cluster = await TestCluster.start();
  const slot = slotOf("k");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  const moved = async () => await count(from, MOVED) + await count(to, MOVED);
  for (const maxRedirections of [0, 3]) {
    await using redis = await connectCluster(cluster.urls, { maxRedirections });
    // From now on the two nodes redirect to each other.
    await from.redis.send(["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
    const before = await moved();
    const gaveUp = (error: Error) => {
      assert(error instanceof ConnectionError, `${error}`);
      assert(!(error instanceof TimeoutError) && !error.maybeExecuted);
      assert.match(error.message, /^SET found no node: .*MOVED/);
      return true;
    };
    await assert.rejects(redis.set("k", "w"), gaveUp);
    assert.equal(await moved() - before, maxRedirections + 1);
    const [outcome] = await redis.pipeline((p) => [p.set("k", "w")], {
      ...plain,
      raiseOnError: false,
    });
    assert(gaveUp(outcome as Error));
    assert.equal(await moved() - before, 2 * (maxRedirections + 1));
    await from.redis.send(["CLUSTER", "SETSLOT", slot, "NODE", from.id]);
  }
});

test("the redirected commands of a pipeline go to their node together", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls, {
    refreshInterval: 0,
  });
  const slot = slotOf("{k}");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  await redis.set("{k}", 0);
  await from.redis.send(["DEL", "{k}"]);
  // Each of the commands gets ASK.
  await cluster.migrate(slot, from, to);
  const reads = /total_reads_processed:(\d+)/;
  const commands = Array.from({ length: 500 }, (_, i) => `{k}${i}`);
  const send = () =>
    redis.pipeline((p) => commands.map((key) => p.incr(key)), plain);
  const once = await count(to, reads);
  assert.deepEqual(await send(), commands.map(() => 1));
  const asked = await count(to, reads) - once;
  // Includes messages that nodes of a cluster send to each other.
  assert(asked < 250, `500 commands after ASK arrived in ${asked} reads`);
  await cluster.assign(slot, to);
  const twice = await count(to, reads);
  assert.deepEqual(await send(), commands.map(() => 2));
  const moved = await count(to, reads) - twice;
  assert(moved < 250, `500 commands after MOVED arrived in ${moved} reads`);
});

test("statistics() counts commands and failures of each node", async () => {
  await using cluster = await TestCluster.start(3, true, {
    "cluster-require-full-coverage": "no",
    // The replica of a killed master must stay a replica.
    "cluster-node-timeout": "10000",
  });
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 1_000,
  });
  const nodeOf = ({ server }: Member) =>
    redis.statistics().find(({ port }) => port === server.port)!;
  const statistics = redis.statistics();
  assert.equal(statistics.length, 6);
  const slots = statistics.filter(({ role }) => role === "master")
    .reduce((sum, { slots }) => sum + slots, 0);
  assert.equal(slots, 16_384);
  const slot = slotOf("k");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  const replica = cluster.replicas[cluster.masters.indexOf(from)]!;
  const before = nodeOf(from);
  assert.deepEqual(
    { ...before, slots: 0 },
    {
      hostname: "127.0.0.1",
      port: from.server.port,
      role: "master",
      slots: 0,
      isUp: true,
      pending: 0,
      commands: 0,
      failures: 0,
      redirections: 0,
      zone: undefined,
      roundTrip: undefined,
    },
  );
  for (let i = 0; i < 10; i++) await redis.incr("k");
  await redis.pipeline((p) => [p.incr("k"), p.incr("{k}2")], plain);
  await redis.transaction((t) => [t.incr("k"), t.incr("k")]);
  assert.equal(nodeOf(from).commands, 13);
  await becomes(async () =>
    await redis.with({ readFrom: "replica" }).get("k") === "13"
  );
  assert(nodeOf(replica).commands > 0);
  assert(nodeOf(replica).roundTrip! < 1_000);

  await redis.del("k", "{k}2");
  await cluster.assign(slot, to);
  await redis.set("k", "v");
  assert.equal(nodeOf(from).redirections, 1);

  // The circuit breaker: the node gets no commands that another node could execute.
  await to.server.kill();
  await assert.rejects(redis.with({ timeout: 300 }).set("k", "v"));
  assert.equal(nodeOf(to).isUp, false);
  assert(nodeOf(to).failures > 0);
  const { commands } = nodeOf(to);
  for (let i = 0; i < 20; i++) await redis.ping();
  assert.equal(nodeOf(to).commands, commands);
});
