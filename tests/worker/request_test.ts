/**
 * From requests to plans, without Redis and without any permission.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromRequest } from "../../worker/http.ts";
import { Refusal } from "../../worker/refusal.ts";
import { LIMITS } from "../../worker/limits.ts";
import {
  type CommandPlan,
  type ListenPlan,
  type Plan,
  readPlan,
} from "../../worker/request.ts";
import { queryArgs, segmentsOf, targetOf } from "../../worker/target.ts";

const LIMIT = 1000;
const WITHIN = { ...LIMITS, bodyBytes: LIMIT, commands: 3 };

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}

function read(path: string, init: RequestInit = {}): Promise<Plan> {
  const request = fromRequest(
    new Request(`https://gateway.example${path}`, init),
  );
  return readPlan(request, targetOf(request.target), WITHIN);
}

async function plan(
  path: string,
  init: RequestInit = {},
): Promise<CommandPlan> {
  const plan = await read(path, init);
  assert.notEqual(plan.kind, "listen");
  return plan as CommandPlan;
}

function post(path: string, body: BodyInit): Promise<CommandPlan> {
  return plan(path, { method: "POST", body });
}

async function refuses(
  planned: Promise<unknown>,
  status: number,
  message: RegExp = /^ERR /,
): Promise<void> {
  await assert.rejects(planned, (error) => {
    assert.ok(error instanceof Refusal);
    assert.equal(error.status, status);
    assert.match(error.message, message);
    return true;
  });
}

/** Replaces bytes by arrays of numbers, so that tables are short. */
function plain(commands: CommandPlan["commands"]): unknown {
  return commands.map((args) =>
    args.map((arg) => arg instanceof Uint8Array ? [...arg] : arg)
  );
}

// -- The path --

test("readPlan() reads a command from the path", async () => {
  const table: [path: string, command: unknown[]][] = [
    ["/get/key", ["get", "key"]],
    ["/GET/key", ["GET", "key"]],
    ["/ping", ["ping"]],
    ["/ping/", ["ping"]],
    ["/get/key/", ["get", "key"]],
    ["/set/key//", ["set", "key", ""]],
    ["/set//value", ["set", "", "value"]],
    ["/set/key/a+b", ["set", "key", "a+b"]],
    ["/set/key/a%2Fb", ["set", "key", [0x61, 0x2f, 0x62]]],
    ["/set/key/%FF", ["set", "key", [0xff]]],
    ["/set/key/%ff%00", ["set", "key", [0xff, 0x00]]],
    ["/set/key/%E9", ["set", "key", [0xe9]]],
    ["/set/key/é", ["set", "key", [0xc3, 0xa9]]],
    ["/set/key/a%20b", ["set", "key", [0x61, 0x20, 0x62]]],
    ["/set/key/v?EX=100", ["set", "key", "v", "EX", "100"]],
    ["/set/key/v?NX", ["set", "key", "v", "NX"]],
    ["/set/key/v?EX=100&NX", ["set", "key", "v", "EX", "100", "NX"]],
    ["/set/key/v?a=1&a=2&b=", ["set", "key", "v", "a", "1", "a", "2", "b", ""]],
    ["/x?a+b=c+d", ["x", "a b", "c d"]],
    ["/x?a=%FF", ["x", "a", [0xff]]],
    ["/x?&&a&", ["x", "a"]],
    ["/x?=v", ["x", "", "v"]],
    ["/x?a=b=c", ["x", "a", "b=c"]],
    ["/get/key?_token=secret", ["get", "key"]],
    ["/get/key?%5Ftoken=secret&_token=other", ["get", "key"]],
    ["/set/k/v?EX=1&_token=secret&NX", ["set", "k", "v", "EX", "1", "NX"]],
    ["/get/key#fragment", ["get", "key"]],
    ["/pipeline/x", ["pipeline", "x"]],
  ];
  for (const [path, command] of table) {
    const { kind, commands, format } = await plan(path);
    assert.deepEqual(plain(commands), [command], path);
    assert.deepEqual({ kind, format }, { kind: "one", format: "json" });
  }
});

test("readPlan() appends the body to the path, and the query to both", async () => {
  const table: [path: string, body: BodyInit, command: unknown[]][] = [
    ["/set/key", "v", ["set", "key", [0x76]]],
    ["/set/key/", "v", ["set", "key", [0x76]]],
    ["/set/key?EX=100", "v", ["set", "key", [0x76], "EX", "100"]],
    ["/set/key", " [1] ", ["set", "key", [0x20, 0x5b, 0x31, 0x5d, 0x20]]],
    ["/set/key", bytes(0, 0xff), ["set", "key", [0, 0xff]]],
    ["/incr/key", "", ["incr", "key"]],
  ];
  for (const method of ["POST", "PUT"]) {
    for (const [path, body, command] of table) {
      const headers = { "content-type": "application/json" };
      const { commands } = await plan(path, { method, body, headers });
      assert.deepEqual(plain(commands), [command], path);
    }
  }
});

