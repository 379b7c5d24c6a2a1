/**
 * The same work over several clients, each in its fastest documented mode, with
 * a deadline for every command.
 *
 * @module
 */

import { Redis as IoRedis } from "ioredis";
import { createClient } from "redis";
import { connect } from "../mod.ts";

/** What a client must be able to do to stand in the table. */
export interface Contender {
  /** The name in the table. */
  readonly name: string;
  /** `GET key`. */
  get(key: string): Promise<unknown>;
  /** `SET key value`. */
  set(key: string, value: string): Promise<unknown>;
  /** `count` times `GET key` as one pipeline, not a transaction. */
  pipeline(key: string, count: number): Promise<unknown>;
  /** Ends the connection. */
  close(): Promise<unknown>;
}

/** For each command, in milliseconds: respite's default, given to the others too. */
const DEADLINE = 5_000;

/** Ourselves, with the options a newcomer has. */
async function respite(url: string): Promise<Contender> {
  const redis = await connect(url);
  return {
    name: "respite",
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline(key, count) {
      const pipe = redis.pipeline({ transaction: false });
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execute();
    },
    close: () => redis.close(),
  };
}

async function ioredis(url: string): Promise<Contender> {
  const redis = new IoRedis(url, {
    enableAutoPipelining: true,
    commandTimeout: DEADLINE,
    lazyConnect: true,
  });
  await redis.connect();
  return {
    name: "ioredis",
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline(key, count) {
      const pipe = redis.pipeline();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.exec();
    },
    close: () => redis.quit(),
  };
}

async function nodeRedis(url: string): Promise<Contender> {
  const redis = createClient({ url, commandOptions: { timeout: DEADLINE } });
  await redis.connect();
  return {
    name: "node-redis",
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    pipeline(key, count) {
      const pipe = redis.multi();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execAsPipeline();
    },
    close: () => redis.close(),
  };
}

/** Connects every contender. */
export async function contenders(url: string): Promise<Contender[]> {
  return [await respite(url), await ioredis(url), await nodeRedis(url)];
}
