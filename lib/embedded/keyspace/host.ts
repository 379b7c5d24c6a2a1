/**
 * What the keyspace needs of the server that it is part of.
 *
 * @module
 */

import type { Config } from "../base/config.ts";
import type { Statistics } from "../base/statistics.ts";
import type { Database, Overdue } from "./database.ts";

/** The server, as eviction, expiry and estimates of memory see it. */
export interface Host {
  /** The time in ms since 1970; the same while a command runs. */
  readonly now: number;
  /** What becomes of keys whose time is over. */
  readonly overdue: Overdue;
  /** The settings. */
  readonly config: Config;
  /** What is counted. */
  readonly statistics: Statistics;
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
