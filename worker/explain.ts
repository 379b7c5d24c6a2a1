/**
 * Errors -> statuses and texts: the one place where that is decided.
 *
 * @module
 */

import {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  PoolTimeoutError,
  ProtocolError,
  QueueFullError,
  RedisError,
  ReplyError,
  TimeoutError,
} from "../lib/errors.ts";
import { Refusal } from "./refusal.ts";

/** The public part of an error. */
export interface Explanation {
  /** The status of the response. */
  status: number;
  /** The text: nothing secret, no address. */
  message: string;
  /** Headers of the response besides those that all have. */
  headers?: Record<string, string>;
}

const RETRY = { "retry-after": "1" };

function explanation(
  status: number,
  reason: string,
  headers = {},
): Explanation {
  return { status, message: `ERR ${reason}`, headers };
}

/**
 * Explains an error to the client. Messages of Redis are passed on; those of the
 * library are not, as they show the server's address.
 */
export function explain(error: unknown): Explanation {
  if (error instanceof Refusal) return error;
  if (error instanceof AuthenticationError) {
    return explanation(502, "Redis refused the gateway's own credentials");
  }
  if (error instanceof ReplyError) return explainReply(error);
  if (error instanceof BatchError && error.cause instanceof ReplyError) {
    // The error of the first wrong command, and that nothing was executed.
    const { message, ...rest } = explainReply(error.cause);
    const { cause } = error.cause;
    const aborted = cause instanceof ReplyError ? ` (${cause.reply})` : "";
    return { ...rest, message: message + aborted };
  }
  if (error instanceof ConnectionError) return explainConnection(error);
  if (error instanceof ProtocolError) {
    return explanation(
      502,
      "the server at REDIS_URL does not speak the Redis protocol",
    );
  }
  if (error instanceof RedisError) {
    return explanation(502, "Redis gave an unexpected answer");
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    // Only the metrics show it.
    return explanation(499, "the client has left");
  }
  return explanation(500, "internal error of the gateway");
}

function explainReply({ code, reply: message }: ReplyError): Explanation {
  switch (code) {
    case "NOAUTH":
      return explanation(
        502,
        "Redis asks for credentials that REDIS_URL lacks",
      );
    case "DENIED":
      return explanation(
        502,
        "Redis is in protected mode: it needs a password",
      );
    // These name the address of another node.
    case "MOVED":
    case "ASK":
    case "REDIRECT":
      return explanation(
        502,
        "REDIS_URL names a node that does not serve such a key",
      );
    // Redis cannot execute it now, and may later.
    case "LOADING":
    case "MASTERDOWN":
    case "BUSY":
    case "CLUSTERDOWN":
    case "TRYAGAIN":
      return { status: 503, message, headers: RETRY };
    default:
      return { status: 400, message };
  }
}

function explainConnection(error: ConnectionError): Explanation {
  const outcome = error.maybeExecuted
    ? ": the command may have been executed"
    : "";
  const failed = (status: number, reason: string) =>
    explanation(status, reason + outcome, RETRY);
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    // The dial's own error.
    if (cause instanceof Refusal) return cause;
    // The error of Redis: no such database, too many clients.
    if (cause instanceof ReplyError) {
      const { status, message } = explainReply(cause);
      return failed(Math.max(502, status), `Redis refused: ${message}`);
    }
  }
  if (error instanceof PoolTimeoutError) {
    return failed(503, "too many requests that block are under way");
  }
  const { cause } = error;
  // The time went by while it tried to connect, and not while Redis worked.
  const unreachable = cause instanceof Error &&
    !(cause instanceof TimeoutError);
  if (error instanceof TimeoutError && !unreachable) {
    return failed(504, "Redis did not answer in time");
  }
  if (error instanceof QueueFullError) {
    return failed(503, "too many requests wait for Redis");
  }
  if (error instanceof ClosedError) {
    return failed(503, "the gateway is shutting down");
  }
  return failed(
    502,
    error.maybeExecuted
      ? "the connection to Redis was lost"
      : "the gateway cannot reach Redis",
  );
}
