import assert from "node:assert/strict";
import { StreamCommands } from "../../lib/commands/streams.ts";
import { page } from "./modules/support.ts";
import {
  bare,
  bytes,
  testFixtures,
  testLive,
  testWords,
  without,
} from "./support.ts";

const SETUP = ["XADD k 1-1 f a", "XADD k 1-2 f b g c"];
const FIRST = { id: "1-1", fields: bare({ f: "a" }) };
const SECOND = { id: "1-2", fields: bare({ f: "b", g: "c" }) };
const codeOf = (error: { code: string }) => error.code;

testWords(StreamCommands, [
  {
    call: (c) => c.xadd("k", "*", { f: 1, g: "2" }),
    words: ["XADD", "k", "*", "f", 1, "g", "2"],
  },
  {
    call: (c) =>
      c.xadd("k", "1-1", [["f", 1], ["f", bytes("2")]], {
        nomkstream: true,
        acked: true,
        maxlen: ["~", 1000],
        limit: 10,
      }),
    words: [
      ...["XADD", "k", "NOMKSTREAM", "ACKED", "MAXLEN", "~", 1000, "LIMIT", 10],
      ...["1-1", "f", 1, "f", bytes("2")],
    ],
  },
  {
    call: (c) => c.xadd("k", "*", { f: 1 }, { minid: "5-0" }),
    words: ["XADD", "k", "MINID", "=", "5-0", "*", "f", 1],
  },
  {
    call: (c) => c.xadd("k", "*", { f: 1 }, { idmpauto: "p" }),
    words: ["XADD", "k", "IDMPAUTO", "p", "*", "f", 1],
  },
  {
    call: (c) => c.xadd("k", "*", { f: 1 }, { idmp: ["p", "i"] }),
    words: ["XADD", "k", "IDMP", "p", "i", "*", "f", 1],
  },
  {
    call: (c) => c.xcfgset("k", { idmpDuration: 100, idmpMaxsize: 50 }),
    words: ["XCFGSET", "k", "IDMP-DURATION", 100, "IDMP-MAXSIZE", 50],
  },
  {
    call: (c) => c.xcfgset("k", { idmpMaxsize: 50 }),
    words: ["XCFGSET", "k", "IDMP-MAXSIZE", 50],
  },
  {
    call: (c) => c.xdel("k", "1-1", "2-1"),
    words: ["XDEL", "k", "1-1", "2-1"],
  },
  {
    call: (c) => c.xdelex("k", ["1-1", "2-1"]),
    words: ["XDELEX", "k", "IDS", 2, "1-1", "2-1"],
  },
  {
    call: (c) => c.xdelex("k", ["1-1"], { delref: true }),
    words: ["XDELEX", "k", "DELREF", "IDS", 1, "1-1"],
  },
  {
    call: (c) => c.xinfoConsumers("k", "g"),
    words: ["XINFO", "CONSUMERS", "k", "g"],
  },
  { call: (c) => c.xinfoGroups("k"), words: ["XINFO", "GROUPS", "k"] },
  { call: (c) => c.xinfoHelp(), words: ["XINFO", "HELP"] },
  { call: (c) => c.xinfoStream("k"), words: ["XINFO", "STREAM", "k"] },
  {
    call: (c) => c.xinfoStream("k", { full: true, count: 0 }),
    words: ["XINFO", "STREAM", "k", "FULL", "COUNT", 0],
  },
  { call: (c) => c.xlen("k"), words: ["XLEN", "k"] },
  { call: (c) => c.xrange("k", "-", "+"), words: ["XRANGE", "k", "-", "+"] },
  {
    call: (c) => c.xrange("k", "(1-1", "+", { count: 5 }),
    words: ["XRANGE", "k", "(1-1", "+", "COUNT", 5],
  },
  {
    call: (c) => c.xread({ a: "0", b: "$" }),
    words: ["XREAD", "STREAMS", "a", "b", "0", "$"],
  },
  {
    call: (c) =>
      c.xread([[bytes("a"), "0-1"]], {
        count: 5,
        maxcount: 6,
        maxsize: 7,
        block: 0,
      }),
    words: [
      ...["XREAD", "COUNT", 5, "MAXCOUNT", 6, "MAXSIZE", 7, "BLOCK", 0],
      ...["STREAMS", bytes("a"), "0-1"],
    ],
  },
  {
    call: (c) => c.xrevrange("k", "+", "-", { count: 1 }),
    words: ["XREVRANGE", "k", "+", "-", "COUNT", 1],
  },
  { call: (c) => c.xsetid("k", "5-0"), words: ["XSETID", "k", "5-0"] },
  {
    call: (c) => c.xsetid("k", "5-0", { entriesadded: 9, maxdeletedid: "2-0" }),
    words: ["XSETID", "k", "5-0", "ENTRIESADDED", 9, "MAXDELETEDID", "2-0"],
  },
  {
    call: (c) => c.xsetid("k", "5-0", { maxdeletedid: "2-0" }),
    words: ["XSETID", "k", "5-0", "MAXDELETEDID", "2-0"],
  },
  {
    call: (c) => c.xtrim("k", { maxlen: 5 }),
    words: ["XTRIM", "k", "MAXLEN", "=", 5],
  },
  {
    call: (c) => c.xtrim("k", { minid: ["~", "5-0"], keepref: true }),
    words: ["XTRIM", "k", "MINID", "~", "5-0", "KEEPREF"],
  },
]);

