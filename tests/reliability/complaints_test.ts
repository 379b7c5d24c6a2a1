/**
 * Problems of users of other clients: the complaints in the second part of the list of
 * behaviours that no other test covers, with their numbers there.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type ClientOptions,
  connect,
  ConnectionError,
  createPool,
  type Redis,
  ReplyError,
  TimeoutError,
} from "../../mod.ts";
import { errorOf, sleep, until } from "../client/support.ts";
import { Random } from "../resp/random.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";

const PASSWORD = "s3cret";
const PROTOCOLS = [2, 3] as const;

/** The handshake options of a client behind a proxy. */
const IDENTITY: ClientOptions = {
  password: PASSWORD,
  db: 3,
  name: "complainant",
  backoff: () => 1,
};

/** A server that requires a password. */
function guarded(): Promise<TestServer> {
  return TestServer.start({ config: { requirepass: PASSWORD } });
}

/**
 * Checks that `redis` and its subscriptions are connected with the right settings.
 */
async function check(
  redis: Redis,
  admin: Redis,
  news: AsyncIterator<{ message: string }>,
): Promise<void> {
  assert.match(await redis.clientInfo(), / name=complainant .* db=3 /);
  await until(async () => await admin.publish("news", "heard") === 1);
  assert.equal((await news.next()).value?.message, "heard");
}

for (const protocol of PROTOCOLS) {
  const options = { ...IDENTITY, protocol };

  Deno.test(`complaint 2: RESP${protocol} after a reconnect that authenticates and selects no command hangs`, async () => {
    await using server = await guarded();
    await using admin = await connect(server.url, { password: PASSWORD });
    await using chaos = Chaos.before(server);
    await using redis = await connect(chaos.url, options);
    await using news = await redis.subscribe("news");
    for (let i = 0; i < 5; i++) {
      await check(redis, admin, news);
      // One command that fails with the connection, and some after it.
      const calls = [redis.incr("n"), redis.get("k"), redis.blpop(["q"], 0.01)];
      chaos.drop();
      await Promise.allSettled(calls);
      await check(redis, admin, news);
    }
  });

  Deno.test(`complaint 3, 45: RESP${protocol} a connection that is lost at any byte of its handshake is dialled again`, async () => {
    await using server = await guarded();
    await using admin = await connect(server.url, { password: PASSWORD });
    await using chaos = Chaos.before(server);
    await using redis = await connect(chaos.url, options);
    await using news = await redis.subscribe("news");
    const directions = [chaos.toServer, chaos.toClient];
    let failures = 0;
    for (const direction of directions) {
      for (let bytes = 0;; bytes += 3) {
        direction.truncate = bytes;
        const { accepted } = chaos;
        const first = connect(chaos.url, options);
        const outcome = await first.then(
          (own) => own.close(),
          (error) => {
            assert(error instanceof ConnectionError, String(error));
            return error;
          },
        );
        // A connection that is lost during HELLO is tried again in RESP2.
        if (outcome === undefined && chaos.accepted === accepted + 1) break;
        failures++;
        // The same for its two connections after the handshake.
        direction.truncate = bytes;
        chaos.drop();
        await check(redis, admin, news);
      }
      direction.heal();
    }
    // At least HELLO or AUTH, and their replies.
    assert(failures > 20, `${failures} handshakes were cut`);
  });
}

Deno.test("complaint 1, 29: an idle connection that was cut silently is noticed, and not leased", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    pingInterval: 50,
    // A busy server must not be taken for dead: the new connection would be closed, too.
    commandTimeout: 1_500,
  });
  {
    using one = await redis.lease();
    using two = await redis.lease();
    await Promise.all([one.ping(), two.ping()]);
  }
  await until(() => Deno.inspect(redis).includes("2 spare"));
  const { accepted } = chaos;
  chaos.strand();
  // Of the three, only the shared connection is dialled again.
  await until(() => chaos.accepted === accepted + 1 && chaos.open === 1);
  using lease = await redis.lease();
  assert.equal(await lease.incr("n"), 1);
});

Deno.test("complaint 5: a deadline also covers bytes that cannot be written", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { backoff: () => 1 });
  const hasty = redis.with({ timeout: 100 });
  await redis.set("k", "old");
  server.pause();
  // More than the socket buffers can hold.
  const stuck = errorOf(hasty.set("large", new Uint8Array(50_000_000)));
  await sleep(20);
  const behind = errorOf(hasty.set("k", "new"));
  const [first, second] = await Promise.all([stuck, behind]);
  assert(first instanceof TimeoutError && first.maybeExecuted);
  assert(second instanceof TimeoutError && !second.maybeExecuted);
  server.resume();
  assert.equal(await redis.with({ timeout: 20_000 }).ping(), "PONG");
});

