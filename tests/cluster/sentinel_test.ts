/**
 * A master watched by a real sentinel, and reads from replicas.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectReplicas, connectSentinel } from "../../lib/cluster/connect.ts";
import {
  AuthenticationError,
  connect,
  ConnectionError,
  type Redis,
} from "../../mod.ts";
import { startSentinel } from "../commands/sentinel_server.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes } from "./test_cluster.ts";

const testReplication = await testWith("replication");
const testCluster = await testWith("cluster");

/** Starts a replica of another server, and waits until it is up to date. */
async function startReplica(master: TestServer): Promise<TestServer> {
  const replica = await TestServer.start({
    config: {
      replicaof: `127.0.0.1 ${master.port}`,
      "repl-diskless-sync-delay": "0",
    },
  });
  await becomes(async () =>
    /master_link_status:up/.test(await replica.ask("INFO", "replication"))
  );
  return replica;
}

/** Whether a sentinel knows a replica as healthy. */
async function knows(sentinel: Redis, { port }: TestServer): Promise<boolean> {
  const replicas = await sentinel.sentinelReplicas("m");
  return replicas.some((replica) =>
    `${replica.port}` === `${port}` && replica.flags === "slave" &&
    replica["master-link-status"] === "ok"
  );
}

testCluster(
  "behaviour 67: after a failover commands go to the new master",
  async () => {
    await using one = await TestServer.start({
      config: { "repl-diskless-sync-delay": "0" },
    });
    await using two = await startReplica(one);
    await using sentinel = await startSentinel(one);
    await using ask = await connect(sentinel.url);
    await ask.sentinelDebug({ "info-period": 500 });
    await becomes(() => knows(ask, two));
    await using redis = await connectSentinel(
      ["redis://127.0.0.1:1", sentinel.url],
      { master: "m", commandTimeout: 15_000, connectTimeout: 2_000 },
    );
    const port = async () => Number((await redis.configGet("port")).port);
    assert.equal(await port(), one.port);
    await redis.pipeline((p) => [p.set("k", "v"), p.wait(1, 60_000)], {
      transaction: false,
    });
    await using heard = await redis.subscribe("news");

    {
      using spare = await redis.lease();
      await spare.ping();
    }
    // On demand: both go on, and the old one is told to be a replica.
    // A sentinel that took the busy master for down is at it already.
    await becomes(async () =>
      await port() === two.port ||
      await ask.send(["SENTINEL", "FAILOVER", "m"])
        .then(() => true, () => false)
    );
    await becomes(async () => await port() === two.port);
    assert.equal(await redis.set("k", "w"), "OK");
    {
      using own = await redis.lease();
      assert.equal(Number((await own.configGet("port")).port), two.port);
    }
    assert.equal(await redis.get("k"), "w");
    const again = setInterval(
      () => redis.publish("news", "x").catch(() => {}),
      50,
    );
    assert.equal((await heard.next()).value?.message, "x");
    clearInterval(again);

    // Because it is lost.
    // A server that is made a replica drops its clients.
    await becomes(async () =>
      /role:slave[^]*master_link_status:up/.test(
        await one.ask("INFO", "replication").catch(() => ""),
      )
    );
    await becomes(() => knows(ask, one));
    await two.kill();
    assert.equal(await redis.with({ retry: true }).get("k"), "w");
    assert.equal(await port(), one.port);
  },
);

testCluster(
  "connectSentinel() rejects with the master's error about a password",
  async () => {
    await using master = await TestServer.start({
      config: { requirepass: "p" },
    });
    await using sentinel = await startSentinel(master);
    await assert.rejects(
      connectSentinel(sentinel.url, { master: "m", password: "wrong" }),
      AuthenticationError,
    );
    await using redis = await connectSentinel(sentinel.url, {
      master: "m",
      password: "p",
    });
    assert.equal(await redis.ping(), "PONG");
  },
);

testReplication("connectSentinel() reports all errors", async () => {
  await using server = await TestServer.start();
  await assert.rejects(
    connectSentinel([server.url, "redis://127.0.0.1:1"], {
      connectTimeout: 1_000,
    }),
    (error: Error) => {
      assert(error instanceof ConnectionError);
      assert.match(
        error.message,
        /^Cannot find the master mymaster: 127\.0\.0\.1:\d+: .*; 127\.0\.0\.1:1: /,
      );
      return true;
    },
  );
  await assert.rejects(connectSentinel([]), /TypeError/);
});

testReplication(
  "connectReplicas() reads from replicas, and from the master when they are away",
  async () => {
    await using master = await TestServer.start({
      config: { "repl-diskless-sync-delay": "0" },
    });
    await using one = await startReplica(master);
    await using two = await startReplica(master);
    await using redis = await connectReplicas(master.url, [one.url, two.url]);
    await redis.pipeline((p) => [p.set("k", "v"), p.wait(2, 60_000)], {
      transaction: false,
    });
    const gets = async (server: TestServer) =>
      Number(
        /cmdstat_get:calls=(\d+)/.exec(await server.ask("INFO", "commandstats"))
          ?.[1] ?? 0,
      );
    for (let i = 0; i < 10; i++) assert.equal(await redis.get("k"), "v");
    assert.deepEqual(
      [await gets(master), await gets(one), await gets(two)],
      [0, 5, 5],
    );
    // A transaction with a write goes to the master as a whole.
    assert.deepEqual(
      await redis.transaction((t) => [t.get("k"), t.set("k", "w")]),
      ["v", "OK"],
    );
    assert.equal(await gets(master), 1);
    await one.kill();
    for (let i = 0; i < 4; i++) {
      assert.equal(typeof await redis.get("k"), "string");
    }
    await two.kill();
    for (let i = 0; i < 4; i++) assert.equal(await redis.get("k"), "w");
    await one.startAgain();
    await becomes(async () =>
      /master_link_status:up/.test(await one.ask("INFO", "replication"))
    );
    const before = await gets(one);
    await becomes(async () => {
      assert.equal(await redis.get("k"), "w");
      return await gets(one) > before;
    });
  },
);
