import assert from "node:assert/strict";
import { ClosedError, ConnectionError, WatchError } from "../../lib/errors.ts";
import { errorOf, sleep, testBoth } from "./support.ts";

testBoth(
  "lease() provides an exclusive connection with every command",
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

testBoth("a returned lease rejects commands", async ({ redis }) => {
  const own = await redis.lease();
  own[Symbol.dispose]();
  own[Symbol.dispose]();
  await assert.rejects(own.get("k"), ClosedError);
  await assert.rejects(own.pipeline((p) => [p.get("k")]), ClosedError);
  assert.equal(await redis.get("k"), null);
});

testBoth(
  "a leased connection is reused if its state is unchanged",
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
    `behaviour 44: after ${line} a lease's connection is not reused`,
    async ({ redis }) => {
      let id: number;
      {
        using own = await redis.lease();
        id = await own.clientId();
        // READONLY is an error outside of a cluster, but counts as a change all the same.
        await own.send(line.split(" ")).catch(() => {});
      }
      using next = await redis.lease();
      assert.notEqual(await next.clientId(), id);
      assert.match(await next.clientInfo(), / db=0 /);
    },
  );
}

testBoth(
  "changes on a lease stay on that lease",
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
  "behaviour 44: a lease rejects commands without exactly one reply, such as SUBSCRIBE and MONITOR",
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
  "behaviour 44: a lease with pending replies is closed, and the replies are discarded",
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
  "behaviour 49: a lease does not reconnect",
  async ({ redis }) => {
    using own = await redis.lease();
    const id = await own.clientId();
    await redis.clientKill({ id });
    // Whether the loss is noticed before or during the command: it is not retried.
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
  "a transaction on a lease rejects commands that begin or end a transaction",
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
  "a batch on a lease rejects commands that change its state permanently",
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
  "the client sends no PING among the commands of a lease",
  async ({ redis }) => {
    using own = await redis.lease();
    await own.send(["MULTI"]);
    await own.send(["GET", "k"]);
    await sleep(120);
    assert.deepEqual(await own.send(["EXEC"]), [null]);
  },
  { pingInterval: 30 },
);

testBoth(
  "a lease of a closed client rejects with ClosedError",
  async ({ redis }) => {
    const own = await redis.lease();
    await redis.close();
    await assert.rejects(own.ping(), ClosedError);
  },
);
