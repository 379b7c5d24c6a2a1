import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import { ConnectionError, TimeoutError } from "../../lib/errors.ts";
import { dial } from "../../lib/net/tcp.ts";
import type { Dial } from "../../lib/net/transport.ts";
import { WELCOME, writesOf } from "../connection/support.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { TestServer } from "../support/test_server.ts";
import {
  clientsOf,
  errorOf,
  monitored,
  sleep,
  testBoth,
  until,
} from "./support.ts";

/** Counts the listeners of a signal: the current number and the maximum. */
function countListeners(signal: AbortSignal): { now: number; most: number } {
  const count = { now: 0, most: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    count.most = Math.max(count.most, ++count.now);
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    count.now--;
    Reflect.apply(removeEventListener, signal, args);
  };
  return count;
}

/** A client of `peer`, after HELLO. */
function connectTo(peer: ScriptedPeer) {
  return connect({ dial: peer.dial, info: false, backoff: () => 0 });
}

function greeted(): ScriptedPeer {
  return new ScriptedPeer().expect("HELLO", "3").reply(WELCOME);
}

async function nobodyBlocks(server: TestServer): Promise<void> {
  await until(async () => (await clientsOf(server, / flags=b/)).length === 0);
}

const reason = new Error("changed my mind");

// -- with() --

testBoth(
  "with() affects only calls made through it",
  async ({ redis }) => {
    await redis.set("k", "v");
    const bytes = redis.with({ replies: "bytes" });
    assert.deepEqual(await bytes.get("k"), new TextEncoder().encode("v"));
    assert.deepEqual(await redis.bytes.get("k"), await bytes.get("k"));
    assert.equal(await bytes.with({ replies: "text" }).get("k"), "v");
    assert.deepEqual(
      await bytes.with({ timeout: 5_000 }).get("k"),
      await bytes.get("k"),
    );
    assert.equal(await redis.get("k"), "v");
    const signal = AbortSignal.abort(reason);
    const doomed = redis.with({ signal });
    await assert.rejects(doomed.get("k"), reason);
    await assert.rejects(doomed.bytes.get("k"), reason);
    await assert.rejects(doomed.with({ timeout: 1 }).get("k"), reason);
    await assert.rejects(doomed.pipeline((p) => [p.get("k")]), reason);
    const pipe = doomed.pipeline();
    pipe.get("k");
    await assert.rejects(pipe.execute(), reason);
    await assert.rejects(doomed.lease(), reason);
    await assert.rejects(doomed.blpop(["q"], 1), reason);
    await assert.rejects(doomed.subscribe("c"), reason);
    await assert.rejects(doomed.watch("k", (tx) => tx.get("k")), reason);
    assert.equal(await redis.get("k"), "v");
  },
);

Deno.test("behaviour 31: an already aborted signal writes nothing", async () => {
  const peer = greeted();
  await using redis = await connectTo(peer);
  const doomed = redis.with({ signal: AbortSignal.abort(reason) });
  const calls = [
    doomed.get("k"),
    doomed.pipeline((p) => [p.get("k")]),
    doomed.blpop(["q"], 0),
    doomed.lease(),
    doomed.subscribe("c"),
    doomed.watch("k", (tx) => tx.get("k")),
  ];
  for (const call of calls) assert.equal(await errorOf(call), reason);
  assert.equal(peer.dialled.length, 1);
  assert.deepEqual(writesOf(peer), [["HELLO 3"]]);
});

testBoth(
  "behaviour 31: a blocking command is not sent if its signal aborts while it waits for a connection",
  async ({ server, redis }) => {
    // With an existing connection, and with one to be opened.
    for (const spares of [0, 1]) {
      if (spares > 0) await redis.blpop(["none"], 0.01);
      const seen = await monitored(server, async () => {
        for (let i = 0; i < 3; i++) {
          const stop = new AbortController();
          const popping = redis.with({ signal: stop.signal }).blpop(["q"], 0);
          stop.abort(reason);
          assert.equal(await errorOf(popping), reason);
        }
        await sleep(5);
      });
      assert.deepEqual(seen.filter((line) => line.startsWith("BLPOP")), []);
    }
  },
);

testBoth(
  "behaviour 31: 10,000 calls on one signal leave it without listeners",
  async ({ redis }) => {
    const { signal } = new AbortController();
    const listeners = countListeners(signal);
    const bound = redis.with({ signal });
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 1_000 }, () => bound.get("k")));
    }
    assert(listeners.most <= 1_000, `${listeners.most}`);
    await bound.pipeline((p) => [p.get("k")]);
    await bound.blpop(["q"], 0.01);
    await assert.rejects(bound.send(["LPUSH", "k"]));
    // deno-lint-ignore no-explicit-any -- values that the types reject
    await assert.rejects(bound.get({} as any), TypeError);
    await bound.set("k", 1);
    await assert.rejects(bound.lpush("k", 1));
    using _lease = await bound.lease();
    await bound.watch("k", (tx) => tx.get("k"));
    const subscription = await bound.subscribe("c");
    assert.equal(listeners.now, 1, "the subscription's own");
    await subscription.close();
    assert.equal(listeners.now, 0);
  },
);

