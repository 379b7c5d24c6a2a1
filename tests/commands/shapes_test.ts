import assert from "node:assert/strict";
import { ReplyError, UnexpectedReplyError } from "../../lib/errors.ts";
import * as serverShapes from "../../lib/commands/server_shapes.ts";
import * as generalShapes from "../../lib/commands/shapes.ts";
import {
  BYTES,
  FLAT,
  type Reply,
  type Shape,
  TEXT,
} from "../../lib/resp/reply.ts";
import { bare, bytes } from "./support.ts";

const shapes = { ...generalShapes, ...serverShapes };
const { AS_BYTES, AS_TEXT } = shapes;

/** A reply in each protocol, and the expected value. */
interface ShapeCase {
  shape: Shape<unknown>;
  resp2: Reply;
  /** If it differs. */
  resp3?: Reply;
  value: unknown;
}

const cases: Record<string, ShapeCase> = {
  "value": { shape: AS_TEXT.value, resp2: "v", value: "v" },
  "value, absent": { shape: AS_TEXT.value, resp2: null, value: null },
  "fields": {
    shape: AS_TEXT.fields,
    resp2: ["f", "1", "__proto__", "2"],
    value: bare({ f: "1", ["__proto__"]: "2" }),
  },
  "fields, none": { shape: AS_TEXT.fields, resp2: [], value: bare({}) },
  "fields as bytes": {
    shape: AS_BYTES.fields,
    resp2: [bytes("f"), bytes("1")],
    value: [[bytes("f"), bytes("1")]],
  },
  "pairs": {
    shape: AS_TEXT.pairs,
    resp2: ["f", "1", "g", "2"],
    resp3: [["f", "1"], ["g", "2"]],
    value: [["f", "1"], ["g", "2"]],
  },
  "pairs, none": { shape: AS_TEXT.pairs, resp2: [], value: [] },
  "pairOrNull": {
    shape: AS_TEXT.pairOrNull,
    resp2: ["k", "v"],
    value: ["k", "v"],
  },
  "pairOrNull, null": { shape: AS_TEXT.pairOrNull, resp2: null, value: null },
  "scored": {
    shape: AS_TEXT.scored,
    resp2: ["a", "1.5", "b", "inf", "c", "-inf"],
    resp3: [["a", 1.5], ["b", Infinity], ["c", -Infinity]],
    value: [["a", 1.5], ["b", Infinity], ["c", -Infinity]],
  },
  "scored, none": { shape: AS_TEXT.scored, resp2: [], value: [] },
  "scored as bytes": {
    shape: AS_BYTES.scored,
    resp2: [bytes("a"), bytes("1e+100"), bytes("b"), bytes("-inf")],
    resp3: [[bytes("a"), 1e100], [bytes("b"), -Infinity]],
    value: [[bytes("a"), 1e100], [bytes("b"), -Infinity]],
  },
  "scoredOrNull": {
    shape: AS_TEXT.scoredOrNull,
    resp2: ["a", "1"],
    resp3: ["a", 1],
    value: ["a", 1],
  },
  "scoredOrNull, none": { shape: AS_TEXT.scoredOrNull, resp2: [], value: null },
  "keyScoredOrNull": {
    shape: AS_TEXT.keyScoredOrNull,
    resp2: ["k", "a", "1"],
    resp3: ["k", "a", 1],
    value: ["k", "a", 1],
  },
  "keyScoredOrNull, null": {
    shape: AS_TEXT.keyScoredOrNull,
    resp2: null,
    value: null,
  },
  "counted": {
    shape: AS_TEXT.counted,
    resp2: ["a", 1, "b", 0],
    value: [["a", 1], ["b", 0]],
  },
  "keyValuesOrNull": {
    shape: AS_TEXT.keyValuesOrNull,
    resp2: ["k", ["a", "b"]],
    value: ["k", ["a", "b"]],
  },
  "keyValuesOrNull, null": {
    shape: AS_TEXT.keyValuesOrNull,
    resp2: null,
    value: null,
  },
  "keyScoresOrNull": {
    shape: AS_TEXT.keyScoresOrNull,
    resp2: ["k", [["a", "1"], ["b", "2"]]],
    resp3: ["k", [["a", 1], ["b", 2]]],
    value: ["k", [["a", 1], ["b", 2]]],
  },
  "page": {
    shape: AS_TEXT.page,
    resp2: ["18446744073709551615", ["a"]],
    value: { cursor: "18446744073709551615", items: ["a"] },
  },
  "page as bytes": {
    shape: AS_BYTES.page,
    resp2: [bytes("17"), [bytes("a")]],
    value: { cursor: "17", items: [bytes("a")] },
  },
  "pairPage": {
    shape: AS_TEXT.pairPage,
    resp2: ["0", ["f", "1"]],
    value: { cursor: "0", items: [["f", "1"]] },
  },
  "scoredPage": {
    shape: AS_TEXT.scoredPage,
    resp2: ["0", ["a", "1"]],
    value: { cursor: "0", items: [["a", 1]] },
  },
  "stream.pending, marked as fatal": {
    shape: AS_TEXT.stream.pending,
    resp2: [["1-1", "", -1, 2n ** 63n - 1n]],
    value: [{ id: "1-1", consumer: "", idle: -1, deliveries: Infinity }],
  },
  "stream.fullInfo, marked as fatal": {
    shape: AS_TEXT.stream.fullInfo,
    resp2: [
      ...["entries", [], "groups"],
      [[
        "name",
        "g",
        "pending",
        [["1-1", "", -1, 2n ** 63n - 1n]],
        "consumers",
        [
          ["name", "c", "pending", [["1-2", 5, 1]]],
        ],
      ]],
    ],
    value: bare({
      entries: [],
      groups: [bare({
        name: "g",
        pending: [["1-1", "", -1, Infinity]],
        consumers: [bare({ name: "c", pending: [["1-2", 5, 1]] })],
      })],
    }),
  },
  "stream.entries, deleted before 7.0": {
    shape: AS_TEXT.stream.entries,
    resp2: [null, ["1-1", ["f", "a"]]],
    value: [{ id: "1-1", fields: bare({ f: "a" }) }],
  },
  "stream.autoclaimed before 7.0": {
    shape: AS_TEXT.stream.autoclaimed,
    resp2: ["0-0", [["1-1", ["f", "a"]]]],
    value: {
      next: "0-0",
      claimed: [{ id: "1-1", fields: bare({ f: "a" }) }],
      deleted: [],
    },
  },
  "stream.streams": {
    shape: AS_TEXT.stream.streams,
    resp2: [["k", [["1-1", ["f", "a"]]]]],
    resp3: ["k", [["1-1", ["f", "a"]]]],
    value: [["k", [{ id: "1-1", fields: bare({ f: "a" }) }]]],
  },
  "places": {
    shape: AS_TEXT.places,
    resp2: [["m", "1.5", 7, ["13.5", "38"]]],
    resp3: [["m", "1.5", 7, [13.5, 38]]],
    value: [{ member: "m", distance: 1.5, hash: 7, position: [13.5, 38] }],
  },
  "flag": { shape: shapes.flag, resp2: 1, resp3: true, value: 1 },
  "integer": { shape: shapes.integer, resp2: -2, value: -2 },
  "integerOrNull": { shape: shapes.integerOrNull, resp2: null, value: null },
  "integers": { shape: shapes.integers, resp2: [1, 0], value: [1, 0] },
  "double": { shape: shapes.double, resp2: "10.6", value: 10.6 },
  "double, large": { shape: shapes.double, resp2: "1e+21", value: 1e21 },
  "doubleOrNull": {
    shape: shapes.doubleOrNull,
    resp2: "-0.5",
    resp3: -0.5,
    value: -0.5,
  },
  "doubleOrNull, nan": {
    shape: shapes.doubleOrNull,
    resp2: "-nan",
    value: NaN,
  },
  "doublesOrNulls": {
    shape: shapes.doublesOrNulls,
    resp2: ["1", null],
    resp3: [1, null],
    value: [1, null],
  },
  "textFields": {
    shape: shapes.textFields,
    resp2: ["a", "1"],
    value: bare({ a: "1" }),
  },
  "lcsMatches": {
    shape: shapes.lcsMatches,
    resp2: ["matches", [[[4, 7], [5, 8], 4]], "len", 6],
    value: {
      matches: [{ first: [4, 7], second: [5, 8], length: 4 }],
      length: 6,
    },
  },
  "rankScoreOrNull": {
    shape: shapes.rankScoreOrNull,
    resp2: [2, "1.5"],
    resp3: [2, 1.5],
    value: [2, 1.5],
  },
  "rankScoreOrNull, null": {
    shape: shapes.rankScoreOrNull,
    resp2: null,
    value: null,
  },
  "time": { shape: shapes.time, resp2: ["17", "250"], value: [17, 250] },
  "role of a master": {
    shape: shapes.role,
    resp2: ["master", 3129659, [["127.0.0.1", "9001", "3129242"]]],
    value: {
      role: "master",
      offset: 3129659,
      replicas: [{ host: "127.0.0.1", port: 9001, offset: 3129242 }],
    },
  },
  "role of a replica": {
    shape: shapes.role,
    resp2: ["slave", "127.0.0.1", 9000, "connected", 3167038],
    value: {
      role: "slave",
      host: "127.0.0.1",
      port: 9000,
      state: "connected",
      offset: 3167038,
    },
  },
  "role of a sentinel": {
    shape: shapes.role,
    resp2: ["sentinel", ["one", "two"]],
    value: { role: "sentinel", masters: ["one", "two"] },
  },
  "slowlogEntries": {
    shape: shapes.slowlogEntries,
    resp2: [[14, 1309448221, 15, ["PING"], "127.0.0.1:58217", "me"]],
    value: [{
      id: 14,
      time: 1309448221,
      duration: 15,
      args: ["PING"],
      address: "127.0.0.1:58217",
      name: "me",
    }],
  },
  "latencyEvents": {
    shape: shapes.latencyEvents,
    resp2: [["command", 1405067976, 251, 1001]],
    value: [{ event: "command", time: 1405067976, latest: 251, highest: 1001 }],
  },
  "latencySamples": {
    shape: shapes.latencySamples,
    resp2: [[1405067822, 251]],
    value: [{ time: 1405067822, latency: 251 }],
  },
  "latencyHistograms": {
    shape: shapes.latencyHistograms,
    resp2: ["set", ["calls", 3, "histogram_usec", [1, 2, 33, 3]]],
    value: bare({ set: { calls: 3, histogram: [[1, 2], [33, 3]] } }),
  },
  "memoryStats": {
    shape: shapes.memoryStats,
    resp2: ["peak", 10, "db.0", ["main", 72], "ratio", "1.5"],
    resp3: ["peak", 10, "db.0", ["main", 72], "ratio", 1.5],
    value: bare<unknown>({ peak: 10, "db.0": bare({ main: 72 }), ratio: 1.5 }),
  },
};

