import assert from "node:assert/strict";
import { Client } from "../../lib/client/client.ts";
import { ClosedError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import {
  clientsOf,
  errorOf,
  runProgram,
  sleep,
  testBoth,
  until,
} from "./support.ts";

testBoth(
  "behaviour 39: close() waits for pending commands",
  async ({ redis }) => {
    const answers = [
      redis.set("k", "v"),
      redis.send(["DEBUG", "SLEEP", "0.1"]),
      redis.incr("n"),
      redis.transaction((p) => [p.incr("n"), p.get("k")]),
    ];
    const closing = redis.close();
    const late = redis.get("k");
    late.catch(() => {});
    await closing;
    assert.deepEqual(await Promise.all(answers), ["OK", "OK", 1, [2, "v"]]);
    await assert.rejects(late, ClosedError);
  },
);

testBoth(
  "behaviour 39: close() rejects pending commands after its timeout",
  async ({ server, redis }) => {
    server.pause();
    const answer = redis.incr("n");
    answer.catch(() => {});
    await sleep(5);
    const before = performance.now();
    using clock = new AwakeClock();
    await redis.close({ timeout: 50 });
    const took = performance.now() - before;
    assert(took >= 40, `${took} ms`);
    assert(clock.now < 3_000, `${clock.now} ms`);
    server.resume();
    const error = await errorOf(answer);
    assert(error instanceof ClosedError);
    assert.equal(error.maybeExecuted, true);
    assert.match(
      error.message,
      /^INCR got no reply before the client was closed/,
    );
  },
);

testBoth("close({ timeout: 0 }) does not wait", async ({ server, redis }) => {
  // It does not reply before the client is closed.
  server.pause();
  const answer = redis.incr("n");
  answer.catch(() => {});
  await sleep(5);
  using clock = new AwakeClock();
  await redis.close({ timeout: 0 });
  assert(clock.now < 1_000, `${clock.now} ms`);
  server.resume();
  await assert.rejects(answer, ClosedError);
});

testBoth(
  "close({ timeout: Infinity }) waits as long as it takes",
  async ({ redis }) => {
    const answer = redis.send(["DEBUG", "SLEEP", "0.1"]);
    await redis.close({ timeout: Infinity });
    assert.equal(await answer, "OK");
  },
);

testBoth(
  "behaviour 39: close() is idempotent, and commands after it reject at once",
  async ({ redis }) => {
    using _lease = await redis.lease();
    const [first, second] = [redis.close(), redis.close({ timeout: 0 })];
    await Promise.all([first, second, redis.close()]);
    await redis[Symbol.asyncDispose]();
    const calls = [
      () => redis.get("k"),
      () => redis.send(["GET", "k"]),
      () => redis.pipeline((p) => [p.get("k")]),
      () => redis.transaction((p) => [p.get("k")]),
      () => redis.blpop(["q"], 0),
      () => redis.lease(),
      () => redis.subscribe("c"),
      () => redis.subscribe("c", { overflow: "pause" }),
      () => redis.watch("k", (tx) => tx.get("k")),
    ];
    for (const call of calls) {
      const error = await errorOf(call());
      assert(error instanceof ClosedError, String(call));
      assert.equal(error.maybeExecuted, false);
    }
  },
);

testBoth(
  "behaviour 39: close() leaves no connection open",
  async ({ server, redis }) => {
    const lease = await redis.lease();
    (await redis.lease())[Symbol.dispose]();
    const news = await redis.subscribe("c");
    const paused = await redis.psubscribe("c*", { overflow: "pause" });
    const popping = redis.blpop(["q"], 0);
    popping.catch(() => {});
    await until(async () => (await clientsOf(server)).length === 5);
    await redis.close();
    await until(async () => (await clientsOf(server)).length === 0);
    await assert.rejects(popping, ClosedError);
    await assert.rejects(lease.get("k"));
    assert.equal((await news.next()).done, true);
    assert.equal((await paused.next()).done, true);
  },
);

testBoth(
  "behaviour 39: close() waits for the pending commands of a lease",
  async ({ redis }) => {
    using own = await redis.lease();
    let committing = false;
    const watched = redis.watch("k", async (tx) => {
      await tx.get("k");
      committing = true;
      return await tx.commit((m) => [
        m.incr("n"),
        m.send(["DEBUG", "SLEEP", "0.1"]),
      ]);
    });
    await until(() => committing);
    await sleep(5);
    const answer = own.set("k", "v");
    const closing = redis.close();
    const late = own.get("k");
    late.catch(() => {});
    await closing;
    assert.equal(await answer, "OK");
    assert.deepEqual(await watched, [1, "OK"]);
    await assert.rejects(late);
  },
);

testBoth(
  "behaviour 39: close() waits for no lease beyond its timeout, nor for blocking commands",
  async ({ redis, server }) => {
    using own = await redis.lease();
    using other = await redis.lease();
    const popping = [redis.blpop(["q"], 0), other.blpop(["q"], 0)];
    for (const one of popping) one.catch(() => {});
    // Nothing is answered: without a timeout close() would wait forever.
    server.pause();
    const answer = own.send(["PING"]);
    answer.catch(() => {});
    await sleep(5);
    await redis.close({ timeout: 30 });
    server.resume();
    for (const one of [answer, ...popping]) {
      await assert.rejects(one, ClosedError);
    }
  },
);

testBoth(
  "behaviour 39: close() does not wait for a blocking command",
  async ({ redis }) => {
    const popping = redis.blpop(["q"], 0);
    popping.catch(() => {});
    await sleep(10);
    using clock = new AwakeClock();
    await redis.close();
    assert(clock.now < 2_000);
    await assert.rejects(popping, ClosedError);
  },
);

Deno.test("close() resolves on a client that never connected, or cannot", async () => {
  const idle = new Client({ dial });
  await idle.close();
  await idle.close();
  const peer = new ScriptedPeer().refuse();
  const client = new Client({ dial: peer.dial, backoff: () => 60_000 });
  const answer = client.send(["GET", "k"]);
  answer.catch(() => {});
  await sleep(2);
  await client.close({ timeout: 10 });
  await assert.rejects(answer, ClosedError);
});

Deno.test("close() waits for commands that are queued for the first connection", async () => {
  await using server = await TestServer.start();
  const { hostname, port } = server;
  const client = new Client({ hostname, port, dial });
  const answers = [client.send(["INCR", "n"]), client.send(["INCR", "n"])];
  await client.close();
  assert.deepEqual(await Promise.all(answers), [1, 2]);
});

Deno.test("close() does not wait for a dial beyond its timeout", async () => {
  const peer = new ScriptedPeer().stall();
  const client = new Client({ dial: peer.dial });
  const answer = client.send(["GET", "k"]);
  answer.catch(() => {});
  using clock = new AwakeClock();
  await client.close({ timeout: 30 });
  assert(clock.now < 2_000);
  await assert.rejects(answer, ClosedError);
});

testBoth(
  "close() ends a write that the server does not read",
  async ({ server, redis }) => {
    server.pause();
    const large = redis.set("k", new Uint8Array(50_000_000));
    large.catch(() => {});
    await sleep(20);
    await redis.close({ timeout: 20 });
    server.resume();
    await assert.rejects(large, ClosedError);
  },
);

// -- ref and unref --

const OPEN_CLIENT = `
  import { connect } from "@sorrel/redis";
  const redis = await connect(Deno.args[0], { protocol: Number(Deno.args[1]) });
  const lease = await redis.lease();
  (await redis.lease())[Symbol.dispose]();
  await redis.set("k", "v");
  const news = await redis.subscribe("c");
`;

for (const protocol of ["2", "3"]) {
  Deno.test(`after unref() a process exits although a client is open, RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    const { code, stdout, stderr } = await runProgram(
      `${OPEN_CLIENT}
      redis.unref();
      console.log(await redis.get("k"));
      // A connection opened later does not keep the process alive, either.
      (await redis.lease())[Symbol.dispose]();
      console.log("done");`,
      [server.url, protocol],
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "v\ndone\n");
  });

  Deno.test(`an open client keeps its process alive, and does again after ref(), RESP${protocol}`, async () => {
    await using server = await TestServer.start();
    for (const calls of ["", "redis.unref(); redis.ref();"]) {
      const { code, stdout, stderr } = await runProgram(
        `${OPEN_CLIENT}
        ${calls}
        console.log("main is over");
        news.next().then(async ({ value }) => {
          console.log(value.message);
          await redis.close();
        });
        const timer = setTimeout(() => redis.publish("c", "heard"), 300);
        Deno.unrefTimer(timer);`,
        [server.url, protocol],
      );
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "main is over\nheard\n");
    }
  });
}

Deno.test("after unref() a process exits although its client waits for the server", async () => {
  await using server = await TestServer.start();
  for (const first of ["redis.unref();", ""]) {
    await server.kill();
    await server.startAgain();
    const program = `
      import { connect } from "@sorrel/redis";
      const redis = await connect(Deno.args[0], { backoff: () => 60_000 });
      ${first}
      await redis.send(["SHUTDOWN", "NOSAVE"]).catch(() => {});
      redis.get("k").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
      redis.unref();
      console.log("done");
    `;
    const { code, stdout, stderr } = await runProgram(program, [server.url]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "done\n");
  }
});

Deno.test("behaviour 40: a process does not exit when its server stops", async () => {
  await using server = await TestServer.start();
  const program = `
    import { connect } from "@sorrel/redis";
    const redis = await connect(Deno.args[0], { backoff: () => 10 });
    const news = await redis.subscribe("c");
    await using lease = { lease: await redis.lease(), async [Symbol.asyncDispose]() {} };
    await redis.send(["SHUTDOWN", "NOSAVE"]).catch((error) => console.log(error.name));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await redis.close();
    console.log("alive");
  `;
  const { code, stdout, stderr } = await runProgram(program, [server.url]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.equal(stdout, "ConnectionError\nalive\n");
});
