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

/**
 * An error as a status and a text. Redis's own words are passed on; the
 * client's are not, as they show where the server is.
 */
export function explain(error: unknown): Explanation {
  if (error instanceof Refusal) return error;
  if (error instanceof AuthenticationError) {
    return {
      status: 502,
      message: "ERR Redis refused the gateway's own credentials",
    };
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
    return {
      status: 502,
      message: "ERR what REDIS_URL names does not speak the Redis protocol",
    };
  }
  if (error instanceof RedisError) {
    return { status: 502, message: "ERR Redis gave an unexpected answer" };
  }
  return { status: 500, message: "ERR internal error of the gateway" };
}

function explainReply({ code, message }: ReplyError): Explanation {
  switch (code) {
    case "NOAUTH":
      return {
        status: 502,
        message: "ERR Redis asks for credentials that REDIS_URL lacks",
      };
    // These name the address of another node.
    case "MOVED":
    case "ASK":
      return {
        status: 502,
        message:
          "ERR REDIS_URL names a node of a cluster, which has no such key",
      };
    // It is there, and not yet or just now not able to.
    case "LOADING":
    case "MASTERDOWN":
    case "BUSY":
      return { status: 503, message, headers: RETRY };
    default:
      return { status: 400, message };
  }
}

function explainConnection(error: ConnectionError): Explanation {
  const outcome = error.maybeExecuted
    ? ": the command may have been executed"
    : "";
  for (let { cause } = error; cause instanceof Error; cause = cause.cause) {
    // The dial had something to say.
    if (cause instanceof Refusal) return cause;
    // So had Redis: no such database, too many clients.
    if (cause instanceof ReplyError) {
      const message = `ERR Redis refused: ${explainReply(cause).message}`;
      return { status: 502, message: message + outcome, headers: RETRY };
    }
  }
  if (error instanceof TimeoutError) {
    return {
      status: 504,
      message: `ERR Redis did not answer in time${outcome}`,
      headers: RETRY,
    };
  }
  if (error instanceof QueueFullError) {
    return {
      status: 503,
      message: "ERR too many requests wait for Redis",
      headers: RETRY,
    };
  }
  if (error instanceof ClosedError) {
    return {
      status: 503,
      message: `ERR the gateway is shutting down${outcome}`,
      headers: RETRY,
    };
  }
  return {
    status: 502,
    message: error.maybeExecuted
      ? `ERR the connection to Redis was lost${outcome}`
      : "ERR the gateway cannot reach Redis",
    headers: RETRY,
  };
}
