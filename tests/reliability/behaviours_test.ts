/**
 * Behaviours on a faulty network, over a proxy to a real server. Most of them also
 * have a unit test of the part concerned.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  AuthenticationError,
  type ClientOptions,
  connect,
  ConnectionError,
  ProtocolError,
  QueueFullError,
  type Redis,
  TimeoutError,
} from "../../mod.ts";
import { clientsOf, errorOf, sleep, until } from "../client/support.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";

interface Setting {
  readonly server: TestServer;
  readonly chaos: Chaos;
  readonly redis: Redis;
}

/** Declares a test of a client behind a proxy, once for each protocol. */
function testBehind(
  name: string,
  run: (setting: Setting) => Promise<void>,
  options: ClientOptions = {},
): void {
  Deno.test(name, async (t) => {
    await using server = await TestServer.start();
    for (const protocol of [2, 3] as const) {
      await t.step(`RESP${protocol}`, async () => {
        await server.ask("FLUSHALL");
        await using chaos = Chaos.before(server);
        await using redis = await connect(chaos.url, {
          protocol,
          backoff: () => 5,
          ...options,
        });
        await run({ server, chaos, redis });
      });
    }
  });
}

/** Makes the server unreachable, and waits until the client has noticed. */
async function goAway(chaos: Chaos, redis: Redis): Promise<void> {
  await chaos.refuse();
  chaos.drop();
  await until(() => !Deno.inspect(redis).includes("ready"));
}

testBehind(
  "behaviour 1, 14: commands and replies in chunks of any size are the same commands and replies",
  async ({ chaos, redis }) => {
    for (const split of [1, 7]) {
      chaos.toServer.split = chaos.toClient.split = split;
      const words = Array.from({ length: 5 }, (_, i) => `ü\r\n${i}`);
      const answers = words.map((word) => redis.echo(word));
      const set = redis.hset("h", { a: "1", b: "2" });
      assert.deepEqual(await Promise.all(answers), words);
      await set;
      assert.deepEqual({ ...await redis.hgetall("h") }, { a: "1", b: "2" });
    }
    chaos.heal();
    chaos.toServer.coalesce = chaos.toClient.coalesce = 20;
    const words = Array.from({ length: 100 }, (_, i) => `${i}`);
    const answers = words.map((word) => redis.echo(word));
    assert.deepEqual(await Promise.all(answers), words);
  },
);

testBehind(
  "behaviour 10: a corrupted reply rejects commands in flight with a ProtocolError, then it reconnects",
  async ({ chaos, redis }) => {
    const before = chaos.accepted;
    chaos.toClient.corrupt = 0;
    const answers = [redis.incr("n"), redis.echo("a"), redis.echo("b")];
    for (const answer of answers) {
      const error = await errorOf(answer);
      assert(error instanceof ProtocolError, String(error));
      assert.match(error.message, /ba/, "the byte, in hex");
    }
    assert.equal(await redis.get("n"), "1");
    assert.equal(chaos.accepted, before + 1);
  },
);

testBehind(
  "behaviour 16, 29: after a deadline late replies are discarded",
  async ({ chaos, redis }) => {
    chaos.toClient.delay = 150;
    const late = Array.from(
      { length: 5 },
      (_, i) => errorOf(redis.with({ timeout: 50 }).echo(`late ${i}`)),
    );
    const next = redis.echo("in time");
    for (const error of await Promise.all(late)) {
      assert(error instanceof TimeoutError);
    }
    assert.equal(await next, "in time");
    chaos.blackhole();
    // On a busy machine the deadline may pass before the command is written.
    let count: unknown;
    do {
      count = await errorOf(redis.with({ timeout: 50 }).incr("n"));
      assert(count instanceof TimeoutError);
    } while (!count.maybeExecuted);
    const read = await errorOf(redis.with({ timeout: 50 }).get("n"));
    assert(read instanceof TimeoutError);
    assert.equal(read.maybeExecuted, false);
    chaos.heal();
    // The command was in flight, and is executed once.
    assert.equal(await redis.get("n"), "1");
  },
);

