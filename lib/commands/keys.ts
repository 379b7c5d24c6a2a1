/**
 * Keys of any type: existence, expiry, names, iteration, sorting.
 *
 * @see https://redis.io/docs/latest/commands/?group=generic
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addMany,
  checkCursor,
  type Limit,
  type OneOrMany,
  SCAN,
  type ScanOptions,
} from "./arguments.ts";
import { EXPIRE, type ExpireOptions } from "./expiry.ts";
import { addOptions, type PointInTime, unixTime } from "./option_words.ts";
import { Sender } from "./sender.ts";
import { integer, ok, type Page, text } from "./shapes.ts";

/** Options of COPY. */
export interface CopyOptions {
  /**
   * The number of the database to copy to.
   *
   * @default {the connection's own}
   */
  db?: number;
  /**
   * Whether to replace a key that has the destination's name.
   *
   * @default {false}
   */
  replace?: boolean;
}

/** Options of SCAN. */
export interface KeyScanOptions extends ScanOptions {
  /** Only keys of this type, such as `"string"`, `"hash"` or `"zset"`. */
  type?: string;
}

/** Options of SORT. */
export interface SortOptions {
  /**
   * A pattern of keys whose values to sort by, such as `"weight_*"` or
   * `"user:*->age"`; `"nosort"` keeps the order.
   */
  by?: Arg;
  /** The part of the result to give. */
  limit?: Limit;
  /** Patterns of what to return in place of each element, `"#"` being the element. */
  get?: OneOrMany;
  /** From small to large: the default. Not with `desc`. */
  asc?: boolean;
  /** From large to small. */
  desc?: boolean;
  /**
   * Whether to compare as text, not as numbers.
   *
   * @default {false}
   */
  alpha?: boolean;
}

const SORT = "by limit get* asc!|desc! alpha!";

