/**
 * Scripts and functions: replies as of redis-server, busy scripts and how they are
 * killed, persistence and replication of their changes.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EmbeddedServer } from "../../lib/embedded/server.ts";
import { TestServer } from "../support/test_server.ts";
import { comparison } from "../support/compared_server.ts";
import { type Answer, Asker } from "./asker.ts";
import { compare } from "./differential.ts";
import { SCRIPT_FAMILY } from "./families/scripts.ts";
import { Folder } from "./folder.ts";
import { Member } from "./replication.ts";

for (const protocol of [2, 3] as const) {
  comparison(
    `random Lua programs give the same replies as in Redis, RESP${protocol}`,
    () =>
      compare(SCRIPT_FAMILY, {
        seed: 1000 * protocol,
        sequences: 40,
        commands: 20,
        protocol,
      }),
  );
}

/**
 * Reads scripting_cases.txt: each line is a script for EVAL with two keys and two
 * arguments; or, after `!`, a command with its words separated by blanks or ` | `.
 */
async function readCases(): Promise<string[][]> {
  const file = new URL("scripting_cases.txt", import.meta.url);
  const text = await Deno.readTextFile(file);
  return text.trimEnd().split("\n====\n").map((part) =>
    part.startsWith("!")
      ? part.slice(1).split(part.includes(" | ") ? " | " : " ")
      : ["EVAL", part, "2", "k1", "k2", "a1", "2"]
  );
}

comparison(
  "scripts, functions and their errors reply as in redis-server",
  async () => {
    await using real = await Member.compared();
    await using ours = await Member.ours();
    const cases = await readCases();
    ok(cases.length > 200);
    for (const args of cases) {
      deepEqual(
        await ours.ask(...args),
        await real.ask(...args),
        args.join(" | "),
      );
    }
  },
);

/** Two clients of a server with a `busy-reply-threshold` of 20 ms. */
async function pair(
  server: EmbeddedServer,
): Promise<[busy: Asker, other: Asker]> {
  const [busy, other] = [
    await Asker.within(server),
    await Asker.within(server),
  ] as const;
  await other.ask("CONFIG", "SET", "busy-reply-threshold", 20);
  return [busy, other];
}

/** Repeats a command until the reply is `BUSY`. */
async function untilBusy(asker: Asker): Promise<string> {
  for (;;) {
    const answer = String(await asker.ask("GET", "x"));
    if (answer.startsWith("BUSY")) return answer;
  }
}

const LOOPS = [
  "while true do end",
  "while true do pcall(function() while true do end end) end",
  "table.sort({1, 2, 3}, function() while true do end end)",
  "return setmetatable({}, {__index = function() while true do end end}).x",
  "while true do redis.call('get', 'x') end",
];

