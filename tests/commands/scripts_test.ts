import assert from "node:assert/strict";
import { ScriptCommands } from "../../lib/commands/scripts.ts";
import { testWith } from "../support/server_program.ts";
import { bytes, testFixtures, testLive, testWords } from "./support.ts";

const SCRIPT = "return {KEYS[1],ARGV[1],false,1.9}";
const SHA1 = "0cdf6c51bcb2fca63ec9fd0ef87d0ae82ad5dbb5";

testWords(ScriptCommands, [
  { call: (c) => c.eval("s"), words: ["EVAL", "s", 0] },
  {
    call: (c) => c.eval("s", ["k1", "k2"], ["a"]),
    words: ["EVAL", "s", 2, "k1", "k2", "a"],
  },
  {
    call: (c) => c.evalRo("s", ["k"], ["a", 2]),
    words: ["EVAL_RO", "s", 1, "k", "a", 2],
  },
  { call: (c) => c.evalsha(SHA1, [], ["a"]), words: ["EVALSHA", SHA1, 0, "a"] },
  {
    call: (c) => c.evalshaRo(SHA1, ["k"]),
    words: ["EVALSHA_RO", SHA1, 1, "k"],
  },
  { call: (c) => c.scriptExists(SHA1), words: ["SCRIPT", "EXISTS", SHA1] },
  { call: (c) => c.scriptFlush(), words: ["SCRIPT", "FLUSH"] },
  { call: (c) => c.scriptFlush("async"), words: ["SCRIPT", "FLUSH", "ASYNC"] },
  { call: (c) => c.scriptKill(), words: ["SCRIPT", "KILL"] },
  { call: (c) => c.scriptLoad("s"), words: ["SCRIPT", "LOAD", "s"] },
  { call: (c) => c.scriptHelp(), words: ["SCRIPT", "HELP"] },
  { call: (c) => c.scriptShow(SHA1), words: ["SCRIPT", "SHOW", SHA1] },
]);

testLive(
  ScriptCommands,
  [
    {
      call: (redis) => redis.eval(SCRIPT, ["k"], ["a"]),
      expect: ["k", "a", null, 1],
    },
    { call: (redis) => redis.eval("return false"), expect: null },
    {
      call: (redis) => redis.bytes.eval(SCRIPT, ["k"], ["a"]),
      expect: [bytes("k"), bytes("a"), null, 1],
    },
    { call: (redis) => redis.evalRo("return ARGV[1]", [], [5]), expect: "5" },
    {
      call: async (redis) => {
        const sha1 = await redis.scriptLoad(SCRIPT);
        return [
          await redis.evalsha(sha1, ["k"], ["a"]),
          await redis.evalshaRo(sha1, ["k"], ["b"]),
          await redis.scriptExists(sha1, SHA1),
        ];
      },
      expect: [["k", "a", null, 1], ["k", "b", null, 1], [1, 0]],
    },
    {
      call: (redis) =>
        redis.evalsha(SHA1).catch((error: { code: string }) => error.code),
      expect: "NOSCRIPT",
    },
    { call: (redis) => redis.scriptFlush("sync"), expect: "OK" },
    {
      call: (redis) =>
        redis.scriptKill().catch((error: { code: string }) => error.code),
      expect: "NOTBUSY",
    },
    {
      call: (redis) => redis.scriptHelp(),
      expect: ([first]: string[]) => assert.match(first!, /^SCRIPT/),
    },
  ],
  ["scriptShow"],
  undefined,
  await testWith("scripting"),
);

testFixtures(ScriptCommands, [
  {
    call: (c) => c.scriptShow(SHA1),
    source: "valkey-io/valkey src/commands/script-show.json",
    resp2: SCRIPT,
    value: SCRIPT,
  },
]);
