/**
 * The WebSocket endpoint, over a real socket and with a real Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { Caller } from "./caller.ts";
import { eventually } from "./events.ts";
import { assertServesSocket, SocketClient } from "./sockets.ts";

const TOKEN = "token-of-the-tests";
const GRANTS = JSON.stringify({
  app: {
    token: "app",
    allow: ["get", "subscribe"],
    channels: ["app:*"],
    limits: { streams: 1, bodyBytes: 1000, commands: 2 },
  },
});

interface Fixture extends AsyncDisposable {
  server: TestServer;
  gateway: GatewayServer;
  caller: Caller;
}

async function start(): Promise<Fixture> {
  const server = await TestServer.start();
  const REDIS_URL = `${server.url}?commandTimeout=2000`;
  const gateway = serve({ REDIS_URL, TOKEN, GRANTS }, {
    hostname: "127.0.0.1",
    port: 0,
  });
  return {
    server,
    gateway,
    caller: new Caller(gateway.url, TOKEN),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown(1_000);
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("/ws serves commands and subscriptions", async () => {
  await using fixture = await start();
  const { caller, gateway } = fixture;
  await assertServesSocket(gateway.url, TOKEN, caller);
  await eventually(async () =>
    await caller.command("PUBLISH", "ws:a", "gone") === 0
  );
  const { status, json } = await caller.call("/ws");
  assert.equal(status, 426);
  assert.match(json.error, /WebSocket/);
});

Deno.test("/ws replies to an invalid message with an error, and stays open", async () => {
  await using fixture = await start();
  await using socket = await SocketClient.open(fixture.gateway.url, TOKEN);
  const wrong: [frame: unknown, error: RegExp][] = [
    [[], /JSON object/],
    [null, /JSON object/],
    [{}, /malformed frame/],
    [{ command: [] }, /command must be a JSON array/],
    [{ command: ["GET", null] }, /not null/],
    [{ pipeline: "GET" }, /pipeline must be/],
    [{ subscribe: [] }, /array of names/],
    [{ subscribe: [1] }, /array of names/],
    [{ command: ["SUBSCRIBE", "a"] }, /not available/],
    [{ command: ["NOPE"] }, /^ERR unknown command/],
  ];
  for (const [frame, error] of wrong) {
    assert.match((await socket.ask(frame)).error, error);
  }
  socket.socket.send("{");
  assert.match((await socket.next()).error, /JSON object/);
  socket.socket.send('{"id":9,"command":["ECHO",9007199254740993]}');
  assert.deepEqual(await socket.next(), { id: 9, result: "9007199254740993" });
});

Deno.test("/ws enforces grants and their limits", async () => {
  await using fixture = await start();
  const { gateway } = fixture;
  await assert.rejects(SocketClient.open(gateway.url, "wrong"));
  await using socket = await SocketClient.open(gateway.url, "app");
  // The grant permits one stream only.
  await assert.rejects(SocketClient.open(gateway.url, "app"));
  assert.equal((await socket.ask({ command: ["GET", "a"] })).result, null);
  for (
    const frame of [
      { command: ["SET", "a", "b"] },
      { subscribe: ["other"] },
      { psubscribe: ["app:*"] },
    ]
  ) assert.match((await socket.ask(frame)).error, /^NOPERM/);
  const many = { pipeline: [["GET", "a"], ["GET", "b"], ["GET", "c"]] };
  assert.match((await socket.ask(many)).error, /too many commands/);
  socket.send({ command: ["GET", "x".repeat(1000)] });
  const { code, reason } = await socket.closed;
  assert.deepEqual([code, reason], [1009, "a frame may have 1000 bytes"]);
});

Deno.test("/ws closes a client that sends too much at a time, or binary messages", async () => {
  await using fixture = await start();
  const { gateway } = fixture;
  await using greedy = await SocketClient.open(gateway.url, TOKEN);
  for (let i = 0; i < 1_001; i++) greedy.send({ command: ["BLPOP", "q", 9] });
  assert.equal((await greedy.closed).code, 1008);
  await using binary = await SocketClient.open(gateway.url, TOKEN);
  binary.socket.send(new Uint8Array(1));
  assert.equal((await binary.closed).code, 1003);
});

Deno.test("/ws pops nothing for a client that has left", async () => {
  await using fixture = await start();
  const { caller, gateway, server } = fixture;
  const blocked = (count: number) =>
    eventually(async () =>
      (await server.ask("INFO", "clients")).includes(`blocked_clients:${count}`)
    );
  {
    await using socket = await SocketClient.open(gateway.url, TOKEN);
    socket.send({ command: ["BLPOP", "queue", 5] });
    await blocked(1);
  }
  await blocked(0);
  await caller.command("RPUSH", "queue", "for others");
  assert.equal(await caller.command("LLEN", "queue"), 1);
});

Deno.test("/ws closes a client that reads too slowly, but no other", async () => {
  await using fixture = await start();
  const { caller, gateway } = fixture;
  await using slow = await SocketClient.open(gateway.url, TOKEN);
  await using quick = await SocketClient.open(gateway.url, TOKEN);
  for (const socket of [slow, quick]) {
    assert.equal((await socket.ask({ subscribe: ["news"] })).result, 1);
  }
  const pings = slow.holdPings();
  const payload = "x".repeat(256 * 1024);
  for (let i = 0; i < 16; i++) {
    await caller.command("PUBLISH", "news", payload);
    assert.equal((await quick.next()).message.message.length, payload.length);
  }
  // Sent frames, and frames that were queued before the limit, still arrive.
  pings.release();
  const { code, reason } = await slow.closed;
  assert.deepEqual([code, reason], [1013, "messages pile up"]);
});

Deno.test("/ws reports gaps, and closes when Redis does not come back", async () => {
  await using fixture = await start();
  const { caller, gateway, server } = fixture;
  await using socket = await SocketClient.open(gateway.url, TOKEN);
  await socket.ask({ subscribe: ["news"] });
  await server.restart();
  assert.match((await socket.next()).missed.since, /^\d{4}-/);
  await eventually(async () =>
    await caller.call("/publish/news/hi").then(({ json }) => json.result === 1)
  );
  assert.equal((await socket.next()).message.message, "hi");
  await server.kill();
  assert.equal((await socket.closed).code, 1013);
});

Deno.test("shutdown() closes WebSockets", async () => {
  await using fixture = await start();
  await using socket = await SocketClient.open(fixture.gateway.url, TOKEN);
  await fixture.gateway.shutdown();
  assert.equal((await socket.closed).code, 1001);
});
