/**
 * The choice of servers for reads: by zone, by distance, by how far a replica lags.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  connectCluster,
  connectReplicas,
  connectSentinel,
} from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { Address, Dial } from "../../lib/net/transport.ts";
import { connect, ConnectionError } from "../../mod.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { probe, testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes, TestCluster } from "./test_cluster.ts";
import { Deployment } from "./test_sentinels.ts";

const testReplication = await testWith("replication");
const testCluster = await testWith("cluster");

const FAST = { "repl-diskless-sync-delay": "0" };
const plain = { transaction: false } as const;

/** The number of GETs that each server has executed. */
function gets(...servers: TestServer[]): Promise<number[]> {
  return Promise.all(servers.map(async (server) => {
    const stats = await server.ask("INFO", "commandstats");
    return Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }));
}

/** The number of GETs that each server executes during `run`. */
async function getsOf(
  servers: readonly TestServer[],
  run: () => Promise<unknown>,
): Promise<number[]> {
  const before = await gets(...servers);
  await run();
  const after = await gets(...servers);
  return after.map((count, i) => count - before[i]!);
}

async function repeat(run: () => Promise<unknown>, times = 10): Promise<void> {
  for (let i = 0; i < times; i++) await run();
}

/** A master with two replicas that have its data. */
class Group implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly all: TestServer[] = [];

  static async start(
    configs: readonly Record<string, string>[] = [{}, {}, {}],
  ): Promise<Group> {
    const group = new Group();
    for (const config of configs) {
      const [master] = group.all;
      const server = group.#stack.use(
        await TestServer.start({
          config: {
            ...FAST,
            ...config,
            ...master ? { replicaof: `127.0.0.1 ${master.port}` } : {},
          },
        }),
      );
      group.all.push(server);
      if (master) {
        await becomes(async () =>
          /master_link_status:up/.test(await server.ask("INFO", "replication"))
        );
      }
    }
    return group;
  }

  get master(): TestServer {
    return this.all[0]!;
  }

  get urls(): string[] {
    return this.all.slice(1).map(({ url }) => url);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

testReplication(
  "a replica that lost its master, or lags, is not used until it has caught up",
  async () => {
    await using group = await Group.start();
    const { master, all } = group;
    const [, lost, lagging] = all as [TestServer, TestServer, TestServer];
    await using redis = await connectReplicas(master.url, group.urls);
    await redis.pipeline((p) => [p.set("k", "v"), p.wait(2, 60_000)], plain);
    const read = () => repeat(() => redis.get("k"), 20);
    assert.deepEqual(await getsOf(all, read), [0, 10, 10]);

    await lost.ask("REPLICAOF", "127.0.0.1", "1");
    await becomes(async () => (await getsOf(all, read))[1] === 0);
    // The replica postpones the stream of its master, but still serves reads.
    await lagging.ask("CLIENT", "PAUSE", "60000", "WRITE");
    await becomes(async () => {
      await redis.set("k", "w");
      const counts = await getsOf(all, read);
      return counts[2] === 0 && counts[0]! > 0;
    });
    assert.equal(await redis.get("k"), "w");
    await assert.rejects(
      redis.with({ readFrom: "replica" }).get("k"),
      (error: Error) => {
        assert(error instanceof ConnectionError && !error.maybeExecuted);
        assert.match(error.message, /No replica has answered GET/);
        return true;
      },
    );

    await lagging.ask("CLIENT", "UNPAUSE");
    await lost.ask("REPLICAOF", "127.0.0.1", `${master.port}`);
    await becomes(async () => {
      const [atMaster, ...others] = await getsOf(all, read);
      return atMaster === 0 && others.every((count) => count === 10);
    });
  },
);

testReplication("a replica that is loading its data is not used", async () => {
  const slow = { "loading-process-events-interval-bytes": "1024" };
  await using group = await Group.start([{}, slow, slow]);
  const { master, all } = group;
  const [, loading] = all as [TestServer, TestServer];
  await using redis = await connectReplicas(master.url, group.urls, {
    readFrom: "replica",
  });
  const values = Array.from({ length: 5_000 }, (_, i) => [`key:${i}`, "v"]);
  await redis.mset(Object.fromEntries(values));
  await redis.pipeline((p) => [p.set("k", "v"), p.wait(2, 60_000)], plain);
  await repeat(() => redis.get("k"));
  // Loading would take 10 s; the server replies every 0.1 s.
  await loading.ask("CONFIG", "SET", "key-load-delay", "2000");
  await using own = await connect(loading.url);
  const reloaded = own.with({ timeout: 20_000 }).send(["DEBUG", "RELOAD"]);
  reloaded.catch(() => {});
  await becomes(async () => /LOADING/.test(await loading.ask("GET", "k")));
  using clock = new AwakeClock();
  await repeat(() => redis.get("k"), 100);
  assert(clock.now < 1_000, `${clock.now} ms`);
  assert(/LOADING/.test(await loading.ask("GET", "k")), "it has loaded");
  await loading.ask("CONFIG", "SET", "key-load-delay", "0");
  await reloaded;
  const read = () => repeat(() => redis.get("k"));
  await becomes(async () => (await getsOf([loading], read))[0] === 5);
});

testReplication("reads go to the given zone", async () => {
  const { kind } = await probe();
  const zones = ["a", "b", "c"];
  // Valkey announces its zone; for Redis the caller provides it.
  const tells = kind === "valkey";
  await using group = await Group.start(
    zones.map((zone) => tells ? { "availability-zone": zone } : {}),
  );
  const { master, all } = group;
  await using redis = await connectReplicas(master.url, group.urls, {
    readFrom: { zone: "b" },
    ...tells ? {} : {
      zoneOf: ({ port }) =>
        zones[all.findIndex((server) => server.port === port)],
    },
  });
  await redis.pipeline((p) => [p.set("k", "v"), p.wait(2, 60_000)], plain);
  const from = (zone: string) => () =>
    repeat(() => redis.with({ readFrom: { zone } }).get("k"));
  const read = () => repeat(() => redis.get("k"));
  assert.deepEqual(await getsOf(all, read), [0, 10, 0]);
  assert.deepEqual(await getsOf(all, from("c")), [0, 0, 10]);
  assert.deepEqual(await getsOf(all, from("a")), [10, 0, 0]);
  // No server is in that zone: a replica is preferred to the master.
  assert.deepEqual(await getsOf(all, from("d")), [0, 5, 5]);
  await all[1]!.kill();
  await read();
  assert.deepEqual(await getsOf([master, all[2]!], read), [0, 10]);
  await assert.rejects(
    redis.with({ readFrom: { zone: "" } }).get("k"),
    /TypeError.*"readFrom"/,
  );
});

/** Dials as usual, but delays replies of servers on some ports by 30 ms. */
function slowFrom(ports: Set<number>): Dial {
  return async (address: Address, signal) => {
    const transport = await dial(address, signal);
    const { port } = address as { port: number };
    return {
      read: async (into) => {
        const count = await transport.read(into);
        if (ports.has(port)) {
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
        return count;
      },
      write: (chunks) => transport.write(chunks),
      ref: () => transport.ref?.(),
      unref: () => transport.unref?.(),
      [Symbol.dispose]: () => transport[Symbol.dispose](),
    };
  };
}

testReplication("reads go to the nearest server", async () => {
  await using group = await Group.start();
  const { master, all } = group;
  const [, one, two] = all as [TestServer, TestServer, TestServer];
  const slow = new Set([master.port, one.port]);
  await using redis = await connectReplicas(master.url, group.urls, {
    readFrom: "nearest",
    dial: slowFrom(slow),
  });
  await redis.pipeline((p) => [p.set("k", "v"), p.wait(2, 60_000)], plain);
  const read = () => repeat(() => redis.get("k"));
  // The shortest of several round trips counts, as the first ones may be slow.
  await becomes(async () => (await getsOf(all, read))[2] === 10);
  // The master may be the nearest, too.
  slow.delete(master.port);
  slow.add(two.port);
  await becomes(async () => (await getsOf(all, read))[0] === 10, 25_000);
});

testReplication(
  "reads wait for a slow reply, but not for an unreachable replica",
  async () => {
    await using group = await Group.start();
    const { master, all } = group;
    const [, slow, dark] = all as [TestServer, TestServer, TestServer];
    const slowly = slowFrom(new Set([slow.port]));
    await using redis = await connectReplicas(
      master.url,
      [slow.url, dark.url],
      {
        dial: (address, signal) =>
          (address as { port: number }).port === dark.port
            ? new Promise((_, reject) =>
              signal.addEventListener("abort", () => reject(signal.reason))
            )
            : slowly(address, signal),
      },
    );
    const large = "x".repeat(8 * 1024 * 1024);
    await redis.pipeline((p) => [p.set("k", large), p.wait(2, 60_000)], plain);
    // The first read notices that one of them is unreachable.
    await redis.exists("k");
    const start = performance.now();
    const counts = await getsOf(all, () => redis.get("k"));
    assert.deepEqual(counts, [0, 1, 0]);
    assert(performance.now() - start > 600, "the reply was not slow");
    using clock = new AwakeClock();
    await repeat(() => redis.exists("k"));
    assert(clock.now < 2_500, `${clock.now} ms`);
  },
);

testCluster("read-only pipelines go to replicas", async () => {
  await using cluster = await TestCluster.start(3, true);
  await using redis = await connectCluster(cluster.urls, {
    readFrom: "preferReplica",
  });
  const keys = Array.from({ length: 30 }, (_, i) => `key:${i}`);
  await redis.mset(Object.fromEntries(keys.map((key) => [key, key])));
  await cluster.copied();
  const masters = cluster.masters.map(({ server }) => server);
  const replicas = cluster.replicas.map(({ server }) => server);
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  const read = async () => {
    const values = await redis.pipeline(
      (p) => keys.map((k) => p.get(k)),
      plain,
    );
    assert.deepEqual(values, keys);
  };
  await read();
  assert.deepEqual(await getsOf(masters, read), [0, 0, 0]);
  assert.equal(sum(await getsOf(replicas, read)), 30);
  // Reads after a write in the same pipeline use the master.
  const both = await redis.pipeline(
    (p) => [p.set("key:1", "new"), p.get("key:1")],
    plain,
  );
  assert.deepEqual(both, ["OK", "new"]);
  assert.deepEqual(
    await redis.with({ readFrom: "replica" }).mget("key:2", "key:3"),
    ["key:2", "key:3"],
  );

  // Neither a dead nor a silent replica delays reads for long.
  const at = (key: string) =>
    replicas[cluster.masters.indexOf(cluster.ownerOf(slotOf(key)))]!;
  await at("key:0").kill();
  const silent = replicas.find((replica) => replica !== at("key:0"))!;
  silent.pause();
  await redis.set("key:1", "key:1");
  for (let i = 0; i < 4; i++) await read();
  using clock = new AwakeClock();
  await read();
  assert(clock.now < 500, `${clock.now} ms`);
  silent.resume();
});

testCluster(
  "through Sentinel reads go to the replicas, also after a failover",
  async () => {
    await using all = await Deployment.start();
    await using redis = await connectSentinel(
      all.sentinels.map(({ url }) => url),
      { master: "m", readFrom: "preferReplica" },
    );
    const [one, two] = all.servers as [TestServer, TestServer];
    await redis.pipeline((p) => [p.set("k", "v"), p.wait(1, 60_000)], plain);
    const read = async () => {
      for (let i = 0; i < 10; i++) assert.equal(await redis.get("k"), "v");
    };
    await becomes(async () => (await getsOf([one, two], read))[0] === 0);
    assert.deepEqual(await getsOf([one, two], read), [0, 10]);
    const atMaster = () =>
      repeat(() => redis.with({ readFrom: "master" }).get("k"));
    assert.deepEqual(await getsOf([one, two], atMaster), [10, 0]);

    await all.clients[0]!.send(["SENTINEL", "FAILOVER", "m"]);
    await becomes(async () => {
      assert.equal(await redis.get("k"), "v");
      const [, config] = await redis.transaction((t) => [
        t.set("k", "v"),
        t.configGet("port"),
      ]);
      return Number(config.port) === two.port;
    });
    // The old master is a replica now.
    await becomes(async () => (await getsOf([one, two], read))[0] === 10);
  },
);
