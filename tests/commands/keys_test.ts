import assert from "node:assert/strict";
import { KeyCommands } from "../../lib/commands/keys.ts";
import { bytes, testLive, testWords } from "./support.ts";

const near = (expected: number, slack: number) => (value: number) =>
  assert(value <= expected && value > expected - slack, `${value}`);

testWords(KeyCommands, [
  { call: (c) => c.copy("a", "b"), words: ["COPY", "a", "b"] },
  {
    call: (c) => c.copy("a", "b", { db: 1, replace: true }),
    words: ["COPY", "a", "b", "DB", 1, "REPLACE"],
  },
  { call: (c) => c.del("a"), words: ["DEL", "a"] },
  { call: (c) => c.del("a", "b", 3), words: ["DEL", "a", "b", 3] },
  { call: (c) => c.exists("a", "b"), words: ["EXISTS", "a", "b"] },
  { call: (c) => c.expire("a", 5), words: ["EXPIRE", "a", 5] },
  {
    call: (c) => c.expire("a", 5, { nx: true }),
    words: ["EXPIRE", "a", 5, "NX"],
  },
  {
    call: (c) => c.expire("a", 5, { xx: true, lt: true }),
    words: ["EXPIRE", "a", 5, "XX", "LT"],
  },
  {
    call: (c) => c.expireat("a", 5, { xx: true }),
    words: ["EXPIREAT", "a", 5, "XX"],
  },
  { call: (c) => c.expiretime("a"), words: ["EXPIRETIME", "a"] },
  { call: (c) => c.keys("a*"), words: ["KEYS", "a*"] },
  { call: (c) => c.move("a", 1), words: ["MOVE", "a", 1] },
  { call: (c) => c.persist("a"), words: ["PERSIST", "a"] },
  {
    call: (c) => c.pexpire("a", 5, { gt: true }),
    words: ["PEXPIRE", "a", 5, "GT"],
  },
  { call: (c) => c.pexpireat("a", 5), words: ["PEXPIREAT", "a", 5] },
  { call: (c) => c.pexpiretime("a"), words: ["PEXPIRETIME", "a"] },
  { call: (c) => c.pttl("a"), words: ["PTTL", "a"] },
  { call: (c) => c.randomkey(), words: ["RANDOMKEY"] },
  { call: (c) => c.rename("a", "b"), words: ["RENAME", "a", "b"] },
  { call: (c) => c.renamenx("a", "b"), words: ["RENAMENX", "a", "b"] },
  { call: (c) => c.scan(0), words: ["SCAN", 0] },
  {
    call: (c) => c.scan("7", { match: "a*", count: 5, type: "hash" }),
    words: ["SCAN", "7", "MATCH", "a*", "COUNT", 5, "TYPE", "hash"],
  },
  { call: (c) => c.sort("a"), words: ["SORT", "a"] },
  {
    call: (c) =>
      c.sort("a", {
        by: "w*",
        limit: { offset: 1, count: 2 },
        get: ["#", "v*"],
        desc: true,
        alpha: true,
      }),
    words: [
      "SORT",
      "a",
      "BY",
      "w*",
      "LIMIT",
      1,
      2,
      "GET",
      "#",
      "GET",
      "v*",
      "DESC",
      "ALPHA",
    ],
  },
  {
    call: (c) => c.sort("a", { asc: true, store: "b" }),
    words: ["SORT", "a", "ASC", "STORE", "b"],
  },
  {
    call: (c) => c.sortRo("a", { alpha: true }),
    words: ["SORT_RO", "a", "ALPHA"],
  },
  { call: (c) => c.touch("a", "b"), words: ["TOUCH", "a", "b"] },
  { call: (c) => c.ttl("a"), words: ["TTL", "a"] },
  { call: (c) => c.type("a"), words: ["TYPE", "a"] },
  { call: (c) => c.unlink("a", "b"), words: ["UNLINK", "a", "b"] },
]);

