import assert from "node:assert/strict";
import {
  connect,
  ConnectionError,
  type Lock,
  LockError,
  type Redis,
  ReplyError,
} from "../../mod.ts";
import { Chaos } from "../support/chaos.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { errorOf, sleep, until } from "./support.ts";

const test = await testWith("scripting");

/** The same client, with its commands passed through `tap`. */
function tapped(
  redis: Redis,
  tap: (
    args: readonly unknown[],
    execute: () => Promise<unknown>,
  ) => Promise<unknown>,
): Redis {
  return redis.over((engine) => {
    const execute: typeof engine.execute = (command, call) =>
      tap(command.args, () => engine.execute(command, call)) as Promise<never>;
    return new Proxy(engine, {
      get: (target, name) =>
        name === "execute" ? execute : Reflect.get(target, name),
    });
  });
}

test("lock() has one holder, and is released on leaving its block", async () => {
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

test("Lock.release() keeps a lock that another holder has by now", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const lock = await redis.lock("job", { ttl: 10_000 });
  await redis.set("job", "somebody else");
  await assert.rejects(lock.release(), LockError);
  assert.equal(await redis.get("job"), "somebody else");
  assert.equal(lock.signal.aborted, true);
});

test("Lock.extend() resets the ttl, and fails for a lost lock", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const lock = await redis.lock("job", { ttl: 10_000 });
  await lock.extend(60_000);
  assert.ok(await redis.pttl("job") > 10_000);
  await redis.del("job");
  await assert.rejects(lock.extend(), LockError);
  await assert.rejects(lock.extend(0), RangeError);
});

test("Lock with renew outlives its ttl, and aborts its signal when it is lost", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const ttl = 6_000;
  let lock: Lock;
  {
    await using held = await redis.lock("job", { ttl, renew: true });
    lock = held;
    // Renewed after 2 s: a machine may be so busy that it is 4 s late.
    await sleep(ttl + 100);
    assert.equal(await held.owned(), true);
    assert.equal(held.signal.aborted, false);
    const lost = new Promise((resolve) =>
      held.signal.addEventListener("abort", resolve, { once: true })
    );
    await redis.del("job");
    await lost;
  }
  assert.ok(lock.signal.reason instanceof LockError);
});

test("Lock with renew aborts its signal after the ttl even if the server is silent", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 60_000 });
  const lock = await redis.lock("job", { ttl: 150, renew: true });
  server.pause();
  // The renewals are still waiting for a reply.
  await until(() => lock.signal.aborted);
  assert(lock.signal.reason instanceof LockError);
  assert.match(lock.signal.reason.message, /^Cannot renew lock "job"/);
  server.resume();
  await redis.ping();
});

test("Lock with renew survives a server that is unreachable for less than its ttl", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { backoff: () => 1 });
  // Renewals at 4 s, 5 s and 6 s: half of the ttl is left then.
  await using lock = await redis.lock("job", { ttl: 12_000, renew: true });
  for (let i = 0; i < 3; i++) {
    // The reply to a renewal is lost: writes are not retried.
    chaos.toClient.truncate = 0;
    const accepted = chaos.accepted;
    await until(() => chaos.accepted > accepted);
  }
  assert.equal(lock.signal.aborted, false);
  assert.equal(await lock.owned(), true);
});

test("lock() releases a lock that it may have acquired when the reply is lost", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { backoff: () => 1 });
  const cut = tapped(redis, (args, execute) => {
    if (args[0] === "SET") chaos.toClient.truncate = 0;
    return execute();
  });
  const error = await errorOf(cut.lock("job", { ttl: 60_000 }));
  assert(error instanceof ConnectionError && error.maybeExecuted);
  await using _lock = await redis.lock("job", { ttl: 60_000, wait: 5_000 });
});

test("leaving a lock's block throws when the server is unreachable", async () => {
  await using server = await TestServer.start();
  // The lock itself must not time out on a busy machine.
  await using redis = await connect(server.url, { commandTimeout: 3_000 });
  const lock = await redis.lock("job", { ttl: 60_000 });
  await server.kill();
  const leave = async () => {
    await using _own = lock;
    await sleep(0);
  };
  await assert.rejects(leave(), ConnectionError);
});

test("lock() rejects with the server's error", async () => {
  await using server = await TestServer.start();
  if (!server.has("acl")) return;
  await server.ask("ACL", "SETUSER", "default", "-set");
  await using redis = await connect(server.url);
  const error = await errorOf(redis.lock("job", { ttl: 1_000 }));
  assert(error instanceof ReplyError && error.code === "NOPERM");
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

test("lock() rejects an invalid ttl", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await assert.rejects(redis.lock("job", { ttl: 0.5 }), RangeError);
  assert.equal(await redis.exists("job"), 0);
});

test("lock() tries until its wait is over, but not longer than its signal", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  await redis.set("job", "x", { px: 60 });
  await using lock = await redis.lock("job", { ttl: 5_000, wait: 90 });
  assert.equal(await lock.owned(), true);
  server.pause();
  const signal = AbortSignal.timeout(50);
  const error = await errorOf(redis.lock("other", { ttl: 60_000, signal }));
  assert.equal((error as Error).name, "TimeoutError");
  server.resume();
  // A lock that was acquired after all is released.
  await until(async () => await redis.exists("other") === 0);
  await assert.rejects(redis.lock("job", { ttl: 1, wait: NaN }), RangeError);
});

