/**
 * Clusters: their nodes, and which slots these serve.
 *
 * Each command concerns the node that it is sent to, and is an error where there
 * is no cluster.
 *
 * @see https://redis.io/docs/latest/commands/?group=cluster
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import { AclCommands } from "./acl.ts";
import {
  addAll,
  addGiven,
  addWord,
  type AtMostOne,
  type ExactlyOne,
  SCAN,
  subcommands,
} from "./arguments.ts";
import {
  type ClusterLink,
  clusterLinks,
  type ClusterMigration,
  clusterMigrations,
  type ClusterShard,
  clusterShards,
  type ClusterSlots,
  clusterSlots,
  type SlotMigration,
  slotMigrations,
  type SlotRange,
  type SlotStats,
  slotStats,
} from "./cluster_shapes.ts";
import type { KeyScanOptions } from "./keys.ts";
import { addOptions } from "./option_words.ts";
import { integer, ok, type Page, text, texts } from "./shapes.ts";

/** Of which slots to tell what they are used for. */
export interface SlotStatsFilter {
  /** Of these. */
  slotsrange: Readonly<SlotRange>;
  /** Of those that are first in the order of this fact, the greatest first. */
  orderby:
    | "key-count"
    | "cpu-usec"
    | "memory-bytes"
    | "network-bytes-in"
    | "network-bytes-out";
}

/** How slots are told about that are in order. */
export type SlotStatsOrder =
  & AtMostOne<{
    /** From small to large. */
    asc: boolean;
    /** From large to small. */
    desc: boolean;
  }>
  & {
    /** The maximum number of slots to return. */
    limit?: number;
  };

/** How a slot's state is set; since Valkey 8.0. */
export interface SetslotOptions {
  /** How many milliseconds to wait at most until the replicas have heard of it. */
  timeout?: number;
}

/** What an iteration over the keys of a cluster gives. */
export interface ClusterscanOptions extends KeyScanOptions {
  /** Only the keys of this slot. */
  slot?: number;
}

/** Slots that go to a node. */
export interface SlotMove {
  /** The ranges of slots. */
  slotsrange: readonly Readonly<SlotRange>[];
  /** The id of the node. */
  node: string;
}

function ranges(
  subcommand: string,
  slots: readonly Readonly<SlotRange>[],
): Arg[] {
  return addAll(cluster(subcommand), slots.flat());
}

const cluster = subcommands("CLUSTER");

