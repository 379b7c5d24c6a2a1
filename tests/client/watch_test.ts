import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { Redis } from "../../lib/client/redis.ts";
import {
  BatchError,
  ClosedError,
  ConnectionError,
  TimeoutError,
  WatchError,
} from "../../lib/errors.ts";
import { WELCOME } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { errorOf, monitored, sleep, testBoth } from "./support.ts";

/** Adds one to `key`; another connection changes the key first, `conflicts` times. */
async function increment(
  redis: Redis,
  key: string,
  conflicts: number,
  attempts?: number,
): Promise<{ result: unknown; runs: number }> {
  let runs = 0;
  const result = await redis.watch(key, async (tx) => {
    runs++;
    const before = Number(await tx.get(key));
    if (runs <= conflicts) await redis.incrby(key, 10);
    return await tx.commit((m) => [m.set(key, before + 1), m.get(key)]);
  }, attempts === undefined ? {} : { attempts });
  return { result, runs };
}

testBoth(
  "watch() commits what was read when nothing has changed",
  async ({ server, redis }) => {
    await redis.set("n", 5);
    let outcome: unknown;
    const seen = await monitored(server, async () => {
      outcome = await increment(redis, "n", 0);
    });
    assert.deepEqual(outcome, { result: ["OK", "6"], runs: 1 });
    // One of the commands opened the connection: MONITOR shows the handshake, too.
    assert.deepEqual(seen.slice(-6), [
      "WATCH n",
      "GET n",
      "MULTI",
      "SET n 6",
      "GET n",
      "EXEC",
    ]);
  },
);

testBoth(
  "behaviour 48: watch() runs again after a conflict",
  async ({ redis }) => {
    await redis.set("n", 0);
    assert.deepEqual(await increment(redis, "n", 3), {
      result: ["OK", "31"],
      runs: 4,
    });
  },
);

testBoth(
  "behaviour 48: watch() rejects with WatchError when every attempt met a conflict",
  async ({ redis }) => {
    await redis.set("n", 0);
    const error = await errorOf(increment(redis, "n", Infinity, 3));
    assert(error instanceof WatchError);
    assert.match(error.message, /^Cannot commit in 3 attempts: /);
    assert(error.cause instanceof WatchError);
    assert.equal(await redis.get("n"), "30");
    await assert.rejects(increment(redis, "n", 1, 1), WatchError);
  },
);

testBoth(
  "behaviour 48: watch() unwatches when its function throws or does not commit",
  async ({ server, redis }) => {
    const mistake = new Error("by the test");
    const ends: [() => Promise<unknown>, unknown][] = [
      [() => redis.watch("n", () => Promise.reject(mistake)), mistake],
      [() =>
        redis.watch("n", () => {
          throw mistake;
        }), mistake],
      [() => redis.watch("n", (tx) => tx.get("n")), null],
    ];
    (await redis.lease())[Symbol.dispose]();
    for (const [run, expected] of ends) {
      const seen = await monitored(server, async () => {
        assert.equal(await run().catch((error) => error), expected);
      });
      assert.equal(seen.at(-1), "UNWATCH");
    }
    // The connection has no watched keys left.
    await redis.set("n", 1);
    assert.deepEqual(await increment(redis, "n", 0), {
      result: ["OK", "2"],
      runs: 1,
    });
    assert.match(Deno.inspect(redis), /0 leased, 1 spare/);
  },
);

testBoth(
  "watch() executes reads at once, and also batches before the commit",
  async ({ redis }) => {
    await redis.mset({ a: 1, b: 2 });
    const result = await redis.watch(["a", "b"], async (tx) => {
      const [a, b] = await tx.pipeline((p) => [p.get("a"), p.get("b")], {
        transaction: false,
      });
      assert.deepEqual(await tx.mget("a", "b"), [a, b]);
      return await tx.commit((m) => [m.set("sum", Number(a) + Number(b))]);
    });
    assert.deepEqual(result, ["OK"]);
    assert.equal(await redis.get("sum"), "3");
  },
);

testBoth("watch() on redis.bytes reads bytes", async ({ redis }) => {
  await redis.set("k", "v");
  const result = await redis.bytes.watch("k", async (tx) => {
    const value = await tx.get("k");
    return await tx.commit((m) => [m.set("k2", value!), m.get("k2")]);
  });
  assert.deepEqual(result, ["OK", new TextEncoder().encode("v")]);
});

testBoth(
  "watch() rejects with an error of its commit, and does not run again",
  async ({ redis }) => {
    await redis.set("text", "v");
    let runs = 0;
    const error = await errorOf(redis.watch("k", (tx) => {
      runs++;
      return tx.commit((m) => [m.set("k", 1), m.lpush("text", 1)]);
    }));
    assert(error instanceof BatchError);
    assert.equal(error.index, 1);
    const refused = await errorOf(redis.watch("k", (tx) => {
      runs++;
      return tx.commit((m) => [m.send(["NO.SUCH"])]);
    }));
    assert(refused instanceof BatchError);
    assert.equal(runs, 2);
  },
);

