import { VectorSetCommands } from "../../lib/commands/vector_sets.ts";
import { d, map } from "./modules/support.ts";
import { bare, bytes, testFixtures, testWords } from "./support.ts";

const BLOB = new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64]);

testWords(VectorSetCommands, [
  {
    call: (c) => c.vadd("k", [0.1, 1.2], "e"),
    words: ["VADD", "k", "VALUES", 2, 0.1, 1.2, "e"],
  },
  {
    call: (c) =>
      c.vadd("k", BLOB, "e", {
        reduce: 50,
        cas: true,
        bin: true,
        ef: 100,
        setattr: "{}",
        m: 32,
      }),
    words: [
      ...["VADD", "k", "REDUCE", 50, "FP32", BLOB, "e", "CAS", "BIN", "EF"],
      ...[100, "SETATTR", "{}", "M", 32],
    ],
  },
  {
    call: (c) => c.vadd("k", new Float32Array([1, 2]), bytes("e")),
    words: ["VADD", "k", "FP32", BLOB, bytes("e")],
  },
  { call: (c) => c.vcard("k"), words: ["VCARD", "k"] },
  { call: (c) => c.vdim("k"), words: ["VDIM", "k"] },
  { call: (c) => c.vemb("k", "e"), words: ["VEMB", "k", "e"] },
  {
    call: (c) => c.vemb("k", "e", { raw: true }),
    words: ["VEMB", "k", "e", "RAW"],
  },
  { call: (c) => c.vgetattr("k", "e"), words: ["VGETATTR", "k", "e"] },
  { call: (c) => c.vinfo("k"), words: ["VINFO", "k"] },
  { call: (c) => c.vismember("k", "e"), words: ["VISMEMBER", "k", "e"] },
  { call: (c) => c.vlinks("k", "e"), words: ["VLINKS", "k", "e"] },
  {
    call: (c) => c.vlinks("k", "e", { withscores: true }),
    words: ["VLINKS", "k", "e", "WITHSCORES"],
  },
  { call: (c) => c.vrandmember("k"), words: ["VRANDMEMBER", "k"] },
  { call: (c) => c.vrandmember("k", -2), words: ["VRANDMEMBER", "k", -2] },
  {
    call: (c) => c.vrange("k", "[a", "+", 10),
    words: ["VRANGE", "k", "[a", "+", 10],
  },
  { call: (c) => c.vrange("k", "-", "+"), words: ["VRANGE", "k", "-", "+"] },
  { call: (c) => c.vrem("k", "e"), words: ["VREM", "k", "e"] },
  {
    call: (c) => c.vsetattr("k", "e", "{}"),
    words: ["VSETATTR", "k", "e", "{}"],
  },
  {
    call: (c) => c.vsim("k", { ele: "e" }),
    words: ["VSIM", "k", "ELE", "e"],
  },
  {
    call: (c) =>
      c.vsim("k", [1, 2], {
        withscores: true,
        withattribs: true,
        count: 5,
        epsilon: 0.2,
        ef: 100,
        filter: ".year > 1950",
        filterEf: 50,
        truth: true,
        nothread: true,
      }),
    words: [
      ...["VSIM", "k", "VALUES", 2, 1, 2, "WITHSCORES", "WITHATTRIBS", "COUNT"],
      ...[5, "EPSILON", 0.2, "EF", 100, "FILTER", ".year > 1950"],
      ...["FILTER-EF", 50, "TRUTH", "NOTHREAD"],
    ],
  },
]);

/** The source code of the server's reply, and its documentation. */
const CODE =
  "redis/redis modules/vector-sets/vset.c 074b493cefac6a67efea6cda4b2ad7e804c61a12";
const README =
  "redis/redis modules/vector-sets/README.md 074b493cefac6a67efea6cda4b2ad7e804c61a12";
const VEMB =
  `${CODE}; redis/docs content/commands/vemb.md 095cf30fa3412ba81c1cb138836419e8a3442eff`;
const VSIM =
  `${README}; redis/docs content/commands/vsim.md 035c6a03109988e56ce50d5957bbb9bf7b532609`;

const INFO = {
  "quant-type": "int8",
  "hnsw-m": 16,
  "vector-dim": 300,
  "projection-input-dim": 0,
  size: 3_000_000,
  "max-level": 12,
  "attributes-count": 0,
  "vset-uid": 1,
  "hnsw-max-node-uid": 3_000_000,
};