test("a failed release may be tried again", async () => {
  await using server = await TestServer.start();
  // The lock itself must not time out on a busy machine.
  await using redis = await connect(server.url, { commandTimeout: 3_000 });
  const lock = await redis.lock("job", { ttl: 60_000 });
  server.pause();
  assert(await errorOf(lock.release()) instanceof ConnectionError);
  server.resume();
  await lock.release();
  assert.equal(lock.signal.aborted, false);
  assert.equal(await redis.exists("job"), 0);
});

test("a lock that was released in time is not lost, whatever a late renewal finds", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const renewing = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const found = Promise.withResolvers<unknown>();
  // As with several connections: the renewal must not overtake other commands.
  const late = redis.over((engine) => {
    const execute: typeof engine.execute = async (command, call) => {
      // A script call with token and ttl is an extension.
      if (!/^EVAL/.test(String(command.args[0])) || command.args.length < 6) {
        return await engine.execute(command, call);
      }
      renewing.resolve();
      await released.promise;
      const reply = await engine.execute(command, call);
      found.resolve(reply);
      return reply;
    };
    return new Proxy(engine, {
      get: (target, name) =>
        name === "execute" ? execute : Reflect.get(target, name),
    });
  });
  const lock = await late.lock("job", { ttl: 6_000, renew: true });
  await renewing.promise;
  await lock.release();
  released.resolve();
  assert.equal(await found.promise, 0);
  await sleep(20);
  assert.equal(lock.signal.aborted, false);
});

test("a lock whose release lost its reply may be released again", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { backoff: () => 1 });
  for (const retry of [false, true]) {
    const patient = redis.with({ retry });
    const lock = await patient.lock("job", { ttl: 60_000, renew: true });
    // The server already knows the script: one round trip.
    await (await redis.lock("other", { ttl: 60_000 })).release();
    chaos.toClient.truncate = 0;
    const error = await errorOf(lock.release());
    assert(error instanceof ConnectionError && error.maybeExecuted);
    assert.equal(await redis.exists("job"), 0);
    await lock.release();
    assert.equal(lock.signal.aborted, false);
  }
});

test("a lock released in time is not lost even if its release arrives late", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 60_000 });
  const ttl = 3_000;
  const lock = await redis.lock("job", { ttl, renew: true });
  server.pause();
  const releasing = lock.release();
  await sleep(ttl + 100);
  server.resume();
  await releasing;
  assert.equal(lock.signal.aborted, false);
});

test("lock() acquires no lock that its user may not release", async (t) => {
  await using server = await TestServer.start();
  if (!server.has("acl")) return;
  await using redis = await connect(server.url);
  for (const right of ["-@scripting", "-eval", "-del", "-get"]) {
    await t.step(right, async () => {
      const username = `user${right}`;
      const rights = ["on", "nopass", "~*", "+@all", right];
      await redis.send(["ACL", "SETUSER", username, ...rights]);
      await redis.send(["SCRIPT", "FLUSH"]);
      await using user = await connect(server.url, { username, password: "" });
      const error = await errorOf(user.lock("job", { ttl: 60_000 }));
      assert(error instanceof ReplyError);
      assert.equal(await redis.exists("job"), 0);
    });
  }
  await t.step("-pexpire, which renewing needs", async () => {
    const rights = ["on", "nopass", "~*", "+@all", "-pexpire"];
    await redis.send(["ACL", "SETUSER", "brief", ...rights]);
    const who = { username: "brief", password: "" };
    await using user = await connect(server.url, who);
    const renewed = user.lock("job", { ttl: 60_000, renew: true });
    assert(await errorOf(renewed) instanceof ReplyError);
    assert.equal(await redis.exists("job"), 0);
    await (await user.lock("job", { ttl: 60_000 })).release();
  });
});

test("lock() acquires no lock if the server has no scripts", async () => {
  await using server = await TestServer.start({
    config: { "rename-command": ['EVAL ""', 'EVALSHA ""'] },
  });
  await using redis = await connect(server.url);
  const error = await errorOf(redis.lock("job", { ttl: 60_000 }));
  assert(error instanceof ReplyError);
  assert.equal(await redis.exists("job"), 0);
});

test("a renewal does not shorten an extension", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const ttl = 6_000;
  await using lock = await redis.lock("job", { ttl, renew: true });
  // The server knows the script from now on: one round trip.
  await lock.extend();
  server.pause();
  const extended = lock.extend(60_000);
  // The first renewal is due while the extension is under way, the second one later.
  await sleep(ttl / 3 + 100);
  server.resume();
  await extended;
  assert(await redis.pttl("job") > 30_000);
  await sleep(ttl / 3);
  assert(await redis.pttl("job") > 30_000);
});
