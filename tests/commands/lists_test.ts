import { ListCommands } from "../../lib/commands/lists.ts";
import { page } from "./modules/support.ts";
import { bytes, testFixtures, testLive, testWords } from "./support.ts";

testWords(ListCommands, [
  {
    call: (c) => c.blmove("a", "b", "left", "right", 0.5),
    words: ["BLMOVE", "a", "b", "LEFT", "RIGHT", 0.5],
  },
  {
    call: (c) => c.blmpop(1, ["a", "b"], "left"),
    words: ["BLMPOP", 1, 2, "a", "b", "LEFT"],
  },
  {
    call: (c) => c.blmpop(1, ["a"], "right", { count: 3 }),
    words: ["BLMPOP", 1, 1, "a", "RIGHT", "COUNT", 3],
  },
  { call: (c) => c.blpop(["a", "b"], 1), words: ["BLPOP", "a", "b", 1] },
  { call: (c) => c.brpop(["a"], 1), words: ["BRPOP", "a", 1] },
  {
    call: (c) => c.brpoplpush("a", "b", 1),
    words: ["BRPOPLPUSH", "a", "b", 1],
  },
  { call: (c) => c.lindex("k", -1), words: ["LINDEX", "k", -1] },
  {
    call: (c) => c.linsert("k", "before", "p", "e"),
    words: ["LINSERT", "k", "BEFORE", "p", "e"],
  },
  { call: (c) => c.llen("k"), words: ["LLEN", "k"] },
  {
    call: (c) => c.lmove("a", "b", "right", "left"),
    words: ["LMOVE", "a", "b", "RIGHT", "LEFT"],
  },
  {
    call: (c) => c.lmpop(["a", "b"], "left", { count: 3 }),
    words: ["LMPOP", 2, "a", "b", "LEFT", "COUNT", 3],
  },
  { call: (c) => c.lpop("k"), words: ["LPOP", "k"] },
  { call: (c) => c.lpop("k", 0), words: ["LPOP", "k", 0] },
  { call: (c) => c.lpos("k", "e"), words: ["LPOS", "k", "e"] },
  {
    call: (c) => c.lpos("k", "e", { rank: -1, maxlen: 9, count: 0 }),
    words: ["LPOS", "k", "e", "RANK", -1, "COUNT", 0, "MAXLEN", 9],
  },
  { call: (c) => c.lpush("k", "a", "b"), words: ["LPUSH", "k", "a", "b"] },
  { call: (c) => c.lpushx("k", "a", "b"), words: ["LPUSHX", "k", "a", "b"] },
  { call: (c) => c.lrange("k", 0, -1), words: ["LRANGE", "k", 0, -1] },
  { call: (c) => c.lrem("k", 0, "a"), words: ["LREM", "k", 0, "a"] },
  { call: (c) => c.lset("k", 0, "a"), words: ["LSET", "k", 0, "a"] },
  { call: (c) => c.ltrim("k", 0, 1), words: ["LTRIM", "k", 0, 1] },
  { call: (c) => c.rpop("k"), words: ["RPOP", "k"] },
  { call: (c) => c.rpop("k", 2), words: ["RPOP", "k", 2] },
  { call: (c) => c.rpoplpush("a", "b"), words: ["RPOPLPUSH", "a", "b"] },
  { call: (c) => c.rpush("k", "a"), words: ["RPUSH", "k", "a"] },
  { call: (c) => c.rpushx("k", "a"), words: ["RPUSHX", "k", "a"] },
  {
    call: (c) => c.lmovem("s", "d", "left", "right"),
    words: ["LMOVEM", "s", "d", "LEFT", "RIGHT"],
  },
  {
    call: (c) => c.lmovem("s", "d", "left", "left", { count: 2, obo: true }),
    words: ["LMOVEM", "s", "d", "LEFT", "LEFT", "COUNT", 2, "OBO"],
  },
  {
    call: (c) =>
      c.blmovem("s", "d", "right", "left", 0.5, { exactly: 5, bulk: true }),
    words: ["BLMOVEM", "s", "d", "RIGHT", "LEFT", 0.5, "EXACTLY", 5, "BULK"],
  },
]);

