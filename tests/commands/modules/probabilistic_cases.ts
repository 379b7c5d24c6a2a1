/**
 * Bloom and cuckoo filters, count-min sketches, top-k lists, t-digests.
 *
 * @module
 */

import { bare, bytes } from "../support.ts";
import { d, flat, map, type ModuleCase, page } from "./support.ts";

/** The module's own tests in RESP3, and redis-py's in RESP2. */
const TESTS =
  "RedisBloom/RedisBloom tests/flow/test_resp3.py 09c057f6146bd54d041cafee804e32417ce1a838; " +
  "redis/redis-py tests/test_bloom.py 030869e97a70ef05f30dab123d6e85ea83202d52";

const BLOOM = {
  "Capacity": 100,
  "Size": 256,
  "Number of filters": 1,
  "Number of items inserted": 1,
  "Expansion rate": 2,
};

const BLOOM_LINE =
  "bytes:144 bits:1152 hashes:8 hashwidth:64 capacity:100 size:1 ratio:0.005";

const CUCKOO_TESTS =
  "RedisBloom/RedisBloom tests/flow/test_cuckoo.py 0124e8974445bd9629ab68303c0c40a9de053de0";

const CUCKOO_LINE =
  "bktsize:2 buckets:8 items:0 deletes:0 filters:1 max_iterations:10 expansion:1";

const CUCKOO = {
  "Size": 80,
  "Number of buckets": 4,
  "Number of filters": 1,
  "Number of items inserted": 5,
  "Number of items deleted": 1,
  "Bucket size": 2,
  "Expansion rate": 0,
  "Max iterations": 20,
};

const DUMP = { iterator: 1, data: bytes("\x01\x00") };

