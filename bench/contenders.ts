/**
 * The clients that are measured on Deno, each in its fastest documented mode.
 * sorrel has a deadline for every command; the others are faster without.
 *
 * Each is imported where it is made, so that a process loads one client only:
 * the modules of all would slow down garbage collection for each.
 *
 * @module
 */

import type { Contender } from "./work.ts";

/** sorrel, with its default options. */
async function sorrel(url: string): Promise<Contender> {
  const { connect } = await import("../mod.ts");
  const redis = await connect(url);
  return {
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
  };
}

/** ioredis, with automatic pipelining. */
async function ioredis(url: string): Promise<Contender> {
  const { Redis } = await import("npm:ioredis@6.0.0");
  const redis = new Redis(url, {
    enableAutoPipelining: true,
    lazyConnect: true,
  });
  await redis.connect();
  return {
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
  };
}

/** node-redis, which pipelines by itself. */
async function nodeRedis(url: string): Promise<Contender> {
  const { createClient, RESP_TYPES } = await import("npm:redis@6.3.1");
  const redis = createClient({ url });
  await redis.connect();
  const bytes = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
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
  };
}

/**
 * A socket without a client: the limit of the runtime. GET one at a time only.
 */
async function bareSocket(url: string): Promise<Contender> {
  const { hostname, port } = new URL(url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  socket.setNoDelay(true);
  const into = new Uint8Array(64 * 1024);
  const encoder = new TextEncoder();
  const refuse = () => Promise.reject(new Error("Only GET"));
  return {
    async get(key) {
      await socket.write(
        encoder.encode(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
      );
      return await socket.read(into);
    },
    getBytes: refuse,
    set: refuse,
    lrange: refuse,
    hgetall: refuse,
    pipeline: refuse,
  };
}

/** The clients by the name in the table. */
export const CONTENDERS: Record<string, (url: string) => Promise<Contender>> = {
  "sorrel": sorrel,
  "ioredis": ioredis,
  "node-redis": nodeRedis,
  "bare socket": bareSocket,
};