testBehind(
  "behaviour 21: a connection lost in the middle of a pipeline rejects it, and reports how many replies arrived",
  async ({ chaos, redis }) => {
    // Each reply is ":1\r\n".
    chaos.toClient.truncate = 4 * 5 + 2;
    const error = await errorOf(
      redis.pipeline(
        (p) => Array.from({ length: 9 }, (_, i) => p.incr(`n${i}`)),
        { transaction: false },
      ),
    );
    assert(error instanceof ConnectionError);
    assert.equal(error.maybeExecuted, true);
    assert.match(error.message, /pipeline of 9 commands \(5 replies came\)/);
    for (let i = 0; i < 9; i++) assert.equal(await redis.get(`n${i}`), "1");
  },
);

testBehind(
  "behaviour 27: the database is selected again after every kind of loss",
  async ({ chaos, redis }) => {
    await redis.set("where", "3");
    const losses: (() => unknown)[] = [
      () => chaos.drop(),
      () => chaos.halfClose("toClient"),
      () => chaos.halfClose("toServer"),
      () => chaos.toClient.truncate = 0,
      () => chaos.toServer.truncate = 3,
    ];
    for (const lose of losses) {
      lose();
      assert.equal(await redis.get("where"), "3");
    }
    assert(chaos.accepted > losses.length);
  },
  { db: 3 },
);

testBehind(
  "behaviour 32, 33: a lost reply: a read is retried, INCR is executed once, a write rejects as maybeExecuted",
  async ({ chaos, redis }) => {
    const loseNextReply = async () => {
      // Not a reply of the handshake.
      await redis.ping();
      chaos.toClient.truncate = 0;
    };
    await redis.set("k", "v");
    await loseNextReply();
    assert.equal(await redis.get("k"), "v");
    for (const write of [() => redis.incr("n"), () => redis.append("k", "w")]) {
      await loseNextReply();
      const error = await errorOf(write());
      assert(error instanceof ConnectionError);
      assert.equal(error.maybeExecuted, true);
    }
    assert.equal(await redis.get("n"), "1");
    assert.equal(await redis.get("k"), "vw");
    // With `retry: true` the write is retried, and executed twice.
    await loseNextReply();
    assert.equal(await redis.with({ retry: true }).incr("n"), 3);
    // With `retry: false` a read is not retried.
    await loseNextReply();
    const error = await errorOf(redis.with({ retry: false }).get("k"));
    assert(error instanceof ConnectionError);
    assert.equal(error.maybeExecuted, false);
  },
);

testBehind(
  "behaviour 29, 30: a call's timeout covers everything that the call needs, including its own connection",
  async ({ chaos, redis }) => {
    chaos.blackhole();
    const mine = redis.with({ timeout: 100 });
    const calls = [
      () => mine.blpop(["q"], 60),
      () => mine.lease(),
      () => mine.watch("k", (tx) => tx.get("k")),
    ];
    for (const call of calls) {
      using clock = new AwakeClock();
      assert(await errorOf(call()) instanceof TimeoutError);
      assert(clock.now < 2_000);
    }
  },
);

testBehind(
  "behaviour 34, 37: while connections are refused commands wait, and complete in order",
  async ({ chaos, redis }) => {
    await goAway(chaos, redis);
    const answers = [
      redis.append("k", "a"),
      redis.append("k", "b"),
      redis.get("k"),
    ];
    const impatient = errorOf(redis.with({ timeout: 30 }).append("k", "x"));
    const stop = new AbortController();
    const aborted = errorOf(
      redis.with({ signal: stop.signal }).append("k", "y"),
    );
    stop.abort(new Error("changed my mind"));
    const error = await impatient;
    assert(error instanceof TimeoutError && !error.maybeExecuted);
    assert.equal((await aborted).message, "changed my mind");
    chaos.heal();
    assert.deepEqual(await Promise.all(answers), [1, 2, "ab"]);
  },
);

