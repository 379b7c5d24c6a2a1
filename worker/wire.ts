/**
 * Replies and errors as data, for the RPC between a Worker and its Durable Object:
 * an error that is thrown there arrives without its class.
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
  SlowReaderError,
  TimeoutError,
  WatchError,
} from "../lib/errors.ts";
import type { CacheTold } from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** An error as data: its class, its message and its own properties. No reply is such an object. */
export interface ErrorData {
  /** The name of its class. */
  readonly error: string;
  /** Its message. */
  readonly message: string;
  /** Its cause. */
  readonly cause: ErrorData | undefined;
  /** Its own properties, such as `maybeExecuted`. */
  readonly rest: object;
}

/** A reply, and what a cache tells of it. */
export interface CachedData {
  /** The reply as data. */
  readonly reply: unknown;
  /** What the cache tells. */
  readonly told: CacheTold;
}

/** By name: a minifier renames classes. */
const CLASSES: Record<string, { readonly prototype: Error }> = {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  ProtocolError,
  QueueFullError,
  RedisError,
  Refusal,
  ReplyError,
  SlowReaderError,
  TimeoutError,
  WatchError,
};

/** An error as data, with its cause. */
export function encodeError(error: unknown): ErrorData {
  const known = error instanceof Error && Object.hasOwn(CLASSES, error.name);
  const { name, message, cause } = known ? error : new Error();
  return {
    error: name,
    message,
    cause: cause === undefined ? undefined : encodeError(cause),
    rest: known ? { ...error } : {},
  };
}

/** The error of its data. */
export function decodeError({ error, message, cause, rest }: ErrorData): Error {
  const decoded = new Error(message, cause && { cause: decodeError(cause) });
  const known = CLASSES[error];
  if (known === undefined) return decoded;
  Object.assign(decoded, rest, cause && { cause: decoded.cause });
  return Object.setPrototypeOf(decoded, known.prototype);
}

/** Whether a value is an error as data. */
export function isErrorData(value: unknown): value is ErrorData {
  return typeof value === "object" && value !== null && "error" in value;
}

/** Whether a value is a reply that a cache tells of. */
export function isCached(value: unknown): value is CachedData {
  return typeof value === "object" && value !== null && "told" in value;
}

/** A reply with its errors as data; the reply itself when it has none. */
export function encodeReply(reply: unknown): unknown {
  if (typeof reply !== "object" || reply === null) return reply;
  if (reply instanceof Error) return encodeError(reply);
  if (Array.isArray(reply)) return mapArray(reply, encodeReply);
  // A view is copied with the whole buffer below it, which is that of a read.
  return reply instanceof Uint8Array && reply.length < reply.buffer.byteLength
    ? reply.slice()
    : reply;
}

/** The reply with its errors. */
export function decodeReply(reply: unknown): unknown {
  if (typeof reply !== "object" || reply === null) return reply;
  if (Array.isArray(reply)) return mapArray(reply, decodeReply);
  return isErrorData(reply) ? decodeError(reply) : reply;
}

/** Like `map()`, but gives the array itself when nothing changes. */
function mapArray(
  values: unknown[],
  map: (value: unknown) => unknown,
): unknown[] {
  let mapped: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const changed = map(values[i]);
    if (changed !== values[i]) (mapped ??= values.slice())[i] = changed;
  }
  return mapped ?? values;
}
