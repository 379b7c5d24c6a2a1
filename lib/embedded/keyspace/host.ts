/**
 * The server as the keyspace sees it.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Statistics } from "../base/statistics.ts";
import type { Database, Overdue } from "./database.ts";

/** The parts of the server that eviction, expiry and memory estimates use. */
export interface Host {
  /** The time in ms since 1970; constant while a command runs. */
  readonly now: number;
  /** How expired keys are treated. */
  readonly overdue: Overdue;
  /** The settings. */
  readonly config: Config;
  /** The counters. */
  readonly statistics: Statistics;
  /** The numbered databases. */
  readonly databases: readonly Database[];
  /** The replication role. */
  role: "master" | "slave";
  /** The number of changes since the last save. */
  dirty: number;
  /** Keyspace notifications. */
  readonly notifications: {
    readonly active: boolean;
    tell(db: number, type: string, event: string, key: string): void;
  };
  /** Sends a command to files and replicas, besides the running command's own. */
  propagate(db: Database, args: readonly string[]): void;
  /** Ends a command: hands its changes to files and replicas. */
  settle(): void;
}