Deno.test("a script runs too long: other clients get BUSY, SCRIPT KILL ends it", async () => {
  await using server = await EmbeddedServer.create();
  const [busy, other] = await pair(server);
  using _ = busy;
  using __ = other;
  for (const loop of LOOPS) {
    const ended = busy.ask("EVAL", loop, 0);
    equal(
      await untilBusy(other),
      "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    );
    match(String(await other.ask("FUNCTION", "KILL")), /^BUSY /);
    match(String(await other.ask("SHUTDOWN")), /^BUSY /);
    equal(await other.ask("MULTI"), "OK");
    match(String(await other.ask("GET", "x")), /^BUSY /);
    equal(await other.ask("DISCARD"), "OK");
    equal(await other.ask("SCRIPT", "KILL"), "OK");
    match(
      String(await ended),
      /^ERR Script killed by user with SCRIPT KILL\.\.\. script: /,
    );
    equal(await other.ask("GET", "x"), null);
  }
  match(String(await other.ask("SCRIPT", "KILL")), /^NOTBUSY /);
});

Deno.test("FUNCTION KILL ends a function that runs too long", async () => {
  await using server = await EmbeddedServer.create();
  const [busy, other] = await pair(server);
  using _ = busy;
  using __ = other;
  const code =
    "#!lua name=slow\nredis.register_function('slow', function() while true do end end)";
  equal(await other.ask("FUNCTION", "LOAD", code), "slow");
  const ended = busy.ask("FCALL", "slow", 0);
  match(await untilBusy(other), /You can only call FUNCTION KILL/);
  const stats = await other.ask("FUNCTION", "STATS") as Answer[];
  deepEqual((stats[1] as Answer[]).slice(0, 4), [
    "name",
    "slow",
    "command",
    ["FCALL", "slow", "0"],
  ]);
  equal(await other.ask("FUNCTION", "KILL"), "OK");
  match(String(await ended), /^ERR Script killed by user/);
});

Deno.test("a script that wrote cannot be killed, and runs to its end", async () => {
  await using server = await EmbeddedServer.create();
  const [busy, other] = await pair(server);
  using _ = busy;
  using __ = other;
  const ended = busy.ask(
    "EVAL",
    "redis.call('set', 'a', 1) local n = 0 while n < 5e6 do n = n + 1 end redis.call('set', 'b', 2) return n",
    0,
  );
  await untilBusy(other);
  match(String(await other.ask("SCRIPT", "KILL")), /^UNKILLABLE /);
  equal(await ended, 5_000_000);
  deepEqual(await other.ask("MGET", "a", "b"), ["1", "2"]);
});

Deno.test("a script that is paused within EXEC keeps the transaction atomic", async () => {
  await using server = await EmbeddedServer.create();
  const [busy, other] = await pair(server);
  using _ = busy;
  using __ = other;
  const slow =
    "local n = 0 while n < 3e6 do n = n + 1 end return redis.call('incr', 'n')";
  const answers = busy.all([
    ["MULTI"],
    ["EVAL", slow, 0],
    ["SET", "between", "1"],
    ["EVAL", slow, 0],
    ["EXEC"],
    ["GET", "n"],
  ]);
  await untilBusy(other);
  deepEqual((await answers).slice(4), [[1, "OK", 2], "2"]);
  equal(await other.ask("GET", "between"), "1");
});

Deno.test("a script has the permissions of its caller", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  await asker.ask(
    ..."ACL SETUSER ann on >secret ~cache:* +@all -set".split(" "),
  );
  equal(await asker.ask("AUTH", "ann", "secret"), "OK");
  match(
    String(
      await asker.ask("EVAL", "return redis.call('set', 'cache:a', 1)", 0),
    ),
    /^ERR The user executing the script can't run this command or subcommand/,
  );
  match(
    String(await asker.ask("EVAL", "return redis.call('get', 'other')", 0)),
    /^ERR The user executing the script can't access at least one of the keys/,
  );
  equal(await asker.ask("EVAL", "return redis.call('incr', 'cache:a')", 0), 1);
  const check =
    "return {tostring(redis.acl_check_cmd('set', 'cache:a', 1)), tostring(redis.acl_check_cmd('get', 'cache:a'))}";
  deepEqual(await asker.ask("EVAL", check, 0), ["false", "true"]);
});

Deno.test("a script that uses up all memory is ended, and the server survives", async () => {
  await using server = await EmbeddedServer.create();
  using asker = await Asker.within(server);
  match(
    String(await asker.ask("EVAL", "return string.rep('x', 2 ^ 40)", 0)),
    /^ERR not enough memory/,
  );
  match(
    String(
      await asker.ask("EVAL", "local s = 'x' while true do s = s .. s end", 0),
    ),
    /^ERR not enough memory/,
  );
  equal(await asker.ask("PING"), "PONG");
});

const WRITES = [
  "redis.call('set', 'a', '1') redis.call('incr', 'a') redis.call('rpush', 'l', 'x', 'y') return redis.call('spop', 's')",
  "redis.call('set', 'expiring', 'x', 'px', 100000) for i = 1, 50 do redis.call('hset', 'h', i, math.random()) end",
  "redis.call('set', 'before', '1') error('fails here')",
  "return redis.pcall('lpush', 'a', 'wrong type')",
];
const LIBRARY =
  "#!lua name=lib\nredis.register_function('put', function(keys, args) return redis.call('set', keys[1], args[1]) end)";

/** Changes data by scripts and functions. */
async function write(asker: Pick<Asker, "ask">): Promise<void> {
  await asker.ask("SADD", "s", "1", "2", "3", "4", "5");
  for (const script of WRITES) await asker.ask("EVAL", script, 0);
  equal(await asker.ask("FUNCTION", "LOAD", LIBRARY), "lib");
  equal(await asker.ask("FCALL", "put", 1, "f", "by function"), "OK");
}

