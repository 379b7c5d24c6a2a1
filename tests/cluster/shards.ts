/**
 * What happens to the shards of a cluster: masters that are replaced, slots that
 * move.
 *
 * @module
 */

import { connect } from "../../mod.ts";
import { becomes, type Member, type TestCluster } from "./test_cluster.ts";

/** Two servers with the same slots, by their role of the moment. */
interface Shard {
  master: Member;
  replica: Member;
}

/** How a master is replaced by its replica: it is asked to, killed, or stopped. */
export type Failover = "failover" | "kill" | "pause";

const info = ({ server }: Member) =>
  server.ask("INFO", "replication").catch(() => "");
const isMaster = async (member: Member) =>
  /role:master/.test(await info(member));
const isSynced = async (member: Member) =>
  /master_link_status:up/.test(await info(member));

/** The shards of a cluster whose masters have a replica each. */
export class Shards {
  readonly #shards: readonly Shard[];
  /**
   * The longest time in which neither server of a shard served, in ms. In a
   * failover that was asked for the master pauses its clients, for 5 s and more
   * where it fails.
   */
  longestGap = 0;

  constructor({ masters, replicas }: TestCluster) {
    this.#shards = masters.map((master, i) => ({
      master,
      replica: replicas[i]!,
    }));
  }

  /** Has the master of a shard replaced; resolves once the two are synchronized again. */
  async failover(i: number, how: Failover): Promise<void> {
    const shard = this.#shards[i % this.#shards.length]!;
    await this.#settle(shard);
    const { master, replica } = shard;
    const start = performance.now();
    if (how === "kill") await master.server.kill();
    else if (how === "pause") master.server.pause();
    for (;;) {
      if (how === "failover") {
        const client = await connect(replica.server.url);
        await client.send(["CLUSTER", "FAILOVER"]).catch(() => {});
        await client.close();
      }
      const done = await becomes(() => isMaster(replica), 6_000)
        .then(() => true, () => false);
      if (done) break;
    }
    this.longestGap = Math.max(this.longestGap, performance.now() - start);
    if (how === "kill") await master.server.startAgain();
    else if (how === "pause") {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      master.server.resume();
    }
    await this.#settle(shard);
  }

  /** Moves a slot, with its keys, to the next master. */
  async move(slot: number): Promise<void> {
    const owners = await Promise.all(
      this.#shards.map(async ({ master }) => {
        const client = await connect(master.server.url);
        const id = String(await client.send(["CLUSTER", "MYID"]));
        return { client, id, port: master.server.port };
      }),
    );
    try {
      const [first] = owners;
      const map = await first!.client.send(["CLUSTER", "SLOTS"]) as unknown[][];
      const range = map.find(([a, b]) =>
        Number(a) <= slot && slot <= Number(b)
      )!;
      const port = (range[2] as unknown[])[1];
      const from = owners.find((owner) => owner.port === port)!;
      const to = owners[(owners.indexOf(from) + 1) % owners.length]!;
      await to.client.send(["CLUSTER", "SETSLOT", slot, "IMPORTING", from.id]);
      await from.client.send(["CLUSTER", "SETSLOT", slot, "MIGRATING", to.id]);
      for (;;) {
        const keys = await from.client.send([
          ...["CLUSTER", "GETKEYSINSLOT", slot, 10],
        ]) as string[];
        if (keys.length === 0) break;
        await from.client.send([
          ...["MIGRATE", "127.0.0.1", to.port, "", 0, 60_000, "KEYS"],
          ...keys,
        ]);
      }
      for (const { client } of [to, from, ...owners]) {
        await client.send(["CLUSTER", "SETSLOT", slot, "NODE", to.id]);
      }
    } finally {
      for (const { client } of owners) await client.close();
    }
  }

  /** Waits until one of the two is the master and the other its replica, and notes which. */
  async #settle(shard: Shard): Promise<void> {
    const { master, replica } = shard;
    await becomes(async () => {
      for (
        const [one, two] of [[master, replica], [replica, master]] as const
      ) {
        if (await isMaster(one) && await isSynced(two)) {
          [shard.master, shard.replica] = [one, two];
          return true;
        }
      }
      return false;
    }, 60_000);
  }
}
