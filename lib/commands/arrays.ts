/**
 * Arrays: values by their index, with gaps, since Redis 8.8; there they are a
 * preview.
 *
 * The server that this library is tested with does not have them: their replies
 * are taken from the commands' pages.
 *
 * @see https://redis.io/docs/latest/commands/?group=array
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addEntries,
  addGiven,
  addMany,
  addWord,
  type AtMostOne,
  checkIterable,
  checkTuple,
  type Entries,
  type OneOrMany,
  upper,
} from "./arguments.ts";
import { ListCommands } from "./lists.ts";
import { addOptions } from "./option_words.ts";
import { type ArrayInfo, arrayInfo } from "./server_shapes.ts";
import { doubleOrNull, integer, integerOrNull, integers } from "./shapes.ts";

/** A place in an array; `"-"` is its first and `"+"` its last. */
export type ArrayBound = number | bigint | "-" | "+";

/** What a value must be: equal, containing, matching a glob-style pattern or a regular expression. */
export type ArrayPredicate = readonly [
  kind: "exact" | "match" | "glob" | "re",
  text: Arg,
];

/** Options of ARGREP. */
export type ArgrepOptions =
  & AtMostOne<{
    /** All predicates must hold. */
    and: boolean;
    /** One predicate must hold: the default. */
    or: boolean;
  }>
  & {
    /** The maximum number of values to return. */
    limit?: number;
    /**
     * Whether upper and lower case are the same.
     *
     * @default {false}
     */
    nocase?: boolean;
  };

/** What is computed of the values that are numbers. */
export type ArrayOperation = "sum" | "min" | "max" | "and" | "or" | "xor";

