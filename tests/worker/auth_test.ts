/**
 * Settings and tokens, without Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { authorize } from "../../worker/auth.ts";
import { type Env, readSettings } from "../../worker/env.ts";
import { Refusal } from "../../worker/refusal.ts";
import { makeGateway } from "../../worker/gateway.ts";
import { fromRequest } from "../../worker/http.ts";
import { sha256 } from "../../lib/sha256.ts";
import { targetOf } from "../../worker/target.ts";
import gateway from "../../worker/worker.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const TOKEN = "correct-horse~";
const URL_OF = "https://gateway.example";

/** The name of the matching grant, or `null`. */
function authorized(
  path: string,
  authorization?: string,
  env: Env = {},
): string | null {
  const headers: HeadersInit = authorization === undefined
    ? {}
    : { authorization };
  const request = fromRequest(new Request(URL_OF + path, { headers }));
  const settings = readSettings({ REDIS_URL: "redis://h", TOKEN, ...env });
  try {
    return authorize(request, targetOf(request.target), settings).name;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.status, 401);
    assert.match(error.message, /^WRONGPASS invalid or missing auth token/);
    return null;
  }
}

test("sha256() is SHA-256, at every length around a block", async () => {
  for (let length = 0; length <= 200; length++) {
    const text = "0123456789abcdefghijklmnopqrstuvwxyz~!#".repeat(6)
      .slice(0, length);
    const bytes = new TextEncoder().encode(text);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const view = new DataView(digest);
    const words = Array.from({ length: 8 }, (_, i) => view.getInt32(i * 4));
    assert.deepEqual([...sha256(text)], words, `${length}`);
  }
});

test("authorize() reads the token from the header or the query", () => {
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
    // The header takes precedence.
    [`/get/a?_token=${TOKEN}`, "Bearer wrong", false],
    ["/get/a?_token=wrong", `Bearer ${TOKEN}`, true],
    [`/get/a?_token=wrong&_token=${TOKEN}`, undefined, false],
  ];
  for (const [path, header, expected] of table) {
    const found = authorized(path, header, { QUERY_TOKEN: "on" });
    assert.equal(found, expected ? "TOKEN" : null, `${path} ${header}`);
  }
});

test("authorize() reads a token from the query only if the settings allow it", () => {
  const paths = ["/get/a", "/subscribe/a", "/PSUBSCRIBE/a", "/monitor", "/ws"];
  const table: [QUERY_TOKEN: string | undefined, taken: string[]][] = [
    ["on", paths],
    ["streams", paths.slice(1)],
    [undefined, paths.slice(1)],
    ["off", []],
  ];
  for (const [QUERY_TOKEN, taken] of table) {
    const env = QUERY_TOKEN === undefined ? {} : { QUERY_TOKEN };
    const found = paths.filter((path) =>
      authorized(`${path}?_token=${TOKEN}`, undefined, env)
    );
    assert.deepEqual(found, taken, `${QUERY_TOKEN}`);
  }
  assert.equal(authorized(`/subscribed/a?_token=${TOKEN}`), null);
});

test("authorize() finds the grant of each token", () => {
  const tokenSha256 = Array.from(
    sha256("digested"),
    (word) => (word >>> 0).toString(16).padStart(8, "0"),
  ).join("");
  const env = {
    READ_ONLY_TOKEN: "reader",
    GRANTS: JSON.stringify({ app: { token: "app's" }, other: { tokenSha256 } }),
  };
  const table: [token: string, name: string | null][] = [
    [TOKEN, "TOKEN"],
    ["reader", "READ_ONLY_TOKEN"],
    ["app's", "app"],
    ["digested", "other"],
    [tokenSha256, null],
    ["app", null],
  ];
  for (const [token, name] of table) {
    assert.equal(authorized("/get/a", `Bearer ${token}`, env), name, token);
  }
});

