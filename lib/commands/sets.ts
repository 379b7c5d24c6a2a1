/**
 * Sets: members without order, each once.
 *
 * @see https://redis.io/docs/latest/commands/?group=set
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addGiven,
  addKeys,
  addMany,
  checkCursor,
  keysAndOptions,
  type OneOrMany,
  SCAN,
  type ScanOptions,
} from "./arguments.ts";
import { ArrayCommands } from "./arrays.ts";
import { addOptions } from "./option_words.ts";
import { integer, integers, type Page } from "./shapes.ts";

/** Options of commands that count an intersection. */
export interface IntercardOptions {
  /**
   * Where to stop counting; 0 for nowhere.
   *
   * @default {0}
   */
  limit?: number;
}

/** Options of SUNIONCARD. */
export interface UnioncardOptions extends IntercardOptions {
  /**
   * Whether about 1 % more or less will do, for less work.
   *
   * @default {false}
   */
  approx?: boolean;
}

/** Commands on sets. */
export abstract class SetCommands<B extends string | Uint8Array>
  extends ArrayCommands<B> {
  /**
   * Adds members to the set, created when `key` does not exist, and returns how
   * many of them are new.
   *
   * @see https://redis.io/docs/latest/commands/sadd/
   */
  sadd(key: Arg, ...members: OneOrMany[]): Promise<number> {
    return this.send(addMany(["SADD", key], members), integer);
  }

  /**
   * Returns the number of members, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/scard/
   */
  scard(key: Arg): Promise<number> {
    return this.sendExact(["SCARD", key], integer, arguments);
  }

  /**
   * Returns the members of the first set that are in none of the others; a key
   * that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/sdiff/
   */
  sdiff(...keys: OneOrMany[]): Promise<B[]> {
    return this.send(addMany(["SDIFF"], keys), this.as.values);
  }

  /**
   * Returns how many members of the first set are in none of the others; a key
   * that does not exist is an empty set. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/sdiffcard/
   */
  sdiffcard(keys: OneOrMany, options?: IntercardOptions): Promise<number>;
  /** The same with the keys in a row. */
  sdiffcard(...keys: (string | Uint8Array)[]): Promise<number>;
  sdiffcard(
    ...args: (OneOrMany | IntercardOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["SDIFFCARD"], keys), options, "limit"),
      integer,
    );
  }

  /**
   * Stores in `destination` the set of the members of the first set that are in
   * none of the others, and returns how many there are; a key that does not
   * exist is an empty set, and with 0 members `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/sdiffstore/
   */
  sdiffstore(destination: Arg, ...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["SDIFFSTORE", destination], keys), integer);
  }

  /**
   * Returns the members that are in all sets; a key that does not exist is an
   * empty set.
   *
   * @see https://redis.io/docs/latest/commands/sinter/
   */
  sinter(...keys: OneOrMany[]): Promise<B[]> {
    return this.send(addMany(["SINTER"], keys), this.as.values);
  }

  /**
   * Returns how many members are in all sets; a key that does not exist is an
   * empty set.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.sadd("a", "1", "2", "3");
   * await redis.sadd("b", "2", "3", "4");
   * console.assert(await redis.sintercard(["a", "b"]) === 2);
   * console.assert(await redis.sintercard(["a", "b"], { limit: 1 }) === 1);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/sintercard/
   */
  sintercard(keys: OneOrMany, options?: IntercardOptions): Promise<number>;
  /** The same with the keys in a row. */
  sintercard(...keys: (string | Uint8Array)[]): Promise<number>;
  sintercard(
    ...args: (OneOrMany | IntercardOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["SINTERCARD"], keys), options, "limit"),
      integer,
    );
  }

  /**
   * Stores in `destination` the set of the members that are in all sets, and
   * returns how many there are; a key that does not exist is an empty set, and
   * with 0 members `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/sinterstore/
   */
  sinterstore(destination: Arg, ...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["SINTERSTORE", destination], keys), integer);
  }

  /**
   * Returns 1 when `member` is in the set; 0 when it is not, or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/sismember/
   */
  sismember(key: Arg, member: Arg): Promise<number> {
    return this.sendExact(
      ["SISMEMBER", key, member],
      integer,
      arguments,
      "SMISMEMBER",
    );
  }

  /**
   * Returns all members, empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/smembers/
   */
  smembers(key: Arg): Promise<B[]> {
    return this.sendExact(["SMEMBERS", key], this.as.values, arguments);
  }

  /**
   * Returns for each member 1 when it is in the set and 0 when it is not; all are
   * 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/smismember/
   */
  smismember(key: Arg, ...members: OneOrMany[]): Promise<number[]> {
    return this.send(addMany(["SMISMEMBER", key], members), integers);
  }

  /**
   * Moves `member` from one set to another and returns 1; 0 when it is not in the
   * first, or `source` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/smove/
   */
  smove(source: Arg, destination: Arg, member: Arg): Promise<number> {
    return this.sendExact(
      ["SMOVE", source, destination, member],
      integer,
      arguments,
    );
  }

  /**
   * Removes a random member from the set and returns it, or `null` when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/spop/
   */
  spop(key: Arg): Promise<B | null>;
  /**
   * Removes at most `count` random members from the set and returns them, empty
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/spop/
   */
  spop(key: Arg, count: number): Promise<B[]>;
  spop(key: Arg, count?: number): Promise<B | null | B[]> {
    return this.send<B | null | B[]>(
      addGiven(["SPOP", key], count),
      count === undefined ? this.as.value : this.as.values,
    );
  }

  /**
   * Returns a random member, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/srandmember/
   */
  srandmember(key: Arg): Promise<B | null>;
  /**
   * Returns `count` random members, empty when `key` does not exist. With a
   * negative `count` a member may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/srandmember/
   */
  srandmember(key: Arg, count: number): Promise<B[]>;
  srandmember(key: Arg, count?: number): Promise<B | null | B[]> {
    return this.send<B | null | B[]>(
      addGiven(["SRANDMEMBER", key], count),
      count === undefined ? this.as.value : this.as.values,
    );
  }

  /**
   * Removes members and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/srem/
   */
  srem(key: Arg, ...members: OneOrMany[]): Promise<number> {
    return this.send(addMany(["SREM", key], members), integer);
  }

  /**
   * Returns a part of the members, and the cursor for the next part: `"0"` to
   * begin with, and again at the end. Nothing, and the end, when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/sscan/
   */
  sscan(
    key: Arg,
    cursor: Arg,
    options?: ScanOptions,
  ): Promise<Page<B>> {
    return this.send(
      addOptions(["SSCAN", key, checkCursor("SSCAN", cursor)], options, SCAN),
      this.as.page,
    );
  }

  /**
   * Returns the members that are in any of the sets; a key that does not exist is
   * an empty set.
   *
   * @see https://redis.io/docs/latest/commands/sunion/
   */
  sunion(...keys: OneOrMany[]): Promise<B[]> {
    return this.send(addMany(["SUNION"], keys), this.as.values);
  }

  /**
   * Returns how many members are in any of the sets; a key that does not exist is
   * an empty set. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/sunioncard/
   */
  sunioncard(keys: OneOrMany, options?: UnioncardOptions): Promise<number>;
  /** The same with the keys in a row. */
  sunioncard(...keys: (string | Uint8Array)[]): Promise<number>;
  sunioncard(
    ...args: (OneOrMany | UnioncardOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["SUNIONCARD"], keys), options, "approx! limit"),
      integer,
    );
  }

  /**
   * Stores in `destination` the set of the members that are in any of the sets,
   * and returns how many there are; a key that does not exist is an empty set,
   * and with 0 members `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/sunionstore/
   */
  sunionstore(destination: Arg, ...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["SUNIONSTORE", destination], keys), integer);
  }
}
