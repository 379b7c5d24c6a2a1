/**
 * Fields of hashes that expire, each for itself; since Redis 7.4.
 *
 * Their replies are in the order of the fields. The server that this library is
 * tested with does not have them: their replies are taken from the server's own
 * tests, and of the commands' pages.
 *
 * @see https://redis.io/docs/latest/commands/?group=hash
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addKeys,
  type AtMostOne,
  type Entries,
  type OneOrMany,
  pairsOf,
} from "./arguments.ts";
import {
  EXPIRE,
  type ExpireConditions,
  EXPIRY,
  type Expiry,
  NEW_EXPIRY,
  type NewExpiry,
} from "./expiry.ts";
import { HashCommands } from "./hashes.ts";
import { addOptions, type PointInTime, unixTime } from "./option_words.ts";
import { integer, integers } from "./shapes.ts";

/** When the expiry of fields is set: at most one of the options; always without one. */
export type FieldExpiryOptions = AtMostOne<ExpireConditions>;

/** The conditions under which fields are set with an expiry. */
export interface HsetexConditions {
  /** Only when none of the fields exists. */
  fnx: boolean;
  /** Only when all fields exist. */
  fxx: boolean;
}

/** Options of HSETEX. */
export type HsetexOptions = Expiry & AtMostOne<HsetexConditions> & {
  /** Only when the key does not exist. Valkey only. */
  nx?: boolean;
  /** Only when the key exists. Valkey only. */
  xx?: boolean;
};

function addFields(words: Arg[], fields: OneOrMany): Arg[] {
  words.push("FIELDS");
  return addKeys(words, fields);
}

/** The fields of a call, given in a row, as one array or both. */
function flat(fields: readonly OneOrMany[]): readonly Arg[] {
  return fields.flat() as Arg[];
}

function expire(
  name: string,
  key: Arg,
  time: number,
  fields: OneOrMany,
  options: FieldExpiryOptions | undefined,
): Arg[] {
  return addFields(addOptions([name, key, time], options, EXPIRE), fields);
}

/** Commands on fields that expire. */
export abstract class HashFieldCommands<B extends string | Uint8Array>
  extends HashCommands<B> {
  /**
   * Sets fields to expire in this many seconds and returns for each 1, 2 when
   * it was deleted at once, 0 when the condition did not hold, -2 when the
   * field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpire/
   */
  hexpire(
    key: Arg,
    seconds: number,
    fields: OneOrMany,
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HEXPIRE", key, seconds, fields, options),
      integers,
    );
  }

  /**
   * Sets fields to expire at a point in time, in Unix seconds, and returns for
   * each 1, 2 when it was deleted at once, 0 when the condition did not hold,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpireat/
   */
  hexpireat(
    key: Arg,
    time: PointInTime,
    fields: OneOrMany,
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HEXPIREAT", key, unixTime(time, 1000), fields, options),
      integers,
    );
  }

  /**
   * Returns when each field expires, in Unix seconds; -1 when it never does, -2
   * when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hexpiretime/
   */
  hexpiretime(key: Arg, ...fields: OneOrMany[]): Promise<number[]> {
    return this.send(addFields(["HEXPIRETIME", key], flat(fields)), integers);
  }

  /**
   * Returns the values of fields and deletes them, with `null` for those that do
   * not exist; all are `null` when `key` does not exist. Since Redis 8.0 and
   * Valkey 9.1.
   *
   * @see https://redis.io/docs/latest/commands/hgetdel/
   */
  hgetdel(key: Arg, ...fields: OneOrMany[]): Promise<(B | null)[]> {
    return this.send(addFields(["HGETDEL", key], flat(fields)), this.as.gaps);
  }

  /**
   * Returns the values of fields and sets when they expire, with `null` for those
   * that do not exist; all are `null` when `key` does not exist. Since Redis 8.0.
   *
   * @see https://redis.io/docs/latest/commands/hgetex/
   */
  hgetex(
    key: Arg,
    fields: OneOrMany,
    options?: NewExpiry,
  ): Promise<(B | null)[]> {
    return this.send(
      addFields(addOptions(["HGETEX", key], options, NEW_EXPIRY), fields),
      this.as.gaps,
    );
  }

  /**
   * Removes the expiry of fields and returns for each 1, -1 when it has none,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpersist/
   */
  hpersist(key: Arg, ...fields: OneOrMany[]): Promise<number[]> {
    return this.send(addFields(["HPERSIST", key], flat(fields)), integers);
  }

  /**
   * Sets fields to expire in this many milliseconds and returns for each 1, 2
   * when it was deleted at once, 0 when the condition did not hold, -2 when the
   * field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpire/
   */
  hpexpire(
    key: Arg,
    milliseconds: number,
    fields: OneOrMany,
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HPEXPIRE", key, milliseconds, fields, options),
      integers,
    );
  }

  /**
   * Sets fields to expire at a point in time, in Unix milliseconds as
   * `Date.now()` gives, and returns for each 1, 2 when it was deleted at once,
   * 0 when the condition did not hold, -2 when the field or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpireat/
   */
  hpexpireat(
    key: Arg,
    time: PointInTime,
    fields: OneOrMany,
    options?: FieldExpiryOptions,
  ): Promise<number[]> {
    return this.send(
      expire("HPEXPIREAT", key, unixTime(time, 1), fields, options),
      integers,
    );
  }

  /**
   * Returns when each field expires, in Unix milliseconds; -1 when it never does,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpexpiretime/
   */
  hpexpiretime(key: Arg, ...fields: OneOrMany[]): Promise<number[]> {
    return this.send(addFields(["HPEXPIRETIME", key], flat(fields)), integers);
  }

  /**
   * Returns in how many milliseconds each field expires; -1 when it never does,
   * -2 when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/hpttl/
   */
  hpttl(key: Arg, ...fields: OneOrMany[]): Promise<number[]> {
    return this.send(addFields(["HPTTL", key], flat(fields)), integers);
  }

  /**
   * Sets fields and when they expire, creating the hash when `key` does not
   * exist, and returns 1; 0, and nothing is set, when the condition did not
   * hold. Since Redis 8.0.
   *
   * @see https://redis.io/docs/latest/commands/hsetex/
   */
  hsetex<T extends object>(
    key: Arg,
    entries: Entries<T>,
    options?: HsetexOptions,
  ): Promise<number> {
    const words = ["HSETEX", key];
    addOptions(words, options, `nx!|xx! fnx!|fxx! ${EXPIRY}`);
    const pairs = pairsOf("HSETEX", entries);
    words.push("FIELDS", pairs.length / 2);
    return this.send(addAll(words, pairs), integer);
  }

  /**
   * Returns in how many seconds each field expires; -1 when it never does, -2
   * when the field or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/httl/
   */
  httl(key: Arg, ...fields: OneOrMany[]): Promise<number[]> {
    return this.send(addFields(["HTTL", key], flat(fields)), integers);
  }
}
