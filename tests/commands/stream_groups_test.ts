import assert from "node:assert/strict";
import { StreamGroupCommands } from "../../lib/commands/stream_groups.ts";
import { page } from "./modules/support.ts";
import { bare, bytes, testFixtures, testLive, testWords } from "./support.ts";

const SETUP = [
  "XADD k 1-1 f a",
  "XADD k 1-2 f b",
  "XGROUP CREATE k g 0",
  "XREADGROUP GROUP g me STREAMS k >",
];
const FIRST = { id: "1-1", fields: bare({ f: "a" }) };
const SECOND = { id: "1-2", fields: bare({ f: "b" }) };
const codeOf = (error: { code: string }) => error.code;

testWords(StreamGroupCommands, [
  { call: (c) => c.xack("k", "g", "1-1"), words: ["XACK", "k", "g", "1-1"] },
  {
    call: (c) => c.xackdel("k", "g", ["1-1", "1-2"]),
    words: ["XACKDEL", "k", "g", "IDS", 2, "1-1", "1-2"],
  },
  {
    call: (c) => c.xackdel("k", "g", ["1-1"], { acked: true }),
    words: ["XACKDEL", "k", "g", "ACKED", "IDS", 1, "1-1"],
  },
  {
    call: (c) => c.xautoclaim("k", "g", "c", 60, "0-0"),
    words: ["XAUTOCLAIM", "k", "g", "c", 60, "0-0"],
  },
  {
    call: (c) =>
      c.xautoclaim("k", "g", "c", 60, "0-0", { count: 5, justid: true }),
    words: ["XAUTOCLAIM", "k", "g", "c", 60, "0-0", "COUNT", 5, "JUSTID"],
  },
  {
    call: (c) => c.xclaim("k", "g", "c", 60, ["1-1", "1-2"]),
    words: ["XCLAIM", "k", "g", "c", 60, "1-1", "1-2"],
  },
  {
    call: (c) =>
      c.xclaim("k", "g", "c", 60, ["1-1"], {
        idle: 5,
        retrycount: 2,
        force: true,
        justid: true,
        lastid: "9-9",
      }),
    words: [
      ...["XCLAIM", "k", "g", "c", 60, "1-1", "IDLE", 5, "RETRYCOUNT", 2],
      ...["FORCE", "JUSTID", "LASTID", "9-9"],
    ],
  },
  {
    call: (c) => c.xclaim("k", "g", "c", 60, ["1-1"], { time: 1000 }),
    words: ["XCLAIM", "k", "g", "c", 60, "1-1", "TIME", 1000],
  },
  {
    call: (c) => c.xgroupCreate("k", "g", "$"),
    words: ["XGROUP", "CREATE", "k", "g", "$"],
  },
  {
    call: (c) =>
      c.xgroupCreate("k", "g", 0, { mkstream: true, entriesread: 5 }),
    words: ["XGROUP", "CREATE", "k", "g", 0, "MKSTREAM", "ENTRIESREAD", 5],
  },
  {
    call: (c) => c.xgroupCreateconsumer("k", "g", "c"),
    words: ["XGROUP", "CREATECONSUMER", "k", "g", "c"],
  },
  {
    call: (c) => c.xgroupDelconsumer("k", "g", "c"),
    words: ["XGROUP", "DELCONSUMER", "k", "g", "c"],
  },
  {
    call: (c) => c.xgroupDestroy("k", "g"),
    words: ["XGROUP", "DESTROY", "k", "g"],
  },
  { call: (c) => c.xgroupHelp(), words: ["XGROUP", "HELP"] },
  {
    call: (c) => c.xgroupSetid("k", "g", "1-1", { entriesread: 5 }),
    words: ["XGROUP", "SETID", "k", "g", "1-1", "ENTRIESREAD", 5],
  },
  {
    call: (c) => c.xnack("k", "g", "fail", ["1-1", "1-2"]),
    words: ["XNACK", "k", "g", "FAIL", "IDS", 2, "1-1", "1-2"],
  },
  {
    call: (c) =>
      c.xnack("k", "g", "silent", ["1-1"], { retrycount: 5, force: true }),
    words: [
      ...["XNACK", "k", "g", "SILENT", "IDS", 1, "1-1", "RETRYCOUNT", 5],
      "FORCE",
    ],
  },
  { call: (c) => c.xpending("k", "g"), words: ["XPENDING", "k", "g"] },
  {
    call: (c) =>
      c.xpending("k", "g", {
        start: "-",
        end: "+",
        count: 10,
        consumer: "c",
        idle: 60,
      }),
    words: ["XPENDING", "k", "g", "IDLE", 60, "-", "+", 10, "c"],
  },
  {
    call: (c) => c.xreadgroup("g", "c", { a: ">", b: "0" }),
    words: ["XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", "b", ">", "0"],
  },
  {
    call: (c) =>
      c.xreadgroup("g", "c", { a: ">" }, {
        count: 5,
        block: 100,
        claim: 60,
        noack: true,
      }),
    words: [
      ...["XREADGROUP", "GROUP", "g", "c", "COUNT", 5, "BLOCK", 100],
      ...["CLAIM", 60, "NOACK", "STREAMS", "a", ">"],
    ],
  },
]);

