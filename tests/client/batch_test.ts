import assert from "node:assert/strict";
import type { Pipeline } from "../../lib/client/batch.ts";
import type { Redis } from "../../lib/client/redis.ts";
import { connect } from "../../lib/connect.ts";
import {
  BatchError,
  ClosedError,
  ReplyError,
  TimeoutError,
} from "../../lib/errors.ts";
import { WELCOME, writesOf } from "../connection/support.ts";
import { ScriptedPeer } from "../support/scripted_peer.ts";
import { errorOf, monitored, sleep, testBoth } from "./support.ts";

/** Collects unhandled rejections while `act` runs. */
async function unhandledDuring(
  act: () => Promise<unknown>,
): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  await act();
  await sleep(5);
  globalThis.removeEventListener("unhandledrejection", note);
  return unhandled;
}

/** Calls `pipeline` with a function that its types reject. */
function pipelineOf(redis: Redis, build: unknown): Promise<unknown> {
  return redis.pipeline(build as (p: Pipeline) => Promise<unknown>[]);
}

// -- Sending --

testBoth(
  "pipeline() is atomic by default: one write, MULTI first and EXEC last",
  async ({ server, redis }) => {
    const seen = await monitored(server, async () => {
      const results = await redis.pipeline((
        p,
      ) => [p.set("k", "v"), p.get("k")]);
      assert.deepEqual(results, ["OK", "v"]);
    });
    assert.deepEqual(seen, ["MULTI", "SET k v", "GET k", "EXEC"]);
  },
);

testBoth(
  "pipeline() with transaction: false sends its commands alone",
  async ({ server, redis }) => {
    const seen = await monitored(server, async () => {
      const results = await redis.pipeline(
        (p) => [p.set("k", "v"), p.get("k")],
        { transaction: false },
      );
      assert.deepEqual(results, ["OK", "v"]);
      const pipe = redis.pipeline({ transaction: false });
      pipe.incr("n");
      assert.deepEqual(await pipe.execute(), [1]);
    });
    assert.deepEqual(seen, ["SET k v", "GET k", "INCR n"]);
  },
);

Deno.test("a batch is sent in one write", async () => {
  const peer = new ScriptedPeer()
    .expect("HELLO", "3").reply(WELCOME)
    .expect("MULTI").reply("+OK\r\n")
    .expect("SET", "a", "1").reply("+QUEUED\r\n")
    .expect("GET", "a").reply("+QUEUED\r\n")
    .expect("EXEC").reply("*2\r\n+OK\r\n$1\r\n1\r\n")
    .expect("SET", "b", "2").reply("+OK\r\n")
    .expect("GET", "b").reply("$1\r\n2\r\n");
  await using redis = await connect({ dial: peer.dial, info: false });
  assert.deepEqual(
    await redis.pipeline((p) => [p.set("a", 1), p.get("a")]),
    ["OK", "1"],
  );
  assert.deepEqual(
    await redis.pipeline((p) => [p.set("b", 2), p.get("b")], {
      transaction: false,
    }),
    ["OK", "2"],
  );
  assert.deepEqual(writesOf(peer).slice(1), [
    ["MULTI", "SET a 1", "GET a", "EXEC"],
    ["SET b 2", "GET b"],
  ]);
  await peer.done();
});

testBoth(
  "transaction() cannot be turned off",
  async ({ server, redis }) => {
    const seen = await monitored(server, async () => {
      // deno-lint-ignore no-explicit-any -- values that the types reject
      const odd = { transaction: false } as any;
      const refused = /transaction has no option "transaction"/;
      assert.throws(
        () => redis.transaction((p) => [p.incr("n")], odd),
        refused,
      );
      assert.throws(() => redis.transaction(odd), refused);
      const tx = redis.transaction();
      tx.incr("n");
      assert.deepEqual(await tx.execute(), [1]);
    });
    assert.deepEqual(seen, ["MULTI", "INCR n", "EXEC"]);
  },
);