/** Commands on arrays. */
export abstract class ArrayCommands<B extends string | Uint8Array>
  extends ListCommands<B> {
  /**
   * Returns how many values the array has, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arcount/
   */
  arcount(key: Arg): Promise<number> {
    return this.sendExact(["ARCOUNT", key], integer, arguments);
  }

  /**
   * Deletes the values at indices and returns how many there were, 0 when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ardel/
   */
  ardel(key: Arg, ...indices: OneOrMany<number | bigint>[]): Promise<number> {
    return this.send(addMany(["ARDEL", key], indices), integer);
  }

  /**
   * Deletes the values in ranges, both ends included, and returns how many there
   * were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/ardelrange/
   */
  ardelrange(
    key: Arg,
    ...ranges: (readonly [start: number | bigint, end: number | bigint])[]
  ): Promise<number> {
    return this.send(addMany(["ARDELRANGE", key], ranges), integer);
  }

  /**
   * Returns the value at `index`, or `null` when there is none, or `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/arget/
   */
  arget(key: Arg, index: number | bigint): Promise<B | null> {
    return this.sendExact(["ARGET", key, index], this.as.value, arguments);
  }

  /**
   * Returns the values from `start` to `end`, both included, with `null` in the
   * gaps; all are `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/argetrange/
   */
  argetrange(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
  ): Promise<(B | null)[]> {
    return this.sendExact(
      ["ARGETRANGE", key, start, end],
      this.as.gaps,
      arguments,
    );
  }

  /**
   * Returns the indices from `start` to `end` whose values the predicates hold
   * for, with the values; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/argrep/
   */
  argrep(
    key: Arg,
    start: ArrayBound,
    end: ArrayBound,
    predicates: readonly ArrayPredicate[],
    options: ArgrepOptions & { withvalues: true },
  ): Promise<[number, B][]>;
  /**
   * Returns the indices from `start` to `end` whose values the predicates hold
   * for; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/argrep/
   */
  argrep(
    key: Arg,
    start: ArrayBound,
    end: ArrayBound,
    predicates: readonly ArrayPredicate[],
    options?: ArgrepOptions & { withvalues?: false },
  ): Promise<number[]>;
  argrep(
    key: Arg,
    start: ArrayBound,
    end: ArrayBound,
    predicates: readonly ArrayPredicate[],
    options?: ArgrepOptions & { withvalues?: boolean },
  ): Promise<number[] | [number, B][]> {
    const words: Arg[] = ["ARGREP", key, start, end];
    const form = "[kind, text]";
    checkIterable(words[0], predicates, form);
    for (const predicate of predicates) {
      checkTuple("ARGREP", predicate, 2, form);
      words.push(upper("ARGREP", predicate[0]), predicate[1]);
    }
    addOptions(words, options, "and!|or! limit withvalues! nocase!");
    return this.send<number[] | [number, B][]>(
      words,
      options?.withvalues ? this.as.indexed : integers,
    );
  }

  /**
   * Returns information about the array, under the server's own field names;
   * more of it with `full`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arinfo/
   */
  arinfo(key: Arg, options?: { full?: boolean }): Promise<ArrayInfo> {
    return this.send(addOptions(["ARINFO", key], options, "full!"), arrayInfo);
  }

  /**
   * Adds values at the cursor of the array, created when `key` does not exist,
   * and returns the index of the last.
   *
   * @see https://redis.io/docs/latest/commands/arinsert/
   */
  arinsert(key: Arg, ...values: OneOrMany[]): Promise<number> {
    return this.send(addMany(["ARINSERT", key], values), integer);
  }

  /**
   * Returns the values that were added last, the oldest first, or the newest
   * with `rev`; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arlastitems/
   */
  arlastitems(
    key: Arg,
    count: number,
    options?: { rev?: boolean },
  ): Promise<B[]> {
    return this.send(
      addOptions(["ARLASTITEMS", key, count], options, "rev!"),
      this.as.values,
    );
  }

  /**
   * Returns the greatest index plus 1, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arlen/
   */
  arlen(key: Arg): Promise<number> {
    return this.sendExact(["ARLEN", key], integer, arguments);
  }

  /**
   * Returns the values at indices, with `null` where there is none; all are `null`
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/armget/
   */
  armget(
    key: Arg,
    ...indices: OneOrMany<number | bigint>[]
  ): Promise<(B | null)[]> {
    return this.send(addMany(["ARMGET", key], indices), this.as.gaps);
  }

  /**
   * Sets the values at indices, creating the array when `key` does not exist,
   * and returns how many of the places were empty.
   *
   * @see https://redis.io/docs/latest/commands/armset/
   */
  armset<T extends object>(key: Arg, entries: Entries<T>): Promise<number> {
    return this.send(
      addEntries(["ARMSET", key], entries),
      integer,
    );
  }

  /**
   * Returns the cursor of the array: where the next value is added, 0 when `key`
   * does not exist, `null` when it is behind the last place.
   *
   * @see https://redis.io/docs/latest/commands/arnext/
   */
  arnext(key: Arg): Promise<number | null> {
    return this.sendExact(["ARNEXT", key], integerOrNull, arguments);
  }

  /**
   * Returns how many values there are from `start` to `end`, 0 when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/arop/
   */
  arop(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
    operation: "used",
  ): Promise<number>;
  /**
   * Returns how many values from `start` to `end` are `value`, 0 when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/arop/
   */
  arop(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
    operation: "match",
    value: Arg,
  ): Promise<number>;
  /**
   * Returns what is computed of the numbers from `start` to `end`, `null` when
   * there are none, or `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arop/
   */
  arop(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
    operation: ArrayOperation,
  ): Promise<number | null>;
  arop(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
    operation: ArrayOperation | "used" | "match",
    value?: Arg,
  ): Promise<number | null> {
    return this.send(
      addGiven(addWord(["AROP", key, start, end], operation), value),
      doubleOrNull,
    );
  }

  /**
   * Adds values at the cursor of the array, created when `key` does not exist,
   * whose places are those below `size`: after the last comes the first again.
   * Returns the index of the last value.
   *
   * @see https://redis.io/docs/latest/commands/arring/
   */
  arring(
    key: Arg,
    size: number | bigint,
    ...values: OneOrMany[]
  ): Promise<number> {
    return this.send(addMany(["ARRING", key, size], values), integer);
  }

  /**
   * Returns the values from `start` to `end` with their indices, without the
   * gaps, at most `limit` of them; empty when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arscan/
   */
  arscan(
    key: Arg,
    start: number | bigint,
    end: number | bigint,
    options?: { limit?: number },
  ): Promise<[number, B][]> {
    return this.send(
      addOptions(["ARSCAN", key, start, end], options, "limit"),
      this.as.indexed,
    );
  }

  /**
   * Moves the cursor of the array and returns 1; 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/arseek/
   */
  arseek(key: Arg, index: number | bigint): Promise<number> {
    return this.sendExact(["ARSEEK", key, index], integer, arguments);
  }

  /**
   * Sets the values from `index` on, creating the array when `key` does not
   * exist, and returns how many of the places were empty.
   *
   * @see https://redis.io/docs/latest/commands/arset/
   */
  arset(
    key: Arg,
    index: number | bigint,
    ...values: OneOrMany[]
  ): Promise<number> {
    return this.send(addMany(["ARSET", key, index], values), integer);
  }
}