test("readPlan() rejects paths that are malformed or have no command", async () => {
  for (const path of ["/get/%zz", "/get/%", "/get/%4", "/x?a=%g0", "/x?%"]) {
    await refuses(plan(path), 400, /hexadecimal/);
  }
  for (const path of ["", "/", "//", "//get", "/?EX=100"]) {
    await refuses(plan(path), 400, /no command/);
  }
});

test("targetOf() splits path and query", () => {
  const table: [target: string, path: string, query: string][] = [
    ["/a/../b?c=d", "/a/../b", "c=d"],
    ["//?", "//", ""],
    ["", "", ""],
    ["/?a?b", "/", "a?b"],
  ];
  for (const [target, path, query] of table) {
    assert.deepEqual(targetOf(target), { path, query }, target);
  }
  for (
    const [url, path] of [["/m", ""], ["/m/", "/"], ["/m/get/a", "/get/a"]]
  ) {
    assert.equal(targetOf(`${url}?q`, "/m").path, path);
  }
  for (const url of ["/", "/mm/get/a", "/get/m", ""]) {
    assert.throws(() => targetOf(url, "/m"), { status: 404 });
  }
  assert.deepEqual(segmentsOf("/get/.."), ["get", ".."]);
  assert.deepEqual(queryArgs("_token"), []);
});

// -- JSON --

test("readPlan() reads a command from JSON, numbers exact", async () => {
  const table: [body: string, command: string[]][] = [
    ['["PING"]', ["PING"]],
    [' ["SET","k","é"]\n', ["SET", "k", "é"]],
    ['["SET","k",true,false]', ["SET", "k", "true", "false"]],
    ['["SET","k",1,-1,1.5,1e3,1.0]', [
      ...["SET", "k", "1", "-1", "1.5", "1e3", "1.0"],
    ]],
    ['["SET","k",9007199254740993]', ["SET", "k", "9007199254740993"]],
    ['["X",123456789012345678901234567890]', [
      ...["X", "123456789012345678901234567890"],
    ]],
    ['["X","","\\u0000","\\ud83d\\ude00"]', ["X", "", "\0", "😀"]],
  ];
  for (const [body, command] of table) {
    const { kind, commands } = await post("/", body);
    assert.deepEqual({ kind, commands }, { kind: "one", commands: [command] });
  }
  const { commands } = await plan("/?_token=t", {
    method: "PUT",
    body: '["PING"]',
  });
  assert.deepEqual(commands, [["PING"]]);
});

test("readPlan() reads pipelines and transactions", async () => {
  const body = '[["SET","k",9007199254740993],["GET","k"]]';
  const commands = [["SET", "k", "9007199254740993"], ["GET", "k"]];
  for (
    const [path, kind] of [["/pipeline", "many"], ["/multi-exec", "atomic"]]
  ) {
    assert.deepEqual(await post(path!, body), {
      kind,
      commands,
      format: "json",
    });
    assert.deepEqual((await post(`${path}/`, body)).kind, kind);
    for (const method of ["GET", "HEAD", "PUT"]) {
      const init = method === "PUT" ? { method, body } : { method };
      await refuses(plan(path!, init), 405);
    }
  }
});

test("readPlan() rejects JSON that is not a command", async () => {
  const one = ["", "x", "[", "{}", "null", '"GET"', "1", "[]", "[[]]"];
  for (const body of one) await refuses(post("/", body), 400, /malformed/);
  for (const arg of ["null", "{}", "[]", '["a"]', '{"a":1}', "[1]"]) {
    const said = /argument # 1 of the body must be a string.* not (null|an )/;
    await refuses(post("/", `["GET",${arg}]`), 400, said);
    await refuses(
      post("/pipeline", `[["GET","a"],["GET",${arg}]]`),
      400,
      /argument # 1 of command # 2 /,
    );
  }
  const many = ["", "x", "{}", "[]", "[[]]", '["GET","a"]', '[["GET"],[]]'];
  for (const body of many) await refuses(post("/pipeline", body), 400);
  const invalid = bytes(0x5b, 0x22, 0xff, 0x22, 0x5d);
  await refuses(post("/", invalid), 400, /UTF-8/);
  const deep = "[".repeat(400) + "1" + "]".repeat(400);
  await refuses(post("/", deep), 400);
});