export const bloomCases: ModuleCase[] = [
  {
    call: (c) => c.bf.add("test", "item"),
    words: ["BF.ADD", "test", "item"],
    source: TESTS,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.bf.card("test"),
    words: ["BF.CARD", "test"],
    source: TESTS,
    reply: 1,
    value: 1,
  },
  {
    call: (c) => c.bf.debug("test"),
    words: ["BF.DEBUG", "test"],
    source:
      "RedisBloom/RedisBloom src/rebloom.c 0087f479cc65f6308415f363302a66f871770108: the form of the lines",
    reply: ["size:1", BLOOM_LINE],
    value: ["size:1", BLOOM_LINE],
  },
  {
    call: (c) => c.bf.exists("test", "item"),
    words: ["BF.EXISTS", "test", "item"],
    source: TESTS,
    resp2: 0,
    resp3: false,
    value: 0,
  },
  {
    call: (c) => c.bf.info("test"),
    words: ["BF.INFO", "test"],
    source: TESTS,
    resp2: flat(BLOOM),
    resp3: map(BLOOM),
    value: bare(BLOOM),
  },
  {
    call: (c) => c.bf.info("nonscaling"),
    words: ["BF.INFO", "nonscaling"],
    source: TESTS,
    resp2: flat({ "Expansion rate": null }),
    resp3: map({ "Expansion rate": null }),
    value: bare({ "Expansion rate": null }),
  },
  {
    call: (c) => c.bf.info("bf1", "capacity"),
    words: ["BF.INFO", "bf1", "CAPACITY"],
    source: page("bf.info"),
    resp2: [100],
    resp3: map({ Capacity: 100 }),
    value: 100,
  },
  {
    call: (c) => c.bf.insert("test", ["item2", "item3", "item2"]),
    words: ["BF.INSERT", "test", "ITEMS", "item2", "item3", "item2"],
    source: TESTS,
    resp2: [1, 1, 0],
    resp3: [true, true, false],
    value: [1, 1, 0],
  },
  {
    call: (c) =>
      c.bf.insert("k", ["a"], { capacity: 10, error: 0.01, expansion: 4 }),
    words: [
      "BF.INSERT",
      "k",
      "CAPACITY",
      10,
      "ERROR",
      0.01,
      "EXPANSION",
      4,
      "ITEMS",
      "a",
    ],
  },
  {
    call: (c) => c.bf.insert("k", ["a"], { nonscaling: true }),
    words: ["BF.INSERT", "k", "NONSCALING", "ITEMS", "a"],
  },
  {
    call: (c) => c.bf.insert("k", ["a"], { nocreate: true }),
    words: ["BF.INSERT", "k", "NOCREATE", "ITEMS", "a"],
  },
  {
    call: (c) => c.bf.loadchunk("bf", 1, DUMP.data),
    words: ["BF.LOADCHUNK", "bf", 1, DUMP.data],
    source: page("bf.scandump"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.bf.madd("test", "item4", "item5", "item2"),
    words: ["BF.MADD", "test", "item4", "item5", "item2"],
    source: TESTS,
    resp2: [1, 1, 0],
    resp3: [true, true, false],
    value: [1, 1, 0],
  },
  {
    call: (c) => c.bf.mexists("test", "item4", "item5", "item6"),
    words: ["BF.MEXISTS", "test", "item4", "item5", "item6"],
    source: TESTS,
    resp2: [1, 1, 0],
    resp3: [true, true, false],
    value: [1, 1, 0],
  },
  {
    call: (c) => c.bf.reserve("bf", 0.1, 10),
    words: ["BF.RESERVE", "bf", 0.1, 10],
    source: page("bf.scandump"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.bf.reserve("bf", 0.1, 10, { expansion: 2 }),
    words: ["BF.RESERVE", "bf", 0.1, 10, "EXPANSION", 2],
  },
  {
    call: (c) => c.bf.reserve("bf", 0.1, 10, { nonscaling: true }),
    words: ["BF.RESERVE", "bf", 0.1, 10, "NONSCALING"],
  },
  {
    call: (c) => c.bf.scandump("bf", 0),
    words: ["BF.SCANDUMP", "bf", 0],
    source: page("bf.scandump"),
    reply: [1, "\x01\x00"],
    value: DUMP,
  },
  {
    call: (c) => c.bf.scandump("bf", 9),
    words: ["BF.SCANDUMP", "bf", 9],
    source: page("bf.scandump"),
    reply: [0, ""],
    value: { iterator: 0, data: bytes("") },
  },
];

export const cuckooCases: ModuleCase[] = [
  {
    call: (c) => c.cf.add("a", "3"),
    words: ["CF.ADD", "a", "3"],
    source: TESTS,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.cf.addnx("a", "4"),
    words: ["CF.ADDNX", "a", "4"],
    source: TESTS,
    resp2: 0,
    resp3: false,
    value: 0,
  },
  {
    call: (c) => c.cf.compact("cf"),
    words: ["CF.COMPACT", "cf"],
    source: CUCKOO_TESTS,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.cf.count("a", "4"),
    words: ["CF.COUNT", "a", "4"],
    source: TESTS,
    reply: 2,
    value: 2,
  },
  {
    call: (c) => c.cf.debug("a"),
    words: ["CF.DEBUG", "a"],
    source: CUCKOO_TESTS,
    resp2: CUCKOO_LINE,
    value: CUCKOO_LINE,
  },
  {
    call: (c) => c.cf.del("a", "3"),
    words: ["CF.DEL", "a", "3"],
    source: TESTS,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.cf.exists("a", "4"),
    words: ["CF.EXISTS", "a", "4"],
    source: TESTS,
    resp2: 1,
    resp3: true,
    value: 1,
  },
  {
    call: (c) => c.cf.info("a"),
    words: ["CF.INFO", "a"],
    source: `${TESTS}; ${page("cf.info")}`,
    resp2: flat(CUCKOO),
    resp3: map(CUCKOO),
    value: bare(CUCKOO),
  },
  {
    call: (c) => c.cf.insert("a", ["4", "5"]),
    words: ["CF.INSERT", "a", "ITEMS", "4", "5"],
    source: TESTS,
    resp2: [1, 1],
    resp3: [true, true],
    value: [1, 1],
  },
  {
    call: (c) => c.cf.insert("cf2", ["1", "1", "1", "1"]),
    words: ["CF.INSERT", "cf2", "ITEMS", "1", "1", "1", "1"],
    source: page("cf.insert"),
    resp2: [1, 1, -1, -1],
    value: [1, 1, -1, -1],
  },
  {
    call: (c) => c.cf.insert("a", ["4"], { capacity: 1000 }),
    words: ["CF.INSERT", "a", "CAPACITY", 1000, "ITEMS", "4"],
  },
  {
    call: (c) => c.cf.insertnx("a", ["4", "6"]),
    words: ["CF.INSERTNX", "a", "ITEMS", "4", "6"],
    source: TESTS,
    reply: [0, 1],
    value: [0, 1],
  },
  {
    call: (c) => c.cf.insertnx("a", ["4"], { nocreate: true }),
    words: ["CF.INSERTNX", "a", "NOCREATE", "ITEMS", "4"],
  },
  {
    call: (c) => c.cf.loadchunk("cf", 1, DUMP.data),
    words: ["CF.LOADCHUNK", "cf", 1, DUMP.data],
    source: page("cf.scandump"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.cf.mexists("a", "4", "3"),
    words: ["CF.MEXISTS", "a", "4", "3"],
    source: TESTS,
    resp2: [1, 0],
    resp3: [true, false],
    value: [1, 0],
  },
  {
    call: (c) => c.cf.reserve("cf", 8),
    words: ["CF.RESERVE", "cf", 8],
    source: page("cf.scandump"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) =>
      c.cf.reserve("cf", 8, { bucketsize: 2, maxiterations: 20, expansion: 1 }),
    words: [
      "CF.RESERVE",
      "cf",
      8,
      "BUCKETSIZE",
      2,
      "MAXITERATIONS",
      20,
      "EXPANSION",
      1,
    ],
  },
  {
    call: (c) => c.cf.scandump("cf", 9),
    words: ["CF.SCANDUMP", "cf", 9],
    source: page("cf.scandump"),
    reply: [0, null],
    value: { iterator: 0, data: null },
  },
];

const SKETCH = { width: 2000, depth: 7, count: 5, "cell size": 4 };

export const countMinCases: ModuleCase[] = [
  {
    call: (c) => c.cms.incrby("cms2", { a: 5 }),
    words: ["CMS.INCRBY", "cms2", "a", 5],
    source: TESTS,
    reply: [5],
    value: [5],
  },
  {
    call: (c) => c.cms.info("cms2"),
    words: ["CMS.INFO", "cms2"],
    source: `${TESTS}; ${page("cms.info")}`,
    resp2: flat(SKETCH),
    resp3: map(SKETCH),
    value: bare(SKETCH),
  },
  {
    call: (c) => c.cms.initbydim("test", 2000, 5),
    words: ["CMS.INITBYDIM", "test", 2000, 5],
    source: page("cms.initbydim"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.cms.initbyprob("cms2", 0.001, 0.01),
    words: ["CMS.INITBYPROB", "cms2", 0.001, 0.01],
    source: TESTS,
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.cms.merge("dest", ["test1", "test2"], { weights: [1, 3] }),
    words: ["CMS.MERGE", "dest", 2, "test1", "test2", "WEIGHTS", 1, 3],
    source: page("cms.merge"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.cms.merge("dest", ["test1"]),
    words: ["CMS.MERGE", "dest", 1, "test1"],
  },
  {
    call: (c) => c.cms.query("cms2", "a"),
    words: ["CMS.QUERY", "cms2", "a"],
    source: TESTS,
    reply: [5],
    value: [5],
  },
];

export const topKCases: ModuleCase[] = [
  {
    call: (c) => c.topk.add("topk", "foo", "bar", 42),
    words: ["TOPK.ADD", "topk", "foo", "bar", 42],
    source: page("topk.add"),
    reply: [null, "baz", null],
    value: [null, "baz", null],
  },
  {
    call: (c) => c.topk.count("topk", "foo", 42, "nonexist"),
    words: ["TOPK.COUNT", "topk", "foo", 42, "nonexist"],
    source: page("topk.count"),
    reply: [3, 1, 0],
    value: [3, 1, 0],
  },
  {
    call: (c) => c.topk.incrby("topk", [["foo", 3], ["bar", 2], ["42", 30]]),
    words: ["TOPK.INCRBY", "topk", "foo", 3, "bar", 2, "42", 30],
    source: page("topk.incrby"),
    reply: [null, null, "foo"],
    value: [null, null, "foo"],
  },
  {
    call: (c) => c.topk.info("topk"),
    words: ["TOPK.INFO", "topk"],
    source: `${TESTS}; ${page("topk.info")}`,
    resp2: flat({ k: 50, width: 2000, depth: 7, decay: "0.92500000000000004" }),
    resp3: map({ k: 50, width: 2000, depth: 7, decay: d(0.925) }),
    value: bare({ k: 50, width: 2000, depth: 7, decay: 0.925 }),
  },
  {
    call: (c) => c.topk.list("topk"),
    words: ["TOPK.LIST", "topk"],
    source: page("topk.list"),
    reply: ["foo", "42", "bar"],
    value: ["foo", "42", "bar"],
  },
  {
    call: (c) => c.topk.list("topk", { withcount: true }),
    words: ["TOPK.LIST", "topk", "WITHCOUNT"],
    source: page("topk.list"),
    reply: ["foo", 12, "42", 7, "bar", 2],
    value: [["foo", 12], ["42", 7], ["bar", 2]],
  },
  {
    call: (c) => c.topk.query("topk", "foo", "bar", "baz", "dan"),
    words: ["TOPK.QUERY", "topk", "foo", "bar", "baz", "dan"],
    source: TESTS,
    resp2: [1, 0, 1, 0],
    resp3: [true, false, true, false],
    value: [1, 0, 1, 0],
  },
  {
    call: (c) => c.topk.reserve("topk", 50),
    words: ["TOPK.RESERVE", "topk", 50],
  },
  {
    call: (c) =>
      c.topk.reserve("topk", 50, { width: 2000, depth: 7, decay: 0.925 }),
    words: ["TOPK.RESERVE", "topk", 50, 2000, 7, 0.925],
    source: page("topk.reserve"),
    reply: "OK",
    value: "OK",
  },
];

const DIGEST = {
  "Compression": 100,
  "Capacity": 610,
  "Merged nodes": 51,
  "Unmerged nodes": 422,
  "Merged weight": 9578,
  "Unmerged weight": 422,
  "Observations": 10000,
  "Total compressions": 17,
  "Memory usage": 9840,
};

export const tDigestCases: ModuleCase[] = [
  {
    call: (c) => c.tdigest.add("t", 1, 2.5),
    words: ["TDIGEST.ADD", "t", 1, 2.5],
    source: TESTS,
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.tdigest.byrank("t", 0, 15),
    words: ["TDIGEST.BYRANK", "t", 0, 15],
    source: page("tdigest.byrank"),
    resp2: ["1", "inf"],
    resp3: [d(1), d(Infinity)],
    value: [1, Infinity],
  },
  {
    call: (c) => c.tdigest.byrevrank("t", 0, 15),
    words: ["TDIGEST.BYREVRANK", "t", 0, 15],
    source: page("tdigest.byrevrank"),
    resp2: ["5", "-inf"],
    resp3: [d(5), d(-Infinity)],
    value: [5, -Infinity],
  },
  {
    call: (c) => c.tdigest.cdf("t", 0, 1),
    words: ["TDIGEST.CDF", "t", 0, 1],
    source: page("tdigest.cdf"),
    resp2: ["0", "0.033333333333333333"],
    resp3: [d(0), d(0.033333333333333333)],
    value: [0, 0.033333333333333333],
  },
  {
    call: (c) => c.tdigest.create("t"),
    words: ["TDIGEST.CREATE", "t"],
    source: TESTS,
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.tdigest.create("t", { compression: 1000 }),
    words: ["TDIGEST.CREATE", "t", "COMPRESSION", 1000],
  },
  {
    call: (c) => c.tdigest.info("tdigest"),
    words: ["TDIGEST.INFO", "tdigest"],
    source: `${TESTS}; ${page("tdigest.info")}`,
    resp2: flat(DIGEST),
    resp3: map(DIGEST),
    value: bare(DIGEST),
  },
  {
    call: (c) => c.tdigest.max("t"),
    words: ["TDIGEST.MAX", "t"],
    source: page("tdigest.max"),
    resp2: "5",
    resp3: d(5),
    value: 5,
  },
  {
    call: (c) => c.tdigest.merge("sM", ["s1", "s2"]),
    words: ["TDIGEST.MERGE", "sM", 2, "s1", "s2"],
    source: page("tdigest.merge"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) =>
      c.tdigest.merge("sM", ["s1"], { compression: 200, override: true }),
    words: ["TDIGEST.MERGE", "sM", 1, "s1", "COMPRESSION", 200, "OVERRIDE"],
  },
  {
    call: (c) => c.tdigest.min("t"),
    words: ["TDIGEST.MIN", "t"],
    source: page("tdigest.min"),
    resp2: "nan",
    resp3: d(NaN),
    value: NaN,
  },
  {
    call: (c) => c.tdigest.quantile("t", 0, 0.1),
    words: ["TDIGEST.QUANTILE", "t", 0, 0.1],
    source: page("tdigest.quantile"),
    resp2: ["1", "2"],
    resp3: [d(1), d(2)],
    value: [1, 2],
  },
  {
    call: (c) => c.tdigest.rank("s", 0, 10, 70),
    words: ["TDIGEST.RANK", "s", 0, 10, 70],
    source: page("tdigest.rank"),
    reply: [-1, 0, 6],
    value: [-1, 0, 6],
  },
  {
    call: (c) => c.tdigest.reset("t"),
    words: ["TDIGEST.RESET", "t"],
    source: page("tdigest.reset"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.tdigest.revrank("s", 0, 10, 70),
    words: ["TDIGEST.REVRANK", "s", 0, 10, 70],
    source: page("tdigest.rank"),
    reply: [6, 5, -1],
    value: [6, 5, -1],
  },
  {
    call: (c) => c.tdigest.trimmedMean("t", 0.3, 0.9),
    words: ["TDIGEST.TRIMMED_MEAN", "t", 0.3, 0.9],
    source: page("tdigest.trimmed_mean"),
    resp2: "6.5",
    resp3: d(6.5),
    value: 6.5,
  },
];
