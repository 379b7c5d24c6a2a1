/**
 * Calls that settle after, or in the middle of, a long write to a frozen server, and
 * which of them are executed afterwards.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, ConnectionError, type Redis } from "../../mod.ts";
import { errorOf, sleep } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";

/**
 * More bytes than the socket buffers between a client and a frozen server can hold.
 */
const LONG = 30_000_000;
/** Longer than any test here: no connection is closed because of silence. */
const PATIENT = 60_000;

/** A client that has written half of a long SET to a frozen server. */
interface HalfWritten extends AsyncDisposable {
  readonly server: TestServer;
  readonly redis: Redis;
  /** Settles with the reply to the SET. */
  readonly long: Promise<unknown>;
  /** Unfreezes the server, and waits for the SET and all commands after it. */
  goOn(): Promise<void>;
}

async function halfWritten(): Promise<HalfWritten> {
  const server = await TestServer.start();
  const redis = await connect(server.url, { commandTimeout: PATIENT });
  await redis.ping();
  server.pause();
  const long = redis.set("long", new Uint8Array(LONG));
  long.catch(() => {});
  await sleep(20);
  return {
    server,
    redis,
    long,
    async goOn() {
      server.resume();
      await long;
      await redis.ping();
    },
    async [Symbol.asyncDispose]() {
      server.resume();
      await redis.close({ timeout: 0 });
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The error of a call, which must have `maybeExecuted: false`. */
async function unsent(call: Promise<unknown>): Promise<void> {
  const error = await errorOf(call);
  assert(error instanceof ConnectionError, String(error));
  assert.equal(error.maybeExecuted, false, error.message);
}

Deno.test("calls that time out after a long write are not executed, and are executed once when repeated", async () => {
  await using setting = await halfWritten();
  const { redis } = setting;
  const hasty = redis.with({ timeout: 100 });
  await Promise.all([
    ...Array.from({ length: 5 }, () => hasty.incr("n")),
    hasty.transaction((t) => [t.incr("n"), t.incr("n")]),
    hasty.pipeline((p) => [p.incr("n"), p.incr("n")], { transaction: false }),
  ].map(unsent));
  await setting.goOn();
  for (let i = 1; i <= 5; i++) assert.equal(await redis.incr("n"), i);
});

Deno.test("of 50,000 calls that time out after a long write none is executed", async () => {
  await using setting = await halfWritten();
  const { redis } = setting;
  const hasty = redis.with({ timeout: 200 });
  const value = "v".repeat(100);
  await Promise.all(
    Array.from({ length: 50_000 }, (_, i) => unsent(hasty.set(`k${i}`, value))),
  );
  await setting.goOn();
  assert.equal(await redis.dbsize(), 1);
});

Deno.test("calls that are aborted after a long write are not executed", async () => {
  await using setting = await halfWritten();
  const { redis } = setting;
  for (const later of [false, true]) {
    const stop = new AbortController();
    const mine = redis.with({ signal: stop.signal });
    const calls = [
      mine.incr("n"),
      mine.transaction((t) => [t.incr("n")]),
      mine.pipeline((p) => [p.incr("n")], { transaction: false }),
    ].map(errorOf);
    if (later) await sleep(20);
    const reason = new Error("enough");
    stop.abort(reason);
    assert.deepEqual(await Promise.all(calls), [reason, reason, reason]);
  }
  await setting.goOn();
  assert.equal(await redis.get("n"), null);
});

/** Batches with and without a transaction. */
const BATCHES = [true, false];
/** The commands of other callers after it. */
const OTHERS = Array.from({ length: 400 }, (_, i) => `other ${i}`);

for (const transaction of BATCHES) {
  const what = transaction ? "transaction" : "pipeline";
  for (const end of ["its deadline", "its signal"]) {
    Deno.test(`a ${what} that ends half written by ${end} executes no later command, and shifts no reply`, async () => {
      await using server = await TestServer.start();
      await using redis = await connect(server.url, {
        commandTimeout: PATIENT,
      });
      const id = await redis.clientId();
      server.pause();
      const stop = new AbortController();
      const limits = end === "its deadline"
        ? { timeout: 100 }
        : { signal: stop.signal };
      const batch = errorOf(
        redis.with(limits).pipeline((p) => [
          p.incr("before"),
          p.set("long", new Uint8Array(LONG)),
          p.incr("behind"),
          p.incr("behind"),
        ], { transaction }),
      );
      await sleep(50);
      const replies = OTHERS.map((word) => redis.echo(word));
      if (end === "its signal") stop.abort(new Error("enough"));
      const error = await batch;
      if (error instanceof ConnectionError) {
        assert.equal(error.maybeExecuted, true, "some of it was written");
      } else assert.equal(error.message, "enough");
      const after = redis.incr("after");
      server.resume();
      assert.deepEqual(await Promise.all(replies), OTHERS);
      assert.equal(await after, 1);
      assert.equal(await redis.get("behind"), null);
      const before = transaction ? null : "1";
      assert.equal(await redis.get("before"), before);
      assert.equal(await redis.strlen("long"), transaction ? 0 : LONG);
      assert.equal(await redis.clientId(), id, "the connection stayed");
    });
  }
}

Deno.test("a call that settles before it is written does not shift the replies of later calls", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const id = await redis.clientId();
  // So few that all are written at the end of the tick.
  const words = OTHERS.slice(0, 100);
  const calls = words.map(async (word, i) => {
    const stop = new AbortController();
    const reply = redis.with({ signal: stop.signal }).rpush("list", word);
    if (i % 3 > 0) return await reply;
    stop.abort(new Error("enough"));
    assert.equal((await errorOf(reply)).message, "enough");
  });
  await Promise.all(calls);
  const kept = words.filter((_, i) => i % 3 > 0);
  assert.deepEqual(await redis.lrange("list", 0, -1), kept);
  assert.equal(await redis.clientId(), id);
});
