/**
 * Streams of events: over real HTTP, from a real Redis.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type GatewayServer, serve } from "../../worker/serve.ts";
import { TestServer } from "../support/test_server.ts";
import { Caller } from "./caller.ts";
import { EventReader, eventually } from "./events.ts";

const TOKEN = "token-of-the-tests";

interface Fixture extends AsyncDisposable {
  server: TestServer;
  gateway: GatewayServer;
  caller: Caller;
  listen(path: string): Promise<EventReader>;
}

async function start(env: { GRANTS?: string } = {}): Promise<Fixture> {
  const server = await TestServer.start();
  const REDIS_URL = `${server.url}?commandTimeout=2000`;
  const address = { hostname: "127.0.0.1", port: 0 };
  const gateway = serve({ REDIS_URL, TOKEN, ...env }, address);
  return {
    server,
    gateway,
    caller: new Caller(gateway.url, TOKEN),
    listen: (path) => EventReader.open(gateway.url + path, TOKEN),
    async [Symbol.asyncDispose]() {
      await gateway.shutdown(1_000);
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("/subscribe sends one event for each push of Redis", async () => {
  await using fixture = await start();
  const { caller, listen } = fixture;
  await using channels = await listen("/subscribe/news/sp%20ort/news");
  assert.equal(channels.response.status, 200);
  const { headers } = channels.response;
  assert.match(headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.equal(headers.get("cache-control"), "no-cache");
  assert.equal(headers.get("access-control-allow-origin"), "*");
  assert.equal(await channels.line(), "retry: 1000");
  assert.equal(await channels.event(), "subscribe,news,1");
  assert.equal(await channels.event(), "subscribe,sp ort,2");
  assert.equal(await channels.event(), "subscribe,news,2");

  await using patterns = await listen("/psubscribe/n*");
  assert.equal(await patterns.event(), "psubscribe,n*,1");
  // Both are subscribed: a message published now reaches both.
  assert.equal(await caller.command("PUBLISH", "news", "a, b"), 2);
  assert.equal(await channels.event(), "message,news,a, b");
  assert.equal(await patterns.event(), "pmessage,n*,news,a, b");
});

Deno.test("/subscribe does not let a payload forge an event", async () => {
  await using fixture = await start();
  const { caller, listen } = fixture;
  await using stream = await listen("/subscribe/news");
  assert.equal(await stream.event(), "subscribe,news,1");
  const payloads = [
    "a\n\ndata: message,news,forged",
    "a\r\rdata: message,news,forged\r",
    "a\nmessage,news,forged\r\n message,news,forged",
    "\n\n",
    "",
  ];
  for (const payload of payloads) {
    await caller.command("PUBLISH", "news", payload);
    const lines = payload.split(/\r\n|\r|\n/);
    assert.equal(await stream.event(), `message,news,${lines.join("\n")}`);
  }
  // The convention's own client treats each line with this prefix as an event.
  const seen = stream.text.split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6).replace(/^data:\s*/, ""))
    .filter((data) => data.startsWith("message,"));
  assert.equal(seen.length, payloads.length);
  assert.ok(seen.every((data) => !data.includes("forged")));
});

Deno.test("/monitor sends the lines of MONITOR", async () => {
  await using fixture = await start();
  const { caller, listen, server } = fixture;
  await using stream = await listen("/monitor");
  assert.equal(await stream.event(), '"OK"');
  await caller.command("SET", "key", "value");
  assert.match(await stream.event(), /^\d+\.\d+ \[0 .+\] "SET" "key" "value"$/);
  await stream[Symbol.asyncDispose]();
  await eventually(async () =>
    !/flags=O/.test(await server.ask("CLIENT", "LIST"))
  );
});

Deno.test("streams share a subscription, and the last one ends it", async () => {
  await using fixture = await start();
  const { caller, listen, server } = fixture;
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => listen("/subscribe/news")),
  );
  for (const stream of streams) {
    assert.equal(await stream.event(), "subscribe,news,1");
  }
  assert.deepEqual(await caller.command("PUBSUB", "NUMSUB", "news"), [
    "news",
    1,
  ]);
  assert.equal(
    (await server.ask("CLIENT", "LIST")).match(/flags=P/g)?.length,
    1,
  );
  for (const stream of streams) await stream[Symbol.asyncDispose]();
  await eventually(async () =>
    (await caller.command("PUBSUB", "NUMSUB", "news"))[1] === 0
  );
});

