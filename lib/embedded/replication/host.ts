/**
 * What replication needs of the server whose data it copies.
 *
 * @module
 */

import type { PersistentServer } from "../persistence/host.ts";
import type { Replication } from "./replication.ts";

/** The server, as replication sees it. */
export interface ReplicatedServer extends PersistentServer {
  /** Replicas and the primary. */
  readonly replication: Replication;
}
