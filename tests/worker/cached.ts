/**
 * What any gateway with CACHE must do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Answered, Caller } from "./caller.ts";
import { eventually } from "./events.ts";

/** Executes a command without the gateway. */
type Ask = (...args: string[]) => Promise<unknown>;

/** Whether the answer, or a part of it, came from memory. */
export function isCached({ headers }: Answered): boolean {
  const age = headers.get("age");
  if (age !== null) assert.match(age, /^\d+$/);
  return age !== null;
}

/** Asks until the answer comes from memory. */
export async function warmed(
  ask: () => Promise<Answered>,
): Promise<Answered> {
  let answered: Answered;
  await eventually(async () => isCached(answered = await ask()));
  return answered!;
}

/** Asserts that reads come from memory until their keys change, whoever changes them. Redis must be empty. */
export async function assertCaches(
  url: string,
  token: string,
  ask: Ask,
): Promise<void> {
  const caller = new Caller(url, token);
  const raw = (path: string, headers: HeadersInit = {}) =>
    fetch(url + path, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  const reads: [name: string, ask: () => Promise<Answered>, json: unknown][] = [
    ["a path", () => caller.call("/get/k"), { result: "v" }],
    ["POST /", () => caller.post("/", ["GET", "k"]), { result: "v" }],
    ["PUT", () => caller.call("/get/k", { method: "PUT" }), { result: "v" }],
    [
      "base64",
      () =>
        caller.call("/get/k", { headers: { "upstash-encoding": "base64" } }),
      { result: "dg==" },
    ],
    [
      "a pipeline",
      () =>
        caller.post("/pipeline", [["GET", "k"], ["LLEN", "k"], ["HLEN", "h"]]),
      [
        { result: "v" },
        {
          error:
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        },
        { result: 1 },
      ],
    ],
    ["MGET", () => caller.call("/mget/k/none"), { result: ["v", null] }],
    ["an absent key", () => caller.call("/get/none"), { result: null }],
    ["a hash", () => caller.call("/hgetall/h"), { result: ["f", "1"] }],
  ];
  await ask("SET", "k", "v");
  await ask("HSET", "h", "f", "1");
  for (const [name, read, json] of reads) {
    const first = await read();
    const second = await warmed(read);
    for (const answered of [first, second]) {
      assert.equal(answered.status, 200, name);
      assert.deepEqual(answered.json, json, name);
      assert.equal(answered.headers.get("cache-control"), "private, no-cache");
      assert.ok(answered.headers.get("upstash-sync-token"));
    }
  }
  const head = await caller.call("/get/k", { method: "HEAD" });
  assert.ok(isCached(head) && head.json === undefined);

  const tagged = await raw("/raw/get/k?type=text/plain");
  assert.equal(await tagged.text(), "v");
  assert.ok(tagged.headers.has("age"));
  const etag = tagged.headers.get("etag")!;
  const known = await raw("/raw/get/k", { "if-none-match": etag });
  assert.equal(known.status, 304);
  assert.ok(known.headers.has("age"));

  // Not from memory, and not kept by anybody.
  const others: [path: string, body: unknown, init?: RequestInit][] = [
    ["/", ["SET", "other", "1"]],
    ["/", ["TTL", "k"]],
    ["/", ["RANDOMKEY"]],
    ["/", ["LLEN", "k"]],
    ["/multi-exec", [["GET", "k"]]],
    ["/pipeline", [["GET", "k"], ["SET", "other", "1"]]],
  ];
  for (const [path, body] of others) {
    for (let i = 0; i < 2; i++) {
      const answered = await caller.post(path, body);
      assert.ok(!isCached(answered), JSON.stringify(body));
      const writes = JSON.stringify(body).includes("SET");
      if (writes || answered.status !== 200) {
        assert.equal(answered.headers.get("cache-control"), "no-store");
      }
    }
  }

  // What a request says of age.
  const control = (value: string) =>
    caller.call("/get/k", { headers: { "cache-control": value } });
  assert.ok(!isCached(await control("max-age=0")));
  assert.ok(isCached(await control("max-age=3600")));
  assert.ok(isCached(await control("no-cache")), "clients send it always");

  // Own writes are seen at once, those of others when Redis tells.
  const own: unknown[][] = [
    ["APPEND", "k", "w"],
    ["EVAL", "return redis.call('append', KEYS[1], 'w')", 1, "k"],
  ];
  for (const command of own) {
    const { json } = await warmed(() => caller.call("/get/k"));
    await caller.post("/", command);
    const after = await caller.call("/get/k");
    assert.deepEqual(after.json, { result: `${json.result}w` });
    assert.ok(!isCached(after));
  }
  await warmed(() => caller.call("/get/k"));
  await caller.post("/pipeline", [["DEL", "k"], ["SET", "k", "x"]]);
  assert.equal((await caller.call("/get/k")).json.result, "x");
  await warmed(() => caller.call("/get/k"));
  await caller.post("/multi-exec", [["SET", "k", "y"]]);
  assert.equal((await caller.call("/get/k")).json.result, "y");
  await warmed(() => caller.call("/get/k"));
  await ask("SET", "k", "z");
  await eventually(async () =>
    (await caller.call("/get/k")).json.result === "z"
  );
  await warmed(() => caller.call("/get/k"));
  await ask("FLUSHALL");
  await eventually(async () =>
    (await caller.call("/get/k")).json.result === null
  );
  // A script that does not name its keys: the sync token makes sure.
  const script = "return redis.call('set', 'k', ARGV[1])";
  for (let i = 0; i < 20; i++) {
    await warmed(() => caller.call("/get/k"));
    const { headers } = await caller.post("/", ["EVAL", script, 0, `${i}`]);
    const syncToken = headers.get("upstash-sync-token")!;
    const after = await caller.call("/get/k", {
      headers: { "upstash-sync-token": syncToken },
    });
    assert.equal(after.json.result, `${i}`);
  }
  await ask("FLUSHALL");
}