Deno.test("behaviour 20: an empty batch gives [] and sends nothing", async () => {
  const peer = new ScriptedPeer().expect("HELLO", "3").reply(WELCOME);
  await using redis = await connect({ dial: peer.dial, info: false });
  for (const transaction of [true, false]) {
    assert.deepEqual(await redis.pipeline(() => [], { transaction }), []);
    assert.deepEqual(await redis.pipeline({ transaction }).execute(), []);
  }
  assert.deepEqual(await redis.transaction(() => []), []);
  assert.deepEqual(writesOf(peer), [["HELLO 3"]]);
});

// -- Results --

testBoth("a batch parses each reply as its command does", async ({ redis }) => {
  for (const transaction of [true, false]) {
    await redis.flushall();
    const results = await redis.pipeline((p) => [
      p.hset("h", { a: 1, b: 2 }),
      p.hgetall("h"),
      p.bytes.get("missing"),
      p.set("k", "\xff"),
      p.bytes.get("k"),
      p.get("k"),
      p.zadd("z", 1.5, "m"),
      p.zscore("z", "m"),
      p.zrange("z", 0, -1, { withscores: true }),
      p.bytes.hgetall("h"),
      p.send(["ECHO", "raw"]),
      p.smembers("none"),
    ], { transaction });
    const encoder = new TextEncoder();
    const pair = (
      a: string,
      b: string,
    ) => [encoder.encode(a), encoder.encode(b)];
    assert.deepEqual(results, [
      2,
      Object.assign(Object.create(null), { a: "1", b: "2" }),
      null,
      "OK",
      encoder.encode("\xff"),
      "\xff",
      1,
      1.5,
      [["m", 1.5]],
      [pair("a", "1"), pair("b", "2")],
      "raw",
      [],
    ]);
  }
});

testBoth("a batch of redis.bytes reads bytes", async ({ redis }) => {
  const value = Uint8Array.of(0, 255, 13, 10);
  const results = await redis.bytes.pipeline((
    p,
  ) => [p.set("k", value), p.get("k")]);
  assert.deepEqual(results, ["OK", value]);
});

testBoth(
  "a batch returns the results in the order of the returned promises",
  async ({ redis }) => {
    const [b, a, again] = await redis.pipeline((p) => {
      const first = p.set("k", "v");
      p.incr("n");
      const second = p.get("k");
      return [second, first, second];
    });
    assert.deepEqual([b, a, again], ["v", "OK", "v"]);
    assert.equal(await redis.get("n"), "1");
  },
);

testBoth(
  "a batch returns its results from execute(), and to awaited commands",
  async ({ redis }) => {
    const pipe = redis.pipeline();
    const set = pipe.set("k", "v");
    const get = pipe.get("k");
    assert.equal(pipe.length, 2);
    const executing = pipe.execute();
    assert.equal(pipe.length, 0);
    assert.deepEqual(await executing, ["OK", "v"]);
    assert.deepEqual(await Promise.all([set, get]), ["OK", "v"]);
    assert.equal(await get.then((value) => value?.length), 1);
    let finals = 0;
    assert.equal(await get.finally(() => finals++), "v");
    assert.equal(finals, 1);
  },
);

testBoth(
  "a batch is empty after execute() and discard(), and can be used again",
  async ({ redis }) => {
    const pipe = redis.pipeline();
    pipe.incr("n");
    assert.deepEqual(await pipe.execute(), [1]);
    assert.deepEqual(await pipe.execute(), []);
    pipe.incr("n");
    pipe.discard();
    assert.deepEqual(await pipe.execute(), []);
    pipe.incr("n");
    const [first] = [pipe.execute()];
    pipe.incr("n");
    const second = pipe.execute();
    assert.deepEqual(await Promise.all([first, second]), [[2], [3]]);
  },
);

