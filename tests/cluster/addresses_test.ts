/**
 * Clusters whose nodes announce host names, IPv6 addresses, no address, or
 * unreachable addresses (NAT).
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster } from "../../lib/cluster/connect.ts";
import type { ClusterOptions } from "../../lib/cluster/options.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { dial } from "../../lib/net/tcp.ts";
import { atLeast, probe } from "../support/server_program.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const program = await probe();
/** Announced host names are new in 7.0. */
const test = program.embedded || !atLeast(program, "7.0")
  ? Deno.test.ignore
  : Deno.test;

function hasIPv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Uses a cluster with these announced names: commands, redirects, replicas, SCAN.
 * Resolves to the dialled hosts.
 */
async function use(
  config: Record<string, string>,
  options: Omit<ClusterOptions, "seeds"> = {},
  host = "127.0.0.1",
): Promise<Set<string>> {
  await using cluster = await TestCluster.start(3, true, config);
  const dialled = new Set<string>();
  const [first] = cluster.masters;
  await using redis = await connectCluster(
    `redis://${host}:${first!.server.port}`,
    {
      ...options,
      dial: (address, signal) => {
        if ("hostname" in address) dialled.add(address.hostname);
        return dial(address, signal);
      },
    },
  );
  const keys = Array.from({ length: 30 }, (_, i) => `key:${i}`);
  for (const key of keys) await redis.set(key, key);
  assert.deepEqual(await redis.mget(...keys), keys);
  // The target of the slot is scanned before its source.
  const [to, , from] = cluster.masters as [Member, Member, Member];
  const moving = keys.find((key) => cluster.ownerOf(slotOf(key)) === from)!;
  const slot = slotOf(moving);
  await cluster.migrate(slot, from, to);
  // First ASK, then MOVED.
  await redis.set(`{${moving}}new`, "v");
  const scan = async () => {
    const found = new Set(await Array.fromAsync(redis.scanIter()));
    assert.equal(found.size, keys.length + 1);
  };
  await scan();
  await from.redis.send([
    ...["MIGRATE", "127.0.0.1", to.server.port, moving, 0, 60_000],
  ]);
  await cluster.assign(slot, to);
  assert.equal(await redis.get(`{${moving}}new`), "v");
  await scan();
  await becomes(async () =>
    await redis.with({ readFrom: "replica" }).get("key:1") === "key:1"
  );
  const roles = redis.statistics().map(({ role }) => role).sort();
  const three = (role: string) => [role, role, role];
  assert.deepEqual(roles, [...three("master"), ...three("replica")]);

  // The typed commands read the same replies.
  const own = redis.masters()[0]!;
  const [range] = await own.clusterSlots();
  const [shard] = await own.clusterShards();
  assert.deepEqual(range!.nodes.length, 2);
  assert.equal(typeof range!.nodes[0]!.metadata, "object");
  const ids = shard!.nodes.map(({ id }) => id);
  assert.equal(ids.length, 2);
  assert.equal(typeof shard!.nodes[0]!.endpoint, "string");
  return dialled;
}

test("nodes are reached by their host names", async () => {
  const dialled = await use({
    "cluster-announce-hostname": "localhost",
    "cluster-preferred-endpoint-type": "hostname",
  });
  assert.deepEqual(dialled, new Set(["127.0.0.1", "localhost"]));
});

test("nodes without a name are on the host that replied", async () => {
  const dialled = await use(
    {
      "cluster-preferred-endpoint-type": "unknown-endpoint",
    },
    {},
    "localhost",
  );
  assert.deepEqual(dialled, new Set(["localhost"]));
});

test("nodes behind NAT are reached through mapAddress", async () => {
  const dialled = await use({
    "cluster-announce-hostname": "node.internal",
    "cluster-preferred-endpoint-type": "hostname",
  }, {
    mapAddress: ({ hostname, port }) => {
      assert.equal(hostname, "node.internal");
      return { hostname: "127.0.0.1", port };
    },
  });
  assert.deepEqual(dialled, new Set(["127.0.0.1"]));
});

Deno.test({
  name: "nodes go by IPv6 addresses",
  ignore: test === Deno.test.ignore || !hasIPv6(),
  fn: async () => {
    const dialled = await use(
      {
        "bind": "127.0.0.1 ::1",
        "cluster-announce-ip": "::1",
      },
      {},
      "[::1]",
    );
    assert.deepEqual(dialled, new Set(["::1"]));
  },
});
