/**
 * The limits on pending commands.
 *
 * @module
 */

import { QueueFullError } from "../errors.ts";
import type { Slot } from "./command.ts";

/** The limits on pending commands. */
export interface QueueLimits {
  /** How many commands may wait, for a connection or for a reply. */
  readonly queueSize: number;
  /** How many bytes the arguments of these commands may have. */
  readonly queueBytes: number;
}

/** Pending commands: those that have no reply yet. */
export interface Pending {
  /** How many there are. */
  readonly pending: number;
  /** About how many bytes these have. */
  readonly pendingBytes: number;
}

/** The option that one more command would exceed. */
export function exceeded(
  { queueSize, queueBytes }: QueueLimits,
  queue: Pending,
  slot: Slot,
): keyof QueueLimits | undefined {
  const { pending } = queue;
  if (pending >= queueSize) return "queueSize";
  // One command of any size may be sent where nothing else waits.
  if (pending > 0 && queue.pendingBytes + slot.size > queueBytes) {
    return "queueBytes";
  }
  return undefined;
}

/** The error for a command that would exceed an option. */
export function queueFull(
  limits: QueueLimits,
  name: keyof QueueLimits,
  slot: Slot,
): QueueFullError {
  const what = name === "queueSize"
    ? '"queueSize" commands already wait'
    : 'it would exceed the "queueBytes" of the commands that wait';
  return new QueueFullError(
    `Cannot queue ${slot.description} as ${what}: current value is ${
      limits[name]
    }`,
  );
}
