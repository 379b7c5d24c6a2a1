/**
 * Uses of `@upstash/redis` and `@upstash/ratelimit`, against any gateway.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Ratelimit } from "npm:@upstash/ratelimit@2.2.0";
import { Redis } from "npm:@upstash/redis@1.39.0/cloudflare";
import { eventually } from "./events.ts";

/** Uses both packages, unchanged, against the gateway at `url`. Redis must be empty. */
export async function assertServesUpstash(
  url: string,
  token: string,
): Promise<void> {
  for (const responseEncoding of ["base64", false] as const) {
    const redis = new Redis({
      url,
      token,
      responseEncoding,
      enableTelemetry: false,
      enableAutoPipelining: false,
      retry: false,
    });
    await assertCommands(redis);
    await assertBatches(redis);
    await assertScripts(redis);
    await redis.flushdb();
  }
  await assertAutoPipelines(
    new Redis({ url, token, enableTelemetry: false, retry: false }),
  );
  const redis = new Redis({
    url,
    token,
    enableTelemetry: false,
    enableAutoPipelining: false,
  });
  await assertSubscribes(redis);
  await assertLimitsRates(redis);
}

async function assertCommands(redis: Redis): Promise<void> {
  const value = 'grüße 👋 "quoted"\n\u0000';
  assert.equal(await redis.set("text", value), "OK");
  assert.equal(await redis.get("text"), value);
  assert.equal(await redis.set("ok", "OK"), "OK");
  assert.deepEqual(await redis.mget("ok", "missing", "text"), [
    "OK",
    null,
    value,
  ]);
  assert.equal(await redis.set("text", "b", { nx: true }), null);
  await redis.set("object", { a: [1, { b: null }] }, { ex: 100 });
  assert.deepEqual(await redis.get("object"), { a: [1, { b: null }] });
  const ttl = await redis.ttl("object");
  assert.ok(ttl > 0 && ttl <= 100, `${ttl}`);
  assert.equal(await redis.incrby("n", 41), 41);
  assert.equal(await redis.incrbyfloat("n", 1.5), 42.5);
  await redis.hset("hash", { name: "x", flag: true, n: 7 });
  assert.deepEqual(await redis.hgetall("hash"), {
    name: "x",
    flag: true,
    n: 7,
  });
  assert.equal(await redis.rpush("list", "a", "b", "c"), 3);
  assert.deepEqual(await redis.lrange("list", 0, -1), ["a", "b", "c"]);
  await redis.zadd("scores", { score: 1.5, member: "a" }, {
    score: 2,
    member: "b",
  });
  assert.deepEqual(await redis.zrange("scores", 0, -1, { withScores: true }), [
    "a",
    1.5,
    "b",
    2,
  ]);
  assert.equal(await redis.zscore("scores", "a"), 1.5);
  const id = await redis.xadd("stream", "*", { field: "value" });
  const entries = await redis.xrange("stream", "-", "+");
  assert.deepEqual(entries, { [id]: { field: "value" } });
  const [cursor, keys] = await redis.scan(0, { match: "sc*", count: 1000 });
  assert.deepEqual([cursor, keys], ["0", ["scores"]]);
  assert.equal(await redis.ping(), "PONG");
  await assert.rejects(redis.lpush("text", "x"), /WRONGTYPE/);
}

async function assertBatches(redis: Redis): Promise<void> {
  const pipeline = redis.pipeline();
  pipeline.set("p", "1").incr("p").hset("ph", { a: 1 }).hgetall("ph");
  assert.deepEqual(await pipeline.exec(), ["OK", 2, 1, { a: 1 }]);
  const failing = redis.pipeline().lpush("p", "x").get("p");
  const results = await failing.exec({ keepErrors: true });
  assert.match(results[0].error ?? "", /WRONGTYPE/);
  assert.equal(results[1].result, 2);
  const transactions = Array.from(
    { length: 10 },
    (_, i) => redis.multi().set("shared", `value-${i}`).get("shared").exec(),
  );
  assert.deepEqual(
    await Promise.all(transactions),
    Array.from({ length: 10 }, (_, i) => ["OK", `value-${i}`]),
  );
}