/** Commands on keys of any type. */
export abstract class KeyCommands<B extends string | Uint8Array>
  extends Sender<B> {
  /**
   * Copies the value of `source` to `destination` and returns 1; 0 when
   * `source` does not exist, or `destination` does and `replace` is not set.
   *
   * @see https://redis.io/docs/latest/commands/copy/
   */
  copy(
    source: Arg,
    destination: Arg,
    options?: CopyOptions,
  ): Promise<number> {
    return this.send(
      addOptions(["COPY", source, destination], options, "db replace!"),
      integer,
    );
  }

  /**
   * Deletes keys and returns how many there were; those that do not exist count
   * as 0.
   *
   * @see https://redis.io/docs/latest/commands/del/
   */
  del(...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["DEL"], keys), integer);
  }

  /**
   * Returns how many of the keys exist, 0 when none does; a key given twice
   * counts twice.
   *
   * @see https://redis.io/docs/latest/commands/exists/
   */
  exists(...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["EXISTS"], keys), integer);
  }

  /**
   * Sets `key` to expire in this many seconds and returns 1; 0 when the key
   * does not exist or the condition did not hold.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.set("session", "abc");
   * console.assert(await redis.expire("session", 60) === 1);
   * console.assert(await redis.expire("session", 30, { gt: true }) === 0);
   * console.assert(await redis.ttl("session") > 30);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/expire/
   */
  expire(key: Arg, seconds: number, options?: ExpireOptions): Promise<number> {
    return this.send(
      addOptions(["EXPIRE", key, seconds], options, EXPIRE),
      integer,
    );
  }

  /**
   * Sets `key` to expire at a point in time, in Unix seconds, and returns 1; 0
   * when the key does not exist or the condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/expireat/
   */
  expireat(
    key: Arg,
    time: PointInTime,
    options?: ExpireOptions,
  ): Promise<number> {
    return this.send(
      addOptions(["EXPIREAT", key, unixTime(time, 1000)], options, EXPIRE),
      integer,
    );
  }

  /**
   * Returns when `key` expires, in Unix seconds; -1 when it never does, -2 when
   * the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/expiretime/
   */
  expiretime(key: Arg): Promise<number> {
    return this.sendExact(["EXPIRETIME", key], integer, arguments);
  }

  /**
   * Returns every key that matches a glob-style pattern, an empty list when
   * none does. it blocks all other clients meanwhile: {@linkcode
   * KeyCommands.scan} does not.
   *
   * @see https://redis.io/docs/latest/commands/keys/
   */
  keys(pattern: Arg): Promise<B[]> {
    return this.sendExact(["KEYS", pattern], this.as.values, arguments);
  }

  /**
   * Moves `key` to another database and returns 1; 0 when the key does not exist
   * here, or exists there.
   *
   * @see https://redis.io/docs/latest/commands/move/
   */
  move(key: Arg, db: number): Promise<number> {
    return this.sendExact(["MOVE", key, db], integer, arguments);
  }

  /**
   * Removes the expiry of `key` and returns 1; 0 when it has none, or does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/persist/
   */
  persist(key: Arg): Promise<number> {
    return this.sendExact(["PERSIST", key], integer, arguments);
  }

  /**
   * Sets `key` to expire in this many milliseconds and returns 1; 0 when the
   * key does not exist or the condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/pexpire/
   */
  pexpire(
    key: Arg,
    milliseconds: number,
    options?: ExpireOptions,
  ): Promise<number> {
    return this.send(
      addOptions(["PEXPIRE", key, milliseconds], options, EXPIRE),
      integer,
    );
  }

  /**
   * Sets `key` to expire at a point in time, in Unix milliseconds as
   * `Date.now()` gives, and returns 1; 0 when the key does not exist or the
   * condition did not hold.
   *
   * @see https://redis.io/docs/latest/commands/pexpireat/
   */
  pexpireat(
    key: Arg,
    time: PointInTime,
    options?: ExpireOptions,
  ): Promise<number> {
    return this.send(
      addOptions(["PEXPIREAT", key, unixTime(time, 1)], options, EXPIRE),
      integer,
    );
  }

  /**
   * Returns when `key` expires, in Unix milliseconds; -1 when it never does, -2
   * when the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/pexpiretime/
   */
  pexpiretime(key: Arg): Promise<number> {
    return this.sendExact(["PEXPIRETIME", key], integer, arguments);
  }

  /**
   * Returns in how many milliseconds `key` expires; -1 when it never does, -2
   * when the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/pttl/
   */
  pttl(key: Arg): Promise<number> {
    return this.sendExact(["PTTL", key], integer, arguments);
  }

  /**
   * Returns some key, or `null` when the database is empty.
   *
   * @see https://redis.io/docs/latest/commands/randomkey/
   */
  randomkey(): Promise<B | null> {
    return this.sendExact(["RANDOMKEY"], this.as.value, arguments);
  }

  /**
   * Renames `key`, replacing what has the new name; fails when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/rename/
   */
  rename(key: Arg, newKey: Arg): Promise<"OK"> {
    return this.sendExact(["RENAME", key, newKey], ok, arguments);
  }

  /**
   * Renames `key` and returns 1; 0 when something has the new name, fails when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/renamenx/
   */
  renamenx(key: Arg, newKey: Arg): Promise<number> {
    return this.sendExact(["RENAMENX", key, newKey], integer, arguments);
  }

  /**
   * Returns a part of the keys of the database, and the cursor for the next part:
   * `"0"` to begin with, and again at the end. A part may be empty before the
   * end, and a key may come twice.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.mset({ "user:1": "ann", "user:2": "bob", other: "x" });
   * const found = new Set<string>();
   * let cursor = "0";
   * do {
   *   const page = await redis.scan(cursor, { match: "user:*" });
   *   for (const key of page.items) found.add(key);
   *   cursor = page.cursor;
   * } while (cursor !== "0");
   * console.assert(found.size === 2);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/scan/
   */
  scan(cursor: Arg, options?: KeyScanOptions): Promise<Page<B>> {
    return this.send(
      addOptions(
        ["SCAN", checkCursor("SCAN", cursor)],
        options,
        `${SCAN} type`,
      ),
      this.as.page,
    );
  }

  /**
   * Sorts the elements of a list, set or sorted set into a list at `store` and
   * returns how many there are; 0, and `store` is deleted, when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/sort/
   */
  sort(key: Arg, options: SortOptions & { store: Arg }): Promise<number>;
  /**
   * Returns what the patterns `get` give for each element in sorted order, with
   * `null` for what does not exist; an empty list when `key` does not exist.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.sadd("ids", "1", "2");
   * await redis.mset({ "age:1": "40", "age:2": "30", "name:1": "ann" });
   * const names = await redis.sort("ids", { by: "age:*", get: ["#", "name:*"] });
   * console.assert(JSON.stringify(names) === '["2",null,"1","ann"]');
   * ```
   *
   * @see https://redis.io/docs/latest/commands/sort/
   */
  sort(
    key: Arg,
    options: SortOptions & { get: OneOrMany; store?: undefined },
  ): Promise<(B | null)[]>;
  /**
   * Returns the elements of a list, set or sorted set in sorted order, an empty
   * list when `key` does not exist. They must be numbers unless `alpha` is set.
   *
   * @see https://redis.io/docs/latest/commands/sort/
   */
  sort(
    key: Arg,
    options?: SortOptions & { get?: undefined; store?: undefined },
  ): Promise<B[]>;
  /**
   * Returns the elements of a list, set or sorted set in sorted order, or what the
   * patterns `get` give for each; an empty list when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/sort/
   */
  sort(
    key: Arg,
    options?: SortOptions & { store?: undefined },
  ): Promise<(B | null)[]>;
  sort(
    key: Arg,
    options?: SortOptions & { store?: Arg | undefined },
  ): Promise<number | (B | null)[]> {
    return this.send<number | (B | null)[]>(
      addOptions(["SORT", key], options, `${SORT} store`),
      options?.store === undefined ? this.as.gaps : integer,
    );
  }

  /**
   * Does what {@linkcode KeyCommands.sort} with `get` does, on replicas too: an
   * empty list when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/sort_ro/
   */
  sortRo(
    key: Arg,
    options: SortOptions & { get: OneOrMany },
  ): Promise<(B | null)[]>;
  /**
   * Does what {@linkcode KeyCommands.sort} does, on replicas too: an empty list
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/sort_ro/
   */
  sortRo(key: Arg, options?: SortOptions & { get?: undefined }): Promise<B[]>;
  /**
   * Does what {@linkcode KeyCommands.sort} does, on replicas too: an empty list
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/sort_ro/
   */
  sortRo(key: Arg, options?: SortOptions): Promise<(B | null)[]>;
  sortRo(key: Arg, options?: SortOptions): Promise<(B | null)[]> {
    return this.send(
      addOptions(["SORT_RO", key], options, SORT),
      this.as.gaps,
    );
  }

  /**
   * Marks keys as used now and returns how many exist; those that do not count as
   * 0.
   *
   * @see https://redis.io/docs/latest/commands/touch/
   */
  touch(...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["TOUCH"], keys), integer);
  }

  /**
   * Returns in how many seconds `key` expires; -1 when it never does, -2 when the
   * key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ttl/
   */
  ttl(key: Arg): Promise<number> {
    return this.sendExact(["TTL", key], integer, arguments);
  }

  /**
   * Returns the type of the value of `key`, such as `"string"`, `"hash"` or
   * `"zset"`, or `"none"` when the key does not exist.
   *
   * @see https://redis.io/docs/latest/commands/type/
   */
  type(key: Arg): Promise<string> {
    return this.sendExact(["TYPE", key], text, arguments);
  }

  /**
   * Deletes keys, freeing their memory in the background, and returns how many
   * there were; those that do not exist count as 0.
   *
   * @see https://redis.io/docs/latest/commands/unlink/
   */
  unlink(...keys: OneOrMany[]): Promise<number> {
    return this.send(addMany(["UNLINK"], keys), integer);
  }
}
