/**
 * Failovers with three real sentinels: even if one of them is dead, paused or late,
 * writes leave the old master at once, and iterations miss no key.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectSentinel } from "../../lib/cluster/connect.ts";
import type { Redis } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { becomes } from "./test_cluster.ts";
import { Deployment, type Write, writes } from "./test_sentinels.ts";

const test = await testWith("cluster");

test(
  "after a failover at most one write reaches the old master, whichever sentinel is silent",
  async () => {
    await using all = await Deployment.start();
    // The client knows only one sentinel, which then fails.
    const ways = [
      () => {},
      () => all.sentinels[0]!.child.kill("SIGSTOP"),
      () => all.sentinels[0]!.child.kill("SIGKILL"),
    ];
    for (const way of ways) {
      await using redis = await connectSentinel(all.sentinels[0]!.url, {
        master: "m",
      });
      const [, address] = await Promise.all([
        redis.incr("n"),
        all.clients[1]!.sentinelGetMasterAddrByName("m"),
      ]);
      const old = Number(address![1]);
      // It has discovered the others, and subscribes to them.
      for (const client of all.clients.slice(1)) {
        await becomes(async () =>
          / sub=3 /.test(String(await client.send(["CLIENT", "LIST"])))
        );
      }
      way();
      const [, one, two] = all.clients as [Redis, Redis, Redis];
      await using said = await one.subscribe("+switch-master");
      await using alsoSaid = await two.subscribe("+switch-master");
      const over = Promise.withResolvers<void>();
      const done: Write[] = [];
      const written = writes(redis, over.promise, done);
      await one.send(["SENTINEL", "FAILOVER", "m"]);
      await Promise.race([said.next(), alsoSaid.next()]);
      const switched = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await becomes(() => done.filter(({ port }) => port !== old).length > 10);
      over.resolve();
      const late = (await written).filter(({ at }) => at > switched);
      const stray = late.filter(({ port }) => port === old);
      assert(stray.length <= 1, `${stray.length} writes to the old master`);
      await all.ready([one, two]);
      if (way === ways[1]) all.sentinels[0]!.child.kill("SIGCONT");
    }
  },
);

test("a failover during a resubscription is noticed all the same", async () => {
  await using all = await Deployment.start();
  await using redis = await connectSentinel(
    all.sentinels.map(({ url }) => url),
    { master: "m" },
  );
  await redis.ping();
  const [, one] = all.clients as [Redis, Redis];
  const old = Number((await one.sentinelGetMasterAddrByName("m"))![1]);
  const over = Promise.withResolvers<void>();
  const done: Write[] = [];
  const written = writes(redis, over.promise, done);
  // No subscription lives long enough to receive an announcement.
  let switching = true;
  const kills = all.clients.map(async (client) => {
    while (switching) {
      await client.send(["CLIENT", "KILL", "TYPE", "pubsub"]);
    }
  });
  await one.send(["SENTINEL", "FAILOVER", "m"]);
  await becomes(async () =>
    Number((await one.sentinelGetMasterAddrByName("m"))![1]) !== old
  );
  switching = false;
  await Promise.all(kills);
  const switched = performance.now();
  await becomes(() => done.filter(({ port }) => port !== old).length > 10);
  over.resolve();
  const stray = (await written).filter(({ at, port }) =>
    port === old && at > switched + 2_500
  );
  assert.equal(stray.length, 0);
});

test("scanIter() and hscanIter() miss no element during a failover", async () => {
  await using all = await Deployment.start();
  await using redis = await connectSentinel(
    all.sentinels.map(({ url }) => url),
    {
      master: "m",
    },
  );
  const keys = Array.from({ length: 3_000 }, (_, i) => `key:${i}`);
  await redis.mset(Object.fromEntries(keys.map((key) => [key, "v"])));
  await redis.hset("hash", Object.fromEntries(keys.map((key) => [key, "v"])));
  await redis.pipeline((p) => [p.set("last", 1), p.wait(1, 60_000)], {
    transaction: false,
  });
  const old = (await redis.configGet("port")).port;
  const found = new Set<string>();
  const fields = new Set<string>();
  const pages = redis.scanIter({ match: "key:*" })[Symbol.asyncIterator]();
  const more = redis.hscanIter("hash")[Symbol.asyncIterator]();
  for (let i = 0; i < 1_000; i++) {
    found.add((await pages.next()).value as string);
    fields.add(((await more.next()).value as [string, string])[0]);
  }
  await all.clients[0]!.send(["SENTINEL", "FAILOVER", "m"]);
  await becomes(async () => (await redis.configGet("port")).port !== old);
  for (let next; !(next = await pages.next()).done;) found.add(next.value);
  for (let next; !(next = await more.next()).done;) fields.add(next.value[0]);
  assert.equal(found.size, keys.length);
  assert.equal(fields.size, keys.length);
});
