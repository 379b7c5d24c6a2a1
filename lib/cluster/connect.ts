/**
 * Many servers behind the same commands: a Redis Cluster, a master that Sentinels
 * watch, a master with replicas. The door `./cluster`.
 *
 * ```ts
 * import { connectCluster } from "@sorrel/redis/cluster";
 *
 * async function greet(nodes: string[]): Promise<string | null> {
 *   await using redis = await connectCluster(nodes);
 *   await redis.set("greeting", "hello");
 *   return await redis.get("greeting");
 * }
 * ```
 *
 * @module
 */

import { callSite, placeConnect } from "../client/call_site.ts";
import type { CallOptions, PooledEngine } from "../client/engine.ts";
import { Client } from "../client/client.ts";
import type { ClientOptions } from "../client/options.ts";
import { Redis } from "../client/redis.ts";
import { fromUrl } from "../client/url.ts";
import { AS_TEXT, type Readings } from "../commands/shapes.ts";
import { misuse } from "../errors.ts";
import { callOptions, dial } from "../net/tcp.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterOptions } from "./options.ts";
import { Replicated } from "./replicated.ts";
import { SentinelClient } from "./sentinel.ts";
import type { Endpoint } from "./endpoint.ts";

export type { ClusterOptions, Endpoint };
export type { ReadFrom } from "../client/engine.ts";

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
    // Closing one closes no connection that others use.
    return this.#cluster.masters.map((client) =>
      new Redis(client, this.as, this.callOptions)
    );
  }

  /** Asks the cluster for its slots. The client also does so when needed, and from time to time. */
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
 *   then they are sent in parts, which is not atomic; `maybeExecuted` of an error
 *   is about all parts. Other commands, transactions and scripts must have their
 *   keys in one slot, as `{user:1}:name` and `{user:1}:age` are: a `TypeError`
 *   says so before anything is written.
 * - `pipeline` with `{ transaction: false }` goes to all nodes at once. Each
 *   command has its own outcome, also where a node is lost: see `raiseOnError`.
 * - Commands about all nodes go to all: DBSIZE, KEYS, FLUSHALL, SCRIPT LOAD,
 *   FUNCTION LOAD, PUBSUB, CONFIG SET and their kin. `scan` and `scanIter` go over
 *   all nodes, and miss no key in a failover. Any other command without a key goes
 *   to any master: see {@linkcode ClusterRedis.masters}.
 * - `watch` and `lease` are on the node of their first key.
 * - `readFrom` lets replicas execute commands that only read.
 * - WAIT is for leases, and keyspace notifications are for each of `masters()`.
 *
 * Rejects with a {@linkcode ConnectionError} when no node answers, and with a
 * `ReplyError` when one is not in cluster mode.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
export async function connectCluster(
  nodes: string | URL | readonly (string | URL)[],
  options: Omit<ClusterOptions, "seeds"> = {},
): Promise<ClusterRedis> {
  const { endpoints: seeds, shared } = readUrls("connect to a cluster", nodes);
  const cluster = new Cluster({ dial, ...shared, ...options, seeds });
  const site = callSite();
  try {
    await cluster.connect();
    return new ClusterRedis(cluster, AS_TEXT, callOptions(options));
  } catch (error) {
    await cluster.close({ timeout: 0 });
    throw placeConnect(error, site);
  }
}

/** How a master that Sentinels watch is reached: the options are the master's. */
export interface SentinelConnectOptions
  extends Omit<ClientOptions, "hostname" | "port" | "path"> {
  /** The sentinels' name for the master. @default {"mymaster"} */
  master?: string;
  /**
   * How the sentinels are reached, where that differs from the first URL: user,
   * password or `credentials`, `tls` with a private CA or a client certificate,
   * `connectTimeout`.
   */
  sentinel?: Omit<ClientOptions, "hostname" | "port" | "path" | "db">;
}

