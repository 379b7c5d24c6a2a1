/**
 * What `for await` takes: pages of a scan, and promises of what is iterated over.
 *
 * @module
 */

import type { Page } from "../commands/shapes.ts";

/** Lets `for await` take the promise of what it iterates over: `await` is forgotten easily. */
export function iterable<T, I extends AsyncIterable<T>>(
  promise: Promise<I>,
): Promise<I> & AsyncIterable<T> {
  const iterator = async () => (await promise)[Symbol.asyncIterator]();
  return Object.assign(promise, {
    // Not a generator: one that was never started could not be left.
    [Symbol.asyncIterator]: (): AsyncIterator<T> => ({
      next: async () => await (await iterator()).next(),
      return: async () => {
        await (await iterator()).return?.();
        return { done: true, value: undefined };
      },
    }),
  });
}

/** Yields the items of all pages, from the cursor 0 until that comes again. */
export async function* pages<T>(
  signal: AbortSignal | undefined,
  next: (cursor: string) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor = "0";
  do {
    signal?.throwIfAborted();
    const page = await next(cursor);
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== "0");
}
