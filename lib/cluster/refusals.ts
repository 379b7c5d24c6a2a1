/**
 * What fails at one node and may not fail at another, or later.
 *
 * @module
 */

import {
  ConnectionError,
  QueueFullError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";

/** Answers that pass: another node will be there, or the same one later. */
const PASSING =
  /^(TRYAGAIN|CLUSTERDOWN|MASTERDOWN|LOADING|READONLY|UNBLOCKED)$/;

const SCRIPTS = /^(eval|fcall)/i;

/** Whether another node, or the same one later, may execute what failed so. */
export function passes(error: unknown, title: string): boolean {
  if (error instanceof ReplyError) {
    // What a script says may come from behind its first write.
    return PASSING.test(error.code) && !SCRIPTS.test(title) &&
      (error.code !== "UNBLOCKED" || error.message.includes("state changed"));
  }
  // The limits of this process are no matter of a node.
  if (
    error instanceof QueueFullError ||
    error instanceof TimeoutError && error.message.startsWith("Cannot lease")
  ) return false;
  // A node that left the cluster is closed: that is no end here.
  return error instanceof ConnectionError && !error.maybeExecuted;
}
