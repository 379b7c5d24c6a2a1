/**
 * Nodes that lost their role, are silent, or disagree: waiting commands continue
 * elsewhere, and other commands are not delayed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectCluster, connectReplicas } from "../../lib/cluster/connect.ts";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { ClosedError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { clientsOf } from "../client/support.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { Chaos } from "../support/chaos.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes, type Member, TestCluster } from "./test_cluster.ts";

const test = await testWith("cluster");

const KEYS = Array.from({ length: 30 }, (_, i) => `key:${i}`);

/** Keys of one node. */
function keysOf(cluster: TestCluster, member: Member): string[] {
  return KEYS.filter((key) => cluster.ownerOf(slotOf(key)) === member);
}

/** Runs until `end` is called; `end` resolves to the longest time of one run, in ms. */
function repeat(run: () => Promise<unknown>): { end: () => Promise<number> } {
  let over = false;
  let longest = 0;
  const done = (async () => {
    using clock = new AwakeClock();
    while (!over) {
      const start = clock.now;
      await run();
      longest = Math.max(longest, clock.now - start);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return longest;
  })();
  done.catch(() => {});
  return {
    end: () => {
      over = true;
      return done;
    },
  };
}

test("after CLUSTER FAILOVER watch, leases and subscriptions continue on the new master", async () => {
  await using cluster = await TestCluster.start(3, true);
  // While it is asked for, a failover pauses the master's clients: for 5 s where the
  // machine is too busy for it.
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 60_000,
  });
  const [key] = keysOf(cluster, cluster.masters[0]!) as [string];
  await using news = await redis.subscribe("news");
  await using shard = await redis.ssubscribe(key);
  const tasks = [
    repeat(() =>
      redis.watch(key, async (watched) => {
        const count = Number(await watched.get(key) ?? 0);
        await watched.commit((t) => [t.set(key, count + 1)]);
      }, { attempts: 100 })
    ),
    repeat(async () => {
      using lease = await redis.lease();
      await lease.get(key);
    }),
    repeat(() => redis.set(`{${key}}other`, 1)),
    repeat(() => redis.blpop([`{${key}}queue`], 0.05)),
  ];
  const [old, replica] = [cluster.masters[0]!, cluster.replicas[0]!];
  const role = async ({ server }: Member) =>
    /role:(\w+)/.exec(await server.ask("INFO", "replication"))![1];
  for (const [to, from] of [[replica, old], [old, replica]] as const) {
    await becomes(async () =>
      /master_link_status:up/.test(await to.server.ask("INFO", "replication"))
    );
    await cluster.failOver(to);
    await becomes(async () => await role(from) === "slave");
    await redis.set(`{${key}}other`, 2);
    let heard = 0;
    for (const listener of [news, shard]) {
      listener.next().then(() => heard++);
    }
    await becomes(async () => {
      await redis.publish("news", "x");
      await redis.spublish(key, "x");
      return heard === 2;
    });
  }
  for (const task of tasks) await task.end();
});

for (const closes of [false, true]) {
  const what = closes
    ? "close() does not wait for a blocking command on a node that lost its slots"
    : "a blocking command on a node that lost its slots goes on at their new node, however late the old one tells it";
  test(what, async () => {
    await using cluster = await TestCluster.start(3, true);
    const [old, replica] = [cluster.masters[0]!, cluster.replicas[0]!];
    const [key] = keysOf(cluster, old) as [string];
    await using late = Chaos.before(old.server);
    let through: Chaos | null = null;
    await using redis = await connectCluster(cluster.urls, {
      commandTimeout: 60_000,
      dial: (address, signal) => {
        const isOld = "port" in address && address.port === old.server.port;
        const { hostname, port } = isOld && through || address as Endpoint;
        return dial({ hostname, port }, signal);
      },
    });
    await redis.set(key, 1);
    through = late;
    const popped = redis.blpop([`{${key}}queue`], 0);
    popped.catch(() => {});
    await becomes(async () =>
      (await clientsOf(old.server, / flags=b /)).length === 1
    );
    assert.equal(late.accepted, 1);
    through = null;
    late.toClient.delay = closes ? 60_000 : 2_000;
    await cluster.failOver(replica);
    await becomes(async () => {
      await redis.set(key, 2);
      return !redis.statistics().some(({ port, role }) =>
        port === old.server.port && role === "master"
      );
    });
    if (closes) {
      using clock = new AwakeClock();
      await redis.close();
      assert(clock.now < 2_000, `${clock.now} ms`);
      await assert.rejects(popped, ClosedError);
      return;
    }
    await redis.rpush(`{${key}}queue`, "x");
    assert.deepEqual(await popped, [`{${key}}queue`, "x"]);
  });
}

