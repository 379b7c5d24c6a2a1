/**
 * A Redis Cluster behind the same commands: the door `./cluster`.
 *
 * ```ts no-run
 * import { connectCluster } from "@respite/respite/cluster";
 *
 * await using redis = await connectCluster([
 *   "redis://10.0.0.1:6379",
 *   "redis://10.0.0.2:6379",
 * ]);
 * await redis.set("greeting", "hello");
 * console.log(await redis.get("greeting"));
 * ```
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { Redis } from "../client/redis.ts";
import { fromUrl } from "../client/url.ts";
import { AS_TEXT, type Readings } from "../commands/shapes.ts";
import { misuse } from "../errors.ts";
import { dial } from "../net/tcp.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";
import type { Endpoint } from "./topology.ts";

export type { ClusterOptions, Endpoint };

/** Every command, over the nodes of a cluster. */
export class ClusterRedis<B extends string | Uint8Array = string>
  extends Redis<B> {
  readonly #cluster: Cluster;

  /** Made by {@linkcode connectCluster}. */
  constructor(cluster: Cluster, as: Readings<B>, call: CallOptions = {}) {
    super(cluster, as, call);
    this.#cluster = cluster;
  }

  /**
   * The masters, each with every command, for what concerns one server: INFO,
   * CONFIG, MONITOR. They are those of now: after a failover ask again.
   */
  masters(): Redis<B>[] {
    return this.#cluster.masters.map(({ client }) =>
      new Redis(client, this.as, this.call)
    );
  }

  /** Asks the cluster who has what: it is also asked by itself, at need and from time to time. */
  refresh(): Promise<void> {
    return this.#cluster.refresh();
  }
}

/**
 * Connects to a Redis Cluster, by URLs of some of its nodes; one that answers is
 * enough. User, password, TLS and options in the first URL are for all nodes.
 *
 * Each command goes to the node that has its keys, and follows them when they
 * move. A command that finds its node gone waits for another to take its place,
 * as long as its `commandTimeout`, unless the lost one may have executed it.
 *
 * - MGET, MSET, DEL, UNLINK, EXISTS and TOUCH may have keys in several slots:
 *   then they are sent in parts, which is not atomic; when a part fails the
 *   others may have been executed. Other commands, transactions and scripts must
 *   have their keys in one slot, as `{user:1}:name` and `{user:1}:age` are: a
 *   `TypeError` says so before anything is written.
 * - `pipeline` with `{ transaction: false }` goes to all nodes at once, and its
 *   results are in order.
 * - FLUSHALL, FLUSHDB, SCRIPT LOAD and FLUSH, FUNCTION LOAD, DELETE, FLUSH and
 *   RESTORE are executed by every master; DBSIZE and KEYS give all of them
 *   together, and so do `scan` and `scanIter`. What else has no key goes to any
 *   master: see {@linkcode ClusterRedis.masters}.
 * - `watch` and `lease` are on the node of their first key.
 * - Replicas are not read from.
 *
 * Rejects with a {@linkcode ConnectionError} when no node answers, and with a
 * `ReplyError` when one is not in cluster mode.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
export async function connectCluster(
  nodes: string | URL | readonly (string | URL)[],
  options: Partial<ClusterOptions> = {},
): Promise<ClusterRedis> {
  const urls = typeof nodes === "string" || nodes instanceof URL
    ? [nodes]
    : nodes;
  const [first, ...others] = urls.map(fromUrl);
  if (first === undefined) {
    throw misuse(
      "connect to a cluster",
      "one of its nodes must be named",
      urls,
    );
  }
  const { hostname: _, port: __, path, db, ...shared } = first;
  if (path !== undefined || db) {
    throw misuse(
      "connect to a cluster",
      "its nodes have a host and a port, and the database 0",
      path ?? db,
    );
  }
  const seeds = [first, ...others].map((
    { hostname = "127.0.0.1", port = 6379 },
  ) => ({ hostname, port }));
  const cluster = new Cluster({ dial, seeds, ...shared, ...options });
  try {
    await cluster.connect();
    return new ClusterRedis(cluster, AS_TEXT);
  } catch (error) {
    await cluster.close({ timeout: 0 });
    throw error;
  }
}
