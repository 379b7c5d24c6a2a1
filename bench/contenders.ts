/**
 * The measured clients on Deno, each in its fastest documented mode. sorrel has a
 * timeout for every command; the others are faster without.
 *
 * Each is imported where it is made, so that a process loads only one client: the
 * modules of all would slow down garbage collection for each.
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
    mget: (keys) => redis.mget(keys),
    hset: (key, fields) => redis.hset(key, fields),
    smembers: (key) => redis.smembers(key),
    zrange: (key) => redis.zrange(key, 0, -1, { withscores: true }),
    xadd: (key, field, value) =>
      redis.xadd(key, "*", { [field]: value }, { maxlen: ["~", 1_000] }),
    evaluate: (script, key, arg) => redis.eval(script, [key], [arg]),
    async queue(key, value) {
      await redis.rpush(key, value);
      return await redis.blpop(key, 1);
    },
    multi(key, count) {
      const pipe = redis.transaction();
      for (let i = 0; i < count; i++) pipe.incr(key);
      return pipe.execute();
    },
    pipeline(key, count) {
      const pipe = redis.pipeline({ transaction: false });
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execute();
    },
    async subscribe(channel, onMessage) {
      const messages = await redis.subscribe(channel);
      (async () => {
        for await (const _ of messages) onMessage();
      })();
    },
    async visit() {
      const visitor = await connect(url);
      await visitor.ping();
      await visitor.close();
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
  const blocking = redis.duplicate();
  return {
    get: (key) => redis.get(key),
    getBytes: (key) => redis.getBuffer(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lrange(key, 0, -1),
    hgetall: (key) => redis.hgetall(key),
    mget: (keys) => redis.mget(keys),
    hset: (key, fields) => redis.hset(key, fields),
    smembers: (key) => redis.smembers(key),
    async zrange(key) {
      const flat = await redis.zrange(key, "0", "-1", "WITHSCORES");
      const pairs: [string, number][] = [];
      for (let i = 0; i < flat.length; i += 2) {
        pairs.push([flat[i]!, Number(flat[i + 1])]);
      }
      return pairs;
    },
    xadd: (key, field, value) =>
      redis.xadd(key, "MAXLEN", "~", 1_000, "*", field, value),
    evaluate: (script, key, arg) => redis.eval(script, 1, key, arg),
    async queue(key, value) {
      await redis.rpush(key, value);
      return await blocking.blpop(key, 1);
    },
    multi(key, count) {
      const multi = redis.multi();
      for (let i = 0; i < count; i++) multi.incr(key);
      return multi.exec();
    },
    async subscribe(channel, onMessage) {
      const subscriber = redis.duplicate();
      subscriber.on("message", onMessage);
      await subscriber.subscribe(channel);
    },
    async visit() {
      const visitor = new Redis(url, { lazyConnect: true });
      await visitor.connect();
      await visitor.ping();
      visitor.disconnect();
    },
    pipeline(key, count) {
      const pipe = redis.pipeline();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.exec();
    },
  };
}

/** node-redis, which pipelines automatically. */
async function nodeRedis(url: string): Promise<Contender> {
  const { createClient, RESP_TYPES } = await import("npm:redis@6.3.1");
  const redis = createClient({ url });
  await redis.connect();
  const blocking = await redis.duplicate().connect();
  const bytes = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    get: (key) => redis.get(key),
    getBytes: (key) => bytes.get(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lRange(key, 0, -1),
    hgetall: (key) => redis.hGetAll(key),
    mget: (keys) => redis.mGet(keys),
    hset: (key, fields) => redis.hSet(key, fields),
    smembers: (key) => redis.sMembers(key),
    zrange: (key) => redis.zRangeWithScores(key, 0, -1),
    xadd: (key, field, value) =>
      redis.xAdd(key, "*", { [field]: value }, {
        TRIM: { strategy: "MAXLEN", strategyModifier: "~", threshold: 1_000 },
      }),
    evaluate: (script, key, arg) =>
      redis.eval(script, { keys: [key], arguments: [arg] }),
    async queue(key, value) {
      await redis.rPush(key, value);
      return await blocking.blPop(key, 1);
    },
    multi(key, count) {
      const multi = redis.multi();
      for (let i = 0; i < count; i++) multi.incr(key);
      return multi.exec();
    },
    async subscribe(channel, onMessage) {
      const subscriber = await redis.duplicate().connect();
      await subscriber.subscribe(channel, onMessage);
    },
    async visit() {
      const visitor = await createClient({ url }).connect();
      await visitor.ping();
      visitor.destroy();
    },
    pipeline(key, count) {
      const pipe = redis.multi();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.execAsPipeline();
    },
  };
}

