/**
 * Count-min sketches: how often items came, at least, in little memory.
 *
 * @see https://redis.io/docs/latest/develop/data-types/probabilistic/count-min-sketch/
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import {
  addEntries,
  addKeys,
  addMany,
  type Entries,
  type OneOrMany,
} from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { integers, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { numbersByName } from "./shapes.ts";

/** How sketches are merged. */
export interface CountMinMergeOptions {
  /**
   * By what to multiply the counts of each source, in their order.
   *
   * @default {all 1}
   */
  weights?: readonly number[];
}

/** Commands on count-min sketches: `redis.cms`. */
export class CountMinCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds to the counts of items and returns the new counts. Fails when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/cms.incrby/
   */
  incrby<T extends object>(
    key: Arg,
    increments: Entries<T>,
  ): Promise<number[]>;
  /** The same with items and increments in a row. */
  incrby(
    key: Arg,
    item: Arg,
    increment: number,
    ...more: Arg[]
  ): Promise<number[]>;
  incrby(
    key: Arg,
    first: Arg | object,
    ...more: Arg[]
  ): Promise<number[]> {
    return this.send(
      addEntries(["CMS.INCRBY", key], first, more),
      integers,
    );
  }

  /**
   * Returns the numbers of a sketch, under the server's own field names:
   * `width`, `depth`, `count` and, since Redis 8, `cell size`. Fails when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cms.info/
   */
  info(key: Arg): Promise<Record<string, number | null>> {
    return this.send(["CMS.INFO", key], numbersByName);
  }

  /**
   * Creates a sketch of this many counters in this many rows. Fails when `key`
   * exists.
   *
   * @see https://redis.io/docs/latest/commands/cms.initbydim/
   */
  initbydim(key: Arg, width: number, depth: number): Promise<"OK"> {
    return this.send(["CMS.INITBYDIM", key, width, depth], ok);
  }

  /**
   * Creates a sketch that errs by at most `error` of all counts, more often
   * than not: beyond it with `probability`. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/cms.initbyprob/
   */
  initbyprob(key: Arg, error: number, probability: number): Promise<"OK"> {
    return this.send(["CMS.INITBYPROB", key, error, probability], ok);
  }

  /**
   * Stores in `destination` the sum of sketches of the same size. Fails when
   * one of them does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cms.merge/
   */
  merge(
    destination: Arg,
    sources: OneOrMany,
    options?: CountMinMergeOptions,
  ): Promise<"OK"> {
    return this.send(
      addOptions(
        addKeys(["CMS.MERGE", destination], sources),
        options,
        "weights",
      ),
      ok,
    );
  }

  /**
   * Returns how often items came, at least. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cms.query/
   */
  query(key: Arg, ...items: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["CMS.QUERY", key], items), integers);
  }
}
