/**
 * Lists: elements in order, added and taken at both ends.
 *
 * The blocking commands run on a connection of their own, so that others need
 * not wait behind them. Their timeouts are in seconds, may have decimals, and 0
 * for no limit.
 *
 * @see https://redis.io/docs/latest/commands/?group=list
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addBlocking,
  addGiven,
  addKeys,
  addMany,
  addWord,
  type ExactlyOne,
  type OneOrMany,
  type Side,
  upper,
} from "./arguments.ts";
import { HashFieldCommands } from "./hash_fields.ts";
import { addOptions } from "./option_words.ts";
import { integer, integerOrNull, integers, ok } from "./shapes.ts";

/** Options of commands that pop several elements. */
export interface MultiPopOptions {
  /**
   * How many elements to take at most.
   *
   * @default {1}
   */
  count?: number;
}

/** Options of LPOS. */
export interface LposOptions {
  /**
   * Which match to begin with: 1 for the first, 2 for the second, -1 for the
   * last.
   *
   * @default {1}
   */
  rank?: number;
  /**
   * How many elements to compare at most; 0 for all.
   *
   * @default {0}
   */
  maxlen?: number;
}

/** Options of LMOVEM and BLMOVEM. */
export type MoveManyOptions =
  & ExactlyOne<{
    /** At most this many. */
    count: number;
    /** This many, or none. */
    exactly: number;
  }>
  & ExactlyOne<{
    /** One by one: on the left, each is added in front of the one before. */
    obo: true;
    /** All at once, in the order they had. */
    bulk: true;
  }>;

function addMove(
  words: Arg[],
  from: Side,
  to: Side,
  timeout?: number,
  options?: MoveManyOptions,
): Arg[] {
  addGiven(addWord(addWord(words, from), to), timeout);
  return addOptions(words, options, "count|exactly obo!|bulk!");
}

