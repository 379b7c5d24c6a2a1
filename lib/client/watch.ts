/**
 * Optimistic transactions: WATCH, reads, MULTI to EXEC, retried after a conflict.
 *
 * @see https://redis.io/docs/latest/develop/using-commands/transactions/
 * @module
 */

import type { Readings } from "../commands/shapes.ts";
import {
  ClosedError,
  ConnectionError,
  quote,
  TimeoutError,
  WatchError,
} from "../errors.ts";
import { type Arg, RAW } from "../resp/reply.ts";
import type { ExecuteOptions, Results } from "./batch.ts";
import type { CallOptions, LeasedEngine, PooledEngine } from "./engine.ts";
import { type Build, Surface } from "./surface.ts";

/** Options of `watch`. */
export interface WatchOptions {
  /**
   * The maximum number of times that the function runs.
   *
   * @default {10}
   */
  attempts?: number;
  /** Stops the attempts when it aborts; rejects with its reason. */
  signal?: AbortSignal;
}

/**
 * A connection that watches keys: commands run at once, and `commit` executes a
 * transaction if no watched key has changed.
 */
export class Watched<B extends string | Uint8Array> extends Surface<B> {
  /** The engine that executes the commands, on one connection. */
  protected override readonly engine: LeasedEngine;
  /**
   * Whether a watched key changed, or the connection was lost before EXEC.
   *
   * @internal
   */
  conflict: WatchError | undefined;
  /**
   * Whether EXEC has a reply: the server then watches no key any more.
   *
   * @internal
   */
  executed = false;

  /** Called by `watch`. */
  constructor(engine: LeasedEngine, as: Readings<B>, call: CallOptions) {
    super(as, call);
    this.engine = engine;
  }

  /** Executes the commands of `build` as a transaction if no watched key has changed; else `watch` runs its function again. */
  async commit<const T extends readonly Promise<unknown>[]>(
    build: Build<B, T>,
    options: ExecuteOptions = {},
  ): Promise<Results<T>> {
    try {
      const results = await this.transaction(build, options);
      // One without commands is not sent, and ends nothing.
      this.executed = results.length > 0;
      return results;
    } catch (error) {
      if (error instanceof WatchError) {
        this.conflict = error;
        this.executed = true;
      }
      throw error;
    }
  }
}

/**
 * Runs `run` on a connection that watches `keys` until its commit meets no
 * conflict.
 */
export async function watch<B extends string | Uint8Array, T>(
  engine: PooledEngine,
  as: Readings<B>,
  call: CallOptions,
  keys: readonly Arg[],
  run: (watched: Watched<B>) => Promise<T>,
  { attempts = 10, signal = call.signal }: WatchOptions,
): Promise<T> {
  if (!(attempts >= 1)) {
    throw new RangeError(
      `Cannot watch as "attempts" must be at least 1: current value is ${
        quote(attempts)
      }`,
    );
  }
  if (keys.length === 0) throw new TypeError("Cannot watch without a key");
  const each = signal === undefined ? call : { ...call, signal };
  let conflict: WatchError;
  let attempt = 0;
  do {
    using lease = await engine.lease(each, keys[0]);
    const watched = new Watched(lease, as, each);
    try {
      await lease.execute({ args: ["WATCH", ...keys], shape: RAW }, each);
      return await run(watched);
    } catch (error) {
      conflict = watched.conflict ?? lostBeforeExec(error);
    } finally {
      await unwatch(lease, watched.executed, each);
    }
  } while (++attempt < attempts);
  throw new WatchError(
    `Cannot commit in ${attempts} attempts: ${conflict.message}`,
    { cause: conflict },
  );
}

/** A connection lost before EXEC was written is a conflict: nothing was executed. */
function lostBeforeExec(error: unknown): WatchError {
  const lost = error instanceof ConnectionError && !error.maybeExecuted &&
    !(error instanceof TimeoutError) && !(error instanceof ClosedError);
  if (!lost) throw error;
  return new WatchError("The connection that watched was lost", {
    cause: error,
  });
}

/** Ends WATCH on the connection; if that fails, the connection is not used again. */
async function unwatch(
  lease: LeasedEngine,
  executed: boolean,
  call: CallOptions,
): Promise<void> {
  // The connection is closed in any case: more than WATCH has changed it, or
  // replies are pending, which may never come.
  if (lease.changes > 1 || lease.connection.pending > 0) return;
  try {
    if (!executed) await lease.execute({ args: ["UNWATCH"], shape: RAW }, call);
    lease.changes = 0;
  } catch {
    // It still counts as changed.
  }
}
