/**
 * Hybrid queries: text and vectors.
 *
 * @module
 */

import { bare } from "../support.ts";
import { none, results } from "./query_cases.ts";
import { RESP3 } from "./search_cases.ts";
import { d, flat, map, type ModuleCase, page } from "./support.ts";

/** redis-py's tests in RESP2; the first file had no commit shown, its id was 51926297711. */
const HYBRID =
  "redis/redis-py redis/commands/search/commands.py (`_parse_hybrid_search`); " +
  "redis/redis-py redis/commands/search/hybrid_result.py 1e8345a4d830bcdb0eb52eb857e63c6c2160260d";

const FOUND = { "total_results": 0, results: [], warnings: [] };

const DOC1 = { f1: "3", f2: "3" };

/** FT.HYBRID and its profile. */
export const hybridCases: ModuleCase[] = [
  {
    call: (c) =>
      c.search.hybrid("idx", {
        search: { query: "shoes" },
        vsim: { field: "@embedding", vector: "$vec" },
        params: { vec: "BLOB" },
      }),
    words: [
      ..."FT.HYBRID idx SEARCH shoes VSIM @embedding $vec PARAMS".split(" "),
      2,
      "vec",
      "BLOB",
    ],
    source: `${page("ft.hybrid")}; ${HYBRID}`,
    resp2: flat({
      total_results: 1,
      results: [flat({ __key: "item:1", __score: "0.5" })],
      warnings: [],
      execution_time: "1.25",
    }),
    resp3: map({
      total_results: 1,
      results: [map({ __key: "item:1", __score: "0.5" })],
      warnings: [],
      execution_time: d(1.25),
    }),
    value: {
      total: 1,
      rows: [bare({ __key: "item:1", __score: "0.5" })],
      warnings: [],
      executionTime: 1.25,
    },
  },
  {
    call: (c) =>
      c.search.hybrid("idx", {
        search: {
          query: "shoes",
          scorer: "TFIDF.DOCNORM",
          yieldScoreAs: "text",
        },
        vsim: {
          field: "@e",
          vector: "$vec",
          knn: { k: 10, efRuntime: 50, shardKRatio: 0.5 },
          filter: "@category:{bikes}",
          yieldScoreAs: "near",
        },
        combine: { rrf: { window: 10, constant: 60, yieldScoreAs: "both" } },
        steps: [{ limit: { offset: 0, count: 10 } }],
        timeout: 5000,
      }),
    words: [
      ..."FT.HYBRID idx SEARCH shoes SCORER TFIDF.DOCNORM YIELD_SCORE_AS text"
        .split(" "),
      ..."VSIM @e $vec KNN".split(" "),
      6, // RediSearch tests/pytests/test_hybrid_shard_k_ratio.py 16d11d16b65e12dd721c199fc7c0abb9268fd79d
      "K",
      10,
      "EF_RUNTIME",
      50,
      "SHARD_K_RATIO",
      0.5,
      ..."FILTER @category:{bikes} YIELD_SCORE_AS near COMBINE RRF".split(" "),
      6,
      "WINDOW",
      10,
      "CONSTANT",
      60,
      ..."YIELD_SCORE_AS both LIMIT".split(" "),
      0,
      10,
      "TIMEOUT",
      5000,
    ],
  },
  {
    call: (c) =>
      c.search.hybrid("idx", {
        search: { query: "a" },
        vsim: {
          field: "@e",
          vector: "$v",
          range: { radius: 0.5, epsilon: 0.01 },
        },
        combine: { linear: { alpha: 0.7, beta: 0.3 } },
      }),
    words: [
      ..."FT.HYBRID idx SEARCH a VSIM @e $v RANGE".split(" "),
      4,
      "RADIUS",
      0.5,
      "EPSILON",
      0.01,
      "COMBINE",
      "LINEAR",
      4,
      "ALPHA",
      0.7,
      "BETA",
      0.3,
    ],
  },
  {
    call: (c) =>
      c.search.hybrid("idx", {
        search: { query: "a" },
        vsim: {
          field: "@e",
          vector: "$v",
          filter: [3, "@a:{b}", "POLICY", "ADHOC"],
        },
        steps: [{ filter: "@n>1" }],
        params: { v: "BLOB" },
      }),
    words: [
      ..."FT.HYBRID idx SEARCH a VSIM @e $v FILTER".split(" "),
      3,
      ..."@a:{b} POLICY ADHOC PARAMS".split(" "),
      2,
      ..."v BLOB FILTER @n>1".split(" "),
    ],
  },
  {
    call: (c) => c.search.profileSearch("idx1", "*", { limited: true }),
    words: [..."FT.PROFILE idx1 SEARCH LIMITED QUERY *".split(" ")],
    source: `${page("ft.profile")}; ${RESP3}`,
    resp2: [[1, "doc1", flat(DOC1)], [["Warning", "None"]]],
    value: {
      results: {
        total: 1,
        documents: [{ id: "doc1", ...none, attributes: bare(DOC1) }],
        warnings: [],
      },
      profile: [["Warning", "None"]],
    },
  },
  {
    call: (c) => c.search.profileSearch("idx1", "*"),
    words: ["FT.PROFILE", "idx1", "SEARCH", "QUERY", "*"],
    source: RESP3,
    resp3: map({
      Results: results(1, [
        map({ id: "doc1", extra_attributes: map(DOC1), values: [] }),
      ]),
      Profile: map({ Coordinator: map({}) }),
    }),
    value: {
      results: {
        total: 1,
        documents: [{ id: "doc1", ...none, attributes: bare(DOC1) }],
        warnings: [],
      },
      profile: ["Coordinator", []],
    },
  },
  {
    call: (c) =>
      c.search.profileAggregate("idx1", "*", {
        steps: [{ load: ["@f1"] }],
      }),
    words: [
      ..."FT.PROFILE idx1 AGGREGATE QUERY * LOAD".split(" "),
      1,
      "@f1",
    ],
    source: RESP3,
    resp3: map({
      Results: results(1, [map({ extra_attributes: map(DOC1), values: [] })]),
      Profile: map({}),
    }),
    value: {
      results: { total: 1, rows: [bare(DOC1)], warnings: [] },
      profile: [],
    },
  },
  {
    call: (c) =>
      c.search.profileHybrid("idx", {
        search: { query: "*" },
        vsim: { field: "@v", vector: "$BLOB" },
      }),
    words: [
      ..."FT.PROFILE idx HYBRID QUERY SEARCH * VSIM @v $BLOB".split(" "),
    ],
    source: "RediSearch/RediSearch tests/pytests/test_hybrid_profile.py " +
      "07a804b7756b00525599af9c4c64b69aa382307d",
    resp2: [
      ...flat({ ...FOUND, execution_time: "0.5" }),
      ["Shards", [["SEARCH", [], "VSIM", []]], "Coordinator", []],
    ],
    resp3: map({
      ...FOUND,
      execution_time: d(0.5),
      Profile: map({
        Shards: [map({ SEARCH: map({}), VSIM: map({}) })],
        Coordinator: map({}),
      }),
    }),
    value: {
      results: { total: 0, rows: [], warnings: [], executionTime: 0.5 },
      profile: ["Shards", [["SEARCH", [], "VSIM", []]], "Coordinator", []],
    },
  },
];
