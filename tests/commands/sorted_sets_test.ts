import { SortedSetCommands } from "../../lib/commands/sorted_sets.ts";
import { bytes, testLive, testWords } from "./support.ts";

const A = "ZADD a 1 x 2 y";
const B = "ZADD b 10 x 20 z";

testWords(SortedSetCommands, [
  {
    call: (c) => c.bzmpop(1, ["a", "b"], "min"),
    words: ["BZMPOP", 1, 2, "a", "b", "MIN"],
  },
  {
    call: (c) => c.bzmpop(1, ["a"], "max", { count: 3 }),
    words: ["BZMPOP", 1, 1, "a", "MAX", "COUNT", 3],
  },
  { call: (c) => c.bzpopmax(["a", "b"], 1), words: ["BZPOPMAX", "a", "b", 1] },
  { call: (c) => c.bzpopmin(["a"], 0.5), words: ["BZPOPMIN", "a", 0.5] },
  { call: (c) => c.zadd("k", 1, "m"), words: ["ZADD", "k", 1, "m"] },
  {
    call: (c) => c.zadd("k", 1, bytes("m"), { nx: true }),
    words: ["ZADD", "k", "NX", 1, bytes("m")],
  },
  {
    call: (c) => c.zadd("k", [[1, "m"], [-Infinity, "n"]]),
    words: ["ZADD", "k", 1, "m", -Infinity, "n"],
  },
  {
    call: (c) =>
      c.zadd("k", new Map([["m", 1]]), {
        xx: true,
        gt: true,
        ch: true,
      }),
    words: ["ZADD", "k", "XX", "GT", "CH", 1, "m"],
  },
  {
    call: (c) => c.zadd("k", 1, "m", { lt: true, incr: true }),
    words: ["ZADD", "k", "LT", "INCR", 1, "m"],
  },
  { call: (c) => c.zcard("k"), words: ["ZCARD", "k"] },
  { call: (c) => c.zdiff(["a", "b"]), words: ["ZDIFF", 2, "a", "b"] },
  {
    call: (c) => c.zdiff(["a", "b"], { withscores: true }),
    words: ["ZDIFF", 2, "a", "b", "WITHSCORES"],
  },
  {
    call: (c) => c.zdiffstore("d", ["a", "b"]),
    words: ["ZDIFFSTORE", "d", 2, "a", "b"],
  },
  { call: (c) => c.zincrby("k", 0.5, "m"), words: ["ZINCRBY", "k", 0.5, "m"] },
  { call: (c) => c.zinter(["a", "b"]), words: ["ZINTER", 2, "a", "b"] },
  {
    call: (c) =>
      c.zinter(["a", "b"], {
        weights: [1, 2],
        aggregate: "max",
        withscores: true,
      }),
    words: [
      ...["ZINTER", 2, "a", "b", "WEIGHTS", 1, 2],
      ...["AGGREGATE", "MAX", "WITHSCORES"],
    ],
  },
  { call: (c) => c.zintercard(["a", "b"]), words: ["ZINTERCARD", 2, "a", "b"] },
  {
    call: (c) => c.zintercard(["a"], { limit: 5 }),
    words: ["ZINTERCARD", 1, "a", "LIMIT", 5],
  },
  {
    call: (c) => c.zinterstore("d", ["a", "b"], { weights: [1, 2] }),
    words: ["ZINTERSTORE", "d", 2, "a", "b", "WEIGHTS", 1, 2],
  },
  {
    call: (c) => c.zmpop(["a", "b"], "min", { count: 3 }),
    words: ["ZMPOP", 2, "a", "b", "MIN", "COUNT", 3],
  },
  { call: (c) => c.zmscore("k", "m", "n"), words: ["ZMSCORE", "k", "m", "n"] },
  { call: (c) => c.zpopmax("k"), words: ["ZPOPMAX", "k"] },
  { call: (c) => c.zpopmax("k", 2), words: ["ZPOPMAX", "k", 2] },
  { call: (c) => c.zpopmin("k"), words: ["ZPOPMIN", "k"] },
  { call: (c) => c.zpopmin("k", 2), words: ["ZPOPMIN", "k", 2] },
  { call: (c) => c.zrandmember("k"), words: ["ZRANDMEMBER", "k"] },
  { call: (c) => c.zrandmember("k", -2), words: ["ZRANDMEMBER", "k", -2] },
  {
    call: (c) => c.zrandmember("k", 2, { withscores: true }),
    words: ["ZRANDMEMBER", "k", 2, "WITHSCORES"],
  },
  { call: (c) => c.zrem("k", "m", "n"), words: ["ZREM", "k", "m", "n"] },
  {
    call: (c) => c.zscan("k", "7", { match: "a*", count: 5 }),
    words: ["ZSCAN", "k", "7", "MATCH", "a*", "COUNT", 5],
  },
  { call: (c) => c.zscore("k", "m"), words: ["ZSCORE", "k", "m"] },
  {
    call: (c) => c.zunion(["a", "b"], { withscores: true }),
    words: ["ZUNION", 2, "a", "b", "WITHSCORES"],
  },
  {
    call: (c) => c.zunionstore("d", ["a", "b"], { aggregate: "min" }),
    words: ["ZUNIONSTORE", "d", 2, "a", "b", "AGGREGATE", "MIN"],
  },
  {
    call: (c) => c.zscan("k", 0, { noscores: true }),
    words: ["ZSCAN", "k", 0, "NOSCORES"],
  },
]);

