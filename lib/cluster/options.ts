/**
 * The options of a cluster.
 *
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import type { ReadFrom } from "../client/engine.ts";
import type { ZoneOf } from "./reading.ts";
import type { Endpoint } from "./endpoint.ts";

/** The options of {@linkcode Cluster}. Those of a client are for the client of each node. */
export interface ClusterOptions extends
  Omit<
    ClientOptions,
    "hostname" | "port" | "path" | "db" | "connectAttempts"
  > {
  /** Nodes to ask for the others; one that answers is enough. */
  seeds: readonly Endpoint[];
  /**
   * How often the client asks for the slots when nothing else makes it ask, in
   * milliseconds; 0 for never.
   *
   * @default {30000}
   */
  refreshInterval?: number;
  /** How many redirections of a command are followed in a row. @default {16} */
  maxRedirections?: number;
  /**
   * Which server executes commands that only read, where a call does not say so
   * itself (`with`). A replica is behind: it may lack the latest writes.
   * Left out are replicas that are silent, load, have lost their master, or are
   * more than some 2 s behind.
   *
   * @default {"master"}
   */
  readFrom?: ReadFrom;
  /**
   * The availability zone of a node, for `readFrom: { zone }`, where the node does
   * not tell its own, as Valkey does with `availability-zone` in its configuration.
   */
  zoneOf?: ZoneOf;
  /** Maps the address that the cluster gives for a node to one that this client can reach, as through NAT. */
  mapAddress?: (endpoint: Endpoint) => Endpoint;
}
