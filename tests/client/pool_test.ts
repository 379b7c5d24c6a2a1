import assert from "node:assert/strict";
import { Client } from "../../lib/client/client.ts";
import { connect, createPool } from "../../lib/connect.ts";
import type { ClientOptions } from "../../lib/client/options.ts";
import type { Lease } from "../../lib/client/lease.ts";
import { Pool } from "../../lib/client/pool.ts";
import {
  ClosedError,
  ConnectionError,
  TimeoutError,
} from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { ask, WELCOME } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import { clientsOf, errorOf, sleep, until } from "./support.ts";

interface Pooled extends AsyncDisposable {
  readonly server: TestServer;
  readonly pool: Pool;
}

/** A pool of connections to a new server. */
async function pooled(options: ClientOptions = {}): Promise<Pooled> {
  const server = await TestServer.start();
  const pool = createPool(server.url, options);
  return {
    server,
    pool,
    async [Symbol.asyncDispose]() {
      await pool.close({ timeout: 0 });
      await server[Symbol.asyncDispose]();
    },
  };
}

function idOf({ connection }: Lease): Promise<unknown> {
  return ask(connection, "CLIENT ID");
}

Deno.test("behaviour 42: Pool leases up to its size; further callers wait, in order", async () => {
  await using setting = await pooled({ poolSize: 2 });
  const { pool } = setting;
  const first = await pool.lease();
  using _second = await pool.lease();
  const order: string[] = [];
  const waiters = ["a", "b", "c"].map(async (name) => {
    using lease = await pool.lease();
    order.push(name);
    return await idOf(lease);
  });
  await sleep(20);
  assert.deepEqual(order, []);
  const id = await idOf(first);
  first[Symbol.dispose]();
  // A second disposal must not free a second place.
  first[Symbol.dispose]();
  assert.deepEqual(await Promise.all(waiters), [id, id, id]);
  assert.deepEqual(order, ["a", "b", "c"]);
  assert.match(pool.summary, /1 leased, 1 spare/);
});

Deno.test("behaviour 42: a waiting call rejects after poolTimeout, or its own timeout", async () => {
  await using setting = await pooled({ poolSize: 1, poolTimeout: 40 });
  const { pool } = setting;
  const lease = await pool.lease();
  for (const timeout of [undefined, 10, 10_000]) {
    const error = await errorOf(
      pool.lease(timeout === undefined ? {} : { timeout }),
    );
    assert(error instanceof TimeoutError);
    const patience = timeout === 10 ? 10 : 40;
    assert.match(
      error.message,
      new RegExp(`all 1 are taken, within ${patience} ms`),
    );
  }
  lease[Symbol.dispose]();
  using _next = await pool.lease();
});

Deno.test("the error of a lease that does not open in time shows whole milliseconds", async () => {
  const peer = new ScriptedPeer().redial().stall();
  await using pool = new Pool({ dial: peer.dial, info: false, poolSize: 1 });
  const first = await pool.lease().catch(() => null);
  assert.equal(first, null);
  const error = await errorOf(pool.lease({ timeout: 30.4 }));
  assert(error instanceof TimeoutError);
  assert.match(error.message, /within \d+ ms$/);
});

Deno.test("behaviour 42: an aborted waiting call takes no connection", async () => {
  await using setting = await pooled({ poolSize: 1 });
  const { pool } = setting;
  const lease = await pool.lease();
  const reason = new Error("changed my mind");
  const stop = new AbortController();
  const aborted = pool.lease({ signal: stop.signal });
  aborted.catch(() => {});
  const patient = pool.lease();
  stop.abort(reason);
  assert.equal(await errorOf(aborted), reason);
  lease[Symbol.dispose]();
  (await patient)[Symbol.dispose]();

  // Aborted in the same tick in which a place becomes free.
  const held = await pool.lease();
  const late = new AbortController();
  const outcome = pool.lease({ signal: late.signal })
    .then((given) => given[Symbol.dispose](), () => {});
  await sleep(1);
  held[Symbol.dispose]();
  late.abort(reason);
  await outcome;
  using _again = await pool.lease({ timeout: 1_000 });
});