/** The data after these changes. */
async function state(asker: Pick<Asker, "ask">): Promise<unknown[]> {
  return [
    await asker.ask("GET", "a"),
    await asker.ask("LRANGE", "l", 0, -1),
    (await asker.ask("SMEMBERS", "s") as string[]).sort(),
    (await asker.ask("HGETALL", "h") as string[]).sort(),
    await asker.ask("MGET", "before", "f", "expiring"),
    // Redis lists libraries in hash table order.
    (await asker.ask("FUNCTION", "LIST", "WITHCODE") as Answer[]).sort(),
  ];
}

for (const [master, replica] of [["ours", "real"], ["real", "ours"]] as const) {
  Deno.test(`changes by scripts on ${master} are replicated by ${replica}`, async () => {
    await using source = await Member[master]();
    // One part comes with the full sync, another with the stream.
    await source.ask(
      "FUNCTION",
      "LOAD",
      "#!lua name=first\nredis.register_function{function_name='one', callback=function() return 1 end, flags={'no-writes'}}",
    );
    await using copy = await Member[replica](source);
    await copy.follows(source);
    await write(source);
    await copy.follows(source);
    deepEqual(await state(copy), await state(source));
    equal(await copy.ask("FCALL", "one", 0), 1);
    await source.ask("FUNCTION", "DELETE", "first");
    await copy.follows(source);
    deepEqual(await state(copy), await state(source));
  });
}

Deno.test("redis.set_repl can exclude replicas and files", async () => {
  await using source = await Member.ours();
  await using copy = await Member.ours(source);
  await copy.follows(source);
  await source.ask(
    "EVAL",
    "redis.call('set', 'a', 1) redis.set_repl(redis.REPL_NONE) redis.call('set', 'b', 1) redis.set_repl(redis.REPL_REPLICA) redis.call('set', 'c', 1)",
    0,
  );
  await copy.follows(source);
  deepEqual(await copy.ask("MGET", "a", "b", "c"), ["1", null, "1"]);
});

for (const aof of [false, true]) {
  Deno.test(`changes by scripts survive a restart, ${aof ? "from the append-only file" : "from a snapshot"}, here and on redis-server`, async () => {
    await using folder = await Folder.make();
    const options = aof
      ? { dir: folder.path, appendonly: true }
      : { dir: folder.path };
    let before: unknown[];
    {
      await using server = await EmbeddedServer.create(options);
      using asker = await Asker.within(server);
      await write(asker);
      before = await state(asker);
      if (!aof) equal(await asker.ask("SAVE"), "OK");
    }
    {
      await using server = await EmbeddedServer.create(options);
      using asker = await Asker.within(server);
      deepEqual(await state(asker), before);
      equal(await asker.ask("FCALL", "put", 1, "g", "again"), "OK");
      equal(await asker.ask("DEL", "g"), 1);
      if (!aof) equal(await asker.ask("SAVE"), "OK");
    }
    await using real = await TestServer.start({
      config: { dir: folder.path, appendonly: aof ? "yes" : "no" },
    });
    using theirs = await Asker.to(real);
    deepEqual(await state(theirs), before);
  });
}

Deno.test("FUNCTION DUMP and RESTORE exchange payloads with a real server", async () => {
  await using real = await Member.real();
  await using ours = await Member.ours();
  await real.ask("FUNCTION", "LOAD", LIBRARY);
  const payload = await real.ask("FUNCTION", "DUMP") as string;
  equal(await ours.ask("FUNCTION", "RESTORE", payload), "OK");
  match(
    String(await ours.ask("FUNCTION", "RESTORE", payload)),
    /Library lib already exists/,
  );
  equal(await ours.ask("FUNCTION", "RESTORE", payload, "REPLACE"), "OK");
  const again = await ours.ask("FUNCTION", "DUMP") as string;
  equal(await real.ask("FUNCTION", "RESTORE", again, "FLUSH"), "OK");
  deepEqual(
    await ours.ask("FUNCTION", "LIST", "WITHCODE"),
    await real.ask("FUNCTION", "LIST", "WITHCODE"),
  );
});