Deno.test("complaint 7: a blocking pop on a connection that was cut silently rejects, and the next one works", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { commandTimeout: 300 });
  assert.equal(await redis.blpop(["jobs"], 0.01), null);
  chaos.strand();
  const error = await errorOf(redis.blpop(["jobs"], 0.1));
  assert(error instanceof TimeoutError, String(error));
  await server.ask("RPUSH", "jobs", "one");
  assert.deepEqual(await redis.blpop(["jobs"], 5), ["jobs", "one"]);
});

Deno.test("complaint 9: the reply to an aborted call on a lease does not reach the next caller", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, { poolSize: 1 });
  await redis.mset({ mine: "mine", theirs: "theirs" });
  for (let i = 0; i < 10; i++) {
    const stop = new AbortController();
    {
      using lease = await redis.with({ signal: stop.signal }).lease();
      await lease.ping();
      chaos.toClient.delay = 20;
      const reading = lease.get("mine");
      reading.catch(() => {});
      await sleep(1);
      stop.abort(new Error("cancelled"));
      await assert.rejects(reading, /cancelled/);
      chaos.toClient.delay = 0;
    }
    using next = await redis.lease();
    assert.equal(await next.get("theirs"), "theirs");
  }
});

Deno.test("complaint 10: aborted calls and lost connections do not use up places of a pool", async () => {
  const SIZE = 3;
  await using server = await TestServer.start();
  await using pool = createPool(server.url, { poolSize: SIZE });
  const random = new Random(10);
  const outcomes = new Map<string, number>();
  const count = (outcome: string) =>
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const one = async () => {
    const stop = new AbortController();
    const timer = random.chance(0.5)
      ? setTimeout(() => stop.abort(new Error("cancelled")), random.below(15))
      : undefined;
    const patience = random.chance(0.3)
      ? { timeout: 1 + random.below(15) }
      : {};
    try {
      using lease = await pool.lease({ signal: stop.signal, ...patience });
      await sleep(random.below(3));
      if (random.chance(0.2)) lease.connection.destroy(new Error("lost"));
      if (random.chance(0.2)) lease.changes++;
      count("lent");
    } catch (error) {
      if (!(error instanceof TimeoutError)) {
        assert.match(String(error), /cancelled/);
      }
      count(error instanceof TimeoutError ? "too late" : "cancelled");
    } finally {
      clearTimeout(timer);
    }
  };
  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 30 }, one));
  }
  for (const outcome of ["lent", "too late", "cancelled"]) {
    assert(outcomes.get(outcome)! > 10, Deno.inspect(outcomes));
  }
  // Neither a place too few nor one too many.
  const leases = await Promise.all(
    Array.from({ length: SIZE }, () => pool.lease({ timeout: 5_000 })),
  );
  await assert.rejects(pool.lease({ timeout: 20 }), TimeoutError);
  for (const lease of leases) lease[Symbol.dispose]();
});

Deno.test("complaint 18: a refused name is not subscribed again after a reconnect", async () => {
  await using server = await TestServer.start();
  if (!server.has("acl")) return;
  const user = ["ACL", "SETUSER", "ann", "on", ">pw", "+@all", "~*"];
  await server.ask(...user, "resetchannels", "&open");
  await using admin = await connect(server.url);
  for (const protocol of PROTOCOLS) {
    await using redis = await connect(server.url.replace("//", "//ann:pw@"), {
      protocol,
      backoff: () => 1,
    });
    await using news = await redis.subscribe("open");
    const error = await errorOf(redis.subscribe(["open", "closed"]));
    assert(error instanceof ReplyError && error.code === "NOPERM");
    await server.ask("ACL", "SETUSER", "ann", "&closed");
    await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
    await until(async () => await admin.publish("open", "again") === 1);
    assert.equal((await news.next()).value?.missed?.reason, "reconnected");
    assert.deepEqual(await admin.pubsubChannels(), ["open"]);
    await server.ask(...user, "resetchannels", "&open");
  }
});

Deno.test("complaint 19: a subscription that the server closed because it was slow continues, and reports the gap", async () => {
  await using server = await TestServer.start({
    config: { "client-output-buffer-limit": "pubsub 1mb 0 0" },
  });
  await using redis = await connect(server.url, { backoff: () => 1 });
  await using slow = await redis.subscribe("news", {
    overflow: "pause",
    highWaterMark: 1,
  });
  // Valkey 9.1 does not copy large messages for each reader, and does not count them.
  const payload = "x".repeat(10_000);
  let published = 0;
  // Wait until the subscriber is disconnected: bytes in socket buffers do not count.
  while (await redis.publish("news", payload) === 1 && published < 10_000) {
    published++;
  }
  assert(published < 10_000, "the server kept all of it");
  let read = 0;
  const reading = (async () => {
    for await (const { message, missed } of slow) {
      if (missed !== null) return missed;
      assert.equal(message.length, payload.length);
      read++;
    }
  })();
  await until(async () => await redis.publish("news", "after") === 1);
  const missed = await reading;
  assert.equal(missed?.reason, "reconnected");
  assert(read > 0 && read < published, `${read} of ${published}`);
});