test("a hanging master costs no more than its failover", async () => {
  await using cluster = await TestCluster.start(3, true);
  // A busy machine may need long for the failover.
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 60_000,
  });
  const [hung, replica] = [cluster.masters[0]!, cluster.replicas[0]!];
  const [key] = keysOf(cluster, hung) as [string];
  await redis.set(key, 0);
  await using shard = await redis.ssubscribe(key);
  hung.server.pause();
  using clock = new AwakeClock();
  let served = 0;
  const serves = (async () => {
    await becomes(async () =>
      /role:master/.test(await replica.server.ask("INFO", "replication"))
    );
    served = clock.now;
  })();
  // One call that writes, and one that reads.
  let first = 0;
  const read = redis.get(key).then(() => clock.now);
  while (first === 0) {
    try {
      await redis.set(key, 1);
      first = clock.now;
    } catch {
      // The hanging master may have executed it.
    }
  }
  await serves;
  assert(
    first < served + 2_000,
    `${first} ms; its replica serves at ${served}`,
  );
  assert(await read < served + 2_000, `${await read} ms for the reader`);
  let heard = false;
  shard.next().then(() => heard = true);
  await becomes(async () => {
    await redis.spublish(key, "x");
    return heard;
  }, 20_000);
  hung.server.resume();
});

test("a silent node delays only commands on its own keys", async () => {
  await using cluster = await TestCluster.start(3, false, {
    "cluster-require-full-coverage": "no",
  });
  await using redis = await connectCluster(cluster.urls, {
    commandTimeout: 3_000,
  });
  await Promise.all(KEYS.map((key) => redis.set(key, "0")));
  for (let i = 0; i < 9; i++) await redis.ping();
  const [silent, healthy] = cluster.masters as [Member, Member];
  const [key] = keysOf(cluster, healthy) as [string];
  silent.server.pause();
  // It has a pending command, and has been silent for more than a second.
  const lost = redis.set(keysOf(cluster, silent)[0]!, 1);
  lost.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const tasks = [
    repeat(() => redis.ping()),
    repeat(() => redis.eval("return 1", [], [])),
    repeat(() => redis.publish("news", "x")),
    repeat(() =>
      redis.watch(key, (watched) => watched.commit((t) => [t.incr(key)]))
    ),
  ];
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const task of tasks) {
    const longest = await task.end();
    assert(longest < 1_500, `${longest} ms`);
  }
  await assert.rejects(lost);
  silent.server.resume();
});

test("a silent replica is tried rarely", async () => {
  await using master = await TestServer.start();
  const config = {
    replicaof: `127.0.0.1 ${master.port}`,
    "repl-diskless-sync-delay": "0",
  };
  await using one = await TestServer.start({ config });
  await using two = await TestServer.start({ config });
  for (const replica of [one, two]) {
    await becomes(async () =>
      /master_link_status:up/.test(await replica.ask("INFO", "replication"))
    );
  }
  await using redis = await connectReplicas(master.url, [one.url, two.url]);
  await redis.set("k", "v");
  for (let i = 0; i < 4; i++) await redis.get("k");
  one.pause();
  using clock = new AwakeClock();
  let slow = 0;
  while (clock.now < 5_000) {
    const before = clock.now;
    await redis.get("k");
    const time = clock.now - before;
    if (time > 100) slow += time;
  }
  assert(slow < 2_500, `${slow} of 5000 ms were spent waiting`);
  one.resume();
});

test("two nodes that redirect to each other are retried until they agree", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  const slot = slotOf("k");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  const moved = async () => {
    let count = 0;
    for (const { redis } of cluster.masters) {
      const stats = String(await redis.send(["INFO", "errorstats"]));
      count += Number(/errorstat_MOVED:count=(\d+)/.exec(stats)?.[1] ?? 0);
    }
    return count;
  };
  await from.redis.send(["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
  const set = redis.set("k", "v");
  await new Promise((resolve) => setTimeout(resolve, 300));
  await to.redis.send(["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
  assert.equal(await set, "OK");
  assert(await moved() < 15, `${await moved()} redirections`);
});

test("sharded subscriptions share one connection to each node", async () => {
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  await Promise.all(KEYS.map((key) => redis.set(key, 1)));
  const before = await cluster.connections();
  const subscriptions = await Promise.all(
    Array.from({ length: 200 }, (_, i) => redis.ssubscribe(`channel:${i}`)),
  );
  assert.equal(await cluster.connections() - before, 3);
  // A migrating slot moves only its own subscribers.
  const slot = slotOf("channel:7");
  const from = cluster.ownerOf(slot);
  const to = cluster.masters.find((master) => master !== from)!;
  await cluster.assign(slot, to);
  await becomes(async () => {
    const counts = await to.redis.send(["PUBSUB", "SHARDNUMSUB", "channel:7"]);
    return (counts as unknown[])[1] === 1;
  });
  for (const [i, subscription] of subscriptions.entries()) {
    await redis.spublish(`channel:${i}`, `${i}`);
    const { value } = await subscription.next();
    assert.equal(value?.message, `${i}`);
    assert.equal(value.missed === null, i !== 7);
  }
  await Promise.all(subscriptions.map((subscription) => subscription.close()));
  await becomes(async () => await cluster.connections() === before);
});
