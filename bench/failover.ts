/**
 * The costs of failovers, silent nodes and subscriptions for the client, measured on
 * private deployments of real servers: the figures of `lib/cluster/README.md`.
 *
 * `npx -y deno@2.9.6 task bench:failover`
 *
 * @module
 */

import {
  connectCluster,
  connectReplicas,
  connectSentinel,
} from "../lib/cluster/connect.ts";
import { slotOf } from "../lib/cluster/slots.ts";
import { ConnectionError, type Redis } from "../mod.ts";
import {
  becomes,
  type Member,
  TestCluster,
} from "../tests/cluster/test_cluster.ts";
import { Deployment, writes } from "../tests/cluster/test_sentinels.ts";
import { TestServer } from "../tests/support/test_server.ts";
import { answerHelp } from "../tests/support/usage.ts";

answerHelp(`
Usage: deno task bench:failover

Measures the costs of failovers, silent nodes and sharded subscriptions. Takes a
minute and a half.`);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function show(what: string, figure: unknown): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(`${what}: ${figure}`);
}

/** Repeats `run` in ten tasks; counts outcomes, and the longest time between successes. */
function repeat(
  run: (task: number) => Promise<unknown>,
): () => Promise<string> {
  const counts = { done: 0, notExecuted: 0, maybeExecuted: 0, other: 0 };
  let over = false;
  let last = performance.now();
  let gap = 0;
  const tasks = Array.from({ length: 10 }, async (_, task) => {
    while (!over) {
      try {
        await run(task);
        counts.done++;
        gap = Math.max(gap, performance.now() - last);
        last = performance.now();
      } catch (error) {
        if (!(error instanceof ConnectionError)) counts.other++;
        else counts[error.maybeExecuted ? "maybeExecuted" : "notExecuted"]++;
      }
      await sleep(2);
    }
  });
  return async () => {
    over = true;
    await Promise.all(tasks);
    return `${counts.done} done, ${counts.notExecuted} not executed, ${counts.maybeExecuted} maybe, ${counts.other} other errors; longest gap ${
      Math.round(gap)
    } ms`;
  };
}

const isMaster = async ({ server }: Member) =>
  /role:master/.test(await server.ask("INFO", "replication").catch(() => ""));

/** Fails the first master over; resolves to how long its slots had no server, in ms. */
async function failover(
  { masters, replicas }: TestCluster,
  how: "ask" | "kill" | "pause",
): Promise<number> {
  const [master, replica] = [masters[0]!, replicas[0]!];
  await becomes(async () =>
    /master_link_status:up/.test(
      await replica.server.ask("INFO", "replication"),
    )
  );
  const start = performance.now();
  if (how === "kill") await master.server.kill();
  else if (how === "pause") master.server.pause();
  else await replica.redis.send(["CLUSTER", "FAILOVER"]);
  await becomes(() => isMaster(replica), 30_000);
  return Math.round(performance.now() - start);
}

for (const how of ["ask", "kill", "pause"] as const) {
  await using cluster = await TestCluster.start(3, true, {
    "cluster-node-timeout": "2000",
  });
  await using redis = await connectCluster(cluster.urls);
  // Keys of the lost master.
  const key = ["a", "b", "c", "d", "e", "f"].map((tag) => `{${tag}}`)
    .find((key) => cluster.ownerOf(slotOf(key)) === cluster.masters[0])!;
  const ends = {
    INCR: repeat((task) => redis.incr(`${key}${task}`)),
    GET: repeat((task) => redis.get(`${key}${task}`)),
    watch: repeat((task) =>
      redis.watch(
        `${key}w${task}`,
        (watched) => watched.commit((t) => [t.incr(`${key}w${task}`)]),
      )
    ),
  };
  await sleep(1_000);
  const own = await failover(cluster, how);
  await sleep(7_000);
  for (const [name, end] of Object.entries(ends)) {
    show(`cluster, ${how}, ${name} (servers ${own} ms)`, await end());
  }
  cluster.masters[0]!.server.resume();
}

{
  await using all = await Deployment.start();
  for (const paused of [false, true]) {
    await using redis = await connectSentinel(all.sentinels[0]!.url, {
      master: "m",
    });
    await redis.ping();
    await sleep(1_000);
    if (paused) all.sentinels[0]!.child.kill("SIGSTOP");
    const [, one, two] = all.clients as [Redis, Redis, Redis];
    const old = Number((await one.sentinelGetMasterAddrByName("m"))![1]);
    await using said = await one.subscribe("+switch-master");
    await using alsoSaid = await two.subscribe("+switch-master");
    const over = Promise.withResolvers<void>();
    const written = writes(redis, over.promise);
    await one.send(["SENTINEL", "FAILOVER", "m"]);
    await Promise.race([said.next(), alsoSaid.next()]);
    const switched = performance.now();
    await sleep(11_000);
    over.resolve();
    const stray = (await written)
      .filter(({ at, port }) => at > switched && port === old)
      .map(({ at }) => at - switched);
    const last = stray.length === 0 ? 0 : Math.round(Math.max(...stray));
    show(
      `Sentinel, the sentinel of the URL ${paused ? "paused" : "alive"}`,
      `${stray.length} writes to the old master after +switch-master, the last after ${last} ms`,
    );
    await all.ready([one, two]);
  }
}

{
  await using master = await TestServer.start();
  const config = {
    replicaof: `127.0.0.1 ${master.port}`,
    "repl-diskless-sync-delay": "0",
  };
  await using one = await TestServer.start({ config });
  await using two = await TestServer.start({ config });
  await using three = await TestServer.start({ config });
  const replicas = [one, two, three];
  for (const replica of replicas) {
    await becomes(async () =>
      /master_link_status:up/.test(await replica.ask("INFO", "replication"))
    );
  }
  await using redis = await connectReplicas(
    master.url,
    replicas.map(({ url }) => url),
  );
  for (let i = 0; i < 6; i++) await redis.get("k");
  one.pause();
  let waited = 0;
  const start = performance.now();
  while (performance.now() - start < 20_000) {
    const before = performance.now();
    await redis.get("k");
    const time = performance.now() - before;
    if (time > 50) waited += time;
  }
  one.resume();
  show(
    "connectReplicas, one of three silent",
    `${(waited / 200).toFixed(1)} % of a caller's time spent waiting for it`,
  );
}

{
  await using cluster = await TestCluster.start();
  await using redis = await connectCluster(cluster.urls);
  await redis.mset(
    Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`k${i}`, 1])),
  );
  const before = await cluster.connections();
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, i) => redis.ssubscribe(`channel:${i}`)),
  );
  show("200 sharded subscriptions", `+${await cluster.connections() - before}`);
  await Promise.all(all.map((subscription) => subscription.close()));
}