testFixtures(VectorSetCommands, [
  {
    call: (c) => c.vadd("k", [1], "e"),
    source: `${README}; ${CODE}`,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.vcard("k"),
    source: `${README}; ${CODE}`,
    resp2: 3,
    value: 3,
  },
  {
    call: (c) => c.vdim("k"),
    source: `${README}; ${CODE}`,
    resp2: 300,
    value: 300,
  },
  {
    call: (c) => c.vemb("k", "e"),
    source: VEMB,
    resp2: ["0.18208661675453186", "-0.16501599550247192"],
    resp3: [d(0.18208661675453186), d(-0.16501599550247192)],
    value: [0.18208661675453186, -0.16501599550247192],
  },
  {
    call: (c) => c.vemb("k", "e"),
    source: VEMB,
    resp2: null,
    value: null,
  },
  {
    call: (c) => c.vemb("k", "e", { raw: true }),
    source: VEMB,
    resp2: ["int8", "ab", "3.1426539421081543", "0.17898885905742645"],
    resp3: ["int8", "ab", d(3.1426539421081543), d(0.17898885905742645)],
    value: {
      quantization: "int8",
      data: bytes("ab"),
      norm: 3.1426539421081543,
      range: 0.17898885905742645,
    },
  },
  {
    call: (c) => c.vemb("k", "e", { raw: true }),
    source: VEMB,
    resp2: ["f32", "abcd", "1.5"],
    resp3: ["f32", "abcd", d(1.5)],
    value: { quantization: "f32", data: bytes("abcd"), norm: 1.5 },
  },
  {
    call: (c) => c.vgetattr("k", "e"),
    source: `${README}; ${CODE}`,
    resp2: `{"year": 1950}`,
    value: `{"year": 1950}`,
  },
  {
    call: (c) => c.vinfo("k"),
    source: CODE,
    resp2: Object.entries(INFO).flat(),
    resp3: map(INFO),
    value: bare<unknown>(INFO),
  },
  {
    call: (c) => c.vinfo("k"),
    source: CODE,
    resp2: null,
    value: null,
  },
  {
    call: (c) => c.vismember("k", "e"),
    source: `${README}; ${CODE}`,
    resp2: 0,
    resp3: false,
    value: 0,
  },
  {
    call: (c) => c.vlinks("k", "e"),
    source: CODE,
    resp2: [["b"], ["b", "c"]],
    value: [["b"], ["b", "c"]],
  },
  {
    call: (c) => c.vlinks("k", "e", { withscores: true }),
    source: CODE,
    resp2: [["b", "0.5"], ["b", "0.5", "c", "1"]],
    resp3: [map({ b: d(0.5) }), map({ b: d(0.5), c: d(1) })],
    value: [[["b", 0.5]], [["b", 0.5], ["c", 1]]],
  },
  {
    call: (c) => c.vrandmember("k", 2),
    source: CODE,
    resp2: ["a", "b"],
    value: ["a", "b"],
  },
  {
    call: (c) => c.vrange("k", "[apple", "[grape", 2),
    source:
      "redis/redis modules/vector-sets/tests/vrange.py 94135650758465d80dfeb3edb915a9826a3e1df6",
    resp2: ["apple", "apricot"],
    value: ["apple", "apricot"],
  },
  {
    call: (c) => c.vrem("k", "e"),
    source: `${README}; ${CODE}`,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.vsetattr("k", "e", ""),
    source: CODE,
    resp2: 0,
    resp3: false,
    value: 0,
  },
  {
    call: (c) => c.vsim("k", { ele: "apple" }),
    source: VSIM,
    resp2: ["apple", "apples"],
    value: ["apple", "apples"],
  },
  {
    call: (c) => c.vsim("k", { ele: "apple" }, { withscores: true }),
    source: VSIM,
    resp2: ["apple", "0.9998867657923256", "apples", "0.859852746129036"],
    resp3: map({ apple: d(0.9998867657923256), apples: d(0.859852746129036) }),
    value: [["apple", 0.9998867657923256], ["apples", 0.859852746129036]],
  },
  {
    call: (c) => c.vsim("k", { ele: "apple" }, { withattribs: true }),
    source:
      "redis/redis modules/vector-sets/tests/with.py 022a30f4336f54d8fe77fa444cd4dd78d40cb28a",
    resp2: ["apple", `{"len": 5}`, "pear", null],
    value: [["apple", `{"len": 5}`], ["pear", null]],
  },
  {
    call: (c) =>
      c.vsim("k", { ele: "apple" }, {
        withscores: true,
        withattribs: true,
      }),
    source: VSIM,
    resp2: ["apple", "0.9998867657923256", `{"len": 5}`, "pear", "0.8", null],
    resp3: map({
      apple: [d(0.9998867657923256), `{"len": 5}`],
      pear: [d(0.8), null],
    }),
    value: [["apple", 0.9998867657923256, `{"len": 5}`], ["pear", 0.8, null]],
  },
]);
