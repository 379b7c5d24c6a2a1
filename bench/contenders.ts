/**
 * The clients that are measured on Deno, each in its fastest documented mode,
 * with a deadline for every command.
 *
 * @module
 */

import { Redis as IoRedis } from "ioredis";
import { createClient, RESP_TYPES } from "redis";
import { connect } from "../mod.ts";
import type { Contender } from "./work.ts";

/** For each command, in milliseconds: respite's default, given to the others too. */
const DEADLINE = 5_000;

/** Ourselves, with the options that a newcomer has. */
export async function respite(url: string): Promise<Contender> {
  const redis = await connect(url);
  return {
    name: "respite",
    get: (key) => redis.get(key),
    getBytes: (key) => redis.bytes.get(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lrange(key, 0, -1),
    hgetall: (key) => redis.hgetall(key),
    pipeline(key, count) {
      const pipe = redis.pipeline({ transaction: false });
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execute();
    },
    close: () => redis.close(),
  };
}

/** ioredis, with automatic pipelining. */
export async function ioredis(url: string): Promise<Contender> {
  const redis = new IoRedis(url, {
    enableAutoPipelining: true,
    commandTimeout: DEADLINE,
    lazyConnect: true,
  });
  await redis.connect();
  return {
    name: "ioredis",
    get: (key) => redis.get(key),
    getBytes: (key) => redis.getBuffer(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lrange(key, 0, -1),
    hgetall: (key) => redis.hgetall(key),
    pipeline(key, count) {
      const pipe = redis.pipeline();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.exec();
    },
    close: () => redis.quit(),
  };
}

/** node-redis, which pipelines by itself. */
export async function nodeRedis(url: string): Promise<Contender> {
  const redis = createClient({ url, commandOptions: { timeout: DEADLINE } });
  await redis.connect();
  const bytes = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    name: "node-redis",
    get: (key) => redis.get(key),
    getBytes: (key) => bytes.get(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lRange(key, 0, -1),
    hgetall: (key) => redis.hGetAll(key),
    pipeline(key, count) {
      const pipe = redis.multi();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execAsPipeline();
    },
    close: () => redis.close(),
  };
}

/** A socket and nothing else: what the runtime can give. GET one at a time only. */
export async function bareSocket(
  hostname: string,
  port: number,
): Promise<Pick<Contender, "get" | "close">> {
  const socket = await Deno.connect({ hostname, port });
  socket.setNoDelay(true);
  const into = new Uint8Array(64 * 1024);
  const encoder = new TextEncoder();
  return {
    async get(key) {
      await socket.write(
        encoder.encode(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
      );
      return await socket.read(into);
    },
    close() {
      socket.close();
      return Promise.resolve();
    },
  };
}
