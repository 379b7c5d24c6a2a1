/**
 * MULTI, EXEC, WATCH: commands that run with nothing between them.
 *
 * @module
 */

import type { Command } from "./command.ts";

/** What MULTI began. */
export interface Transaction {
  /** The commands that wait for EXEC. */
  readonly queue: { command: Command; args: string[] }[];
  /** Whether one was refused when it was queued: EXEC discards all. */
  failed: boolean;
}
