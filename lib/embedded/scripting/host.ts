/**
 * The server's interface for scripts.
 *
 * @module
 */

import type { ReplicatedServer } from "../replication/host.ts";
import type { Scripting } from "./scripting.ts";

/** The parts of the server that scripts use. */
export interface ScriptingServer extends ReplicatedServer {
  /** Scripts and functions. */
  readonly scripting: Scripting;
  /** Whether the running command comes from the master or a file. */
  readonly obeys: boolean;
  /** Whether files and replicas get the changes of the running command: bits of `REPLICATE`. */
  replicate: number;
  /** The time in ms since 1970; for a script, the time of its start. */
  now: number;
}
