/**
 * Bloom filters: sets that may say "yes" by mistake, but never "no".
 *
 * @see https://redis.io/docs/latest/develop/data-types/probabilistic/bloom-filter/
 * @module
 */

import type { ReplyError } from "../../errors.ts";
import type { Arg } from "../../resp/reply.ts";
import { addMany, addWord, type OneOrMany } from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { flag, integer, ok, texts } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import {
  type DumpChunk,
  dumpChunk,
  flags,
  flagsOrErrors,
  numbersByName,
  soleNumberOrNull,
} from "./shapes.ts";

/** How a Bloom filter grows: not at all, or by a factor. */
export type BloomGrowth =
  | {
    /** The size of a new sub-filter, as a multiple of the last one. */
    expansion?: number;
    /** Not with `expansion`. */
    nonscaling?: undefined;
  }
  | {
    /** The filter refuses items when it is full. */
    nonscaling: true;
    /** Not with `nonscaling`. */
    expansion?: undefined;
  };

/** What happens to a Bloom filter that does not exist. */
export type BloomInsertOptions =
  | BloomGrowth & {
    /** How many items it is made for. */
    capacity?: number;
    /** How often it may be wrong, between 0 and 1. */
    error?: number;
    /** Not with these. */
    nocreate?: undefined;
  }
  | {
    /** It is not made: the command fails. */
    nocreate: true;
    /** Not with `nocreate`. */
    capacity?: undefined;
    /** Not with `nocreate`. */
    error?: undefined;
    /** Not with `nocreate`. */
    expansion?: undefined;
    /** Not with `nocreate`. */
    nonscaling?: undefined;
  };

/** A number that is known about a Bloom filter. */
export type BloomInfoField =
  | "capacity"
  | "size"
  | "filters"
  | "items"
  | "expansion";

/** Commands on Bloom filters: `redis.bf`. */
export class BloomCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds an item, to a new filter when `key` does not exist, and returns 1; 0
   * when it may have been there.
   *
   * ```ts
   * import type { Redis } from "@sorrel/redis";
   *
   * async function isNew(redis: Redis, visitor: string): Promise<boolean> {
   *   return await redis.bf.add("visitors", visitor) === 1;
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/bf.add/
   */
  add(key: Arg, item: Arg): Promise<number> {
    return this.send(["BF.ADD", key, item], flag);
  }

  /**
   * Returns how many items were added, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.card/
   */
  card(key: Arg): Promise<number> {
    return this.send(["BF.CARD", key], integer);
  }

  /**
   * Returns the inside of a filter, a line for all of it and one for each part.
   * Fails when `key` does not exist.
   */
  debug(key: Arg): Promise<string[]> {
    return this.send(["BF.DEBUG", key], texts);
  }

  /**
   * Returns 1 when the item may be in the filter; 0 when it is not, or when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.exists/
   */
  exists(key: Arg, item: Arg): Promise<number> {
    return this.send(["BF.EXISTS", key, item], flag);
  }

  /**
   * Returns one number of a filter; `null` is the expansion of one that does not
   * grow. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.info/
   */
  info(key: Arg, field: BloomInfoField): Promise<number | null>;
  /**
   * Returns the numbers of a filter, under the server's own field names, such
   * as `"Capacity"`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.info/
   */
  info(key: Arg): Promise<Record<string, number | null>>;
  info(
    key: Arg,
    field?: BloomInfoField,
  ): Promise<number | null | Record<string, number | null>> {
    return this.send<number | null | Record<string, number | null>>(
      addWord(["BF.INFO", key], field),
      field === undefined ? numbersByName : soleNumberOrNull,
    );
  }

  /**
   * Adds items, to a new filter when `key` does not exist (unless `nocreate`),
   * and returns for each 1; 0 when it may have been there, or an error when the
   * filter is full.
   *
   * @see https://redis.io/docs/latest/commands/bf.insert/
   */
  insert(
    key: Arg,
    items: OneOrMany,
    options?: BloomInsertOptions,
  ): Promise<(number | ReplyError)[]> {
    const words = addOptions(
      ["BF.INSERT", key],
      options,
      "capacity error expansion|nonscaling! nocreate!",
    );
    words.push("ITEMS");
    return this.send(addMany(words, [items]), flagsOrErrors);
  }

  /**
   * Loads a part that `scandump` gave, in the same order; the first one makes the
   * filter, whether `key` exists or not.
   *
   * @see https://redis.io/docs/latest/commands/bf.loadchunk/
   */
  loadchunk(key: Arg, iterator: number, data: Uint8Array): Promise<"OK"> {
    return this.send(["BF.LOADCHUNK", key, iterator, data], ok);
  }

  /**
   * Adds items, to a new filter when `key` does not exist, and returns for each
   * 1; 0 when it may have been there, or an error when the filter is full.
   *
   * @see https://redis.io/docs/latest/commands/bf.madd/
   */
  madd(key: Arg, ...items: OneOrMany[]): Promise<(number | ReplyError)[]> {
    return this.send(addMany(["BF.MADD", key], items), flagsOrErrors);
  }

  /**
   * Returns for each item 1 when it may be in the filter and 0 when it is not; all
   * are 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.mexists/
   */
  mexists(key: Arg, ...items: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["BF.MEXISTS", key], items), flags);
  }

  /**
   * Creates a filter for this many items that may be wrong so often, between 0
   * and 1. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/bf.reserve/
   */
  reserve(
    key: Arg,
    errorRate: number,
    capacity: number,
    options?: BloomGrowth,
  ): Promise<"OK"> {
    return this.send(
      addOptions(
        ["BF.RESERVE", key, errorRate, capacity],
        options,
        "expansion|nonscaling!",
      ),
      ok,
    );
  }

  /**
   * Returns a part of a filter to save, and the iterator for the next one: 0 to
   * begin with, and again at the end. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bf.scandump/
   */
  scandump(key: Arg, iterator: number): Promise<DumpChunk> {
    return this.send(["BF.SCANDUMP", key, iterator], dumpChunk);
  }
}
