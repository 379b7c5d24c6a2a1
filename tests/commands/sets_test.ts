import assert from "node:assert/strict";
import { SetCommands } from "../../lib/commands/sets.ts";
import { page } from "./modules/support.ts";
import { bytes, testFixtures, testLive, testWords } from "./support.ts";

/** Sets have no order. */
const members = (...expected: string[]) => (value: string[]) =>
  assert.deepEqual(value.toSorted(), expected);

testWords(SetCommands, [
  { call: (c) => c.sadd("k", "a", "b"), words: ["SADD", "k", "a", "b"] },
  { call: (c) => c.scard("k"), words: ["SCARD", "k"] },
  { call: (c) => c.sdiff("a", "b"), words: ["SDIFF", "a", "b"] },
  {
    call: (c) => c.sdiffstore("d", "a", "b"),
    words: ["SDIFFSTORE", "d", "a", "b"],
  },
  { call: (c) => c.sinter("a", "b"), words: ["SINTER", "a", "b"] },
  {
    call: (c) => c.sintercard(["a", "b"]),
    words: ["SINTERCARD", 2, "a", "b"],
  },
  {
    call: (c) => c.sintercard(["a", "b"], { limit: 5 }),
    words: ["SINTERCARD", 2, "a", "b", "LIMIT", 5],
  },
  {
    call: (c) => c.sinterstore("d", "a", "b"),
    words: ["SINTERSTORE", "d", "a", "b"],
  },
  { call: (c) => c.sismember("k", "a"), words: ["SISMEMBER", "k", "a"] },
  { call: (c) => c.smembers("k"), words: ["SMEMBERS", "k"] },
  {
    call: (c) => c.smismember("k", "a", "b"),
    words: ["SMISMEMBER", "k", "a", "b"],
  },
  { call: (c) => c.smove("a", "b", "m"), words: ["SMOVE", "a", "b", "m"] },
  { call: (c) => c.spop("k"), words: ["SPOP", "k"] },
  { call: (c) => c.spop("k", 2), words: ["SPOP", "k", 2] },
  { call: (c) => c.srandmember("k"), words: ["SRANDMEMBER", "k"] },
  { call: (c) => c.srandmember("k", -2), words: ["SRANDMEMBER", "k", -2] },
  { call: (c) => c.srem("k", "a", "b"), words: ["SREM", "k", "a", "b"] },
  { call: (c) => c.sscan("k", 0), words: ["SSCAN", "k", 0] },
  {
    call: (c) => c.sscan("k", "7", { match: "a*", count: 5 }),
    words: ["SSCAN", "k", "7", "MATCH", "a*", "COUNT", 5],
  },
  { call: (c) => c.sunion("a", "b"), words: ["SUNION", "a", "b"] },
  {
    call: (c) => c.sunionstore("d", "a", "b"),
    words: ["SUNIONSTORE", "d", "a", "b"],
  },
  { call: (c) => c.sdiffcard(["a", "b"]), words: ["SDIFFCARD", 2, "a", "b"] },
  {
    call: (c) => c.sdiffcard(["a"], { limit: 1 }),
    words: ["SDIFFCARD", 1, "a", "LIMIT", 1],
  },
  {
    call: (c) => c.sunioncard(["a", "b"], { approx: true, limit: 3 }),
    words: ["SUNIONCARD", 2, "a", "b", "APPROX", "LIMIT", 3],
  },
]);

testLive(SetCommands, [
  {
    setup: ["SADD k a"],
    call: (redis) => redis.sadd("k", "a", "b"),
    expect: 1,
  },
  { setup: ["SADD k a b"], call: (redis) => redis.scard("k"), expect: 2 },
  {
    setup: ["SADD a 1 2 3", "SADD b 2"],
    call: (redis) => redis.sdiff("a", "b"),
    expect: members("1", "3"),
  },
  { call: (redis) => redis.sdiff("a", "b"), expect: [] },
  {
    setup: ["SADD a 1 2 3", "SADD b 2"],
    call: (redis) => redis.sdiffstore("d", "a", "b"),
    expect: 2,
  },
  {
    setup: ["SADD a 1 2 3", "SADD b 2 3"],
    call: (redis) => redis.sinter("a", "b"),
    expect: members("2", "3"),
  },
  {
    setup: ["SADD a 1 2 3", "SADD b 2 3"],
    call: (redis) => redis.sintercard(["a", "b"], { limit: 1 }),
    expect: 1,
  },
  {
    setup: ["SADD a 1 2 3", "SADD b 2 3"],
    call: (redis) => redis.sinterstore("d", "a", "b"),
    expect: 2,
  },
  {
    setup: ["SADD k a"],
    call: (redis) => redis.sismember("k", "b"),
    expect: 0,
  },
  {
    setup: ["SADD k a b"],
    call: (redis) => redis.smembers("k"),
    expect: members("a", "b"),
  },
  { call: (redis) => redis.smembers("k"), expect: [] },
  {
    setup: ["SADD k a"],
    call: (redis) => redis.smismember("k", "a", "b"),
    expect: [1, 0],
  },
  {
    setup: ["SADD a 1"],
    call: (redis) => redis.smove("a", "b", "1"),
    expect: 1,
  },
  { setup: ["SADD k a"], call: (redis) => redis.spop("k"), expect: "a" },
  { call: (redis) => redis.spop("k"), expect: null },
  {
    setup: ["SADD k a b"],
    call: (redis) => redis.spop("k", 5),
    expect: members("a", "b"),
  },
  { call: (redis) => redis.spop("k", 5), expect: [] },
  { setup: ["SADD k a"], call: (redis) => redis.srandmember("k"), expect: "a" },
  { call: (redis) => redis.srandmember("k"), expect: null },
  {
    setup: ["SADD k a"],
    call: (redis) => redis.srandmember("k", -3),
    expect: ["a", "a", "a"],
  },
  { call: (redis) => redis.srandmember("k", 3), expect: [] },
  {
    setup: ["SADD k a b"],
    call: (redis) => redis.srem("k", "a", "x"),
    expect: 1,
  },
  {
    setup: ["SADD k a1 b1"],
    call: (redis) => redis.sscan("k", 0, { match: "a*" }),
    expect: { cursor: "0", items: ["a1"] },
  },
  {
    call: (redis) => redis.sscan("k", "0"),
    expect: { cursor: "0", items: [] },
  },
  {
    setup: ["SADD a 1", "SADD b 2"],
    call: (redis) => redis.sunion("a", "b"),
    expect: members("1", "2"),
  },
  {
    setup: ["SADD a 1", "SADD b 2"],
    call: (redis) => redis.sunionstore("d", "a", "b"),
    expect: 2,
  },

  // -- As bytes --
  {
    setup: ["SADD k a"],
    call: (redis) => redis.bytes.smembers("k"),
    expect: [bytes("a")],
  },
], ["sdiffcard", "sunioncard"]);

testFixtures(SetCommands, [
  {
    call: (c) => c.sdiffcard(["key1", "key2"]),
    source: page("sdiffcard"),
    resp2: 2,
    value: 2,
  },
  {
    call: (c) => c.sunioncard(["key1", "key2"]),
    source: page("sunioncard"),
    resp2: 5,
    value: 5,
  },
]);
