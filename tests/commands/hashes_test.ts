import { HashCommands } from "../../lib/commands/hashes.ts";
import { page } from "./modules/support.ts";
import { bare, bytes, testFixtures, testLive, testWords } from "./support.ts";

testWords(HashCommands, [
  { call: (c) => c.hdel("k", "f"), words: ["HDEL", "k", "f"] },
  { call: (c) => c.hdel("k", "f", "g"), words: ["HDEL", "k", "f", "g"] },
  { call: (c) => c.hexists("k", "f"), words: ["HEXISTS", "k", "f"] },
  { call: (c) => c.hget("k", "f"), words: ["HGET", "k", "f"] },
  { call: (c) => c.hgetall("k"), words: ["HGETALL", "k"] },
  { call: (c) => c.hincrby("k", "f", 2), words: ["HINCRBY", "k", "f", 2] },
  {
    call: (c) => c.hincrbyfloat("k", "f", 0.5),
    words: ["HINCRBYFLOAT", "k", "f", 0.5],
  },
  { call: (c) => c.hkeys("k"), words: ["HKEYS", "k"] },
  { call: (c) => c.hlen("k"), words: ["HLEN", "k"] },
  { call: (c) => c.hmget("k", "f", "g"), words: ["HMGET", "k", "f", "g"] },
  {
    call: (c) => c.hmset("k", { f: 1, g: 2 }),
    words: ["HMSET", "k", "f", 1, "g", 2],
  },
  { call: (c) => c.hrandfield("k"), words: ["HRANDFIELD", "k"] },
  { call: (c) => c.hrandfield("k", -2), words: ["HRANDFIELD", "k", -2] },
  {
    call: (c) => c.hrandfield("k", 2, { withvalues: true }),
    words: ["HRANDFIELD", "k", 2, "WITHVALUES"],
  },
  { call: (c) => c.hscan("k", 0), words: ["HSCAN", "k", 0] },
  {
    call: (c) => c.hscan("k", "7", { match: "f*", count: 5 }),
    words: ["HSCAN", "k", "7", "MATCH", "f*", "COUNT", 5],
  },
  { call: (c) => c.hset("k", "f", "v"), words: ["HSET", "k", "f", "v"] },
  {
    call: (c) => c.hset("k", bytes("f"), bytes("v")),
    words: ["HSET", "k", bytes("f"), bytes("v")],
  },
  {
    call: (c) => c.hset("k", { f: 1, g: "2" }),
    words: ["HSET", "k", "f", 1, "g", "2"],
  },
  {
    call: (c) => c.hset("k", [[bytes("f"), 1], [2, 3]]),
    words: ["HSET", "k", bytes("f"), 1, 2, 3],
  },
  {
    call: (c) => c.hset("k", new Map([["f", "v"]])),
    words: ["HSET", "k", "f", "v"],
  },
  { call: (c) => c.hsetnx("k", "f", "v"), words: ["HSETNX", "k", "f", "v"] },
  { call: (c) => c.hstrlen("k", "f"), words: ["HSTRLEN", "k", "f"] },
  { call: (c) => c.hvals("k"), words: ["HVALS", "k"] },
  {
    call: (c) => c.hscan("k", 0, { count: 5, novalues: true }),
    words: ["HSCAN", "k", 0, "COUNT", 5, "NOVALUES"],
  },
]);

testLive(HashCommands, [
  {
    setup: ["HSET k f 1 g 2"],
    call: (redis) => redis.hdel("k", "f", "x"),
    expect: 1,
  },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hexists("k", "f"),
    expect: 1,
  },
  { setup: ["HSET k f 1"], call: (redis) => redis.hget("k", "f"), expect: "1" },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hget("k", "x"),
    expect: null,
  },
  {
    setup: ["HSET k f 1 __proto__ 2 constructor 3"],
    call: (redis) => redis.hgetall("k"),
    expect: bare({ f: "1", ["__proto__"]: "2", constructor: "3" }),
  },
  { call: (redis) => redis.hgetall("k"), expect: bare({}) },
  { call: (redis) => redis.hincrby("k", "f", 2), expect: 2 },
  {
    setup: ["HSET k f 10.5"],
    call: (redis) => redis.hincrbyfloat("k", "f", 0.1),
    expect: 10.6,
  },
  {
    setup: ["HSET k f 1 g 2"],
    call: (redis) => redis.hkeys("k"),
    expect: ["f", "g"],
  },
  { setup: ["HSET k f 1 g 2"], call: (redis) => redis.hlen("k"), expect: 2 },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hmget("k", "f", "x"),
    expect: ["1", null],
  },
  { call: (redis) => redis.hmset("k", { f: 1 }), expect: "OK" },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hrandfield("k"),
    expect: "f",
  },
  { call: (redis) => redis.hrandfield("k"), expect: null },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hrandfield("k", -2),
    expect: ["f", "f"],
  },
  { call: (redis) => redis.hrandfield("k", 2), expect: [] },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hrandfield("k", -2, { withvalues: true }),
    expect: [["f", "1"], ["f", "1"]],
  },
  {
    call: (redis) => redis.hrandfield("k", 2, { withvalues: true }),
    expect: [],
  },
  {
    setup: ["HSET k f 1 g 2"],
    call: (redis) => redis.hscan("k", 0, { match: "g*", count: 5 }),
    expect: { cursor: "0", items: [["g", "2"]] },
  },
  {
    call: (redis) => redis.hscan("k", "0"),
    expect: { cursor: "0", items: [] },
  },
  { call: (redis) => redis.hset("k", "f", "v"), expect: 1 },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hset("k", { f: 2, g: 3 }),
    expect: 1,
  },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.hsetnx("k", "f", 2),
    expect: 0,
  },
  {
    setup: ["HSET k f value"],
    call: (redis) => redis.hstrlen("k", "f"),
    expect: 5,
  },
  {
    setup: ["HSET k f 1 g 2"],
    call: (redis) => redis.hvals("k"),
    expect: ["1", "2"],
  },

  // -- As bytes --
  {
    setup: ["HSET k f 1 g 2"],
    call: (redis) => redis.bytes.hgetall("k"),
    expect: [[bytes("f"), bytes("1")], [bytes("g"), bytes("2")]],
  },
  { call: (redis) => redis.bytes.hgetall("k"), expect: [] },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.bytes.hrandfield("k", 1, { withvalues: true }),
    expect: [[bytes("f"), bytes("1")]],
  },
  {
    setup: ["HSET k f 1"],
    call: (redis) => redis.bytes.hscan("k", 0),
    expect: { cursor: "0", items: [[bytes("f"), bytes("1")]] },
  },
]);

testFixtures(HashCommands, [
  {
    call: (c) => c.hscan("k", 0, { novalues: true }),
    source: page("hscan"),
    resp2: ["0", ["f", "g"]],
    value: { cursor: "0", items: ["f", "g"] },
  },
]);
