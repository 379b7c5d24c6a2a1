import assert from "node:assert/strict";
import { StringCommands } from "../../lib/commands/strings.ts";
import { d, page } from "./modules/support.ts";
import { bytes, testFixtures, testLive, testWords } from "./support.ts";

testWords(StringCommands, [
  { call: (c) => c.append("k", "v"), words: ["APPEND", "k", "v"] },
  { call: (c) => c.decr("k"), words: ["DECR", "k"] },
  { call: (c) => c.decrby("k", 2), words: ["DECRBY", "k", 2] },
  { call: (c) => c.get("k"), words: ["GET", "k"] },
  { call: (c) => c.getdel("k"), words: ["GETDEL", "k"] },
  { call: (c) => c.getex("k"), words: ["GETEX", "k"] },
  { call: (c) => c.getex("k", { ex: 5 }), words: ["GETEX", "k", "EX", 5] },
  {
    call: (c) => c.getex("k", { px: 5 }),
    words: ["GETEX", "k", "PX", 5],
  },
  {
    call: (c) => c.getex("k", { pxat: new Date(5) }),
    words: ["GETEX", "k", "PXAT", 5],
  },
  {
    call: (c) => c.getex("k", { persist: true }),
    words: ["GETEX", "k", "PERSIST"],
  },
  { call: (c) => c.getrange("k", 0, -1), words: ["GETRANGE", "k", 0, -1] },
  { call: (c) => c.getset("k", "v"), words: ["GETSET", "k", "v"] },
  { call: (c) => c.incr("k"), words: ["INCR", "k"] },
  { call: (c) => c.incrby("k", 2n), words: ["INCRBY", "k", 2n] },
  { call: (c) => c.incrbyfloat("k", 0.5), words: ["INCRBYFLOAT", "k", 0.5] },
  { call: (c) => c.lcs("a", "b"), words: ["LCS", "a", "b"] },
  {
    call: (c) => c.lcs("a", "b", { len: true }),
    words: ["LCS", "a", "b", "LEN"],
  },
  {
    call: (c) => c.lcs("a", "b", { idx: true }),
    words: ["LCS", "a", "b", "IDX", "WITHMATCHLEN"],
  },
  {
    call: (c) => c.lcs("a", "b", { idx: true, minmatchlen: 4 }),
    words: ["LCS", "a", "b", "IDX", "MINMATCHLEN", 4, "WITHMATCHLEN"],
  },
  { call: (c) => c.mget("a"), words: ["MGET", "a"] },
  { call: (c) => c.mget("a", "b"), words: ["MGET", "a", "b"] },
  { call: (c) => c.mset({ a: 1, b: "2" }), words: ["MSET", "a", 1, "b", "2"] },
  {
    call: (c) => c.mset([[bytes("a"), 1], ["b", 2n]]),
    words: ["MSET", bytes("a"), 1, "b", 2n],
  },
  {
    call: (c) => c.msetnx(new Map([["a", "1"]])),
    words: ["MSETNX", "a", "1"],
  },
  { call: (c) => c.psetex("k", 5, "v"), words: ["PSETEX", "k", 5, "v"] },
  { call: (c) => c.set("k", "v"), words: ["SET", "k", "v"] },
  {
    call: (c) => c.set("k", "v", { ex: 1 }),
    words: ["SET", "k", "v", "EX", 1],
  },
  {
    call: (c) => c.set("k", "v", { px: 1 }),
    words: ["SET", "k", "v", "PX", 1],
  },
  {
    call: (c) => c.set("k", "v", { pxat: new Date(1_000) }),
    words: ["SET", "k", "v", "PXAT", 1_000],
  },
  {
    call: (c) => c.set("k", "v", { keepttl: true }),
    words: ["SET", "k", "v", "KEEPTTL"],
  },
  {
    call: (c) => c.set("k", "v", { nx: true }),
    words: ["SET", "k", "v", "NX"],
  },
  {
    call: (c) => c.set("k", "v", { xx: true, get: true, ex: 1 }),
    words: ["SET", "k", "v", "XX", "GET", "EX", 1],
  },
  { call: (c) => c.setex("k", 5, "v"), words: ["SETEX", "k", 5, "v"] },
  { call: (c) => c.setnx("k", "v"), words: ["SETNX", "k", "v"] },
  { call: (c) => c.setrange("k", 5, "v"), words: ["SETRANGE", "k", 5, "v"] },
  { call: (c) => c.strlen("k"), words: ["STRLEN", "k"] },
  { call: (c) => c.substr("k", 0, 1), words: ["SUBSTR", "k", 0, 1] },
  { call: (c) => c.delex("k"), words: ["DELEX", "k"] },
  {
    call: (c) => c.delex("k", { ifeq: "v" }),
    words: ["DELEX", "k", "IFEQ", "v"],
  },
  {
    call: (c) => c.delex("k", { ifdne: "b6acb9d84a38ff74" }),
    words: ["DELEX", "k", "IFDNE", "b6acb9d84a38ff74"],
  },
  { call: (c) => c.delifeq("k", "v"), words: ["DELIFEQ", "k", "v"] },
  { call: (c) => c.digest("k"), words: ["DIGEST", "k"] },
  { call: (c) => c.increx("k"), words: ["INCREX", "k"] },
  {
    call: (c) =>
      c.increx("k", { byint: -5, lbound: 0, saturate: true, persist: true }),
    words: ["INCREX", "k", "BYINT", -5, "LBOUND", 0, "SATURATE", "PERSIST"],
  },
  {
    call: (c) => c.increx("k", { byfloat: 0.5, ubound: 9, ex: 60, enx: true }),
    words: [
      ...["INCREX", "k", "BYFLOAT", 0.5, "UBOUND", 9, "EX", 60, "ENX"],
    ],
  },
  {
    call: (c) => c.msetex({ a: 1, b: 2 }, { nx: true, ex: 5 }),
    words: ["MSETEX", 2, "a", 1, "b", 2, "NX", "EX", 5],
  },
  {
    call: (c) => c.set("k", "v", { ifeq: "w", get: true, ex: 1 }),
    words: ["SET", "k", "v", "IFEQ", "w", "GET", "EX", 1],
  },
  {
    call: (c) => c.set("k", "v", { ifdeq: "b6acb9d84a38ff74" }),
    words: ["SET", "k", "v", "IFDEQ", "b6acb9d84a38ff74"],
  },
]);

