import { SortedSetRangeCommands } from "../../lib/commands/sorted_set_ranges.ts";
import { TestServer } from "../support/test_server.ts";
import { bytes, type LiveCase, testLive, testWords } from "./support.ts";

const AGES = "ZADD k 30 bob 40 ann 50 cid";
const NAMES = "ZADD k 0 a 0 b 0 c";

testWords(SortedSetRangeCommands, [
  {
    call: (c) => c.zcount("k", "-inf", "(5"),
    words: ["ZCOUNT", "k", "-inf", "(5"],
  },
  {
    call: (c) => c.zlexcount("k", "-", "[b"),
    words: ["ZLEXCOUNT", "k", "-", "[b"],
  },
  { call: (c) => c.zrange("k", 0, -1), words: ["ZRANGE", "k", 0, -1] },
  {
    call: (c) => c.zrange("k", 0, -1, { rev: true, withscores: true }),
    words: ["ZRANGE", "k", 0, -1, "REV", "WITHSCORES"],
  },
  {
    call: (c) =>
      c.zrange("k", "+inf", "(5", {
        byscore: true,
        rev: true,
        limit: { offset: 1, count: 2 },
        withscores: true,
      }),
    words: [
      ...["ZRANGE", "k", "+inf", "(5", "BYSCORE", "REV"],
      ...["LIMIT", 1, 2, "WITHSCORES"],
    ],
  },
  {
    call: (c) => c.zrange("k", 1, Infinity, { byscore: true }),
    words: ["ZRANGE", "k", 1, Infinity, "BYSCORE"],
  },
  {
    call: (c) => c.zrange("k", "[a", bytes("(b"), { bylex: true }),
    words: ["ZRANGE", "k", "[a", bytes("(b"), "BYLEX"],
  },
  {
    call: (c) =>
      c.zrangebylex("k", "-", "+", { limit: { offset: 0, count: 1 } }),
    words: ["ZRANGEBYLEX", "k", "-", "+", "LIMIT", 0, 1],
  },
  {
    call: (c) => c.zrangebyscore("k", 1, "+inf"),
    words: ["ZRANGEBYSCORE", "k", 1, "+inf"],
  },
  {
    call: (c) =>
      c.zrangebyscore("k", 1, 2, {
        withscores: true,
        limit: { offset: 0, count: 1 },
      }),
    words: ["ZRANGEBYSCORE", "k", 1, 2, "WITHSCORES", "LIMIT", 0, 1],
  },
  {
    call: (c) => c.zrangestore("d", "k", 0, 1, { rev: true }),
    words: ["ZRANGESTORE", "d", "k", 0, 1, "REV"],
  },
  {
    call: (c) =>
      c.zrangestore("d", "k", "-", "+", {
        bylex: true,
        limit: { offset: 0, count: 1 },
      }),
    words: ["ZRANGESTORE", "d", "k", "-", "+", "BYLEX", "LIMIT", 0, 1],
  },
  { call: (c) => c.zrank("k", "m"), words: ["ZRANK", "k", "m"] },
  {
    call: (c) => c.zrank("k", "m", { withscore: true }),
    words: ["ZRANK", "k", "m", "WITHSCORE"],
  },
  {
    call: (c) => c.zremrangebylex("k", "[a", "+"),
    words: ["ZREMRANGEBYLEX", "k", "[a", "+"],
  },
  {
    call: (c) => c.zremrangebyrank("k", 0, 1),
    words: ["ZREMRANGEBYRANK", "k", 0, 1],
  },
  {
    call: (c) => c.zremrangebyscore("k", "(1", 2),
    words: ["ZREMRANGEBYSCORE", "k", "(1", 2],
  },
  { call: (c) => c.zrevrange("k", 0, 1), words: ["ZREVRANGE", "k", 0, 1] },
  {
    call: (c) => c.zrevrange("k", 0, 1, { withscores: true }),
    words: ["ZREVRANGE", "k", 0, 1, "WITHSCORES"],
  },
  {
    call: (c) => c.zrevrangebylex("k", "+", "-"),
    words: ["ZREVRANGEBYLEX", "k", "+", "-"],
  },
  {
    call: (c) => c.zrevrangebyscore("k", 2, 1),
    words: ["ZREVRANGEBYSCORE", "k", 2, 1],
  },
  {
    call: (c) =>
      c.zrevrangebyscore("k", 2, 1, {
        withscores: true,
        limit: { offset: 0, count: 1 },
      }),
    words: ["ZREVRANGEBYSCORE", "k", 2, 1, "WITHSCORES", "LIMIT", 0, 1],
  },
  { call: (c) => c.zrevrank("k", "m"), words: ["ZREVRANK", "k", "m"] },
  {
    call: (c) => c.zrevrank("k", "m", { withscore: true }),
    words: ["ZREVRANK", "k", "m", "WITHSCORE"],
  },
]);

