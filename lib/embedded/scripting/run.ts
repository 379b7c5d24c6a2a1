/**
 * A script or function that is running.
 *
 * @module
 */

import type { Session } from "../session/session.ts";

/** The flags of a script's first line: `#!lua flags=no-writes`. */
export type ScriptFlag =
  | "no-writes"
  | "allow-oom"
  | "allow-stale"
  | "no-cluster"
  | "allow-cross-slot-keys";

/** The known flags. */
export const SCRIPT_FLAGS: ReadonlySet<string> = new Set<ScriptFlag>([
  "no-writes",
  "allow-oom",
  "allow-stale",
  "no-cluster",
  "allow-cross-slot-keys",
]);

/** A script or function that is running. */
export interface ScriptRun {
  /** Whether EVAL runs it, or FCALL. */
  readonly kind: "script" | "function";
  /** The SHA-1 of a script, or the name of a function. */
  readonly name: string;
  /** The session that waits for its reply. */
  readonly caller: Session;
  /** The command that runs it. */
  readonly args: readonly string[];
  /** Whether it may not write. */
  readonly readOnly: boolean;
  /** Whether it may write even if memory was full when it began. */
  readonly allowOutOfMemory: boolean;
  /** Whether memory was full when it began. */
  readonly outOfMemory: boolean;
  /** When it began, by `performance.now()`. */
  readonly began: number;
  /** The time in ms since 1970: constant for its commands. */
  readonly now: number;
  /** Whether it has changed data: then it cannot be killed. */
  wrote: boolean;
  /** Whether SCRIPT KILL or FUNCTION KILL ended it. */
  killed: boolean;
  /** Whether files and replicas get its changes. */
  replicate: number;
}

/**
 * The flags of an EVAL or FCALL command, from the flags in a script's first line, so
 * that a script is refused before it runs.
 */
export function commandFlags(
  own: ReadonlySet<string>,
  flags: ReadonlySet<ScriptFlag>,
): ReadonlySet<string> {
  const made = new Set(own);
  for (const flag of ["stale", "denyoom", "write"]) made.delete(flag);
  if (!flags.has("no-writes")) {
    made.add("write");
    if (!flags.has("allow-oom")) made.add("denyoom");
  }
  if (flags.has("allow-stale")) made.add("stale");
  return made;
}
