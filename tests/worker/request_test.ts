/**
 * Requests -> plans, without Redis and without any permission.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Refusal } from "../../worker/refusal.ts";
import { type Plan, readPlan } from "../../worker/request.ts";
import { queryArgs, segmentsOf, targetOf } from "../../worker/target.ts";

const LIMIT = 1000;

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values);
}

function plan(path: string, init: RequestInit = {}): Promise<Plan> {
  return readPlan(new Request(`https://gateway.example${path}`, init), LIMIT);
}

function post(path: string, body: BodyInit): Promise<Plan> {
  return plan(path, { method: "POST", body });
}

async function refuses(
  planned: Promise<Plan>,
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

/** Strings stay; bytes become an array of numbers, so that tables are short. */
function plain(commands: Plan["commands"]): unknown {
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
    const { kind, commands, base64 } = await plan(path);
    assert.deepEqual(plain(commands), [command], path);
    assert.deepEqual({ kind, base64 }, { kind: "one", base64: false });
  }
});

test("readPlan() puts the body behind the path and the query behind both", async () => {
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

test("readPlan() refuses paths that are malformed or name no command", async () => {
  for (const path of ["/get/%zz", "/get/%", "/get/%4", "/x?a=%g0", "/x?%"]) {
    await refuses(plan(path), 400, /hexadecimal/);
  }
  for (const path of ["", "/", "//", "//get", "/?EX=100"]) {
    await refuses(plan(path), 400, /no command/);
  }
});

test("targetOf() cuts raw URLs", () => {
  const table: [url: string, path: string, query: string][] = [
    ["http://h/a/../b?c=d", "/a/../b", "c=d"],
    ["http://h:80//?", "//", ""],
    ["https://h", "", ""],
    ["https://h?a?b", "", "a?b"],
    ["https://[::1]:8080/x#y?z", "/x", ""],
    ["/no/host", "", ""],
  ];
  for (const [url, path, query] of table) {
    assert.deepEqual(targetOf(url), { path, query }, url);
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
      base64: false,
    });
    assert.deepEqual((await post(`${path}/`, body)).kind, kind);
    for (const method of ["GET", "HEAD", "PUT"]) {
      const init = method === "PUT" ? { method, body } : { method };
      await refuses(plan(path!, init), 405);
    }
  }
});

test("readPlan() refuses JSON that is no command", async () => {
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

// -- The rest --

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

test("readPlan() reads the format of the answer", async () => {
  const base64 = async (headers: HeadersInit) =>
    (await plan("/get/key", { headers })).base64;
  assert.equal(await base64({ "Upstash-Encoding": "base64" }), true);
  assert.equal(await base64({ "Upstash-Response-Format": "json" }), false);
  await refuses(plan("/x", { headers: { "upstash-encoding": "hex" } }), 400);
  await refuses(
    plan("/x", { headers: { "upstash-response-format": "xml" } }),
    400,
  );
});
