import assert from "node:assert/strict";
import { FunctionCommands } from "../../lib/commands/functions.ts";
import { testWith } from "../support/server_program.ts";
import { bare, bytes, testLive, testWords } from "./support.ts";

const SOURCE = `#!lua name=lib
  redis.register_function("first", function(keys, args) return keys[1] end)
  redis.register_function{
    function_name="second",
    callback=function(keys, args) return args[1] end,
    description="about it",
    flags={"no-writes"}
  }`;
const SECOND = bare<unknown>({
  name: "second",
  description: "about it",
  flags: ["no-writes"],
});
const codeOf = (error: { code: string }) => error.code;

testWords(FunctionCommands, [
  { call: (c) => c.fcall("f"), words: ["FCALL", "f", 0] },
  {
    call: (c) => c.fcall("f", ["k"], ["a", 1]),
    words: ["FCALL", "f", 1, "k", "a", 1],
  },
  {
    call: (c) => c.fcallRo("f", ["k", "l"]),
    words: ["FCALL_RO", "f", 2, "k", "l"],
  },
  { call: (c) => c.functionDelete("l"), words: ["FUNCTION", "DELETE", "l"] },
  { call: (c) => c.functionDump(), words: ["FUNCTION", "DUMP"] },
  { call: (c) => c.functionFlush(), words: ["FUNCTION", "FLUSH"] },
  {
    call: (c) => c.functionFlush("async"),
    words: ["FUNCTION", "FLUSH", "ASYNC"],
  },
  { call: (c) => c.functionHelp(), words: ["FUNCTION", "HELP"] },
  { call: (c) => c.functionKill(), words: ["FUNCTION", "KILL"] },
  { call: (c) => c.functionList(), words: ["FUNCTION", "LIST"] },
  {
    call: (c) => c.functionList({ libraryname: "l*", withcode: true }),
    words: ["FUNCTION", "LIST", "LIBRARYNAME", "l*", "WITHCODE"],
  },
  { call: (c) => c.functionLoad("s"), words: ["FUNCTION", "LOAD", "s"] },
  {
    call: (c) => c.functionLoad("s", { replace: true }),
    words: ["FUNCTION", "LOAD", "REPLACE", "s"],
  },
  {
    call: (c) => c.functionRestore(bytes("x")),
    words: ["FUNCTION", "RESTORE", bytes("x")],
  },
  {
    call: (c) => c.functionRestore(bytes("x"), "append"),
    words: ["FUNCTION", "RESTORE", bytes("x"), "APPEND"],
  },
  { call: (c) => c.functionStats(), words: ["FUNCTION", "STATS"] },
]);

testLive(
  FunctionCommands,
  [
    {
      call: async (redis) => [
        await redis.functionLoad(SOURCE, { replace: true }),
        await redis.fcall("first", ["k"]),
        await redis.fcallRo("second", [], ["a"]),
        await redis.bytes.fcall("first", ["k"]),
      ],
      expect: ["lib", "k", "a", bytes("k")],
    },
    {
      call: async (redis) => {
        const [library, ...others] = await redis.functionList();
        const second = library!.functions.find(({ name }) => name === "second");
        const [full] = await redis.bytes.functionList({ withcode: true });
        return [
          library!.library_name,
          library!.engine,
          library!.functions.length,
          second,
          full!.library_code,
          others,
          await redis.functionList({ libraryname: "x*" }),
        ];
      },
      expect: ["lib", "LUA", 2, SECOND, SOURCE, [], []],
    },
    {
      call: (redis) => redis.functionStats(),
      expect: bare<unknown>({
        running_script: null,
        engines: bare({
          LUA: bare({ libraries_count: 1, functions_count: 2 }),
        }),
      }),
    },
    {
      call: async (redis) => {
        const saved = await redis.functionDump();
        assert(saved instanceof Uint8Array);
        return [
          await redis.functionDelete("lib"),
          await redis.functionRestore(saved),
          await redis.functionRestore(saved).catch(codeOf),
          await redis.functionRestore(saved, "replace"),
          await redis.functionFlush("sync"),
          await redis.functionList(),
        ];
      },
      expect: ["OK", "OK", "ERR", "OK", "OK", []],
    },
    { call: (redis) => redis.functionKill().catch(codeOf), expect: "NOTBUSY" },
    {
      call: (redis) => redis.functionHelp(),
      expect: ([first]: string[]) => assert.match(first!, /^FUNCTION/),
    },
  ],
  [],
  undefined,
  await testWith("functions"),
);
