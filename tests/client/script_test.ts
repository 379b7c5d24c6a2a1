import assert from "node:assert/strict";
import { connect, ReplyError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";
import { monitored } from "./support.ts";

const test = await testWith("scripting");

const ADD = `return redis.call("incrby", KEYS[1], ARGV[1])`;

async function callsOf(url: string, command: string): Promise<number> {
  await using redis = await connect(url);
  const stats = await redis.info("commandstats");
  return Number(
    stats.match(new RegExp(`cmdstat_${command}:calls=(\\d+)`))?.[1] ?? 0,
  );
}

for (const protocol of [2, 3] as const) {
  test(`behaviour 52: RESP${protocol} a script that the server has forgotten costs one more round trip`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, { protocol });
    const add = redis.script<number, [string], [number]>(ADD, {
      parse: Number,
    });
    assert.equal(await add.run(["n"], [2]), 2);
    assert.equal(await add.run(["n"], [3]), 5);
    await redis.scriptFlush();
    const seen = await monitored(server, async () => {
      assert.equal(await add.run(["n"], [1]), 6);
      assert.equal(await add.run(["n"], [1]), 7);
    });
    const words = seen.map((line) => line.split(" ")[0]);
    // MONITOR shows the commands of the script, too.
    assert.deepEqual(words.filter((word) => /^EVAL/.test(word!)), [
      "EVALSHA",
      "EVAL",
      "EVALSHA",
    ]);
  });
}

test("behaviour 52: concurrent calls send the source of an unknown script only once", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const add = redis.script<number, [string], [number]>(ADD, { parse: Number });
  const totals = await Promise.all(
    Array.from({ length: 20 }, () => add.run(["n"], [1])),
  );
  assert.deepEqual(
    totals.toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.equal(await callsOf(server.url, "eval"), 1);
});

test("behaviour 52: a script in a pipeline and in a transaction needs no loading", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const add = redis.script<number, [string], [number]>(ADD, { parse: Number });
  for (const transaction of [true, false]) {
    await redis.scriptFlush();
    await redis.del("n");
    const results = await redis.pipeline((p) => [
      add.queue(p, ["n"], [4]),
      p.get("n"),
    ], { transaction });
    assert.deepEqual(results, [4, "4"]);
  }
});

test("behaviour 18: a caller's function that throws fails only its own command", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const mistake = new Error("by the test");
  const odd = redis.script(`return ARGV[1]`, {
    parse: () => {
      throw mistake;
    },
  });
  await assert.rejects(odd.run([], ["x"]), mistake);
  const answers = [redis.incr("n"), odd.run([], ["x"]), redis.incr("n")];
  const [before, thrown, after] = await Promise.allSettled(answers);
  assert.deepEqual([before, after].map((one) => one?.status), [
    "fulfilled",
    "fulfilled",
  ]);
  assert(thrown?.status === "rejected" && thrown.reason === mistake);
  const [first, error, last] = await redis.pipeline(
    (p) => [p.incr("n"), odd.queue(p, [], ["x"]), p.incr("n")],
    { raiseOnError: false },
  );
  assert.deepEqual([first, error, last], [3, mistake, 4]);
  assert.equal(await redis.get("n"), "4");
});

test("Script.run() rejects with the error of the script", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const fail = redis.script(`return redis.error_reply("MINE it is")`);
  // The first time the server does not know the script, the second time it does.
  for (let i = 0; i < 2; i++) {
    await assert.rejects(
      fail.run([], []),
      (error) => error instanceof ReplyError && error.code === "MINE",
    );
  }
  await redis.scriptFlush();
  const calls = Array.from({ length: 3 }, () => fail.run([], []));
  for (const outcome of await Promise.allSettled(calls)) {
    assert(outcome.status === "rejected");
    assert.match(String(outcome.reason), /MINE it is/);
  }
});

test("Script reads bytes on redis.bytes, and EVAL_RO when it only reads", async () => {
  await using server = await TestServer.start();
  if (!server.has("commands of 7.0")) return;
  await using redis = await connect(server.url);
  await redis.set("k", new Uint8Array([0xff, 0x00]));
  const read = redis.bytes.script(`return redis.call("get", KEYS[1])`, {
    readOnly: true,
  });
  assert.deepEqual(await read.run(["k"], []), new Uint8Array([0xff, 0x00]));
  assert.equal(await callsOf(server.url, "eval_ro"), 1);
});

const testLibrary = await testWith("functions");

testLibrary(
  "Library.call() loads a library that the server does not have",
  async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url);
    const library = redis.library(`#!lua name=sums
    redis.register_function("add", function(keys, args)
      return redis.call("incrby", keys[1], args[1])
    end)`);
    const totals = await Promise.all(
      [1, 1, 1].map((by) => library.call("add", ["n"], [by])),
    );
    assert.deepEqual(totals.toSorted(), [1, 2, 3]);
    assert.equal(await callsOf(server.url, "function\\|load"), 1);
    const [total] = await redis.pipeline((p) => [
      library.queue(p, "add", ["n"], [7]),
    ]);
    assert.equal(total, 10);
    await assert.rejects(library.call("sub", [], []), /Function not found/);
    await redis.set("text", "v");
    await assert.rejects(library.call("add", ["text"], [1]), /not an integer/);
  },
);
