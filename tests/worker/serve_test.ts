/**
 * The gateway under Deno.serve, with real HTTP and a real Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import { freePort, TestServer } from "../support/test_server.ts";
import { assertServes, Caller } from "./caller.ts";

const TOKEN = "token-of-the-tests";

interface Fixture extends AsyncDisposable {
  server: TestServer;
  gateway: GatewayServer;
  caller: Caller;
}

/** Starts a Redis and a gateway for it; `query` has options of the Redis URL. */
async function start(query = ""): Promise<Fixture> {
  const server = await TestServer.start();
  const gateway = serveFor(server.url + query);
  return {
    server,
    gateway,
    caller: new Caller(gateway.url, TOKEN),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown();
      await server[Symbol.asyncDispose]();
    },
  };
}

function serveFor(redisUrl: string): GatewayServer {
  const env = { REDIS_URL: redisUrl, TOKEN };
  return serve(env, { hostname: "127.0.0.1", port: 0 });
}

Deno.test("serve() serves commands, pipelines and transactions", async () => {
  await using fixture = await start();
  await assertServes(fixture.caller);
});

Deno.test("serve() responds in every style and method", async (t) => {
  await using fixture = await start();
  const { caller, gateway } = fixture;
  await caller.command("SET", "key", "value");

  await t.step("GET, HEAD, POST and PUT mean the same", async () => {
    for (const method of ["GET", "POST", "PUT"]) {
      const { status, json } = await caller.call("/get/key", { method });
      assert.deepEqual({ status, json }, {
        status: 200,
        json: { result: "value" },
      });
    }
    const head = await caller.call("/get/key", { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.json, undefined);
    assert.equal(head.headers.get("content-length"), "18");
    await caller.call("/incr/heads", { method: "HEAD" });
    assert.equal(await caller.command("GET", "heads"), "1");
    const missing = await caller.call("/nope", { method: "HEAD" });
    assert.equal(missing.status, 400);
  });

  await t.step(
    "OPTIONS needs no token, other methods are rejected",
    async () => {
      const options = await fetch(gateway.url, { method: "OPTIONS" });
      assert.equal(options.status, 204);
      assert.equal(options.headers.get("access-control-allow-origin"), "*");
      for (const method of ["DELETE", "PATCH", "PROPFIND"]) {
        const { status, json, headers } = await caller.call("/", { method });
        assert.equal(status, 405);
        assert.match(json.error, /method/);
        assert.equal(headers.get("allow"), "GET, HEAD, POST, PUT");
      }
      assert.equal((await caller.call("/pipeline")).status, 405);
    },
  );

  await t.step("numbers keep every digit", async () => {
    const post = (body: string) =>
      fetch(gateway.url, {
        method: "POST",
        body,
        headers: { authorization: `Bearer ${TOKEN}` },
      });
    await (await post('["SET","big",9007199254740993]')).body?.cancel();
    const incremented = await post('["INCRBY","big",9000000000000000001]');
    assert.equal(
      await incremented.text(),
      '{"result":9009007199254740994}',
    );
  });
});

Deno.test("serve() responds to errors with a status and a JSON body", async () => {
  await using fixture = await start();
  const { caller } = fixture;
  await caller.command("LPUSH", "list", "a");
  const paths: [path: string, status: number, error: RegExp][] = [
    ["/nope/a", 400, /^ERR unknown command/],
    ["/get", 400, /^ERR wrong number of arguments/],
    ["/get/list", 400, /^WRONGTYPE /],
    ["/evalsha/0/0", 400, /^NOSCRIPT No matching script/],
    ["/get/%zz", 400, /hexadecimal/],
    ["/get/%", 400, /hexadecimal/],
    ["/", 400, /no command/],
    ["//", 400, /no command/],
    ["/select/1", 400, /not available over HTTP/],
    ["/shutdown/nosave", 400, /not available over HTTP/],
    ["/config/get/requirepass", 400, /not available over HTTP/],
    ["/blpop/q/0", 400, /wait for ever/],
  ];
  for (const [path, status, error] of paths) {
    const answered = await caller.call(path);
    assert.equal(answered.status, status, path);
    assert.match(answered.json.error, error, path);
  }
  const bodies: [path: string, body: string, error: RegExp][] = [
    ["/", "", /not JSON/],
    ["/", '["GET"', /not JSON/],
    ["/", '["GET",null]', /not null/],
    ["/pipeline", '["GET","a"]', /JSON array/],
    ["/multi-exec", '[["GET","a"],["NOPE"]]', /^ERR unknown.*EXECABORT/],
    ["/multi-exec", '[["SET","gone",1],["SELECT",1]]', /not available/],
  ];
  for (const [path, body, error] of bodies) {
    const answered = await caller.post(path, body);
    assert.equal(answered.status, 400, body);
    assert.match(answered.json.error, error, body);
  }
  assert.equal(await caller.command("EXISTS", "gone"), 0);
});

Deno.test("serve() limits bodies", async () => {
  await using fixture = await start();
  const { caller, gateway } = fixture;
  const limit = 10 * 1024 * 1024;
  const call = (body: BodyInit) =>
    caller.call("/set/large", { method: "POST", body });
  assert.equal((await call(new Uint8Array(limit))).status, 200);
  assert.equal(await caller.command("STRLEN", "large"), limit);
  const over = await call(new Uint8Array(limit + 1));
  assert.equal(over.status, 413);
  assert.match(over.json.error, /max request size exceeded/);
  const chunks = ReadableStream.from(
    Array.from({ length: 11 }, () => new Uint8Array(1024 * 1024)),
  );
  assert.equal((await call(chunks)).status, 413);
  const unauthorized = await fetch(`${gateway.url}/set/large`, {
    method: "POST",
    body: new Uint8Array(limit),
  });
  assert.equal(unauthorized.status, 401);
  await unauthorized.body?.cancel();
  assert.equal(await caller.command("STRLEN", "large"), limit);
});

Deno.test("serve() keeps binary values exact", async () => {
  await using fixture = await start();
  const { caller } = fixture;
  const value = Uint8Array.from({ length: 256 }, (_, i) => i);
  const path = Array.from(
    value,
    (byte) => `%${byte.toString(16).padStart(2, "0")}`,
  );
  const base64 = { "upstash-encoding": "base64" };
  const get = (key: string) => caller.call(`/get/${key}`, { headers: base64 });

  await caller.call("/set/by-body", { method: "PUT", body: value });
  await caller.call(`/set/by-path/${path.join("")}`);
  await caller.call(`/getset/by-query?${path.join("")}`);
  for (const key of ["by-body", "by-path", "by-query"]) {
    const { json } = await get(key);
    assert.deepEqual(Uint8Array.fromBase64(json.result), value, key);
  }
  const { json } = await caller.post("/pipeline", [
    ["SET", "ok", "OK"],
    ["MGET", "ok", "missing"],
    ["STRLEN", "by-body"],
    ["NOPE"],
  ], base64);
  assert.deepEqual(json.slice(0, 3), [
    { result: "OK" },
    { result: ["T0s=", null] },
    { result: 256 },
  ]);
  assert.match(json[3].error, /^ERR unknown/);
  const set = await caller.post("/", ["SET", "a", "b"], base64);
  assert.deepEqual(set.json, { result: "OK" });
});

Deno.test("serve() returns their own replies to 200 concurrent requests", async () => {
  await using fixture = await start();
  const { caller } = fixture;
  const kinds: ((n: number) => Promise<void>)[] = [
    async (n) =>
      assert.equal(await caller.command("ECHO", `one-${n}`), `one-${n}`),
    async (n) => {
      const { json } = await caller.call(`/echo/path-${n}`);
      assert.deepEqual(json, { result: `path-${n}` });
    },
    async (n) => {
      const { json } = await caller.post("/pipeline", [
        ["ECHO", `a-${n}`],
        ["NOPE", n],
        ["SUBSCRIBE", n],
        ["ECHO", `b-${n}`],
      ]);
      assert.deepEqual([json[0], json[3]], [
        { result: `a-${n}` },
        { result: `b-${n}` },
      ]);
    },
    async (n) => {
      const { json } = await caller.post("/multi-exec", [
        ["SET", "shared", n],
        ["GET", "shared"],
      ]);
      assert.deepEqual(json, [{ result: "OK" }, { result: `${n}` }]);
    },
    async (n) => {
      const { status } = await caller.post("/multi-exec", [["NOPE", n]]);
      assert.equal(status, 400);
    },
    async (n) => assert.equal((await caller.call(`/select/${n}`)).status, 400),
    async (n) => {
      const { json } = await caller.call(`/blpop/empty-${n}/0.05`);
      assert.deepEqual(json, { result: null });
    },
    async () => assert.equal((await caller.post("/", "[")).status, 400),
  ];
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => kinds[n % kinds.length]!(n)),
  );
});

