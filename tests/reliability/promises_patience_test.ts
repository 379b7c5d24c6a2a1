/**
 * One caller's timeout, signal or memory has no effect on other callers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { ConnectionError, TimeoutError } from "../../lib/errors.ts";
import { AwakeClock } from "../support/awake_clock.ts";
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

// -- Long timeouts and dead connections --

for (const timeout of [0, 8_000]) {
  Deno.test(`with({ timeout: ${timeout} }) on a stranded connection does not keep other calls from a new one`, async () => {
    await using server = await TestServer.start();
    await using chaos = Chaos.before(server);
    const commandTimeout = 300;
    await using redis = await connect(chaos.url, { commandTimeout });
    await redis.set("k", "v");
    const patient = redis.with({ timeout });
    await patient.ping();
    chaos.strand();
    const before = chaos.accepted;
    using clock = new AwakeClock();
    const waiting = patient.get("k");
    const hasty = Array.from({ length: 17 }, () => errorOf(redis.get("k")));
    for (const error of await Promise.all(hasty)) {
      assert(error instanceof TimeoutError, String(error));
    }
    await until(() =>
      redis.get("k").then((value) => value === "v", () => false)
    );
    const took = clock.now;
    assert(took < commandTimeout + 2_000, `${took} ms`);
    assert(chaos.accepted > before);
    // It only reads, so it is retried.
    assert.equal(await waiting, "v");
  });
}

Deno.test("without commandTimeout a dead connection is noticed within pingInterval, with calls in flight", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    commandTimeout: 0,
    pingInterval: 200,
  });
  await redis.set("k", "v");
  chaos.strand();
  using clock = new AwakeClock();
  const lost = errorOf(redis.incr("n"));
  assert.equal(await redis.get("k"), "v");
  assert.equal(maybeExecuted(await lost), true);
  const took = clock.now;
  assert(took < 3_000, `${took} ms`);
});

Deno.test("a call with a long timeout outlives the timeouts of others on a frozen server", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 150 });
  const patient = redis.with({ timeout: 30_000 });
  await Promise.all([redis.ping(), patient.ping()]);
  server.pause();
  const incremented = patient.incr("n");
  for (let i = 0; i < 3; i++) {
    assert((await errorOf(redis.get("k"))) instanceof TimeoutError);
  }
  server.resume();
  assert.equal(await incremented, 1);
});

// -- Settled calls are never written --

Deno.test("calls that are aborted in their own tick, during a write, are not executed", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 30_000 });
  await redis.ping();
  server.pause();
  const large = redis.set("large", new Uint8Array(LARGE));
  await sleep(20);
  const stop = new AbortController();
  const each = redis.with({ signal: stop.signal });
  const aborted = [
    errorOf(each.incr("n")),
    errorOf(each.transaction((t) => [t.incr("n"), t.incr("n")])),
    errorOf(each.set("bytes", new Uint8Array(100_000))),
  ];
  const kept = redis.incr("m");
  stop.abort("enough");
  for (const reason of await Promise.all(aborted)) {
    assert.equal(reason as unknown, "enough");
  }
  server.resume();
  assert.equal(await large, "OK");
  assert.equal(await kept, 1);
  assert.equal(await redis.exists("n", "bytes"), 0);
});

Deno.test("of many transactions on a frozen server, those with maybeExecuted: false were not executed", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 300 });
  await redis.ping();
  server.pause();
  const value = "v".repeat(1_000);
  const told = await Promise.all(
    Array.from(
      { length: 4_000 },
      (_, i) =>
        redis.transaction((t) => [t.set(`a:${i}`, value), t.incr(`b:${i}`)])
          .then(() => true, maybeExecuted),
    ),
  );
  server.resume();
  const unsent = told.flatMap((maybe, i) => maybe ? [] : [`a:${i}`, `b:${i}`]);
  assert(unsent.length > 0, "some are certain");
  await using other = await connect(server.url);
  // The server has read all written commands, on every connection.
  await until(() => redis.ping().then(() => true, () => false));
  await until(async () => (await clientsOf(server)).length <= 2);
  assert.equal(await other.exists(...unsent), 0);
});

// -- Memory of callers --

Deno.test("memory transferred after the timeout of its half-written call affects no other caller", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 30_000 });
  const others = Array.from({ length: 400 }, (_, i) => `other:${i}`);
  await Promise.all(others.map((key) => redis.set(key, key)));
  server.pause();
  const bytes = new Uint8Array(LARGE).fill(1);
  const error = await errorOf(redis.with({ timeout: 100 }).set("d", bytes));
  assert(error instanceof TimeoutError);
  assert.equal(error.maybeExecuted, true);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  assert.equal(bytes.length, 0);
  const replies = others.map((key) => redis.get(key));
  server.resume();
  assert.deepEqual(await Promise.all(replies), others);
});

// -- Overload --

Deno.test('with whenFull: "wait" calls wait for queueBytes, too, and none is lost', async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    queueBytes: 50_000,
    whenFull: "wait",
    commandTimeout: 30_000,
  });
  await redis.ping();
  server.pause();
  const value = "v".repeat(10_000);
  const calls = Array.from(
    { length: 200 },
    (_, i) => redis.set(`key:${i}`, value),
  );
  const hasty = await errorOf(redis.with({ timeout: 50 }).set("no", value));
  assert(hasty instanceof TimeoutError, String(hasty));
  assert.equal(hasty.maybeExecuted, false);
  server.resume();
  assert.deepEqual([...new Set(await Promise.all(calls))], ["OK"]);
  assert.equal(await redis.exists("no"), 0);
  assert.equal(await redis.dbsize(), 200);
});

// -- Programs that are busy --

Deno.test("replies that wait in the socket while the program is busy do not count as late", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 300 });
  await redis.ping();
  const ids = async () =>
    (await clientsOf(server)).map((line) => /\bid=(\d+)/.exec(line)![1]);
  const before = await ids();
  const answers = Array.from({ length: 200 }, () => redis.incr("n"));
  const both = redis.transaction((t) => [t.incr("m"), t.incr("m")]);
  // The commands are sent in this time.
  await sleep(1);
  const end = performance.now() + 900;
  while (performance.now() < end);
  assert.equal((await Promise.all(answers)).at(-1), 200);
  assert.deepEqual(await both, [1, 2]);
  assert.deepEqual(await ids(), before);
});

// -- Signals --

Deno.test("a signal shared by 40,000 calls aborts all of them without blocking the event loop", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 60_000 });
  await redis.ping();
  server.pause();
  const stop = new AbortController();
  const each = redis.with({ signal: stop.signal });
  const began = performance.now();
  const calls = Array.from({ length: 40_000 }, () => errorOf(each.get("k")));
  stop.abort("enough");
  const reasons = new Set<unknown>(await Promise.all(calls));
  const took = performance.now() - began;
  server.resume();
  assert.deepEqual([...reasons], ["enough"]);
  assert(took < 6_000, `${took} ms`);
  assert.equal(await redis.ping(), "PONG");
});
