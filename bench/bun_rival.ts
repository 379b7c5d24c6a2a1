/**
 * Bun's built-in client over the same work; run by `rivals.ts`, in Bun.
 *
 * Prints the rows' rates as JSON. Bun has no pipeline of its own: commands
 * asked at once are one (its documentation).
 *
 * @module
 */

import { type Contender, type Measured, ROWS, run } from "./work.ts";

/** The part of Bun's client that is used. */
interface BunClient {
  connect(): Promise<void>;
  close(): void;
  get(key: string): Promise<unknown>;
  getBuffer(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  lrange(key: string, start: number, stop: number): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
}

const { Bun, process } = globalThis as unknown as {
  Bun: { RedisClient: new (url: string) => BunClient };
  process: { argv: string[] };
};

const [, , url = "", duration = "700", warmUp = "300"] = process.argv;
const redis = new Bun.RedisClient(url);
await redis.connect();
const contender: Contender = {
  name: "Bun",
  get: (key) => redis.get(key),
  getBytes: (key) => redis.getBuffer(key),
  set: (key, value) => redis.set(key, value),
  lrange: (key) => redis.lrange(key, 0, -1),
  hgetall: (key) => redis.hgetall(key),
  pipeline: (key, count) =>
    Promise.all(Array.from({ length: count }, () => redis.get(key))),
  close() {
    redis.close();
    return Promise.resolve();
  },
};
const measured: Record<string, Measured> = {};
for (const row of ROWS) {
  await run(row, contender, Number(warmUp));
  measured[row.title] = await run(row, contender, Number(duration));
}
await contender.close();
// deno-lint-ignore no-console -- what this program is for
console.log(JSON.stringify(measured));
