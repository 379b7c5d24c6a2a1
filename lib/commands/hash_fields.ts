/**
 * Fields of hashes that expire, each for itself; since Redis 7.4.
 *
 * What they answer stands in the order of the fields. They cannot be tried with
 * the server that this library is tested with: their answers are those of the
 * server's own tests, and of the commands' pages.
 *
 * @see https://redis.io/docs/latest/commands/?group=hash
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addEntries,
  addKeys,
  addWord,
  type Entries,
} from "./arguments.ts";
import { HashCommands } from "./hashes.ts";
import { integer, integers } from "./shapes.ts";
import { addExpiry, type Expiry, type NewExpiry } from "./strings.ts";

/** When the expiry of fields is set. */
export interface FieldExpiryOptions {
  /**
   * `"nx"`: only of fields that have none; `"xx"`: only of fields that have one;
   * `"gt"` and `"lt"`: only when the new one is later, or earlier. A field without
   * expiry counts as never expiring.
   */
  condition?: "nx" | "xx" | "gt" | "lt";
}

/** How fields are set. */
export type HsetexOptions = Expiry & {
  /** `"fnx"`: only when none of the fields exists; `"fxx"`: only when all do. */
  condition?: "fnx" | "fxx";
  /** `"nx"`: only when there is no hash; `"xx"`: only when there is. Valkey only. */
  key?: "nx" | "xx";
};

function addFields(words: Arg[], fields: readonly Arg[]): Arg[] {
  words.push("FIELDS");
  return addKeys(words, fields);
}

function expire(
  name: string,
  key: Arg,
  time: number,
  fields: readonly Arg[],
  options: FieldExpiryOptions = {},
): Arg[] {
  return addFields(addWord([name, key, time], options.condition), fields);
}

/** Commands on fields that expire. */
export abstract class HashFieldCommands<B extends string | Uint8Array>
  extends HashCommands<B> {
  /**
   * Lets fields expire in so many seconds and returns for each 1, 2 when it was
   * deleted at once, 0 when the condition did not hold, -2 when the field or
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpire/
   */
  hexpire(
    key: Arg,
    seconds: number,
    fields: readonly Arg[],
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HEXPIRE", key, seconds, fields, options),
      integers,
    );
  }

  /**
   * Lets fields expire at a point in time, in Unix seconds, and returns for each
   * 1, 2 when it was deleted at once, 0 when the condition did not hold, -2 when
   * the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpireat/
   */
  hexpireat(
    key: Arg,
    unixSeconds: number,
    fields: readonly Arg[],
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HEXPIREAT", key, unixSeconds, fields, options),
      integers,
    );
  }

  /**
   * Returns when each field expires, in Unix seconds; -1 when it never does, -2
   * when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpiretime/
   */
  hexpiretime(key: Arg, ...fields: Arg[]): Promise<number[]> {
    return this.send(addFields(["HEXPIRETIME", key], fields), integers);
  }

  /**
   * Returns the values of fields and deletes them, with `null` for those that do
   * not exist; all are `null` when `key` does not exist. Since Redis 8.0 and
   * Valkey 9.1.
   *
   * @see https://redis.io/docs/latest/commands/hgetdel/
   */
  hgetdel(key: Arg, ...fields: Arg[]): Promise<(B | null)[]> {
    return this.send(addFields(["HGETDEL", key], fields), this.as.gaps);
  }

  /**
   * Returns the values of fields and sets when they expire, with `null` for those
   * that do not exist; all are `null` when `key` does not exist. Since Redis 8.0.
   *
   * @see https://redis.io/docs/latest/commands/hgetex/
   */
  hgetex(
    key: Arg,
    fields: readonly Arg[],
    options: NewExpiry = {},
  ): Promise<(B | null)[]> {
    return this.send(
      addFields(addExpiry(["HGETEX", key], options), fields),
      this.as.gaps,
    );
  }

  /**
   * Takes the expiry of fields away and returns for each 1, -1 when it has none,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpersist/
   */
  hpersist(key: Arg, ...fields: Arg[]): Promise<number[]> {
    return this.send(addFields(["HPERSIST", key], fields), integers);
  }

  /**
   * Lets fields expire in so many milliseconds and returns for each 1, 2 when it
   * was deleted at once, 0 when the condition did not hold, -2 when the field or
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpire/
   */
  hpexpire(
    key: Arg,
    milliseconds: number,
    fields: readonly Arg[],
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HPEXPIRE", key, milliseconds, fields, options),
      integers,
    );
  }

  /**
   * Lets fields expire at a point in time, in Unix milliseconds as `Date.now()`
   * gives, and returns for each 1, 2 when it was deleted at once, 0 when the
   * condition did not hold, -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpireat/
   */
  hpexpireat(
    key: Arg,
    unixMilliseconds: number,
    fields: readonly Arg[],
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HPEXPIREAT", key, unixMilliseconds, fields, options),
      integers,
    );
  }

  /**
   * Returns when each field expires, in Unix milliseconds; -1 when it never does,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpiretime/
   */
  hpexpiretime(key: Arg, ...fields: Arg[]): Promise<number[]> {
    return this.send(addFields(["HPEXPIRETIME", key], fields), integers);
  }

  /**
   * Returns in how many milliseconds each field expires; -1 when it never does,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpttl/
   */
  hpttl(key: Arg, ...fields: Arg[]): Promise<number[]> {
    return this.send(addFields(["HPTTL", key], fields), integers);
  }

  /**
   * Sets fields and when they expire, making the hash when `key` does not exist,
   * and returns 1; 0, and nothing is set, when the condition did not hold. Since
   * Redis 8.0.
   *
   * @see https://redis.io/docs/latest/commands/hsetex/
   */
  hsetex(
    key: Arg,
    entries: Entries,
    options: HsetexOptions = {},
  ): Promise<number> {
    const words = addWord(["HSETEX", key], options.key);
    addWord(words, options.condition);
    addExpiry(words, options);
    const pairs = addEntries([], entries);
    words.push("FIELDS", pairs.length / 2);
    return this.send(addAll(words, pairs), integer);
  }

  /**
   * Returns in how many seconds each field expires; -1 when it never does, -2
   * when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/httl/
   */
  httl(key: Arg, ...fields: Arg[]): Promise<number[]> {
    return this.send(addFields(["HTTL", key], fields), integers);
  }
}
