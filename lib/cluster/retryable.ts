/**
 * Errors of one node that another node, or the same one later, may not give.
 *
 * @module
 */

import {
  isRetryableElsewhere,
  isRetryableLater,
  isScript,
} from "../connection/error_codes.ts";
import {
  ConnectionError,
  PoolTimeoutError,
  QueueFullError,
  ReplyError,
} from "../errors.ts";

/** Whether another node, or the same one later, may execute the command that failed. */
export function isRetryable(error: unknown, name: string): boolean {
  if (error instanceof ReplyError) {
    return !isScript(name) &&
      (isRetryableLater(error) || isRetryableElsewhere(error));
  }
  // These are limits of this process: another node does not change them.
  if (error instanceof QueueFullError || error instanceof PoolTimeoutError) {
    return false;
  }
  // A node that left the cluster is closed: the cluster is not.
  return error instanceof ConnectionError && !error.maybeExecuted;
}