testLive(StreamCommands, [
  { call: (redis) => redis.xadd("k", "1-*", { f: 1 }), expect: "1-0" },
  {
    call: (redis) => redis.xadd("k", "*", { f: 1 }, { nomkstream: true }),
    expect: null,
  },
  {
    setup: SETUP,
    call: async (redis) => [
      await redis.xadd("k", "2-0", { f: 1 }, { maxlen: 1 }),
      await redis.xlen("k"),
    ],
    expect: ["2-0", 1],
  },
  { setup: SETUP, call: (redis) => redis.xdel("k", "1-1", "9-9"), expect: 1 },
  {
    setup: [
      ...SETUP,
      "XGROUP CREATE k g 0",
      "XREADGROUP GROUP g me STREAMS k >",
    ],
    call: async (redis) => {
      const [consumer] = await redis.xinfoConsumers("k", "g");
      assert(consumer && consumer.idle >= 0);
      return [consumer.name, consumer.pending];
    },
    expect: ["me", 2],
  },
  {
    setup: [...SETUP, "XGROUP CREATE k g 0"],
    call: (redis) => redis.xinfoGroups("k"),
    expect: [bare<unknown>({
      name: "g",
      consumers: 0,
      pending: 0,
      "last-delivered-id": "0-0",
      "entries-read": null,
      lag: 2,
    })],
  },
  { call: (redis) => redis.xinfoGroups("k").catch(codeOf), expect: "ERR" },
  {
    call: (redis) => redis.xinfoHelp(),
    expect: ([first]: string[]) => assert.match(first!, /^XINFO/),
  },
  {
    setup: SETUP,
    call: async (redis) => {
      // These fields are new in Redis 8.6.
      return without(await redis.xinfoStream("k"), /^(idmp|iids|pids)-/);
    },
    expect: bare<unknown>({
      length: 2,
      "radix-tree-keys": 1,
      "radix-tree-nodes": 2,
      "last-generated-id": "1-2",
      "max-deleted-entry-id": "0-0",
      "entries-added": 2,
      "recorded-first-entry-id": "1-1",
      groups: 0,
      "first-entry": FIRST,
      "last-entry": SECOND,
    }),
  },
  {
    setup: ["XGROUP CREATE k g 0 MKSTREAM"],
    call: async (redis) => {
      const info = await redis.xinfoStream("k");
      return [info["first-entry"], info["last-entry"]];
    },
    expect: [null, null],
  },
  {
    setup: [
      ...SETUP,
      "XGROUP CREATE k g 0",
      "XREADGROUP GROUP g me STREAMS k >",
    ],
    call: async (redis) => {
      const info = await redis.xinfoStream("k", { full: true });
      const [group] = info.groups;
      const [consumer] = group!.consumers;
      return [
        info.entries,
        group!.name,
        group!["pel-count"],
        group!.pending.map(([id, consumer, , times]) => [id, consumer, times]),
        consumer!.name,
        consumer!.pending.map(([id, , times]) => [id, times]),
      ];
    },
    expect: [
      [FIRST, SECOND],
      "g",
      2,
      [["1-1", "me", 1], ["1-2", "me", 1]],
      "me",
      [["1-1", 1], ["1-2", 1]],
    ],
  },
  { setup: SETUP, call: (redis) => redis.xlen("k"), expect: 2 },
  { call: (redis) => redis.xlen("k"), expect: 0 },
  {
    setup: SETUP,
    call: (redis) => redis.xrange("k", "-", "+"),
    expect: [FIRST, SECOND],
  },
  { call: (redis) => redis.xrange("k", "-", "+"), expect: [] },
  {
    setup: SETUP,
    call: (redis) => redis.xread({ k: "1-1", x: "0" }),
    expect: [["k", [SECOND]]],
  },
  { call: (redis) => redis.xread({ k: "0" }), expect: null },
  { call: (redis) => redis.xread({ k: "$" }, { block: 1 }), expect: null },
  {
    setup: SETUP,
    call: (redis) => redis.xread({ k: "0" }, { count: 1, block: 100 }),
    expect: [["k", [FIRST]]],
  },
  {
    setup: SETUP,
    call: (redis) => redis.xrevrange("k", "+", "-", { count: 1 }),
    expect: [SECOND],
  },
  {
    setup: SETUP,
    call: (redis) =>
      redis.xsetid("k", "9-0", { entriesadded: 5, maxdeletedid: "1-0" }),
    expect: "OK",
  },
  {
    setup: SETUP,
    call: async (redis) => [
      await redis.xsetid("k", "9-0", { entriesadded: 5 }),
      await redis.xsetid("k", "9-0", { maxdeletedid: "1-0" }),
    ],
    expect: ["OK", "OK"],
  },
  {
    setup: SETUP,
    call: (redis) => redis.xtrim("k", { minid: "1-2" }),
    expect: 1,
  },
  { call: (redis) => redis.xtrim("k", { maxlen: 0 }), expect: 0 },

  // -- As bytes --
  {
    setup: ["XADD k 1-1 f a f b"],
    call: (redis) => redis.bytes.xrange("k", "-", "+"),
    expect: [{
      id: "1-1",
      fields: [[bytes("f"), bytes("a")], [bytes("f"), bytes("b")]],
    }],
  },
  {
    setup: ["XADD k 1-1 f a"],
    call: (redis) => redis.bytes.xread({ k: "0" }),
    expect: [[bytes("k"), [{
      id: "1-1",
      fields: [[bytes("f"), bytes("a")]],
    }]]],
  },
  {
    setup: ["XADD k 1-1 f a", "XGROUP CREATE k g 0"],
    call: async (redis) => {
      const [group] = await redis.bytes.xinfoGroups("k");
      const info = await redis.bytes.xinfoStream("k");
      return [group!.name, group!["last-delivered-id"], info["first-entry"]];
    },
    expect: [
      bytes("g"),
      "0-0",
      { id: "1-1", fields: [[bytes("f"), bytes("a")]] },
    ],
  },
], ["xcfgset", "xdelex"]);

testFixtures(StreamCommands, [
  {
    call: (c) => c.xcfgset("k", { idmpMaxsize: 50 }),
    source: "redis/redis src/commands/xcfgset.json",
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.xdelex("k", ["1-1", "9-9"], { acked: true }),
    source: page("xdelex"),
    resp2: [2, -1],
    value: [2, -1],
  },
]);
