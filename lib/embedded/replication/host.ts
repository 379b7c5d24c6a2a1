/**
 * The server as replication sees it.
 *
 * @module
 */

import type { PersistentServer } from "../persistence/host.ts";
import type { Replication } from "./replication.ts";

/** The parts of the server that replication uses. */
export interface ReplicatedServer extends PersistentServer {
  /** Replicas and the link to the master. */
  readonly replication: Replication;
}
