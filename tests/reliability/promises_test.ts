/**
 * The client's guarantees while its server is frozen or its link is slow.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import {
  ConnectionError,
  QueueFullError,
  TimeoutError,
} from "../../lib/errors.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, sleep, until } from "../client/support.ts";

/** More than the buffers between the client and a frozen server can hold. */
const LARGE = 30_000_000;

/** Whether a call that failed may have been executed. */
function maybeExecuted(error: unknown): boolean {
  assert(error instanceof ConnectionError, String(error));
  return error.maybeExecuted;
}

// -- Settled calls are never written --

Deno.test("commands that time out during another command's write are not executed", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 150 });
  await redis.ping();
  server.pause();
  const large = errorOf(
    redis.with({ timeout: 140 }).set("large", new Uint8Array(LARGE)),
  );
  await sleep(20);
  const calls = [
    ...Array.from({ length: 5 }, () => redis.incr("n")),
    redis.transaction((t) => [t.incr("n"), t.incr("n")]),
    redis.pipeline((p) => [p.incr("n")], { transaction: false }),
  ];
  const errors = await Promise.all(calls.map(errorOf));
  for (const error of errors) {
    assert(error instanceof TimeoutError, String(error));
    assert.equal(error.maybeExecuted, false);
  }
  assert.equal(maybeExecuted(await large), true);
  server.resume();
  // A retry by the caller, which the docs allow.
  const again = redis.with({ timeout: 20_000 });
  for (let i = 0; i < 5; i++) await again.incr("n");
  assert.equal(await again.get("n"), "5");
});

Deno.test("of many writes to a frozen server, those with maybeExecuted: false were not executed", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 300 });
  await redis.ping();
  server.pause();
  const count = 20_000;
  const told = await Promise.all(
    Array.from(
      { length: count },
      (_, i) =>
        redis.set(`key:${i}`, "v".repeat(100)).then(() => true, maybeExecuted),
    ),
  );
  server.resume();
  const unsent = told.flatMap((maybe, i) => maybe ? [] : [`key:${i}`]);
  assert(unsent.length > count / 2, `${unsent.length}`);
  await using other = await connect(server.url);
  await until(async () => (await clientsOf(server)).length <= 2);
  assert.equal(await other.exists(...unsent), 0);
});

Deno.test("a call that is aborted in its own tick is not written", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.ping();
  const stop = new AbortController();
  const aborted = errorOf(redis.with({ signal: stop.signal }).incr("n"));
  const kept = redis.incr("m");
  stop.abort("enough");
  assert.equal(await aborted as unknown, "enough");
  assert.equal(await kept, 1);
  assert.equal(await redis.get("n"), null);
});

Deno.test("a write that was retried and then lost rejects with maybeExecuted: true", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    commandTimeout: 600,
    connectTimeout: 100,
  });
  await redis.ping();
  chaos.toClient.blackhole = true;
  const lost = errorOf(redis.with({ retry: true }).incr("n"));
  await until(async () => await server.ask("GET", "n") === "$1\r\n1\r\n");
  chaos.drop();
  await chaos.refuse();
  assert.equal(maybeExecuted(await lost), true);
  chaos.heal();
});

// -- Overload --

Deno.test("a slow link carries as many calls as can complete in time", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  // A busy machine may stand still for some seconds of it.
  await using redis = await connect(chaos.url, { commandTimeout: 8_000 });
  await redis.ping();
  const size = 10_000;
  const rate = 200;
  chaos.toServer.rate = rate;
  const value = new Uint8Array(size);
  const seconds = 4;
  let succeeded = 0;
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (let i = 0; performance.now() - start < seconds * 1_000; i++) {
    // The offered load is 8 MB per second.
    while (i * 1.25 > performance.now() - start) await sleep(1);
    calls.push(
      redis.set(`key:${i % 100}`, value).then(() => {
        succeeded++;
      }, (error) => assert(error instanceof TimeoutError)),
    );
  }
  // A command right after the load completes in time.
  assert.equal(await redis.ping(), "PONG");
  await Promise.all(calls);
  // Most of the transferred calls completed in time.
  const { carried } = chaos.toServer;
  assert(
    succeeded * size > 0.6 * carried,
    `${succeeded} calls of ${size} bytes, of ${carried} bytes`,
  );
});

