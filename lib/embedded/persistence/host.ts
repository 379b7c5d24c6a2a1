/**
 * What files need of the server whose data they keep.
 *
 * @module
 */

import type { Overdue } from "../keyspace/database.ts";
import type { Server } from "../session/server.ts";
import type { Loading } from "./loading.ts";
import type { Persistence } from "./persistence.ts";
import type { Snapshots } from "./snapshots.ts";

/** The server, as persistence sees it. */
export interface PersistentServer extends Server {
  /** Snapshots that are made in the background. */
  readonly snapshots: Snapshots;
  /** Data that is being loaded. */
  readonly loading: Loading;
  /** The files; `null` without a directory. */
  readonly persistence: Persistence | null;
  /** What becomes of keys whose time is over. */
  overdue: Overdue;
  /** CLIENT TRACKING. */
  readonly tracking: Server["tracking"] & { flushed(): void };
  /** Fields of a snapshot that say where in the replication stream it is. */
  readonly replication: Server["replication"] & {
    readonly aux: Record<string, string>;
    recover(aux: ReadonlyMap<string, string>): void;
    /** Notes that more of the append-only file is on the disk. */
    synced(): void;
  };
  /** Functions, which snapshots have too. */
  readonly scripting: Server["scripting"] & {
    readonly libraries: {
      readonly codes: readonly string[];
      load(code: string, replace: boolean): unknown;
      flush(): void;
    };
  };
}
