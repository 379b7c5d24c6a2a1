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
  ProtocolError,
  QueueFullError,
  RedisError,
  ReplyError,
  TimeoutError,
} from "../lib/errors.ts";
import { Refusal } from "./refusal.ts";

/** What is told of an error. */
export interface Explanation {
  /** The status of the response. */
  status: number;
  /** The text of the error: nothing secret, no address. */
  message: string;
  /** Headers of the response besides those that all have. */
  headers?: Record<string, string>;
}

const RETRY = { "retry-after": "1" };

function told(status: number, reason: string, headers = {}): Explanation {
  return { status, message: `ERR ${reason}`, headers };
}

/**
 * An error as a status and a text. Redis's own words are passed on; the
 * client's are not, as they show where the server is.
 */
export function explain(error: unknown): Explanation {
  if (error instanceof Refusal) return error;
  if (error instanceof AuthenticationError) {
    return told(502, "Redis refused the gateway's own credentials");
  }
  if (error instanceof ReplyError) return explainReply(error);
  if (error instanceof BatchError && error.cause instanceof ReplyError) {
    // What was wrong with the first command, and that nothing was executed.
    const { message, ...rest } = explainReply(error.cause);
    const { cause } = error.cause;
    const aborted = cause instanceof ReplyError ? ` (${cause.message})` : "";
    return { ...rest, message: message + aborted };
  }
  if (error instanceof ConnectionError) return explainConnection(error);
  if (error instanceof ProtocolError) {
    return told(502, "what REDIS_URL names does not speak the Redis protocol");
  }
  if (error instanceof RedisError) {
    return told(502, "Redis gave an unexpected answer");
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    // Only the metrics are left to see it.
    return told(499, "the client has left");
  }
  return told(500, "internal error of the gateway");
}

function explainReply({ code, message }: ReplyError): Explanation {
  // The first answer of a server that takes no more connections.
  if (message.startsWith("ERR max number of clients")) {
    return { status: 503, message, headers: RETRY };
  }
  switch (code) {
    case "NOAUTH":
      return told(502, "Redis asks for credentials that REDIS_URL lacks");
    case "DENIED":
      return told(
        502,
        "Redis is in protected mode: it needs a password",
      );
    // These name the address of another node.
    case "MOVED":
    case "ASK":
    case "REDIRECT":
      return told(502, "REDIS_URL names a node that does not serve such a key");
    // It is there, and not yet or just now not able to.
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
    told(status, reason + outcome, RETRY);
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    // The dial had something to say.
    if (cause instanceof Refusal) return cause;
    // So had Redis: no such database, too many clients.
    if (cause instanceof ReplyError) {
      const { status, message } = explainReply(cause);
      return failed(Math.max(502, status), `Redis refused: ${message}`);
    }
  }
  if (error.message.startsWith("Cannot lease")) {
    return failed(503, "too many requests that block are under way");
  }
  if (error instanceof TimeoutError) {
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
