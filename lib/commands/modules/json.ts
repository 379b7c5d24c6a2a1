/**
 * JSON documents, and their parts at a path.
 *
 * Values go as JSON and come back parsed, so numbers beyond 2^53 lose digits
 * and a `null` in a document looks like no value: `redis.send(["JSON.GET",
 * key])` gives the text itself. Paths begin with `$` and may match any number
 * of places, so most replies are lists with an element for each. Older paths,
 * such as `.name`, reply otherwise: send them with `redis.send`.
 *
 * @see https://redis.io/docs/latest/develop/data-types/json/
 * @module
 */

import type { Arg, Reply, Shape } from "../../resp/reply.ts";
import {
  addGiven,
  addMany,
  type AtMostOne,
  checkIterable,
  checkTuple,
  type OneOrMany,
} from "../arguments.ts";
import { addOptions } from "../option_words.ts";
import {
  integer,
  integerOrNull,
  integers,
  integersOrNulls,
  ok,
  okOrNull,
  texts,
} from "../shapes.ts";
import { ModuleCommands } from "./module.ts";
import { list, listOf, number, orNull, shape } from "../parsers.ts";
import { flagsOrNulls } from "./shapes.ts";

/** A path that may match any number of places, such as `$.items[*].price`. */
export type JsonPath = `$${string}`;

/** A value as `JSON.parse` makes it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/** A value that `JSON.stringify` takes. */
export type JsonInput = null | boolean | number | string | object;

/** What a JSON value is. */
export type JsonType =
  | "null"
  | "boolean"
  | "integer"
  | "number"
  | "string"
  | "object"
  | "array";

/** The conditions under which a value is set. */
export interface JsonSetConditions {
  /** Only where no value is. */
  nx: boolean;
  /** Only where a value is. */
  xx: boolean;
}

/** When a value is set, and how arrays of numbers are stored. */
export type JsonSetOptions = AtMostOne<JsonSetConditions> & {
  /** The type of number that arrays with fractions are stored in, since Redis 8.8. */
  fpha?: "fp16" | "bf16" | "fp32" | "fp64";
};

// deno-lint-ignore no-explicit-any -- what JSON.parse gives is a JsonValue
function parseJson(reply: Reply): any {
  return JSON.parse(reply as string);
}

// Whether values, lists or records come depends on the paths.
const parsedOrNull = shape(orNull(parseJson));
const parsedOrNulls = shape(listOf(orNull(parseJson)));

const integersOrNullsOrNull: Shape<(number | null)[] | null> = shape(
  orNull(integersOrNulls.parse),
);

const integersOrNull: Shape<number[] | null> = shape(orNull(integers.parse));

/** New numbers: as JSON (RESP2), or as a list (RESP3). */
const numbersOrNulls: Shape<(number | null)[]> = shape((reply) =>
  list(typeof reply === "string" ? parseJson(reply) : reply).map(orNull(number))
);

/** Types, in a list of their own in RESP3; `null`, alone or in the list, is no key. */
const typesOrNull: Shape<JsonType[] | null> = shape((reply) => {
  const types = Array.isArray(reply) && typeof reply[0] !== "string" &&
      reply.length > 0
    ? reply[0]!
    : reply;
  return types as JsonType[] | null;
});

/** A value as JSON; numbers as they are, so that the encoder refuses NaN. */
function encode(value: JsonInput | bigint): Arg {
  return typeof value === "number" || typeof value === "bigint"
    ? value
    : JSON.stringify(value);
}

