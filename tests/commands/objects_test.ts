import assert from "node:assert/strict";
import { ObjectCommands } from "../../lib/commands/objects.ts";
import { TestServer } from "../support/test_server.ts";
import { bytes, testLive, testWords } from "./support.ts";

testWords(ObjectCommands, [
  { call: (c) => c.dump("a"), words: ["DUMP", "a"] },
  { call: (c) => c.objectEncoding("a"), words: ["OBJECT", "ENCODING", "a"] },
  { call: (c) => c.objectFreq("a"), words: ["OBJECT", "FREQ", "a"] },
  { call: (c) => c.objectIdletime("a"), words: ["OBJECT", "IDLETIME", "a"] },
  { call: (c) => c.objectRefcount("a"), words: ["OBJECT", "REFCOUNT", "a"] },
  {
    call: (c) => c.restore("a", 0, bytes("x")),
    words: ["RESTORE", "a", 0, bytes("x")],
  },
  {
    call: (c) =>
      c.restore("a", 5, bytes("x"), {
        replace: true,
        absttl: true,
        idletime: 9,
      }),
    words: [
      "RESTORE",
      "a",
      5,
      bytes("x"),
      "REPLACE",
      "ABSTTL",
      "IDLETIME",
      9,
    ],
  },
  {
    call: (c) => c.restore("a", 5, bytes("x"), { freq: 9 }),
    words: ["RESTORE", "a", 5, bytes("x"), "FREQ", 9],
  },
  {
    call: (c) => c.migrate("h", 6379, ["k"], 0, 5000),
    words: ["MIGRATE", "h", 6379, "", 0, 5000, "KEYS", "k"],
  },
  {
    call: (c) =>
      c.migrate("h", 1, ["a", "b"], 2, 3, {
        copy: true,
        replace: true,
        auth: "p",
      }),
    words: [
      ...["MIGRATE", "h", 1, "", 2, 3, "COPY", "REPLACE", "AUTH", "p"],
      ...["KEYS", "a", "b"],
    ],
  },
  {
    call: (c) =>
      c.migrate("h", 1, ["a"], 2, 3, {
        auth2: ["u", "p"],
      }),
    words: ["MIGRATE", "h", 1, "", 2, 3, "AUTH2", "u", "p", "KEYS", "a"],
  },
  { call: (c) => c.objectHelp(), words: ["OBJECT", "HELP"] },
]);

testLive(ObjectCommands, [
  {
    setup: ["SET a 1"],
    call: (redis) => redis.dump("a"),
    expect: (value: unknown) => assert(value instanceof Uint8Array),
  },
  { call: (redis) => redis.dump("a"), expect: null },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.objectEncoding("a"),
    expect: "int",
  },
  { call: (redis) => redis.objectEncoding("a"), expect: null },
  {
    setup: ["SET a 1"],
    call: (redis) =>
      redis.objectFreq("a").catch((error: Error) => error.message.slice(0, 22)),
    expect: "ERR An LFU maxmemory p",
  },
  { call: (redis) => redis.objectFreq("a"), expect: null },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.objectIdletime("a"),
    expect: (seconds: number) => assert(seconds < 10),
  },
  { call: (redis) => redis.objectIdletime("a"), expect: null },
  {
    setup: ["SET a text"],
    call: (redis) => redis.objectRefcount("a"),
    expect: 1,
  },
  { call: (redis) => redis.objectRefcount("a"), expect: null },
  {
    setup: ["SET a 1"],
    call: async (redis) => {
      const saved = await redis.dump("a");
      assert(saved);
      await redis.restore("a", 60_000, saved, { replace: true, idletime: 50 });
      await redis.restore("b", 33_177_117_420_000, saved, { absttl: true });
      return [
        await redis.get("a"),
        (await redis.objectIdletime("a"))! < 10,
        await redis.expiretime("b"),
      ];
    },
    expect: ["1", true, 33_177_117_420],
  },
  {
    setup: ["MSET a 1 b 2"],
    call: async (redis) => {
      await using other = await TestServer.start();
      const { hostname, port } = other;
      return [
        await redis.migrate(hostname, port, ["a", "x"], 0, 5000, {
          copy: true,
        }),
        await redis.migrate(hostname, port, ["b"], 0, 5000),
        await redis.migrate(hostname, port, ["b"], 0, 5000),
        await redis.exists("a", "b"),
        await other.ask("MGET", "a", "b"),
      ];
    },
    expect: ["OK", "OK", "NOKEY", 1, "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"],
  },
  {
    call: (redis) => redis.objectHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^OBJECT/),
  },

  // -- As bytes --
  {
    setup: ["SET a 1"],
    call: (redis) => redis.bytes.objectEncoding("a"),
    expect: "int",
  },
  {
    call: async (redis) => {
      await redis.set("a", bytes("\xff"));
      return await redis.bytes.dump("a");
    },
    expect: (value: unknown) => assert(value instanceof Uint8Array),
  },
]);