testLive(SortedSetRangeCommands, [
  {
    setup: [AGES],
    call: (redis) => redis.zcount("k", "(30", "+inf"),
    expect: 2,
  },
  { call: (redis) => redis.zcount("k", 0, 1), expect: 0 },
  {
    setup: [NAMES],
    call: (redis) => redis.zlexcount("k", "(a", "+"),
    expect: 2,
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrange("k", 0, -2),
    expect: ["bob", "ann"],
  },
  { call: (redis) => redis.zrange("k", 0, -1), expect: [] },
  {
    setup: [AGES],
    call: (redis) => redis.zrange("k", 0, 0, { rev: true, withscores: true }),
    expect: [["cid", 50]],
  },
  {
    call: (redis) => redis.zrange("k", 0, -1, { withscores: true }),
    expect: [],
  },
  {
    setup: ["ZADD k inf a -inf b 0.1 c 1e100 d"],
    call: (redis) => redis.zrange("k", 0, -1, { withscores: true }),
    expect: [["b", -Infinity], ["c", 0.1], ["d", 1e100], ["a", Infinity]],
  },
  {
    setup: [AGES],
    call: (redis) =>
      redis.zrange("k", Infinity, 30, {
        byscore: true,
        rev: true,
        limit: { offset: 1, count: -1 },
        withscores: true,
      }),
    expect: [["ann", 40], ["bob", 30]],
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrange("k", "-inf", "(50", { byscore: true }),
    expect: ["bob", "ann"],
  },
  {
    setup: [NAMES],
    call: (redis) => redis.zrange("k", "(a", bytes("[c"), { bylex: true }),
    expect: ["b", "c"],
  },
  {
    setup: [NAMES],
    call: (redis) => redis.zrangebylex("k", "-", "(c"),
    expect: ["a", "b"],
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrangebyscore("k", 35, 50),
    expect: ["ann", "cid"],
  },
  {
    setup: [AGES],
    call: (redis) =>
      redis.zrangebyscore("k", 35, 50, {
        withscores: true,
        limit: { offset: 1, count: 1 },
      }),
    expect: [["cid", 50]],
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrangestore("d", "k", 40, 50, { byscore: true }),
    expect: 2,
  },
  { call: (redis) => redis.zrangestore("d", "k", 0, -1), expect: 0 },
  { setup: [AGES], call: (redis) => redis.zrank("k", "ann"), expect: 1 },
  { setup: [AGES], call: (redis) => redis.zrank("k", "x"), expect: null },
  {
    setup: [NAMES],
    call: (redis) => redis.zremrangebylex("k", "[b", "+"),
    expect: 2,
  },
  {
    setup: [AGES],
    call: (redis) => redis.zremrangebyrank("k", 0, -2),
    expect: 2,
  },
  {
    setup: [AGES],
    call: (redis) => redis.zremrangebyscore("k", 30, "(50"),
    expect: 2,
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrevrange("k", 0, 1),
    expect: ["cid", "ann"],
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrevrange("k", 0, 1, { withscores: true }),
    expect: [["cid", 50], ["ann", 40]],
  },
  {
    setup: [NAMES],
    call: (redis) =>
      redis.zrevrangebylex("k", "+", "-", { limit: { offset: 0, count: 2 } }),
    expect: ["c", "b"],
  },
  {
    setup: [AGES],
    call: (redis) => redis.zrevrangebyscore("k", "+inf", 40),
    expect: ["cid", "ann"],
  },
  {
    setup: [AGES],
    call: (redis) =>
      redis.zrevrangebyscore("k", "+inf", 40, { withscores: true }),
    expect: [["cid", 50], ["ann", 40]],
  },
  { setup: [AGES], call: (redis) => redis.zrevrank("k", "cid"), expect: 0 },
  { call: (redis) => redis.zrevrank("k", "cid"), expect: null },
  ...await since72([
    {
      setup: [AGES],
      call: (redis) => redis.zrank("k", "ann", { withscore: true }),
      expect: [1, 40],
    },
    {
      setup: [AGES],
      call: (redis) => redis.zrevrank("k", "cid", { withscore: true }),
      expect: [0, 50],
    },
    {
      call: (redis) => redis.zrank("k", "x", { withscore: true }),
      expect: null,
    },
  ]),

  // -- As bytes --
  {
    setup: [AGES],
    call: (redis) => redis.bytes.zrange("k", 0, 1, { withscores: true }),
    expect: [[bytes("bob"), 30], [bytes("ann"), 40]],
  },
  {
    setup: ["ZADD k inf a"],
    call: (redis) => redis.bytes.zrange("k", 0, 1, { withscores: true }),
    expect: [[bytes("a"), Infinity]],
  },
]);

async function since72(cases: LiveCase[]): Promise<LiveCase[]> {
  return await TestServer.has("commands of 7.2") ? cases : [];
}