Deno.test("behaviour 43: Pool leases the most recently used idle connection", async () => {
  await using setting = await pooled();
  const { pool } = setting;
  const leases = [await pool.lease(), await pool.lease(), await pool.lease()];
  const ids = await Promise.all(leases.map(idOf));
  for (const n of [2, 0, 1]) leases[n]![Symbol.dispose]();
  const order: unknown[] = [];
  const again: Lease[] = [];
  for (let i = 0; i < 3; i++) {
    again.push(await pool.lease());
    order.push(await idOf(again.at(-1)!));
  }
  assert.deepEqual(order, [ids[1], ids[0], ids[2]]);
  for (const lease of again) lease[Symbol.dispose]();
});

Deno.test("behaviour 43: Pool closes connections that have been idle for poolIdleTimeout", async () => {
  await using setting = await pooled({ poolIdleTimeout: 120 });
  const { pool, server } = setting;
  const leases = [await pool.lease(), await pool.lease()];
  assert.equal((await clientsOf(server)).length, 2);
  for (const lease of leases) lease[Symbol.dispose]();
  // One connection is used continuously, the other never.
  await until(async () => {
    using lease = await pool.lease();
    await idOf(lease);
    return (await clientsOf(server)).length === 1;
  });
  await until(async () => (await clientsOf(server)).length === 0);
  assert.match(pool.summary, /0 leased, 0 spare/);
  using lease = await pool.lease();
  await idOf(lease);
});

Deno.test("behaviour 43: Pool replaces a connection after poolMaxLifetime, however much it is used", async () => {
  await using setting = await pooled({ poolMaxLifetime: 1_000 });
  const { pool } = setting;
  const ids = new Set<unknown>();
  const use = async () => {
    using lease = await pool.lease();
    ids.add(await idOf(lease));
  };
  await use();
  await use();
  assert.equal(ids.size, 1, "a young connection is reused");
  // It is never idle long enough to be closed by poolIdleTimeout.
  await until(async () => {
    await use();
    return ids.size === 3;
  });
});

Deno.test("behaviour 43: Pool closes an idle connection at the end of its lifetime, and an old one when it is given back", async () => {
  await using setting = await pooled({ poolMaxLifetime: 1_000 });
  const { pool, server } = setting;
  (await pool.lease())[Symbol.dispose]();
  assert.match(pool.summary, /0 leased, 1 spare/);
  await until(() => /0 leased, 0 spare/.test(pool.summary));
  {
    using lease = await pool.lease();
    await sleep(1_020);
    // It is too old, but stays usable until it is returned.
    assert.equal(await ask(lease.connection, "PING"), "PONG");
  }
  assert.match(pool.summary, /0 leased, 0 spare/);
  await until(async () => (await clientsOf(server)).length === 0);
});

Deno.test("behaviour 44: Pool closes a returned connection whose state was changed, or that has a pending reply", async () => {
  await using setting = await pooled({ poolSize: 1 });
  const { pool, server } = setting;
  const ids = new Set<unknown>();
  {
    using lease = await pool.lease();
    ids.add(await idOf(lease));
    lease.changes = 1;
  }
  {
    using lease = await pool.lease();
    ids.add(await idOf(lease));
    ask(lease.connection, "BLPOP q 0");
  }
  {
    using lease = await pool.lease();
    ids.add(await idOf(lease));
    lease.connection.destroy(new Error("by the test"));
  }
  using lease = await pool.lease();
  ids.add(await idOf(lease));
  assert.equal(ids.size, 4);
  await until(async () => (await clientsOf(server)).length === 1);
});

Deno.test("Pool does not lease an idle connection that was lost", async () => {
  await using setting = await pooled();
  const { pool, server } = setting;
  (await pool.lease())[Symbol.dispose]();
  await server.restart();
  using lease = await pool.lease();
  assert.equal(await ask(lease.connection, "PING"), "PONG");
});

Deno.test("behaviour 45: close() rejects waiting calls at once", async () => {
  await using setting = await pooled({ poolSize: 1 });
  const { pool } = setting;
  const lease = await pool.lease();
  const answer = ask(lease.connection, "BLPOP q 0");
  const waiters = [pool.lease(), pool.lease()];
  const outcomes = Promise.allSettled(waiters);
  let closed = false;
  const closing = pool.close({ timeout: 300 }).then(() => closed = true);
  // Long before the lease ends.
  for (const outcome of await outcomes) {
    assert.equal(closed, false);
    assert(outcome.status === "rejected");
    assert(outcome.reason instanceof ClosedError);
  }
  await closing;
  await assert.rejects(answer, ClosedError);
  await assert.rejects(pool.lease(), ClosedError);
  lease[Symbol.dispose]();
  await pool.close();
});

