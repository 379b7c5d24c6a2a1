import assert from "node:assert/strict";
import { connect, ReplyError } from "../../mod.ts";
import { testWith } from "../support/server_program.ts";
import { TestServer } from "../support/test_server.ts";

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
  test(`Script.run() in RESP${protocol} runs a script, and one that the server forgot`, async () => {
    await using server = await TestServer.start();
    await using redis = await connect(server.url, { protocol });
    const add = redis.script<number, [string], [number]>(ADD, { turn: Number });
    assert.equal(await add.run(["n"], [2]), 2);
    assert.equal(await add.run(["n"], [3]), 5);
    await redis.scriptFlush();
    assert.equal(await add.run(["n"], [1]), 6);
    assert.equal(await callsOf(server.url, "eval"), 2);
  });
}

test("behaviour 52: calls made at once send an unknown script whole only once", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const add = redis.script<number, [string], [number]>(ADD, { turn: Number });
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
  const add = redis.script<number, [string], [number]>(ADD, { turn: Number });
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

test("Script.run() passes on the error of the script", async () => {
  await using server = await TestServer.start();
  await using redis = await connect(server.url);
  const fail = redis.script(`return redis.error_reply("MINE it is")`);
  await assert.rejects(
    fail.run([], []),
    (error) => error instanceof ReplyError && error.code === "MINE",
  );
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
  "Library.call() loads a library where the server does not have it",
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
  },
);
