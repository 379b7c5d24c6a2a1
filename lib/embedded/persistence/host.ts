/**
 * The server as persistence sees it.
 *
 * @module
 */

import type { Overdue } from "../keyspace/database.ts";
import type { Server } from "../session/server.ts";
import type { Loading } from "./loading.ts";
import type { Persistence } from "./persistence.ts";
import type { Snapshots } from "./snapshots.ts";

/** The parts of the server that persistence uses. */
export interface PersistentServer extends Server {
  /** Snapshots in the background. */
  readonly snapshots: Snapshots;
  /** A load of data in progress. */
  readonly loading: Loading;
  /** The files; `null` without a directory. */
  readonly persistence: Persistence | null;
  /** How expired keys are treated. */
  overdue: Overdue;
  /** CLIENT TRACKING. */
  readonly tracking: Server["tracking"] & { flushed(): void };
  /** The auxiliary fields of a snapshot: its position in the replication stream. */
  readonly replication: Server["replication"] & {
    readonly aux: Record<string, string>;
    recover(aux: ReadonlyMap<string, string>): void;
    /** Notes that more of the append-only file is on the disk. */
    synced(): void;
  };
  /** Function libraries: snapshots contain them. */
  readonly scripting: Server["scripting"] & {
    readonly libraries: {
      readonly codes: readonly string[];
      load(code: string, replace: boolean): unknown;
      flush(): void;
    };
  };
}
