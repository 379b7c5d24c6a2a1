/**
 * More load than a frozen server, or a slow link, can carry.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  connect,
  ConnectionError,
  QueueFullError,
  TimeoutError,
} from "../../mod.ts";
import { sleep, until } from "../client/support.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { TestServer } from "../support/test_server.ts";

Deno.test("by default at most 200,000 calls wait for a frozen server", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 400 });
  await redis.ping();
  server.pause();
  let full = 0;
  let late = 0;
  await Promise.all(
    Array.from({ length: 210_000 }, () =>
      redis.incr("n").catch((error) => {
        if (error instanceof QueueFullError) full++;
        else if (error instanceof TimeoutError) late++;
        else throw error;
      })),
  );
  server.resume();
  assert.deepEqual({ full, late }, { full: 10_000, late: 200_000 });
});

Deno.test("retrying at once on a full lease does not block the reading of replies", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { queueSize: 1 });
  using lease = await redis.lease();
  const first = lease.incr("n");
  let refused = 0;
  for (let answered = 0; answered === 0;) {
    answered = await lease.incr("n").catch(() => {
      // Without yielding, no timer would run and no socket would be read.
      assert(++refused < 100_000, "the loop blocks the event loop");
      return 0;
    });
  }
  assert(refused > 0);
  assert.equal(await first, 1);
});

Deno.test("a leased connection has the same limit", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, {
    queueSize: 100,
    commandTimeout: 60_000,
  });
  using lease = await redis.lease();
  server.pause();
  const calls = Array.from(
    { length: 150 },
    (_, i) =>
      lease.rpush("list", i).then(() => "", (error: Error) => error.name),
  );
  const refused = await Promise.all(calls.slice(100));
  assert.deepEqual(new Set(refused), new Set(["QueueFullError"]));
  server.resume();
  assert.deepEqual(
    new Set(await Promise.all(calls.slice(0, 100))),
    new Set([""]),
  );
  assert.equal(await redis.llen("list"), 100);
});

Deno.test("by default at most 256 MiB wait for a frozen server", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 400 });
  await redis.ping();
  server.pause();
  let full = 0;
  const value = new Uint8Array(1024 * 1024);
  await Promise.all(
    Array.from({ length: 300 }, () =>
      redis.set("k", value).catch((error) => {
        if (error instanceof QueueFullError) full++;
        else if (!(error instanceof TimeoutError)) throw error;
      })),
  );
  server.resume();
  // The command names and keys count, too.
  assert.equal(full, 300 - 255);
});

Deno.test("after a freeze under load the server is used again at once", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 60_000 });
  await redis.ping();
  const hasty = redis.with({ timeout: 500 });
  const value = new Uint8Array(10_000);
  const told = new Map<string, boolean>();
  const calls: Promise<void>[] = [];
  let goesOn = true;
  const load = (async () => {
    for (let i = 0; goesOn; i++) {
      const key = `k${i}`;
      calls.push(
        hasty.set(key, value).then(
          () => void told.set(key, true),
          (error) => {
            assert(error instanceof ConnectionError, String(error));
            if (!error.maybeExecuted) told.set(key, false);
          },
        ),
      );
      if (i % 5 === 0) await sleep(1);
    }
  })();
  await sleep(100);
  server.pause();
  await sleep(1_500);
  server.resume();
  using clock = new AwakeClock();
  // A call that rejects at once must not keep the replies from being read.
  const answered = () => hasty.incr("n").catch(() => 0);
  await until(async () => await answered() >= 5);
  const took = clock.now;
  goesOn = false;
  await load;
  await Promise.all(calls);
  assert(took < 2_000, `${took} ms`);
  const keys = (fate: boolean) =>
    [...told].flatMap(([key, done]) => done === fate ? [key] : []);
  const executed = keys(true);
  assert.equal(await redis.exists(...executed), executed.length);
  assert.equal(await redis.exists("none", ...keys(false)), 0);
});