/** valkey-glide: a core in Rust, which batches automatically. */
async function glide(url: string): Promise<Contender> {
  // A computed name, so that `deno check` does not follow it: its types of Node are not
  // available in the tests.
  const name = "npm:@valkey/valkey-glide@2.5.2";
  const { Batch, Decoder, GlideClient } = await import(name);
  const { hostname, port } = new URL(url);
  const addresses = [{ host: hostname, port: Number(port) }];
  const client = await GlideClient.createClient({ addresses });
  const blocking = await GlideClient.createClient({ addresses });
  return {
    get: (key) => client.get(key),
    getBytes: (key) => client.get(key, { decoder: Decoder.Bytes }),
    set: (key, value) => client.set(key, value),
    lrange: (key) => client.lrange(key, 0, -1),
    hgetall: (key) => client.hgetall(key),
    mget: (keys) => client.mget(keys),
    hset: (key, fields) => client.hset(key, fields),
    smembers: (key) => client.smembers(key),
    zrange: (key) => client.zrangeWithScores(key, { start: 0, end: -1 }),
    xadd: (key, field, value) =>
      client.xadd(key, [[field, value]], {
        trim: { method: "maxlen", threshold: 1_000, exact: false },
      }),
    evaluate: (script, key, arg) =>
      client.customCommand(["EVAL", script, "1", key, arg]),
    async queue(key, value) {
      await client.rpush(key, [value]);
      return await blocking.blpop([key], 1);
    },
    multi(key, count) {
      const batch = new Batch(true);
      for (let i = 0; i < count; i++) batch.incr(key);
      return client.exec(batch, true);
    },
    pipeline(key, count) {
      const batch = new Batch(false);
      for (let i = 0; i < count; i++) batch.get(key);
      return client.exec(batch, true);
    },
    async subscribe(channel, onMessage) {
      await GlideClient.createClient({
        addresses,
        pubsubSubscriptions: {
          channelsAndPatterns: { 0: new Set([channel]) },
          callback: onMessage,
        },
      });
    },
    async visit() {
      const visitor = await GlideClient.createClient({ addresses });
      await visitor.customCommand(["PING"]);
      visitor.close();
    },
  };
}

/** A socket and nothing else: what the runtime can give. GET, pipelines of it, and connecting. */
async function bareSocket(url: string): Promise<Contender> {
  const { hostname, port } = new URL(url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  socket.setNoDelay(true);
  const into = new Uint8Array(64 * 1024);
  const encoder = new TextEncoder();
  /** How long the reply to the pipeline's command is. */
  let reply = 0;
  return {
    async get(key) {
      await socket.write(
        encoder.encode(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`),
      );
      return await socket.read(into);
    },
    async pipeline(key, count) {
      const command = `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
      if (reply === 0) {
        await socket.write(encoder.encode(command));
        reply = (await socket.read(into))!;
      }
      const written = socket.write(encoder.encode(command.repeat(count)));
      for (let missing = reply * count; missing > 0;) {
        missing -= (await socket.read(into))!;
      }
      return await written;
    },
    async visit() {
      const visitor = await Deno.connect({ hostname, port: Number(port) });
      await visitor.write(encoder.encode("PING\r\n"));
      await visitor.read(into);
      visitor.close();
    },
  };
}

/** deno-redis (denodrivers/redis), which pipelines only where it is told to. */
async function denoRedis(url: string, checkout: string): Promise<Contender> {
  const { connect } = await import(`${checkout}/mod.ts`);
  const { hostname, port } = new URL(url);
  const redis = await connect({ hostname, port });
  return {
    get: (key) => redis.get(key),
    set: (key, value) => redis.set(key, value),
    lrange: (key) => redis.lrange(key, 0, -1),
    mget: (keys) => redis.mget(...keys),
    hset: (key, fields) => redis.hset(key, fields),
    smembers: (key) => redis.smembers(key),
    pipeline(key, count) {
      const pipe = redis.pipeline();
      for (let i = 0; i < count; i++) pipe.get(key);
      return pipe.flush();
    },
    async visit() {
      const visitor = await connect({ hostname, port });
      await visitor.ping();
      visitor.close();
    },
  };
}

/** iuioiua/redis: commands as arrays of words. */
async function iuioiua(url: string, checkout: string): Promise<Contender> {
  const { RedisClient } = await import(`${checkout}/mod.ts`);
  const { hostname, port } = new URL(url);
  const dial = () => Deno.connect({ hostname, port: Number(port) });
  const redis = new RedisClient(await dial());
  return {
    get: (key) => redis.sendCommand(["GET", key]),
    getBytes: (key) => redis.sendCommand(["GET", key], true),
    set: (key, value) => redis.sendCommand(["SET", key, value]),
    lrange: (key) => redis.sendCommand(["LRANGE", key, 0, -1]),
    hgetall: (key) => redis.sendCommand(["HGETALL", key]),
    mget: (keys) => redis.sendCommand(["MGET", ...keys]),
    smembers: (key) => redis.sendCommand(["SMEMBERS", key]),
    pipeline: (key, count) =>
      redis.pipelineCommands(Array.from({ length: count }, () => ["GET", key])),
    async visit() {
      const socket = await dial();
      await new RedisClient(socket).sendCommand(["PING"]);
      socket.close();
    },
  };
}

/** The clients that are measured only where a checkout of theirs is named. */
export const CHECKOUTS: readonly string[] = ["deno-redis", "iuioiua"];

/** The clients by the name in the table. */
export const CONTENDERS: Record<
  string,
  (url: string, checkout: string) => Promise<Contender>
> = {
  "sorrel": sorrel,
  "ioredis": ioredis,
  "node-redis": nodeRedis,
  "valkey-glide": glide,
  "deno-redis": denoRedis,
  "iuioiua": iuioiua,
  "bare socket": bareSocket,
};
