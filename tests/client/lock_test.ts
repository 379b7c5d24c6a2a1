import assert from "node:assert/strict";
import { connect, type Lock, LockError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

const test = await testWith("scripting");

test("lock() is held by one, and released on leaving its block", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  {
    await using lock = await redis.lock("job", { ttl: 10_000 });
    assert.equal(await lock.owned(), true);
    assert.equal(await redis.get("job"), lock.token);
    await assert.rejects(
      redis.lock("job", { ttl: 10_000, wait: 0 }),
      (error) => error instanceof LockError && error.lock === "job",
    );
  }
  assert.equal(await redis.exists("job"), 0);
});

test("lock() waits until it is free", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const first = await redis.lock("job", { ttl: 10_000 });
  const second = redis.lock("job", { ttl: 10_000, retryDelay: 5 });
  await first.release();
  await using lock = await second;
  assert.notEqual(lock.token, first.token);
});

test("Lock.release() leaves a lock alone that is somebody else's by now", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const lock = await redis.lock("job", { ttl: 10_000 });
  await redis.set("job", "somebody else");
  await assert.rejects(lock.release(), LockError);
  assert.equal(await redis.get("job"), "somebody else");
  assert.equal(lock.signal.aborted, true);
});

test("Lock.extend() sets the time anew, and fails for a lock that is lost", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const lock = await redis.lock("job", { ttl: 10_000 });
  await lock.extend(60_000);
  assert.ok(await redis.pttl("job") > 10_000);
  await redis.del("job");
  await assert.rejects(lock.extend(), LockError);
  await assert.rejects(lock.extend(0), RangeError);
});

test("Lock with renew outlives its ttl, and tells when it is lost", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  let lock: Lock;
  {
    await using held = await redis.lock("job", { ttl: 150, renew: true });
    lock = held;
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(await held.owned(), true);
    const lost = new Promise((resolve) =>
      held.signal.addEventListener("abort", resolve, { once: true })
    );
    await redis.del("job");
    await lost;
  }
  assert.ok(lock.signal.reason instanceof LockError);
});

test("lock() stops trying when its signal aborts", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await using _held = await redis.lock("job", { ttl: 10_000 });
  const controller = new AbortController();
  const trying = redis.lock("job", { ttl: 1_000, signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(trying, /enough/);
});

test("lock() refuses a ttl that is none", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await assert.rejects(redis.lock("job", { ttl: 0.5 }), RangeError);
  assert.equal(await redis.exists("job"), 0);
});
