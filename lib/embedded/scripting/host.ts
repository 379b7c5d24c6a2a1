/**
 * The server's interface for scripts.
 *
 * @module
 */

import type { ReplicatedServer } from "../replication/host.ts";
import type { Scripting } from "./scripting.ts";

/** The server, as scripts see it. */
export interface ScriptingServer extends ReplicatedServer {
  /** Scripts and functions. */
  readonly scripting: Scripting;
  /** Whether the running command came from the primary or a file. */
  readonly obeys: boolean;
  /** Whether files and replicas get the changes of the running command: bits of `REPLICATE`. */
  replicate: number;
  /** The time in ms since 1970: for a script that of its start. */
  now: number;
}