Deno.test("serve() responds while Redis is gone, and works when it is back", async () => {
  await using fixture = await start("?commandTimeout=1000");
  const { caller, server } = fixture;
  await caller.command("SET", "a", "1");
  let running = true;
  const statuses = new Set<number>();
  const load = async () => {
    while (running) {
      const { status, json } = await caller.post("/", ["INCR", "n"]);
      statuses.add(status);
      if (status === 200) continue;
      assert.equal(typeof json.error, "string");
      assert.doesNotMatch(json.error, new RegExp(`${server.port}|127\\.0`));
    }
  };
  const loads = Array.from({ length: 10 }, load);
  await pause(50);
  await server.kill();
  const down = await caller.call("/get/a");
  assert.ok([502, 503, 504].includes(down.status), `${down.status}`);
  await pause(300);
  await server.startAgain();
  await eventually(async () => (await caller.call("/get/a")).status === 200);
  running = false;
  await Promise.all(loads);
  for (const status of statuses) {
    assert.ok([200, 502, 503, 504].includes(status), `${status}`);
  }
});

Deno.test("serve() returns 504 when Redis does not reply", async () => {
  await using fixture = await start("?commandTimeout=200");
  const { caller, server } = fixture;
  await caller.command("PING");
  server.pause();
  try {
    const { status, json } = await caller.post("/", ["SET", "a", "1"]);
    assert.equal(status, 504);
    assert.match(json.error, /in time: the command may have been executed/);
  } finally {
    server.resume();
  }
});

