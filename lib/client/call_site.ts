/**
 * Call sites: an error that arrives later names the line of its call.
 *
 * @module
 */

import {
  AuthenticationError,
  ConnectionError,
  ProtocolError,
  RedisError,
} from "../errors.ts";
import type { CallOptions } from "./engine.ts";

/** One such error may reject many commands, so each command gets a copy. */
const SHARED = [AuthenticationError, ConnectionError, ProtocolError];

/** Errors whose stack already names a call. An outer call keeps that stack. */
const placed = new WeakSet<Error>();

/**
 * Captures the caller's stack. V8 formats a stack when it is first read, so a
 * command that succeeds does not pay for that.
 */
export function callSite(): Error {
  return new Error("Called here");
}

/**
 * Returns the error with the stack of `site`. Other errors than the library's,
 * such as the reason of a signal, stay unchanged: code outside may hold them
 * too.
 */
export function placeAt(error: unknown, site: Error | undefined): unknown {
  if (
    site === undefined || !(error instanceof RedisError) || placed.has(error)
  ) return error;
  const frames = framesOf(site);
  // The library itself made this call: the call that led to it is marked
  // further out.
  if (frames === "") return error;
  let own: Error = error;
  if (SHARED.some((type) => error instanceof type)) {
    const { constructor } = error as { constructor: unknown };
    // The error serves as its own options: it has properties of the same names.
    own = new (constructor as typeof ConnectionError)(error.message, error);
  }
  own.stack = `${own}\n${frames}`;
  placed.add(own);
  return own;
}

/**
 * The same for an attempt to connect. Appends the frames to the stack of
 * another error, such as that of `dial`.
 */
export function placeConnect(error: unknown, site: Error): unknown {
  if (error instanceof Error && !(error instanceof RedisError)) {
    error.stack += `\n${framesOf(site)}`;
  }
  return placeAt(error, site);
}

/** Returns the promise, whose error names the line of this call where `call` says so. */
export function recordSite<T>(
  { callSites }: CallOptions,
  promise: Promise<T>,
): Promise<T> {
  return callSites ? rejectAt(callSite(), promise) : promise;
}

/** Returns the promise, whose error names `site`. */
export async function rejectAt<T>(
  site: Error,
  promise: Promise<T>,
): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw placeAt(error, site);
  }
}

/**
 * The frames outside this library; all frames in a bundle, where they cannot be
 * told apart.
 */
function framesOf(site: Error): string {
  const [, here = "", ...frames] = (site.stack ?? "").split("\n");
  const library = /[^( ]+\/lib\/(?=client\/call_site\.)/.exec(here)?.[0];
  return frames.filter((frame) => !library || !frame.includes(library))
    .join("\n");
}
