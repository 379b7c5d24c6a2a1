/**
 * The errors of deadlines that passed on a connection.
 *
 * @module
 */

import { TimeoutError } from "../errors.ts";
import type { Slot } from "./command.ts";

/** No byte has come for `time` ms although replies are pending. */
export function silence(time: number): TimeoutError {
  return new TimeoutError(
    `The server has not answered for ${Math.round(time)} ms`,
  );
}

/** A command was written and not answered in time. */
export function noReply(slot: Slot): TimeoutError {
  return new TimeoutError(
    `${slot.description} got no reply by its deadline`,
    { maybeExecuted: slot.maybeExecuted },
  );
}

/** A command was not written in time. */
export function notSent(slot: Slot): TimeoutError {
  return new TimeoutError(
    `${slot.description} was not sent by its deadline`,
    { maybeExecuted: slot.maybeExecuted },
  );
}

/** A command was not written, as its reply would have come too late. */
export function tooSlow(slot: Slot): TimeoutError {
  return new TimeoutError(
    `${slot.description} was not sent: at the speed of its connection the reply would miss the deadline`,
    { maybeExecuted: slot.maybeExecuted },
  );
}
