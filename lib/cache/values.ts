/**
 * A client whose values go through a codec.
 *
 * @module
 */

import type { Redis } from "../client/redis.ts";
import type { SetOptions } from "../commands/strings.ts";
import type { Arg } from "../resp/reply.ts";
import type { Codec } from "./codecs.ts";

/** The commands of strings, hashes and lists, with values of type `T`. */
export class Values<T> {
  readonly #redis: Redis<Uint8Array>;
  readonly #codec: Codec<T>;

  /** Made by {@linkcode withCodec}. */
  constructor(redis: Redis<Uint8Array>, codec: Codec<T>) {
    this.#redis = redis;
    this.#codec = codec;
  }

  /** The value of a key, or `null` when there is none. */
  async get(key: Arg): Promise<T | null> {
    return await this.#read(await this.#redis.get(key));
  }

  /** Sets a key; `null` when a condition of the options did not hold. */
  async set(
    key: Arg,
    value: T,
    options: SetOptions & { get?: false | undefined } = {},
  ): Promise<"OK" | null> {
    return await this.#redis.set(key, await this.#codec.encode(value), options);
  }

  /** Removes a key; resolves to the value that it had, or `null`. */
  async getdel(key: Arg): Promise<T | null> {
    return await this.#read(await this.#redis.getdel(key));
  }

  /** The values of keys, `null` for those that have none. */
  async mget(...keys: Arg[]): Promise<(T | null)[]> {
    const found = await this.#redis.mget(keys);
    return await Promise.all(found.map((bytes) => this.#read(bytes)));
  }

  /** Sets many keys at once. */
  async mset(values: Record<string, T>): Promise<"OK"> {
    return await this.#redis.mset(await this.#encodeAll(values));
  }

  /** The value of a field of a hash, or `null` when there is none. */
  async hget(key: Arg, field: Arg): Promise<T | null> {
    return await this.#read(await this.#redis.hget(key, field));
  }

  /** Sets fields of a hash; resolves to how many are new. */
  async hset(key: Arg, fields: Record<string, T>): Promise<number> {
    return await this.#redis.hset(key, await this.#encodeAll(fields));
  }

  /** All fields of a hash, by name; empty when there is none. */
  async hgetall(key: Arg): Promise<Map<string, T>> {
    const fields = await this.#redis.hgetall(key) as [Uint8Array, Uint8Array][];
    const decoder = new TextDecoder();
    return new Map(
      await Promise.all(
        fields.map(async ([field, value]) =>
          [decoder.decode(field), await this.#codec.decode(value)] as const
        ),
      ),
    );
  }

  /** Appends elements to a list; resolves to its length. */
  async rpush(key: Arg, ...elements: T[]): Promise<number> {
    const encoded = elements.map((element) => this.#codec.encode(element));
    return await this.#redis.rpush(key, await Promise.all(encoded));
  }

  /** Takes the first element of a list, or `null` when there is none. */
  async lpop(key: Arg): Promise<T | null> {
    return await this.#read(await this.#redis.lpop(key));
  }

  /** The elements of a list from `start` to `stop`; negative ones count from its end. */
  async lrange(key: Arg, start: number, stop: number): Promise<T[]> {
    const found = await this.#redis.lrange(key, start, stop);
    return await Promise.all(found.map((bytes) => this.#codec.decode(bytes)));
  }

  async #read(bytes: Uint8Array | null): Promise<T | null> {
    return bytes === null ? null : await this.#codec.decode(bytes);
  }

  async #encodeAll(
    values: Record<string, T>,
  ): Promise<Record<string, string | Uint8Array>> {
    const entries = Object.entries(values).map(async ([name, value]) =>
      [name, await this.#codec.encode(value)] as const
    );
    return Object.fromEntries(await Promise.all(entries));
  }
}

/**
 * The commands of strings, hashes and lists with values that go through a codec:
 * over any client, also one with a cache or a prefix.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { json, withCodec } from "@sorrel/redis/cache";
 *
 * await using redis = await connect("redis://localhost:6379");
 * const users = withCodec(redis, json<{ name: string; age: number }>());
 * await users.set("user:1", { name: "Ada", age: 36 }, { ex: 60 });
 * console.assert((await users.get("user:1"))?.age === 36);
 * ```
 */
export function withCodec<T>(
  redis: Redis<string> | Redis<Uint8Array>,
  codec: Codec<T>,
): Values<T> {
  return new Values(redis.bytes, codec);
}
