/**
 * Random requests to the gateway, with a real Redis: every response must have a
 * documented status and form, and the gateway must survive.
 *
 * As a program, with a count and a seed: `deno task fuzz:worker 100000 1`. It also sends
 * the damaged bytes of `damage.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { damage } from "./damage.ts";
import { LocalGateway, TOKEN } from "./local.ts";
import { answerHelp } from "../support/usage.ts";
import { Random } from "./random.ts";

/** The number of concurrent requests. */
const AT_A_TIME = 32;

/** Sends random requests; resolves to the number of each status. */
export async function fuzz(
  count: number,
  seed: number,
): Promise<Map<number, number>> {
  await using gateway = await LocalGateway.start({
    QUERY_TOKEN: "on",
    GRANTS: JSON.stringify({
      app: { token: "app", keys: ["k*"], allow: ["@all", "@scripting"] },
      small: { token: "small", limits: { bodyBytes: 50, commands: 2 } },
      rare: { token: "rare", limits: { requestsPerSecond: 5, streams: 1 } },
    }),
    // A SETRANGE must not create a value of 512 MB.
  }, { config: { "proto-max-bulk-len": "1mb" } });
  const names = (await gateway.server.ask("COMMAND", "LIST"))
    .match(/^[a-z].*(?=\r$)/gm)!;
  assert.ok(names.length > 200);
  const documented = await describedStatuses(gateway);
  const random = new Random(seed);
  const statuses = new Map<number, number>();
  for (let done = 0; done < count; done += AT_A_TIME) {
    const batch = Array.from(
      { length: Math.min(AT_A_TIME, count - done) },
      () => makeRequest(random, names),
    );
    await Promise.all(batch.map(async ({ path, init }) => {
      const response = await gateway.fetch(path, init);
      const { status } = response;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      try {
        assert.ok(documented.has(status), `status ${status}`);
        await checkResponse(response, init);
      } catch (error) {
        const shown = Deno.inspect({ path, init }, { depth: 3 });
        throw new Error(`seed ${seed}: ${shown}`, { cause: error });
      }
    }));
  }
  const [status, body] = await gateway.post("/pipeline", [
    ["SET", "at-the-end", 1],
    ["GET", "at-the-end"],
  ]);
  assert.deepEqual([status, body], [200, [{ result: "OK" }, { result: "1" }]]);
  return statuses;
}

/** The documented statuses below 500, and those for unknown methods and paths. */
async function describedStatuses(gateway: LocalGateway): Promise<Set<number>> {
  const [, description] = await gateway.json("/openapi.json");
  const { paths } = description as {
    paths: Record<string, Record<string, { responses: object }>>;
  };
  const statuses = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ responses }) => Object.keys(responses))
  );
  return new Set([204, 405, ...statuses.map(Number).filter((s) => s < 500)]);
}

async function checkResponse(
  response: Response,
  { method }: RequestInit,
): Promise<void> {
  const { status, headers } = response;
  const type = headers.get("content-type");
  assert.equal(headers.get("access-control-allow-origin"), "*");
  if (type?.startsWith("text/event-stream")) {
    assert.equal(status, 200);
    await response.body?.cancel();
    return;
  }
  const text = await response.text();
  assert.ok(!text.includes(TOKEN), "shows the token");
  if (method === "HEAD" || status === 204 || status === 304) {
    assert.equal(text, "");
    return;
  }
  if (status === 200 && type !== "application/json") return;
  assert.equal(type, "application/json");
  const json = JSON.parse(text);
  if (status !== 200) {
    assert.deepEqual(Object.keys(json), ["error"]);
    assert.equal(typeof json.error, "string");
  }
}

// -- Requests --

/** One request. */
export interface Asked {
  path: string;
  init: RequestInit;
}

/** A random request: a valid one, a damaged one, or nonsense. */
export function makeRequest(random: Random, names: readonly string[]): Asked {
  const command = () => makeCommand(random, names);
  const path = random.of([
    () => random.of(["/", ""])!,
    () => random.of(["/pipeline", "/multi-exec"])!,
    () => makePath(random, command()),
    () => makePath(random, command()),
    () => `/raw${makePath(random, command())}`,
    () => random.of(["/health", "/ready", "/metrics", "/openapi.json", "/ws"])!,
    () => `/${random.of(["subscribe", "PSUBSCRIBE"])}/${random.text(5)}`,
    () => "/monitor",
  ])?.() ?? `/${random.text(20)}`;
  const usual = /^(\/?|\/pipeline|\/multi-exec)$/.test(path) ? "POST" : "GET";
  const method = random.chance(0.7)
    ? usual
    : random.of(["GET", "HEAD", "POST", "PUT", "OPTIONS"]) ??
      random.of(["DELETE", "PATCH", "get", "PROPFIND"]) ?? "GET";
  const init: RequestInit = { method, headers: makeHeaders(random) };
  const hasBody = !/^(get|head|options)$/i.test(method);
  if (hasBody && random.chance(0.9)) init.body = makeBody(random, command);
  // A second `?` would make the token a part of another parameter's name.
  return { path: path.replaceAll("?", "") + makeQuery(random), init };
}