testBoth(
  "behaviour 49: watch() runs again when its connection is lost before the commit",
  async ({ redis }) => {
    await redis.set("n", 0);
    let runs = 0;
    const result = await redis.watch("n", async (tx) => {
      runs++;
      const before = Number(await tx.get("n"));
      if (runs <= 2) await redis.clientKill({ id: await tx.clientId() });
      return await tx.commit((m) => [m.set("n", before + 1)]);
    });
    assert.deepEqual(result, ["OK"]);
    assert.equal(runs, 3);
    assert.equal(await redis.get("n"), "1");
  },
);

Deno.test("watch() runs again when its connection is lost during WATCH", async () => {
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME)
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("CLIENT", "INFO").reply("+id=2\r\n")
    .expect("WATCH", "k").hangUp()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("CLIENT", "INFO").reply("+id=2\r\n")
    .expect("WATCH", "k").reply("+OK\r\n")
    .expect("MULTI").reply("+OK\r\n").expect("INCR", "k").reply("+QUEUED\r\n")
    .expect("EXEC").reply("*1\r\n:1\r\n");
  await using redis = await connect({ dial: peer.dial, info: false });
  const result = await redis.watch(
    "k",
    (tx) => tx.commit((m) => [m.incr("k")]),
  );
  assert.deepEqual(result, [1]);
  await peer.done();
});

Deno.test("behaviour 49: watch() does not run again when the reply to its EXEC is lost", async () => {
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME)
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("CLIENT", "INFO").reply("+id=2\r\n")
    .expect("WATCH", "k").reply("+OK\r\n")
    .expect("MULTI").reply("+OK\r\n").expect("INCR", "k").reply("+QUEUED\r\n")
    .expect("EXEC").hangUp();
  await using redis = await connect({ dial: peer.dial, info: false });
  let runs = 0;
  const error = await errorOf(redis.watch("k", (tx) => {
    runs++;
    return tx.commit((m) => [m.incr("k")]);
  }));
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
  assert.equal(runs, 1);
  await peer.done();
});

testBoth("watch() ends with its signal's reason", async ({ redis }) => {
  const reason = new Error("changed my mind");
  const stop = new AbortController();
  let runs = 0;
  const error = await errorOf(redis.watch("n", async (tx) => {
    if (++runs === 3) stop.abort(reason);
    await redis.incr("n");
    return await tx.commit((m) => [m.incr("n")]);
  }, { signal: stop.signal, attempts: 100 }));
  assert.equal(error, reason);
  assert.equal(runs, 3);
});

testBoth(
  "watch() does not reuse a connection that its function has changed",
  async ({ redis }) => {
    let id: number | undefined;
    await redis.watch("k", async (tx) => {
      id = await tx.clientId();
      await tx.send(["SELECT", 3]);
    });
    using next = await redis.lease();
    assert.notEqual(await next.clientId(), id);
    assert.match(await next.clientInfo(), / db=0 /);
  },
);

testBoth(
  "watch() ends by its timeout, or its signal, when the server does not answer",
  async ({ server, redis }) => {
    const reason = new Error("changed my mind");
    const doomed = (timeout: number, signal?: AbortSignal) =>
      errorOf(
        redis.with({ timeout }).watch(
          "k",
          (tx) => tx.get("k"),
          signal === undefined ? {} : { signal },
        ),
      );
    // A connection exists already: only its commands wait.
    (await redis.lease())[Symbol.dispose]();
    server.pause();
    assert(await doomed(50) instanceof TimeoutError);
    server.resume();
    (await redis.lease())[Symbol.dispose]();
    server.pause();
    const stop = new AbortController();
    const aborted = doomed(60_000, stop.signal);
    await sleep(5);
    stop.abort(reason);
    assert.equal(await aborted, reason);
    server.resume();
    using lease = await redis.lease();
    assert.equal(await lease.get("k"), null);
  },
  // Without the client's own timeout.
  { commandTimeout: 0 },
);

testBoth("watch() rejects no keys, and zero attempts", async ({ redis }) => {
  const run = () => Promise.resolve(1);
  await assert.rejects(redis.watch([], run), TypeError);
  for (const attempts of [0, -1, NaN]) {
    await assert.rejects(redis.watch("k", run, { attempts }), RangeError);
  }
});

testBoth("watch() on a closed client rejects", async ({ redis }) => {
  await redis.close();
  await assert.rejects(
    redis.watch("k", (tx) => tx.get("k")),
    ClosedError,
  );
});

testBoth("watch() keeps concurrent increments apart", async ({ redis }) => {
  const runs = Array.from({ length: 20 }, () =>
    redis.watch("n", async (tx) => {
      const before = Number(await tx.get("n"));
      return await tx.commit((m) => [m.set("n", before + 1)]);
    }, { attempts: 1_000 }));
  await Promise.all(runs);
  assert.equal(await redis.get("n"), "20");
});

testBoth(
  "watch() leaves nothing watched when its transaction was empty",
  async ({ redis }) => {
    await redis.watch("k", (tx) => tx.commit(() => []));
    await redis.set("k", "changed");
    using own = await redis.lease();
    assert.deepEqual(await own.transaction((t) => [t.set("l", 1)]), ["OK"]);
  },
);
