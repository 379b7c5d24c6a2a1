/**
 * Where the checker runs: servers, a client to put a cache on, another program's
 * client, and the harm that is done to them.
 *
 * @module
 */

import { connectCluster, connectSentinel } from "../../lib/cluster/connect.ts";
import { slotOf } from "../../lib/cluster/slots.ts";
import type { Address } from "../../lib/net/transport.ts";
import { connect, dial, type Redis } from "../../mod.ts";
import { sleep } from "../client/support.ts";
import { Shards } from "../cluster/shards.ts";
import { becomes, TestCluster } from "../cluster/test_cluster.ts";
import { Deployment } from "../cluster/test_sentinels.ts";
import type { Random } from "../resp/random.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";

/** Runs what may lose writes that were answered. */
export type Losing = (run: () => Promise<void>) => Promise<void>;

/** Servers, and who talks to them. */
export interface World extends AsyncDisposable {
  /** The client to put a cache on. */
  readonly redis: Redis;
  /** Another program's client. */
  readonly writer: Redis;
  /** Whether a change is told in the order of the replies, and none is ever undone. */
  readonly isOrdered: boolean;
  /** Does harm once, and heals it. */
  harm(random: Random, losing: Losing): Promise<void>;
}

/** One way to be told of changes. */
export interface Way {
  readonly prefixes?: readonly string[];
  /** Whether its harm takes seconds. */
  readonly isSlow?: boolean;
  make(keys: readonly string[]): Promise<World>;
}

/** A dead server is noticed within 2 s: under load none must be taken for dead that is not. */
const DEAD_AFTER_MS = 2_000;
/** What makes the client notice a dead connection soon. */
const WATCHFUL = {
  pingInterval: 200,
  commandTimeout: 400,
  connectTimeout: 2_000,
  backoff: () => 20,
};

export const WAYS: Record<string, Way> = {
  "one RESP3 connection": overNetwork({ protocol: 3, connections: 1 }),
  "RESP2": overNetwork({ protocol: 2, connections: 1 }),
  "three RESP3 connections": overNetwork({ protocol: 3, connections: 3 }),
  "broadcast": overNetwork({ protocol: 3, connections: 2 }, ["key:"]),
  "Sentinel with failovers": { make: withSentinels, isSlow: true },
  "a cluster with failovers and slots that move": {
    make: withCluster,
    isSlow: true,
  },
};

// -- A network with faults --

const FAULTS: readonly ((chaos: Chaos, random: Random) => unknown)[] = [
  (chaos, random) => chaos.toClient.delay = random.below(80),
  (chaos, random) => chaos.toServer.delay = random.below(40),
  (chaos, random) => chaos.toClient.split = 1 + random.below(20),
  (chaos, random) => chaos.toClient.coalesce = random.below(30),
  (chaos, random) => chaos.toClient.truncate = random.below(4_000),
  (chaos) => chaos.drop(),
  (chaos) => chaos.toClient.blackhole = true,
  (chaos) => chaos.blackhole(),
];

/** One server behind two proxies, by turns: the connections of a client are late in different ways. */
function overNetwork(
  options: { protocol: 2 | 3; connections: number },
  prefixes?: readonly string[],
): Way {
  const make = async (): Promise<World> => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await TestServer.start());
    const proxies = [Chaos.before(server), Chaos.before(server)];
    for (const each of proxies) stack.use(each);
    const writer = stack.use(await connect(server.url));
    let dials = 0;
    const redis = stack.use(
      await connect(server.url, {
        ...options,
        ...WATCHFUL,
        dial: (address, signal) => {
          const { port } = proxies[dials++ % 2]!;
          return dial({ ...address, port } as Address, signal);
        },
      }),
    );
    const heal = () => proxies.forEach((chaos) => chaos.heal());
    const all = stack.move();
    return {
      redis,
      writer,
      // Broadcasts come behind the replies of the same turn of the server.
      isOrdered: options.protocol === 3 && prefixes === undefined,
      async harm(random) {
        for (let i = 0; i <= random.below(2); i++) {
          await random.pick(FAULTS)(random.pick(proxies), random);
        }
        await sleep(random.below(random.chance(0.2) ? 900 : 200));
        heal();
      },
      async [Symbol.asyncDispose]() {
        heal();
        await all.disposeAsync();
      },
    };
  };
  return { make, ...prefixes ? { prefixes } : {} };
}

// -- Masters that are replaced --

async function withSentinels(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const deployment = stack.use(await Deployment.start());
  const { sentinels, servers, clients } = deployment;
  for (const client of clients) {
    const options = { "down-after-milliseconds": DEAD_AFTER_MS };
    await client.sentinelSet("m", options);
  }
  const urls = sentinels.map(({ url }) => url);
  const writer = stack.use(await connectSentinel(urls, { master: "m" }));
  const redis = stack.use(
    await connectSentinel(urls, { master: "m", ...WATCHFUL }),
  );
  const role = (server: TestServer) =>
    server.ask("INFO", "replication").catch(() => "");
  const masterOf = async () => {
    const [, port] = (await clients[0]!.sentinelGetMasterAddrByName("m"))!;
    return servers.find((server) => server.port === Number(port))!;
  };
  const replace = async (isPaused: boolean) => {
    await deployment.ready(clients);
    const master = await masterOf();
    const next = servers.find((server) => server !== master)!;
    if (isPaused) master.pause();
    else {
      await becomes(() =>
        clients[0]!.send(["SENTINEL", "FAILOVER", "m"])
          .then(() => true, () => false)
      );
    }
    await becomes(
      async () =>
        await masterOf() === next && /role:master/.test(await role(next)),
      60_000,
    );
    if (isPaused) master.resume();
    await becomes(
      async () => /master_link_status:up/.test(await role(master)),
      60_000,
    );
  };
  const all = stack.move();
  return {
    redis,
    writer,
    isOrdered: false,
    harm: (random, losing) => losing(() => replace(random.chance(0.3))),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function withCluster(keys: readonly string[]): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(
    await TestCluster.start(3, true, {
      "cluster-node-timeout": `${DEAD_AFTER_MS}`,
    }),
  );
  const shards = new Shards(cluster);
  const { urls } = cluster;
  const writer = stack.use(await connectCluster(urls));
  const redis = stack.use(await connectCluster(urls, WATCHFUL));
  const all = stack.move();
  return {
    redis,
    writer,
    isOrdered: false,
    async harm(random, losing) {
      const shard = random.below(3);
      switch (random.below(8)) {
        case 0:
          return await losing(() => shards.failover(shard, "kill"));
        case 1:
          return await losing(() => shards.failover(shard, "pause"));
        // The master waits until its replica has everything: no write is lost.
        case 2:
        case 3:
          return await shards.failover(shard, "failover");
        default:
          return await shards.move(slotOf(random.pick(keys)));
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
