/**
 * A process that asks for a value many times at once: see `askers.ts`. What it is
 * told, and what it tells, goes through lists of the server.
 *
 * @module
 */

import { getOrSet } from "../../lib/cache/cache.ts";
import { connect } from "../../mod.ts";

const [url, calls, loadTime, lockTime] = Deno.args;
await using redis = await connect(url!);

async function load(): Promise<{ from: string }> {
  await redis.rpush("loads", Deno.pid);
  if (loadTime === "told") await redis.send(["BLPOP", "go", 0]);
  else await new Promise((resolve) => setTimeout(resolve, Number(loadTime)));
  return { from: "the database" };
}

await redis.rpush("ready", Deno.pid);
await redis.send(["BLPOP", "start", 0]);
const start = performance.now();
const options = { ex: 60, lockTime: Number(lockTime) };
const values = await Promise.all(
  Array.from(
    { length: Number(calls) },
    () => getOrSet(redis, "k", options, load),
  ),
);
const time = performance.now() - start;
const different = new Set(values.map((value) => JSON.stringify(value)));
await redis.rpush("results", JSON.stringify({ time, values: [...different] }));
