/**
 * One client with more load than its link can carry; `overload.ts` runs it in its own
 * process. Prints a line of JSON.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/**
 * The common interface of the clients, with a deadline of a second for each call.
 */
interface Client {
  set(key: string, value: Uint8Array): Promise<unknown>;
  ping(): Promise<unknown>;
}

const DEADLINE = 1_000;

const CLIENTS: Record<string, (url: string) => Promise<Client>> = {
  async sorrel(url) {
    const { connect } = await import("../mod.ts");
    const redis = await connect(url, { commandTimeout: DEADLINE });
    return {
      set: (key, value) => redis.set(key, value),
      ping: () => redis.ping(),
    };
  },
  async ioredis(url) {
    const { Redis } = await import("npm:ioredis@6.0.0");
    const redis = new Redis(url, {
      commandTimeout: DEADLINE,
      lazyConnect: true,
    });
    redis.on("error", () => {});
    await redis.connect();
    return {
      set: (key, value) => redis.set(key, Buffer.from(value.buffer)),
      ping: () => redis.ping(),
    };
  },
  async "node-redis"(url) {
    const { createClient } = await import("npm:redis@6.3.1");
    const redis = createClient({
      url,
      commandOptions: { timeout: DEADLINE },
    });
    redis.on("error", () => {});
    await redis.connect();
    return {
      set: (key, value) => redis.set(key, Buffer.from(value.buffer)),
      ping: () => redis.ping(),
    };
  },
};

const [name = "", url = "", size = "", each = "", seconds = ""] = Deno.args;
const client = await CLIENTS[name]!(url);
const value = new Uint8Array(Number(size)).fill(0x78);
await client.ping();

/** Calls that succeeded within their deadline, by the second in which they ended. */
const succeeded = new Array<number>(Number(seconds) + 2).fill(0);
let failed = 0;
let peak = 0;
const start = performance.now();
const timer = setInterval(() => {
  peak = Math.max(peak, Deno.memoryUsage().rss);
}, 50);

async function call(i: number): Promise<void> {
  const asked = performance.now();
  try {
    await client.set(`key:${i % 1000}`, value);
    const ended = performance.now();
    if (ended - asked > DEADLINE * 1.1) failed++;
    else succeeded[Math.floor((ended - start) / 1000)]!++;
  } catch {
    failed++;
  }
}

const calls: Promise<void>[] = [];
for (let i = 0; performance.now() - start < Number(seconds) * 1000;) {
  // Follows the clock: after a late timer it makes the missed calls at once.
  const due = (performance.now() - start) / Number(each);
  for (; i < due; i++) calls.push(call(i));
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const ended = performance.now();
let pinged: number | null;
try {
  await client.ping();
  pinged = Math.round(performance.now() - ended);
} catch {
  pinged = null;
}
await Promise.race([
  Promise.all(calls),
  new Promise((resolve) => setTimeout(resolve, 3_000)),
]);
clearInterval(timer);
// deno-lint-ignore no-console -- a program that prints
console.log(
  JSON.stringify({
    asked: calls.length,
    succeeded,
    failed,
    pinged,
    peak: Math.round(peak / 2 ** 20),
  }),
);
Deno.exit();
