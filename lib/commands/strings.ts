/**
 * Strings: values, counters, ranges.
 *
 * @see https://redis.io/docs/latest/commands/?group=string
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addEntries,
  addMany,
  type AtMostOne,
  type Entries,
  type ExactlyOne,
  type OneOrMany,
  pairsOf,
} from "./arguments.ts";
import {
  EXPIRY,
  type Expiry,
  NEW_EXPIRY,
  type NewExpiry,
  type NewExpiryWays,
} from "./expiry.ts";
import { ObjectCommands } from "./objects.ts";
import { addOptions } from "./option_words.ts";
import {
  double,
  integer,
  type LcsMatches,
  lcsMatches,
  ok,
  okOrNull,
  textOrNull,
  twoDoubles,
} from "./shapes.ts";

/** The ways to compare the value that a key has; Redis 8.4 and Valkey 8.1 know them. */
export interface Comparisons {
  /** Only when it is this value. */
  ifeq: Arg;
  /** Only when it is not this value, or the key does not exist; not on Valkey. */
  ifne: Arg;
  /** Only when its digest is this one; not on Valkey. */
  ifdeq: string;
  /** Only when its digest is not this one, or the key does not exist; not on Valkey. */
  ifdne: string;
}

/** The conditions under which a value is set. */
export interface SetConditions extends Comparisons {
  /** Only when the key does not exist. */
  nx: boolean;
  /** Only when the key exists. */
  xx: boolean;
}

/** Options of SET: when the value expires, and under which one condition. */
export type SetOptions = Expiry & AtMostOne<SetConditions> & {
  /** Whether to return the old value. */
  get?: boolean | undefined;
};

/** Options of SET that leave its reply `"OK"`. */
export type PlainSetOptions =
  & Expiry
  & {
    [K in keyof SetConditions | "get"]?: undefined;
  };

/** Options of MSETEX. */
export type MsetexOptions =
  & Expiry
  & AtMostOne<{
    /** Only when none of the keys exists. */
    nx: boolean;
    /** Only when all keys exist. */
    xx: boolean;
  }>;

/** Options of INCREX. */
export type IncrexOptions =
  & AtMostOne<{
    /** By this integer; by 1 without it. */
    byint: number | bigint;
    /** By this decimal number. */
    byfloat: number;
  }>
  & {
    /** How small it may get. */
    lbound?: number | bigint;
    /** How great it may get. */
    ubound?: number | bigint;
    /**
     * Whether to stop at a bound, in place of leaving the number as it is.
     *
     * @default {false}
     */
    saturate?: boolean;
  }
  & (
    | (NewExpiry & {
      /** Only with an expiry. */
      enx?: undefined;
    })
    | (ExactlyOne<Omit<NewExpiryWays, "persist">> & {
      /** Whether to set the expiry only when there is none yet. */
      enx: true;
    })
  );

/** Options of LCS. */
export interface LcsOptions {
  /** Only parts of at least this many bytes. */
  minmatchlen?: number;
}

const COMPARISONS = "ifeq|ifne|ifdeq|ifdne";
const SET = `nx!|xx!|${COMPARISONS} get! ${EXPIRY}`;
const INCREX = `byint|byfloat lbound ubound saturate! ${NEW_EXPIRY} enx!`;