/** Commands on clusters. */
export abstract class ClusterCommands<B extends string | Uint8Array>
  extends AclCommands<B> {
  /**
   * Assigns slots to the node; fails when one of them is assigned already.
   *
   * @see https://redis.io/docs/latest/commands/cluster-addslots/
   */
  clusterAddslots(...slots: number[]): Promise<"OK"> {
    return this.send(cluster("ADDSLOTS", ...slots), ok);
  }

  /**
   * Assigns ranges of slots to the node; fails when one of them is assigned
   * already.
   *
   * @see https://redis.io/docs/latest/commands/cluster-addslotsrange/
   */
  clusterAddslotsrange(...slots: Readonly<SlotRange>[]): Promise<"OK"> {
    return this.send(ranges("ADDSLOTSRANGE", slots), ok);
  }

  /**
   * Raises the node's epoch unless it is the greatest, and returns what the server
   * says about it.
   *
   * @see https://redis.io/docs/latest/commands/cluster-bumpepoch/
   */
  clusterBumpepoch(): Promise<string> {
    return this.send(cluster("BUMPEPOCH"), text);
  }

  /**
   * Cancels all migrations of slots from this node; an error when there are none.
   * Since Valkey 9.0.
   *
   * @see https://valkey.io/commands/cluster-cancelslotmigrations/
   */
  clusterCancelslotmigrations(): Promise<"OK"> {
    return this.send(cluster("CANCELSLOTMIGRATIONS"), ok);
  }

  /**
   * Returns how many nodes lately reported that a node fails; fails when there
   * is no such node.
   *
   * @see https://redis.io/docs/latest/commands/cluster-count-failure-reports/
   */
  clusterCountFailureReports(nodeId: string): Promise<number> {
    return this.send(cluster("COUNT-FAILURE-REPORTS", nodeId), integer);
  }

  /**
   * Returns how many keys of a slot the node has, 0 when it has none.
   *
   * @see https://redis.io/docs/latest/commands/cluster-countkeysinslot/
   */
  clusterCountkeysinslot(slot: number): Promise<number> {
    return this.send(cluster("COUNTKEYSINSLOT", slot), integer);
  }

  /**
   * Makes the node forget which node serves slots; fails when none does.
   *
   * @see https://redis.io/docs/latest/commands/cluster-delslots/
   */
  clusterDelslots(...slots: number[]): Promise<"OK"> {
    return this.send(cluster("DELSLOTS", ...slots), ok);
  }

  /**
   * Makes the node forget which node serves ranges of slots; fails when none
   * does.
   *
   * @see https://redis.io/docs/latest/commands/cluster-delslotsrange/
   */
  clusterDelslotsrange(...slots: Readonly<SlotRange>[]): Promise<"OK"> {
    return this.send(ranges("DELSLOTSRANGE", slots), ok);
  }

  /**
   * Makes this replica a master in place of its master: with its help, without
   * it (`"force"`), or without asking the other masters either (`"takeover"`).
   * Fails when it is no replica.
   *
   * @see https://redis.io/docs/latest/commands/cluster-failover/
   */
  clusterFailover(how?: "force" | "takeover"): Promise<"OK"> {
    return this.send(addWord(cluster("FAILOVER"), how), ok);
  }

  /**
   * Deletes the keys of a slot, if there are any; since Valkey 9.0.
   *
   * @see https://valkey.io/commands/cluster-flushslot/
   */
  clusterFlushslot(slot: number, mode?: "async" | "sync"): Promise<"OK"> {
    return this.send(addWord(cluster("FLUSHSLOT", slot), mode), ok);
  }

  /**
   * Makes the node forget which nodes serve slots; fails when it has keys.
   *
   * @see https://redis.io/docs/latest/commands/cluster-flushslots/
   */
  clusterFlushslots(): Promise<"OK"> {
    return this.send(cluster("FLUSHSLOTS"), ok);
  }

  /**
   * Removes another node from the node's table, for a minute at least; fails
   * when there is no such node.
   *
   * @see https://redis.io/docs/latest/commands/cluster-forget/
   */
  clusterForget(nodeId: string): Promise<"OK"> {
    return this.send(cluster("FORGET", nodeId), ok);
  }

  /**
   * Returns this many keys of a slot that the node has, empty when it has none.
   *
   * @see https://redis.io/docs/latest/commands/cluster-getkeysinslot/
   */
  clusterGetkeysinslot(slot: number, count: number): Promise<B[]> {
    return this.send(
      cluster("GETKEYSINSLOT", slot, count),
      this.as.values,
    );
  }

  /**
   * Returns the migrations of slots from and to this node, under the server's
   * own field names, empty when there were none lately; since Valkey 9.0.
   *
   * @see https://valkey.io/commands/cluster-getslotmigrations/
   */
  clusterGetslotmigrations(): Promise<SlotMigration[]> {
    return this.send(cluster("GETSLOTMIGRATIONS"), slotMigrations);
  }

  /**
   * Returns the help text of `CLUSTER`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/cluster-help/
   */
  clusterHelp(): Promise<string[]> {
    return this.send(cluster("HELP"), texts);
  }

  /**
   * Returns what the node says about its cluster, as lines of `name:value`.
   *
   * @see https://redis.io/docs/latest/commands/cluster-info/
   */
  clusterInfo(): Promise<string> {
    return this.send(cluster("INFO"), text);
  }

  /**
   * Returns the slot of a key, whether it exists or not.
   *
   * @see https://redis.io/docs/latest/commands/cluster-keyslot/
   */
  clusterKeyslot(key: Arg): Promise<number> {
    return this.send(cluster("KEYSLOT", key), integer);
  }

  /**
   * Returns the node's connections to others, under the server's own field
   * names; empty when it is alone.
   *
   * @see https://redis.io/docs/latest/commands/cluster-links/
   */
  clusterLinks(): Promise<ClusterLink[]> {
    return this.send(cluster("LINKS"), clusterLinks);
  }

  /**
   * Connects the node to another, whose cluster it joins.
   *
   * @see https://redis.io/docs/latest/commands/cluster-meet/
   */
  clusterMeet(host: string, port: number, busPort?: number): Promise<"OK"> {
    return this.send(addGiven(cluster("MEET", host, port), busPort), ok);
  }

  /**
   * Moves slots from this node to others; since Valkey 9.0.
   *
   * @see https://valkey.io/commands/cluster-migrateslots/
   */
  clusterMigrateslots(...moves: SlotMove[]): Promise<"OK"> {
    const words: Arg[] = cluster("MIGRATESLOTS");
    for (const move of moves) {
      if (!Array.isArray(move?.slotsrange)) {
        const form = "moves are as { slotsrange: [0, 99], node: id }";
        throw misuse("send CLUSTER MIGRATESLOTS", form, move);
      }
      const { slotsrange, node } = move;
      words.push("SLOTSRANGE", ...slotsrange.flat(), "NODE", node);
    }
    return this.send(words, ok);
  }

  /**
   * Cancels a migration, or all, and returns how many there were, 0 when there is
   * none; since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/cluster-migration/
   */
  clusterMigrationCancel(
    which: ExactlyOne<{ id: string; all: true }>,
  ): Promise<number> {
    return this.send(
      addOptions(cluster("MIGRATION", "CANCEL"), which, "id|all!"),
      integer,
    );
  }

  /**
   * Moves slots to this node and returns the id of the migration; since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/cluster-migration/
   */
  clusterMigrationImport(...slots: Readonly<SlotRange>[]): Promise<string> {
    return this.send(
      addAll(cluster("MIGRATION", "IMPORT"), slots.flat()),
      text,
    );
  }

  /**
   * Returns a migration, or all, under the server's own field names, empty when
   * there is none; since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/cluster-migration/
   */
  clusterMigrationStatus(
    which: ExactlyOne<{ id: string; all: true }>,
  ): Promise<ClusterMigration[]> {
    return this.send(
      addOptions(cluster("MIGRATION", "STATUS"), which, "id|all!"),
      clusterMigrations,
    );
  }

  /**
   * Returns the id of the node.
   *
   * @see https://redis.io/docs/latest/commands/cluster-myid/
   */
  clusterMyid(): Promise<string> {
    return this.send(cluster("MYID"), text);
  }

  /**
   * Returns the id of the shard that the node belongs to; since Redis 7.2.
   *
   * @see https://redis.io/docs/latest/commands/cluster-myshardid/
   */
  clusterMyshardid(): Promise<string> {
    return this.send(cluster("MYSHARDID"), text);
  }

  /**
   * Returns what the node knows of the nodes of its cluster, a line for each.
   *
   * @see https://redis.io/docs/latest/commands/cluster-nodes/
   */
  clusterNodes(): Promise<string> {
    return this.send(cluster("NODES"), text);
  }

  /**
   * Returns the replicas of a master, a line for each, empty when it has none;
   * fails when there is no such master.
   *
   * @see https://redis.io/docs/latest/commands/cluster-replicas/
   */
  clusterReplicas(nodeId: string): Promise<string[]> {
    return this.send(cluster("REPLICAS", nodeId), texts);
  }

  /**
   * Makes the node a master without data, if it is none. Since Valkey 9.0.
   *
   * @see https://valkey.io/commands/cluster-replicate/
   */
  clusterReplicate(nodeId: "no", one: "one"): Promise<"OK">;
  /**
   * Makes the node a replica of a master; fails when there is no such master.
   *
   * @see https://redis.io/docs/latest/commands/cluster-replicate/
   */
  clusterReplicate(nodeId: string): Promise<"OK">;
  clusterReplicate(nodeId: string, one?: "one"): Promise<"OK"> {
    return this.send(addGiven(cluster("REPLICATE", nodeId), one), ok);
  }

  /**
   * Makes the node forget its cluster; with `"hard"` its id and epoch too.
   * Fails when it is a master with keys.
   *
   * @see https://redis.io/docs/latest/commands/cluster-reset/
   */
  clusterReset(how?: "soft" | "hard"): Promise<"OK"> {
    return this.send(addWord(cluster("RESET"), how), ok);
  }

  /**
   * Writes what the node knows of its cluster to its file of nodes.
   *
   * @see https://redis.io/docs/latest/commands/cluster-saveconfig/
   */
  clusterSaveconfig(): Promise<"OK"> {
    return this.send(cluster("SAVECONFIG"), ok);
  }

  /**
   * Sets the epoch of a new node; fails when it knows others.
   *
   * @see https://redis.io/docs/latest/commands/cluster-set-config-epoch/
   */
  clusterSetConfigEpoch(epoch: number): Promise<"OK"> {
    return this.send(cluster("SET-CONFIG-EPOCH", epoch), ok);
  }

  /**
   * Says that a slot moves no longer.
   *
   * @see https://redis.io/docs/latest/commands/cluster-setslot/
   */
  clusterSetslot(
    slot: number,
    state: "stable",
    nodeId?: undefined,
    options?: SetslotOptions,
  ): Promise<"OK">;
  /**
   * Says that a slot moves from a node (`"importing"`) or to it
   * (`"migrating"`), or that it serves it (`"node"`); fails when there is no
   * such node.
   *
   * @see https://redis.io/docs/latest/commands/cluster-setslot/
   */
  clusterSetslot(
    slot: number,
    state: "importing" | "migrating" | "node",
    nodeId: string,
    options?: SetslotOptions,
  ): Promise<"OK">;
  clusterSetslot(
    slot: number,
    state: "stable" | "importing" | "migrating" | "node",
    nodeId?: string,
    options?: SetslotOptions,
  ): Promise<"OK"> {
    const words = addGiven(addWord(cluster("SETSLOT", slot), state), nodeId);
    return this.send(addOptions(words, options, "timeout"), ok);
  }

  /**
   * Returns the masters with their slots and replicas, under the server's own
   * field names.
   *
   * @see https://redis.io/docs/latest/commands/cluster-shards/
   */
  clusterShards(): Promise<ClusterShard[]> {
    return this.send(cluster("SHARDS"), clusterShards);
  }

  /**
   * Returns the replicas of a master, a line for each, empty when it has none;
   * fails when there is no such master.
   *
   * @deprecated Since Redis 5.0: use {@linkcode ClusterCommands.clusterReplicas}.
   * @see https://redis.io/docs/latest/commands/cluster-slaves/
   */
  clusterSlaves(nodeId: string): Promise<string[]> {
    return this.send(cluster("SLAVES", nodeId), texts);
  }

  /**
   * Returns what the slots of this node are used for, under the server's own
   * field names; empty when it serves none. Since Redis 8.2 and Valkey 8.0.
   *
   * @see https://redis.io/docs/latest/commands/cluster-slot-stats/
   */
  clusterSlotStats(
    filter: Pick<SlotStatsFilter, "slotsrange">,
  ): Promise<[slot: number, stats: SlotStats][]>;
  /**
   * Returns what those slots of this node are used for that are first in an
   * order, under the server's own field names; empty when it serves none. Since
   * Redis 8.2 and Valkey 8.0.
   *
   * @see https://redis.io/docs/latest/commands/cluster-slot-stats/
   */
  clusterSlotStats(
    filter: Pick<SlotStatsFilter, "orderby">,
    options?: SlotStatsOrder,
  ): Promise<[slot: number, stats: SlotStats][]>;
  clusterSlotStats(
    filter: Partial<SlotStatsFilter>,
    options?: SlotStatsOrder,
  ): Promise<[slot: number, stats: SlotStats][]> {
    const words = cluster("SLOT-STATS");
    addOptions(words, filter, "slotsrange|orderby");
    return this.send(addOptions(words, options, "limit asc!|desc!"), slotStats);
  }

  /**
   * Returns which nodes serve which slots; slots that nobody serves are left out.
   *
   * @see https://redis.io/docs/latest/commands/cluster-slots/
   */
  clusterSlots(): Promise<ClusterSlots[]> {
    return this.send(cluster("SLOTS"), clusterSlots);
  }

  /**
   * Returns a part of the keys of the whole cluster, and the cursor for the next
   * part: `"0"` to begin with, and again at the end. A part may be empty before the
   * end, and a key may come twice. Since Valkey 9.1.
   *
   * @see https://valkey.io/commands/clusterscan/
   */
  clusterscan(
    cursor: Arg,
    options?: ClusterscanOptions,
  ): Promise<Page<B>> {
    return this.send(
      addOptions(["CLUSTERSCAN", cursor], options, `${SCAN} type slot`),
      this.as.page,
    );
  }
}
