/**
 * Bitmaps: strings whose bits are set, counted and combined.
 *
 * @see https://redis.io/docs/latest/commands/?group=bitmap
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import {
  addGiven,
  addMany,
  addWord,
  type OneOrMany,
  upper,
} from "./arguments.ts";
import { integer, integers, integersOrNulls } from "./shapes.ts";
import { StringCommands } from "./strings.ts";

/** What the bounds of a range count; Redis 7.0 and later know bits. */
export type BitUnit = "byte" | "bit";

/** How bitmaps are combined; those from `diff` on are of Redis 8.2. */
export type BitOperation =
  | "and"
  | "or"
  | "xor"
  | "not"
  | "diff"
  | "diff1"
  | "andor"
  | "one";

/** An integer in a bitmap: `i` with a sign and up to 64 bits, `u` without and up to 63. */
export type BitType = `i${number}` | `u${number}`;

/** Where an integer begins: at a bit, or with `#` at this many times its own length. */
export type BitOffset = number | `#${number}`;

/** Reads an integer of a bitmap. */
export type BitGet = readonly ["get", type: BitType, offset: BitOffset];

/** What is done to integers of a bitmap. */
export type BitFieldOperation =
  | BitGet
  | readonly ["set", type: BitType, offset: BitOffset, value: number | bigint]
  | readonly [
    "incrby",
    type: BitType,
    offset: BitOffset,
    increment: number | bigint,
  ]
  | readonly ["overflow", how: "wrap" | "sat" | "fail"];

function addOperations(
  words: Arg[],
  operations: readonly BitFieldOperation[],
): Arg[] {
  for (const operation of operations) {
    if (!Array.isArray(operation)) {
      throw misuse(
        `send ${words[0]}`,
        'operations are arrays such as ["get", "u8", 0]',
        operation,
      );
    }
    const [name, ...rest] = operation;
    words.push(upper(words[0], name), ...rest);
  }
  return words;
}

/** Commands on bitmaps. */
export abstract class BitmapCommands<B extends string | Uint8Array>
  extends StringCommands<B> {
  /**
   * Returns how many bits of the string at `key` are 1, 0 when the key does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/bitcount/
   */
  bitcount(key: Arg): Promise<number>;
  /**
   * Returns how many bits are 1 from the byte `start` to the end of the string; 0
   * when `key` does not exist. Since Valkey 8.1.
   *
   * @see https://valkey.io/commands/bitcount/
   */
  bitcount(key: Arg, start: number): Promise<number>;
  /**
   * Returns how many bits are 1 from `start` to `end`, both included and negative
   * ones counted from the end; 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bitcount/
   */
  bitcount(
    key: Arg,
    start: number,
    end: number,
    unit?: BitUnit,
  ): Promise<number>;
  bitcount(
    key: Arg,
    start?: number,
    end?: number,
    unit?: BitUnit,
  ): Promise<number> {
    const words: Arg[] = ["BITCOUNT", key];
    if (start !== undefined) words.push(start);
    if (end !== undefined) words.push(end);
    return this.send(addWord(words, unit), integer);
  }

  /**
   * Reads and changes integers of any length in the string at `key`, which
   * starts as zeros when absent, and returns one reply for each `get` (the
   * integer), `set` (the old one) and `incrby` (the new one): `null` where the
   * last `overflow` is `"fail"` and the value did not fit.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const [old, sum, full] = await redis.bitfield(
   *   "stats",
   *   ["set", "u8", "#0", 200],
   *   ["incrby", "u8", "#0", 50],
   *   ["overflow", "fail"],
   *   ["incrby", "u8", "#0", 50],
   * );
   * console.assert(old === 0 && sum === 250 && full === null);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/bitfield/
   */
  bitfield(
    key: Arg,
    ...operations: BitFieldOperation[]
  ): Promise<(number | null)[]> {
    return this.send(
      addOperations(["BITFIELD", key], operations),
      integersOrNulls,
    );
  }

  /**
   * Returns integers of any length in the string at `key`, on replicas too; 0
   * where it ends, or does not exist.
   *
   * @see https://redis.io/docs/latest/commands/bitfield_ro/
   */
  bitfieldRo(key: Arg, ...operations: BitGet[]): Promise<number[]> {
    return this.send(addOperations(["BITFIELD_RO", key], operations), integers);
  }

  /**
   * Stores in `destination` the bitmap at `key` with each bit turned and
   * returns its length in bytes; with 0 bytes, as when `key` does not exist,
   * `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/bitop/
   */
  bitop(
    operation: "not",
    destination: Arg,
    key: OneOrMany,
  ): Promise<number>;
  /**
   * Stores in `destination` the combination of bitmaps and returns its length
   * in bytes; a key that does not exist is zeros, and with 0 bytes
   * `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/bitop/
   */
  bitop(
    operation: Exclude<BitOperation, "not">,
    destination: Arg,
    ...keys: OneOrMany[]
  ): Promise<number>;
  bitop(
    operation: BitOperation,
    destination: Arg,
    ...keys: OneOrMany[]
  ): Promise<number> {
    return this.send(
      addMany(["BITOP", upper("BITOP", operation), destination], keys),
      integer,
    );
  }

  /**
   * Returns the place of the first bit that is `bit`, -1 when there is none; for 0
   * without `end`, the place behind the string. When `key` does not exist it is
   * zeros: 0 for 0, -1 for 1.
   *
   * @see https://redis.io/docs/latest/commands/bitpos/
   */
  bitpos(key: Arg, bit: 0 | 1, start?: number): Promise<number>;
  /**
   * Returns the place of the first bit from `start` to `end` that is `bit`, -1
   * when there is none. When `key` does not exist it is zeros: 0 for 0, -1 for 1.
   *
   * @see https://redis.io/docs/latest/commands/bitpos/
   */
  bitpos(
    key: Arg,
    bit: 0 | 1,
    start: number,
    end: number,
    unit?: BitUnit,
  ): Promise<number>;
  bitpos(
    key: Arg,
    bit: 0 | 1,
    start?: number,
    end?: number,
    unit?: BitUnit,
  ): Promise<number> {
    return this.send(
      addWord(addGiven(addGiven(["BITPOS", key, bit], start), end), unit),
      integer,
    );
  }

  /**
   * Returns the bit at `offset`, 0 behind the end of the string and when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/getbit/
   */
  getbit(key: Arg, offset: number): Promise<number> {
    return this.sendExact(["GETBIT", key, offset], integer, arguments);
  }

  /**
   * Sets the bit at `offset` and returns the old one, 0 when `key` did not exist;
   * the string grows as needed.
   *
   * @see https://redis.io/docs/latest/commands/setbit/
   */
  setbit(key: Arg, offset: number, bit: 0 | 1): Promise<number> {
    return this.sendExact(["SETBIT", key, offset, bit], integer, arguments);
  }
}