Deno.test("Pool leaves nothing open when it is closed at any tick of a lease", async () => {
  for (let ticks = 0; ticks < 60; ticks++) {
    const peer = new ScriptedPeer().expectAny().reply(WELCOME);
    const pool = new Pool({ dial: peer.dial, info: false });
    const leasing = pool.lease().catch(() => null);
    for (let i = 0; i < ticks; i++) await null;
    await pool.close();
    const lease = await leasing;
    assert.equal(lease?.connection.alive ?? false, false, `${ticks} ticks`);
    assert.equal(peer.open, 0, `after ${ticks} ticks`);
  }
});

Deno.test("a command on a lease settles when the connection is lost at any tick while it opens", async () => {
  for (let ticks = 0; ticks < 60; ticks++) {
    const peer = new ScriptedPeer().silence();
    await using client = new Client({ dial: peer.dial, info: false });
    const answer = client.send(["BLPOP", "q", 0]);
    answer.catch(() => {});
    await until(() => peer.received.length === 2);
    peer.sendNow(`${WELCOME}+id=1\r\n`);
    for (let i = 0; i < ticks; i++) await null;
    peer.hangUpNow();
    const error = await errorOf(answer);
    assert(error instanceof ConnectionError, `after ${ticks} ticks`);
  }
});

Deno.test("behaviour 46: a failed dial rejects only its own call", async () => {
  let failing = 0;
  await using server = await TestServer.start();
  await using pool = createPool(server.url, {
    poolSize: 1,
    dial: (...args) => {
      if (failing-- > 0) return Promise.reject(new Error("no route"));
      return dial(...args);
    },
  });
  const lease = await pool.lease();
  const [unlucky, lucky] = [pool.lease(), pool.lease()];
  unlucky.catch(() => {});
  failing = 1;
  lease.changes = 1;
  lease[Symbol.dispose]();
  const error = await errorOf(unlucky);
  assert(error instanceof ConnectionError);
  assert.match(error.message, /no route/);
  using given = await lucky;
  assert.equal(await ask(given.connection, "PING"), "PONG");
});

Deno.test("a lease waits for a long reply: silence does not mean that the server is dead", async () => {
  await using setting = await pooled({ commandTimeout: 100 });
  using lease = await setting.pool.lease();
  assert.equal(await ask(lease.connection, "BLPOP q 0.5"), null);
});

Deno.test("two clients share one pool, and closing one leaves it open", async () => {
  await using server = await TestServer.start();
  await using pool = createPool(server.url, { poolSize: 1, poolTimeout: 50 });
  const one = await connect({ pool });
  await using two = await connect({ pool });
  await one.set("k", "v");
  assert.equal(await two.get("k"), "v");
  assert.equal(await one.clientId(), await two.clientId());
  {
    using _lease = await one.lease();
    await assert.rejects(two.lease(), TimeoutError);
  }
  await one.close();
  await assert.rejects(one.get("k"), ClosedError);
  await assert.rejects(one.lease(), ClosedError);
  assert.equal(await two.get("k"), "v");
  using lease = await two.lease();
  assert.equal(await lease.get("k"), "v");
});

Deno.test("behaviour 39: close() rejects blocking commands and waiting leases on a shared pool", async () => {
  await using server = await TestServer.start();
  await using pool = createPool(server.url, { poolSize: 1 });
  const one = await connect({ pool });
  await using two = await connect({ pool });
  const blocked = errorOf(one.blpop(["q"], 0));
  await until(async () => (await clientsOf(server, / flags=b/)).length === 1);
  const waiting = errorOf(one.blpop(["q"], 0));
  await one.close();
  for (const error of await Promise.all([blocked, waiting])) {
    assert(error instanceof ClosedError, String(error));
  }
  // No element is popped for an aborted call.
  await two.rpush("q", "x");
  assert.deepEqual(await two.blpop(["q"], 1), ["q", "x"]);
});

Deno.test("a new client can use a shared pool after the server could not be reached", async () => {
  await using server = await TestServer.start();
  await using pool = createPool(server.url, { backoff: () => 20 });
  await server.kill();
  await assert.rejects(connect({ pool }), ConnectionError);
  await server.startAgain();
  await until(async () => {
    try {
      await using redis = await connect({ pool });
      return await redis.ping() === "PONG";
    } catch (error) {
      assert(error instanceof ConnectionError, String(error));
      return false;
    }
  });
});