testLive(StreamGroupCommands, [
  {
    setup: SETUP,
    call: (redis) => redis.xack("k", "g", "1-1", "9-9"),
    expect: 1,
  },
  { call: (redis) => redis.xack("k", "g", "1-1"), expect: 0 },
  {
    setup: [...SETUP, "XDEL k 1-1"],
    call: (redis) => redis.xautoclaim("k", "g", "you", 0, "0-0"),
    expect: { next: "0-0", claimed: [SECOND], deleted: ["1-1"] },
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.xautoclaim("k", "g", "you", 0, "0-0", { count: 1, justid: true }),
    expect: { next: "1-2", claimed: ["1-1"], deleted: [] },
  },
  {
    setup: [...SETUP, "XDEL k 1-1"],
    call: (redis) => redis.xclaim("k", "g", "you", 0, ["1-1", "1-2", "9-9"]),
    expect: [SECOND],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.xclaim("k", "g", "you", 0, ["1-2"], { justid: true }),
    expect: ["1-2"],
  },
  {
    call: (redis) => redis.xgroupCreate("k", "g", "$", { mkstream: true }),
    expect: "OK",
  },
  {
    setup: SETUP,
    call: (redis) => redis.xgroupCreate("k", "g", "$").catch(codeOf),
    expect: "BUSYGROUP",
  },
  {
    setup: SETUP,
    call: async (redis) => [
      await redis.xgroupCreateconsumer("k", "g", "you"),
      await redis.xgroupCreateconsumer("k", "g", "you"),
      await redis.xgroupDelconsumer("k", "g", "me"),
      await redis.xgroupSetid("k", "g", "0", { entriesread: 0 }),
      await redis.xgroupDestroy("k", "g"),
      await redis.xgroupDestroy("k", "g"),
    ],
    expect: [1, 0, 2, "OK", 1, 0],
  },
  {
    call: (redis) => redis.xgroupHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^XGROUP/),
  },
  {
    setup: SETUP,
    call: (redis) => redis.xpending("k", "g"),
    expect: { count: 2, first: "1-1", last: "1-2", consumers: [["me", 2]] },
  },
  {
    setup: ["XGROUP CREATE k g 0 MKSTREAM"],
    call: (redis) => redis.xpending("k", "g"),
    expect: { count: 0, first: null, last: null, consumers: [] },
  },
  {
    setup: SETUP,
    call: async (redis) => {
      const range = { start: "-", end: "+", count: 1, idle: 0 };
      const [entry, ...others] = await redis.xpending("k", "g", range);
      assert(entry && entry.idle >= 0);
      return [entry.id, entry.consumer, entry.deliveries, others];
    },
    expect: ["1-1", "me", 1, []],
  },
  {
    call: (redis) => redis.xpending("k", "g").catch(codeOf),
    expect: "NOGROUP",
  },
  {
    setup: SETUP.slice(0, 3),
    call: (redis) => redis.xreadgroup("g", "me", { k: ">" }),
    expect: [["k", [FIRST, SECOND]]],
  },
  {
    setup: SETUP,
    call: (redis) => redis.xreadgroup("g", "me", { k: ">" }),
    expect: null,
  },
  {
    setup: SETUP,
    call: (redis) => redis.xreadgroup("g", "me", { k: ">" }, { block: 1 }),
    expect: null,
  },
  {
    setup: [...SETUP, "XDEL k 1-1"],
    call: (redis) => redis.xreadgroup("g", "me", { k: "0" }, { count: 5 }),
    expect: [["k", [{ id: "1-1", fields: null }, SECOND]]],
  },

  // -- As bytes --
  {
    setup: SETUP,
    call: (redis) => redis.bytes.xreadgroup("g", "me", { k: "0" }),
    expect: [[bytes("k"), [
      { id: "1-1", fields: [[bytes("f"), bytes("a")]] },
      { id: "1-2", fields: [[bytes("f"), bytes("b")]] },
    ]]],
  },
  {
    setup: SETUP,
    call: async (redis) => [
      await redis.bytes.xpending("k", "g"),
      await redis.bytes.xclaim("k", "g", "you", 0, ["1-1"], { justid: true }),
      await redis.bytes.xautoclaim("k", "g", "you", 0, "1-2"),
    ],
    expect: [
      {
        count: 2,
        first: "1-1",
        last: "1-2",
        consumers: [[bytes("me"), 2]],
      },
      ["1-1"],
      {
        next: "0-0",
        claimed: [{ id: "1-2", fields: [[bytes("f"), bytes("b")]] }],
        deleted: [],
      },
    ],
  },
], ["xackdel", "xnack"]);

testFixtures(StreamGroupCommands, [
  {
    call: (c) => c.xackdel("mystream", "mygroup", ["1-1", "1-2"]),
    source: page("xackdel"),
    resp2: [1, 1],
    value: [1, 1],
  },
  {
    call: (c) => c.xnack("mystream", "mygroup", "fail", ["1-1", "1-2"]),
    source: page("xnack"),
    resp2: 2,
    value: 2,
  },
  {
    call: (c) =>
      c.xpending("mystream", "mygroup", { start: "-", end: "+", count: 10 }),
    source: page("xnack"),
    resp2: [["1526569498055-0", "", -1, 1]],
    value: [{ id: "1526569498055-0", consumer: "", idle: -1, deliveries: 1 }],
  },
  {
    call: (c) => c.xreadgroup("send", "test", { smtp: ">" }, { claim: 1000 }),
    // A reply of Redis 8.4; redis/redis#14524 changed its numbers to integers.
    source: `${page("xreadgroup")}; apache/kvrocks#3278`,
    resp2: [[
      "smtp",
      [["1764497928656-0", ["key", "value"], 287_341, 22]],
    ]],
    value: [["smtp", [{
      id: "1764497928656-0",
      fields: bare({ key: "value" }),
      idle: 287_341,
      deliveries: 22,
    }]]],
  },
]);
