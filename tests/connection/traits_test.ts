import assert from "node:assert/strict";
import { effectsOf, onlyReads, traitsOf } from "../../lib/connection/traits.ts";
import { keysOf } from "../../lib/connection/key_positions.ts";
import { connect } from "../../lib/connect.ts";
import type { Arg, Reply } from "../../lib/resp/reply.ts";
import { TestServer } from "../support/test_server.ts";

/** Commands by name, as words, with their flags. */
async function commandsOf(
  server: TestServer,
): Promise<Map<string, { words: string[]; flags: Set<string> }>> {
  await using redis = await connect(server.url, { protocol: 2 });
  const commands = new Map();
  const note = ([name, , flags, ...rest]: Reply[]) => {
    const words = String(name).toUpperCase().split("|");
    commands.set(words.join(" "), { words, flags: new Set(flags as string[]) });
    for (const inner of rest.at(-1) as Reply[][]) note(inner);
  };
  for (const command of await redis.send(["COMMAND"]) as Reply[][]) {
    note(command);
  }
  return commands;
}

Deno.test("onlyReads() knows every command that the server flags readonly, and none that writes", async () => {
  await using server = await TestServer.start();
  const commands = await commandsOf(server);
  assert(commands.size > 200);
  const unknown: string[] = [];
  const wrong: string[] = [];
  for (const [name, { words, flags }] of commands) {
    if (flags.has("readonly") && !onlyReads(words)) unknown.push(name);
    if (flags.has("write") && onlyReads(words)) wrong.push(name);
  }
  assert.deepEqual({ unknown, wrong }, { unknown: [], wrong: [] });
});

Deno.test("the trait of blocking knows exactly the commands that the server flags blocking", async () => {
  await using server = await TestServer.start();
  // Servers before 7.2 do not flag WAIT.
  const blocking = new Set(["WAIT", "WAITAOF"]);
  const known = new Set(blocking);
  for (const [name, { words, flags }] of await commandsOf(server)) {
    if (flags.has("blocking")) blocking.add(name);
    // The timeout is the first argument, the last, or follows BLOCK.
    const args = [...words, "BLOCK", 1, 1];
    if (traitsOf(args).blocks?.(args) !== undefined) known.add(name);
  }
  assert.deepEqual(known, blocking);
});

Deno.test("onlyReads() finds commands in any case, as text or bytes", {
  permissions: "none",
}, () => {
  const bytes = new TextEncoder().encode("get");
  for (const word of ["GET", "get", "gEt", bytes]) {
    assert.equal(onlyReads([word, "k"]), true);
  }
  assert.equal(onlyReads(["CONFIG", "GET", "*"]), true);
  assert.equal(onlyReads(["config", "get", "*"]), true);
  assert.equal(onlyReads(["CONFIG", "SET", "a", "b"]), false);
  assert.equal(onlyReads(["OBJECT"]), false);
  assert.equal(onlyReads(["SET", "k", "v"]), false);
  for (const args of [[], [1], ["NEW.COMMAND", "k"], ["constructor"], [""]]) {
    assert.equal(onlyReads(args), false);
    assert.equal(traitsOf(args).blocks?.(args), undefined);
    assert.equal(effectsOf([{ args }], false).changes, 0);
  }
});

Deno.test("the trait of blocking reads the timeout in milliseconds", {
  permissions: "none",
}, () => {
  const encoder = new TextEncoder();
  const cases: [Arg[], number | undefined][] = [
    [["BLPOP", "a", "b", 5], 5_000],
    [["brpop", "a", "0.25"], 250],
    [["BRPOP", "a", 0], Infinity],
    [["BLMOVE", "a", "b", "LEFT", "RIGHT", 2], 2_000],
    [["BRPOPLPUSH", "a", "b", encoder.encode("3")], 3_000],
    [["BZPOPMIN", "a", 1], 1_000],
    [["BZPOPMAX", "a", "1"], 1_000],
    [["BLMPOP", 4, 1, "a", "LEFT"], 4_000],
    [["BZMPOP", 0, 1, "a", "MIN"], Infinity],
    [["WAIT", 1, 100], 100],
    [["WAIT", 1, 0], Infinity],
    [["XREAD", "BLOCK", 200, "STREAMS", "s", "$"], 200],
    [["xread", "count", 1, "block", "0", "streams", "s", "$"], Infinity],
    [["XREAD", "COUNT", 1, "STREAMS", "BLOCK", "0"], undefined],
    [["XREADGROUP", "GROUP", "g", "c", "BLOCK", 7, "STREAMS", "s", ">"], 7],
    [["LPOP", "a"], undefined],
    // As the server reads it: names are not options, and the last BLOCK counts.
    [
      ["XREADGROUP", "GROUP", "STREAMS", "c", "BLOCK", 0, "STREAMS", "s", ">"],
      Infinity,
    ],
    [["XREAD", "BLOCK", 1, "BLOCK", 0, "STREAMS", "s", "$"], Infinity],
    [["XREAD", "BLOCK\0", 0, "STREAMS", "s", "$"], Infinity],
    [["BLPOP\0x", "a", 1], 1_000],
    // A float in C.
    [["BLPOP", "a", "0x0p0"], Infinity],
    // The server rejects it at once.
    [["BLPOP", "a", -1], 0],
    [["BLMPOP"], undefined],
  ];
  for (const [args, expected] of cases) {
    assert.equal(traitsOf(args).blocks?.(args), expected, args.join(" "));
  }
});

