/**
 * What depends on the order of sorted sets: ranks, and ranges by rank, by score,
 * by name.
 *
 * @see https://redis.io/docs/latest/commands/?group=sorted-set
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import type { Limit } from "./arguments.ts";
import { addOptions } from "./option_words.ts";
import { SetCommands } from "./sets.ts";
import { integer, integerOrNull, members, rankScoreOrNull } from "./shapes.ts";

/**
 * An end of a range of scores: a score that belongs to it, or one prefixed with
 * `(` that does not. `-inf` and `+inf` are the ends of all scores, like
 * `-Infinity` and `Infinity`.
 */
export type ScoreBound =
  | number
  | "-inf"
  | "+inf"
  | `(${number}`
  | "(-inf"
  | "(+inf";

/**
 * An end of a range of names: one prefixed with `[` that belongs to it, or one
 * prefixed with `(` that does not, as bytes where the name is not text. `-` and
 * `+` are the ends of all names.
 */
export type LexBound = "-" | "+" | `[${string}` | `(${string}` | Uint8Array;

/** A range by rank: the first member has 0, the last one -1. */
export interface RankRange {
  /** Not by score. */
  byscore?: false | undefined;
  /** Not by name. */
  bylex?: false | undefined;
  /**
   * Whether to go from the highest score to the lowest.
   *
   * @default {false}
   */
  rev?: boolean;
  /** Not by rank: the range is the limit. */
  limit?: undefined;
}

/** A range by score. */
export interface ScoreRange {
  /** The bounds are scores. */
  byscore: true;
  /** Not by name. */
  bylex?: false | undefined;
  /**
   * Whether to go from the highest score to the lowest; the higher bound comes
   * first then.
   *
   * @default {false}
   */
  rev?: boolean;
  /** The part of the range to give. */
  limit?: Limit;
}

/** A range by name, of members that all have the same score. */
export interface LexRange {
  /** The bounds are names. */
  bylex: true;
  /** Not by score. */
  byscore?: false | undefined;
  /**
   * Whether to go from the last name to the first; the later bound comes first
   * then.
   *
   * @default {false}
   */
  rev?: boolean;
  /** The part of the range to give. */
  limit?: Limit;
}

/** A part of a range. */
export interface RangeLimit {
  /** The part of the range to give. */
  limit?: Limit;
}

/** What an reply without scores may say: that it is one. */
export interface WithoutScores {
  /** No scores. */
  withscores?: false;
}

/** What asks for scores. */
export interface WithScores {
  /** Each member with its score. */
  withscores: true;
}

const RANGE = "byscore!|bylex! rev! limit";

