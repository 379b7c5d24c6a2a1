/**
 * A real cluster as a resource of a test.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, type Redis } from "../../mod.ts";
import { SLOTS } from "../../lib/cluster/slots.ts";
import { freePort, TestServer } from "../support/test_server.ts";

/** So long a machine with a load of 25 may take. */
const READY_WITHIN = 60_000;

/** One server of a cluster. */
export interface Member {
  readonly server: TestServer;
  /** The client for its setup. */
  readonly redis: Redis;
  readonly id: string;
}

/** Servers that are one cluster. */
export class TestCluster implements AsyncDisposable {
  /** The masters, in the order of their slots. */
  readonly masters: Member[] = [];
  /** One for each master, if requested. */
  readonly replicas: Member[] = [];

  /** Starts masters that share the slots, and waits until all agree. */
  static async start(
    masters = 3,
    replicas = false,
    config: Record<string, string> = {},
  ): Promise<TestCluster> {
    const cluster = new TestCluster();
    try {
      const all = await Promise.all(
        Array.from(
          { length: replicas ? masters * 2 : masters },
          () => startMember(config),
        ),
      );
      cluster.masters.push(...all.slice(0, masters));
      cluster.replicas.push(...all.slice(masters));
      await cluster.#join();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The addresses of the masters. */
  get urls(): string[] {
    return this.masters.map(({ server }) => server.url);
  }

  /** The master that had a slot after setup. */
  ownerOf(slot: number): Member {
    return this.masters[Math.floor(slot * this.masters.length / SLOTS)]!;
  }

  /**
   * Assigns a slot on all masters, until they agree: older gossip may still be in
   * flight, and a node that takes the slot back would lose its keys.
   */
  async assign(slot: number, to: Member): Promise<void> {
    do {
      for (const { redis } of [to, ...this.masters]) {
        await redis.send(["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
      }
    } while (!await this.#agree(slot, to));
  }

  async #agree(slot: number, owner: Member): Promise<boolean> {
    const port = owner.server.port;
    const all = await Promise.all(this.masters.map(async ({ redis }) => {
      const ranges = await redis.send(["CLUSTER", "SLOTS"]) as [
        number,
        number,
        [string, number],
      ][];
      return ranges.some(([first, last, [, at]]) =>
        first <= slot && slot <= last && at === port
      );
    }));
    return all.every(Boolean);
  }

  /** Starts the migration of a slot: both nodes take part in it. */
  async migrate(slot: number, from: Member, to: Member): Promise<void> {
    await to.redis.send(["CLUSTER", "SETSLOT", slot, "IMPORTING", from.id]);
    await from.redis.send(["CLUSTER", "SETSLOT", slot, "MIGRATING", to.id]);
  }

  /** Waits until the replicas have all that their masters were sent. */
  async copied(): Promise<void> {
    for (const { redis } of [...this.masters, ...this.replicas]) {
      await becomes(async () => {
        // On a busy machine a replica may have taken over.
        if (!await isMaster(redis)) return true;
        const [, copies] = await redis.pipeline(
          (p) => [p.ping(), p.wait(1, 5_000)],
          { transaction: false },
        );
        return copies > 0;
      });
    }
  }

  /** Makes a replica the master of its slots. */
  async failOver(to: Member): Promise<void> {
    await becomes(async () => {
      if (await isMaster(to.redis)) return true;
      // Refused by one that has just become it by itself.
      await to.redis.send(["CLUSTER", "FAILOVER"]).catch(() => {});
      // The server gives a failover up after 5 s: its master was too busy.
      return await becomes(() => isMaster(to.redis), 6_000)
        .then(() => true, () => false);
    });
  }

  /** How many clients the masters have, in all. */
  async connections(): Promise<number> {
    let count = 0;
    for (const { server } of this.masters) {
      const info = await server.ask("INFO", "clients");
      count += Number(/connected_clients:(\d+)/.exec(info)![1]);
    }
    return count;
  }

  /** The number of calls of CLUSTER SLOTS on all masters. */
  async asked(): Promise<number> {
    let count = 0;
    for (const { redis } of this.masters) {
      const stats = String(await redis.send(["INFO", "commandstats"]));
      count += Number(
        /cmdstat_cluster\|slots:calls=(\d+)/.exec(stats)?.[1] ?? 0,
      );
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { redis, server } of [...this.masters, ...this.replicas]) {
      await redis.close({ timeout: 0 });
      await server[Symbol.asyncDispose]();
    }
  }

  async #join(): Promise<void> {
    const { masters, replicas } = this;
    const share = SLOTS / masters.length;
    const [{ redis: first }] = masters as [Member];
    for (const [i, { redis }] of masters.entries()) {
      const range = [Math.ceil(share * i), Math.ceil(share * (i + 1)) - 1];
      await redis.send(["CLUSTER", "ADDSLOTSRANGE", ...range]);
      await redis.send(["CLUSTER", "SET-CONFIG-EPOCH", i + 1]);
    }
    const all = [...masters, ...replicas];
    const meet = async () => {
      for (const { server, redis } of all.slice(1)) {
        const bus = (await redis.configGet("cluster-port"))["cluster-port"]!;
        await first.send(["CLUSTER", "MEET", "127.0.0.1", server.port, bus]);
      }
    };
    const agreed = (nodes: number) => async () => {
      for (const { redis } of all) {
        const info = String(await redis.send(["CLUSTER", "INFO"]));
        if (!info.includes("cluster_state:ok")) return false;
        if (!info.includes(`cluster_known_nodes:${nodes}\r`)) return false;
      }
      return true;
    };
    const know = async () => {
      for (const { redis } of all) {
        const info = String(await redis.send(["CLUSTER", "INFO"]));
        if (!info.includes(`cluster_known_nodes:${all.length}\r`)) return false;
      }
      return true;
    };
    await becomes(async () => {
      // A node gives a handshake up after a second: it was too busy.
      await meet();
      return await becomes(know, 10_000).then(() => true, () => false);
    });
    for (const [i, { redis }] of replicas.entries()) {
      await redis.send(["CLUSTER", "REPLICATE", masters[i]!.id]);
    }
    await becomes(agreed(all.length));
    await becomes(async () => {
      for (const { redis } of masters) {
        const slots = await redis.send(["CLUSTER", "SLOTS"]) as unknown[][];
        const nodes = replicas.length > 0 ? 2 : 1;
        if (slots.length !== masters.length) return false;
        if (slots.some((range) => range.length !== 2 + nodes)) return false;
      }
      return true;
    });
  }
}

async function isMaster(redis: Redis): Promise<boolean> {
  return (await redis.info("replication")).includes("role:master");
}

/** Waits until it holds. */
export async function becomes(
  holds: () => Promise<boolean> | boolean,
  within = READY_WITHIN,
): Promise<void> {
  for (const deadline = Date.now() + within;;) {
    if (await holds()) return;
    assert(Date.now() < deadline, `It does not become so: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function startMember(config: Record<string, string>): Promise<Member> {
  const server = await startServer(config);
  const redis = await connect(server.url);
  return { server, redis, id: String(await redis.send(["CLUSTER", "MYID"])) };
}

async function startServer(
  config: Record<string, string>,
  attempts = 5,
): Promise<TestServer> {
  try {
    return await TestServer.start({
      config: {
        "cluster-enabled": "yes",
        "cluster-port": `${freePort()}`,
        "cluster-node-timeout": "500",
        "repl-diskless-sync-delay": "0",
        ...config,
      },
    });
  } catch (error) {
    // Another run may have taken the port of the bus meanwhile.
    if (attempts === 1 || !/already in use/i.test(String(error))) throw error;
    return await startServer(config, attempts - 1);
  }
}
