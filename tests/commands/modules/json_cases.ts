/**
 * JSON documents.
 *
 * @module
 */

import { d, type ModuleCase, page } from "./support.ts";

/** The module's own tests in RESP3. */
const RESP3 =
  "RedisJSON/RedisJSON tests/pytest/test_resp3.py 01f621187cbbe4873dfca35bcd389843d4a8dbab";
/** redis-py's tests from before it supported RESP3. */
const RESP2 =
  "redis/redis-py tests/test_json.py 04b944c985d6fc5f1254292a0ef95645db6bf5b7";

const DOCUMENT = `{"a1":{"b":{"c":true,"d":null}},"a2":{"b":{"c":2}}}`;

export const jsonCases: ModuleCase[] = [
  {
    call: (c) => c.json.arrappend("doc1", "$..a", "bar", { n: 1 }, 2, null),
    words: ["JSON.ARRAPPEND", "doc1", "$..a", `"bar"`, `{"n":1}`, 2, "null"],
    source: `${page("json.arrappend")}; ${RESP2}`,
    reply: [3, 5, null],
    value: [3, 5, null],
  },
  {
    call: (c) => c.json.arrindex("item:1", "$..colors", "silver"),
    words: ["JSON.ARRINDEX", "item:1", "$..colors", `"silver"`],
    source: page("json.arrindex"),
    reply: [1, -1, null],
    value: [1, -1, null],
  },
  {
    call: (c) => c.json.arrindex("k", "$", 1, 2),
    words: ["JSON.ARRINDEX", "k", "$", 1, 2],
  },
  {
    call: (c) => c.json.arrindex("k", "$", true, 2, 5),
    words: ["JSON.ARRINDEX", "k", "$", "true", 2, 5],
  },
  {
    call: (c) => c.json.arrinsert("doc1", "$..a", 1, "bar", "racuda"),
    words: ["JSON.ARRINSERT", "doc1", "$..a", 1, `"bar"`, `"racuda"`],
    source: `${page("json.arrindex")}; ${RESP2}`,
    reply: [3, 5, null],
    value: [3, 5, null],
  },
  {
    call: (c) => c.json.arrlen("doc1", "$..a"),
    words: ["JSON.ARRLEN", "doc1", "$..a"],
    source: RESP2,
    resp2: [1, 3, null],
    value: [1, 3, null],
  },
  {
    call: (c) => c.json.arrpop("doc1", "$..a", 1),
    words: ["JSON.ARRPOP", "doc1", "$..a", 1],
    source: `${page("json.arrpop")}; ${RESP2}`,
    reply: [`"foo"`, "null", null],
    value: ["foo", null, null],
  },
  {
    call: (c) => c.json.arrpop("key", "$"),
    words: ["JSON.ARRPOP", "key", "$"],
  },
  {
    call: (c) => c.json.arrtrim("doc1", "$..a", 1, -1),
    words: ["JSON.ARRTRIM", "doc1", "$..a", 1, -1],
    source: `${page("json.arrtrim")}; ${RESP2}`,
    reply: [0, 2, null],
    value: [0, 2, null],
  },
  {
    call: (c) => c.json.clear("doc", "$.*"),
    words: ["JSON.CLEAR", "doc", "$.*"],
    source: page("json.clear"),
    reply: 4,
    value: 4,
  },
  { call: (c) => c.json.clear("doc"), words: ["JSON.CLEAR", "doc"] },
  {
    call: (c) => c.json.debugHelp(),
    words: ["JSON.DEBUG", "HELP"],
    source: `${RESP2}: it is a list`,
    resp2: ["HELP - this message"],
    value: ["HELP - this message"],
  },
  {
    call: (c) => c.json.debugMemory("item:2"),
    words: ["JSON.DEBUG", "MEMORY", "item:2"],
    source: page("json.debug-memory"),
    reply: 573,
    value: 573,
  },
  {
    call: (c) => c.json.debugMemory("doc1", "$..a"),
    words: ["JSON.DEBUG", "MEMORY", "doc1", "$..a"],
    source: RESP2,
    resp2: [72, 24, 24, 16, 16, 1, 0],
    value: [72, 24, 24, 16, 16, 1, 0],
  },
  {
    call: (c) => c.json.del("test_resp3", "$..b"),
    words: ["JSON.DEL", "test_resp3", "$..b"],
    source: `${RESP3}; ${RESP2}`,
    reply: 2,
    value: 2,
  },
  { call: (c) => c.json.del("doc"), words: ["JSON.DEL", "doc"] },
  {
    call: (c) => c.json.forget("doc1", "$..a"),
    words: ["JSON.FORGET", "doc1", "$..a"],
    source: `${page("json.forget")}; ${RESP2}`,
    reply: 2,
    value: 2,
  },
  { call: (c) => c.json.forget("doc"), words: ["JSON.FORGET", "doc"] },
  {
    call: (c) => c.json.get("test_resp3", "$"),
    words: ["JSON.GET", "test_resp3", "$"],
    source: RESP3,
    reply: `[${DOCUMENT}]`,
    value: [{ a1: { b: { c: true, d: null } }, a2: { b: { c: 2 } } }],
  },
  {
    call: (c) => c.json.get("test_no_such_key", "$.a3"),
    words: ["JSON.GET", "test_no_such_key", "$.a3"],
    source: RESP3,
    reply: null,
    value: null,
  },
  {
    call: (c) => c.json.get("test_resp3", "$.a1", "$.a3"),
    words: ["JSON.GET", "test_resp3", "$.a1", "$.a3"],
    source: RESP3,
    reply: `{"$.a1":[{"b":{"c":true,"d":null}}],"$.a3":[]}`,
    value: { "$.a1": [{ b: { c: true, d: null } }], "$.a3": [] },
  },
  {
    call: (c) => c.json.get("foo"),
    words: ["JSON.GET", "foo"],
    source: RESP2,
    resp2: `"bar"`,
    value: "bar",
  },
  {
    call: (c) => c.json.merge("test_resp3", "$", { a3: 4 }),
    words: ["JSON.MERGE", "test_resp3", "$", `{"a3":4}`],
    source: RESP3,
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.json.merge("doc", "$.none.a", 4),
    words: ["JSON.MERGE", "doc", "$.none.a", 4],
    source:
      "RedisJSON/RedisJSON redis_json/src/commands.rs (`json_merge_command_impl`)",
    reply: null,
    value: null,
  },
  {
    call: (c) => c.json.mget(["doc1", "doc2", "missing_doc"], "$..a"),
    words: ["JSON.MGET", "doc1", "doc2", "missing_doc", "$..a"],
    source: `${page("json.mget")}; ${RESP2}`,
    reply: ["[1,3,null]", "[4,6,[null]]", null],
    value: [[1, 3, null], [4, 6, [null]], null],
  },
  {
    call: (c) => c.json.mset([["a", "$", [1]], ["b", "$.x", "y"]]),
    words: ["JSON.MSET", "a", "$", "[1]", "b", "$.x", `"y"`],
    source: RESP3,
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.json.numincrby("test_resp3", "$..c", 2),
    words: ["JSON.NUMINCRBY", "test_resp3", "$..c", 2],
    source: `${page("json.numincrby")}; ${RESP3}`,
    resp2: "[4,4.2,null]",
    resp3: [4, d(4.2), null],
    value: [4, 4.2, null],
  },
  {
    call: (c) => c.json.nummultby("test_resp3", "$..c", 2),
    words: ["JSON.NUMMULTBY", "test_resp3", "$..c", 2],
    source: `${RESP2}; ${RESP3}`,
    resp2: "[8,19.32,null]",
    resp3: [8, d(19.32), null],
    value: [8, 19.32, null],
  },
  {
    call: (c) => c.json.numpowby("test_key", "$.bar", 3),
    words: ["JSON.NUMPOWBY", "test_key", "$.bar", 3],
    source:
      "RedisJSON/RedisJSON tests/pytest/test_keyspace_notifications.py 7b91bf30c86f5d79c9514e08eddeefb0642dc335",
    resp2: "[null]",
    value: [null],
  },
  {
    call: (c) => c.json.objkeys("doc", "$..a"),
    words: ["JSON.OBJKEYS", "doc", "$..a"],
    source: page("json.objkeys"),
    reply: [null, ["b", "c"]],
    value: [null, ["b", "c"]],
  },
  {
    call: (c) => c.json.objlen("doc1", "$..a"),
    words: ["JSON.OBJLEN", "doc1", "$..a"],
    source: RESP2,
    resp2: [2, null, 1],
    value: [2, null, 1],
  },
  {
    call: (c) => c.json.objlen("non_existing_doc", "$..a"),
    words: ["JSON.OBJLEN", "non_existing_doc", "$..a"],
    source: RESP2,
    resp2: null,
    value: null,
  },
  {
    call: (c) => c.json.resp("doc1", "$..a"),
    words: ["JSON.RESP", "doc1", "$..a"],
  },
  {
    call: (c) => c.json.resp("item:2"),
    words: ["JSON.RESP", "item:2"],
    source: page("json.resp"),
    reply: ["{", "stock", 17, "colors", ["[", "black", "white"]],
    value: ["{", "stock", 17, "colors", ["[", "black", "white"]],
  },
  {
    call: (c) => c.json.set("doc", "$", { a: 2 }),
    words: ["JSON.SET", "doc", "$", `{"a":2}`],
    source: page("json.set"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.json.set("nonexistentkey", "$", 5, { xx: true }),
    words: ["JSON.SET", "nonexistentkey", "$", 5, "XX"],
    source: page("json.set"),
    reply: null,
    value: null,
  },
  {
    call: (c) => c.json.set("doc", "$", [[1, 2.5]], { nx: true, fpha: "fp16" }),
    words: ["JSON.SET", "doc", "$", "[[1,2.5]]", "NX", "FPHA", "FP16"],
  },
  {
    call: (c) => c.json.strappend("doc", "$..a", "baz"),
    words: ["JSON.STRAPPEND", "doc", "$..a", `"baz"`],
    source: page("json.strappend"),
    reply: [6, 8, null],
    value: [6, 8, null],
  },
  {
    call: (c) => c.json.strlen("doc1", "$..a"),
    words: ["JSON.STRLEN", "doc1", "$..a"],
    source: `${page("json.strlen")}; ${RESP2}`,
    reply: [3, 5, null],
    value: [3, 5, null],
  },
  {
    call: (c) => c.json.toggle("doc1", "$..a"),
    words: ["JSON.TOGGLE", "doc1", "$..a"],
    source: `${page("json.toggle")}; ${RESP2}`,
    resp2: [null, 1, null, 0],
    value: [null, 1, null, 0],
  },
  {
    call: (c) => c.json.type("test_resp3", "$..c"),
    words: ["JSON.TYPE", "test_resp3", "$..c"],
    source: `${page("json.type")}; ${RESP3}`,
    resp2: ["null", "integer", "boolean"],
    resp3: [["null", "integer", "boolean"]],
    value: ["null", "integer", "boolean"],
  },
  {
    call: (c) => c.json.type("test_resp3", "$.a3"),
    words: ["JSON.TYPE", "test_resp3", "$.a3"],
    source: `${page("json.type")}; ${RESP3}`,
    resp2: [],
    resp3: [[]],
    value: [],
  },
  {
    call: (c) => c.json.type("test_no_such_key", "$.a1.b.c"),
    words: ["JSON.TYPE", "test_no_such_key", "$.a1.b.c"],
    source: `${page("json.type")}; ${RESP3}`,
    resp2: null,
    resp3: [null],
    value: null,
  },
];
