/**
 * A wait that a signal ends.
 *
 * @module
 */

/** Resolves after `delay` milliseconds; rejects with the signal's reason when it aborts. */
export async function sleep(
  delay: number,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, delay);
  signal?.addEventListener("abort", wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", wake);
  signal?.throwIfAborted();
}
