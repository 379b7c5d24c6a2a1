/**
 * Failovers under three real sentinels: whichever of them is dead, paused or
 * late, writes leave the old master at once, and iterations miss nothing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connectSentinel } from "../../lib/cluster/connect.ts";
import { connect, type Redis } from "../../mod.ts";
import {
  type SentinelServer,
  startSentinel,
} from "../commands/sentinel_server.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { becomes } from "./test_cluster.ts";

const test = await testWith("cluster");

const FAST = { "repl-diskless-sync-delay": "0" };

/** A master with a replica, and three sentinels that know each other. */
class Deployment implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly servers: TestServer[] = [];
  readonly sentinels: SentinelServer[] = [];
  /** Clients for the sentinels. */
  readonly clients: Redis[] = [];

  static async start(): Promise<Deployment> {
    const self = new Deployment();
    const master = await TestServer.start({ config: FAST });
    self.servers.push(self.#stack.use(master));
    const config = { ...FAST, replicaof: `127.0.0.1 ${master.port}` };
    self.servers.push(self.#stack.use(await TestServer.start({ config })));
    for (let i = 0; i < 3; i++) {
      const sentinel = self.#stack.use(await startSentinel(master, 2));
      self.sentinels.push(sentinel);
      const client = self.#stack.use(await connect(sentinel.url));
      self.clients.push(client);
      await client.sentinelDebug({ "info-period": 300 });
    }
    for (const client of self.clients) {
      await becomes(async () =>
        (await client.sentinelSentinels("m")).length === 2
      );
    }
    await self.ready(self.clients);
    return self;
  }

  /** Waits until these sentinels know a replica that can be promoted. */
  async ready(clients: readonly Redis[]): Promise<void> {
    for (const client of clients) {
      await becomes(async () => {
        const replicas = await client.sentinelReplicas("m");
        return replicas.some((replica) =>
          replica.flags === "slave" && replica["master-link-status"] === "ok"
        );
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.sentinels) {
      try {
        child.kill("SIGCONT");
      } catch {
        // It was killed.
      }
    }
    await this.#stack.disposeAsync();
  }
}

/** Writes one after another until `end`; resolves to when each was acknowledged, and by which port. */
async function writes(
  redis: Redis,
  end: Promise<unknown>,
): Promise<{ at: number; port: number }[]> {
  const done: { at: number; port: number }[] = [];
  let over = false;
  end.then(() => over = true);
  while (!over) {
    try {
      const [, config] = await redis.transaction((t) => [
        t.incr("n"),
        t.configGet("port"),
      ]);
      done.push({ at: performance.now(), port: Number(config.port) });
    } catch {
      // Lost with its connection.
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return done;
}

test(
  "after a failover at most one write reaches the old master, whichever sentinel is silent",
  async () => {
    await using all = await Deployment.start();
    // The client is told of one sentinel only, which then is of no use.
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
      // It has learned the others, and listens to them.
      for (const client of all.clients.slice(1)) {
        await becomes(async () =>
          / sub=2 /.test(String(await client.send(["CLIENT", "LIST"])))
        );
      }
      way();
      const [, one, two] = all.clients as [Redis, Redis, Redis];
      await using said = await one.subscribe("+switch-master");
      await using alsoSaid = await two.subscribe("+switch-master");
      const over = Promise.withResolvers<void>();
      const written = writes(redis, over.promise);
      await one.send(["SENTINEL", "FAILOVER", "m"]);
      await Promise.race([said.next(), alsoSaid.next()]);
      const switched = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      over.resolve();
      const late = (await written).filter(({ at }) => at > switched);
      const stray = late.filter(({ port }) => port === old);
      assert(late.length > 10, `${late.length} writes after the failover`);
      assert(stray.length <= 1, `${stray.length} writes to the old master`);
      await all.ready([one, two]);
      if (way === ways[1]) all.sentinels[0]!.child.kill("SIGCONT");
    }
  },
);

test("scanIter() and hscanIter() miss nothing over a failover", async () => {
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
  await redis.pipeline((p) => [p.set("last", 1), p.wait(1, 5_000)], {
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