Deno.test("behaviour 16: an aborted command's reply is discarded", async () => {
  const peer = greeted().silence();
  await using redis = await connectTo(peer);
  const stop = new AbortController();
  const aborted = redis.with({ signal: stop.signal }).get("a");
  const next = redis.get("b");
  await until(() => peer.received.length === 3);
  stop.abort(reason);
  assert.equal(await errorOf(aborted), reason);
  peer.sendNow("+late\r\n+value\r\n");
  assert.equal(await next, "value");
});

Deno.test("behaviour 29: a command on a stalled server rejects with TimeoutError, and later commands get their own replies", async () => {
  await using server = await TestServer.start();
  for (const protocol of [2, 3] as const) {
    await using redis = await connect(server.url, {
      protocol,
      commandTimeout: 150,
      backoff: () => 5,
    });
    await redis.mset({ a: "of a", b: "of b" });
    server.pause();
    const before = performance.now();
    using clock = new AwakeClock();
    const error = await errorOf(redis.incr("n"));
    const took = performance.now() - before;
    assert(error instanceof ConnectionError);
    assert.equal(error.maybeExecuted, true);
    assert(took > 100, `${took} ms`);
    assert(clock.now < 3_000, `${clock.now} ms`);
    server.resume();
    const patient = redis.with({ timeout: 60_000 });
    assert.deepEqual(
      await Promise.all([patient.get("a"), patient.get("b")]),
      ["of a", "of b"],
    );
  }
});

Deno.test("with({ timeout }) shortens or extends commandTimeout for a call", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 300 });
  const sleepy = (seconds: string, timeout: number) =>
    redis.with({ timeout }).send(["DEBUG", "SLEEP", seconds]);
  assert.equal(await sleepy("0.7", 5_000), "OK");
  assert.equal(await sleepy("0.7", 0), "OK");
  const error = await errorOf(sleepy("0.2", 50));
  assert(error instanceof TimeoutError);
  assert.match(error.message, /^DEBUG got no reply by its deadline$/);
  assert.equal(await redis.with({ timeout: 5_000 }).ping(), "PONG");
  // Two connections: calls with a longer timeout share a separate one.
  assert.equal((await clientsOf(server)).length, 2);
});

Deno.test("with({ retry }) decides whether a command is retried after a lost connection", async () => {
  const drop = (word: string) => greeted().expect(word, "k").hangUp();
  const again = (peer: ScriptedPeer, word: string) =>
    peer.redial().expect("HELLO", "3").reply(WELCOME)
      .expect(word, "k").reply(":7\r\n");

  for (
    const [word, retry, sent] of [
      ["INCR", undefined, 1],
      ["INCR", false, 1],
      ["INCR", true, 2],
      ["STRLEN", undefined, 2],
      ["STRLEN", true, 2],
      ["STRLEN", false, 1],
    ] as const
  ) {
    const peer = sent === 2
      ? again(drop(word), word)
      : drop(word).redial().expect("HELLO", "3").reply(WELCOME);
    await using redis = await connectTo(peer);
    const call = redis.with(retry === undefined ? {} : { retry })
      .send([word, "k"]);
    if (sent === 2) assert.equal(await call, 7);
    else {
      const error = await errorOf(call);
      assert(error instanceof ConnectionError);
      assert.match(error.message, new RegExp(`^${word} lost its connection`));
    }
    const times = peer.received.filter(([name]) => name === word).length;
    assert.equal(times, sent, `${word} with ${retry}`);
  }
});

Deno.test("behaviour 21: a pipeline whose connection is lost rejects, and reports how many replies arrived", async () => {
  const peer = greeted().expect("SET", "a", "1").reply("+OK\r\n")
    .expect("SET", "b", "2").hangUp()
    .redial().expect("HELLO", "3").reply(WELCOME)
    .expect("GET", "k").reply("+v\r\n");
  await using redis = await connectTo(peer);
  const error = await errorOf(
    redis.pipeline((p) => [p.set("a", 1), p.set("b", 2)], {
      transaction: false,
    }),
  );
  assert(error instanceof ConnectionError);
  assert.equal(error.maybeExecuted, true);
  assert.match(error.message, /a pipeline of 2 commands \(1 replies came\)/);
  assert.equal(await redis.get("k"), "v");
  await peer.done();
});

// -- Blocking commands --

testBoth(
  "behaviour 47: a blocking command does not delay others",
  async ({ server, redis }) => {
    const popped = [1, 2, 3].map((n) => redis.blpop([`q${n}`, "q"], 0));
    const moved = redis.send(["BLMOVE", "from", "to", "LEFT", "LEFT", "0"]);
    const piped = redis.pipeline((p) => [p.set("k", 1), p.brpop(["r"], 0)], {
      transaction: false,
    });
    await until(async () => (await clientsOf(server, / flags=b/)).length === 5);
    assert.equal(await redis.ping(), "PONG");
    for (const n of [3, 1, 2]) await redis.rpush(`q${n}`, `of ${n}`);
    await redis.rpush("from", "x");
    await redis.rpush("r", "y");
    assert.deepEqual(await Promise.all(popped), [
      ["q1", "of 1"],
      ["q2", "of 2"],
      ["q3", "of 3"],
    ]);
    assert.equal(await moved, "x");
    assert.deepEqual(await piped, ["OK", ["r", "y"]]);
    assert.match(Deno.inspect(redis), /0 leased, 5 spare/);
  },
);

