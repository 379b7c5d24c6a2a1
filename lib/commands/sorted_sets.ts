/**
 * Sorted sets: members in the order of their scores, each once.
 *
 * Scores are numbers, `Infinity` and `-Infinity` among them. The blocking
 * commands run on a connection of their own, so that others need not wait
 * behind them. Their timeouts are in seconds, may have decimals, and 0 for no
 * limit.
 *
 * @see https://redis.io/docs/latest/commands/?group=sorted-set
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addBlocking,
  addGiven,
  addKeys,
  addMany,
  addWord,
  checkCursor,
  keysAndOptions,
  type OneOrMany,
  rowAndOptions,
  SCAN,
  type ScanOptions,
} from "./arguments.ts";
import type { MultiPopOptions } from "./lists.ts";
import { addOptions } from "./option_words.ts";
import {
  addScores,
  COMBINE,
  type CombineOptions,
  type Scores,
  ZADD,
  type ZaddIncrOptions,
  type ZaddOptions,
} from "./scores.ts";
import type { IntercardOptions } from "./sets.ts";
import {
  double,
  doubleOrNull,
  doublesOrNulls,
  integer,
  members,
  type Page,
} from "./shapes.ts";
import {
  SortedSetRangeCommands,
  type WithoutScores,
  type WithScores,
} from "./sorted_set_ranges.ts";

/** Commands on sorted sets. */
export abstract class SortedSetCommands<B extends string | Uint8Array>
  extends SortedSetRangeCommands<B> {
  /**
   * Removes the members with the lowest or highest scores from the first sorted
   * set that exists, and returns its key with them. Waits at most `timeout`
   * seconds while no key exists, and then returns `null`. Runs on its own
   * connection, so that other commands do not wait.
   *
   * @see https://redis.io/docs/latest/commands/bzmpop/
   */
  bzmpop(
    timeout: number,
    keys: OneOrMany,
    which: "min" | "max",
    options?: MultiPopOptions,
  ): Promise<[B, [B, number][]] | null> {
    return this.send(
      addOptions(
        addWord(addKeys(["BZMPOP", timeout], keys), which),
        options,
        "count",
      ),
      this.as.keyScoresOrNull,
    );
  }

  /**
   * Removes the member with the highest score from the first sorted set that
   * exists, and returns its key with member and score. Waits at most `timeout`
   * seconds while no key exists, and then returns `null`. Runs on its own
   * connection, so that other commands do not wait.
   *
   * @see https://redis.io/docs/latest/commands/bzpopmax/
   */
  bzpopmax(keys: OneOrMany, timeout: number): Promise<[B, B, number] | null>;
  /** The same with the keys in a row, the timeout behind them. */
  bzpopmax(
    ...keysAndTimeout: [...keys: Arg[], timeout: number]
  ): Promise<[B, B, number] | null>;
  bzpopmax(...args: OneOrMany[]): Promise<[B, B, number] | null> {
    return this.send(
      addBlocking(["BZPOPMAX"], args),
      this.as.keyScoredOrNull,
    );
  }

  /**
   * Removes the member with the lowest score from the first sorted set that
   * exists, and returns its key with member and score. Waits at most `timeout`
   * seconds while no key exists, and then returns `null`. Runs on its own
   * connection, so that other commands do not wait.
   *
   * @see https://redis.io/docs/latest/commands/bzpopmin/
   */
  bzpopmin(keys: OneOrMany, timeout: number): Promise<[B, B, number] | null>;
  /** The same with the keys in a row, the timeout behind them. */
  bzpopmin(
    ...keysAndTimeout: [...keys: Arg[], timeout: number]
  ): Promise<[B, B, number] | null>;
  bzpopmin(...args: OneOrMany[]): Promise<[B, B, number] | null> {
    return this.send(
      addBlocking(["BZPOPMIN"], args),
      this.as.keyScoredOrNull,
    );
  }

  /**
   * Adds to the score of a member, 0 when it or `key` is absent, and returns the
   * new score, or `null` when the condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/zadd/
   */
  zadd(
    key: Arg,
    score: number,
    member: Arg,
    options: ZaddIncrOptions,
  ): Promise<number | null>;
  /**
   * Adds to the score of a member, given as `{ member: score }` or in another
   * form of {@linkcode Scores}; `null` when the condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/zadd/
   */
  zadd<T extends object>(
    key: Arg,
    member: Scores<T>,
    options: ZaddIncrOptions,
  ): Promise<number | null>;
  /**
   * Adds `member` to the sorted set, created when `key` does not exist, or sets
   * its score, and returns how many members are new: 1 or 0. More members may
   * follow in a row, the score in front of each.
   *
   * @see https://redis.io/docs/latest/commands/zadd/
   */
  zadd(
    key: Arg,
    score: number,
    member: Arg,
    ...more: Arg[]
  ): Promise<number>;
  /** The same for one member, with options. */
  zadd(
    key: Arg,
    score: number,
    member: Arg,
    options?: ZaddOptions & { incr?: false | undefined },
  ): Promise<number>;
  /**
   * Adds members to the sorted set, created when `key` does not exist, or sets
   * their scores, and returns how many are new.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.zadd("ages", { ann: 40, bob: 30 });
   * const changed = await redis.zadd("ages", { ann: 35, bob: 31 }, {
   *   gt: true,
   *   ch: true,
   * });
   * console.assert(changed === 1);
   * const age = await redis.zadd("ages", 1, "ann", { incr: true });
   * console.assert(age === 41);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/zadd/
   */
  zadd<T extends object>(
    key: Arg,
    members: Scores<T>,
    options?: ZaddOptions & { incr?: false | undefined },
  ): Promise<number>;
  zadd(
    key: Arg,
    first: number | object,
    ...more: (Arg | ZaddOptions | undefined)[]
  ): Promise<number | null> {
    const words = ["ZADD", key];
    const [rest, options] = rowAndOptions<
      ZaddOptions & { incr?: boolean | undefined }
    >(more);
    addOptions(words, options, ZADD);
    addScores(words, first, rest);
    return this.send(words, options?.incr ? doubleOrNull : integer);
  }

  /**
   * Returns the number of members, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zcard/
   */
  zcard(key: Arg): Promise<number> {
    return this.sendExact(["ZCARD", key], integer, arguments);
  }

  /**
   * Returns the members of the first sorted set that are in none of the others
   * with their scores; a key that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zdiff/
   */
  zdiff(keys: OneOrMany, options: WithScores): Promise<[B, number][]>;
  /**
   * Returns the members of the first sorted set that are in none of the others; a
   * key that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zdiff/
   */
  zdiff(keys: OneOrMany, options?: WithoutScores): Promise<B[]>;
  /** The same with the keys in a row. */
  zdiff(...keys: (string | Uint8Array)[]): Promise<B[]>;
  zdiff(
    ...args: (OneOrMany | { withscores?: boolean } | undefined)[]
  ): Promise<B[] | [B, number][]> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["ZDIFF"], keys), options, "withscores!"),
      members(this.as, options),
    );
  }

  /**
   * Stores in `destination` the sorted set of the members of the first sorted
   * set that are in none of the others, and returns how many there are; a key
   * that does not exist is an empty set, and with 0 members `destination` is
   * deleted.
   *
   * @see https://redis.io/docs/latest/commands/zdiffstore/
   */
  zdiffstore(destination: Arg, ...keys: OneOrMany[]): Promise<number> {
    const list = keys.flat() as Arg[];
    return this.send(addKeys(["ZDIFFSTORE", destination], list), integer);
  }

  /**
   * Adds `increment` to the score of `member`, 0 when it or `key` is absent, and
   * returns the new one.
   *
   * @see https://redis.io/docs/latest/commands/zincrby/
   */
  zincrby(key: Arg, increment: number, member: Arg): Promise<number> {
    return this.sendExact(
      ["ZINCRBY", key, increment, member],
      double,
      arguments,
    );
  }

  /**
   * Returns the members that are in all sorted sets with their combined scores; a
   * key that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zinter/
   */
  zinter(
    keys: OneOrMany,
    options: CombineOptions & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members that are in all sorted sets, in the order of their
   * combined scores; a key that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zinter/
   */
  zinter(
    keys: OneOrMany,
    options?: CombineOptions & WithoutScores,
  ): Promise<B[]>;
  /** The same with the keys in a row. */
  zinter(...keys: (string | Uint8Array)[]): Promise<B[]>;
  zinter(
    ...args:
      (OneOrMany | (CombineOptions & { withscores?: boolean }) | undefined)[]
  ): Promise<B[] | [B, number][]> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["ZINTER"], keys), options, `${COMBINE} withscores!`),
      members(this.as, options),
    );
  }

  /**
   * Returns how many members are in all sorted sets; a key that does not exist is
   * an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zintercard/
   */
  zintercard(keys: OneOrMany, options?: IntercardOptions): Promise<number>;
  /** The same with the keys in a row. */
  zintercard(...keys: (string | Uint8Array)[]): Promise<number>;
  zintercard(
    ...args: (OneOrMany | IntercardOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["ZINTERCARD"], keys), options, "limit"),
      integer,
    );
  }

  /**
   * Stores in `destination` the sorted set of the members that are in all
   * sorted sets, with their combined scores, and returns how many there are; a
   * key that does not exist is an empty set, and with 0 members `destination`
   * is deleted.
   *
   * @see https://redis.io/docs/latest/commands/zinterstore/
   */
  zinterstore(
    destination: Arg,
    keys: OneOrMany,
    options?: CombineOptions,
  ): Promise<number>;
  /** The same with the keys in a row. */
  zinterstore(
    destination: Arg,
    ...keys: (string | Uint8Array)[]
  ): Promise<number>;
  zinterstore(
    destination: Arg,
    ...args: (OneOrMany | CombineOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    const words = addKeys(["ZINTERSTORE", destination], keys);
    return this.send(addOptions(words, options, COMBINE), integer);
  }

  /**
   * Removes the members with the lowest or highest scores from the first sorted
   * set that exists, and returns its key with them, or `null` when no key
   * exists.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.zadd("ages", [[40, "ann"], [30, "bob"], [50, "cid"]]);
   * const taken = await redis.zmpop(["none", "ages"], "min", { count: 2 });
   * console.assert(
   *   JSON.stringify(taken) === '["ages",[["bob",30],["ann",40]]]',
   * );
   * ```
   *
   * @see https://redis.io/docs/latest/commands/zmpop/
   */
  zmpop(
    keys: OneOrMany,
    which: "min" | "max",
    options?: MultiPopOptions,
  ): Promise<[B, [B, number][]] | null> {
    return this.send(
      addOptions(addWord(addKeys(["ZMPOP"], keys), which), options, "count"),
      this.as.keyScoresOrNull,
    );
  }

  /**
   * Returns the scores of members, with `null` for those that are not in the
   * sorted set; all are `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zmscore/
   */
  zmscore(key: Arg, ...members: OneOrMany[]): Promise<(number | null)[]> {
    return this.send(
      addMany(["ZMSCORE", key], members),
      doublesOrNulls,
    );
  }

  /**
   * Removes the member with the highest score from the sorted set and returns
   * it with its score, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zpopmax/
   */
  zpopmax(key: Arg): Promise<[B, number] | null>;
  /**
   * Removes at most `count` members with the highest scores from the sorted set
   * and returns them with their scores, empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zpopmax/
   */
  zpopmax(key: Arg, count: number): Promise<[B, number][]>;
  zpopmax(
    key: Arg,
    count?: number,
  ): Promise<[B, number] | null | [B, number][]> {
    return this.send<[B, number] | null | [B, number][]>(
      addGiven(["ZPOPMAX", key], count),
      count === undefined ? this.as.scoredOrNull : this.as.scored,
    );
  }

  /**
   * Removes the member with the lowest score from the sorted set and returns it
   * with its score, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zpopmin/
   */
  zpopmin(key: Arg): Promise<[B, number] | null>;
  /**
   * Removes at most `count` members with the lowest scores from the sorted set
   * and returns them with their scores, empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zpopmin/
   */
  zpopmin(key: Arg, count: number): Promise<[B, number][]>;
  zpopmin(
    key: Arg,
    count?: number,
  ): Promise<[B, number] | null | [B, number][]> {
    return this.send<[B, number] | null | [B, number][]>(
      addGiven(["ZPOPMIN", key], count),
      count === undefined ? this.as.scoredOrNull : this.as.scored,
    );
  }

  /**
   * Returns `count` random members with their scores, empty when `key` does not
   * exist. With a negative `count` a member may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/zrandmember/
   */
  zrandmember(
    key: Arg,
    count: number,
    options: WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns `count` random members, empty when `key` does not exist. With a
   * negative `count` a member may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/zrandmember/
   */
  zrandmember(key: Arg, count: number, options?: WithoutScores): Promise<B[]>;
  /**
   * Returns a random member, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrandmember/
   */
  zrandmember(key: Arg): Promise<B | null>;
  zrandmember(
    key: Arg,
    count?: number,
    options?: { withscores?: boolean },
  ): Promise<B | null | B[] | [B, number][]> {
    const words = addGiven(["ZRANDMEMBER", key], count);
    return count === undefined ? this.send(words, this.as.value) : this.send(
      addOptions(words, options, "withscores!"),
      members(this.as, options),
    );
  }

  /**
   * Removes members and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrem/
   */
  zrem(key: Arg, ...members: OneOrMany[]): Promise<number> {
    return this.send(addMany(["ZREM", key], members), integer);
  }

  /**
   * Returns a part of the members with their scores, and the cursor for the next
   * part: `"0"` to begin with, and again at the end. Nothing, and the end, when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zscan/
   */
  zscan(
    key: Arg,
    cursor: Arg,
    options?: ScanOptions & { noscores?: false },
  ): Promise<Page<[B, number]>>;
  /**
   * Returns a part of the members, and the cursor for the next part. Nothing, and
   * the end, when `key` does not exist. Since Valkey 8.0.
   *
   * @see https://valkey.io/commands/zscan/
   */
  zscan(
    key: Arg,
    cursor: Arg,
    options: ScanOptions & { noscores: true },
  ): Promise<Page<B>>;
  zscan(
    key: Arg,
    cursor: Arg,
    options?: ScanOptions & { noscores?: boolean },
  ): Promise<Page<[B, number]> | Page<B>> {
    const words: Arg[] = ["ZSCAN", key, checkCursor("ZSCAN", cursor)];
    return this.send<Page<[B, number]> | Page<B>>(
      addOptions(words, options, `${SCAN} noscores!`),
      options?.noscores ? this.as.page : this.as.scoredPage,
    );
  }

  /**
   * Returns the score of `member`, or `null` when it is not in the sorted set or
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zscore/
   */
  zscore(key: Arg, member: Arg): Promise<number | null> {
    return this.sendExact(
      ["ZSCORE", key, member],
      doubleOrNull,
      arguments,
      "ZMSCORE",
    );
  }

  /**
   * Returns the members that are in any of the sorted sets with their combined
   * scores; a key that does not exist is an empty set.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.zadd("a", [[1, "x"], [2, "y"]]);
   * await redis.zadd("b", 10, "x");
   * const sums = await redis.zunion(["a", "b"], {
   *   weights: [2, 1],
   *   withscores: true,
   * });
   * console.assert(JSON.stringify(sums) === '[["y",4],["x",12]]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/zunion/
   */
  zunion(
    keys: OneOrMany,
    options: CombineOptions & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members that are in any of the sorted sets, in the order of their
   * combined scores; a key that does not exist is an empty set.
   *
   * @see https://redis.io/docs/latest/commands/zunion/
   */
  zunion(
    keys: OneOrMany,
    options?: CombineOptions & WithoutScores,
  ): Promise<B[]>;
  /** The same with the keys in a row. */
  zunion(...keys: (string | Uint8Array)[]): Promise<B[]>;
  zunion(
    ...args:
      (OneOrMany | (CombineOptions & { withscores?: boolean }) | undefined)[]
  ): Promise<B[] | [B, number][]> {
    const [keys, options] = keysAndOptions(args);
    return this.send(
      addOptions(addKeys(["ZUNION"], keys), options, `${COMBINE} withscores!`),
      members(this.as, options),
    );
  }

  /**
   * Stores in `destination` the sorted set of the members that are in any of
   * the sorted sets, with their combined scores, and returns how many there
   * are; a key that does not exist is an empty set, and with 0 members
   * `destination` is deleted.
   *
   * @see https://redis.io/docs/latest/commands/zunionstore/
   */
  zunionstore(
    destination: Arg,
    keys: OneOrMany,
    options?: CombineOptions,
  ): Promise<number>;
  /** The same with the keys in a row. */
  zunionstore(
    destination: Arg,
    ...keys: (string | Uint8Array)[]
  ): Promise<number>;
  zunionstore(
    destination: Arg,
    ...args: (OneOrMany | CombineOptions | undefined)[]
  ): Promise<number> {
    const [keys, options] = keysAndOptions(args);
    const words = addKeys(["ZUNIONSTORE", destination], keys);
    return this.send(addOptions(words, options, COMBINE), integer);
  }
}
