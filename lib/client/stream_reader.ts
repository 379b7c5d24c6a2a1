/**
 * Reads a stream as a consumer of a group, entry by entry, without losing any.
 *
 * @see https://redis.io/docs/latest/develop/data-types/streams/
 * @module
 */

import type { Fields } from "../commands/shapes.ts";
import { jittered } from "../connection/backoff.ts";
import {
  isRetryableElsewhere,
  isRetryableLater,
} from "../connection/error_codes.ts";
import { cannot, ClosedError, ConnectionError, ReplyError } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import type { Redis } from "./redis.ts";
import { sleep } from "./sleep.ts";

/** Options of `readGroup`. */
export interface ReadGroupOptions {
  /**
   * The maximum number of entries per call.
   *
   * @default {16}
   */
  count?: number;
  /**
   * How long one call waits for entries, in milliseconds; then the next one is sent.
   *
   * @default {5000}
   */
  block?: number;
  /**
   * Claims entries that another consumer has not acknowledged for this many
   * milliseconds; never when left out.
   */
  claimIdle?: number;
  /** Creates the group and the stream if they do not exist, starting after this id: `"0"` for all entries, `"$"` for new ones. */
  create?: string;
  /** Ends the reading when it aborts; the iterator throws its reason. */
  signal?: AbortSignal;
}

/** An entry that is this consumer's until it is acknowledged. */
export interface Delivery<B extends string | Uint8Array> {
  /** The entry's id. */
  readonly id: string;
  /** Its fields and their values. */
  readonly fields: Fields<B>;
  /**
   * Whether it was delivered before, to this consumer or to the one it was
   * claimed from.
   */
  readonly again: boolean;
  /** Acknowledges the entry; resolves to 0 when it was acknowledged already. */
  ack(): Promise<number>;
}

/**
 * Entries of a stream: first those that are pending for this consumer since an
 * earlier run, then new ones, and stale ones of others in between.
 *
 * Entries that are not acknowledged when the loop is left stay pending: this
 * consumer's next run begins with them.
 */
export async function* readGroup<B extends string | Uint8Array>(
  redis: Redis<B>,
  key: Arg,
  group: Arg,
  consumer: Arg,
  options: ReadGroupOptions,
): AsyncGenerator<Delivery<B>, void> {
  const { count = 16, block = 5_000, claimIdle, create, signal } = options;
  if (claimIdle !== undefined && !(claimIdle >= 1)) {
    throw new RangeError(
      cannot("read group", '"claimIdle" must be at least 1', claimIdle),
    );
  }
  const reader = signal === undefined ? redis : redis.with({ signal });
  let made = create === undefined;
  /** The id after which this consumer's pending entries are read; undefined when there are no more. */
  let pending: string | undefined = "0";
  let claimed = -Infinity;
  /** The id at which the next XAUTOCLAIM starts: each looks at some of the entries. */
  let from = "0-0";
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    let entries: { id: string; fields: Fields<B> | null }[] = [];
    let again = true;
    try {
      if (!made) {
        await makeGroup(reader, key, group, create!);
        made = true;
      }
      if (
        pending === undefined && claimIdle !== undefined &&
        performance.now() - claimed >= claimIdle / 2
      ) {
        const page = await reader.xautoclaim(
          key,
          group,
          consumer,
          claimIdle,
          from,
          { count },
        );
        entries = page.claimed;
        from = page.next;
        if (from === "0-0") claimed = performance.now();
      } else {
        again = pending !== undefined;
        const found = await reader.xreadgroup(
          group,
          consumer,
          [[key, pending ?? ">"]],
          again
            ? { count }
            : { count, block: Math.min(block, claimIdle ?? Infinity) },
        );
        entries = found?.[0]?.[1] ?? [];
        if (again) pending = entries.at(-1)?.id;
      }
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      const { code } = error as Partial<ReplyError>;
      const lost = error instanceof ConnectionError
        ? !(error instanceof ClosedError)
        : error instanceof ReplyError &&
          (isRetryableLater(error) || isRetryableElsewhere(error) ||
            // The stream was deleted while the command blocked.
            code === "UNBLOCKED" ||
            code === "NOGROUP" && create !== undefined);
      if (!lost) throw error;
      // The stream was deleted, or the server has lost it. Create it again.
      if (code !== undefined) made = create === undefined;
      // The lost reply may have had entries. They are pending now.
      pending = "0";
      await sleep(jittered(++failures), signal);
      continue;
    }
    for (const { id, fields } of entries) {
      // The entry was deleted since it was delivered.
      if (fields === null) await redis.xack(key, group, id);
      else yield { id, fields, again, ack: () => redis.xack(key, group, id) };
    }
  }
}

async function makeGroup<B extends string | Uint8Array>(
  redis: Redis<B>,
  key: Arg,
  group: Arg,
  from: string,
): Promise<void> {
  try {
    await redis.xgroupCreate(key, group, from, { mkstream: true });
  } catch (error) {
    const exists = error instanceof ReplyError && error.code === "BUSYGROUP";
    if (!exists) throw error;
  }
}