testBoth(
  "behaviour 30: a blocking command has its block time in addition to commandTimeout",
  async ({ redis }) => {
    const before = performance.now();
    assert.equal(await redis.blpop(["q"], 0.6), null);
    assert(performance.now() - before >= 550);
    const waiting = redis.blpop(["q"], 0);
    await sleep(500);
    await redis.rpush("q", "v");
    assert.deepEqual(await waiting, ["q", "v"]);
  },
  { commandTimeout: 200 },
);

Deno.test("behaviour 30: a blocking command times out when the server stalls", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { commandTimeout: 200 });
  await redis.blpop(["q"], 0.01);
  server.pause();
  const error = await errorOf(redis.blpop(["q"], 0.2));
  assert(error instanceof TimeoutError);
  server.resume();
  await nobodyBlocks(server);
  assert.equal(await redis.with({ timeout: 5_000 }).rpush("q", "v"), 1);
  // The connection with the pending reply is not reused.
  assert.deepEqual(await redis.blpop(["q"], 1), ["q", "v"]);
});

testBoth(
  "an aborted blocking command pops no element",
  async ({ server, redis }) => {
    const stop = new AbortController();
    const waiting = redis.with({ signal: stop.signal }).blpop(["q"], 0);
    waiting.catch(() => {});
    await until(async () => (await clientsOf(server, / flags=b/)).length === 1);
    stop.abort(reason);
    assert.equal(await errorOf(waiting), reason);
    await nobodyBlocks(server);
    assert.equal(await redis.rpush("q", "v"), 1);
    assert.equal(await redis.llen("q"), 1);
  },
);

testBoth(
  "with({ timeout }) ends a blocking command",
  async ({ server, redis }) => {
    const quick = redis.with({ timeout: 50 });
    await assert.rejects(quick.blpop(["q"], 0), TimeoutError);
    await nobodyBlocks(server);
    await redis.rpush("q", "v");
    assert.equal(await redis.llen("q"), 1);
  },
);

testBoth(
  "a blocking command does not block inside a transaction",
  async ({ redis }) => {
    const answers = await redis.transaction((p) => [
      p.blpop(["q"], 0),
      p.set("k", 1),
    ]);
    assert.deepEqual(answers, [null, "OK"]);
    assert.match(Deno.inspect(redis), /0 leased, 0 spare/);
  },
);

testBoth(
  "a blocking command rejects when its connection is lost",
  async ({ server, redis }) => {
    const waiting = redis.blpop(["q"], 0);
    waiting.catch(() => {});
    await until(async () => (await clientsOf(server, / flags=b/)).length === 1);
    const [line] = await clientsOf(server, / flags=b/);
    await redis.clientKill({ id: Number(/id=(\d+)/.exec(line!)![1]) });
    const error = await errorOf(waiting);
    assert(error instanceof ConnectionError);
    assert.match(error.message, /^BLPOP lost its connection/);
    assert.equal(await redis.blpop(["q"], 0.01), null);
  },
);

Deno.test("a blocking command that cannot be encoded leases no connection", async () => {
  let dials = 0;
  const counting: Dial = (...args) => (dials++, dial(...args));
  await using server = await TestServer.start();
  await using redis = await connect(server.url, { dial: counting });
  // deno-lint-ignore no-explicit-any -- values that the types reject
  await assert.rejects(redis.blpop([null as any], 1), TypeError);
  assert.equal(dials, 1);
});

Deno.test("wait() and waitaof() on a shared connection are rejected, and the error names lease() and pipeline()", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const message =
    /^TypeError: Cannot send WAIT(AOF)? .*lease\(\).*pipeline\(\)/;
  await assert.rejects(redis.wait(0, 10), message);
  await assert.rejects(redis.waitaof(0, 0, 10), message);
  await assert.rejects(redis.send(["wait", 0, 10]), message);
  using lease = await redis.lease();
  await lease.set("k", "v");
  assert.equal(await lease.wait(0, 10), 0);
});

Deno.test("send() copies the array of words, which the caller may reuse", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const words = ["SET", "", ""];
  const answers: Promise<unknown>[] = [];
  const pipe = redis.pipeline();
  for (const key of ["a", "b", "c"]) {
    words[1] = key;
    words[2] = `value of ${key}`;
    answers.push(redis.send(words));
    words[1] = `${key}${key}`;
    pipe.send(words);
  }
  answers.push(pipe.execute());
  await Promise.all(answers);
  assert.deepEqual(await redis.mget(["a", "b", "c", "aa", "bb", "cc"]), [
    ...["value of a", "value of b", "value of c"],
    ...["value of a", "value of b", "value of c"],
  ]);
});
