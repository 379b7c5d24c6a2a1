/**
 * From results and errors to responses, without Redis.
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
import type { CommandPlan, Format } from "../../worker/request.ts";
import * as responses from "../../worker/response.ts";
import { fromRequest, type Outgoing, toResponse } from "../../worker/http.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

const GET = new Request("https://gateway.example/");
const ASKED = asked({});

function asked(headers: HeadersInit, origins = ["*"]): responses.Asked {
  return { request: fromRequest(new Request(GET, { headers })), origins };
}

function sent({ request }: responses.Asked, outgoing: Outgoing): Response {
  return toResponse(outgoing, request.method);
}

// -- As Response objects --

function respond(
  asked: responses.Asked,
  plan: CommandPlan,
  answers: readonly Answer[],
): Response | Promise<Response> {
  const outgoing = responses.respond(asked, plan, answers);
  return outgoing instanceof Promise
    ? outgoing.then((outgoing) => sent(asked, outgoing))
    : sent(asked, outgoing);
}

function respondWithError(asked: responses.Asked, error: unknown): Response {
  return sent(asked, responses.respondWithError(asked, error));
}

function respondToPreflight(asked: responses.Asked): Response {
  return sent(asked, responses.respondToPreflight(asked));
}

function planOf(kind: CommandPlan["kind"], format: Format): CommandPlan {
  return { kind, format, commands: [["GET", "key"]], type: "text/html" };
}

async function body(
  kind: CommandPlan["kind"],
  format: Format,
  ...answers: Answer[]
): Promise<string> {
  return await (await respond(ASKED, planOf(kind, format), answers)).text();
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("respond() formats a reply as JSON", async () => {
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
    assert.equal(await body("one", "json", reply), `{"result":${json}}`);
  }
});

test("respond() encodes base64, except a reply that is the status OK", async () => {
  const table: [Answer, string][] = [
    ["OK", '"OK"'],
    ["PONG", '"UE9ORw=="'],
    [bytes("OK"), '"T0s="'],
    [bytes("ok"), '"b2s="'],
    [bytes(""), '""'],
    [Uint8Array.of(0, 0xff, 0xfe), '"AP/+"'],
    [
      ["OK", bytes("OK"), [bytes("OK")], 1, null],
      '["T0s=","T0s=",["T0s="],1,null]',
    ],
    [9007199254740993n, "9007199254740993"],
    [[new ReplyError("ERR b")], '["ERR b"]'],
  ];
  for (const [reply, json] of table) {
    assert.equal(await body("one", "base64", reply), `{"result":${json}}`);
  }
  assert.equal(
    await body("many", "base64", "OK", bytes("a")),
    '[{"result":"OK"},{"result":"YQ=="}]',
  );
});

test("respond() formats RESP2 as Redis does", async () => {
  const table: [Answer[], string][] = [
    [["OK"], "+OK\r\n"],
    [[bytes("OK")], "$2\r\nOK\r\n"],
    [[bytes("")], "$0\r\n\r\n"],
    [[1, -2, 2n ** 62n, null], ":1\r\n:-2\r\n:4611686018427387904\r\n$-1\r\n"],
    [[[]], "*0\r\n"],
    [[[bytes("a"), [1]]], "*2\r\n$1\r\na\r\n*1\r\n:1\r\n"],
    [[new ReplyError("ERR no")], "-ERR no\r\n"],
    [[new Refusal(400, "ERR a\r\nb")], "-ERR a b\r\n"],
  ];
  for (const [answers, wire] of table) {
    assert.equal(await body("many", "resp2", ...answers), wire);
  }
  const { headers } = await respond(ASKED, planOf("one", "resp2"), ["OK"]);
  assert.equal(headers.get("content-type"), "application/octet-stream");
});

test("respond() returns a raw value, with the requested type", async () => {
  const plan = planOf("one", "raw");
  const value = Uint8Array.of(0x3c, 0xff, 0x00);
  const response = await respond(ASKED, plan, [value]);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), value);
  const { headers } = response;
  assert.equal(headers.get("content-type"), "text/html");
  assert.equal(headers.get("cache-control"), "private, no-cache");
  assert.equal(headers.get("content-security-policy"), "sandbox");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.match(headers.get("etag")!, /^"[\w-]{43}="$/);
  assert.equal(await body("one", "raw", 5), "5");
  assert.equal(await body("one", "raw", "string"), "string");
  const refused = (answer: Answer) => {
    try {
      respond(ASKED, plan, [answer]);
    } catch (error) {
      return (error as Refusal).status;
    }
  };
  assert.equal(refused(null), 404);
  assert.equal(refused([bytes("a")]), 400);
});

test("respond() returns 304 to a client that has the value already, for reads only", async () => {
  const plan = planOf("one", "json");
  const none = await respond(ASKED, plan, ["a"]);
  assert.equal(none.headers.get("etag"), null);
  const first = await respond(asked({ "if-none-match": '"0"' }), plan, ["a"]);
  const etag = first.headers.get("etag")!;
  assert.equal(await first.text(), '{"result":"a"}');
  for (const known of [etag, `"0", ${etag}`, `W/${etag}`]) {
    const headers = { "if-none-match": known };
    const again = await respond(asked(headers), plan, ["a"]);
    assert.equal(again.status, 304);
    assert.equal(again.body, null);
    assert.equal(again.headers.get("etag"), etag);
    assert.equal(again.headers.get("access-control-allow-origin"), "*");
    const changed = await respond(asked(headers), plan, ["b"]);
    assert.equal(changed.status, 200);
    const written = { ...plan, commands: [["SET", "key", "a"]] };
    assert.equal((await respond(asked(headers), written, ["a"])).status, 200);
  }
});

test("respond() sends a new sync token with each response, whether or not the client sent one", async () => {
  const token = async (headers: HeadersInit) =>
    (await respond(asked(headers), planOf("one", "json"), ["a"]))
      .headers.get("upstash-sync-token");
  const tokens = [
    await token({}),
    await token({ "upstash-sync-token": "" }),
    await token({ "upstash-sync-token": "\x00 garbage".slice(1) }),
  ];
  assert.ok(tokens.every((each) => each !== null && each !== ""));
  assert.equal(new Set(tokens).size, 3);
  // Browsers hide headers from pages unless they are exposed by name.
  const headers = { "upstash-sync-token": "" };
  const response = await respond(asked(headers), planOf("many", "json"), [1]);
  assert.equal(
    response.headers.get("access-control-expose-headers"),
    "upstash-sync-token",
  );
});

test("respond() names the origins that may read the response", async () => {
  const origin = "https://app.example";
  const headers = async (origins: string[], from?: string) =>
    (await respond(
      asked(from ? { origin: from } : {}, origins),
      planOf("one", "json"),
      ["a"],
    ))
      .headers;
  const allowed = (
    headers: Headers,
  ) => [headers.get("access-control-allow-origin"), headers.get("vary")];
  assert.deepEqual(allowed(await headers(["*"], origin)), ["*", null]);
  const two = ["https://other.example", origin];
  assert.deepEqual(allowed(await headers(two, origin)), [origin, "origin"]);
  assert.deepEqual(allowed(await headers(two, "https://evil")), [
    null,
    "origin",
  ]);
  assert.deepEqual(allowed(await headers(two)), [null, "origin"]);
  assert.deepEqual(allowed(await headers([], origin)), [null, "origin"]);
  const refused = respondWithError(
    asked({ origin }, two),
    new Refusal(429, "ERR", { "retry-after": "1" }),
  );
  assert.equal(refused.headers.get("access-control-allow-origin"), origin);
  assert.equal(
    refused.headers.get("access-control-expose-headers"),
    "retry-after",
  );
});

test("respond() puts the error of a command in place of its result", async () => {
  const answers = [
    1,
    new ReplyError("WRONGTYPE no"),
    new Refusal(400, "ERR SELECT is not available over HTTP"),
    null,
  ];
  const json =
    '[{"result":1},{"error":"WRONGTYPE no"},{"error":"ERR SELECT is not available over HTTP"},{"result":null}]';
  for (const kind of ["many", "atomic"] as const) {
    const response = await respond(ASKED, planOf(kind, "json"), answers);
    assert.equal(response.headers.get("sorrel-errors"), "2");
    assert.equal(await response.text(), json);
  }
});

test("respond() sets the same headers on every response; HEAD has no body", async () => {
  const plan = planOf("one", "json");
  const head = fromRequest(new Request(GET, { method: "HEAD" }));
  for (const request of [ASKED.request, head]) {
    const { status, headers } = await respond({ ...ASKED, request }, plan, [
      "é",
    ]);
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("sorrel-errors"), null);
  }
  const response = await respond({ ...ASKED, request: head }, plan, ["é"]);
  assert.equal(response.headers.get("content-length"), "15");
  assert.equal(await response.text(), "");
});

test("respondWithError() maps each error to its status", async () => {
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
    [new ReplyError("LOADING wait"), 503, /^LOADING wait$/],
    [new BatchError(0, "GET", new ReplyError("BUSY now")), 503, /^BUSY now$/],
    [new BatchError(0, "FOO", aborted), 400, /^ERR unknown \(EXECABORT d.*\)$/],
    [
      new BatchError(0, "GET", new ReplyError("ASK 1 10.0.0.1:1")),
      502,
      /a node that/,
    ],
    [new ReplyError("NOAUTH needed"), 502, /credentials/],
    [new ReplyError("MOVED 1 10.0.0.1:6379"), 502, /a node that/],
    [new ReplyError("REDIRECT 10.0.0.1:6379"), 502, /a node that/],
    [new ReplyError("DENIED Redis host is"), 502, /protected mode/],
    [new ReplyError("CLUSTERDOWN no"), 503, /^CLUSTERDOWN no$/],
    [new ReplyError("TRYAGAIN later"), 503, /^TRYAGAIN later$/],
    [new AuthenticationError("WRONGPASS for bob"), 502, /credentials/],
    [new TimeoutError("GET"), 504, /^ERR Redis did not answer in time$/],
    [new TimeoutError("SET", { maybeExecuted }), 504, /may have been executed/],
    // No connection could be opened in time.
    [
      new TimeoutError("GET", { cause: new Error("refused by host") }),
      502,
      /cannot reach Redis$/,
    ],
    [
      new TimeoutError("GET", { cause: new TimeoutError("host") }),
      504,
      /in time$/,
    ],
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
    const response = respondWithError(ASKED, error);
    assert.equal(response.status, status, `${error}`);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    const json = await response.json();
    assert.deepEqual(Object.keys(json), ["error"]);
    assert.match(json.error, message);
    assert.doesNotMatch(json.error, /host|bob|10\.0|undefined/);
  }
  const { headers } = respondWithError(
    ASKED,
    new Refusal(405, "", { allow: "GET" }),
  );
  assert.equal(headers.get("allow"), "GET");
});

test("respondToPreflight() allows the headers and methods that clients of the convention use", async () => {
  const response = respondToPreflight(ASKED);
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  const allowed = response.headers.get("access-control-allow-headers") ?? "";
  const names =
    "authorization content-type upstash-encoding upstash-response-format upstash-sync-token upstash-telemetry-runtime upstash-telemetry-platform upstash-telemetry-sdk cache-control last-event-id if-none-match";
  for (const name of names.split(" ")) {
    assert.ok(allowed.split(", ").includes(name), name);
  }
  assert.equal(response.headers.get("access-control-max-age"), "86400");
  assert.equal(
    response.headers.get("access-control-allow-methods"),
    "GET, HEAD, POST, PUT, OPTIONS",
  );
});
