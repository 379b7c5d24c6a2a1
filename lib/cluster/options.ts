/**
 * How a cluster is reached.
 *
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import type { ReadFrom } from "../client/engine.ts";
import type { ZoneOf } from "./reading.ts";
import type { Endpoint } from "./endpoint.ts";

/** How a cluster is reached. What is not here is as for one server, and for each node. */
export interface ClusterOptions extends
  Omit<
    ClientOptions,
    "hostname" | "port" | "path" | "db" | "connectAttempts"
  > {
  /** Nodes to ask for the others; one that answers is enough. */
  seeds: readonly Endpoint[];
  /** How often the cluster is asked for its slots without need, in milliseconds. @default {30000} */
  refreshInterval?: number;
  /** How many redirections of a command are followed in a row. @default {16} */
  maxRedirections?: number;
  /**
   * Which server executes commands that only read, where a call does not say so
   * itself (`with`). A replica is behind: what was just written may be missing.
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
  /** Where a node that the cluster names is reached from here, as through NAT. */
  mapAddress?: (endpoint: Endpoint) => Endpoint;
}