test("readSettings() requires a valid token and an upstream", () => {
  const REDIS_URL = "redis://:hidden@10.0.0.1";
  const { credentials } = readSettings({ REDIS_URL, TOKEN });
  assert.deepEqual(credentials[0]!.digest, sha256(TOKEN));
  assert.equal(credentials[0]!.grant.redisUrl, REDIS_URL);
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

test("readSettings() says what is wrong with a setting, without showing secrets", () => {
  const REDIS_URL = "redis://:hidden@10.0.0.1";
  const token = "hidden-token";
  const grant = (spec: unknown) => ({ GRANTS: JSON.stringify({ app: spec }) });
  const table: [Env, RegExp][] = [
    [{ PREFIX: "redis" }, /PREFIX as it must be a path .*"redis"$/],
    [{ PREFIX: "/a?b" }, /PREFIX/],
    [{ QUERY_TOKEN: "yes" }, /QUERY_TOKEN as it must be off, streams or on/],
    [
      { GRANTS: `{"app": "hidden-token` },
      /GRANTS as it must be a JSON object$/,
    ],
    [{ GRANTS: "[]" }, /GRANTS as it must be a JSON object$/],
    [grant("x"), /grant "app" as it must be an object$/],
    [grant({}), /grant "app" as it must have one of token and tokenSha256$/],
    [grant({ token, tokenSha256: "0".repeat(64) }), /have one of/],
    [grant({ tokenSha256: "abc" }), /64 hexadecimal digits$/],
    [grant({ token: "with blank" }), /printable ASCII without blanks$/],
    [grant({ token: 1 }), /token must be a text$/],
    [grant({ token, nope: 1 }), /its fields must be of .*token.*: .*"nope"$/],
    [
      grant({ token, allow: "get" }),
      /allow must be an array of texts: .*"get"$/,
    ],
    [
      grant({ token, allow: ["@nope"] }),
      /allow must have names of commands, .*, and @admin, .*"@nope"$/,
    ],
    // None of these could ever match a command.
    ...["flush*", " flushall", "-get", "get|a|b", "get|x", ""].map((
      entry,
    ): [Env, RegExp] => [
      grant({ token, deny: [entry] }),
      /grant "app" as deny must have names of commands/,
    ]),
    [
      { GRANTS: JSON.stringify({ TOKEN: { token } }) },
      /grant "TOKEN" as its name must be another: the setting TOKEN is set$/,
    ],
    [grant({ token, keys: ["[a]"] }), /keys must know \* and \?.*"\[a\]"$/],
    [grant({ token, readOnly: "yes" }), /readOnly must be true or false/],
    [grant({ token, limits: 1 }), /limits must have numbers >= 0 for .*: .*1$/],
    [grant({ token, limits: { nope: 1 } }), /bodyBytes, .*"nope":1/],
    [grant({ token, limits: { streams: -1 } }), /limits must .*"streams":-1/],
    [grant({ token, redisUrl: ["redis://:hidden@h"] }), /be a text$/],
    [grant({ token: TOKEN }), /grant "TOKEN" as its token must be one that no/],
  ];
  for (const [env, message] of table) {
    assert.throws(() => readSettings({ REDIS_URL, TOKEN, ...env }), (error) => {
      assert.ok(error instanceof Refusal);
      assert.equal(error.status, 500);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hidden|10\.0|correct/);
      return true;
    });
  }
});

test("the gateway serves nothing without settings, and responds in JSON", async () => {
  const request = new Request(`${URL_OF}/get/a`, {
    headers: { authorization: "Bearer undefined" },
  });
  for (const env of [undefined, {}, { REDIS_URL: "redis://h" }]) {
    const response = await gateway.fetch(request, env);
    assert.equal(response.status, 500);
    assert.match((await response.json()).error, /no TOKEN/);
  }
});

test("the gateway connects to Redis only after all checks have passed", async () => {
  let asked = 0;
  const ask = () => {
    asked++;
    return Promise.reject(new Error("secret"));
  };
  const { fetch } = makeGateway({
    engine: () => ({ execute: ask, executeAll: ask }),
    session: () => assert.fail("no session is needed"),
    upgrade: () => Promise.reject(new Error("unused")),
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

test("the gateway rejects a request without a token before it reads the body", async () => {
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