// -- Other parts --

test("readPlan() limits the body, declared or not", async () => {
  const full = "x".repeat(LIMIT);
  const { commands } = await post("/set/key", full);
  assert.equal((commands[0]![2] as Uint8Array).length, LIMIT);
  await refuses(post("/set/key", full + "x"), 413);
  const chunks = () =>
    ReadableStream.from(
      [full, "x"].map((text) => new TextEncoder().encode(text)),
    );
  await refuses(post("/set/key", chunks()), 413);
  await refuses(post("/", chunks()), 413);
});

test("readPlan() limits the commands of a batch", async () => {
  const commands = (count: number) =>
    JSON.stringify(Array(count).fill(["PING"]));
  assert.equal((await post("/pipeline", commands(3))).commands.length, 3);
  await refuses(post("/pipeline", commands(4)), 413, /may have 3/);
  await refuses(post("/multi-exec", commands(4)), 413);
});

test("readPlan() reads the format of the response", async () => {
  const format = async (headers: HeadersInit, path = "/get/key") =>
    (await plan(path, { headers })).format;
  assert.equal(await format({ "Upstash-Encoding": "base64" }), "base64");
  assert.equal(await format({ "Upstash-Encoding": "BASE64" }), "base64");
  assert.equal(await format({ "Upstash-Response-Format": "json" }), "json");
  assert.equal(await format({ "Upstash-Response-Format": "resp2" }), "resp2");
  for (
    const headers of [
      { "upstash-encoding": "hex" },
      { "upstash-response-format": "xml" },
      { "upstash-response-format": "" },
      { "upstash-response-format": "resp2", "upstash-encoding": "base64" },
    ]
  ) await refuses(plan("/x", { headers }), 400, /^ERR Upstash-/);
  const headers = { "upstash-response-format": "resp2" };
  const batch = { method: "POST", body: '[["PING"]]', headers };
  assert.equal((await plan("/pipeline", batch)).format, "resp2");
  // Transactions always use JSON.
  assert.equal((await plan("/multi-exec", batch)).format, "json");
});

test("readPlan() reads subscriptions", async () => {
  const table: [path: string, how: ListenPlan["how"], names: string[]][] = [
    ["/subscribe/a", "channel", ["a"]],
    ["/subscribe/a/b%20c/", "channel", ["a", "b c"]],
    ["/SUBSCRIBE/chat:*:x", "channel", ["chat:*:x"]],
    ["/psubscribe/a*/%C3%A9", "pattern", ["a*", "é"]],
    ["/monitor", "monitor", []],
    ["/monitor?_token=t", "monitor", []],
  ];
  for (const [path, how, names] of table) {
    // The convention's own client sends an empty command.
    for (const init of [{}, { method: "POST", body: "[]" }]) {
      assert.deepEqual(await read(path, init), { kind: "listen", how, names });
    }
  }
  await refuses(read("/subscribe"), 400, /no channel/);
  // Otherwise it would subscribe to a different channel.
  await refuses(read("/subscribe/a/%FF"), 400, /channel is not UTF-8/);
  await refuses(read("/monitor/a"), 400, /no arguments/);
  for (const method of ["HEAD", "PUT"]) {
    await refuses(read("/subscribe/a", { method }), 405);
  }
});

test("readPlan() reads requests for raw values", async () => {
  const table: [path: string, command: unknown[], type: string][] = [
    ["/raw/get/a", ["get", "a"], "application/octet-stream"],
    ["/raw/GET/a?type=text/html", ["GET", "a"], "text/html"],
    [
      "/raw/get/a?type=text/css;+charset=utf-8&_token=t",
      ["get", "a"],
      "text/css; charset=utf-8",
    ],
    [
      "/raw/getrange/a?0=5&type=image/svg%2Bxml",
      ["getrange", "a", "0", "5"],
      "image/svg+xml",
    ],
  ];
  for (const [path, command, type] of table) {
    const planned = await plan(path, {
      headers: { "upstash-encoding": "base64" },
    });
    assert.deepEqual(planned, {
      kind: "one",
      commands: [command],
      format: "raw",
      type,
    });
  }
  await refuses(plan("/raw/get/a?type=html"), 400, /content type/);
  await refuses(plan("/raw/get/a?type=text/html%0Ax:y"), 400, /content type/);
  await refuses(plan("/raw/set/a/b"), 400, /only read/);
  await refuses(plan("/raw"), 400, /only read/);
  await refuses(post("/raw/get/a", ""), 405);
});