/** Commands on ranks and ranges of sorted sets. */
export abstract class SortedSetRangeCommands<B extends string | Uint8Array>
  extends SetCommands<B> {
  /**
   * Returns how many members have a score from `min` to `max`, 0 when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/zcount/
   */
  zcount(key: Arg, min: ScoreBound, max: ScoreBound): Promise<number> {
    return this.sendExact(["ZCOUNT", key, min, max], integer, arguments);
  }

  /**
   * Returns how many members have a name from `min` to `max`, 0 when `key` does
   * not exist. All members must have the same score.
   *
   * @see https://redis.io/docs/latest/commands/zlexcount/
   */
  zlexcount(key: Arg, min: LexBound, max: LexBound): Promise<number> {
    return this.sendExact(["ZLEXCOUNT", key, min, max], integer, arguments);
  }

  /**
   * Returns the members in a range of scores with their scores, empty when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrange/
   */
  zrange(
    key: Arg,
    start: ScoreBound,
    stop: ScoreBound,
    options: ScoreRange & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members in a range of scores, empty when `key` does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.zadd("ages", [[40, "ann"], [30, "bob"], [50, "cid"]]);
   * const grown = await redis.zrange("ages", "(30", "+inf", { byscore: true });
   * console.assert(grown.join() === "ann,cid");
   * const oldest = await redis.zrange("ages", 0, 0, {
   *   rev: true,
   *   withscores: true,
   * });
   * console.assert(JSON.stringify(oldest) === '[["cid",50]]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/zrange/
   */
  zrange(
    key: Arg,
    start: ScoreBound,
    stop: ScoreBound,
    options: ScoreRange & WithoutScores,
  ): Promise<B[]>;
  /**
   * Returns the members in a range of names, empty when `key` does not exist.
   * All members must have the same score.
   *
   * @see https://redis.io/docs/latest/commands/zrange/
   */
  zrange(
    key: Arg,
    start: LexBound,
    stop: LexBound,
    options: LexRange & WithoutScores,
  ): Promise<B[]>;
  /**
   * Returns the members in a range of ranks with their scores, empty when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrange/
   */
  zrange(
    key: Arg,
    start: number,
    stop: number,
    options: RankRange & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members in a range of ranks, both ends included and negative
   * ones counted from the end; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrange/
   */
  zrange(
    key: Arg,
    start: number,
    stop: number,
    options?: RankRange & WithoutScores,
  ): Promise<B[]>;
  zrange(
    key: Arg,
    start: ScoreBound | LexBound,
    stop: ScoreBound | LexBound,
    options?: (RankRange | ScoreRange | LexRange) & { withscores?: boolean },
  ): Promise<B[] | [B, number][]> {
    return this.send(
      addOptions(
        ["ZRANGE", key, start, stop],
        options,
        `${RANGE} withscores!`,
      ),
      members(this.as, options),
    );
  }

  /**
   * Returns the members in a range of names, empty when `key` does not exist.
   * All members must have the same score.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `bylex: true`.
   * @see https://redis.io/docs/latest/commands/zrangebylex/
   */
  zrangebylex(
    key: Arg,
    min: LexBound,
    max: LexBound,
    options?: RangeLimit,
  ): Promise<B[]> {
    return this.send(
      addOptions(["ZRANGEBYLEX", key, min, max], options, "limit"),
      this.as.values,
    );
  }

  /**
   * Returns the members in a range of scores with their scores, empty when
   * `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `byscore: true`.
   * @see https://redis.io/docs/latest/commands/zrangebyscore/
   */
  zrangebyscore(
    key: Arg,
    min: ScoreBound,
    max: ScoreBound,
    options: RangeLimit & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members in a range of scores, empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `byscore: true`.
   * @see https://redis.io/docs/latest/commands/zrangebyscore/
   */
  zrangebyscore(
    key: Arg,
    min: ScoreBound,
    max: ScoreBound,
    options?: RangeLimit & WithoutScores,
  ): Promise<B[]>;
  zrangebyscore(
    key: Arg,
    min: ScoreBound,
    max: ScoreBound,
    options?: RangeLimit & { withscores?: boolean },
  ): Promise<B[] | [B, number][]> {
    return this.send(
      addOptions(
        ["ZRANGEBYSCORE", key, min, max],
        options,
        "withscores! limit",
      ),
      members(this.as, options),
    );
  }

  /**
   * Stores in `destination` the sorted set of the members of `source` in a
   * range of scores, and returns how many there are; 0, and `destination` is
   * deleted, when `source` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrangestore/
   */
  zrangestore(
    destination: Arg,
    source: Arg,
    start: ScoreBound,
    stop: ScoreBound,
    options: ScoreRange,
  ): Promise<number>;
  /**
   * Stores in `destination` the sorted set of the members of `source` in a
   * range of names, and returns how many there are; 0, and `destination` is
   * deleted, when `source` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrangestore/
   */
  zrangestore(
    destination: Arg,
    source: Arg,
    start: LexBound,
    stop: LexBound,
    options: LexRange,
  ): Promise<number>;
  /**
   * Stores in `destination` the sorted set of the members of `source` in a
   * range of ranks, and returns how many there are; 0, and `destination` is
   * deleted, when `source` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrangestore/
   */
  zrangestore(
    destination: Arg,
    source: Arg,
    start: number,
    stop: number,
    options?: RankRange,
  ): Promise<number>;
  zrangestore(
    destination: Arg,
    source: Arg,
    start: ScoreBound | LexBound,
    stop: ScoreBound | LexBound,
    options?: RankRange | ScoreRange | LexRange,
  ): Promise<number> {
    return this.send(
      addOptions(
        ["ZRANGESTORE", destination, source, start, stop],
        options,
        RANGE,
      ),
      integer,
    );
  }

  /**
   * Returns the rank of `member`, 0 for the lowest score, with its score, or
   * `null` when it is not in the sorted set or `key` does not exist. Needs Redis
   * 7.2.
   *
   * @see https://redis.io/docs/latest/commands/zrank/
   */
  zrank(
    key: Arg,
    member: Arg,
    options: { withscore: true },
  ): Promise<[number, number] | null>;
  /**
   * Returns the rank of `member`, 0 for the lowest score, or `null` when it is
   * not in the sorted set or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrank/
   */
  zrank(
    key: Arg,
    member: Arg,
    options?: { withscore?: false },
  ): Promise<number | null>;
  zrank(
    key: Arg,
    member: Arg,
    options?: { withscore?: boolean },
  ): Promise<number | null | [number, number]> {
    return this.send<number | null | [number, number]>(
      addOptions(["ZRANK", key, member], options, "withscore!"),
      options?.withscore ? rankScoreOrNull : integerOrNull,
    );
  }

  /**
   * Removes the members with a name from `min` to `max` and returns how many
   * there were, 0 when `key` does not exist. All members must have the same
   * score.
   *
   * @see https://redis.io/docs/latest/commands/zremrangebylex/
   */
  zremrangebylex(key: Arg, min: LexBound, max: LexBound): Promise<number> {
    return this.sendExact(
      ["ZREMRANGEBYLEX", key, min, max],
      integer,
      arguments,
    );
  }

  /**
   * Removes the members with a rank from `start` to `stop`, both included and
   * negative ones counted from the end, and returns how many there were, 0 when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zremrangebyrank/
   */
  zremrangebyrank(key: Arg, start: number, stop: number): Promise<number> {
    return this.sendExact(
      ["ZREMRANGEBYRANK", key, start, stop],
      integer,
      arguments,
    );
  }

  /**
   * Removes the members with a score from `min` to `max` and returns how many
   * there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zremrangebyscore/
   */
  zremrangebyscore(
    key: Arg,
    min: ScoreBound,
    max: ScoreBound,
  ): Promise<number> {
    return this.sendExact(
      ["ZREMRANGEBYSCORE", key, min, max],
      integer,
      arguments,
    );
  }

  /**
   * Returns the members in a range of ranks from the highest score to the
   * lowest with their scores, empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `rev`.
   * @see https://redis.io/docs/latest/commands/zrevrange/
   */
  zrevrange(
    key: Arg,
    start: number,
    stop: number,
    options: WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members in a range of ranks from the highest score to the
   * lowest, empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `rev`.
   * @see https://redis.io/docs/latest/commands/zrevrange/
   */
  zrevrange(
    key: Arg,
    start: number,
    stop: number,
    options?: WithoutScores,
  ): Promise<B[]>;
  zrevrange(
    key: Arg,
    start: number,
    stop: number,
    options?: { withscores?: boolean },
  ): Promise<B[] | [B, number][]> {
    return this.send(
      addOptions(["ZREVRANGE", key, start, stop], options, "withscores!"),
      members(this.as, options),
    );
  }

  /**
   * Returns the members in a range of names from the last to the first, empty
   * when `key` does not exist. All members must have the same score.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `bylex: true` and `rev`.
   * @see https://redis.io/docs/latest/commands/zrevrangebylex/
   */
  zrevrangebylex(
    key: Arg,
    max: LexBound,
    min: LexBound,
    options?: RangeLimit,
  ): Promise<B[]> {
    return this.send(
      addOptions(["ZREVRANGEBYLEX", key, max, min], options, "limit"),
      this.as.values,
    );
  }

  /**
   * Returns the members in a range of scores from the highest to the lowest
   * with their scores, empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `byscore: true` and `rev`.
   * @see https://redis.io/docs/latest/commands/zrevrangebyscore/
   */
  zrevrangebyscore(
    key: Arg,
    max: ScoreBound,
    min: ScoreBound,
    options: RangeLimit & WithScores,
  ): Promise<[B, number][]>;
  /**
   * Returns the members in a range of scores from the highest to the lowest,
   * empty when `key` does not exist.
   *
   * @deprecated Since Redis 6.2: use
   * {@linkcode SortedSetRangeCommands.zrange} with `byscore: true` and `rev`.
   * @see https://redis.io/docs/latest/commands/zrevrangebyscore/
   */
  zrevrangebyscore(
    key: Arg,
    max: ScoreBound,
    min: ScoreBound,
    options?: RangeLimit & WithoutScores,
  ): Promise<B[]>;
  zrevrangebyscore(
    key: Arg,
    max: ScoreBound,
    min: ScoreBound,
    options?: RangeLimit & { withscores?: boolean },
  ): Promise<B[] | [B, number][]> {
    return this.send(
      addOptions(
        ["ZREVRANGEBYSCORE", key, max, min],
        options,
        "withscores! limit",
      ),
      members(this.as, options),
    );
  }

  /**
   * Returns the rank of `member`, 0 for the highest score, with its score, or
   * `null` when it is not in the sorted set or `key` does not exist. Needs Redis
   * 7.2.
   *
   * @see https://redis.io/docs/latest/commands/zrevrank/
   */
  zrevrank(
    key: Arg,
    member: Arg,
    options: { withscore: true },
  ): Promise<[number, number] | null>;
  /**
   * Returns the rank of `member`, 0 for the highest score, or `null` when it is
   * not in the sorted set or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/zrevrank/
   */
  zrevrank(
    key: Arg,
    member: Arg,
    options?: { withscore?: false },
  ): Promise<number | null>;
  zrevrank(
    key: Arg,
    member: Arg,
    options?: { withscore?: boolean },
  ): Promise<number | null | [number, number]> {
    return this.send<number | null | [number, number]>(
      addOptions(["ZREVRANK", key, member], options, "withscore!"),
      options?.withscore ? rankScoreOrNull : integerOrNull,
    );
  }
}
