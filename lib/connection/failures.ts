/**
 * The errors of a connection: deadlines that passed, and what the server refused.
 *
 * @module
 */

import {
  ConnectionError,
  ProtocolError,
  ReplyError,
  TimeoutError,
} from "../errors.ts";
import type { Reply } from "../resp/reply.ts";
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

/** The error for a connection that the server does not serve. */
export function refusal(cause: ReplyError): ConnectionError {
  return new ConnectionError(`The server refused: ${cause.message}`, { cause });
}

/** The error for a reply that no command waits for. */
export function unasked(reply: Reply): Error {
  // Servers refuse a connection so: `-ERR max number of clients reached`.
  if (reply instanceof ReplyError) return refusal(reply);
  return new ProtocolError("Cannot match a reply: no command waits for one");
}
