/**
 * Callers that change, transfer or lose their memory while their command is in
 * flight: no other caller may be affected.
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
/** The keys of other, concurrent calls. */
const OTHERS = Array.from({ length: 400 }, (_, i) => `other:${i}`);

const ACTS: Record<string, (bytes: Uint8Array<ArrayBuffer>) => void> = {
  // As postMessage() does with transferred memory.
  transferred: (bytes) => {
    structuredClone(bytes, { transfer: [bytes.buffer] });
  },
  "used again": (bytes) => {
    bytes.fill(2);
  },
};

/** A server with a value for each of the other calls. */
async function filled(): Promise<TestServer> {
  const server = await TestServer.start();
  await using redis = await connect(server.url);
  await Promise.all(OTHERS.map((key) => redis.set(key, key)));
  return server;
}

/** The replies of the other calls; they only read, so they may be retried. */
function askOthers(redis: Redis): Promise<(string | null)[]> {
  return Promise.all(OTHERS.map((key) => redis.get(key)));
}

for (const [name, act] of Object.entries(ACTS)) {
  Deno.test(`bytes that are ${name} before they are written affect at most their own command`, async () => {
    await using server = await filled();
    await using redis = await connect(server.url);
    for (const size of [10, 1_000, 20_000, 100_000, 3_000_000]) {
      const bytes = new Uint8Array(size).fill(1);
      const before = askOthers(redis);
      const set = redis.set("mine", bytes).then(String, String);
      const next = redis.set("next", String(size));
      act(bytes);
      const behind = askOthers(redis);
      assert.match(await set, /^OK$|detached/, `${size}`);
      assert.deepEqual(await before, OTHERS, `${size}`);
      assert.deepEqual(await behind, OTHERS, `${size}`);
      assert.equal(await next, "OK");
      assert.equal(await redis.get("next"), String(size));
    }
  });

  Deno.test(`bytes that are ${name} while they are half written affect at most their command and its connection`, async () => {
    await using server = await filled();
    await using redis = await connect(server.url, {
      commandTimeout: PATIENT,
      backoff: () => 5,
    });
    await redis.ping();
    server.pause();
    const bytes = new Uint8Array(LONG).fill(1);
    const set = redis.set("mine", bytes).then(String, (error) => error);
    await sleep(50);
    const replies = askOthers(redis);
    act(bytes);
    server.resume();
    assert.deepEqual(await replies, OTHERS);
    const outcome = await set;
    if (outcome !== "OK") assert.match(String(outcome), /detached/);
    assert.equal(await redis.strlen("mine"), outcome === "OK" ? LONG : 0);
  });

  Deno.test(`bytes that are ${name} after their timeout, half written, have no effect any more`, async () => {
    await using server = await filled();
    await using redis = await connect(server.url, { commandTimeout: PATIENT });
    const id = await redis.clientId();
    server.pause();
    const bytes = new Uint8Array(LONG).fill(1);
    const set = redis.with({ timeout: 100 }).set("mine", bytes);
    const error = await errorOf(set);
    assert(error instanceof ConnectionError);
    assert.equal(error.maybeExecuted, true);
    act(bytes);
    const replies = askOthers(redis);
    server.resume();
    assert.deepEqual(await replies, OTHERS);
    assert.equal(await redis.clientId(), id, "the connection stayed");
    // The partly written command was completed with its original bytes.
    assert.equal(await redis.strlen("mine"), LONG);
    const stored = await redis.bytes.getrange("mine", LONG - 1_000_000, -1);
    assert(stored.every((byte) => byte === 1));
  });

  Deno.test(`bytes that are ${name} after their timeout, unwritten, are stored nowhere`, async () => {
    await using server = await filled();
    await using redis = await connect(server.url, { commandTimeout: PATIENT });
    const id = await redis.clientId();
    server.pause();
    const long = redis.set("long", new Uint8Array(LONG));
    await sleep(20);
    const hasty = redis.with({ timeout: 50 });
    const buffers = [10, 1_000, 20_000, 100_000].map((size) =>
      new Uint8Array(size).fill(1)
    );
    const errors = buffers.map((bytes) => errorOf(hasty.set("mine", bytes)));
    for (const error of await Promise.all(errors)) {
      assert(error instanceof ConnectionError);
      assert.equal(error.maybeExecuted, false);
    }
    buffers.forEach(act);
    const replies = askOthers(redis);
    server.resume();
    assert.equal(await long, "OK");
    assert.deepEqual(await replies, OTHERS);
    assert.equal(await redis.get("mine"), null);
    assert.equal(await redis.clientId(), id);
  });
}

// -- Exceptions while encoding --

/** A text whose encoding throws, as if there were no memory for it. */
const CURSED = `cursed${"ü".repeat(20_000)}`;

/** Makes the encoding of texts that begin with "cursed" throw, until disposed of. */
function curse(): Disposable {
  const { encode, encodeInto } = TextEncoder.prototype;
  const check = (text = "") => {
    if (text.startsWith("cursed")) {
      throw new RangeError("Array buffer allocation failed");
    }
  };
  TextEncoder.prototype.encode = function (text) {
    check(text);
    return encode.call(this, text);
  };
  TextEncoder.prototype.encodeInto = function (text, into) {
    check(text);
    return encodeInto.call(this, text, into);
  };
  return {
    [Symbol.dispose]() {
      Object.assign(TextEncoder.prototype, { encode, encodeInto });
    },
  };
}

Deno.test("an exception while a command is encoded rejects only its call", async () => {
  await using server = await filled();
  await using redis = await connect(server.url);
  await redis.ping();
  using _curse = curse();
  const mine: Record<string, () => Promise<unknown>> = {
    "a command": () => redis.set("mine", CURSED),
    "a pipeline": () =>
      redis.pipeline((p) => [p.incr("n"), p.set("mine", CURSED)], {
        transaction: false,
      }),
    "a transaction": () =>
      redis.transaction((t) => [t.incr("n"), t.set("mine", CURSED)]),
  };
  for (const [what, call] of Object.entries(mine)) {
    const before = askOthers(redis);
    const error = errorOf(call());
    const behind = askOthers(redis);
    assert.match((await error).message, /allocation failed/, what);
    assert.deepEqual(await before, OTHERS, what);
    assert.deepEqual(await behind, OTHERS, what);
  }
  assert.equal(await redis.get("n"), null);
  assert.equal(await redis.get("mine"), null);
});
