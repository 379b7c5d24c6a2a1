import { HashFieldCommands } from "../../lib/commands/hash_fields.ts";
import { page } from "./modules/support.ts";
import { bytes, testFixtures, testWords } from "./support.ts";

testWords(HashFieldCommands, [
  {
    call: (c) => c.hexpire("k", 10, ["f", "g"]),
    words: ["HEXPIRE", "k", 10, "FIELDS", 2, "f", "g"],
  },
  {
    call: (c) => c.hexpire("k", 10, ["f"], { condition: "nx" }),
    words: ["HEXPIRE", "k", 10, "NX", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hexpireat("k", 1_740_470_400, ["f"], { condition: "gt" }),
    words: ["HEXPIREAT", "k", 1_740_470_400, "GT", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hexpiretime("k", "f", "g"),
    words: ["HEXPIRETIME", "k", "FIELDS", 2, "f", "g"],
  },
  {
    call: (c) => c.hgetdel("k", "f", bytes("g")),
    words: ["HGETDEL", "k", "FIELDS", 2, "f", bytes("g")],
  },
  {
    call: (c) => c.hgetex("k", ["f"], { seconds: 120 }),
    words: ["HGETEX", "k", "EX", 120, "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hgetex("k", ["f", "g"], { persist: true }),
    words: ["HGETEX", "k", "PERSIST", "FIELDS", 2, "f", "g"],
  },
  {
    call: (c) => c.hgetex("k", ["f"]),
    words: ["HGETEX", "k", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hpersist("k", "f"),
    words: ["HPERSIST", "k", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hpexpire("k", 10, ["f"], { condition: "lt" }),
    words: ["HPEXPIRE", "k", 10, "LT", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hpexpireat("k", 1_740_470_400_000, ["f"]),
    words: ["HPEXPIREAT", "k", 1_740_470_400_000, "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hpexpiretime("k", "f"),
    words: ["HPEXPIRETIME", "k", "FIELDS", 1, "f"],
  },
  { call: (c) => c.hpttl("k", "f"), words: ["HPTTL", "k", "FIELDS", 1, "f"] },
  {
    call: (c) => c.hsetex("k", { f: 1, g: "2" }, { seconds: 60 }),
    words: ["HSETEX", "k", "EX", 60, "FIELDS", 2, "f", 1, "g", "2"],
  },
  {
    call: (c) => c.hsetex("k", [["f", 1]], { condition: "fxx", keep: true }),
    words: ["HSETEX", "k", "FXX", "KEEPTTL", "FIELDS", 1, "f", 1],
  },
  { call: (c) => c.httl("k", "f"), words: ["HTTL", "k", "FIELDS", 1, "f"] },
]);

testFixtures(HashFieldCommands, [
  {
    call: (c) => c.hexpire("mykey", 10, ["field1", "field2", "field3"]),
    source: page("hexpire"),
    resp2: [1, 1, -2],
    value: [1, 1, -2],
  },
  {
    call: (c) => c.hexpireat("mykey", 1, ["field1", "field2"]),
    source: page("hexpireat"),
    resp2: [2, -2],
    value: [2, -2],
  },
  {
    call: (c) => c.hexpiretime("mykey", "field1", "field2"),
    source: page("hexpiretime"),
    resp2: [1_715_704_971, -1],
    value: [1_715_704_971, -1],
  },
  {
    call: (c) => c.hgetdel("mykey", "field3", "field4"),
    source: page("hgetdel"),
    resp2: ["!", null],
    value: ["!", null],
  },
  {
    call: (c) => c.hgetex("mykey", ["field1"], { seconds: 120 }),
    source: page("hgetex"),
    resp2: ["Hello"],
    value: ["Hello"],
  },
  {
    call: (c) => c.hpersist("mykey", "field1", "field2", "field3"),
    source: page("hpersist"),
    resp2: [1, -1, -2],
    value: [1, -1, -2],
  },
  {
    call: (c) => c.hpexpire("mykey", 2000, ["field1", "field2", "field3"]),
    source: page("hpexpire"),
    resp2: [1, 1, -2],
    value: [1, 1, -2],
  },
  {
    call: (c) => c.hpexpireat("mykey", 1_715_704_971_000, ["field1"]),
    source: page("hpexpireat"),
    resp2: [1],
    value: [1],
  },
  {
    call: (c) => c.hpexpiretime("mykey", "field1", "field2"),
    source: page("hpexpiretime"),
    resp2: [1_715_705_913_659, -1],
    value: [1_715_705_913_659, -1],
  },
  {
    call: (c) => c.hpttl("mykey", "field1", "field2"),
    source: page("hpttl"),
    resp2: [292_202, -1],
    value: [292_202, -1],
  },
  {
    call: (c) => c.hsetex("mykey", { field1: "Hello" }, { condition: "fnx" }),
    source: page("hsetex"),
    resp2: 0,
    value: 0,
  },
  {
    call: (c) => c.httl("mykey", "field1", "field2", "field3"),
    source: page("hgetex"),
    resp2: [75, 68, -2],
    value: [75, 68, -2],
  },
]);
