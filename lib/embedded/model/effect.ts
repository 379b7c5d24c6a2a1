/**
 * Changes as commands: what files and replicas get.
 *
 * @module
 */

/** Who gets a change: the file, replicas, or both, as bits. */
export const REPLICATE = { none: 0, file: 1, replicas: 2, all: 3 } as const;

/** A change as the command that makes it again. */
export interface Effect {
  /** The number of its database. */
  readonly db: number;
  /** The command. */
  readonly args: readonly string[];
  /** Who gets it, when not all do: see {@linkcode REPLICATE}. */
  readonly to?: number;
}

/** Gets every change: all changes of one command, or of one EXEC, together. */
export type Sink = (effects: readonly Effect[]) => void;
