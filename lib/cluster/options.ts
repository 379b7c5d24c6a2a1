/**
 * How a cluster is reached.
 *
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import type { Endpoint } from "./topology.ts";

/** How a cluster is reached. What is not here is as for one server, and for each node. */
export interface ClusterOptions extends
  Omit<
    ClientOptions,
    "hostname" | "port" | "path" | "db" | "connectAttempts"
  > {
  /** Nodes to ask for the others; one that answers is enough. */
  seeds: readonly Endpoint[];
  /** How often the cluster is asked who has what without need, in milliseconds. @default {30000} */
  refreshInterval?: number;
  /** Where a node that the cluster names is reached from here, as through NAT. */
  mapAddress?: (endpoint: Endpoint) => Endpoint;
}
