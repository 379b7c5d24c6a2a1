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

/** One error of these may reject many commands: each gets a copy. */
const SHARED = [AuthenticationError, ConnectionError, ProtocolError];

/** Errors whose stack names a call: an outer call does not replace it. */
const placed = new WeakSet<Error>();

/** Captures the caller's stack. V8 formats it when it is read: only for errors. */
export function callSite(): Error {
  return new Error("Called here");
}

/**
 * Returns the error with the stack of `site`. Errors that are not the library's,
 * such as the reason of a signal, stay as they are: others may have them too.
 */
export function placeAt(error: unknown, site: Error | undefined): unknown {
  if (
    site === undefined || !(error instanceof RedisError) || placed.has(error)
  ) return error;
  const frames = framesOf(site);
  // Called by the library itself: its own caller may know better.
  if (frames === "") return error;
  let own: Error = error;
  if (SHARED.some((type) => error instanceof type)) {
    const { constructor } = error as { constructor: unknown };
    // Its class takes from the options what the error itself has by these names.
    own = new (constructor as typeof ConnectionError)(error.message, error);
  }
  own.stack = `${own}\n${frames}`;
  placed.add(own);
  return own;
}

/** The same for an attempt to connect: behind the stack of another error, such as the dial's. */
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

/** The frames outside this library; all of them in a bundle, where nothing tells them apart. */
function framesOf(site: Error): string {
  const [, here = "", ...frames] = (site.stack ?? "").split("\n");
  const library = /[^( ]+\/lib\/(?=client\/call_site\.)/.exec(here)?.[0];
  return frames.filter((frame) => !library || !frame.includes(library))
    .join("\n");
}