async function assertScripts(redis: Redis): Promise<void> {
  const script = redis.createScript<[string, number]>(
    "return { KEYS[1], tonumber(ARGV[1]) + 1 }",
  );
  assert.deepEqual(await script.exec(["k"], ["41"]), ["k", 42]);
  const source = "return redis.call('GET', KEYS[1])";
  assert.equal(await redis.eval(source, ["text"], []), await redis.get("text"));
  await assert.rejects(
    redis.evalsha("0".repeat(40), [], []),
    /NOSCRIPT No matching script\. Please use EVAL\./,
  );
}

async function assertAutoPipelines(redis: Redis): Promise<void> {
  const names = Array.from({ length: 50 }, (_, i) => `auto-${i}`);
  await Promise.all(names.map((name) => redis.set(name, name)));
  assert.deepEqual(
    await Promise.all(names.map((name) => redis.get(name))),
    names,
  );
}

async function assertSubscribes(redis: Redis): Promise<void> {
  using _held = holdResponses();
  const heard: unknown[] = [];
  const channels = redis.subscribe<{ n: number } | string>([
    "sdk-news",
    "sdk-sport",
  ]);
  channels.on("message", ({ channel, message }) => {
    heard.push([channel, message]);
  });
  const patterns = redis.psubscribe<{ n: number }>("sdk-n*");
  patterns.on("pmessage", ({ pattern, channel, message }) => {
    heard.push([pattern, channel, message]);
  });
  await eventually(async () =>
    await redis.publish("sdk-news", { n: 1 }) === 2 &&
    await redis.publish("sdk-sport", "plain, text") === 1
  );
  const wanted = [
    ["sdk-news", { n: 1 }],
    ["sdk-n*", "sdk-news", { n: 1 }],
    ["sdk-sport", "plain, text"],
  ].map((each) => JSON.stringify(each));
  await eventually(() => {
    const seen = heard.map((each) => JSON.stringify(each));
    return Promise.resolve(wanted.every((each) => seen.includes(each)));
  });
  await Promise.all([channels.unsubscribe(), patterns.unsubscribe()]);
  // workerd notices that a client has left only when it writes to it.
  await eventually(async () =>
    await redis.publish("sdk-news", "gone") === 0 &&
    await redis.publish("sdk-sport", "gone") === 0
  );
}

/**
 * Keeps the responses of `fetch` alive until disposed of. Deno 2.9 forgets the signal of
 * a request once its response is garbage: of ten streams that the SDK aborted, nine
 * stayed open.
 */
export function holdResponses(): Disposable {
  const { fetch } = globalThis;
  const held: Response[] = [];
  globalThis.fetch = async (...args: Parameters<typeof fetch>) => {
    const response = await fetch(...args);
    held.push(response);
    return response;
  };
  return {
    [Symbol.dispose]() {
      globalThis.fetch = fetch;
      held.length = 0;
    },
  };
}

async function assertLimitsRates(redis: Redis): Promise<void> {
  // Windows begin at multiples of their length, so a short one may end in between.
  const limiters = [
    Ratelimit.fixedWindow(3, "1000 d"),
    Ratelimit.slidingWindow(3, "1000 d"),
    Ratelimit.tokenBucket(3, "1000 d", 3),
  ];
  for (const [i, limiter] of limiters.entries()) {
    const limit = new Ratelimit({
      redis,
      limiter,
      prefix: `limit-${i}`,
      ephemeralCache: false,
      analytics: false,
      // After its timeout the limiter would allow everything.
      timeout: 0,
    });
    const answers: boolean[] = [];
    for (let n = 0; n < 4; n++) {
      answers.push((await limit.limit("somebody")).success);
    }
    assert.deepEqual(answers, [true, true, true, false]);
  }
}
