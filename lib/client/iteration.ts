/**
 * Iteration: pages of a scan, and `for await` over the promise of an iterable.
 *
 * @module
 */

import type { Page } from "../commands/shapes.ts";

/** Lets `for await` take the promise of an iterable: `await` is forgotten easily. */
export function iterable<T, I extends AsyncIterable<T>>(
  promise: Promise<I>,
): Promise<I> & AsyncIterable<T> {
  return Object.assign(promise, {
    // Not a generator: `return()` of one that was never started runs nothing.
    [Symbol.asyncIterator](): AsyncIterator<T> {
      let iterator: AsyncIterator<T> | undefined;
      const begin = async () =>
        iterator ??= (await promise)[Symbol.asyncIterator]();
      return {
        next: () => iterator?.next() ?? begin().then((it) => it.next()),
        async return() {
          await (await begin()).return?.();
          return { done: true, value: undefined };
        },
      };
    },
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
