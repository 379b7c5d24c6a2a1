/**
 * The same work with Bun's built-in client; `rivals.ts` runs it in Bun.
 *
 * Prints the rates as JSON. Bun has no pipeline method: its documentation says that
 * commands of one tick are pipelined.
 *
 * @module
 */

import { type Contender, measureAll } from "./work.ts";

/** The used part of Bun's client. */
interface BunClient {
  connect(): Promise<void>;
  close(): void;
  get(key: string): Promise<unknown>;
  getBuffer(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  lrange(key: string, start: number, stop: number): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  mget(...keys: string[]): Promise<unknown>;
  hset(key: string, fields: Record<string, string>): Promise<unknown>;
  smembers(key: string): Promise<unknown>;
  ping(): Promise<unknown>;
  subscribe(channel: string, listener: () => void): Promise<unknown>;
  send(command: string, args: string[]): Promise<unknown>;
}

const { Bun, process } = globalThis as unknown as {
  Bun: { RedisClient: new (url: string) => BunClient };
  process: { argv: string[]; exit(): void };
};

const [, , url = "", duration, warmUp, only = ""] = process.argv;
const redis = new Bun.RedisClient(url);
await redis.connect();
const contender: Contender = {
  get: (key) => redis.get(key),
  getBytes: (key) => redis.getBuffer(key),
  set: (key, value) => redis.set(key, value),
  lrange: (key) => redis.lrange(key, 0, -1),
  hgetall: (key) => redis.hgetall(key),
  mget: (keys) => redis.mget(...keys),
  hset: (key, fields) => redis.hset(key, fields),
  smembers: (key) => redis.smembers(key),
  // Bun does not return pairs: this is the raw reply.
  zrange: (key) => redis.send("ZRANGE", [key, "0", "-1", "WITHSCORES"]),
  xadd: (key, field, value) =>
    redis.send("XADD", [key, "MAXLEN", "~", "1000", "*", field, value]),
  evaluate: (script, key, arg) => redis.send("EVAL", [script, "1", key, arg]),
  async subscribe(channel, onMessage) {
    const subscriber = new Bun.RedisClient(url);
    await subscriber.connect();
    await subscriber.subscribe(channel, onMessage);
  },
  async visit() {
    const visitor = new Bun.RedisClient(url);
    await visitor.connect();
    await visitor.ping();
    visitor.close();
  },
  pipeline: (key, count) =>
    Promise.all(Array.from({ length: count }, () => redis.get(key))),
};
const measured = await measureAll(
  contender,
  Number(duration),
  Number(warmUp),
  only,
);
// deno-lint-ignore no-console -- what this program is for
console.log(JSON.stringify(measured));
// A subscriber would keep the process alive.
process.exit();
