/**
 * Calls a gateway over real HTTP, on any platform; and the checks for all platforms.
 *
 * @module
 */

import assert from "node:assert/strict";
import { RawClient } from "./raw_client.ts";

/** A response of a gateway. */
export interface Answered {
  /** The status of the response. */
  status: number;
  /** The parsed JSON body, for any status; `undefined` without a body. */
  // deno-lint-ignore no-explicit-any -- each test knows its own reply
  json: any;
  /** Its headers. */
  headers: Headers;
}

/** Calls one gateway with its token. */
export class Caller {
  readonly #url: string;
  readonly #token: string;

  /** Makes a caller of the gateway at `url`. */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Sends one request. */
  async call(path: string, init: RequestInit = {}): Promise<Answered> {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) {
      headers.set("authorization", `Bearer ${this.#token}`);
    }
    const response = await fetch(this.#url + path, { ...init, headers });
    const { status } = response;
    const text = await response.text();
    assert.doesNotMatch(text, new RegExp(this.#token), "shows the token");
    let json: Answered["json"];
    if (text !== "") {
      assert.equal(response.headers.get("content-type"), "application/json");
      json = JSON.parse(text);
    }
    return { status, json, headers: response.headers };
  }

  /** Sends a JSON body, or text as it is. */
  post(
    path: string,
    body: unknown,
    headers: HeadersInit = {},
  ): Promise<Answered> {
    return this.call(path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers,
    });
  }

  /** Sends one command as JSON; resolves to its result. */
  // deno-lint-ignore no-explicit-any -- each test knows its own reply
  async command(...args: (string | number | boolean)[]): Promise<any> {
    const { status, json } = await this.post("/", args);
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(Object.keys(json), ["result"]);
    return json.result;
  }
}

/** Checks that a gateway works, on any platform. */
export async function assertServes(caller: Caller): Promise<void> {
  const ok = (result: unknown) => ({ status: 200, json: { result } });
  const asked = async (path: string, init: RequestInit = {}) => {
    const { status, json } = await caller.call(path, init);
    return { status, json };
  };
  const set = { method: "POST", body: "hello" };
  assert.deepEqual(await asked("/set/greeting", set), ok("OK"));
  assert.deepEqual(await asked("/get/greeting"), ok("hello"));
  assert.deepEqual(await asked("/set/greeting?XX&EX=100", set), ok("OK"));
  assert.equal(await caller.command("TTL", "greeting"), 100);
  const publish = { method: "POST", body: "hi" };
  assert.deepEqual(await asked("/publish/news", publish), ok(0));

  assert.equal(await caller.command("SET", "big", 2 ** 53), "OK");
  const { json } = await caller.post("/pipeline", [
    ["INCR", "counter"],
    ["NOPE"],
    ["GET", "greeting"],
    ["SELECT", 1],
    ["GET", "missing"],
  ]);
  assert.deepEqual([json[0], json[2], json[4]], [
    { result: 1 },
    { result: "hello" },
    { result: null },
  ]);
  assert.match(json[1].error, /^ERR unknown command/);
  assert.match(json[3].error, /^ERR SELECT is not available/);

  const atomic = await caller.post("/multi-exec", [
    ["SET", "a", "1"],
    ["LPUSH", "a", "x"],
    ["INCR", "a"],
  ]);
  assert.equal(atomic.status, 200);
  assert.deepEqual([atomic.json[0], atomic.json[2]], [
    { result: "OK" },
    { result: 2 },
  ]);
  assert.match(atomic.json[1].error, /^WRONGTYPE /);

  const wrong = await caller.call("/get/greeting", {
    headers: { authorization: "Bearer wrong" },
  });
  assert.equal(wrong.status, 401);
  assert.match(wrong.json.error, /^WRONGPASS /);

  const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
  const replies = await Promise.all(
    keys.map((key) => caller.call(`/echo/${key}`)),
  );
  assert.deepEqual(
    replies.map((reply) => reply.json),
    keys.map((result) => ({ result })),
  );
}

/** Checks that a gateway rejects requests whose body it does not read, and continues. */
export async function assertRefusesBodies(caller: Caller): Promise<void> {
  const wrong = { authorization: "Bearer wrong" };
  for (const size of [10, 100_000, 3_000_000]) {
    const body = new Uint8Array(size);
    const post = (path: string, headers: HeadersInit = {}) =>
      caller.call(path, { method: "POST", body, headers });
    const refused = [
      post("/set/a", wrong),
      post("/metrics"),
      post("/ws"),
      post("/multi-exec/x", wrong),
    ];
    for (const { status } of await Promise.all(refused)) {
      assert.ok([401, 405].includes(status), `${status}`);
    }
  }
}

/** Checks that no Host header changes the path: platforms build the URL from both. */
export async function assertIgnoresHost(
  url: string,
  token: string,
): Promise<void> {
  for (const host of ["x/metrics?", "x/metrics#", "x\\metrics?", "u@h", ""]) {
    using client = await RawClient.open(url);
    await client.send(
      `GET /ping HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
    );
    const answer = await client.end();
    assert.match(answer, /^HTTP\/1\.1 400 |"PONG"/, host);
    assert.doesNotMatch(answer, /sorrel_/, host);
  }
}
