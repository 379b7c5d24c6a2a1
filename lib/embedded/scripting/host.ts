/**
 * What scripts need of the server that they run on.
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
  /** Who gets what the running command changes: a bit set of `REPLICATE`. */
  replicate: number;
  /** The time in ms since 1970: for a script that of its start. */
  now: number;
}