const GOOD = [
  ...[
    "GET k1",
    "SET k1 a",
    "MGET k1 k2",
    "INCR kn",
    "HSET kh f v",
    "HGETALL kh",
  ],
  ...[
    "LPUSH kl a b",
    "LRANGE kl 0 -1",
    "ZADD kz 1 a",
    "PING",
    "ECHO é",
    "DEL k2",
  ],
  ...["XADD kx * f v", "XREAD STREAMS kx 0", "BLPOP ke 0.01", "DBSIZE", "TIME"],
  ...["PUBLISH c m", "EVAL return{1,{2}} 0", "TYPE kh", "SETRANGE kr 9 x"],
].map((line) => line.split(" "));

function makeCommand(random: Random, names: readonly string[]): unknown[] {
  if (random.chance(0.6)) return random.of(GOOD) ?? [];
  const name = random.of([
    ...["GET", "SET", "INCR", "MGET", "DEL", "HSET", "LPUSH", "EVAL", "XADD"],
    ...["SHUTDOWN", "SELECT", "CLIENT", "CONFIG", "SUBSCRIBE", "MULTI", "QUIT"],
  ]) ?? random.of(names) ?? random.text(6);
  const words: unknown[] = [random.chance(0.5) ? name.toLowerCase() : name];
  for (let left = random.below(6); left > 0; left--) {
    words.push(
      random.of([
        ...["k1", "k2", "a", "", "0", "1", "2", "0.01", "-1", "KEYS", "REPLY"],
        ...["EX", "NX", "BLOCK", "STREAMS", "COUNT", "*", "KILL", "GET", "OFF"],
        ...[
          "return 1",
          "return {1, {err='ERR x'}}",
          "9007199254740993",
          "\0é😀",
        ],
      ]) ?? random.of([1, 0.01, true, false, 9007199254740993, -0]) ??
        random.of([null, {}, [], [1]]) ?? random.text(10),
    );
  }
  return words;
}

function makePath(random: Random, command: readonly unknown[]): string {
  const segments = command.map((word) => {
    const text = String(word);
    if (random.chance(0.05)) return text;
    if (random.chance(0.1)) {
      return random.of([
        "%",
        "%zz",
        "%FF",
        "%00",
        "%e9",
        "..",
        "%2e",
        "+",
        "é",
      ]);
    }
    return encodeURIComponent(text);
  });
  const path = `/${segments.join("/")}`;
  return random.chance(0.05) ? `/${path}//` : path;
}

function makeQuery(random: Random): string {
  if (random.chance(0.7)) return "";
  const parts = Array.from({ length: random.below(4) }, () =>
    random.of([
      ...["EX=10", "NX", "=", "&", "a=b=c", "%", "%FF=%00", "+=+", "type=a/b"],
      ...["_token=wrong", "%5Ftoken=app", `_token=${TOKEN}`, "type=text/html"],
    ]) ?? random.text(8));
  return `?${parts.join("&")}`;
}

function makeHeaders(random: Random): HeadersInit {
  const headers = new Headers();
  const set = (chance: number, name: string, values: string[]) => {
    if (random.chance(chance)) {
      headers.set(name, random.of(values) ?? random.latin(8));
    }
  };
  set(0.3, "authorization", [
    ...["Bearer app", "Bearer small", "Bearer rare", "bearer  app", "Bearer"],
    ...["Bearer wrong", "Basic eDp5", "Bearer \xff", `Bearer ${TOKEN}`],
  ]);
  set(0.3, "upstash-encoding", ["base64", "base64", "BASE64", "hex"]);
  set(0.1, "upstash-response-format", ["json", "resp2", "resp2", "xml"]);
  set(0.1, "upstash-sync-token", ["", "x"]);
  set(0.1, "if-none-match", ['"0"', "*", "W/"]);
  set(0.2, "content-type", ["application/json", "text/plain"]);
  set(0.1, "content-length", ["0", "5", "99999999999", "-1", "x"]);
  set(0.1, "accept", ["text/event-stream"]);
  set(0.02, "upgrade", ["websocket"]);
  return headers;
}

function makeBody(random: Random, command: () => unknown[]): BodyInit {
  const commands = () => Array.from({ length: random.below(5) }, command);
  const body = random.of([
    () => JSON.stringify(command()),
    () => JSON.stringify(commands()),
    () => JSON.stringify(commands()),
    () => "[".repeat(random.below(2_000)),
    () => '[["SET","k1",123456789012345678901234567890]]',
    () => JSON.stringify({ a: command() }),
    () => "",
    () => random.text(50),
  ])?.() ?? JSON.stringify(random.text(4));
  const bytes = new TextEncoder().encode(body);
  // Damaged somewhere: cut off, or with another byte.
  if (random.chance(0.1)) return bytes.subarray(0, random.below(bytes.length));
  if (random.chance(0.1)) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

if (import.meta.main) {
  answerHelp(`
Usage: deno task fuzz:worker [count] [seed]

Sends random requests to the gateway.

  count  the number of requests (default: 100000)
  seed   the seed of the random numbers (default: 1)`);
  const [count = "100000", seed = "1"] = Deno.args;
  for (const run of [fuzz, damage]) {
    const statuses = await run(Number(count), Number(seed));
    // deno-lint-ignore no-console -- a program that prints
    console.log(Object.fromEntries(statuses));
  }
}
