/**
 * How replies about a cluster become their own types.
 *
 * @module
 */

import type { Reply, Shape } from "../resp/reply.ts";
import {
  exact,
  facts,
  fieldsOf,
  list,
  listOf,
  number,
  orNull,
  pairOf,
  pairsOf,
  record,
  shape,
  textOf,
} from "./parsers.ts";

/** From a slot to a slot, both included. */
export type SlotRange = [start: number, end: number];

/** A connection to another node, under the server's own field names. */
export interface ClusterLink {
  /** `"to"` or `"from"` the other node. */
  direction: string;
  /** The id of the other node. */
  node: string;
  /** When it was made, in Unix milliseconds. */
  "create-time": number;
  /** What it waits for: `"r"`, `"w"` or both. */
  events: string;
  /** How many bytes there is room for. */
  "send-buffer-allocated": number;
  /** How many bytes wait to be sent. */
  "send-buffer-used": number;
}

/** A node of a shard, under the server's own field names. */
export interface ShardNode {
  /** Its id. */
  id: string;
  /** The number of its port without TLS. */
  port?: number;
  /** The number of its port with TLS. */
  "tls-port"?: number;
  /** Its IP address. */
  ip: string;
  /** What to connect to; empty or `"?"` when unknown. */
  endpoint: string;
  /** Its name, if it has one. */
  hostname?: string;
  /** `"master"` or `"replica"`. */
  role: string;
  /** How much it has written for its replicas, or followed its master. */
  "replication-offset": number;
  /** `"online"`, `"failed"` or `"loading"`. */
  health: string;
}

/** A master with its replicas, under the server's own field names. */
export interface ClusterShard {
  /** The slots that it serves. */
  slots: SlotRange[];
  /** Its nodes, in any order. */
  nodes: ShardNode[];
}

/** A node that serves slots. */
export interface SlotNode {
  /** What to connect to; `null` for the host that was asked. */
  host: string | null;
  /** The number of its port. */
  port: number;
  /** Its id. */
  id: string;
  /** Further addresses, such as `ip` or `hostname`. */
  metadata: Record<string, string>;
}

/** Slots, and who serves them. */
export interface ClusterSlots {
  /** The first slot. */
  start: number;
  /** The last slot. */
  end: number;
  /** Its nodes, the master first. */
  nodes: SlotNode[];
}

/** What a slot is used for, under the server's own field names. */
export interface SlotStats {
  /** How many keys it has. */
  "key-count": number;
  /** How many microseconds its commands took; only if that is measured. */
  "cpu-usec"?: number;
  /** How many bytes came for it; only if that is measured. */
  "network-bytes-in"?: number;
  /** How many bytes went from it; only if that is measured. */
  "network-bytes-out"?: number;
  /** How many bytes of memory its keys take; only if that is measured. */
  "memory-bytes"?: number;
}

/** A migration of slots on Redis, under the server's own field names. */
export interface ClusterMigration {
  /** Its id. */
  id: string;
  /** The slots, such as `"0-99 200-299"`. */
  slots: string;
  /** The id of the node that they come from. */
  source: string;
  /** The id of the node that they go to. */
  dest: string;
  /** `"import"` or `"migrate"`: what this node does. */
  operation: string;
  /** How far it is. */
  state: string;
  /** What went wrong last; empty if nothing did. */
  "last_error": string;
  /** How often it was tried again. */
  retries: number;
  /** When it was asked for, in Unix milliseconds. */
  "create_time": number;
  /** When it began, in Unix milliseconds. */
  "start_time": number;
  /** When it ended, in Unix milliseconds. */
  "end_time": number;
  /** For how many milliseconds nobody could write. */
  "write_pause_ms": number;
}

/** A migration of slots on Valkey, under the server's own field names. */
export interface SlotMigration {
  /** `"IMPORT"` or `"EXPORT"`: what this node does. */
  operation: string;
  /** The slots, such as `"0-99 200-299"`. */
  "slot_ranges": string;
  /** The id of the node that they go to. */
  "target_node": string;
  /** The id of the node that they come from. */
  "source_node": string;
  /** When it was asked for, in Unix seconds. */
  "create_time": number;
  /** When it last moved on, in Unix seconds. */
  "last_update_time": number;
  /** When the other node last answered, in Unix seconds. */
  "last_ack_time": number;
  /** How far it is. */
  state: string;
  /** More about that. */
  message: string;
  /** How many bytes the copy took besides. */
  "cow_size": number;
}

/** What sentinels last heard of servers: of each, how many milliseconds ago, and what `INFO` said. */
export type SentinelInfo = Record<string, [age: number, info: string | null][]>;

/** Connections to other nodes. */
export const clusterLinks: Shape<ClusterLink[]> = shape(
  listOf(facts<ClusterLink>()),
);

/** Masters with their replicas. */
export const clusterShards: Shape<ClusterShard[]> = shape(
  listOf(facts<ClusterShard>({
    slots: pairsOf(exact, exact),
    nodes: listOf(facts()),
  })),
);

/** Slots, and who serves them. */
export const clusterSlots: Shape<ClusterSlots[]> = shape(
  listOf((reply): ClusterSlots => {
    const [start, end, ...nodes] = list(reply, "slots");
    return {
      start: exact(start!),
      end: exact(end!),
      nodes: nodes.map((node) => {
        const [host, port, id, metadata] = node as [
          string | null,
          number,
          string,
          Reply?,
        ];
        // Servers before 7.0 do not say more.
        return { host, port, id, metadata: fieldsOf(metadata ?? []) };
      }),
    };
  }),
);

/** What slots are used for. */
export const slotStats: Shape<[slot: number, stats: SlotStats][]> = shape(
  pairsOf(exact, facts<SlotStats>()),
);

/** Migrations of slots on Redis. */
export const clusterMigrations: Shape<ClusterMigration[]> = shape(
  listOf(facts<ClusterMigration>()),
);

/** Migrations of slots on Valkey. */
export const slotMigrations: Shape<SlotMigration[]> = shape(
  listOf(facts<SlotMigration>()),
);

/** Names and values of many servers. */
export const textFieldsList: Shape<Record<string, string>[]> = shape(
  listOf(fieldsOf<string>),
);

/** A host with its port, or `null`. */
export const addressOrNull: Shape<[host: string, port: number] | null> = shape(
  orNull(pairOf(textOf, number)),
);

/** What sentinels last heard. */
export const sentinelInfo: Shape<SentinelInfo> = shape((reply) =>
  record(
    reply,
    listOf((item) => list(item, "an age and INFO") as [number, string | null]),
  )
);
