/**
 * Cuckoo filters: like Bloom filters, but items can be counted and deleted.
 *
 * @see https://redis.io/docs/latest/develop/data-types/probabilistic/cuckoo-filter/
 * @module
 */

import type { Arg, Shape } from "../../resp/reply.ts";
import { addMany, type OneOrMany } from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import { listOf, shape, zeroOrOne } from "../parsers.ts";
import { flag, integer, ok, text } from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { type DumpChunk, dumpChunk, flags, numbersByName } from "./shapes.ts";

/** How a cuckoo filter is made. */
export interface CuckooOptions {
  /** How many items a bucket holds. */
  bucketsize?: number;
  /** How often items are moved before the filter counts as full. */
  maxiterations?: number;
  /** The size of a new sub-filter, as a multiple of the last one; 0 for none. */
  expansion?: number;
}

/** What happens to a cuckoo filter that does not exist. */
export type CuckooInsertOptions =
  | {
    /** How many items it is made for. */
    capacity?: number;
    /** Not with `capacity`. */
    nocreate?: undefined;
  }
  | {
    /** It is not made: the command fails. */
    nocreate: true;
    /** Not with `nocreate`. */
    capacity?: undefined;
  };

/** What became of items; RESP3 has `false` for a full filter. */
const inserted: Shape<number[]> = shape(
  listOf((reply) => reply === false ? -1 : zeroOrOne(reply)),
);

/** Commands on cuckoo filters: `redis.cf`. */
export class CuckooCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds an item, once more if it is there, to a new filter when `key` does not
   * exist, and returns 1. Fails when the filter is full.
   *
   * @see https://redis.io/docs/latest/commands/cf.add/
   */
  add(key: Arg, item: Arg): Promise<number> {
    return this.send(["CF.ADD", key, item], flag);
  }

  /**
   * Adds an item, to a new filter when `key` does not exist, and returns 1; 0 when
   * it may have been there.
   *
   * @see https://redis.io/docs/latest/commands/cf.addnx/
   */
  addnx(key: Arg, item: Arg): Promise<number> {
    return this.send(["CF.ADDNX", key, item], flag);
  }

  /** Moves items together to free memory. Fails when `key` does not exist. */
  compact(key: Arg): Promise<"OK"> {
    return this.send(["CF.COMPACT", key], ok);
  }

  /**
   * Returns how many times an item may be in the filter, 0 when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/cf.count/
   */
  count(key: Arg, item: Arg): Promise<number> {
    return this.send(["CF.COUNT", key, item], integer);
  }

  /** Returns the inside of a filter as a line. Fails when `key` does not exist. */
  debug(key: Arg): Promise<string> {
    return this.send(["CF.DEBUG", key], text);
  }

  /**
   * Deletes an item once and returns 1; 0 when it was not found. Fails when `key`
   * does not exist. Deleting an item that was never added may delete another.
   *
   * @see https://redis.io/docs/latest/commands/cf.del/
   */
  del(key: Arg, item: Arg): Promise<number> {
    return this.send(["CF.DEL", key, item], flag);
  }

  /**
   * Returns 1 when the item may be in the filter; 0 when it is not, or when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cf.exists/
   */
  exists(key: Arg, item: Arg): Promise<number> {
    return this.send(["CF.EXISTS", key, item], flag);
  }

  /**
   * Returns the numbers of a filter, under the server's own field names, such
   * as `"Number of buckets"`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cf.info/
   */
  info(key: Arg): Promise<Record<string, number | null>> {
    return this.send(["CF.INFO", key], numbersByName);
  }

  /**
   * Adds items, to a new filter when `key` does not exist (unless `nocreate`),
   * and returns for each 1; -1 when the filter is full.
   *
   * @see https://redis.io/docs/latest/commands/cf.insert/
   */
  insert(
    key: Arg,
    items: OneOrMany,
    options?: CuckooInsertOptions,
  ): Promise<number[]> {
    return this.#insert("CF.INSERT", key, items, options);
  }

  /**
   * Adds items, to a new filter when `key` does not exist (unless `nocreate`),
   * and returns for each 1; 0 when it may have been there, -1 when the filter
   * is full.
   *
   * @see https://redis.io/docs/latest/commands/cf.insertnx/
   */
  insertnx(
    key: Arg,
    items: OneOrMany,
    options?: CuckooInsertOptions,
  ): Promise<number[]> {
    return this.#insert("CF.INSERTNX", key, items, options);
  }

  /**
   * Loads a part that `scandump` gave, in the same order; the first one makes the
   * filter, whether `key` exists or not.
   *
   * @see https://redis.io/docs/latest/commands/cf.loadchunk/
   */
  loadchunk(key: Arg, iterator: number, data: Uint8Array): Promise<"OK"> {
    return this.send(["CF.LOADCHUNK", key, iterator, data], ok);
  }

  /**
   * Returns for each item 1 when it may be in the filter and 0 when it is not; all
   * are 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cf.mexists/
   */
  mexists(key: Arg, ...items: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["CF.MEXISTS", key], items), flags);
  }

  /**
   * Creates a filter for this many items. Fails when `key` exists.
   *
   * @see https://redis.io/docs/latest/commands/cf.reserve/
   */
  reserve(
    key: Arg,
    capacity: number,
    options?: CuckooOptions,
  ): Promise<"OK"> {
    const words = ["CF.RESERVE", key, capacity];
    const table = "bucketsize maxiterations expansion";
    return this.send(addOptions(words, options, table), ok);
  }

  /**
   * Returns a part of a filter to save, and the iterator for the next one: 0 to
   * begin with, and again at the end. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/cf.scandump/
   */
  scandump(key: Arg, iterator: number): Promise<DumpChunk> {
    return this.send(["CF.SCANDUMP", key, iterator], dumpChunk);
  }

  #insert(
    word: string,
    key: Arg,
    items: OneOrMany,
    options?: CuckooInsertOptions,
  ): Promise<number[]> {
    const words = addOptions([word, key], options, "capacity|nocreate!");
    words.push("ITEMS");
    return this.send(addMany(words, [items]), inserted);
  }
}