/** Commands on strings. */
export abstract class StringCommands<B extends string | Uint8Array>
  extends ObjectCommands<B> {
  /**
   * Appends `value` to the string at `key`, which starts empty when absent, and
   * returns the new length in bytes.
   *
   * @see https://redis.io/docs/latest/commands/append/
   */
  append(key: Arg, value: Arg): Promise<number> {
    return this.sendExact(["APPEND", key, value], integer, arguments);
  }

  /**
   * Subtracts 1 from the integer at `key`, which starts as 0 when absent, and
   * returns the new one.
   *
   * @see https://redis.io/docs/latest/commands/decr/
   */
  decr(key: Arg): Promise<number> {
    return this.sendExact(["DECR", key], integer, arguments, "DECRBY");
  }

  /**
   * Subtracts `decrement` from the integer at `key`, which starts as 0 when
   * absent, and returns the new one.
   *
   * @see https://redis.io/docs/latest/commands/decrby/
   */
  decrby(key: Arg, decrement: number | bigint): Promise<number> {
    return this.sendExact(["DECRBY", key, decrement], integer, arguments);
  }

  /**
   * Deletes `key` when the condition holds and returns 1; 0 when it does not hold
   * or the key does not exist. Without a condition, deletes a key of any type.
   * Since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/delex/
   */
  delex(key: Arg, condition?: AtMostOne<Comparisons>): Promise<number> {
    return this.send(
      addOptions(["DELEX", key], condition, COMPARISONS),
      integer,
    );
  }

  /**
   * Deletes `key` when its value is `value` and returns 1; 0 when it is another,
   * or the key does not exist. Since Valkey 9.0.
   *
   * @see https://valkey.io/commands/delifeq/
   */
  delifeq(key: Arg, value: Arg): Promise<number> {
    return this.sendExact(["DELIFEQ", key, value], integer, arguments);
  }

  /**
   * Returns the digest of the value of `key` as 16 hexadecimal digits, or `null`
   * when the key does not exist. Since Redis 8.4.
   *
   * @see https://redis.io/docs/latest/commands/digest/
   */
  digest(key: Arg): Promise<string | null> {
    return this.sendExact(["DIGEST", key], textOrNull, arguments);
  }

  /**
   * Returns the value of `key`, or `null` when the key does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.set("greeting", "hello");
   * console.assert(await redis.get("greeting") === "hello");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/get/
   */
  get(key: Arg): Promise<B | null> {
    return this.sendExact(["GET", key], this.as.value, arguments, "MGET");
  }

  /**
   * Returns the value of `key` and deletes the key, or returns `null` when it
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/getdel/
   */
  getdel(key: Arg): Promise<B | null> {
    return this.sendExact(["GETDEL", key], this.as.value, arguments);
  }

  /**
   * Returns the value of `key` and sets when it expires, or returns `null` when
   * the key does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.set("session", "abc", { ex: 10 });
   * console.assert(await redis.getex("session", { ex: 60 }) === "abc");
   * console.assert(await redis.ttl("session") > 10);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/getex/
   */
  getex(key: Arg, options?: NewExpiry): Promise<B | null> {
    return this.send(
      addOptions(["GETEX", key], options, NEW_EXPIRY),
      this.as.value,
    );
  }

  /**
   * Returns the bytes of the value of `key` from `start` to `end`, both included
   * and negative ones counted from the end; empty when the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/getrange/
   */
  getrange(key: Arg, start: number, end: number): Promise<B> {
    return this.sendExact(
      ["GETRANGE", key, start, end],
      this.as.some,
      arguments,
    );
  }

  /**
   * Sets `key` to `value` and returns the old value, or `null` when the key did
   * not exist.
   *
   * @deprecated Since Redis 6.2: use {@linkcode StringCommands.set} with `get`.
   * @see https://redis.io/docs/latest/commands/getset/
   */
  getset(key: Arg, value: Arg): Promise<B | null> {
    return this.sendExact(["GETSET", key, value], this.as.value, arguments);
  }

  /**
   * Adds 1 to the integer at `key`, which starts as 0 when absent, and returns
   * the new one.
   *
   * @see https://redis.io/docs/latest/commands/incr/
   */
  incr(key: Arg): Promise<number> {
    return this.sendExact(["INCR", key], integer, arguments, "INCRBY");
  }

  /**
   * Adds `increment` to the integer at `key`, which starts as 0 when absent, and
   * returns the new one.
   *
   * @see https://redis.io/docs/latest/commands/incrby/
   */
  incrby(key: Arg, increment: number | bigint): Promise<number> {
    return this.sendExact(["INCRBY", key, increment], integer, arguments);
  }

  /**
   * Adds `increment` to the decimal number at `key`, which starts as 0 when
   * absent, and returns the new one, as exact as a `number` is.
   *
   * @see https://redis.io/docs/latest/commands/incrbyfloat/
   */
  incrbyfloat(key: Arg, increment: number): Promise<number> {
    return this.sendExact(["INCRBYFLOAT", key, increment], double, arguments);
  }

  /**
   * Adds to the number at `key`, which starts as 0 when absent, within bounds, and
   * sets when it expires. Returns the new number and by how much it grew: by 0
   * when a bound was in the way. Since Redis 8.8.
   *
   * @see https://redis.io/docs/latest/commands/increx/
   */
  increx(
    key: Arg,
    options?: IncrexOptions,
  ): Promise<[value: number, grown: number]> {
    return this.send(addOptions(["INCREX", key], options, INCREX), twoDoubles);
  }

  /**
   * Returns the length in bytes of the longest common subsequence of two strings;
   * a key that does not exist is empty.
   *
   * @see https://redis.io/docs/latest/commands/lcs/
   */
  lcs(key1: Arg, key2: Arg, options: { len: true }): Promise<number>;
  /**
   * Returns where the parts of the longest common subsequence of two strings are;
   * a key that does not exist is empty.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.mset({ a: "ohmytext", b: "mynewtext" });
   * console.assert(await redis.lcs("a", "b") === "mytext");
   * const { matches } = await redis.lcs("a", "b", { idx: true, minmatchlen: 4 });
   * console.assert(matches[0]?.first[0] === 4 && matches[0].length === 4);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/lcs/
   */
  lcs(
    key1: Arg,
    key2: Arg,
    options: LcsOptions & { idx: true },
  ): Promise<LcsMatches>;
  /**
   * Returns the longest common subsequence of two strings; a key that does not
   * exist is empty.
   *
   * @see https://redis.io/docs/latest/commands/lcs/
   */
  lcs(key1: Arg, key2: Arg): Promise<B>;
  lcs(
    key1: Arg,
    key2: Arg,
    options?: LcsOptions & { len?: true; idx?: true },
  ): Promise<B | number | LcsMatches> {
    const words = ["LCS", key1, key2];
    addOptions(words, options, "len!|idx! minmatchlen");
    if (options?.len) return this.send(words, integer);
    if (!options?.idx) return this.send(words, this.as.some);
    words.push("WITHMATCHLEN");
    return this.send(words, lcsMatches);
  }

  /**
   * Returns the values of keys, with `null` for those that do not exist or hold
   * no string.
   *
   * @see https://redis.io/docs/latest/commands/mget/
   */
  mget(...keys: OneOrMany[]): Promise<(B | null)[]> {
    return this.send(addMany(["MGET"], keys), this.as.gaps);
  }

  /**
   * Sets many keys at once, whether they exist or not.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.mset({ one: 1, two: 2 });
   * await redis.mset(new Map([["three", 3]]));
   * const values = await redis.mget("one", "two", "three", "four");
   * console.assert(JSON.stringify(values) === '["1","2","3",null]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/mset/
   */
  mset<T extends object>(entries: Entries<T>): Promise<"OK">;
  /** The same with keys and values in a row. */
  mset(key: Arg, value: Arg, ...more: Arg[]): Promise<"OK">;
  mset(first: Arg | object, ...more: Arg[]): Promise<"OK"> {
    return this.send(addEntries(["MSET"], first, more), ok);
  }

  /**
   * Sets many keys at once, and when they expire, and returns 1; 0, and nothing is
   * set, when the condition did not hold. Since Redis 8.4 and Valkey 9.1.
   *
   * @see https://redis.io/docs/latest/commands/msetex/
   */
  msetex<T extends object>(
    entries: Entries<T>,
    options?: MsetexOptions,
  ): Promise<number> {
    const pairs = pairsOf("MSETEX", entries);
    const words = addAll(["MSETEX", pairs.length / 2], pairs);
    return this.send(
      addOptions(words, options, `nx!|xx! ${EXPIRY}`),
      integer,
    );
  }

  /**
   * Sets many keys at once and returns 1; 0, and nothing is set, when one of them
   * exists.
   *
   * @see https://redis.io/docs/latest/commands/msetnx/
   */
  msetnx<T extends object>(entries: Entries<T>): Promise<number>;
  /** The same with keys and values in a row. */
  msetnx(key: Arg, value: Arg, ...more: Arg[]): Promise<number>;
  msetnx(first: Arg | object, ...more: Arg[]): Promise<number> {
    return this.send(addEntries(["MSETNX"], first, more), integer);
  }

  /**
   * Sets `key` to `value`, whether it exists or not, to expire in this many
   * milliseconds.
   *
   * @deprecated Since Redis 2.6.12: use {@linkcode StringCommands.set} with
   * `px`.
   * @see https://redis.io/docs/latest/commands/psetex/
   */
  psetex(key: Arg, milliseconds: number, value: Arg): Promise<"OK"> {
    return this.sendExact(["PSETEX", key, milliseconds, value], ok, arguments);
  }

  /**
   * Sets `key` to `value`, whether it exists or not.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.set("lock", "mine", { nx: true, ex: 10 });
   * console.assert(await redis.set("lock", "x", { nx: true }) === null);
   * console.assert(await redis.set("lock", "y", { get: true }) === "mine");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/set/
   */
  set(
    key: Arg,
    value: Arg,
    options?: PlainSetOptions,
  ): Promise<"OK">;
  /**
   * Sets `key` to `value` and returns the old value, or `null` when the key did
   * not exist. With a condition, the old value is also the reply when it did
   * not hold.
   *
   * @see https://redis.io/docs/latest/commands/set/
   */
  set(
    key: Arg,
    value: Arg,
    options: SetOptions & { get: true },
  ): Promise<B | null>;
  /**
   * Sets `key` to `value` and returns `"OK"`, or `null` when the condition did
   * not hold: `"nx"` and the key exists, `"xx"` and it does not, or a comparison
   * fails.
   *
   * @see https://redis.io/docs/latest/commands/set/
   */
  set(
    key: Arg,
    value: Arg,
    options: SetOptions & { get?: false | undefined },
  ): Promise<"OK" | null>;
  /**
   * Sets `key` to `value` and returns with `get` the old value, or `null` when the
   * key did not exist; else `"OK"`, or `null` when the condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/set/
   */
  set(
    key: Arg,
    value: Arg,
    options?: SetOptions,
  ): Promise<"OK" | B | null>;
  set(
    key: Arg,
    value: Arg,
    options?: SetOptions,
  ): Promise<"OK" | B | null> {
    const words = ["SET", key, value];
    if (options === undefined) return this.send(words, ok);
    addOptions(words, options, SET);
    return this.send<"OK" | B | null>(
      words,
      options.get ? this.as.value : okOrNull,
    );
  }

  /**
   * Sets `key` to `value`, whether it exists or not, to expire in this many
   * seconds.
   *
   * @deprecated Since Redis 2.6.12: use {@linkcode StringCommands.set} with
   * `ex`.
   * @see https://redis.io/docs/latest/commands/setex/
   */
  setex(key: Arg, seconds: number, value: Arg): Promise<"OK"> {
    return this.sendExact(["SETEX", key, seconds, value], ok, arguments);
  }

  /**
   * Sets `key` to `value` and returns 1; 0 when the key exists.
   *
   * @deprecated Since Redis 2.6.12: use {@linkcode StringCommands.set} with
   * `nx`.
   * @see https://redis.io/docs/latest/commands/setnx/
   */
  setnx(key: Arg, value: Arg): Promise<number> {
    return this.sendExact(["SETNX", key, value], integer, arguments);
  }

  /**
   * Overwrites the string at `key` from byte `offset` on, padded with zeros,
   * from an empty string when the key does not exist, and returns the new
   * length in bytes.
   *
   * @see https://redis.io/docs/latest/commands/setrange/
   */
  setrange(key: Arg, offset: number, value: Arg): Promise<number> {
    return this.sendExact(["SETRANGE", key, offset, value], integer, arguments);
  }

  /**
   * Returns the length of the value of `key` in bytes, 0 when the key does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/strlen/
   */
  strlen(key: Arg): Promise<number> {
    return this.sendExact(["STRLEN", key], integer, arguments);
  }

  /**
   * Returns the bytes of the value of `key` from `start` to `end`, both included;
   * empty when the key does not exist.
   *
   * @deprecated Since Redis 2.0: use {@linkcode StringCommands.getrange}.
   * @see https://redis.io/docs/latest/commands/substr/
   */
  substr(key: Arg, start: number, end: number): Promise<B> {
    return this.sendExact(["SUBSTR", key, start, end], this.as.some, arguments);
  }
}