testLive(StringCommands, [
  { call: (redis) => redis.append("k", "größe"), expect: 7 },
  { setup: ["SET k 5"], call: (redis) => redis.decr("k"), expect: 4 },
  { call: (redis) => redis.decrby("k", 3), expect: -3 },
  { setup: ["SET k v"], call: (redis) => redis.get("k"), expect: "v" },
  { call: (redis) => redis.get("k"), expect: null },
  { setup: ["SET k v"], call: (redis) => redis.getdel("k"), expect: "v" },
  { call: (redis) => redis.getdel("k"), expect: null },
  {
    setup: ["SET k v"],
    call: async (redis) => [
      await redis.getex("k", { pxat: new Date(33_177_117_420_123) }),
      await redis.pexpiretime("k"),
      await redis.getex("k", { persist: true }),
      await redis.ttl("k"),
    ],
    expect: ["v", 33_177_117_420_123, "v", -1],
  },
  { call: (redis) => redis.getex("k", { ex: 5 }), expect: null },
  {
    setup: ["SET k value"],
    call: (redis) => redis.getrange("k", 1, -2),
    expect: "alu",
  },
  { call: (redis) => redis.getrange("k", 0, -1), expect: "" },
  { setup: ["SET k v"], call: (redis) => redis.getset("k", "w"), expect: "v" },
  { call: (redis) => redis.getset("k", "w"), expect: null },
  { call: (redis) => redis.incr("k"), expect: 1 },
  { setup: ["SET k 5"], call: (redis) => redis.incrby("k", 2), expect: 7 },
  {
    setup: ["SET k 9007199254740993"],
    call: (redis) =>
      redis.incrby("k", 0).catch((
        error: { name: string; reply: unknown },
      ) => [error.name, error.reply]),
    expect: ["UnexpectedReplyError", 9_007_199_254_740_993n],
  },
  {
    setup: ["SET k 10.5"],
    call: (redis) => redis.incrbyfloat("k", 0.1),
    expect: 10.6,
  },
  {
    setup: ["MSET a ohmytext b mynewtext"],
    call: (redis) => redis.lcs("a", "b"),
    expect: "mytext",
  },
  { call: (redis) => redis.lcs("a", "b"), expect: "" },
  {
    setup: ["MSET a ohmytext b mynewtext"],
    call: (redis) => redis.lcs("a", "b", { len: true }),
    expect: 6,
  },
  {
    setup: ["MSET a ohmytext b mynewtext"],
    call: (redis) => redis.lcs("a", "b", { idx: true }),
    expect: {
      matches: [
        { first: [4, 7], second: [5, 8], length: 4 },
        { first: [2, 3], second: [0, 1], length: 2 },
      ],
      length: 6,
    },
  },
  {
    setup: ["MSET a ohmytext b mynewtext"],
    call: (redis) => redis.lcs("a", "b", { idx: true, minmatchlen: 3 }),
    expect: {
      matches: [{ first: [4, 7], second: [5, 8], length: 4 }],
      length: 6,
    },
  },
  {
    call: (redis) => redis.lcs("a", "b", { idx: true }),
    expect: { matches: [], length: 0 },
  },
  {
    setup: ["MSET a 1 b 2"],
    call: (redis) => redis.mget("a", "x", "b"),
    expect: ["1", null, "2"],
  },
  { call: (redis) => redis.mset({ a: 1, b: 2 }), expect: "OK" },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.msetnx({ a: 1, b: 2 }),
    expect: 0,
  },
  { call: (redis) => redis.psetex("k", 500, "v"), expect: "OK" },
  { call: (redis) => redis.set("k", "v"), expect: "OK" },
  {
    setup: ["SET k v"],
    call: (redis) => redis.set("k", "w", { nx: true }),
    expect: null,
  },
  {
    setup: ["SET k v"],
    call: (redis) => redis.set("k", "w", { xx: true, ex: 9 }),
    expect: "OK",
  },
  {
    setup: ["SET k v"],
    call: (redis) => redis.set("k", "w", { get: true }),
    expect: "v",
  },
  { call: (redis) => redis.set("k", "w", { get: true }), expect: null },
  {
    setup: ["SET k v EXAT 33177117420"],
    call: async (redis) => [
      await redis.set("k", "w", { keepttl: true }),
      await redis.expiretime("k"),
      await redis.set("k", "w", { pxat: new Date(33_177_117_999_000) }),
      await redis.expiretime("k"),
    ],
    expect: ["OK", 33_177_117_420, "OK", 33_177_117_999],
  },
  { call: (redis) => redis.setex("k", 5, "v"), expect: "OK" },
  { setup: ["SET k v"], call: (redis) => redis.setnx("k", "w"), expect: 0 },
  { call: (redis) => redis.setrange("k", 2, "v"), expect: 3 },
  { setup: ["SET k value"], call: (redis) => redis.strlen("k"), expect: 5 },
  { call: (redis) => redis.strlen("k"), expect: 0 },
  {
    setup: ["SET k value"],
    call: (redis) => redis.substr("k", 0, 1),
    expect: "va",
  },

  // -- As bytes --
  {
    call: async (redis) => {
      const value = new Uint8Array([0, 0xff, 0x0d, 0x0a]);
      assert.equal(await redis.bytes.set("k", value), "OK");
      return await redis.bytes.get("k");
    },
    expect: new Uint8Array([0, 0xff, 0x0d, 0x0a]),
  },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.bytes.mget("a", "b"),
    expect: [bytes("1"), null],
  },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.bytes.incrbyfloat("a", 0.5),
    expect: 1.5,
  },
], ["delex", "delifeq", "digest", "increx", "msetex"]);

testFixtures(StringCommands, [
  {
    call: (c) => c.delex("k", { ifeq: "v" }),
    source: page("delex"),
    resp2: 0,
    value: 0,
  },
  {
    call: (c) => c.delifeq("k", "v"),
    source: "valkey-io/valkey src/commands/delifeq.json",
    resp2: 1,
    value: 1,
  },
  {
    call: (c) => c.digest("key1"),
    source: page("digest"),
    resp2: "b6acb9d84a38ff74",
    value: "b6acb9d84a38ff74",
  },
  {
    call: (c) => c.increx("mykey", { byint: 5, ubound: 100, saturate: true }),
    source: page("increx"),
    resp2: [100, 1],
    value: [100, 1],
  },
  {
    call: (c) => c.increx("mykey", { byfloat: 0.25 }),
    source: page("increx"),
    resp2: ["1.75", "0.25"],
    resp3: [d(1.75), d(0.25)],
    value: [1.75, 0.25],
  },
  {
    call: (c) => c.msetex({ a: 1 }, { nx: true }),
    source: page("msetex"),
    resp2: 0,
    value: 0,
  },
  {
    call: (c) => c.set("k", "v", { ifeq: "w" }),
    source: page("set"),
    resp2: null,
    value: null,
  },
]);
