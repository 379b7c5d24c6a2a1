import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { ClientEvent } from "../../lib/connection/events.ts";
import { ClosedError } from "../../lib/errors.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { errorOf, sleep, until } from "./support.ts";

/** Records events and their kinds. */
function recorder(): {
  events: ClientEvent[];
  kinds: () => string[];
  onEvent: (event: ClientEvent) => void;
} {
  const events: ClientEvent[] = [];
  return {
    events,
    kinds: () => events.map(({ kind }) => kind),
    onEvent: (event) => events.push(event),
  };
}

for (const protocol of [2, 3] as const) {
  Deno.test(`onEvent reports a connection, its loss and the reconnect, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    const { events, kinds, onEvent } = recorder();
    {
      await using redis = await connect(server.url, { protocol, onEvent });
      await using _news = await redis.subscribe("news");
      assert.deepEqual(kinds(), ["connected", "connected"]);
      assert.deepEqual(events[0], { kind: "connected", protocol });
      await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
      await until(() => kinds().includes("gap"));
      const [, , lost, again, back, gap] = events;
      assert.equal(lost?.kind, "disconnected");
      assert(again?.kind === "reconnecting");
      assert.equal(again.attempt, 2);
      assert(again.delay >= 0 && again.reason instanceof Error);
      assert.equal(back?.kind, "connected");
      assert(gap?.kind === "gap" && gap.since instanceof Date);
      assert.equal(gap.subscriptions, 1);
    }
    await until(() => kinds().filter((k) => k === "disconnected").length === 3);
    const last = events.at(-1);
    assert(last?.kind === "disconnected" && last.reason instanceof ClosedError);
  });
}

Deno.test("onEvent reports each retried command and the reason, without its arguments", async () => {
  const peer = new ScriptedPeer()
    .expectAny().expectAny().reply("-LOADING not yet\r\n").hangUp()
    .redial().expectAny().reply(":1\r\n").expectAny().reply("$1\r\nv\r\n");
  const { events, onEvent } = recorder();
  await using redis = await connect({
    dial: peer.dial,
    protocol: 2,
    info: false,
    backoff: () => 1,
    onEvent,
  });
  const answers = [redis.incr("s3cret"), redis.get("s3cret")];
  await Promise.allSettled(answers);
  const retried = events.filter((event) => event.kind === "retried");
  assert.deepEqual(
    retried.map(({ command }) => command),
    ["INCR", "GET"],
  );
  assert.match(String(retried[0]?.reason), /LOADING/);
  assert.match(String(retried[1]?.reason), /closed the connection/);
  assert.doesNotMatch(Deno.inspect(events), /s3cret/);
});

Deno.test("onEvent reports slow commands, with slowTime", async () => {
  await using server = await TestServer.start();
  const { events, onEvent } = recorder();
  await using redis = await connect(server.url, { onEvent, slowTime: 40 });
  const start = performance.now();
  await redis.get("fast");
  const isFast = performance.now() - start < 40;
  await redis.send(["DEBUG", "SLEEP", "0.06"]);
  await errorOf(redis.with({ timeout: 50 }).send(["DEBUG", "SLEEP", "0.2"]));
  await redis.pipeline((p) => [p.send(["DEBUG", "SLEEP", "0.06"])]);
  // The time for which a blocking command blocks does not count.
  await redis.blpop(["none"], 0.06);
  // On a busy machine GET may be slow, too.
  const slow = events.filter((event) => event.kind === "slow")
    .filter(({ command }) => isFast || command !== "GET");
  assert.deepEqual(slow.map(({ command }) => command), [
    "DEBUG",
    "DEBUG",
    "a transaction of 1 commands",
  ]);
  assert(slow.every(({ time }) => time >= 40));
});

Deno.test("with slowTime an unhandled error stays unhandled, and signals work", async () => {
  await using server = await TestServer.start();
  const { kinds, onEvent } = recorder();
  await using redis = await connect(server.url, { onEvent, slowTime: 0 });
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  redis.send(["NO-SUCH-COMMAND"]);
  await until(() => unhandled.length === 1);
  globalThis.removeEventListener("unhandledrejection", note);
  const stop = new AbortController();
  const answer = redis.with({ signal: stop.signal }).get("k");
  stop.abort("enough");
  assert.equal(await errorOf(answer), "enough");
  await sleep(1);
  assert.deepEqual(kinds(), ["connected", "slow", "slow"]);
});

Deno.test("behaviour 18: a handler may throw, reject or close the client without effect on commands", async () => {
  await using server = await TestServer.start();
  let calls = 0;
  const handlers = [
    () => {
      throw new Error("the handler's own");
    },
    () => Promise.reject(new Error("the handler's own")),
  ];
  for (const handler of handlers) {
    const onEvent = () => {
      calls++;
      return handler();
    };
    await using redis = await connect(server.url, { onEvent });
    await redis.set("k", "v");
    await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    assert.equal(await redis.get("k"), "v");
  }
  assert(calls >= 6);
  const redis = await connect(server.url, {
    onEvent: ({ kind }) => {
      if (kind === "reconnecting") redis.close();
    },
  });
  await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await until(async () =>
    await redis.get("k").then(() => false, (e) => e instanceof ClosedError)
  );
});
