/**
 * Settings and tokens, without Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { authorize } from "../../worker/auth.ts";
import { type Env, readSettings } from "../../worker/env.ts";
import { Refusal } from "../../worker/refusal.ts";
import gateway, { makeGateway } from "../../worker/worker.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const TOKEN = "correct-horse~";
const URL_OF = "https://gateway.example";

async function authorized(
  path: string,
  authorization?: string,
): Promise<boolean> {
  const headers: HeadersInit = authorization === undefined
    ? {}
    : { authorization };
  try {
    await authorize(new Request(URL_OF + path, { headers }), TOKEN);
    return true;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.status, 401);
    assert.match(error.message, /^WRONGPASS invalid or missing auth token/);
    return false;
  }
}

test("authorize() takes the token from the header or the query", async () => {
  const table: [path: string, header: string | undefined, boolean][] = [
    ["/get/a", `Bearer ${TOKEN}`, true],
    ["/get/a", `bearer  ${TOKEN}`, true],
    [`/get/a?_token=${TOKEN}`, undefined, true],
    [`/get/a?EX=1&%5Ftoken=${TOKEN.replace("~", "%7e")}`, undefined, true],
    ["/get/a", undefined, false],
    ["/get/a", "", false],
    ["/get/a", "Bearer", false],
    ["/get/a", "Bearer ", false],
    ["/get/a", `Bearer ${TOKEN}x`, false],
    ["/get/a", `Bearer ${TOKEN.slice(0, -1)}`, false],
    ["/get/a", `Bearer ${TOKEN.toUpperCase()}`, false],
    ["/get/a", `Bearer x ${TOKEN}`, false],
    ["/get/a", TOKEN, false],
    ["/get/a", `Basic ${btoa(`:${TOKEN}`)}`, false],
    ["/get/a?_token=", undefined, false],
    ["/get/a?_token", undefined, false],
    ["/get/a?_token=%zz", undefined, false],
    ["/get/a?token=" + TOKEN, undefined, false],
    // The header wins.
    [`/get/a?_token=${TOKEN}`, "Bearer wrong", false],
    ["/get/a?_token=wrong", `Bearer ${TOKEN}`, true],
    [`/get/a?_token=wrong&_token=${TOKEN}`, undefined, false],
  ];
  for (const [path, header, expected] of table) {
    assert.equal(await authorized(path, header), expected, `${path} ${header}`);
  }
});

test("readSettings() wants a usable token and an upstream", () => {
  const REDIS_URL = "redis://:hidden@10.0.0.1";
  assert.equal(readSettings({ REDIS_URL, TOKEN }).token, TOKEN);
  const wrong: (Env | undefined)[] = [
    undefined,
    {},
    { REDIS_URL },
    { TOKEN },
    { REDIS_URL, TOKEN: "" },
    { REDIS_URL: "", TOKEN },
    { REDIS_URL, TOKEN: "with blank" },
    { REDIS_URL, TOKEN: "é" },
    { REDIS_URL, TOKEN: 1 as unknown as string },
  ];
  for (const env of wrong) {
    assert.throws(() => readSettings(env), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 500);
      assert.match(error.message, /TOKEN|REDIS_URL/);
      assert.doesNotMatch(error.message, /hidden|10\.0|blank$|correct/);
      return true;
    });
  }
});

test("the gateway serves nothing without settings, and answers in JSON", async () => {
  const request = new Request(`${URL_OF}/get/a`, {
    headers: { authorization: "Bearer undefined" },
  });
  for (const env of [undefined, {}, { REDIS_URL: "redis://h" }]) {
    const response = await gateway.fetch(request, env);
    assert.equal(response.status, 500);
    assert.match((await response.json()).error, /no TOKEN/);
  }
});

test("the gateway reaches Redis only when everything before said yes", async () => {
  let asked = 0;
  const { fetch } = makeGateway(() => {
    asked++;
    return Promise.reject(new Error("secret"));
  });
  const env = { REDIS_URL: "redis://h", TOKEN };
  const status = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...init.headers };
    const request = new Request(URL_OF + path, { ...init, headers });
    const response = await fetch(request, env);
    if (response.body !== null) {
      assert.doesNotMatch((await response.json()).error, /secret|horse/);
    }
    return response.status;
  };
  const method = (method: string, body?: string) => ({
    method,
    body: body ?? null,
  });
  assert.equal(await status("/", method("OPTIONS")), 204);
  assert.equal(await status("/get/a", method("DELETE")), 405);
  assert.equal(
    await status("/get/a", { headers: { authorization: "x" } }),
    401,
  );
  assert.equal(await status("/get/%"), 400);
  assert.equal(await status("/shutdown"), 400);
  assert.equal(await status("/", method("POST", "[")), 400);
  assert.equal(asked, 0);
  assert.equal(await status("/get/a"), 500);
  assert.equal(asked, 1);
});

test("the gateway answers who has no token before it reads the body", async () => {
  let read = false;
  const body = new ReadableStream({
    pull(controller) {
      read = true;
      controller.close();
    },
  }, { highWaterMark: 0 });
  const request = new Request(`${URL_OF}/set/a`, { method: "POST", body });
  const env = { REDIS_URL: "redis://h", TOKEN };
  assert.equal((await gateway.fetch(request, env)).status, 401);
  assert.equal(read, false);
});