/** Commands on lists. */
export abstract class ListCommands<B extends string | Uint8Array>
  extends HashFieldCommands<B> {
  /**
   * Removes an element from one end of the list at `source`, adds it at one end
   * of the list at `destination` and returns it. Waits at most `timeout`
   * seconds while `source` does not exist, and then returns `null`. Runs on its
   * own connection, so that other commands do not wait.
   *
   * @see https://redis.io/docs/latest/commands/blmove/
   */
  blmove(
    source: Arg,
    destination: Arg,
    from: Side,
    to: Side,
    timeout: number,
  ): Promise<B | null> {
    return this.send(
      addMove(["BLMOVE", source, destination], from, to, timeout),
      this.as.value,
    );
  }

  /**
   * Removes elements from one end of the list at `source`, adds them at one end
   * of the list at `destination` and returns them: one without options. Waits
   * at most `timeout` seconds while `source` does not exist, or has fewer than
   * `exactly`, and then returns `null`. Runs on its own connection, so that
   * other commands do not wait. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/blmovem/
   */
  blmovem(
    source: Arg,
    destination: Arg,
    from: Side,
    to: Side,
    timeout: number,
    options?: MoveManyOptions,
  ): Promise<B[] | null> {
    return this.send(
      addMove(["BLMOVEM", source, destination], from, to, timeout, options),
      this.as.valuesOrNull,
    );
  }

  /**
   * Removes elements from one end of the first list that exists, and returns
   * its key with them. Waits at most `timeout` seconds while no key exists, and
   * then returns `null`. Runs on its own connection, so that other commands do
   * not wait.
   *
   * @see https://redis.io/docs/latest/commands/blmpop/
   */
  blmpop(
    timeout: number,
    keys: OneOrMany,
    side: Side,
    options?: MultiPopOptions,
  ): Promise<[B, B[]] | null> {
    return this.send(
      addOptions(
        addWord(addKeys(["BLMPOP", timeout], keys), side),
        options,
        "count",
      ),
      this.as.keyValuesOrNull,
    );
  }

  /**
   * Removes the first element of the first list that exists, and returns its
   * key with it. Waits at most `timeout` seconds while no key exists, and then
   * returns `null`. Runs on its own connection, so that other commands do not
   * wait.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const job = redis.blpop(["urgent", "jobs"], 5);
   * await redis.rpush("jobs", "sweep");
   * console.assert(JSON.stringify(await job) === '["jobs","sweep"]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/blpop/
   */
  blpop(keys: OneOrMany, timeout: number): Promise<[B, B] | null>;
  /** The same with the keys in a row, the timeout behind them. */
  blpop(
    ...keysAndTimeout: [...keys: Arg[], timeout: number]
  ): Promise<[B, B] | null>;
  blpop(...args: OneOrMany[]): Promise<[B, B] | null> {
    return this.send(addBlocking(["BLPOP"], args), this.as.pairOrNull);
  }

  /**
   * Removes the last element of the first list that exists, and returns its key
   * with it. Waits at most `timeout` seconds while no key exists, and then
   * returns `null`. Runs on its own connection, so that other commands do not
   * wait.
   *
   * @see https://redis.io/docs/latest/commands/brpop/
   */
  brpop(keys: OneOrMany, timeout: number): Promise<[B, B] | null>;
  /** The same with the keys in a row, the timeout behind them. */
  brpop(
    ...keysAndTimeout: [...keys: Arg[], timeout: number]
  ): Promise<[B, B] | null>;
  brpop(...args: OneOrMany[]): Promise<[B, B] | null> {
    return this.send(addBlocking(["BRPOP"], args), this.as.pairOrNull);
  }

  /**
   * Removes the last element of the list at `source`, adds it as the first of
   * the list at `destination` and returns it. Waits at most `timeout` seconds
   * while `source` does not exist, and then returns `null`. Runs on its own
   * connection, so that other commands do not wait.
   *
   * @deprecated Since Redis 6.2: use {@linkcode ListCommands.blmove} from
   * `"right"` to `"left"`.
   * @see https://redis.io/docs/latest/commands/brpoplpush/
   */
  brpoplpush(
    source: Arg,
    destination: Arg,
    timeout: number,
  ): Promise<B | null> {
    return this.sendExact(
      ["BRPOPLPUSH", source, destination, timeout],
      this.as.value,
      arguments,
    );
  }

  /**
   * Returns the element at `index`, from 0 and negative from the end, or `null`
   * when there is none or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lindex/
   */
  lindex(key: Arg, index: number): Promise<B | null> {
    return this.sendExact(["LINDEX", key, index], this.as.value, arguments);
  }

  /**
   * Inserts `element` before or after the first element that is `pivot`, and
   * returns the new length; -1 when there is no such element, 0 when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/linsert/
   */
  linsert(
    key: Arg,
    where: "before" | "after",
    pivot: Arg,
    element: Arg,
  ): Promise<number> {
    return this.send(
      ["LINSERT", key, upper("LINSERT", where), pivot, element],
      integer,
    );
  }

  /**
   * Returns the length of the list, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/llen/
   */
  llen(key: Arg): Promise<number> {
    return this.sendExact(["LLEN", key], integer, arguments);
  }

  /**
   * Removes an element from one end of the list at `source`, adds it at one end
   * of the list at `destination` and returns it, or `null` when `source` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/lmove/
   */
  lmove(
    source: Arg,
    destination: Arg,
    from: Side,
    to: Side,
  ): Promise<B | null> {
    return this.send(
      addMove(["LMOVE", source, destination], from, to),
      this.as.value,
    );
  }

  /**
   * Removes elements from one end of the list at `source`, adds them at one end
   * of the list at `destination` and returns them: one without options. Returns
   * nothing when `source` does not exist, and `null` when it has fewer than
   * `exactly`. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/lmovem/
   */
  lmovem(
    source: Arg,
    destination: Arg,
    from: Side,
    to: Side,
    options?: MoveManyOptions,
  ): Promise<B[] | null> {
    return this.send(
      addMove(["LMOVEM", source, destination], from, to, undefined, options),
      this.as.valuesOrNull,
    );
  }

  /**
   * Removes elements from one end of the first list that exists, and returns
   * its key with them, or `null` when no key exists.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.rpush("jobs", "sweep", "dust", "mop");
   * const taken = await redis.lmpop(["urgent", "jobs"], "left", { count: 2 });
   * console.assert(JSON.stringify(taken) === '["jobs",["sweep","dust"]]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/lmpop/
   */
  lmpop(
    keys: OneOrMany,
    side: Side,
    options?: MultiPopOptions,
  ): Promise<[B, B[]] | null> {
    return this.send(
      addOptions(addWord(addKeys(["LMPOP"], keys), side), options, "count"),
      this.as.keyValuesOrNull,
    );
  }

  /**
   * Removes the first element of the list and returns it, or `null` when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lpop/
   */
  lpop(key: Arg): Promise<B | null>;
  /**
   * Removes at most `count` elements from the head of the list and returns
   * them, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lpop/
   */
  lpop(key: Arg, count: number): Promise<B[] | null>;
  lpop(key: Arg, count?: number): Promise<B | B[] | null> {
    return this.send<B | B[] | null>(
      addGiven(["LPOP", key], count),
      count === undefined ? this.as.value : this.as.valuesOrNull,
    );
  }

  /**
   * Returns the indexes of at most `count` elements that are `element` (0: of
   * all), empty when `key` does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.rpush("letters", "a", "b", "c", "b", "b");
   * console.assert(await redis.lpos("letters", "b") === 1);
   * console.assert(await redis.lpos("letters", "b", { rank: -1 }) === 4);
   * const all = await redis.lpos("letters", "b", { count: 0 });
   * console.assert(all.join() === "1,3,4");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/lpos/
   */
  lpos(
    key: Arg,
    element: Arg,
    options: LposOptions & { count: number },
  ): Promise<number[]>;
  /**
   * Returns the index of `element`, or `null` when it is not in the list or `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lpos/
   */
  lpos(
    key: Arg,
    element: Arg,
    options?: LposOptions & { count?: undefined },
  ): Promise<number | null>;
  lpos(
    key: Arg,
    element: Arg,
    options?: LposOptions & { count?: number | undefined },
  ): Promise<number | null | number[]> {
    return this.send<number | null | number[]>(
      addOptions(["LPOS", key, element], options, "rank count maxlen"),
      options?.count === undefined ? integerOrNull : integers,
    );
  }

  /**
   * Adds elements one by one at the head of the list, created when `key` does
   * not exist, and returns its new length.
   *
   * @see https://redis.io/docs/latest/commands/lpush/
   */
  lpush(key: Arg, ...elements: OneOrMany[]): Promise<number> {
    return this.send(addMany(["LPUSH", key], elements), integer);
  }

  /**
   * Adds elements one by one at the head of the list and returns its new length;
   * 0, and nothing is added, when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lpushx/
   */
  lpushx(key: Arg, ...elements: OneOrMany[]): Promise<number> {
    return this.send(addMany(["LPUSHX", key], elements), integer);
  }

  /**
   * Returns the elements from `start` to `stop`, both included and negative
   * ones counted from the end; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lrange/
   */
  lrange(key: Arg, start: number, stop: number): Promise<B[]> {
    return this.sendExact(
      ["LRANGE", key, start, stop],
      this.as.values,
      arguments,
    );
  }

  /**
   * Removes the first `count` elements that are `element` (negative: the last, 0:
   * all) and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lrem/
   */
  lrem(key: Arg, count: number, element: Arg): Promise<number> {
    return this.sendExact(["LREM", key, count, element], integer, arguments);
  }

  /**
   * Sets the element at `index`, from 0 and negative from the end; fails when
   * there is none, or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/lset/
   */
  lset(key: Arg, index: number, element: Arg): Promise<"OK"> {
    return this.sendExact(["LSET", key, index, element], ok, arguments);
  }

  /**
   * Removes all elements but those from `start` to `stop`, both included and
   * negative ones counted from the end; nothing happens when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/ltrim/
   */
  ltrim(key: Arg, start: number, stop: number): Promise<"OK"> {
    return this.sendExact(["LTRIM", key, start, stop], ok, arguments);
  }

  /**
   * Removes the last element of the list and returns it, or `null` when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/rpop/
   */
  rpop(key: Arg): Promise<B | null>;
  /**
   * Removes at most `count` elements from the tail of the list and returns
   * them, the last first, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/rpop/
   */
  rpop(key: Arg, count: number): Promise<B[] | null>;
  rpop(key: Arg, count?: number): Promise<B | B[] | null> {
    return this.send<B | B[] | null>(
      addGiven(["RPOP", key], count),
      count === undefined ? this.as.value : this.as.valuesOrNull,
    );
  }

  /**
   * Removes the last element of the list at `source`, adds it as the first of
   * the list at `destination` and returns it, or `null` when `source` does not
   * exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode ListCommands.lmove} from
   * `"right"` to `"left"`.
   * @see https://redis.io/docs/latest/commands/rpoplpush/
   */
  rpoplpush(source: Arg, destination: Arg): Promise<B | null> {
    return this.sendExact(
      ["RPOPLPUSH", source, destination],
      this.as.value,
      arguments,
    );
  }

  /**
   * Adds elements one by one at the tail of the list, created when `key` does
   * not exist, and returns its new length.
   *
   * @see https://redis.io/docs/latest/commands/rpush/
   */
  rpush(key: Arg, ...elements: OneOrMany[]): Promise<number> {
    return this.send(addMany(["RPUSH", key], elements), integer);
  }

  /**
   * Adds elements one by one at the tail of the list and returns its new length;
   * 0, and nothing is added, when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/rpushx/
   */
  rpushx(key: Arg, ...elements: OneOrMany[]): Promise<number> {
    return this.send(addMany(["RPUSHX", key], elements), integer);
  }
}
