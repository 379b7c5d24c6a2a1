/**
 * A wait that a signal ends.
 *
 * @module
 */

import { onAbort } from "../connection/alarm.ts";

/** Resolves after `delay` milliseconds; rejects with the signal's reason when it aborts. */
export async function sleep(
  delay: number,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const timer = setTimeout(resolve, delay);
  const release = onAbort(signal, resolve);
  await promise;
  clearTimeout(timer);
  release();
  signal?.throwIfAborted();
}
