import assert from "node:assert/strict";
import { ClosedError, ConnectionError, WatchError } from "../../lib/errors.ts";
import { errorOf, sleep, testBoth } from "./support.ts";

testBoth(
  "lease() gives a connection of one's own with every command",
  async ({ redis }) => {
    using own = await redis.lease();
    assert.notEqual(await own.clientId(), await redis.clientId());
    assert.equal(await own.set("k", "v"), "OK");
    assert.deepEqual(await own.bytes.get("k"), new TextEncoder().encode("v"));
    assert.deepEqual(
      await own.pipeline((p) => [p.get("k"), p.strlen("k")]),
      ["v", 1],
    );
    assert.deepEqual(await own.transaction((p) => [p.get("k")]), ["v"]);
    assert.deepEqual(await own.pipeline(() => []), []);
    assert.equal(await own.blpop(["q"], 0.01), null);
  },
);

testBoth("a lease that was given back is refused", async ({ redis }) => {
  const own = await redis.lease();
  own[Symbol.dispose]();
  own[Symbol.dispose]();
  await assert.rejects(own.get("k"), ClosedError);
  await assert.rejects(own.pipeline((p) => [p.get("k")]), ClosedError);
  assert.equal(await redis.get("k"), null);
});

testBoth(
  "a lease is used again when nothing was changed on it",
  async ({ redis }) => {
    const ids: number[] = [];
    for (let i = 0; i < 3; i++) {
      using own = await redis.lease();
      ids.push(await own.clientId());
      await own.transaction((p) => [p.incr("n")]);
      await own.pipeline((p) => [p.incr("n")], { transaction: false });
      await assert.rejects(own.lpush("n", 1));
    }
    assert.equal(new Set(ids).size, 1);
  },
);

for (
  const line of [
    "SELECT 3",
    "select 3",
    "CLIENT SETNAME mine",
    "CLIENT NO-EVICT ON",
    "MULTI",
    "WATCH k",
    "HELLO",
    "READONLY",
    "RESET",
  ]
) {
  testBoth(
    `behaviour 44: after ${line} a lease's connection is not used again`,
    async ({ redis }) => {
      let id: number;
      {
        using own = await redis.lease();
        id = await own.clientId();
        // READONLY is refused outside of a cluster: that counts all the same.
        await own.send(line.split(" ")).catch(() => {});
      }
      using next = await redis.lease();
      assert.notEqual(await next.clientId(), id);
      assert.match(await next.clientInfo(), / db=0 /);
    },
  );
}

testBoth(
  "a lease keeps what was changed on it, for itself",
  async ({ redis }) => {
    using own = await redis.lease();
    await own.send(["SELECT", 3]);
    await own.set("k", "in 3");
    assert.equal(await redis.get("k"), null);
    assert.equal(await own.get("k"), "in 3");
    await own.send(["MULTI"]);
    assert.equal(await own.send(["SET", "k", "again"]), "QUEUED");
    assert.deepEqual(await own.send(["EXEC"]), ["OK"]);
  },
);

testBoth(
  "behaviour 44: a lease refuses what does not answer once, such as SUBSCRIBE and MONITOR",
  async ({ redis }) => {
    using own = await redis.lease();
    for (const line of ["SUBSCRIBE c", "monitor", "CLIENT REPLY OFF", "QUIT"]) {
      const error = await errorOf(own.send(line.split(" ")));
      assert(error instanceof TypeError);
      assert.match(error.message, /for good/);
    }
    assert.equal(await own.ping(), "PONG");
  },
);

testBoth(
  "behaviour 44: a lease that owes replies is closed, and they reach nobody",
  async ({ redis }) => {
    let pending: Promise<unknown>;
    {
      using own = await redis.lease();
      await own.set("k", "v");
      pending = own.send(["DEBUG", "SLEEP", "0.1"]);
      pending.catch(() => {});
      await sleep(1);
    }
    const error = await errorOf(pending);
    assert(error instanceof ClosedError);
    assert.equal(error.maybeExecuted, true);
    using next = await redis.lease();
    assert.equal(await next.get("k"), "v");
  },
);

testBoth(
  "behaviour 49: a lease whose connection was lost is not made again",
  async ({ redis }) => {
    using own = await redis.lease();
    const id = await own.clientId();
    await redis.clientKill({ id });
    // Whether the loss is seen while it waits or before: nothing is repeated.
    for (let i = 0; i < 2; i++) {
      await assert.rejects(own.incr("n"), ConnectionError);
    }
    assert.equal(await redis.get("n"), null);
  },
);

testBoth(
  "a raw WATCH on a lease guards its next transaction",
  async ({ redis }) => {
    using own = await redis.lease();
    await own.send(["WATCH", "k"]);
    await redis.set("k", "changed");
    await assert.rejects(own.transaction((p) => [p.set("k", 1)]), WatchError);
    assert.deepEqual(await own.transaction((p) => [p.set("k", 1)]), ["OK"]);
  },
);

testBoth(
  "a transaction on a lease may not hold what begins or ends one",
  async ({ redis }) => {
    using own = await redis.lease();
    for (const word of ["MULTI", "exec", "DISCARD", "WATCH"]) {
      const batch = own.transaction((p) => [
        p.set("k", "v"),
        p.send([word, "k"]),
      ]);
      const error = await errorOf(batch);
      assert(error instanceof TypeError, String(error));
      assert.match(error.message, /: use transaction\(\) or watch\(\)$/);
    }
    assert.equal(await own.get("k"), null);
    const loose = own.pipeline((p) => [
      p.send(["MULTI"]),
      p.set("k", "v"),
      p.send(["EXEC"]),
    ], { transaction: false });
    assert.deepEqual(await loose, ["OK", "QUEUED", ["OK"]]);
  },
);

testBoth(
  "a batch on a lease may not hold what changes it for good",
  async ({ redis }) => {
    using own = await redis.lease();
    await assert.rejects(
      own.pipeline((p) => [p.send(["SUBSCRIBE", "c"])]),
      TypeError,
    );
    assert.equal(await own.ping(), "PONG");
  },
);

testBoth(
  "no PING of the client stands among what a lease says",
  async ({ redis }) => {
    using own = await redis.lease();
    await own.send(["MULTI"]);
    await own.send(["GET", "k"]);
    await sleep(120);
    assert.deepEqual(await own.send(["EXEC"]), [null]);
  },
  { pingInterval: 30 },
);

testBoth("a lease of a client that was closed says so", async ({ redis }) => {
  const own = await redis.lease();
  await redis.close();
  await assert.rejects(own.ping(), ClosedError);
});