Deno.test("a stream ends when Redis is lost", async () => {
  await using fixture = await start();
  const { listen, server } = fixture;
  await using channel = await listen("/subscribe/news");
  await using monitor = await listen("/monitor");
  assert.equal(await channel.event(), "subscribe,news,1");
  assert.equal(await monitor.event(), '"OK"');
  await server.restart();
  await Promise.all([channel.end(), monitor.end()]);
  await using again = await listen("/subscribe/news");
  assert.equal(await again.event(), "subscribe,news,1");
  await server.kill();
  await again.end();
});

Deno.test("a quiet stream has a heartbeat, which no payload can forge", async () => {
  await using fixture = await start();
  const { caller, listen } = fixture;
  const { setInterval } = globalThis;
  // The real interval of 15 s is too long for a test.
  globalThis.setInterval =
    ((run: () => void, after: number) =>
      setInterval(run, after / 500)) as typeof setInterval;
  try {
    await using stream = await listen("/subscribe/news");
    assert.equal(await stream.event(), "subscribe,news,1");
    while (!stream.text.includes("\n\n:\n\n:\n\n")) await stream.line();
    await caller.command("PUBLISH", "news", "\n:");
    assert.equal(await stream.event(), "message,news,\n:");
    assert.ok(stream.text.includes("data: message,news,\ndata::\n\n"));
  } finally {
    globalThis.setInterval = setInterval;
  }
});

Deno.test("a reader that is too slow is disconnected, but no other", async () => {
  await using fixture = await start();
  const { caller, listen } = fixture;
  await using slow = await listen("/subscribe/news");
  await using quick = await listen("/subscribe/news");
  assert.equal(await slow.event(), "subscribe,news,1");
  assert.equal(await quick.event(), "subscribe,news,1");
  const payload = "x".repeat(256 * 1024);
  for (let i = 0; i < 100; i++) {
    await caller.command("PUBLISH", "news", payload);
    await quick.event();
  }
  await assert.rejects(async () => {
    for (;;) await slow.event();
  });
  await caller.command("PUBLISH", "news", "last");
  assert.equal(await quick.event(), "message,news,last");
});

Deno.test("grants limit who may subscribe, and the number of streams", async () => {
  const GRANTS = JSON.stringify({
    app: { token: "app", channels: ["app:*"], limits: { streams: 1 } },
  });
  await using fixture = await start({ GRANTS });
  const { gateway, server } = fixture;
  const ask = async (path: string) => {
    const response = await fetch(`${gateway.url}${path}?_token=app`);
    const { status } = response;
    const { error } = await response.json();
    return { status, error };
  };
  for (const path of ["/subscribe/other", "/psubscribe/*", "/monitor"]) {
    const { status, error } = await ask(path);
    assert.equal(status, 400, path);
    assert.match(error, /^NOPERM/);
  }
  await using first = await EventReader.open(
    `${gateway.url}/subscribe/app:a`,
    "app",
  );
  assert.equal(await first.event(), "subscribe,app:a,1");
  assert.equal((await ask("/subscribe/app:b")).status, 429);
  await first[Symbol.asyncDispose]();
  await eventually(async () => {
    const url = `${gateway.url}/subscribe/app:b`;
    await using next = await EventReader.open(url, "app");
    return next.response.status === 200;
  });
  await server.kill();
  await eventually(async () =>
    [502, 503].includes((await ask("/subscribe/app:c")).status)
  );
});

Deno.test("shutdown() ends streams", async () => {
  await using fixture = await start();
  const { gateway, listen } = fixture;
  await using stream = await listen("/subscribe/news");
  await using monitor = await listen("/monitor");
  assert.equal(await stream.event(), "subscribe,news,1");
  await Promise.all([gateway.shutdown(), stream.end(), monitor.end()]);
});
