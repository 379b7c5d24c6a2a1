/**
 * Top-k: the items that came most often, in little memory.
 *
 * @see https://redis.io/docs/latest/develop/data-types/probabilistic/top-k/
 * @module
 */

import type { Arg } from "../../resp/reply.ts";
import {
  addEntries,
  addMany,
  type Entries,
  type OneOrMany,
} from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { integers, ok } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { flags, numbersByName } from "./shapes.ts";

/** The inside of a top-k list. */
export interface TopKDimensions {
  /** How many counters each row has. */
  width: number;
  /** How many rows there are. */
  depth: number;
  /** By what a counter of another item is reduced, between 0 and 1. */
  decay: number;
}

/** Commands on top-k lists: `redis.topk`. */
export class TopKCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Counts items, and returns for each the item that it drove out of the list, or
   * `null`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.add/
   */
  add(key: Arg, ...items: OneOrMany[]): Promise<(B | null)[]> {
    return this.send(addMany(["TOPK.ADD", key], items), this.as.gaps);
  }

  /**
   * Returns how often items came, about. Fails when `key` does not exist.
   *
   * @deprecated Since RedisBloom 2.4: use {@linkcode TopKCommands.list} with
   * `withcount`, or {@linkcode TopKCommands.query}.
   * @see https://redis.io/docs/latest/commands/topk.count/
   */
  count(key: Arg, ...items: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["TOPK.COUNT", key], items), integers);
  }

  /**
   * Adds to the counts of items, and returns for each the item that it drove out
   * of the list, or `null`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.incrby/
   */
  incrby<T extends object>(
    key: Arg,
    increments: Entries<T>,
  ): Promise<(B | null)[]>;
  /** The same with items and increments in a row. */
  incrby(
    key: Arg,
    item: Arg,
    increment: number,
    ...more: Arg[]
  ): Promise<(B | null)[]>;
  incrby(
    key: Arg,
    first: Arg | object,
    ...more: Arg[]
  ): Promise<(B | null)[]> {
    return this.send(
      addEntries(["TOPK.INCRBY", key], first, more),
      this.as.gaps,
    );
  }

  /**
   * Returns the numbers of a list: `k`, `width`, `depth` and `decay`. Fails when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.info/
   */
  info(key: Arg): Promise<Record<string, number | null>> {
    return this.send(["TOPK.INFO", key], numbersByName);
  }

  /**
   * Returns the items of the list with how often they came, the most frequent
   * first. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.list/
   */
  list(key: Arg, options: { withcount: true }): Promise<[B, number][]>;
  /**
   * Returns the items of the list, the most frequent first. Fails when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.list/
   */
  list(key: Arg): Promise<B[]>;
  list(
    key: Arg,
    options?: { withcount?: boolean },
  ): Promise<B[] | [B, number][]> {
    return this.send<B[] | [B, number][]>(
      addOptions(["TOPK.LIST", key], options, "withcount!"),
      options?.withcount ? this.as.counted : this.as.values,
    );
  }

  /**
   * Returns for each item 1 when it is in the list, 0 when it is not. Fails when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/topk.query/
   */
  query(key: Arg, ...items: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["TOPK.QUERY", key], items), flags);
  }

  /**
   * Creates a list of the `k` items that come most often. Fails when `key`
   * exists.
   *
   * @see https://redis.io/docs/latest/commands/topk.reserve/
   */
  reserve(key: Arg, k: number, dimensions?: TopKDimensions): Promise<"OK"> {
    const words: Arg[] = ["TOPK.RESERVE", key, k];
    if (dimensions) {
      words.push(dimensions.width, dimensions.depth, dimensions.decay);
    }
    return this.send(words, ok);
  }
}