/** Commands on JSON documents: `redis.json`. */
export class JsonCommands<B extends string | Uint8Array>
  extends ModuleCommands<B> {
  /**
   * Adds values to the end of arrays, and returns their new lengths, `null` where
   * there is no array. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.arrappend/
   */
  arrappend(
    key: Arg,
    path: JsonPath,
    ...values: JsonInput[]
  ): Promise<(number | null)[]> {
    return this.send(
      ["JSON.ARRAPPEND", key, path, ...values.map(encode)],
      integersOrNulls,
    );
  }

  /**
   * Returns the index of a value in arrays, from `start` on and before `stop`: -1
   * when it is not there, `null` where there is no array. Fails when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.arrindex/
   */
  arrindex(
    key: Arg,
    path: JsonPath,
    value: JsonInput,
    start?: number,
    stop?: number,
  ): Promise<(number | null)[]> {
    const words = ["JSON.ARRINDEX", key, path, encode(value)];
    addGiven(addGiven(words, start), stop);
    return this.send(words, integersOrNulls);
  }

  /**
   * Inserts values before an index of arrays, and returns their new lengths,
   * `null` where there is no array. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.arrinsert/
   */
  arrinsert(
    key: Arg,
    path: JsonPath,
    index: number,
    ...values: JsonInput[]
  ): Promise<(number | null)[]> {
    return this.send(
      ["JSON.ARRINSERT", key, path, index, ...values.map(encode)],
      integersOrNulls,
    );
  }

  /**
   * Returns the lengths of arrays, `null` where there is no array. When `key` does
   * not exist it fails; on Valkey it is `null`.
   *
   * @see https://redis.io/docs/latest/commands/json.arrlen/
   */
  arrlen(key: Arg, path: JsonPath): Promise<(number | null)[] | null> {
    return this.send(["JSON.ARRLEN", key, path], integersOrNullsOrNull);
  }

  /**
   * Removes the element at `index` from arrays, the last one unless told
   * otherwise, and returns them, `null` where there is no array or it is empty.
   * Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.arrpop/
   */
  arrpop(key: Arg, path: JsonPath, index?: number): Promise<JsonValue[]> {
    return this.send(
      addGiven(["JSON.ARRPOP", key, path], index),
      parsedOrNulls,
    );
  }

  /**
   * Keeps the elements of arrays from `start` to `stop`, both included, and
   * returns their new lengths, `null` where there is no array. Fails when `key`
   * does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.arrtrim/
   */
  arrtrim(
    key: Arg,
    path: JsonPath,
    start: number,
    stop: number,
  ): Promise<(number | null)[]> {
    return this.send(
      ["JSON.ARRTRIM", key, path, start, stop],
      integersOrNulls,
    );
  }

  /**
   * Empties arrays and objects, makes numbers 0, and returns how many values were
   * changed: the whole document without `path`. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.clear/
   */
  clear(key: Arg, path?: JsonPath): Promise<number> {
    return this.send(addGiven(["JSON.CLEAR", key], path), integer);
  }

  /**
   * Returns the lines of the server's own help.
   *
   * @see https://redis.io/docs/latest/commands/json.debug/
   */
  debugHelp(): Promise<string[]> {
    return this.send(["JSON.DEBUG", "HELP"], texts);
  }

  /**
   * Returns how many bytes each value takes in memory, empty when `key` does
   * not exist; on Valkey it is `null`.
   *
   * @see https://redis.io/docs/latest/commands/json.debug-memory/
   */
  debugMemory(key: Arg, path: JsonPath): Promise<number[] | null>;
  /**
   * Returns how many bytes the document takes in memory, 0 when `key` does not
   * exist; on Valkey it is `null`.
   *
   * @see https://redis.io/docs/latest/commands/json.debug-memory/
   */
  debugMemory(key: Arg): Promise<number | null>;
  debugMemory(key: Arg, path?: JsonPath): Promise<number | number[] | null> {
    return this.send<number | number[] | null>(
      addGiven(["JSON.DEBUG", "MEMORY", key], path),
      path === undefined ? integerOrNull : integersOrNull,
    );
  }

  /**
   * Deletes values, the whole document without `path`, and returns how many there
   * were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.del/
   */
  del(key: Arg, path?: JsonPath): Promise<number> {
    return this.send(addGiven(["JSON.DEL", key], path), integer);
  }

  /**
   * The same as {@linkcode JsonCommands.del}, 0 when `key` does not exist too.
   *
   * @see https://redis.io/docs/latest/commands/json.forget/
   */
  forget(key: Arg, path?: JsonPath): Promise<number> {
    return this.send(addGiven(["JSON.FORGET", key], path), integer);
  }

  /**
   * Returns the values that each path matches, by path, or `null` when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.get/
   */
  get(
    key: Arg,
    path: JsonPath,
    second: JsonPath,
    ...paths: JsonPath[]
  ): Promise<Record<string, JsonValue[]> | null>;
  /**
   * Returns the values that a path matches, or `null` when `key` does not exist.
   *
   * ```ts
   * import type { Redis } from "@sorrel/redis";
   *
   * async function birthday(redis: Redis, user: string): Promise<unknown> {
   *   await redis.json.set(user, "$", { name: "ann", age: 40 });
   *   await redis.json.numincrby(user, "$.age", 1);
   *   const [age] = await redis.json.get(user, "$.age") ?? [];
   *   return age;
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/json.get/
   */
  get(key: Arg, path: JsonPath): Promise<JsonValue[] | null>;
  /**
   * Returns the whole document, or `null` when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.get/
   */
  get(key: Arg): Promise<JsonValue>;
  get(
    key: Arg,
    ...paths: JsonPath[]
  ): Promise<JsonValue | Record<string, JsonValue[]>> {
    return this.send(["JSON.GET", key, ...paths], parsedOrNull);
  }

  /**
   * Merges a value into others as RFC 7396 says: `null` deletes a member.
   * Creates the document when `key` does not exist and the path is `$`; returns
   * `null` when nothing was changed, fails when `key` does not exist and the
   * path is not `$`.
   *
   * @see https://redis.io/docs/latest/commands/json.merge/
   */
  merge(key: Arg, path: JsonPath, value: JsonInput): Promise<"OK" | null> {
    return this.send(["JSON.MERGE", key, path, encode(value)], okOrNull);
  }

  /**
   * Returns the values that a path matches in each document, `null` for those that
   * do not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.mget/
   */
  mget(
    keys: OneOrMany,
    path: JsonPath,
  ): Promise<(JsonValue[] | null)[]> {
    return this.send(
      addGiven(addMany(["JSON.MGET"], [keys]), path),
      parsedOrNulls,
    );
  }

  /**
   * Sets values in many documents, all of them or none. Fails when a key does not
   * exist and its path is not `$`.
   *
   * @see https://redis.io/docs/latest/commands/json.mset/
   */
  mset(
    values: Iterable<readonly [key: Arg, path: JsonPath, value: JsonInput]>,
  ): Promise<"OK"> {
    const words: Arg[] = ["JSON.MSET"];
    const form = "[key, path, value]";
    checkIterable(words[0], values, form);
    for (const triple of values) {
      checkTuple(words[0], triple, 3, form);
      const [key, path, value] = triple;
      words.push(key, path, encode(value));
    }
    return this.send(words, ok);
  }

  /**
   * Adds to numbers and returns the new ones, `null` where there is no number.
   * Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.numincrby/
   */
  numincrby(
    key: Arg,
    path: JsonPath,
    increment: number,
  ): Promise<(number | null)[]> {
    return this.send(["JSON.NUMINCRBY", key, path, increment], numbersOrNulls);
  }

  /**
   * Multiplies numbers and returns the new ones, `null` where there is no number.
   * Fails when `key` does not exist.
   *
   * @deprecated As of RedisJSON 2.0.
   * @see https://redis.io/docs/latest/commands/json.nummultby/
   */
  nummultby(
    key: Arg,
    path: JsonPath,
    factor: number,
  ): Promise<(number | null)[]> {
    return this.send(["JSON.NUMMULTBY", key, path, factor], numbersOrNulls);
  }

  /**
   * Raises numbers to a power and returns the new ones, `null` where there is no
   * number. Fails when `key` does not exist. Redis has no page about it.
   */
  numpowby(
    key: Arg,
    path: JsonPath,
    exponent: number,
  ): Promise<(number | null)[]> {
    return this.send(["JSON.NUMPOWBY", key, path, exponent], numbersOrNulls);
  }

  /**
   * Returns the names of the members of objects, `null` where there is no object.
   * When `key` does not exist it fails; on Valkey it is `null`.
   *
   * @see https://redis.io/docs/latest/commands/json.objkeys/
   */
  objkeys(key: Arg, path: JsonPath): Promise<(B[] | null)[] | null> {
    return this.sendAs(
      ["JSON.OBJKEYS", key, path],
      (as) => orNull(listOf(orNull(as.values.parse))),
    );
  }

  /**
   * Returns how many members objects have, `null` where there is no object. When
   * `key` does not exist it is `null`, or fails: versions differ.
   *
   * @see https://redis.io/docs/latest/commands/json.objlen/
   */
  objlen(key: Arg, path: JsonPath): Promise<(number | null)[] | null> {
    return this.send(["JSON.OBJLEN", key, path], integersOrNullsOrNull);
  }

  /**
   * Returns values as Redis's own types, unshaped: the document without `path`.
   * `null` when `key` does not exist.
   *
   * @deprecated As of RedisJSON 2.6.
   * @see https://redis.io/docs/latest/commands/json.resp/
   */
  resp(key: Arg, path?: JsonPath): Promise<Reply> {
    return this.send(addGiven(["JSON.RESP", key], path));
  }

  /**
   * Sets the values that a path matches, or a new member of an object, and
   * returns `"OK"`; `null` when the condition did not hold, or when there is no
   * such place. Creates the document when `key` does not exist and the path is
   * `$`.
   *
   * @see https://redis.io/docs/latest/commands/json.set/
   */
  set(
    key: Arg,
    path: JsonPath,
    value: JsonInput,
    options?: JsonSetOptions,
  ): Promise<"OK" | null> {
    const words = ["JSON.SET", key, path, encode(value)];
    return this.send(addOptions(words, options, "nx!|xx! fpha^"), okOrNull);
  }

  /**
   * Adds text to the end of strings, and returns their new lengths, `null` where
   * there is no string. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.strappend/
   */
  strappend(
    key: Arg,
    path: JsonPath,
    value: string,
  ): Promise<(number | null)[]> {
    return this.send(
      ["JSON.STRAPPEND", key, path, encode(value)],
      integersOrNulls,
    );
  }

  /**
   * Returns the lengths of strings, `null` where there is no string. When `key`
   * does not exist it fails; on Valkey it is `null`.
   *
   * @see https://redis.io/docs/latest/commands/json.strlen/
   */
  strlen(key: Arg, path: JsonPath): Promise<(number | null)[] | null> {
    return this.send(["JSON.STRLEN", key, path], integersOrNullsOrNull);
  }

  /**
   * Makes `true` `false` and the other way round, and returns the new ones as 1
   * and 0, `null` where there is no boolean. Fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/json.toggle/
   */
  toggle(key: Arg, path: JsonPath): Promise<(number | null)[]> {
    return this.send(["JSON.TOGGLE", key, path], flagsOrNulls);
  }

  /**
   * Returns what the values are that a path matches, or `null` when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/json.type/
   */
  type(key: Arg, path: JsonPath): Promise<JsonType[] | null> {
    return this.send(["JSON.TYPE", key, path], typesOrNull);
  }
}
