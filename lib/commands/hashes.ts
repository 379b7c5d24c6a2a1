/**
 * Hashes: fields and values under one key.
 *
 * @see https://redis.io/docs/latest/commands/?group=hash
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addEntries,
  addMany,
  checkCursor,
  type Entries,
  isArg,
  type OneOrMany,
  SCAN,
  type ScanOptions,
} from "./arguments.ts";
import { HyperLogLogCommands } from "./hyperloglog.ts";
import { addOptions } from "./option_words.ts";
import { double, type Fields, integer, ok, type Page } from "./shapes.ts";

/** Commands on hashes. */
export abstract class HashCommands<B extends string | Uint8Array>
  extends HyperLogLogCommands<B> {
  /**
   * Deletes fields and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hdel/
   */
  hdel(key: Arg, ...fields: OneOrMany[]): Promise<number> {
    return this.send(addMany(["HDEL", key], fields), integer);
  }

  /**
   * Returns 1 when the hash has `field`; 0 when it has not, or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/hexists/
   */
  hexists(key: Arg, field: Arg): Promise<number> {
    return this.sendExact(["HEXISTS", key, field], integer, arguments);
  }

  /**
   * Returns the value of `field`, or `null` when the field or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/hget/
   */
  hget(key: Arg, field: Arg): Promise<B | null> {
    return this.sendExact(
      ["HGET", key, field],
      this.as.value,
      arguments,
      "HMGET",
    );
  }

  /**
   * Returns all fields and their values, empty when `key` does not exist: a
   * record without prototype, or pairs on `redis.bytes`.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.hset("user:1", { name: "ann", age: 40 });
   * const user = await redis.hgetall("user:1");
   * console.assert(user.name === "ann" && user.age === "40");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/hgetall/
   */
  hgetall(key: Arg): Promise<Fields<B>> {
    return this.sendExact(["HGETALL", key], this.as.fields, arguments);
  }

  /**
   * Adds `increment` to the integer in `field`, which starts as 0 when the field
   * or `key` is absent, and returns the new one.
   *
   * @see https://redis.io/docs/latest/commands/hincrby/
   */
  hincrby(
    key: Arg,
    field: Arg,
    increment: number | bigint,
  ): Promise<number> {
    return this.sendExact(
      ["HINCRBY", key, field, increment],
      integer,
      arguments,
    );
  }

  /**
   * Adds `increment` to the decimal number in `field`, which starts as 0 when the
   * field or `key` is absent, and returns the new one, as exact as a `number` is.
   *
   * @see https://redis.io/docs/latest/commands/hincrbyfloat/
   */
  hincrbyfloat(key: Arg, field: Arg, increment: number): Promise<number> {
    return this.sendExact(
      ["HINCRBYFLOAT", key, field, increment],
      double,
      arguments,
    );
  }

  /**
   * Returns the names of all fields, empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hkeys/
   */
  hkeys(key: Arg): Promise<B[]> {
    return this.sendExact(["HKEYS", key], this.as.values, arguments);
  }

  /**
   * Returns the number of fields, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hlen/
   */
  hlen(key: Arg): Promise<number> {
    return this.sendExact(["HLEN", key], integer, arguments);
  }

  /**
   * Returns the values of fields, with `null` for those that do not exist; all
   * are `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hmget/
   */
  hmget(key: Arg, ...fields: OneOrMany[]): Promise<(B | null)[]> {
    return this.send(addMany(["HMGET", key], fields), this.as.gaps);
  }

  /**
   * Sets many fields, creating the hash when `key` does not exist.
   *
   * @deprecated Since Redis 4.0: use {@linkcode HashCommands.hset}.
   * @see https://redis.io/docs/latest/commands/hmset/
   */
  hmset<T extends object>(key: Arg, entries: Entries<T>): Promise<"OK">;
  /**
   * Sets many fields, given in a row with their values.
   *
   * @deprecated Since Redis 4.0: use {@linkcode HashCommands.hset}.
   * @see https://redis.io/docs/latest/commands/hmset/
   */
  hmset(key: Arg, field: Arg, value: Arg, ...more: Arg[]): Promise<"OK">;
  hmset(key: Arg, first: Arg | object, ...more: Arg[]): Promise<"OK"> {
    return this.send(addEntries(["HMSET", key], first, more), ok);
  }

  /**
   * Returns `count` random fields with their values, empty when `key` does not
   * exist. With a negative `count` a field may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/hrandfield/
   */
  hrandfield(
    key: Arg,
    count: number,
    options: { withvalues: true },
  ): Promise<[B, B][]>;
  /**
   * Returns the names of `count` random fields, empty when `key` does not
   * exist. With a negative `count` a field may come more than once.
   *
   * @see https://redis.io/docs/latest/commands/hrandfield/
   */
  hrandfield(
    key: Arg,
    count: number,
    options?: { withvalues?: false },
  ): Promise<B[]>;
  /**
   * Returns the name of a random field, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hrandfield/
   */
  hrandfield(key: Arg): Promise<B | null>;
  hrandfield(
    key: Arg,
    count?: number,
    options?: { withvalues?: boolean },
  ): Promise<B | null | B[] | [B, B][]> {
    if (count === undefined) {
      return this.send(["HRANDFIELD", key], this.as.value);
    }
    return this.send<B | null | B[] | [B, B][]>(
      addOptions(["HRANDFIELD", key, count], options, "withvalues!"),
      options?.withvalues ? this.as.pairs : this.as.values,
    );
  }

  /**
   * Returns a part of the fields with their values, and the cursor for the next
   * part: `"0"` to begin with, and again at the end. Nothing, and the end, when
   * `key` does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.hset("user:1", { name: "ann", age: 40 });
   * const page = await redis.hscan("user:1", "0", { match: "n*" });
   * console.assert(JSON.stringify(page.items) === '[["name","ann"]]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/hscan/
   */
  hscan(
    key: Arg,
    cursor: Arg,
    options?: ScanOptions & { novalues?: false },
  ): Promise<Page<[B, B]>>;
  /**
   * Returns a part of the names of the fields, and the cursor for the next part.
   * Nothing, and the end, when `key` does not exist. Since Redis 7.4.
   *
   * @see https://redis.io/docs/latest/commands/hscan/
   */
  hscan(
    key: Arg,
    cursor: Arg,
    options: ScanOptions & { novalues: true },
  ): Promise<Page<B>>;
  hscan(
    key: Arg,
    cursor: Arg,
    options?: ScanOptions & { novalues?: boolean },
  ): Promise<Page<[B, B]> | Page<B>> {
    return this.send<Page<[B, B]> | Page<B>>(
      addOptions(
        ["HSCAN", key, checkCursor("HSCAN", cursor)],
        options,
        `${SCAN} novalues!`,
      ),
      options?.novalues ? this.as.page : this.as.pairPage,
    );
  }

  /**
   * Sets fields, given in a row with their values, creating the hash when `key`
   * does not exist, and returns how many of them are new.
   *
   * @see https://redis.io/docs/latest/commands/hset/
   */
  hset(key: Arg, field: Arg, value: Arg, ...more: Arg[]): Promise<number>;
  /**
   * Sets many fields, creating the hash when `key` does not exist, and returns
   * how many of them are new.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * console.assert(await redis.hset("user:1", "name", "ann") === 1);
   * console.assert(await redis.hset("user:1", { name: "bob", age: 30 }) === 1);
   * await redis.hset("user:1", new Map([["city", "Oslo"]]));
   * console.assert(await redis.hlen("user:1") === 3);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/hset/
   */
  hset<T extends object>(key: Arg, entries: Entries<T>): Promise<number>;
  hset(key: Arg, first: Arg | object, ...more: Arg[]): Promise<number> {
    return this.send(
      more.length === 1 && isArg(first)
        ? ["HSET", key, first, more[0]!]
        : addEntries(["HSET", key], first, more),
      integer,
    );
  }

  /**
   * Sets `field` to `value` and returns 1; 0 when the hash has the field.
   * Creates the hash when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hsetnx/
   */
  hsetnx(key: Arg, field: Arg, value: Arg): Promise<number> {
    return this.sendExact(["HSETNX", key, field, value], integer, arguments);
  }

  /**
   * Returns the length in bytes of the value of `field`, 0 when the field or
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hstrlen/
   */
  hstrlen(key: Arg, field: Arg): Promise<number> {
    return this.sendExact(["HSTRLEN", key, field], integer, arguments);
  }

  /**
   * Returns the values of all fields, empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hvals/
   */
  hvals(key: Arg): Promise<B[]> {
    return this.sendExact(["HVALS", key], this.as.values, arguments);
  }
}