Deno.test("behaviour 35: while the server is down a million commands beyond the queue reject at once, and take no memory", async () => {
  await using server = await TestServer.start();
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, {
    backoff: () => 5,
    queueSize: 100,
    commandTimeout: 120_000,
  });
  await goAway(chaos, redis);
  const waiting = Array.from({ length: 100 }, () => redis.ping());
  const settled = Promise.allSettled(waiting);
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000; i++) {
    const calls = Array.from({ length: 1_000 }, () => redis.set("k", "v"));
    for (const outcome of await Promise.allSettled(calls)) {
      assert(outcome.status === "rejected");
      const { reason } = outcome;
      assert(reason instanceof QueueFullError && !reason.maybeExecuted);
    }
  }
  const growth = Deno.memoryUsage().heapUsed - before;
  // If kept, the errors alone would take ten times as much.
  assert(growth < 64e6, `${growth} bytes`);
  chaos.heal();
  for (const outcome of await settled) {
    assert.equal(outcome.status, "fulfilled");
  }
});

testBehind(
  "behaviour 38: an idle connection that was cut silently is noticed, and the next command uses a new one",
  async ({ server, chaos, redis }) => {
    // Not by the client: with such timeouts it gives a write up on a busy machine.
    await server.ask("SET", "k", "v");
    await using news = await redis.subscribe("news");
    const before = chaos.accepted;
    chaos.strand();
    // The PINGs of the shared connection and of the subscriber.
    await until(() => chaos.accepted >= before + 2);
    using clock = new AwakeClock();
    assert.equal(await redis.get("k"), "v");
    assert(clock.now < 1_000);
    await until(async () =>
      /:1\r/.test(await server.ask("PUBLISH", "news", "x"))
    );
    const { value } = await news.next();
    assert.equal(value?.missed?.reason, "reconnected");
  },
  { pingInterval: 50, commandTimeout: 200 },
);

testBehind(
  "behaviour 38: a command on a connection that was cut silently fails by its deadline, the next one succeeds",
  async ({ chaos, redis }) => {
    chaos.strand();
    const error = await errorOf(redis.incr("n"));
    assert(error instanceof ConnectionError);
    assert.equal(error.maybeExecuted, true);
    assert.equal(await redis.with({ timeout: 5_000 }).incr("n"), 1);
  },
  { commandTimeout: 150 },
);

testBehind(
  "behaviour 39: close() behind a blackhole ends in time, and pending commands reject",
  async ({ server, chaos, redis }) => {
    chaos.blackhole();
    const answers = [redis.get("k"), redis.incr("n"), redis.blpop(["q"], 0)];
    const settled = Promise.allSettled(answers);
    using clock = new AwakeClock();
    await redis.close({ timeout: 50 });
    assert(clock.now < 1_000);
    for (const outcome of await settled) {
      assert(outcome.status === "rejected");
      assert(outcome.reason instanceof ConnectionError);
    }
    chaos.heal();
    await until(async () => (await clientsOf(server)).length === 0);
  },
);

testBehind(
  "behaviour 54: every kind of subscription is restored after every kind of loss",
  async ({ server, chaos, redis }) => {
    await using channel = await redis.subscribe("news");
    await using pattern = await redis.psubscribe("n*");
    const sharded = server.has("sharded pubsub");
    await using shard = sharded ? await redis.ssubscribe("news") : undefined;
    const readers = [channel, pattern, ...shard ? [shard] : []];
    const losses = [
      () => chaos.drop(),
      () => chaos.halfClose("toClient"),
      () => chaos.halfClose("toServer"),
    ];
    let over = false;
    const publishing = (async () => {
      while (!over) {
        await server.ask("PUBLISH", "news", "x");
        if (sharded) await server.ask("SPUBLISH", "news", "x");
        await sleep(2);
      }
    })();
    for (const lose of losses) {
      lose();
      for (const reader of readers) {
        let { value } = await reader.next();
        while (value?.missed === null) ({ value } = await reader.next());
        assert.equal(value?.missed?.reason, "reconnected");
      }
    }
    over = true;
    await publishing;
  },
);

// -- Credentials --