testLive(ListCommands, [
  {
    setup: ["RPUSH a 1 2"],
    call: (redis) => redis.blmove("a", "b", "right", "left", 1),
    expect: "2",
  },
  {
    call: (redis) => redis.blmove("a", "b", "right", "left", 0.01),
    expect: null,
  },
  {
    setup: ["RPUSH b 1 2 3"],
    call: (redis) => redis.blmpop(1, ["a", "b"], "left", { count: 2 }),
    expect: ["b", ["1", "2"]],
  },
  { call: (redis) => redis.blmpop(0.01, ["a"], "left"), expect: null },
  {
    setup: ["RPUSH b 1 2"],
    call: (redis) => redis.blpop(["a", "b"], 1),
    expect: ["b", "1"],
  },
  { call: (redis) => redis.blpop(["a", "b"], 0.01), expect: null },
  {
    call: async (redis) => {
      const [popped] = await Promise.all([
        redis.brpop(["a"], 5),
        redis.rpush("a", "1"),
      ]);
      return popped;
    },
    expect: ["a", "1"],
  },
  { call: (redis) => redis.brpop(["a"], 0.01), expect: null },
  {
    setup: ["RPUSH a 1"],
    call: (redis) => redis.brpoplpush("a", "b", 1),
    expect: "1",
  },
  { call: (redis) => redis.brpoplpush("a", "b", 0.01), expect: null },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.lindex("k", -1),
    expect: "b",
  },
  { call: (redis) => redis.lindex("k", 0), expect: null },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.linsert("k", "after", "a", "x"),
    expect: 3,
  },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.linsert("k", "after", "y", "x"),
    expect: -1,
  },
  { call: (redis) => redis.linsert("k", "after", "a", "x"), expect: 0 },
  { setup: ["RPUSH k a b"], call: (redis) => redis.llen("k"), expect: 2 },
  {
    setup: ["RPUSH a 1 2"],
    call: (redis) => redis.lmove("a", "b", "left", "left"),
    expect: "1",
  },
  { call: (redis) => redis.lmove("a", "b", "left", "left"), expect: null },
  {
    setup: ["RPUSH b 1 2"],
    call: (redis) => redis.lmpop(["a", "b"], "right"),
    expect: ["b", ["2"]],
  },
  { call: (redis) => redis.lmpop(["a", "b"], "right"), expect: null },
  { setup: ["RPUSH k a b"], call: (redis) => redis.lpop("k"), expect: "a" },
  { call: (redis) => redis.lpop("k"), expect: null },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.lpop("k", 5),
    expect: ["a", "b"],
  },
  { setup: ["RPUSH k a b"], call: (redis) => redis.lpop("k", 0), expect: [] },
  { call: (redis) => redis.lpop("k", 5), expect: null },
  {
    setup: ["RPUSH k a b a"],
    call: (redis) => redis.lpos("k", "a", { rank: -1 }),
    expect: 2,
  },
  { call: (redis) => redis.lpos("k", "a"), expect: null },
  {
    setup: ["RPUSH k a b a"],
    call: (redis) => redis.lpos("k", "a", { count: 0 }),
    expect: [0, 2],
  },
  { call: (redis) => redis.lpos("k", "a", { count: 0 }), expect: [] },
  { call: (redis) => redis.lpush("k", "a", "b"), expect: 2 },
  { call: (redis) => redis.lpushx("k", "a"), expect: 0 },
  {
    setup: ["RPUSH k a b c"],
    call: (redis) => redis.lrange("k", 0, -2),
    expect: ["a", "b"],
  },
  { call: (redis) => redis.lrange("k", 0, -1), expect: [] },
  {
    setup: ["RPUSH k a b a"],
    call: (redis) => redis.lrem("k", 0, "a"),
    expect: 2,
  },
  {
    setup: ["RPUSH k a"],
    call: (redis) => redis.lset("k", 0, "b"),
    expect: "OK",
  },
  { call: (redis) => redis.ltrim("k", 0, 1), expect: "OK" },
  { setup: ["RPUSH k a b"], call: (redis) => redis.rpop("k"), expect: "b" },
  {
    setup: ["RPUSH k a b c"],
    call: (redis) => redis.rpop("k", 2),
    expect: ["c", "b"],
  },
  { call: (redis) => redis.rpop("k", 2), expect: null },
  {
    setup: ["RPUSH a 1 2"],
    call: (redis) => redis.rpoplpush("a", "b"),
    expect: "2",
  },
  { call: (redis) => redis.rpoplpush("a", "b"), expect: null },
  { call: (redis) => redis.rpush("k", "a", "b"), expect: 2 },
  { setup: ["RPUSH k a"], call: (redis) => redis.rpushx("k", "b"), expect: 2 },

  // -- As bytes --
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.bytes.lrange("k", 0, -1),
    expect: [bytes("a"), bytes("b")],
  },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.bytes.lmpop(["k"], "left"),
    expect: [bytes("k"), [bytes("a")]],
  },
  {
    setup: ["RPUSH k a b"],
    call: (redis) => redis.bytes.blpop(["k"], 1),
    expect: [bytes("k"), bytes("a")],
  },
], ["blmovem", "lmovem"]);

testFixtures(ListCommands, [
  {
    call: (c) =>
      c.lmovem("mylist", "myotherlist", "left", "left", {
        count: 2,
        obo: true,
      }),
    source: page("lmovem"),
    resp2: ["2", "1"],
    value: ["2", "1"],
  },
  {
    call: (c) =>
      c.lmovem("mylist", "myotherlist", "left", "left", {
        exactly: 5,
        bulk: true,
      }),
    source: page("lmovem"),
    resp2: null,
    value: null,
  },
  {
    call: (c) => c.blmovem("mylist", "myotherlist", "left", "left", 1),
    source: page("blmovem"),
    resp2: null,
    value: null,
  },
]);
