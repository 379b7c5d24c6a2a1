/**
 * Many servers behind the same commands: a Redis Cluster, a master that Sentinels
 * watch, a master with replicas. The entry point `./cluster`.
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
import type { CallOptions, PooledEngine, ReadFrom } from "../client/engine.ts";
import { Client } from "../client/client.ts";
import { explainOtherOptions } from "../client/elsewhere.ts";
import type { ClientOptions } from "../client/options.ts";
import { Redis } from "../client/redis.ts";
import { fromUrl } from "../client/url.ts";
import { AS_TEXT, type Readings } from "../commands/shapes.ts";
import { misuse } from "../errors.ts";
import { callOptions, dial } from "../net/tcp.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterOptions } from "./options.ts";
import { type Endpoint, idOf } from "./endpoint.ts";
import type { NodeStatistics } from "./node.ts";
import { checkReadFrom, type ZoneOf } from "./reading.ts";
import { Replicas } from "./replica.ts";
import { Replicated } from "./replicated.ts";
import { SentinelClient } from "./sentinel.ts";

export type { ClusterOptions, Endpoint, NodeStatistics, ReadFrom, ZoneOf };

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
   * The masters, each with every command, for commands about one server: INFO,
   * CONFIG, MONITOR. The list is of this moment: ask again after a failover.
   */
  masters(): Redis<B>[] {
    // Closing one closes no connection that others use.
    return this.#cluster.masters.map((client) =>
      new Redis(client, this.as, this.callOptions)
    );
  }

  /**
   * The nodes of the cluster as this client knows them: role, slots, whether they
   * answer, and how often each was used, failed and redirected. Replicas are
   * there, too. Nothing is sent.
   *
   * ```ts
   * import type { ClusterRedis } from "@sorrel/redis/cluster";
   *
   * function silentNodes(redis: ClusterRedis): string[] {
   *   return redis.statistics()
   *     .filter(({ isUp }) => !isUp)
   *     .map(({ hostname, port }) => `${hostname}:${port}`);
   * }
   * ```
   */
  statistics(): NodeStatistics[] {
    return this.#cluster.statistics;
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
  explainOtherOptions(options);
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

/** How a master and its replicas are reached: the options are for all of them. */
export interface ReplicasConnectOptions
  extends Omit<ClientOptions, "hostname" | "port" | "path"> {
  /**
   * Which server executes commands that only read, where a call does not say so
   * itself (`with`). Left out are replicas that are silent, load, have lost their
   * master, or are more than some 2 s behind.
   *
   * @default {"preferReplica"}
   */
  readFrom?: ReadFrom;
  /**
   * The availability zone of a server, for `readFrom: { zone }`, where the server
   * does not tell its own, as Valkey does with `availability-zone` in its
   * configuration.
   */
  zoneOf?: ZoneOf;
}

/** How a master that Sentinels watch is reached: the options are for it and its replicas. */
export interface SentinelConnectOptions
  extends Omit<ReplicasConnectOptions, "readFrom"> {
  /** The sentinels' name for the master. @default {"mymaster"} */
  master?: string;
  /**
   * How the sentinels are reached, where that differs from the first URL: user,
   * password or `credentials`, `tls` with a private CA or a client certificate,
   * `connectTimeout`.
   */
  sentinel?: Omit<ClientOptions, "hostname" | "port" | "path" | "db">;
  /**
   * Which server executes commands that only read, where a call does not say so
   * itself (`with`). The replicas are those that the sentinels name.
   *
   * @default {"master"}
   */
  readFrom?: ReadFrom;
  /** Maps the address that a sentinel gives for a server to one that this client can reach, as through NAT. */
  mapAddress?: (endpoint: Endpoint) => Endpoint;
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
  {
    master = "mymaster",
    sentinel,
    readFrom = "master",
    zoneOf,
    mapAddress = (endpoint) => endpoint,
    ...options
  }: SentinelConnectOptions = {},
): Promise<Redis> {
  explainOtherOptions(options);
  checkReadFrom(readFrom);
  const { endpoints, shared } = readUrls("connect by sentinels", sentinels);
  const replicas = new Replicas((endpoint) => ({
    dial,
    ...options,
    ...endpoint,
  }));
  const client = new SentinelClient({
    sentinels: endpoints,
    name: master,
    sentinel: { ...shared, ...sentinel },
    master: { dial, ...options },
    mapAddress,
    onReplicas: (endpoints) => replicas.set(endpoints),
  });
  const engine = new Replicated({
    master: client,
    masterEndpoint: () => client.masterEndpoint,
    replicas,
    readFrom,
    zoneOf,
    commandTimeout: options.commandTimeout ?? 5_000,
  });
  return await connected(engine, client, options);
}

/**
 * Connects to a master and its replicas: commands that only read go to the
 * replicas by turns, or where `readFrom` says; all others, transactions that
 * write, leases and subscriptions to the master.
 *
 * Reads may lack the latest writes, as replicas are behind. When no replica is
 * current, the master is read from.
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
  { readFrom = "preferReplica", zoneOf, ...options }: ReplicasConnectOptions =
    {},
): Promise<Redis> {
  explainOtherOptions(options);
  checkReadFrom(readFrom);
  if (!Array.isArray(replicas)) {
    throw misuse("connect to replicas", "it takes an array of URLs", replicas);
  }
  const servers = new Map(
    replicas.map(fromUrl).map((server) => {
      const endpoint = endpointOf(server);
      return [idOf(endpoint), { server, endpoint }];
    }),
  );
  const others = new Replicas((endpoint) => {
    const { server } = servers.get(idOf(endpoint))!;
    return { dial, ...server, ...options };
  });
  others.set(Array.from(servers.values(), ({ endpoint }) => endpoint));
  const server = fromUrl(master);
  const client = new Client({ dial, ...server, ...options });
  const engine = new Replicated({
    master: client,
    masterEndpoint: () => endpointOf(server),
    replicas: others,
    readFrom,
    zoneOf,
    commandTimeout: options.commandTimeout ?? server.commandTimeout ?? 5_000,
  });
  return await connected(engine, client, options);
}

/** A Unix socket counts as a host by its path. */
function endpointOf({ hostname, port, path }: ClientOptions): Endpoint {
  return { hostname: path ?? hostname ?? "127.0.0.1", port: port ?? 6379 };
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

/** The endpoints of all URLs, and the options of the first one, which are for all servers. */
function readUrls(
  action: string,
  urls: string | URL | readonly (string | URL)[],
): { endpoints: Endpoint[]; shared: ClientOptions } {
  const list = typeof urls === "string" || urls instanceof URL ? [urls] : urls;
  if (!Array.isArray(list)) throw misuse(action, "it takes URLs", urls);
  const all = list.map(fromUrl);
  const [first] = all;
  if (first === undefined) {
    throw misuse(action, "at least one URL is needed", urls);
  }
  const { hostname: _, port: __, path, db, ...shared } = first;
  if (path !== undefined || db) {
    const rule = "its URLs must have a host and a port, and no database but 0";
    throw misuse(action, rule, path ?? db);
  }
  return { endpoints: all.map(endpointOf), shared };
}
