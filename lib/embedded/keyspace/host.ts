/**
 * What the keyspace needs of the server that it is part of.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Database, DatabaseEvents } from "./database.ts";

/** The server, as eviction, expiry and estimates of memory see it. */
export interface Host extends DatabaseEvents {
  /** The settings. */
  readonly config: Config;
  /** The numbered databases. */
  readonly databases: readonly Database[];
  /** The replication role. */
  role: "master" | "slave";
  /** Counts changes. */
  dirty: number;
  /** Keyspace notifications. */
  readonly notifications: {
    readonly active: boolean;
    tell(db: number, type: string, event: string, key: string): void;
  };
  /** Saves a change as a command, besides the running command's own. */
  propagate(db: Database, args: readonly string[]): void;
  /** Ends a command: its changes go to files and replicas. */
  settle(): void;
}
