/**
 * A rate limiter for an HTTP server: at most 5 requests in any 60 seconds for
 * each user, over all processes of the server.
 *
 * ```sh
 * deno run --allow-net --allow-env=REDIS_URL rate_limiter.ts 8000
 * curl -i -H "User: ada" http://127.0.0.1:8000
 * ```
 *
 * A sorted set holds the times of a user's requests. A script checks and adds in
 * one step, so two requests at the same moment cannot both be the last one.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { connect } from "../../mod.ts";

const LIMIT = 5;
const WINDOW_MS = 60_000;

await using redis = await connect();

/** Returns 0 when the request is allowed, else how many ms to wait for the next one. */
const take = redis.script<
  number,
  [key: string],
  [limit: number, window: number, id: string]
>(
  `local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
  local time = redis.call("time") -- one clock for all processes
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call("zremrangebyscore", KEYS[1], 0, now - window)
  if redis.call("zcard", KEYS[1]) >= limit then
    local oldest = redis.call("zrange", KEYS[1], 0, 0, "withscores")
    return math.max(1, oldest[2] + window - now)
  end
  redis.call("zadd", KEYS[1], now, ARGV[3])
  redis.call("pexpire", KEYS[1], window)
  return 0`,
  { parse: Number },
);

const [port = "0"] = Deno.args;
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen: ({ port }) => console.log(port),
}, async (request) => {
  const user = request.headers.get("user") ?? "anonymous";
  const id = crypto.randomUUID();
  const wait = await take.run([`requests:${user}`], [LIMIT, WINDOW_MS, id]);
  if (wait === 0) return new Response(`Hello, ${user}\n`);
  return new Response("Too many requests\n", {
    status: 429,
    headers: { "retry-after": `${Math.ceil(wait / 1_000)}` },
  });
});
await server.finished;
