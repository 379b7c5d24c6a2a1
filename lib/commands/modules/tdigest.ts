/**
 * t-digests: quantiles and ranks of many numbers, in little memory.
 *
 * @see https://redis.io/docs/latest/develop/data-types/probabilistic/t-digest/
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import { addKeys, addMany, type OneOrMany } from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { double, integers, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { doubles, numbersByName } from "./shapes.ts";

/** How a sketch is made. */
export interface TDigestOptions {
  /**
   * More is more exact and takes more memory.
   *
   * @default {100}
   */
  compression?: number;
}

/** How sketches are merged. */
export interface TDigestMergeOptions extends TDigestOptions {
  /**
   * Whether what `destination` had is forgotten.
   *
   * @default {false}
   */
  override?: boolean;
}

/** Commands on t-digests: `redis.tdigest`. */
export class TDigestCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds observations. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.add/
   */
  add(key: Arg, ...values: OneOrMany<number>[]): Promise<"OK"> {
    return this.send(addMany(["TDIGEST.ADD", key], values), ok);
  }

  /**
   * Returns the values at ranks, the smallest at 0: `Infinity` beyond the last,
   * `NaN` when there are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.byrank/
   */
  byrank(key: Arg, ...ranks: OneOrMany<number>[]): Promise<number[]> {
    return this.send(addMany(["TDIGEST.BYRANK", key], ranks), doubles);
  }

  /**
   * Returns the values at ranks from the end, the largest at 0: `-Infinity`
   * beyond the first, `NaN` when there are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.byrevrank/
   */
  byrevrank(key: Arg, ...ranks: OneOrMany<number>[]): Promise<number[]> {
    return this.send(
      addMany(["TDIGEST.BYREVRANK", key], ranks),
      doubles,
    );
  }

  /**
   * Returns what part of the observations is smaller than each value, with half of
   * those that are equal; `NaN` when there are none. Fails when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.cdf/
   */
  cdf(key: Arg, ...values: OneOrMany<number>[]): Promise<number[]> {
    return this.send(addMany(["TDIGEST.CDF", key], values), doubles);
  }

  /**
   * Creates an empty sketch. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.create/
   */
  create(key: Arg, options?: TDigestOptions): Promise<"OK"> {
    return this.send(
      addOptions(["TDIGEST.CREATE", key], options, "compression"),
      ok,
    );
  }

  /**
   * Returns the numbers of a sketch, under the server's own field names, such
   * as `"Observations"`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.info/
   */
  info(key: Arg): Promise<Record<string, number | null>> {
    return this.send(["TDIGEST.INFO", key], numbersByName);
  }

  /**
   * Returns the largest observation, `NaN` when there are none. Fails when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.max/
   */
  max(key: Arg): Promise<number> {
    return this.send(["TDIGEST.MAX", key], double);
  }

  /**
   * Adds the observations of sketches to `destination`, created when it does
   * not exist. Fails when one of the sources does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.merge/
   */
  merge(
    destination: Arg,
    sources: OneOrMany,
    options?: TDigestMergeOptions,
  ): Promise<"OK"> {
    return this.send(
      addOptions(
        addKeys(["TDIGEST.MERGE", destination], sources),
        options,
        "compression override!",
      ),
      ok,
    );
  }

  /**
   * Returns the smallest observation, `NaN` when there are none. Fails when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.min/
   */
  min(key: Arg): Promise<number> {
    return this.send(["TDIGEST.MIN", key], double);
  }

  /**
   * Returns the values below which such parts of the observations are, `NaN` when
   * there are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.quantile/
   */
  quantile(key: Arg, ...quantiles: OneOrMany<number>[]): Promise<number[]> {
    return this.send(
      addMany(["TDIGEST.QUANTILE", key], quantiles),
      doubles,
    );
  }

  /**
   * Returns the ranks of values: how many observations are smaller. -1 when all
   * are larger, -2 when there are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.rank/
   */
  rank(key: Arg, ...values: OneOrMany<number>[]): Promise<number[]> {
    return this.send(addMany(["TDIGEST.RANK", key], values), integers);
  }

  /**
   * Forgets all observations. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.reset/
   */
  reset(key: Arg): Promise<"OK"> {
    return this.send(["TDIGEST.RESET", key], ok);
  }

  /**
   * Returns the ranks of values from the end: how many observations are larger. -1
   * when all are smaller, -2 when there are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.revrank/
   */
  revrank(key: Arg, ...values: OneOrMany<number>[]): Promise<number[]> {
    return this.send(
      addMany(["TDIGEST.REVRANK", key], values),
      integers,
    );
  }

  /**
   * Returns the mean of the observations between two quantiles, `NaN` when there
   * are none. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/tdigest.trimmed_mean/
   */
  trimmedMean(key: Arg, lowest: number, highest: number): Promise<number> {
    return this.send(["TDIGEST.TRIMMED_MEAN", key, lowest, highest], double);
  }
}
