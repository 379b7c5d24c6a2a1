/**
 * Time series.
 *
 * @module
 */

import assert from "node:assert/strict";
import { ReplyError } from "../../../lib/errors.ts";
import { bare } from "../support.ts";
import { d, Failure, flat, map, type ModuleCase, page } from "./support.ts";
import { CLUSTER, GROUPS, REPLIES, TESTS } from "./time_series_sources.ts";

const INFO = {
  totalSamples: 0,
  memoryUsage: 4246,
  firstTimestamp: 0,
  lastTimestamp: 0,
  retentionTime: 0,
  chunkCount: 1,
  chunkSize: 4096,
  chunkType: "compressed",
  duplicatePolicy: null,
};

const KNOWN = {
  ...INFO,
  labels: bare({ room: "kitchen", type: "temperature" }),
  sourceKey: null,
};

export const timeSeriesCases: ModuleCase[] = [
  {
    call: (c) => c.ts.add("temperature:3:11", "*", 30),
    words: ["TS.ADD", "temperature:3:11", "*", 30],
    source: page("ts.add"),
    reply: 1662042954573,
    value: 1662042954573,
  },
  {
    call: (c) =>
      c.ts.add("k", 1000, 1.5, {
        retention: 60_000,
        encoding: "uncompressed",
        chunkSize: 128,
        duplicatePolicy: "min",
        onDuplicate: "sum",
        ignore: [5, 10],
        labels: { room: "study" },
      }),
    words: [
      "TS.ADD",
      "k",
      1000,
      1.5,
      "RETENTION",
      60_000,
      "ENCODING",
      "UNCOMPRESSED",
      "CHUNK_SIZE",
      128,
      "DUPLICATE_POLICY",
      "MIN",
      "ON_DUPLICATE",
      "SUM",
      "IGNORE",
      5,
      10,
      "LABELS",
      "room",
      "study",
    ],
  },
  {
    call: (c) => c.ts.alter("k", { labels: [["sensor_id", 2]] }),
    words: ["TS.ALTER", "k", "LABELS", "sensor_id", 2],
    source: page("ts.alter"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.clusterset("MYID", "1"),
    words: ["TIMESERIES.CLUSTERSET", "MYID", "1"],
    source: CLUSTER,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.create("k"),
    words: ["TS.CREATE", "k"],
    source: `${page("ts.alter")}; ${page("ts.queryindex")}`,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.create("k", { retention: 60_000, labels: { a: 1 } }),
    words: ["TS.CREATE", "k", "RETENTION", 60_000, "LABELS", "a", 1],
  },
  {
    call: (c) => c.ts.createrule("s", "d", "twa", 86_400_000),
    words: ["TS.CREATERULE", "s", "d", "AGGREGATION", "twa", 86_400_000],
    source: page("ts.createrule"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.createrule("s", "d", "range", 10, 6),
    words: ["TS.CREATERULE", "s", "d", "AGGREGATION", "range", 10, 6],
  },
  {
    call: (c) => c.ts.decrby("a", 30, { timestamp: 1657811829000 }),
    words: ["TS.DECRBY", "a", 30, "TIMESTAMP", 1657811829000],
    source: page("ts.decrby"),
    reply: 1657811829000,
    value: 1657811829000,
  },
  {
    call: (c) => c.ts.del("temp:TLV", 1000, 1030),
    words: ["TS.DEL", "temp:TLV", 1000, 1030],
    source: page("ts.del"),
    reply: 4,
    value: 4,
  },
  {
    call: (c) => c.ts.deleterule("s", "d"),
    words: ["TS.DELETERULE", "s", "d"],
    source: page("ts.deleterule"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.get("temp:TLV"),
    words: ["TS.GET", "temp:TLV"],
    source: page("ts.get"),
    resp2: [1672599600, "14"],
    resp3: [1672599600, d(14)],
    value: [1672599600, 14],
  },
  {
    call: (c) => c.ts.get("empty", { latest: true }),
    words: ["TS.GET", "empty", "LATEST"],
    source: page("ts.get"),
    reply: [],
    value: null,
  },
  {
    call: (c) => c.ts.incrby("a", 232, { timestamp: 1657811829000 }),
    words: ["TS.INCRBY", "a", 232, "TIMESTAMP", 1657811829000],
    source: page("ts.incrby"),
    reply: 1657811829000,
    value: 1657811829000,
  },
  {
    call: (c) =>
      c.ts.incrby("a", 1, { timestamp: "*", encoding: "compressed" }),
    words: ["TS.INCRBY", "a", 1, "TIMESTAMP", "*", "ENCODING", "COMPRESSED"],
  },
  {
    call: (c) => c.ts.info("telemetry:kitchen:temperature"),
    words: ["TS.INFO", "telemetry:kitchen:temperature"],
    source: page("ts.info"),
    resp2: flat({
      ...INFO,
      labels: [["room", "kitchen"], ["type", "temperature"]],
      sourceKey: null,
      rules: [["avg", 1000, "AVG", 0]],
    }),
    value: {
      ...KNOWN,
      rules: [{ key: "avg", bucket: 1000, aggregator: "AVG", align: 0 }],
      chunks: null,
    },
  },
  {
    call: (c) => c.ts.info("telemetry:kitchen:temperature", { debug: true }),
    words: ["TS.INFO", "telemetry:kitchen:temperature", "DEBUG"],
    source: page("ts.info"),
    resp2: flat({
      ...INFO,
      labels: [["room", "kitchen"], ["type", "temperature"]],
      sourceKey: null,
      rules: [],
      keySelfName: "telemetry:kitchen:temperature",
      Chunks: [flat({
        startTimestamp: 0,
        endTimestamp: 0,
        samples: 0,
        size: 4096,
        bytesPerSample: "inf",
      })],
    }),
    resp3: map({
      ...INFO,
      labels: map({ room: "kitchen", type: "temperature" }),
      sourceKey: null,
      rules: map({}),
      keySelfName: "telemetry:kitchen:temperature",
      Chunks: [map({
        startTimestamp: 0,
        endTimestamp: 0,
        samples: 0,
        size: 4096,
        bytesPerSample: d(Infinity),
      })],
    }),
    value: {
      ...KNOWN,
      rules: [],
      chunks: [{
        startTimestamp: 0,
        endTimestamp: 0,
        samples: 0,
        size: 4096,
        bytesPerSample: Infinity,
      }],
    },
  },
  {
    call: (c) => c.ts.infocluster(),
    words: ["TIMESERIES.INFOCLUSTER"],
    source:
      "RedisTimeSeries/RedisTimeSeries tests/flow/test_topology_events.py 02f2eb45219d8aaca3d81b7e9e82bf4728c01bcb",
    resp2: "no cluster mode",
    value: "no cluster mode",
  },
  {
    call: (c) => c.ts.madd([["a", 1000, 100], ["b", "*", 1]]),
    words: ["TS.MADD", "a", 1000, 100, "b", "*", 1],
    source: page("ts.madd"),
    reply: [1000, new Failure("TSDB: the key does not exist")],
    value: (value: unknown[]) => {
      assert.equal(value[0], 1000);
      assert(value[1] instanceof ReplyError);
    },
  },
  {
    call: (c) => c.ts.mget(["type=temp"], { withlabels: true }),
    words: ["TS.MGET", "WITHLABELS", "FILTER", "type=temp"],
    source: page("ts.mget"),
    resp2: [
      ["temp:JLM", [["type", "temp"], ["location", "JLM"]], [1035, "40"]],
      ["temp:TLV", [["type", "temp"], ["location", "TLV"]], [1030, "40"]],
    ],
    resp3: map({
      "temp:JLM": [map({ type: "temp", location: "JLM" }), [1035, d(40)]],
      "temp:TLV": [map({ type: "temp", location: "TLV" }), [1030, d(40)]],
    }),
    value: [
      {
        key: "temp:JLM",
        labels: bare({ type: "temp", location: "JLM" }),
        sample: [1035, 40],
      },
      {
        key: "temp:TLV",
        labels: bare({ type: "temp", location: "TLV" }),
        sample: [1030, 40],
      },
    ],
  },
  {
    call: (c) => c.ts.mget(["Test=This"], { latest: true }),
    words: ["TS.MGET", "LATEST", "FILTER", "Test=This"],
    source: `${TESTS}; ${page("ts.mget")}`,
    resp2: [["1", [], []], ["2", [], []]],
    resp3: map({ "1": [map({}), []], "2": [[], []] }),
    value: [
      { key: "1", labels: bare({}), sample: null },
      { key: "2", labels: bare({}), sample: null },
    ],
  },
  {
    call: (c) => c.ts.mget(["a=b", "c!="], { selectedLabels: ["x", "y"] }),
    words: ["TS.MGET", "SELECTED_LABELS", "x", "y", "FILTER", "a=b", "c!="],
  },
  {
    call: (c) =>
      c.ts.mrange("-", "+", ["team=ny"], { selectedLabels: ["team"] }),
    words: [
      "TS.MRANGE",
      "-",
      "+",
      "SELECTED_LABELS",
      "team",
      "FILTER",
      "team=ny",
    ],
    source: `${page("ts.mrange")}; ${TESTS}`,
    resp2: [["ts2", [["team", null]], [[1548149180000, "99"]]]],
    resp3: map({
      ts2: [map({ team: null }), map({ aggregators: [] }), [
        [1548149180000, d(99)],
      ]],
    }),
    value: [{
      key: "ts2",
      labels: bare({ team: null }),
      samples: [[1548149180000, 99]],
    }],
  },
  {
    call: (c) =>
      c.ts.mrange("-", "+", ["type=stock"], {
        withlabels: true,
        groupby: "type",
        reduce: "max",
      }),
    words: [
      "TS.MRANGE",
      "-",
      "+",
      "WITHLABELS",
      "FILTER",
      "type=stock",
      "GROUPBY",
      "type",
      "REDUCE",
      "max",
    ],
    source: `${page("ts.mrange")}; ${GROUPS}; ${TESTS}`,
    resp2: [[
      "type=stock",
      [
        ["type", "stock"],
        ["__reducer__", "max"],
        ["__source__", "stock:A,stock:B"],
      ],
      [[1000, "120"], [1010, "110"]],
    ]],
    resp3: map({
      "type=stock": [
        map({ type: "stock" }),
        map({ reducers: ["max"] }),
        map({ sources: ["stock:A", "stock:B"] }),
        [[1000, d(120)], [1010, d(110)]],
      ],
    }),
    value: [{
      key: "type=stock",
      labels: bare({ type: "stock" }),
      samples: [[1000, 120], [1010, 110]],
    }],
  },
  {
    call: (c) =>
      c.ts.mrange(0, 10, ["a=b"], {
        latest: true,
        filterByTs: [1, 2],
        filterByValue: [1, 2],
        count: 5,
        aggregation: ["countNaN", 10],
        align: "start",
        buckettimestamp: "mid",
        empty: true,
        excludeempty: true,
      }),
    words: [
      "TS.MRANGE",
      0,
      10,
      "LATEST",
      "FILTER_BY_TS",
      1,
      2,
      "FILTER_BY_VALUE",
      1,
      2,
      "COUNT",
      5,
      "ALIGN",
      "start",
      "AGGREGATION",
      "countNaN",
      10,
      "BUCKETTIMESTAMP",
      "mid",
      "EMPTY",
      "EXCLUDEEMPTY",
      "FILTER",
      "a=b",
    ],
  },
  {
    call: (c) => c.ts.mrevrange("-", "+", ["metric=cpu"]),
    words: ["TS.MREVRANGE", "-", "+", "FILTER", "metric=cpu"],
    source: `${page("ts.mrevrange")}; ${TESTS}`,
    resp2: [["ts1", [], [[1548149185000, "45"], [1548149180000, "90"]]]],
    resp3: map({
      ts1: [map({}), map({ aggregators: [] }), [
        [1548149185000, d(45)],
        [1548149180000, d(90)],
      ]],
    }),
    value: [{
      key: "ts1",
      labels: bare({}),
      samples: [[1548149185000, 45], [1548149180000, 90]],
    }],
  },
  {
    call: (c) =>
      c.ts.mrange("-", "+", ["type=stock"], {
        aggregation: [["min", "max"], 1000],
        withlabels: true,
        excludeempty: true,
      }),
    words: [
      "TS.MRANGE",
      "-",
      "+",
      "WITHLABELS",
      "AGGREGATION",
      "min,max",
      1000,
      "EXCLUDEEMPTY",
      "FILTER",
      "type=stock",
    ],
    source: `${page("ts.mrange")}; ${REPLIES}`,
    resp2: [[
      "stock:A",
      [["type", "stock"]],
      [[1000, "100", "120"], [2000, "200", "210"]],
    ]],
    resp3: map({
      "stock:A": [
        map({ type: "stock" }),
        map({ aggregators: ["min", "max"] }),
        [[1000, d(100), d(120)], [2000, d(200), d(210)]],
      ],
    }),
    value: [{
      key: "stock:A",
      labels: bare({ type: "stock" }),
      samples: [[1000, [100, 120]], [2000, [200, 210]]],
    }],
  },
  {
    // One aggregator in a list: its values are lists too.
    call: (c) =>
      c.ts.mrevrange(0, 5, "type=stock", { aggregation: [["avg"], 1000] }),
    words: [
      "TS.MREVRANGE",
      0,
      5,
      "AGGREGATION",
      "avg",
      1000,
      "FILTER",
      "type=stock",
    ],
    source: `${page("ts.mrevrange")}; ${REPLIES}`,
    resp2: [["stock:A", [], [[2000, "205"], [1000, "110"]]]],
    resp3: map({
      "stock:A": [
        map({}),
        map({ aggregators: ["avg"] }),
        [[2000, d(205)], [1000, d(110)]],
      ],
    }),
    value: [{
      key: "stock:A",
      labels: bare({}),
      samples: [[2000, [205]], [1000, [110]]],
    }],
  },
  {
    call: (c) => c.ts.nrange(["{sensor}:1", "{sensor}:2"], "-", "+"),
    words: ["TS.NRANGE", 2, "{sensor}:1", "{sensor}:2", "-", "+"],
    source: page("ts.nrange"),
    resp2: [[1000, ["10", "20"]], [2000, ["12", "NaN"]]],
    resp3: [[1000, [d(10), d(20)]], [2000, [d(12), d(NaN)]]],
    value: [[1000, [10, 20]], [2000, [12, NaN]]],
  },
  {
    call: (c) =>
      c.ts.range("temp", 0, 5, { aggregation: [["min", "max"], 1000] }),
    words: ["TS.RANGE", "temp", 0, 5, "AGGREGATION", "min,max", 1000],
    source: page("ts.range"),
    resp2: [[1000, "100", "120"], [2000, "200", "210"]],
    resp3: [[1000, d(100), d(120)], [2000, d(200), d(210)]],
    value: [[1000, [100, 120]], [2000, [200, 210]]],
  },
  {
    call: (c) =>
      c.ts.revrange("temp", 0, 5, { aggregation: [["min", "max"], 1000] }),
    words: ["TS.REVRANGE", "temp", 0, 5, "AGGREGATION", "min,max", 1000],
  },
  {
    call: (c) =>
      c.ts.nrange(["a", "b"], 0, 5, {
        aggregation: [[["avg", "max"], "sum"], 1000],
      }),
    words: [
      "TS.NRANGE",
      2,
      "a",
      "b",
      0,
      5,
      "AGGREGATION",
      "avg,max",
      "sum",
      1000,
    ],
  },
  {
    call: (c) => c.ts.nrevrange(["a"], "-", "+", { count: 1 }),
    words: ["TS.NREVRANGE", 1, "a", "-", "+", "COUNT", 1],
    source: page("ts.nrevrange"),
    resp2: [[3000, ["25"]]],
    resp3: [[3000, [d(25)]]],
    value: [[3000, [25]]],
  },
  {
    call: (c) => c.ts.queryindex("room=kitchen"),
    words: ["TS.QUERYINDEX", "room=kitchen"],
    source: page("ts.queryindex"),
    resp2: ["telemetry:kitchen:humidity", "telemetry:kitchen:temperature"],
    resp3: new Set([
      "telemetry:kitchen:humidity",
      "telemetry:kitchen:temperature",
    ]),
    value: ["telemetry:kitchen:humidity", "telemetry:kitchen:temperature"],
  },
  {
    call: (c) => c.ts.querylabels({ filter: ["room=kitchen"] }),
    words: ["TS.QUERYLABELS", "LABELS", "FILTER", "room=kitchen"],
    source: page("ts.querylabels"),
    resp2: ["room", "type"],
    resp3: new Set(["room", "type"]),
    value: ["room", "type"],
  },
  {
    call: (c) => c.ts.querylabels({ values: "type" }),
    words: ["TS.QUERYLABELS", "VALUES", "type"],
  },
  {
    call: (c) =>
      c.ts.range("temp:TLV", "-", "+", {
        filterByValue: [-100, 100],
        aggregation: ["avg", 1000],
        align: 10,
      }),
    words: [
      "TS.RANGE",
      "temp:TLV",
      "-",
      "+",
      "FILTER_BY_VALUE",
      -100,
      100,
      "ALIGN",
      10,
      "AGGREGATION",
      "avg",
      1000,
    ],
    source: `${TESTS}; ${page("ts.revrange")}`,
    resp2: [[1000, "1"], [1010, "11"]],
    resp3: [[1000, d(1)], [1010, d(11)]],
    value: [[1000, 1], [1010, 11]],
  },
  {
    call: (c) => c.ts.read("sensor:1", 0),
    words: ["TS.READ", "sensor:1", 0],
    source: page("ts.read"),
    resp2: [[100, "1"], [200, "2"], [300, "3"]],
    resp3: [[100, d(1)], [200, d(2)], [300, d(3)]],
    value: [[100, 1], [200, 2], [300, 3]],
  },
  {
    call: (c) =>
      c.ts.read("sensor:1", "$", {
        block: [5000, 1],
        maxCount: 2,
      }),
    words: ["TS.READ", "sensor:1", "$", "BLOCK", 5000, 1, "MAX_COUNT", 2],
    source: page("ts.read"),
    reply: [],
    value: [],
  },
  {
    call: (c) => c.ts.refreshcluster(),
    words: ["TIMESERIES.REFRESHCLUSTER"],
    source:
      "RedisGears/LibMR src/cluster.c 01acf8e73b343f113abaaefd50fecb849f085161",
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.ts.revrange("temp:TLV", "-", "+"),
    words: ["TS.REVRANGE", "temp:TLV", "-", "+"],
    source: page("ts.revrange"),
    resp2: [[1030, "40"], [1010, "35"], [1000, "30"]],
    resp3: [[1030, d(40)], [1010, d(35)], [1000, d(30)]],
    value: [[1030, 40], [1010, 35], [1000, 30]],
  },
];