testLive(KeyCommands, [
  { setup: ["SET a 1"], call: (redis) => redis.copy("a", "b"), expect: 1 },
  { call: (redis) => redis.copy("a", "b"), expect: 0 },
  {
    setup: ["SET a 1", "SET b 2"],
    call: (redis) => redis.copy("a", "b", { replace: true }),
    expect: 1,
  },
  { setup: ["SET a 1"], call: (redis) => redis.del("a", "b"), expect: 1 },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.exists("a", "a", "b"),
    expect: 2,
  },
  { setup: ["SET a 1"], call: (redis) => redis.expire("a", 5), expect: 1 },
  { call: (redis) => redis.expire("a", 5), expect: 0 },
  {
    setup: ["SET a 1 EX 9"],
    call: (redis) => redis.expire("a", 5, { nx: true }),
    expect: 0,
  },
  {
    setup: ["SET a 1 EX 9"],
    call: (redis) => redis.expire("a", 5, { xx: true, lt: true }),
    expect: 1,
  },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.expireat("a", 33_177_117_420),
    expect: 1,
  },
  {
    setup: ["SET a 1 EXAT 33177117420"],
    call: (redis) => redis.expiretime("a"),
    expect: 33_177_117_420,
  },
  { call: (redis) => redis.expiretime("a"), expect: -2 },
  {
    setup: ["SET a1 1", "SET b1 1"],
    call: (redis) => redis.keys("a*"),
    expect: ["a1"],
  },
  { call: (redis) => redis.keys("a*"), expect: [] },
  { setup: ["SET a 1"], call: (redis) => redis.move("a", 1), expect: 1 },
  { call: (redis) => redis.move("a", 1), expect: 0 },
  { setup: ["SET a 1 EX 9"], call: (redis) => redis.persist("a"), expect: 1 },
  { setup: ["SET a 1"], call: (redis) => redis.persist("a"), expect: 0 },
  { setup: ["SET a 1"], call: (redis) => redis.pexpire("a", 500), expect: 1 },
  {
    setup: ["SET a 1"],
    call: (redis) => redis.pexpireat("a", 33_177_117_420_000),
    expect: 1,
  },
  {
    setup: ["SET a 1 PXAT 33177117420123"],
    call: (redis) => redis.pexpiretime("a"),
    expect: 33_177_117_420_123,
  },
  {
    setup: ["SET a 1 PX 60000"],
    call: (redis) => redis.pttl("a"),
    expect: near(60_000, 10_000),
  },
  { setup: ["SET a 1"], call: (redis) => redis.pttl("a"), expect: -1 },
  { setup: ["SET a 1"], call: (redis) => redis.randomkey(), expect: "a" },
  { call: (redis) => redis.randomkey(), expect: null },
  { setup: ["SET a 1"], call: (redis) => redis.rename("a", "b"), expect: "OK" },
  {
    setup: ["SET a 1", "SET b 1"],
    call: (redis) => redis.renamenx("a", "b"),
    expect: 0,
  },
  {
    setup: ["SET a1 1", "SET b1 1", "HSET a2 f v"],
    call: (redis) => redis.scan(0, { match: "a*", count: 100, type: "hash" }),
    expect: { cursor: "0", items: ["a2"] },
  },
  { call: (redis) => redis.scan("0"), expect: { cursor: "0", items: [] } },
  {
    setup: ["RPUSH a 3 1 2"],
    call: (redis) => redis.sort("a", { desc: true }),
    expect: ["3", "2", "1"],
  },
  { call: (redis) => redis.sort("a"), expect: [] },
  {
    setup: ["SADD a 1 2 3", "MSET w1 3 w2 2 w3 1 v1 x v3 z"],
    call: (redis) =>
      redis.sort("a", {
        by: "w*",
        get: ["#", "v*"],
        limit: { offset: 0, count: 2 },
      }),
    expect: ["3", "z", "2", null],
  },
  {
    setup: ["RPUSH a c b"],
    call: (redis) => redis.sort("a", { alpha: true, store: "b" }),
    expect: 2,
  },
  {
    setup: ["RPUSH a c b"],
    call: (redis) => redis.sortRo("a", { alpha: true }),
    expect: ["b", "c"],
  },
  {
    setup: ["RPUSH a c b"],
    call: (redis) => redis.sortRo("a", { by: "nosort", get: ["v*"] }),
    expect: [null, null],
  },
  { setup: ["SET a 1"], call: (redis) => redis.touch("a", "b"), expect: 1 },
  {
    setup: ["SET a 1 EX 60"],
    call: (redis) => redis.ttl("a"),
    expect: near(60, 10),
  },
  { setup: ["SET a 1"], call: (redis) => redis.ttl("a"), expect: -1 },
  { call: (redis) => redis.ttl("a"), expect: -2 },
  { setup: ["SADD a 1"], call: (redis) => redis.type("a"), expect: "set" },
  { call: (redis) => redis.type("a"), expect: "none" },
  { setup: ["SET a 1"], call: (redis) => redis.unlink("a", "b"), expect: 1 },
  // -- As bytes --
  {
    setup: ["SET a1 1"],
    call: (redis) => redis.bytes.scan(0),
    expect: { cursor: "0", items: [bytes("a1")] },
  },
  {
    setup: ["SET a1 1"],
    call: (redis) => redis.bytes.type("a1"),
    expect: "string",
  },
]);
