import { BitmapCommands } from "../../lib/commands/bitmaps.ts";
import { testLive, testWords } from "./support.ts";

testWords(BitmapCommands, [
  { call: (c) => c.bitcount("k", -2), words: ["BITCOUNT", "k", -2] },
  { call: (c) => c.bitcount("k"), words: ["BITCOUNT", "k"] },
  { call: (c) => c.bitcount("k", 0, -1), words: ["BITCOUNT", "k", 0, -1] },
  {
    call: (c) => c.bitcount("k", 5, 30, "bit"),
    words: ["BITCOUNT", "k", 5, 30, "BIT"],
  },
  {
    call: (c) =>
      c.bitfield(
        "k",
        ["overflow", "sat"],
        ["incrby", "i5", 100, 1n],
        ["get", "u4", "#1"],
        ["set", "u8", 0, 7],
      ),
    words: [
      ...["BITFIELD", "k", "OVERFLOW", "sat", "INCRBY", "i5", 100, 1n],
      ...["GET", "u4", "#1", "SET", "u8", 0, 7],
    ],
  },
  {
    call: (c) => c.bitfieldRo("k", ["get", "u4", 0], ["get", "i8", 4]),
    words: ["BITFIELD_RO", "k", "GET", "u4", 0, "GET", "i8", 4],
  },
  {
    call: (c) => c.bitop("xor", "d", "a", "b"),
    words: ["BITOP", "XOR", "d", "a", "b"],
  },
  {
    call: (c) => c.bitop("diff1", "d", "a", "b"),
    words: ["BITOP", "DIFF1", "d", "a", "b"],
  },
  { call: (c) => c.bitpos("k", 1), words: ["BITPOS", "k", 1] },
  { call: (c) => c.bitpos("k", 0, 2), words: ["BITPOS", "k", 0, 2] },
  {
    call: (c) => c.bitpos("k", 1, 7, 15, "bit"),
    words: ["BITPOS", "k", 1, 7, 15, "BIT"],
  },
  { call: (c) => c.getbit("k", 7), words: ["GETBIT", "k", 7] },
  { call: (c) => c.setbit("k", 7, 1), words: ["SETBIT", "k", 7, 1] },
]);

testLive(BitmapCommands, [
  {
    setup: ["SET k foobar"],
    call: (redis) => redis.bitcount("k"),
    expect: 26,
  },
  { call: (redis) => redis.bitcount("k"), expect: 0 },
  {
    setup: ["SET k foobar"],
    call: (redis) => redis.bitcount("k", 5, 30, "bit"),
    expect: 17,
  },
  {
    call: (redis) =>
      redis.bitfield(
        "k",
        ["set", "u8", 0, 250],
        ["overflow", "fail"],
        ["incrby", "u8", 0, 10],
        ["get", "u8", 0],
      ),
    expect: [0, null, 250],
  },
  {
    call: (redis) =>
      redis.bitfield("k", ["set", "i64", 0, -(2n ** 62n)], ["get", "i64", 0])
        .catch((error: { reply: unknown }) => error.reply),
    expect: -(2n ** 62n),
  },
  {
    setup: ["SETBIT k 7 1"],
    call: (redis) => redis.bitfieldRo("k", ["get", "u8", 0]),
    expect: [1],
  },
  {
    setup: ["SET a foof", "SET b foo"],
    call: (redis) => redis.bitop("and", "d", "a", "b"),
    expect: 4,
  },
  { call: (redis) => redis.bitop("not", "d", "a"), expect: 0 },
  { setup: ["SETBIT k 9 1"], call: (redis) => redis.bitpos("k", 1), expect: 9 },
  { call: (redis) => redis.bitpos("k", 1), expect: -1 },
  {
    setup: ["SETBIT k 9 1"],
    call: (redis) => redis.bitpos("k", 0, 9, 15, "bit"),
    expect: 10,
  },
  { setup: ["SETBIT k 7 1"], call: (redis) => redis.getbit("k", 7), expect: 1 },
  { call: (redis) => redis.getbit("k", 7), expect: 0 },
  { call: (redis) => redis.setbit("k", 7, 1), expect: 0 },

  // -- As bytes --
  {
    setup: ["SETBIT k 7 1"],
    call: (redis) => redis.bytes.bitfield("k", ["get", "u8", 0]),
    expect: [1],
  },
]);