testBoth(
  "behaviour 19: 10,000 commands with one that fails",
  async ({ redis }) => {
    await redis.set("text", "v");
    for (const transaction of [true, false]) {
      const pipe = redis.pipeline({ transaction });
      for (let i = 0; i < 10_000; i++) {
        if (i === 5_000) pipe.lpush("text", "x");
        else pipe.set(`k${i}`, i);
      }
      const results = await pipe.execute({ raiseOnError: false });
      assert.equal(results.length, 10_000);
      const failed = results.filter((result) => result !== "OK");
      assert.equal(failed.length, 1);
      assert.equal(results[5_000], failed[0]);
      assert(failed[0] instanceof ReplyError);
      assert.equal(failed[0].code, "WRONGTYPE");
    }
    assert.equal(await redis.dbsize(), 10_000);
  },
);

testBoth(
  "behaviour 19: the first command that failed rejects the batch, with its index",
  async ({ redis }) => {
    await redis.set("text", "v");
    for (const transaction of [true, false]) {
      const error = await errorOf(redis.pipeline((p) => [
        p.incr("n"),
        p.lpush("text", "secret"),
        p.sadd("text", "secret"),
        p.incr("n"),
      ], { transaction }));
      assert(error instanceof BatchError);
      assert.equal(error.index, 1);
      assert.equal(error.code, "WRONGTYPE");
      assert.match(
        error.message,
        /^Command # 2 \(LPUSH\) of the batch failed: WRONGTYPE/,
      );
      assert.doesNotMatch(Deno.inspect(error), /secret/);
      assert(error.cause instanceof ReplyError);
      assert.equal(error.cause.command, "LPUSH");
    }
    // There is no rollback: all other commands were executed.
    assert.equal(await redis.get("n"), "4");
  },
);

testBoth(
  "behaviour 51: an error inside EXEC takes the place of its result, and later replies match",
  async ({ redis }) => {
    await redis.set("text", "v");
    const [one, bad, two] = await redis.transaction(
      (p) => [p.incr("n"), p.lpush("text", "x"), p.incr("n")],
      { raiseOnError: false },
    );
    assert.equal(one, 1);
    assert(bad instanceof ReplyError && bad.code === "WRONGTYPE");
    assert.equal(two, 2);
    assert.deepEqual(
      await Promise.all([redis.get("text"), redis.get("n"), redis.ping()]),
      ["v", "2", "PONG"],
    );
  },
);