/**
 * Connects to the master that Sentinels watch, by URLs of some of them; one that
 * answers is enough, it names the others. User, password, TLS and options in the
 * first URL are for the sentinels, `options` for the master.
 *
 * It listens to every sentinel. The first announcement of a failover makes it
 * leave the old master at once; so does a sentinel with a newer configuration,
 * which each is asked for after it is subscribed to, and a `READONLY` of a server
 * that was demoted. Whenever it connects it asks all sentinels for the master,
 * and that for its ROLE. Commands wait meanwhile, as long as their
 * `commandTimeout`, unless the lost master may have executed them.
 *
 * Cursors of `scan` and its kin name the server that gave them: after a failover
 * an iteration begins again, repeats elements and misses none.
 *
 * Rejects with a {@linkcode ConnectionError} that lists what each sentinel said
 * when no master is found.
 *
 * ```ts
 * import { connectSentinel } from "@sorrel/redis/cluster";
 *
 * async function greet(sentinels: string[]): Promise<string | null> {
 *   await using redis = await connectSentinel(sentinels, {
 *     master: "mymaster",
 *     password: "of the master",
 *   });
 *   await redis.set("greeting", "hello");
 *   return await redis.get("greeting");
 * }
 * ```
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
 */
export async function connectSentinel(
  sentinels: string | URL | readonly (string | URL)[],
  { master = "mymaster", sentinel, ...options }: SentinelConnectOptions = {},
): Promise<Redis> {
  const { endpoints, shared } = readUrls("connect by sentinels", sentinels);
  const client = new SentinelClient({
    sentinels: endpoints,
    name: master,
    sentinel: { ...shared, ...sentinel },
    master: { dial, ...options },
  });
  return await connected(client, client, options);
}

/**
 * Connects to a master and its replicas: commands that only read go to the
 * replicas by turns, all others, transactions that write, leases and
 * subscriptions to the master.
 *
 * What was just written may not be there yet when it is read: a replica is
 * behind. One that is away, or still loads, is left alone for a second; when all
 * are, the master is read from. The options are for all of them.
 *
 * Rejects with a {@linkcode ConnectionError} when the master does not answer.
 *
 * ```ts
 * import { connectReplicas } from "@sorrel/redis/cluster";
 *
 * async function greet(replicas: string[]): Promise<string | null> {
 *   await using redis = await connectReplicas("redis://master", replicas);
 *   await redis.pipeline((p) => [
 *     p.set("greeting", "hello"),
 *     p.wait(replicas.length, 1_000),
 *   ], { transaction: false });
 *   return await redis.get("greeting");
 * }
 * ```
 */
export async function connectReplicas(
  master: string | URL,
  replicas: readonly (string | URL)[],
  options: Omit<ClientOptions, "hostname" | "port" | "path"> = {},
): Promise<Redis> {
  const make = (url: string | URL, own: ClientOptions = {}) =>
    new Client({ dial, ...fromUrl(url), ...options, ...own });
  const first = make(master);
  const others = replicas.map((url) =>
    make(url, { connectAttempts: 1, retries: 0 })
  );
  return await connected(new Replicated(first, others), first, options);
}

async function connected(
  engine: PooledEngine,
  first: Client,
  options: ClientOptions,
): Promise<Redis> {
  const site = callSite();
  try {
    await first.connect();
    return new Redis(engine, AS_TEXT, callOptions(options));
  } catch (error) {
    await engine.close({ timeout: 0 });
    throw placeConnect(error, site);
  }
}

/** Where servers are, and what the first URL says for all of them. */
function readUrls(
  action: string,
  urls: string | URL | readonly (string | URL)[],
): { endpoints: Endpoint[]; shared: ClientOptions } {
  const all = (typeof urls === "string" || urls instanceof URL ? [urls] : urls)
    .map(fromUrl);
  const [first] = all;
  if (first === undefined) throw misuse(action, "one must be named", urls);
  const { hostname: _, port: __, path, db, ...shared } = first;
  if (path !== undefined || db) {
    const rule = "they have a host and a port, and the database 0";
    throw misuse(action, rule, path ?? db);
  }
  const endpoints = all.map(({ hostname = "127.0.0.1", port = 6379 }) => ({
    hostname,
    port,
  }));
  return { endpoints, shared };
}