for (
  const [name, { shape, resp2, resp3 = resp2, value }] of Object.entries(cases)
) {
  Deno.test(`Shape ${name} gives the same value in RESP2 and RESP3`, {
    permissions: "none",
  }, () => {
    assert.deepStrictEqual(shape.parse(resp2), value);
    assert.deepStrictEqual(shape.parse(resp3), value);
  });
}

Deno.test("shapes throw an error that shows a reply they cannot read", {
  permissions: "none",
}, () => {
  const refused: [Shape<unknown>, Reply][] = [
    [shapes.integer, 2n ** 53n],
    [shapes.integer, "1"],
    [shapes.integer, null],
    [shapes.double, ""],
    [shapes.double, "abc"],
    [shapes.double, null],
    [shapes.integers, [1, 2n ** 60n]],
    [AS_TEXT.scored, "OK"],
    [AS_TEXT.scored, [["a", "b"]]],
    [AS_TEXT.fields, null],
    [AS_TEXT.page, null],
    [shapes.role, ["king"]],
  ];
  for (const [shape, reply] of refused) {
    assert.throws(() => shape.parse(reply), UnexpectedReplyError);
  }
  assert.throws(
    () => shapes.integer.parse(9_007_199_254_740_993n),
    { reply: 9_007_199_254_740_993n },
  );
});

Deno.test(
  "Shapes define the modes for reading their replies",
  { permissions: "none" },
  () => {
    assert.equal(AS_TEXT.value.mode, TEXT | FLAT);
    assert.equal(AS_BYTES.value.mode, BYTES | FLAT);
    assert.equal(AS_TEXT.raw.mode, TEXT);
    assert.equal(AS_BYTES.raw.mode, BYTES);
    assert.equal(shapes.bytesOrNull.mode, BYTES | FLAT);
    assert.equal(shapes.text.mode, TEXT | FLAT);
    for (
      const shape of [AS_TEXT.value, AS_BYTES.values, shapes.ok, shapes.raw]
    ) {
      assert.equal(shape.parse, shapes.asIs);
    }
  },
);

Deno.test("shapes keep errors inside a list as values", {
  permissions: "none",
}, () => {
  const error = new ReplyError("ERR no");
  assert.deepStrictEqual(shapes.raw.parse([1, error]), [1, error]);
});
