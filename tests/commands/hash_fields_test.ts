import { HashFieldCommands } from "../../lib/commands/hash_fields.ts";
import { page } from "./modules/support.ts";
import { bytes, testFixtures, testWords } from "./support.ts";

testWords(HashFieldCommands, [
  {
    call: (c) => c.hexpire("k", 10, ["f", "g"]),
    words: ["HEXPIRE", "k", 10, "FIELDS", 2, "f", "g"],
  },
  {
    call: (c) => c.hexpire("k", 10, ["f"], { nx: true }),
    words: ["HEXPIRE", "k", 10, "NX", "FIELDS", 1, "f"],
  },
  {
    call: (c) => c.hexpireat("k", 1_740_470_400, ["f"], { gt: true }),
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
    call: (c) => c.hgetex("k", ["f"], { ex: 120 }),
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
    call: (c) => c.hpexpire("k", 10, ["f"], { lt: true }),
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
    call: (c) => c.hsetex("k", { f: 1, g: "2" }, { ex: 60 }),
    words: ["HSETEX", "k", "EX", 60, "FIELDS", 2, "f", 1, "g", "2"],
  },
  {
    call: (c) => c.hsetex("k", [["f", 1]], { fxx: true, keepttl: true }),
    words: ["HSETEX", "k", "FXX", "KEEPTTL", "FIELDS", 1, "f", 1],
  },
  {
    call: (c) => c.hsetex("k", { f: 1 }, { xx: true, fnx: true }),
    words: ["HSETEX", "k", "XX", "FNX", "FIELDS", 1, "f", 1],
  },
  { call: (c) => c.httl("k", "f"), words: ["HTTL", "k", "FIELDS", 1, "f"] },
]);

/** The server's own tests. */
const TESTS =
  "redis/redis tests/unit/type/hash-field-expire.tcl da13ede48d385f809da484b606190f9ddba355ad";

/** A page whose example has the reply. */
function example(name: string, commit: string): string {
  return `${page(name)}: redis/docs content/commands/${name}.md ${commit}`;
}

const HGETEX = example("hgetex", "3f0905556204caf8cec5632b2c81ef3f52cfbe55");

testFixtures(HashFieldCommands, [
  {
    call: (c) => c.hexpire("mykey", 10, ["field1", "field2", "field3"]),
    source: example("hexpire", "095cf30fa3412ba81c1cb138836419e8a3442eff"),
    resp2: [1, 1, -2],
    value: [1, 1, -2],
  },
  {
    // The page's example shows (nil), its return information says otherwise.
    call: (c) => c.hexpire("myhash", 1000, ["a"]),
    source: TESTS,
    resp2: [-2],
    value: [-2],
  },
  {
    call: (c) => c.hexpireat("mykey", 1_715_704_971, ["field1", "field2"]),
    source: example("hexpireat", "104faa4a1d406fb26cec4869dba722b25d417a91"),
    resp2: [1, 1],
    value: [1, 1],
  },
  {
    call: (c) => c.hexpireat("myhash", 1, ["field1"], { nx: true }),
    source: `${TESTS}: the time is past`,
    resp2: [2],
    value: [2],
  },
  {
    call: (c) => c.hexpiretime("mykey", "field1", "field2"),
    source: example("hexpiretime", "2bafcaf0d8beb664ee4f935ebf1e3a0f033bdd0c"),
    resp2: [1_715_705_914, 1_715_705_914],
    value: [1_715_705_914, 1_715_705_914],
  },
  {
    call: (c) => c.hexpiretime("myhash", "a"),
    source: TESTS,
    resp2: [-2],
    value: [-2],
  },
  {
    call: (c) => c.hgetdel("mykey", "field3", "field4"),
    source: example("hgetdel", "30e8286598dcda69a966fece143c6261b38bd2c3"),
    resp2: ["!", null],
    value: ["!", null],
  },
  {
    call: (c) => c.hgetex("mykey", ["field1"], { ex: 120 }),
    source: HGETEX,
    resp2: ["Hello"],
    value: ["Hello"],
  },
  {
    call: (c) => c.hpersist("mykey", "field2"),
    source: example("hpersist", "3f0905556204caf8cec5632b2c81ef3f52cfbe55"),
    resp2: [1],
    value: [1],
  },
  {
    call: (c) => c.hpersist("myhash", "a", "b"),
    source: TESTS,
    resp2: [-2, -2],
    value: [-2, -2],
  },
  {
    call: (c) => c.hpexpire("mykey", 2000, ["field1", "field2"]),
    source: example("hpexpire", "35faf439d394a00711e1d3e282cddc46311e072a"),
    resp2: [1, 1],
    value: [1, 1],
  },
  {
    call: (c) => c.hpexpire("myhash", 1000, ["field1", "field2"], { nx: true }),
    source: TESTS,
    resp2: [0, 1],
    value: [0, 1],
  },
  {
    call: (c) => c.hpexpireat("mykey", 1_715_704_971_000, ["field1", "field2"]),
    source: example("hpexpireat", "4081a243507f83449521e3853249d9a35b200a8c"),
    resp2: [1, 1],
    value: [1, 1],
  },
  {
    call: (c) =>
      c.hpexpireat("myhash", 1000, ["f1", "f2", "f3", "f4"], {
        nx: true,
      }),
    source: `${TESTS}: the time is past`,
    resp2: [2, 2, -2, 0],
    value: [2, 2, -2, 0],
  },
  {
    call: (c) => c.hpexpiretime("mykey", "field1", "field2"),
    source: example("hpexpiretime", "095cf30fa3412ba81c1cb138836419e8a3442eff"),
    resp2: [1_715_705_913_659, 1_715_705_913_659],
    value: [1_715_705_913_659, 1_715_705_913_659],
  },
  {
    call: (c) => c.hpttl("mykey", "field1", "field2", "field3"),
    source: example("hpttl", "6a1f75ef81a3df26dec8eb12f368ed3cb112f0ab"),
    resp2: [292_202, -1, -2],
    value: [292_202, -1, -2],
  },
  {
    call: (c) =>
      c.hsetex("mykey", { field1: "Hello", field2: "World" }, {
        fnx: true,
        ex: 60,
      }),
    source: example("hsetex", "21d70b4167b2dfa6c208dc2b3a7adbf6d33cae2a"),
    resp2: 0,
    value: 0,
  },
  {
    call: (c) => c.httl("mykey", "field1", "field2", "field3"),
    source: HGETEX,
    resp2: [75, 68, -2],
    value: [75, 68, -2],
  },
  {
    call: (c) => c.httl("myhash", "a"),
    source: TESTS,
    resp2: [-2],
    value: [-2],
  },
]);
