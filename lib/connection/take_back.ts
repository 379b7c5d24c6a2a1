/**
 * Sorts the commands of a dead connection: send again, or reject.
 *
 * @module
 */

import {
  ClosedError,
  ConnectionError,
  messageOf,
  ProtocolError,
} from "../errors.ts";
import type { Slot } from "./command.ts";
import type { Death } from "./connection.ts";
import { type Observed, tell } from "./events.ts";

/**
 * Returns the slots of a dead connection that may be sent again, in order, and
 * rejects the others. `again` limits them.
 *
 * A write is not sent again when a later write, which is not sent again either,
 * may have been executed: it would be executed out of order.
 */
export function takeBack(
  { reason, written, unwritten }: Death,
  again: "all" | "reads" | "none",
  observed: Observed = {},
): Slot[] {
  const mayResend = (slot: Slot) =>
    !slot.settled && slot.retries > 0 && slot.resendable &&
    (again === "all" || again === "reads" && slot.readOnly) &&
    !(reason instanceof ProtocolError);
  const last = written.findLastIndex((slot) =>
    !mayResend(slot) && !slot.readOnly
  );
  const kept: Slot[] = [];
  for (const [i, slot] of written.entries()) {
    if (slot.settled) continue;
    if (mayResend(slot) && (i > last || slot.readOnly)) {
      slot.retries--;
      slot.attempted = true;
      kept.push(slot);
      tellRetried(observed, slot, reason);
    } else slot.fail(lost(slot, reason));
  }
  // The connection's own commands mean nothing on another.
  for (const slot of unwritten) slot.fail(lost(slot, reason));
  return kept;
}

/** Tells that a slot will be sent again. */
export function tellRetried(
  observed: Observed,
  slot: Slot,
  reason: unknown,
): void {
  tell(observed, { kind: "retried", command: slot.description, reason });
}

/** The error of a slot that is not sent again. */
export function lost(slot: Slot, reason: unknown): Error {
  if (reason instanceof ProtocolError) return reason;
  const options = { cause: reason, maybeExecuted: slot.maybeExecuted };
  return reason instanceof ClosedError
    ? new ClosedError(
      `${slot.description} got no reply before the client was closed`,
      options,
    )
    : new ConnectionError(
      `${slot.description} lost its connection before the reply came: ${
        messageOf(reason)
      }`,
      options,
    );
}
