/**
 * Answers and errors -> responses, without Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  ProtocolError,
  QueueFullError,
  ReplyError,
  TimeoutError,
  WatchError,
} from "../../lib/errors.ts";
import type { Answer } from "../../worker/perform.ts";
import { Refusal } from "../../worker/refusal.ts";
import type { Plan } from "../../worker/request.ts";
import {
  respond,
  respondToPreflight,
  respondWithError,
} from "../../worker/response.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const GET = new Request("https://gateway.example/");

function body(kind: Plan["kind"], ...answers: Answer[]): Promise<string> {
  return respond(GET, { kind, commands: [], base64: false }, answers).text();
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("respond() gives a reply as JSON", async () => {
  const table: [Answer, string][] = [
    ["OK", '"OK"'],
    ['a"é\n', '"a\\"é\\n"'],
    [0, "0"],
    [-1, "-1"],
    [9007199254740993n, "9007199254740993"],
    [-9223372036854775808n, "-9223372036854775808"],
    [null, "null"],
    [[], "[]"],
    [["a", 1, null, [2n ** 62n]], '["a",1,null,[4611686018427387904]]'],
    [["a", new ReplyError("ERR b")], '["a","ERR b"]'],
  ];
  for (const [reply, json] of table) {
    assert.equal(await body("one", reply), `{"result":${json}}`);
  }
});

test("respond() gives bytes as base64, but for a top-level OK", async () => {
  const table: [Answer, string][] = [
    [bytes("OK"), '"OK"'],
    [bytes("ok"), '"b2s="'],
    [bytes(""), '""'],
    [Uint8Array.of(0, 0xff, 0xfe), '"AP/+"'],
    [[bytes("OK"), [bytes("OK")], 1, null], '["T0s=",["T0s="],1,null]'],
  ];
  for (const [reply, json] of table) {
    assert.equal(await body("one", reply), `{"result":${json}}`);
  }
  assert.equal(
    await body("many", bytes("OK"), bytes("a")),
    '[{"result":"OK"},{"result":"YQ=="}]',
  );
});

test("respond() gives the error of one command in its place", async () => {
  const answers = [
    1,
    new ReplyError("WRONGTYPE no"),
    new Refusal(400, "ERR SELECT is not available over HTTP"),
    null,
  ];
  const json =
    '[{"result":1},{"error":"WRONGTYPE no"},{"error":"ERR SELECT is not available over HTTP"},{"result":null}]';
  assert.equal(await body("many", ...answers), json);
  assert.equal(await body("atomic", ...answers), json);
});

test("respond() gives every response the same headers; HEAD has no body", async () => {
  const plan = { kind: "one", commands: [], base64: false } as const;
  const head = new Request(GET, { method: "HEAD" });
  for (const request of [GET, head]) {
    const { status, headers } = respond(request, plan, ["é"]);
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), "*");
  }
  const response = respond(head, plan, ["é"]);
  assert.equal(response.headers.get("content-length"), "15");
  assert.equal(await response.text(), "");
});

test("respondWithError() gives each error its status", async () => {
  const maybeExecuted = true;
  const aborted = new ReplyError("ERR unknown", {
    cause: new ReplyError("EXECABORT discarded"),
  });
  const full = new ConnectionError("y", {
    cause: new ReplyError("ERR max clients"),
  });
  const table: [unknown, number, RegExp][] = [
    [new Refusal(413, "ERR large"), 413, /^ERR large$/],
    [new ReplyError("WRONGTYPE no"), 400, /^WRONGTYPE no$/],
    [new BatchError(0, "FOO", aborted), 400, /^ERR unknown \(EXECABORT d.*\)$/],
    [
      new BatchError(0, "GET", new ReplyError("ASK 1 10.0.0.1:1")),
      502,
      /cluster/,
    ],
    [new ReplyError("NOAUTH needed"), 502, /credentials/],
    [new ReplyError("MOVED 1 10.0.0.1:6379"), 502, /cluster/],
    [new AuthenticationError("WRONGPASS for bob"), 502, /credentials/],
    [new TimeoutError("GET"), 504, /^ERR Redis did not answer in time$/],
    [new TimeoutError("SET", { maybeExecuted }), 504, /may have been executed/],
    [new ConnectionError("redis://host"), 502, /cannot reach Redis$/],
    [
      new ConnectionError("x", { maybeExecuted }),
      502,
      /may have been executed/,
    ],
    [
      new ConnectionError("x", { cause: new Refusal(500, "ERR tls") }),
      500,
      /tls/,
    ],
    [
      new ConnectionError("x", { cause: full }),
      502,
      /refused: ERR max clients$/,
    ],
    [new ClosedError("closed"), 503, /shutting down/],
    [new QueueFullError("full"), 503, /too many/],
    [new ProtocolError("HTTP"), 502, /Redis protocol/],
    [new WatchError("watch"), 502, /unexpected/],
    [new TypeError("x is undefined"), 500, /^ERR internal error/],
    ["thrown", 500, /^ERR internal error/],
  ];
  for (const [error, status, message] of table) {
    const response = respondWithError(GET, error);
    assert.equal(response.status, status, `${error}`);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    const json = await response.json();
    assert.deepEqual(Object.keys(json), ["error"]);
    assert.match(json.error, message);
    assert.doesNotMatch(json.error, /host|bob|10\.0|undefined/);
  }
  const { headers } = respondWithError(
    GET,
    new Refusal(405, "", { allow: "GET" }),
  );
  assert.equal(headers.get("allow"), "GET");
});

test("respondToPreflight() allows what clients of the convention send", async () => {
  const response = respondToPreflight();
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  const allowed = response.headers.get("access-control-allow-headers") ?? "";
  for (const name of ["authorization", "content-type", "upstash-encoding"]) {
    assert.ok(allowed.split(", ").includes(name), name);
  }
  assert.equal(
    response.headers.get("access-control-allow-methods"),
    "GET, HEAD, POST, PUT, OPTIONS",
  );
});