testBoth(
  "behaviour 50: a command refused when it is queued rejects the batch, with its index",
  async ({ redis }) => {
    for (const raiseOnError of [true, false]) {
      const error = await errorOf(redis.transaction(
        (p) => [p.incr("n"), p.send(["GET"]), p.send(["NO.SUCH", "k"])],
        { raiseOnError },
      ));
      assert(error instanceof BatchError);
      assert.equal(error.index, 1);
      assert.equal(error.code, "ERR");
      assert.match(error.message, /^Command # 2 \(GET\) .*wrong number of arg/);
      assert(error.cause instanceof ReplyError);
      assert(error.cause.cause instanceof ReplyError);
      assert.equal(error.cause.cause.code, "EXECABORT");
    }
    assert.equal(await redis.get("n"), null);
    assert.deepEqual(await redis.transaction((p) => [p.incr("n")]), [1]);
  },
);

testBoth(
  "behaviour 15: a batch that cannot be sent rejects as a whole, and sends nothing",
  async ({ redis }) => {
    for (const transaction of [true, false]) {
      const error = await errorOf(redis.pipeline(
        // deno-lint-ignore no-explicit-any -- values that the types reject
        (p) => [p.incr("n"), p.set("k", null as any), p.incr("n")],
        { transaction },
      ));
      assert(error instanceof TypeError);
      assert.match(error.message, /SET: argument 2/);
    }
    assert.equal(await redis.get("n"), null);
  },
);

// -- Misuse --

testBoth(
  "a command awaited before execute() rejects, and the error says what to do",
  async ({ redis }) => {
    const unhandled = await unhandledDuring(async () => {
      const pipe = redis.pipeline();
      const get = pipe.get("k");
      const error = await errorOf(get);
      assert(error instanceof TypeError);
      assert.match(
        error.message,
        /^Cannot await GET before .* call execute\(\)/,
      );
      await assert.rejects(get.then(() => {}), TypeError);
      assert.equal(await get.catch(() => "caught"), "caught");
      assert.deepEqual(await pipe.execute(), [null]);
      assert.equal(await get, null);
    });
    assert.deepEqual(unhandled, []);
  },
);

testBoth(
  "an async function is rejected, sends nothing and leaves no unhandled rejection",
  async ({ redis }) => {
    const unhandled = await unhandledDuring(async () => {
      const builds = [
        // deno-lint-ignore require-await
        async (p: Pipeline) => [p.incr("n")],
        async (p: Pipeline) => [await p.incr("n")],
        () => Promise.reject(new Error("by the test")),
        (p: Pipeline) => p.incr("n"),
        () => undefined,
      ];
      for (const build of builds) {
        const error = await errorOf(pipelineOf(redis, build));
        assert(error instanceof TypeError);
        assert.match(error.message, /must return an array .* not async/);
      }
    });
    assert.deepEqual(unhandled, []);
    assert.equal(await redis.get("n"), null);
  },
);

testBoth(
  "a promise that is not of the batch is rejected",
  async ({ redis }) => {
    const other = redis.pipeline();
    const foreign = other.incr("n");
    const builds = [
      () => [redis.get("k")],
      () => [Promise.resolve(1)],
      (p: Pipeline) => [p.incr("n"), foreign],
      (p: Pipeline) => [p.incr("n"), 1],
      (p: Pipeline) => [p.incr("n"), , p.incr("n")],
    ];
    for (const [i, build] of builds.entries()) {
      const error = await errorOf(pipelineOf(redis, build));
      assert(error instanceof TypeError, `number ${i}`);
      assert.match(error.message, /element [01] of the returned array is not/);
    }
    assert.equal(await redis.get("n"), null);
  },
);

testBoth(
  "a function that throws rejects, and sends nothing",
  async ({ redis }) => {
    const mistake = new Error("by the test");
    const error = await errorOf(redis.pipeline((p) => {
      p.incr("n");
      throw mistake;
    }));
    assert.equal(error, mistake);
    assert.equal(await redis.get("n"), null);
  },
);

testBoth(
  "a batch that is never executed, or fails, leaves no unhandled rejection",
  async ({ server, redis }) => {
    const unhandled = await unhandledDuring(async () => {
      for (let i = 0; i < 100; i++) redis.pipeline().get("k");
      await redis.set("text", "v");
      const failing = redis.pipeline();
      const bad = failing.lpush("text", 1);
      failing.get("text");
      await assert.rejects(failing.execute(), BatchError);
      await assert.rejects(bad, ReplyError);

      server.pause();
      const late = redis.with({ timeout: 20 }).pipeline();
      const lost = late.get("text");
      await assert.rejects(late.execute(), TimeoutError);
      await assert.rejects(lost, TimeoutError);
      server.resume();

      await redis.close();
      const closed = redis.pipeline();
      closed.get("text");
      await assert.rejects(closed.execute(), ClosedError);
    });
    assert.deepEqual(unhandled, []);
  },
);

testBoth(
  "behaviour 52: scripts run in a batch as they do alone",
  async ({ redis, server }) => {
    if (!server.has("scripting")) return;
    const source = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
    assert.deepEqual(
      await redis.pipeline((p) => [
        p.eval(source, ["n"], [2]),
        p.eval(source, ["n"], [3]),
      ]),
      [2, 5],
    );
  },
);