testLive(SortedSetCommands, [
  {
    setup: [B],
    call: (redis) => redis.bzmpop(1, ["a", "b"], "max", { count: 2 }),
    expect: ["b", [["z", 20], ["x", 10]]],
  },
  { call: (redis) => redis.bzmpop(0.01, ["a"], "min"), expect: null },
  {
    setup: [B],
    call: (redis) => redis.bzpopmax(["a", "b"], 1),
    expect: ["b", "z", 20],
  },
  { call: (redis) => redis.bzpopmax(["a"], 0.01), expect: null },
  {
    setup: [A],
    call: (redis) => redis.bzpopmin(["a", "b"], 1),
    expect: ["a", "x", 1],
  },
  { call: (redis) => redis.bzpopmin(["a"], 0.01), expect: null },
  { call: (redis) => redis.zadd("k", 1, "m"), expect: 1 },
  {
    setup: [A],
    call: (redis) =>
      redis.zadd("a", [[5, "x"], [0, "y"], [7, "z"]], {
        gt: true,
        ch: true,
      }),
    expect: 2,
  },
  {
    setup: [A],
    call: (redis) => redis.zadd("a", 0.5, "x", { incr: true }),
    expect: 1.5,
  },
  {
    setup: [A],
    call: (redis) => redis.zadd("a", 0.5, "x", { incr: true, nx: true }),
    expect: null,
  },
  { setup: [A], call: (redis) => redis.zcard("a"), expect: 2 },
  { setup: [A, B], call: (redis) => redis.zdiff(["a", "b"]), expect: ["y"] },
  {
    setup: [A, B],
    call: (redis) => redis.zdiff(["a", "b"], { withscores: true }),
    expect: [["y", 2]],
  },
  {
    setup: [A, B],
    call: (redis) => redis.zdiffstore("d", ["a", "b"]),
    expect: 1,
  },
  { call: (redis) => redis.zincrby("k", 0.1, "m"), expect: 0.1 },
  {
    setup: [A],
    call: (redis) => redis.zincrby("a", -Infinity, "x"),
    expect: -Infinity,
  },
  { setup: [A, B], call: (redis) => redis.zinter(["a", "b"]), expect: ["x"] },
  {
    setup: [A, B],
    call: (redis) =>
      redis.zinter(["a", "b"], { weights: [0.5, 2], withscores: true }),
    expect: [["x", 20.5]],
  },
  {
    setup: [A, B],
    call: (redis) => redis.zintercard(["a", "b"], { limit: 5 }),
    expect: 1,
  },
  {
    setup: [A, B],
    call: (redis) => redis.zinterstore("d", ["a", "b"], { aggregate: "min" }),
    expect: 1,
  },
  {
    setup: [B],
    call: (redis) => redis.zmpop(["a", "b"], "min"),
    expect: ["b", [["x", 10]]],
  },
  { call: (redis) => redis.zmpop(["a", "b"], "min"), expect: null },
  {
    setup: [A],
    call: (redis) => redis.zmscore("a", "x", "n", "y"),
    expect: [1, null, 2],
  },
  { setup: [A], call: (redis) => redis.zpopmax("a"), expect: ["y", 2] },
  { call: (redis) => redis.zpopmax("a"), expect: null },
  {
    setup: [A],
    call: (redis) => redis.zpopmax("a", 5),
    expect: [["y", 2], ["x", 1]],
  },
  { setup: [A], call: (redis) => redis.zpopmin("a"), expect: ["x", 1] },
  { setup: [A], call: (redis) => redis.zpopmin("a", 1), expect: [["x", 1]] },
  { call: (redis) => redis.zpopmin("a", 1), expect: [] },
  {
    setup: ["ZADD k 1 m"],
    call: (redis) => redis.zrandmember("k"),
    expect: "m",
  },
  { call: (redis) => redis.zrandmember("k"), expect: null },
  {
    setup: ["ZADD k 1 m"],
    call: (redis) => redis.zrandmember("k", -2),
    expect: ["m", "m"],
  },
  {
    setup: ["ZADD k 1 m"],
    call: (redis) => redis.zrandmember("k", -2, { withscores: true }),
    expect: [["m", 1], ["m", 1]],
  },
  {
    call: (redis) => redis.zrandmember("k", 2, { withscores: true }),
    expect: [],
  },
  { setup: [A], call: (redis) => redis.zrem("a", "x", "n"), expect: 1 },
  {
    setup: [A],
    call: (redis) => redis.zscan("a", 0),
    expect: { cursor: "0", items: [["x", 1], ["y", 2]] },
  },
  { call: (redis) => redis.zscan("a", 0), expect: { cursor: "0", items: [] } },
  {
    setup: ["ZADD k 0.1 m"],
    call: (redis) => redis.zscore("k", "m"),
    expect: 0.1,
  },
  { call: (redis) => redis.zscore("k", "m"), expect: null },
  {
    setup: [A, B],
    call: (redis) => redis.zunion(["a", "b"]),
    expect: ["y", "x", "z"],
  },
  {
    setup: [A, B],
    call: (redis) => redis.zunion(["a", "b"], { withscores: true }),
    expect: [["y", 2], ["x", 11], ["z", 20]],
  },
  {
    setup: [A, B],
    call: (redis) => redis.zunionstore("d", ["a", "b"]),
    expect: 3,
  },

  // -- As bytes --
  {
    setup: [A],
    call: (redis) => redis.bytes.zpopmin("a"),
    expect: [bytes("x"), 1],
  },
  {
    setup: [A],
    call: (redis) => redis.bytes.zmpop(["a"], "min"),
    expect: [bytes("a"), [[bytes("x"), 1]]],
  },
  {
    setup: [A],
    call: (redis) => redis.bytes.zscan("a", 0),
    expect: { cursor: "0", items: [[bytes("x"), 1], [bytes("y"), 2]] },
  },
  { setup: [A], call: (redis) => redis.bytes.zscore("a", "x"), expect: 1 },
]);