/** Creates a user that may read and write only `mine:*`. */
async function limitedUser(server: TestServer): Promise<void> {
  await server.ask(
    ...["ACL", "SETUSER", "ann", "on", ">s3cr3t", "resetchannels", "&mine"],
    ...["~mine:*", "-@all", "+@read", "+@write", "+@connection", "+multi"],
    ...["+exec", "+@pubsub"],
  );
}

Deno.test("behaviour 26: an ACL user's permitted commands work, others reject at once", async (t) => {
  await using server = await TestServer.start();
  if (!server.has("acl")) return;
  await limitedUser(server);
  for (const protocol of [2, 3] as const) {
    await t.step(`RESP${protocol}`, async () => {
      await using redis = await connect(
        server.url.replace("//", "//ann:s3cr3t@"),
        { protocol },
      );
      assert.equal(await redis.send(["ACL", "WHOAMI"]).catch(codeOf), "NOPERM");
      assert.equal(await redis.set("mine:k", "v"), "OK");
      assert.equal(await redis.get("mine:k"), "v");
      assert.equal(await redis.get("theirs").catch(codeOf), "NOPERM");
      assert.equal(await redis.configGet("*").catch(codeOf), "NOPERM");
      assert.equal(await redis.subscribe("theirs").catch(codeOf), "NOPERM");
      await using _news = await redis.subscribe("mine");
      // A refused command of a batch has its error in the results; the others are executed.
      const outcomes = await redis.pipeline(
        (p) => [p.get("mine:k"), p.get("theirs"), p.get("mine:k")],
        { transaction: false, raiseOnError: false },
      );
      assert.equal(outcomes[0], "v");
      assert.equal(codeOf(outcomes[1]), "NOPERM");
      assert.equal(outcomes[2], "v");
    });
  }
});

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}

Deno.test("behaviour 26: a wrong password is sent once for each attempt, rejects at once, and is never shown", async (t) => {
  await using server = await TestServer.start({
    config: { requirepass: "r1ght" },
  });
  const failures = async () => {
    await using admin = await connect(server.url, { password: "r1ght" });
    const stats = String(await admin.send(["INFO", "commandstats"]));
    const tried =
      /^cmdstat_(auth|hello):.*rejected_calls=(\d+),failed_calls=(\d+)/;
    return stats.split("\r\n").reduce((sum, line) => {
      const [, , rejected = 0, failed = 0] = tried.exec(line) ?? [];
      return sum + Number(rejected) + Number(failed);
    }, 0);
  };
  for (const protocol of [2, 3] as const) {
    await t.step(`RESP${protocol}`, async () => {
      await using chaos = Chaos.before(server);
      const url = chaos.url.replace("//", "//default:wr0ng@");
      const before = await failures();
      const error = await errorOf(
        connect(url, { protocol, connectAttempts: 10, backoff: () => 1 }),
      );
      assert(error instanceof AuthenticationError);
      assert.equal(chaos.accepted, 1);
      assert.equal(await failures() - before, 1, "one AUTH, or one HELLO");
      let shown = `${error.message} ${error.stack} ${JSON.stringify(error)}`;
      for (let cause: unknown = error; cause instanceof Error;) {
        shown += Deno.inspect(cause);
        cause = cause.cause;
      }
      assert.doesNotMatch(shown, /wr0ng|d3fault:/);
    });
    await t.step(`RESP${protocol}, changed while it is connected`, async () => {
      await using chaos = Chaos.before(server);
      const url = chaos.url.replace("//", "//:r1ght@");
      await using redis = await connect(url, { protocol, backoff: () => 30 });
      await redis.configSet({ requirepass: "n3w" });
      chaos.drop();
      using clock = new AwakeClock();
      const error = await errorOf(redis.get("k"));
      assert(error instanceof AuthenticationError, String(error));
      assert(clock.now < 2_000);
      assert.doesNotMatch(Deno.inspect(error), /r1ght/);
      assert.doesNotMatch(Deno.inspect(redis), /r1ght/);
      // It keeps trying, with pauses, as the password may be corrected.
      await using admin = await connect(server.url, { password: "n3w" });
      await admin.configSet({ requirepass: "r1ght" });
      await until(() => redis.get("k").then(() => true, () => false));
    });
  }
});