Deno.test("serve() responds when nothing listens, or credentials are wrong", async () => {
  const nobody = `redis://bob:hidden@127.0.0.1:${freePort()}`;
  await using server = await TestServer.start({
    config: { requirepass: "right" },
  });
  const wrong = server.url.replace("//", "//bob:hidden@");
  const noSuch = server.url.replace("//", "//:right@") + "/99";
  for (const redisUrl of [nobody, wrong, server.url, noSuch]) {
    const gateway = serveFor(redisUrl);
    const { status, json } = await new Caller(gateway.url, TOKEN)
      .call("/get/a");
    assert.equal(status, 502, redisUrl);
    assert.doesNotMatch(json.error, /bob|hidden|127\.0/);
    await gateway.shutdown();
  }
});

Deno.test("serve() pops nothing for a client that has left", async () => {
  await using fixture = await start();
  const { caller, gateway, server } = fixture;
  const blocked = async () =>
    Number(
      /blocked_clients:(\d+)/.exec(await server.ask("INFO", "clients"))![1],
    );
  const calls: [path: string, body: string][] = [
    ["/", '["BLPOP","queue",5]'],
    ["/pipeline", '[["PING"],["BLPOP","queue",5]]'],
  ];
  for (const [path, body] of calls) {
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = caller.call(path, { method: "POST", body, signal });
    await eventually(async () => await blocked() === 1);
    leaving.abort();
    await assert.rejects(left, { name: "AbortError" });
    await eventually(async () => await blocked() === 0);
    await caller.command("RPUSH", "queue", "for others");
    assert.deepEqual((await caller.call("/blpop/queue/1")).json, {
      result: ["queue", "for others"],
    });
  }
  const headers = { authorization: `Bearer ${TOKEN}` };
  const metrics = await fetch(`${gateway.url}/metrics`, { headers });
  assert.match(await metrics.text(), /requests_total\{status="499"\} 2\n/);
});

Deno.test("GatewayServer.shutdown() waits for requests in flight", async () => {
  await using server = await TestServer.start();
  const gateway = serveFor(server.url);
  const caller = new Caller(gateway.url, TOKEN);
  await caller.command("PING");
  const blocked = caller.call("/blpop/queue/0.5");
  await pause(100);
  await Promise.all([gateway.shutdown(), gateway.finished]);
  assert.deepEqual((await blocked).json, { result: null });
  await assert.rejects(caller.call("/ping"), TypeError);
});

Deno.test("serve() does not start without a token or a usable URL", () => {
  const options = { hostname: "127.0.0.1", port: 0 };
  const redisUrl = "redis://127.0.0.1";
  assert.throws(() => serve({ REDIS_URL: redisUrl }, options), /TOKEN/);
  for (const wrong of ["", "http://h", "redis://:hidden@h?nope=1", "x"]) {
    assert.throws(
      () => serve({ REDIS_URL: wrong, TOKEN }, options),
      (error) => {
        assert.match(`${error}`, /REDIS_URL/);
        assert.doesNotMatch(`${error}`, /hidden/);
        return true;
      },
    );
  }
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await holds()) {
    assert.ok(Date.now() < deadline, "it never held");
    await pause(20);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