Deno.test(
  "effectsOf() names the alternative on a shared connection",
  { permissions: "none" },
  () => {
    const cases: [Arg[], string][] = [
      [["SELECT", 1], 'SELECT.* that others share: use the option "db"'],
      [
        ["auth", "s3cret"],
        'AUTH .*: use the options "username" and "password"',
      ],
      [["HELLO", 3], 'HELLO .*: use the option "protocol"'],
      [["Multi"], "MULTI .*: use transaction\\(\\) or watch\\(\\)"],
      [["EXEC"], "transaction"],
      [["DISCARD"], "transaction"],
      [["WATCH", "k"], "watch\\(\\)"],
      [["UNWATCH"], "watch\\(\\)"],
      [["client", "setname", "x"], 'CLIENT SETNAME .*: use the option "name"'],
      [["CLIENT", "TRACKING", "ON"], "lease\\(\\)"],
      [["CLIENT", "CACHING", "YES"], "lease\\(\\)"],
      [["CLIENT", "NO-EVICT", "ON"], "lease\\(\\)"],
      [["CLIENT", "NO-TOUCH", "ON"], "lease\\(\\)"],
      [["READONLY"], "lease\\(\\)"],
      [["READWRITE"], "lease\\(\\)"],
      [["ASKING"], "lease\\(\\)"],
      [["RESET"], "lease\\(\\)"],
    ];
    for (const [args, message] of cases) {
      assert.throws(
        () => effectsOf([{ args }], false),
        new RegExp(`^TypeError: Cannot send .*${message}`),
      );
      assert.equal(effectsOf([{ args }], true).changes, 1, args.join(" "));
    }
  },
);

Deno.test(
  "effectsOf() rejects WAIT and WAITAOF if nothing was written before",
  { permissions: "none" },
  () => {
    const set = { args: ["SET", "k", "v"] };
    for (const words of ["WAIT 1 100", "waitaof 1 0 100"]) {
      const wait = { args: words.split(" ") };
      const message =
        /^TypeError: Cannot send WAIT(AOF)? as .*: use lease\(\), or pipeline\(\) with "transaction: false"/;
      assert.throws(() => effectsOf([wait], false), message);
      assert.throws(() => effectsOf([wait, set], false), message);
      assert.throws(() => effectsOf([set, wait], false, true), message);
      const expected = { changes: 0, block: 100 };
      assert.deepEqual(effectsOf([set, wait], false), expected);
      assert.deepEqual(effectsOf([wait], true), expected);
    }
  },
);

Deno.test(
  "effectsOf() rejects commands without exactly one reply on any connection",
  { permissions: "none" },
  () => {
    for (
      const words of [
        "SUBSCRIBE a",
        "psubscribe a",
        "SSUBSCRIBE a",
        "UNSUBSCRIBE",
        "PUNSUBSCRIBE",
        "SUNSUBSCRIBE",
        "QUIT",
        "CLIENT REPLY OFF",
        "client reply skip",
        "MONITOR",
        "SYNC",
        "PSYNC ? -1",
      ]
    ) {
      for (const leased of [false, true]) {
        const args = words.split(" ");
        assert.throws(() => effectsOf([{ args }], leased), TypeError, words);
      }
    }
    for (
      const words of ["GET k", "CLIENT ID", "CLIENT LIST", "CONFIG SET a b"]
    ) {
      const args = words.split(" ");
      assert.equal(effectsOf([{ args }], false).changes, 0);
    }
  },
);

Deno.test("keysOf() finds no keys if the keyword before them is missing", {
  permissions: "none",
}, () => {
  const lines = [
    "XREAD COUNT 2 BLOCK 0 s 0",
    "XREADGROUP GROUP g me NOACK",
    'MIGRATE h 1 "" 0 100 COPY AUTH KEYS',
    'MIGRATE h 1 "" 0 100 AUTH2 KEYS KEYS',
  ];
  for (const line of lines) {
    const words = line.split(" ").map((word) => word.replace('""', ""));
    assert.deepEqual(keysOf(words), [], line);
  }
});
