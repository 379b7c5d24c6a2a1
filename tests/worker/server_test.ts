/**
 * The gateway's own HTTP server, at the level of bytes: no client can stop it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SERVER_LIMITS } from "../../worker/server/limits.ts";
import { HttpServer } from "../../worker/server/server.ts";
import { Caller } from "./caller.ts";
import { eventually } from "./events.ts";
import { exchange, start, TOKEN } from "./own_server.ts";
import {
  frameOf,
  handshakeText,
  RawClient,
  requestText,
} from "./raw_client.ts";

const CLOSE = { token: TOKEN, headers: "connection: close\r\n" };

// -- Requests --

Deno.test("the server rejects ambiguous heads", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const ping = (headers: string) =>
    requestText("POST /ping", { token: TOKEN, headers });
  const table: [text: string, status: number][] = [
    ["nonsense\r\n\r\n", 400],
    ["GET /ping\r\n\r\n", 400],
    ["GET /ping HTTP/2.0\r\n\r\n", 400],
    ["GET  /ping HTTP/1.1\r\nhost: h\r\n\r\n", 400],
    ["GET ping HTTP/1.1\r\nhost: h\r\n\r\n", 400],
    ["GET /ping HTTP/1.1\r\n\r\n", 400],
    ["GET /ping HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400],
    ["GET /ping HTTP/1.1\r\nhost: h\nx: y\r\n\r\n", 400],
    [ping("x : y\r\n"), 400],
    [ping(" folded: y\r\n"), 400],
    [ping("x: a\0b\r\n"), 400],
    [ping("content-length: 1\r\ncontent-length: 2\r\n"), 400],
    [ping("content-length: 1, 1\r\n"), 400],
    [ping("content-length: +1\r\n"), 400],
    [ping("content-length: 1\r\ntransfer-encoding: chunked\r\n"), 400],
    [ping("transfer-encoding: gzip\r\n"), 501],
    [ping(`x: ${"y".repeat(40_000)}\r\n`), 431],
  ];
  for (const [text, status] of table) {
    const answer = await exchange(url, text);
    assert.match(
      answer,
      new RegExp(`^HTTP/1\\.1 ${status} `),
      text.slice(0, 80),
    );
    assert.match(answer, /connection: close\r\n/);
    assert.match(answer, /\{"error":"ERR [^"]+"\}$/);
  }
});

Deno.test("the path comes only from the request line", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const line = "GET /ping HTTP/1.1\r\n";
  const auth = `authorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`;
  for (const host of ["x/metrics?", "x/metrics#", "x\\metrics", "a b", "u@h"]) {
    const answer = await exchange(url, `${line}host: ${host}\r\n${auth}`);
    assert.match(answer, /^HTTP\/1\.1 400 .*the Host header/s, host);
  }
  for (const target of ["/ping", "http://other/ping"]) {
    const answer = await exchange(url, requestText(`GET ${target}`, CLOSE));
    assert.match(answer, /\{"result":"PONG"\}$/, target);
  }
});

Deno.test("the server reads bytes in any chunks, and pipelined requests", async () => {
  await using fixture = await start();
  const { url } = fixture;
  const three = requestText("GET /echo/a", { token: TOKEN }) +
    requestText("POST /echo", {
      token: TOKEN,
      headers: "transfer-encoding: chunked\r\n",
      body: "2;x=y\r\nb1\r\n003\r\nb22\r\n0\r\ntrailer: z\r\n\r\n",
    }) + "\r\n" +
    requestText("PUT /echo", {
      ...CLOSE,
      headers: "content-length: 5\r\nconnection: close\r\n",
      body: "ccccc",
    });
  for (const size of [1, 7, 100, three.length]) {
    using client = await RawClient.open(url);
    const sending = (async () => {
      for (let at = 0; at < three.length; at += size) {
        await client.send(three.slice(at, at + size));
      }
    })();
    const answer = await client.end();
    await sending;
    assert.deepEqual(
      answer.match(/\{"result":"\w+"\}/g),
      ['{"result":"a"}', '{"result":"b1b22"}', '{"result":"ccccc"}'],
    );
  }
});

Deno.test("the server speaks HTTP/1.0, and percent-encodes raw bytes of a path", async () => {
  await using fixture = await start();
  const auth = `authorization: Bearer ${TOKEN}\r\n`;
  const old = await exchange(
    fixture.url,
    `GET /echo/\u00e9 HTTP/1.0\r\n${auth}\r\n`,
  );
  assert.match(old, /connection: close\r\n/);
  // UTF-8 as binary text.
  assert.match(old, /\{"result":"\u00c3\u00a9"\}$/);
  using client = await RawClient.open(fixture.url);
  for (let i = 0; i < 2; i++) {
    await client.send(
      `GET /ping HTTP/1.0\r\nconnection: keep-alive\r\n${auth}\r\n`,
    );
    assert.match(await client.until('"PONG"}'), /connection: keep-alive\r\n/);
  }
});

Deno.test("a body is requested only after the token was checked", async () => {
  await using fixture = await start();
  const headers = "content-length: 2\r\nexpect: 100-continue\r\n";
  using client = await RawClient.open(fixture.url);
  await client.send(requestText("POST /echo", { token: "wrong", headers }));
  assert.match(await client.until("\r\n\r\n"), /^HTTP\/1\.1 401 /);

  using other = await RawClient.open(fixture.url);
  await other.send(requestText("POST /echo", { token: TOKEN, headers }));
  assert.equal(await other.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  await other.send("hi");
  await other.until('{"result":"hi"}');
});

Deno.test("a rejected client can send its whole body, and read the response", async () => {
  await using fixture = await start();
  for (const [token, status] of [["wrong", 401], [TOKEN, 413]] as const) {
    const length = 12 * 1024 * 1024;
    using client = await RawClient.open(fixture.url);
    const headers = `content-length: ${length}\r\n`;
    await client.send(requestText("POST /set/a", { token, headers }));
    await client.send(new Uint8Array(length)).catch(() => {});
    assert.match(await client.end(), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

// -- Deadlines --

Deno.test("incomplete requests are closed at their deadline", async () => {
  await using fixture = await start({
    headTimeout: 1_500,
    bodyTimeout: 1_500,
    idleTimeout: 1_500,
  });
  const { caller, url } = fixture;
  const halves: [text: string, answer: RegExp][] = [
    ["", /^$/],
    ["GET /ping HTTP/1.1\r\nhost: h\r\n", /^HTTP\/1\.1 408 /],
    [
      requestText("POST /echo", {
        token: TOKEN,
        headers: "content-length: 10\r\n",
        body: "half",
      }),
      /^HTTP\/1\.1 408 /,
    ],
    [
      requestText("POST /echo", {
        token: TOKEN,
        headers: "transfer-encoding: chunked\r\n",
        body: "5\r\nha",
      }),
      /^HTTP\/1\.1 408 /,
    ],
    [requestText("GET /ping", { token: TOKEN }), /"PONG"\}$/],
  ];
  const ended = halves.map(async ([text, answer]) => {
    assert.match(await exchange(url, text), answer, text);
  });
  assert.equal(await caller.command("PING"), "PONG");
  await Promise.all(ended);
});

Deno.test("a client that does not read its response is closed", async () => {
  await using fixture = await start({ writeTimeout: 300 });
  const { caller, server, url } = fixture;
  await server.ask("SETRANGE", "large", "30000000", "x");
  using client = await RawClient.open(url);
  await client.send(requestText("GET /get/large", { token: TOKEN }));
  await eventually(async () => {
    const metrics = await fetch(`${url}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    return /requests_total\{status="200"\} [1-9]/.test(await metrics.text());
  });
  // The response ends before it is complete: the connection was reset.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.ok((await client.end()).length < 30_000_000);
  assert.equal(await caller.command("PING"), "PONG");
});

// -- Limits --

Deno.test("at the limit of connections the oldest without a token is closed", async () => {
  await using fixture = await start({ connections: 4 });
  const { url } = fixture;
  const open = () => RawClient.open(url);
  using good = await open();
  const ping = async () => {
    await good.send(requestText("GET /ping", { token: TOKEN }));
    await good.until('"PONG"}');
  };
  await ping();
  using oldest = await open();
  using second = await open();
  using _third = await open();
  for (const client of [oldest, second]) {
    using _more = await open();
    assert.equal(await client.end(), "");
  }
  await ping();
});

Deno.test("clients without a token do not displace clients with one", async () => {
  await using fixture = await start({ connections: 2 });
  const { server, url } = fixture;
  using stack = new DisposableStack();
  const good = await Promise.all([RawClient.open(url), RawClient.open(url)]);
  for (const client of good) {
    stack.use(client);
    await client.send(requestText("GET /blpop/q/9", { token: TOKEN }));
  }
  await eventually(async () =>
    (await server.ask("INFO", "clients")).includes("blocked_clients:2\r")
  );
  for (let i = 0; i < 3; i++) {
    using stranger = await RawClient.open(url);
    assert.equal(await stranger.end(), "");
  }
  await server.ask("RPUSH", "q", "a", "b");
  for (const client of good) await client.until('"result":["q","');
});

Deno.test("requests in flight share a limit, and have one per grant", async () => {
  const GRANTS = JSON.stringify({
    two: { token: "two", limits: { requests: 2 } },
  });
  await using fixture = await start({ requests: 3 }, { GRANTS });
  const { caller, url, server } = fixture;
  const blocked = async (count: number) => {
    await eventually(async () =>
      (await server.ask("INFO", "clients")).includes(
        `blocked_clients:${count}\r`,
      )
    );
  };
  const limited = new Caller(url, "two");
  const waiting = [limited.call("/blpop/q/5"), limited.call("/blpop/q/5")];
  await blocked(2);
  const refused = await limited.call("/ping");
  assert.equal(refused.status, 429);
  assert.match(
    refused.json.error,
    /too many requests in flight: .* may have 2/,
  );

  waiting.push(caller.call("/blpop/q/5"));
  await blocked(3);
  const over = await caller.call("/ping");
  assert.equal(over.status, 503);
  assert.match(over.json.error, /too many requests in flight/);
  assert.equal(over.headers.get("retry-after"), "1");
  await server.ask("RPUSH", "q", "a", "b", "c");
  for (const { status } of await Promise.all(waiting)) {
    assert.equal(status, 200);
  }
  assert.equal(await caller.command("PING"), "PONG");
});

Deno.test("announced bodies take no memory, received ones share a limit", async () => {
  await using fixture = await start({ bodyBytes: 100_000 });
  const { caller, url } = fixture;
  using stack = new DisposableStack();
  const open = async (body: string) => {
    const client = stack.use(await RawClient.open(url));
    const headers = `content-length: ${
      10 * 1024 * 1024
    }\r\nexpect: 100-continue\r\n`;
    await client.send(requestText("POST /set/a", { token: TOKEN, headers }));
    await client.until("Continue\r\n\r\n");
    await client.send(body);
    return client;
  };
  // Together they announce 100 MB.
  for (let i = 0; i < 10; i++) await open("x");
  assert.equal(
    (await caller.call("/set/a", { method: "PUT", body: "y" })).status,
    200,
  );
  const large = await open("x".repeat(200_000));
  assert.match(
    await large.end(),
    /^HTTP\/1\.1 503 .*too many bodies to receive/s,
  );
});

Deno.test("unread responses share a limit", async () => {
  await using fixture = await start({ answerBytes: 25_000_000 });
  const { caller, server, url } = fixture;
  await server.ask("SETRANGE", "large", "3000000", "x");
  using client = await RawClient.open(url);
  await client.send(requestText("GET /get/large", { token: TOKEN }));
  await client.read();
  // Each NUL becomes six characters of JSON.
  const refused = await caller.call("/get/large");
  assert.equal(refused.status, 503);
  assert.match(refused.json.error, /too many answers that wait for clients/);
  while (client.received.length < 18_000_000) await client.read();
  await eventually(async () =>
    (await caller.call("/get/large")).status === 200
  );
});

Deno.test("the server continues after accept() fails", async () => {
  const answers: unknown[] = [new Error("EMFILE"), new Error("EMFILE")];
  const never = Promise.withResolvers<never>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = new HttpServer(
    {
      accept: () => {
        const error = answers.shift();
        return error ? Promise.reject(error) : listener.accept();
      },
      close: () => {
        listener.close();
        never.reject(new Error("closed"));
      },
    },
    () => Promise.resolve({ status: 200, headers: {}, body: "served" }),
    SERVER_LIMITS,
  );
  never.promise.catch(() => {});
  const { port } = listener.addr as Deno.NetAddr;
  const response = await fetch(`http://127.0.0.1:${port}`);
  assert.equal(await response.text(), "served");
  assert.deepEqual(answers, []);
  await server.shutdown(1_000);
});

// -- WebSockets --

Deno.test("messages of a WebSocket are limited before they arrive, including fragmented ones", async () => {
  const GRANTS = JSON.stringify({
    small: { token: "small", limits: { bodyBytes: 100 } },
  });
  await using fixture = await start({}, { GRANTS });
  const open = async () => {
    const client = await RawClient.open(fixture.url);
    await client.send(handshakeText("small"));
    const head = await client.until("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 101 /);
    // The example in RFC 6455.
    assert.match(
      head,
      /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/,
    );
    return client;
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const ping = bytes('{"id":1,"command":["PING"]}');
  const half = bytes("x".repeat(60));
  const closings: [frames: Uint8Array[], code: number][] = [
    [[frameOf(0x81, half, { announced: 60_000_000 })], 1009],
    [[frameOf(0x81, half, { announced: 2 ** 40 })], 1009],
    [[frameOf(0x01, half), frameOf(0x80, half)], 1009],
    [[frameOf(0x82, half)], 1003],
    [[frameOf(0x81, ping, { masked: false })], 1002],
    [[frameOf(0xc1, ping)], 1002],
    [[frameOf(0x83, ping)], 1002],
    [[frameOf(0x80, ping)], 1002],
    [[frameOf(0x01, half), frameOf(0x01, half)], 1002],
    [[frameOf(0x09, ping)], 1002],
    [[frameOf(0x89, new Uint8Array(126))], 1002],
    [[frameOf(0x81, Uint8Array.of(0xff))], 1007],
    [[frameOf(0x88, Uint8Array.of(0x03, 0xe8))], 1000],
  ];
  for (const [frames, code] of closings) {
    using client = await open();
    for (const frame of frames) await client.send(frame);
    const closed = await client.until(
      String.fromCharCode(code >> 8, code & 0xff),
    );
    assert.equal(closed.at(-4), "\x88", `${code}: ${JSON.stringify(closed)}`);
  }
  using client = await open();
  // Fragmented, with a ping in between.
  await client.send(frameOf(0x01, ping.subarray(0, 5)));
  await client.send(frameOf(0x89, bytes("hi")));
  await client.send(frameOf(0x80, ping.subarray(5)));
  assert.equal(await client.until("\x8a\x02hi"), "\x8a\x02hi");
  await client.until('{"id":1,"result":"PONG"}');
});