Deno.test("all pending commands count against queueSize and queueBytes", async () => {
  await using server = await TestServer.start();
  for (
    const [options, accepted] of [
      [{ queueSize: 100 }, 100],
      [{ queueBytes: 100_000 }, 9],
    ] as const
  ) {
    await using redis = await connect(server.url, {
      ...options,
      commandTimeout: 400,
    });
    await redis.ping();
    server.pause();
    const value = "v".repeat(10_000);
    const errors = await Promise.all(
      Array.from({ length: 500 }, (_, i) => errorOf(redis.set(`${i}`, value))),
    );
    server.resume();
    const full = errors.filter((error) => error instanceof QueueFullError);
    assert.equal(errors.length - full.length, accepted);
    assert.equal(full.some(maybeExecuted), false);
  }
});

Deno.test('with whenFull: "wait" calls wait until their deadline', async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    queueSize: 10,
    whenFull: "wait",
  });
  await redis.ping();
  server.pause();
  const calls = Array.from({ length: 500 }, () => redis.incr("n"));
  const hasty = redis.with({ timeout: 50 }).incr("n");
  assert((await errorOf(hasty)) instanceof TimeoutError);
  server.resume();
  assert.equal(Math.max(...await Promise.all(calls)), 500);
});

// -- Memory of callers --

/** Detaches the memory, as postMessage does with transferred memory. */
function transfer(bytes: Uint8Array<ArrayBuffer>): void {
  structuredClone(bytes, { transfer: [bytes.buffer] });
}

Deno.test("memory that a caller transfers does not change other callers' replies", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const others = Array.from({ length: 400 }, (_, i) => `other:${i}`);
  await Promise.all(others.map((key) => redis.set(key, key)));
  for (const size of [100, 10_000, 100_000, 3_000_000]) {
    for (const when of ["at once", "while written", "later"] as const) {
      const bytes = new Uint8Array(size).fill(7);
      if (when === "while written") server.pause();
      const set = redis.set("d", bytes).then(() => "OK", String);
      if (when === "at once") transfer(bytes);
      const replies = others.map((key) => redis.get(key));
      if (when !== "at once") await sleep(when === "later" ? 20 : 5);
      if (bytes.length > 0) transfer(bytes);
      server.resume();
      assert.match(await set, /OK|memory was detached/, `${size} ${when}`);
      assert.deepEqual(await Promise.all(replies), others, `${size} ${when}`);
    }
  }
});

Deno.test("memory that a caller reuses after its timeout is not stored", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 10_000 });
  await redis.ping();
  server.pause();
  const bytes = new Uint8Array(LARGE).fill(1);
  const error = await errorOf(redis.with({ timeout: 100 }).set("a", bytes));
  assert.equal(maybeExecuted(error), true);
  bytes.fill(2);
  const next = redis.set("b", new Uint8Array(1_000).fill(3));
  server.resume();
  assert.equal(await next, "OK");
  const a = await redis.bytes.getrange("a", -100, -1);
  assert(a.every((byte) => byte === 1));
  const b = await redis.bytes.get("b");
  assert.deepEqual(b, new Uint8Array(1_000).fill(3));
});

// -- Programs that are busy --

Deno.test("a program that was busy reads its sockets before it closes a connection as dead", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 300 });
  const id = await redis.clientId();
  for (let i = 0; i < 3; i++) {
    const answers = Array.from({ length: 200 }, () => redis.incr("n"));
    // The commands are sent and the replies arrive, but the program does not read
    // them.
    await null;
    await null;
    const end = performance.now() + 700;
    while (performance.now() < end);
    assert.equal((await Promise.all(answers)).at(-1), 200 * (i + 1));
  }
  assert.equal(await redis.clientId(), id, "the connection was kept");
});

Deno.test("a program that is busy while it connects still connects", async () => {
  await using server = await TestServer.start();
  const connecting = connect(server.url, { connectTimeout: 300 });
  await sleep(1);
  const end = performance.now() + 700;
  while (performance.now() < end);
  await using redis = await connecting;
  assert.equal(await redis.ping(), "PONG");
});

Deno.test("of two shared connections, the connected one is used", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    connections: 2,
    commandTimeout: 500,
  });
  const [first] = await clientsOf(server);
  const id = /id=(\d+)/.exec(first!)![1]!;
  // New connections are accepted but get no reply.
  chaos.newStranded = true;
  await server.ask("CLIENT", "KILL", "ID", id);
  await until(() => chaos.accepted === 3);
  for (let i = 0; i < 10; i++) assert.equal(await redis.incr("n"), i + 1);
  chaos.newStranded = false;
});

Deno.test("40,000 calls share one signal", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 60_000 });
  const stop = new AbortController();
  const each = redis.with({ signal: stop.signal });
  const began = performance.now();
  await Promise.all(Array.from({ length: 40_000 }, () => each.get("k")));
  // A list of 40,000 listeners that each call searches would take half a minute.
  const took = performance.now() - began;
  assert(took < 10_000, `${took} ms`);
});
