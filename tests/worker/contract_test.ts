/**
 * The convention, line by line, with a real Redis: the behaviour that its clients rely
 * on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { bearer, LocalGateway, TOKEN } from "./local.ts";

const BASE64 = { "upstash-encoding": "base64" };
const RESP2 = { "upstash-response-format": "resp2" };

Deno.test("base64 encodes every string except a reply that is the status OK", async () => {
  await using gateway = await LocalGateway.start();
  const one = async (...command: string[]) =>
    ((await gateway.post("/", command, BASE64))[1] as { result: unknown })
      .result;
  assert.equal(await one("SET", "k", "OK"), "OK");
  assert.equal(await one("GET", "k"), "T0s=");
  assert.equal(await one("SET", "k", ""), "OK");
  assert.equal(await one("GET", "k"), "");
  assert.equal(await one("PING"), btoa("PONG"));
  assert.equal(await one("TYPE", "k"), btoa("string"));
  assert.equal(await one("GET", "missing"), null);
  assert.equal(await one("STRLEN", "k"), 0);
  assert.deepEqual(
    await one("EVAL", "return {{ok='OK'}, 'OK', {'a', 1}, false}", "0"),
    ["T0s=", "T0s=", ["YQ==", 1], null],
  );
  const commands = [["SET", "k", "OK"], ["GET", "k"], ["MGET", "k", "x"]];
  const expected = [
    { result: "OK" },
    { result: "T0s=" },
    { result: ["T0s=", null] },
  ];
  for (const path of ["/pipeline", "/multi-exec"]) {
    assert.deepEqual(await gateway.post(path, commands, BASE64), [
      200,
      expected,
    ]);
  }
  const [status, body] = await gateway.post("/", ["NOPE"], BASE64);
  assert.equal(status, 400);
  assert.match((body as { error: string }).error, /^ERR unknown command/);
});

Deno.test("resp2 is the reply as Redis sends it", async () => {
  await using gateway = await LocalGateway.start();
  const post = (path: string, body: unknown) =>
    gateway.fetch(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: RESP2,
    });
  const wire = async (...command: string[]) => {
    const response = await post("/", command);
    const type = response.headers.get("content-type");
    assert.equal(type, "application/octet-stream");
    return await response.text();
  };
  for (
    const command of [
      ["SET", "k", "OK"],
      ["GET", "k"],
      ["PING"],
      ["GET", "missing"],
      ["INCR", "n"],
      ["MGET", "k", "missing"],
      ["EVAL", "return {1, {'a', {}}, {ok='x'}}", "0"],
    ]
  ) {
    const there = await wire(...command);
    await gateway.post("/", ["SET", "n", 0]);
    assert.equal(
      there,
      await gateway.server.ask(...command),
      command.join(" "),
    );
    await gateway.post("/", ["SET", "n", 0]);
  }
  const pipeline = await post("/pipeline", [["SET", "k", "v"], ["GET", "k"], [
    "NOPE",
  ]]);
  assert.equal(pipeline.headers.get("sorrel-errors"), "1");
  assert.match(
    await pipeline.text(),
    /^\+OK\r\n\$1\r\nv\r\n-ERR unknown command.*\r\n$/,
  );
  // Errors of requests are always JSON.
  const wrong = await post("/", ["NOPE"]);
  assert.equal(wrong.status, 400);
  assert.match((await wrong.json()).error, /^ERR unknown command/);
  const atomic = await post("/multi-exec", [["SET", "k", "v"]]);
  assert.deepEqual(await atomic.json(), [{ result: "OK" }]);
});

Deno.test("replies have the shapes of RESP2", async () => {
  await using gateway = await LocalGateway.start();
  const result = async (...command: string[]) =>
    ((await gateway.post("/", command))[1] as { result: unknown }).result;
  await result("ZADD", "z", "1.5", "a", "inf", "b");
  await result("HSET", "h", "f", "v", "g", "1");
  await result("SADD", "s", "m");
  const pairs = ["a", "1.5", "b", "inf"];
  const table: [command: string[], result: unknown][] = [
    [["ZRANGE", "z", "0", "-1", "WITHSCORES"], pairs],
    [["ZUNION", "1", "z", "WITHSCORES"], pairs],
    [["ZSCORE", "z", "a"], "1.5"],
    [["ZINCRBY", "z", "1", "a"], "2.5"],
    [["ZPOPMIN", "z", "1"], ["a", "2.5"]],
    [["HGETALL", "h"], ["f", "v", "g", "1"]],
    [["SMEMBERS", "s"], ["m"]],
    [["SISMEMBER", "s", "m"], 1],
    [["SCAN", "0", "COUNT", "100", "TYPE", "set"], ["0", ["s"]]],
    [["EVAL", "return {1, {err='ERR in'}, false}", "0"], [1, "ERR in", null]],
  ];
  for (const [command, expected] of table) {
    assert.deepEqual(await result(...command), expected, `${command}`);
  }
  const fields = await result("HRANDFIELD", "h", "-2", "WITHVALUES");
  assert.equal((fields as unknown[]).length, 4);
  const value = { method: "PUT", body: Uint8Array.of(0x61, 0xff) };
  await gateway.fetch("/set/bytes", value);
  assert.equal(await result("GET", "bytes"), "a\ufffd");
});

Deno.test("integers keep their digits in every format", async () => {
  await using gateway = await LocalGateway.start();
  await gateway.post("/", ["SET", "n", "9223372036854775806"]);
  const text = async (headers: HeadersInit, path: string, body: string) =>
    (await gateway.fetch(path, { method: "POST", body, headers })).text();
  assert.equal(
    await text({}, "/", '["INCR","n"]'),
    '{"result":9223372036854775807}',
  );
  assert.equal(
    await text(BASE64, "/multi-exec", '[["DECR","n"]]'),
    '[{"result":9223372036854775806}]',
  );
  assert.equal(
    await text(RESP2, "/", '["INCR","n"]'),
    ":9223372036854775807\r\n",
  );
});

Deno.test("a transaction is executed as a whole, or not at all", async () => {
  await using gateway = await LocalGateway.start();
  await gateway.post("/", ["SET", "a", "x"]);
  const [status, body] = await gateway.post("/multi-exec", [
    ["SET", "b", "1"],
    ["INCR", "a"],
    ["INCR", "b"],
  ]);
  assert.equal(status, 200);
  const [first, second, third] = body as Record<string, unknown>[];
  assert.deepEqual([first, third], [{ result: "OK" }, { result: 2 }]);
  assert.match(`${second!.error}`, /^ERR value is not an integer/);
  const discarded = [
    [["SET", "c", 1], ["NOPE"]],
    [["SET", "c", 1], ["GET"]],
    [["SET", "c", 1], ["WATCH", "a"]],
    [["SET", "c", 1], ["MULTI"]],
  ];
  for (const commands of discarded) {
    const [status, body] = await gateway.post("/multi-exec", commands);
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(body as object), ["error"]);
  }
  assert.deepEqual(await gateway.json("/exists/c"), [200, { result: 0 }]);
});

Deno.test("a sync token is returned on request, and any is accepted", async () => {
  await using gateway = await LocalGateway.start();
  const token = async (shown: string, path: string, body: string) => {
    const headers = { "upstash-sync-token": shown };
    const response = await gateway.fetch(path, {
      method: "POST",
      body,
      headers,
    });
    assert.equal(response.status, 200);
    await response.body?.cancel();
    return response.headers.get("upstash-sync-token");
  };
  const tokens = [
    await token("", "/", '["SET","a",1]'),
    await token("garbage", "/pipeline", '[["SET","a",2]]'),
    await token("x", "/", `["EVAL","return redis.call('incr','a')","1","a"]`),
  ];
  assert.equal(new Set(tokens).size, 3);
  assert.ok(tokens.every(Boolean));
});

Deno.test("reads have an ETag on request; raw values always have one, and a type", async () => {
  await using gateway = await LocalGateway.start();
  const page = "<h1>é</h1>";
  await gateway.fetch("/set/page", { method: "PUT", body: page });
  const get = (path: string, known = '"0"') =>
    gateway.fetch(path, { headers: { "if-none-match": known } });

  const json = await get("/get/page");
  const etag = json.headers.get("etag")!;
  assert.deepEqual(await json.json(), { result: page });
  assert.equal((await get("/get/page", etag)).status, 304);
  assert.equal((await get("/incr/n")).headers.get("etag"), null);

  const raw = await gateway.fetch("/raw/get/page?type=text/html;charset=utf-8");
  assert.equal(raw.headers.get("content-type"), "text/html;charset=utf-8");
  assert.equal(await raw.text(), page);
  const known = raw.headers.get("etag")!;
  assert.equal((await get("/raw/get/page", known)).status, 304);
  await gateway.json("/append/page/x");
  const changed = await get("/raw/get/page", known);
  assert.equal(changed.status, 200);
  assert.equal(await changed.text(), `${page}x`);
  assert.equal((await get("/get/page", etag)).status, 200);
  assert.equal((await gateway.json("/raw/get/missing"))[0], 404);
  assert.equal((await gateway.json("/raw/lrange/missing/0/1"))[0], 400);
  assert.equal((await gateway.json("/raw/get/a/b"))[0], 400);
  const bytes = Uint8Array.of(0, 0xff, 0x0d, 0x0a);
  await gateway.fetch("/set/bytes", { method: "PUT", body: bytes });
  const value = await gateway.fetch("/raw/getrange/bytes?1=3");
  assert.deepEqual(
    new Uint8Array(await value.arrayBuffer()),
    bytes.subarray(1, 4),
  );
});

Deno.test("a prefix precedes every path", async () => {
  await using gateway = await LocalGateway.start({ PREFIX: "/redis/" });
  const ok = { result: "OK" };
  assert.deepEqual(await gateway.post("/redis", ["SET", "a", 1]), [200, ok]);
  assert.deepEqual(await gateway.post("/redis/", ["SET", "a", 1]), [200, ok]);
  assert.deepEqual(await gateway.json("/redis/set/a/1"), [200, ok]);
  assert.deepEqual(await gateway.json("/redis/health"), [
    200,
    { status: "alive" },
  ]);
  for (const path of ["/", "/get/a", "/redish/get/a", "/health"]) {
    const [status, body] = await gateway.json(path);
    assert.equal(status, 404, path);
    assert.deepEqual(Object.keys(body as object), ["error"]);
  }
  const preflight = await gateway.fetch("/x", { method: "OPTIONS" });
  assert.equal(preflight.status, 204);
});

Deno.test("/health and /ready need no token", async () => {
  await using gateway = await LocalGateway.start();
  const nobody = { headers: bearer("nobody") };
  assert.equal((await gateway.json("/health", nobody))[0], 200);
  assert.deepEqual(await gateway.json("/ready", nobody), [
    200,
    { status: "ready" },
  ]);
  const head = await gateway.fetch("/ready", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal((await gateway.json("/health", { method: "POST" }))[0], 400);
  await gateway.server.kill();
  await eventually(async () => {
    const response = await gateway.fetch("/ready", nobody);
    const body = await response.json();
    if (response.status === 200) return false;
    assert.equal(response.status, 503);
    assert.deepEqual(body, {
      error: "ERR the gateway cannot reach Redis",
    });
    assert.equal(response.headers.get("retry-after"), "1");
    return true;
  });
  assert.equal((await gateway.json("/health", nobody))[0], 200);
  await gateway.server.startAgain();
  await eventually(async () => (await gateway.json("/ready"))[0] === 200);
});

Deno.test("/metrics requires a grant with metrics", async () => {
  await using gateway = await LocalGateway.start({
    GRANTS: JSON.stringify({
      app: { token: "app" },
      meter: { token: "meter", allow: [], metrics: true },
    }),
  });
  await gateway.json("/set/a/1");
  await gateway.json("/nope");
  const [status] = await gateway.json("/metrics", { headers: bearer("app") });
  assert.equal(status, 400);
  const response = await gateway.fetch("/metrics", {
    headers: bearer("meter"),
  });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type")!, /^text\/plain/);
  const lines = (await response.text()).split("\n");
  for (
    const line of [
      'sorrel_requests_total{status="200"} 1',
      'sorrel_requests_total{status="400"} 2',
      'sorrel_request_seconds_bucket{le="+Inf"} 3',
      "sorrel_request_seconds_count 3",
      "sorrel_commands_total 1",
      'sorrel_grant_requests_total{grant="TOKEN"} 2',
      'sorrel_grant_streams{grant="app"} 0',
    ]
  ) assert.ok(lines.includes(line), line);
  // The format of Prometheus: a comment, or a name, labels and a number.
  for (const line of lines) {
    assert.match(
      line,
      /^($|# HELP \w+ [\w ,]+\.$|# TYPE \w+ \w+$|\w+(\{[^{}]*\})? [\d.e+-]+$)/,
    );
  }
  assert.equal(
    (await gateway.json("/set/a/1", { headers: bearer("meter") }))[0],
    400,
  );
});

Deno.test("each token has its Redis, its commands, its keys and its limits", async () => {
  await using other = await TestServer.start();
  await using gateway = await LocalGateway.start({
    READ_ONLY_TOKEN: "reader",
    GRANTS: JSON.stringify({
      other: { token: "other", redisUrl: other.url },
      app: { token: "app", keys: ["app:*"], allow: ["@read", "@write"] },
      small: { token: "small", limits: { bodyBytes: 20, commands: 1 } },
      slow: { token: "slow", limits: { requestsPerSecond: 0.001 } },
    }),
  });
  await gateway.post("/", ["SET", "a", "here"]);
  const as = (token: string, ...command: string[]) =>
    gateway.post("/", command, bearer(token));

  assert.deepEqual(await as("other", "GET", "a"), [200, { result: null }]);
  await as("other", "SET", "a", "there");
  assert.deepEqual(await as("reader", "GET", "a"), [200, { result: "here" }]);
  assert.match(await other.ask("GET", "a"), /there/);

  assert.deepEqual(await as("reader", "SET", "a", "b"), [400, {
    error:
      "NOPERM this user has no permissions to run the 'set' command or its subcommand",
  }]);
  assert.equal((await as("reader", "KEYS", "*"))[0], 400);

  assert.equal((await as("app", "SET", "app:a", "1"))[0], 200);
  assert.deepEqual(await as("app", "GET", "a"), [400, {
    error:
      "NOPERM this user has no permissions to access one of the keys used as arguments",
  }]);
  const [status, items] = await gateway.post(
    "/pipeline",
    [["GET", "app:a"], ["GET", "a"]],
    bearer("app"),
  );
  assert.equal(status, 200);
  assert.deepEqual((items as object[])[0], { result: "1" });
  assert.match((items as { error: string }[])[1]!.error, /^NOPERM/);
  const whole = [["SET", "app:b", "1"], ["DEL", "a"]];
  assert.equal(
    (await gateway.post("/multi-exec", whole, bearer("app")))[0],
    400,
  );
  assert.deepEqual(await as("reader", "EXISTS", "app:b", "a"), [200, {
    result: 1,
  }]);

  assert.equal((await as("small", "SET", "a", "x".repeat(20)))[0], 413);
  const two = [["PING"], ["PING"]];
  assert.equal((await gateway.post("/pipeline", two, bearer("small")))[0], 413);

  assert.equal((await as("slow", "PING"))[0], 200);
  const refused = await gateway.fetch("/ping", { headers: bearer("slow") });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1000");
  assert.match((await refused.json()).error, /^ERR too many requests/);
});

Deno.test("browsers may call from the configured origins", async () => {
  await using gateway = await LocalGateway.start({
    CORS_ORIGIN: "https://a.example https://b.example",
  });
  for (const method of ["OPTIONS", "GET", "DELETE"]) {
    const from = async (origin: string) => {
      const response = await gateway.fetch("/ping", {
        method,
        headers: { origin },
      });
      await response.body?.cancel();
      assert.equal(response.headers.get("vary"), "origin");
      return response.headers.get("access-control-allow-origin");
    };
    assert.equal(await from("https://b.example"), "https://b.example");
    assert.equal(await from("https://c.example"), null);
  }
});

Deno.test("no response contains a token or a URL", async () => {
  await using gateway = await LocalGateway.start();
  const paths = [
    "/get/a?_token=" + TOKEN,
    "/nope?_token=" + TOKEN,
    "/set/a/b?_token=wrong-secret&EX=zz",
    "/%zz?_token=" + TOKEN,
    "/subscribe?_token=" + TOKEN,
  ];
  for (const path of paths) {
    for (const init of [{}, { headers: bearer("wrong-secret") }]) {
      const text = await (await gateway.fetch(path, init)).text();
      assert.doesNotMatch(text, /token-of|wrong-secret/, path);
    }
  }
  // The token does not reach Redis.
  assert.deepEqual(await gateway.json(`/echo?a&_token=${TOKEN}`), [200, {
    result: "a",
  }]);
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await holds()) {
    assert.ok(Date.now() < deadline, "it never held");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
