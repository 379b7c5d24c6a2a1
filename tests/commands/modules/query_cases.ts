/**
 * Queries of search indexes.
 *
 * @module
 */

import { bare } from "../support.ts";
import { RESP3 } from "./search_cases.ts";
import { d, flat, map, type ModuleCase, page, type Wire } from "./support.ts";

const CURSORS =
  "redis/redis-py redis/commands/search/commands.py 0ed06603695ba9533d1086dcd7d60cd5eb5e17d0";
const SCORES =
  "redis/redis-py redis/commands/search/result.py 18efe66348bf7e4dc0abb82ebef27921e75e2fbb";
/** The module's own tests in RESP2. */
const RESP2 =
  "RediSearch/RediSearch tests/pytests/test.py 0090ddeaa5601c60a1f1d311de0c695e0da94937";

/** The reply of a search, in RESP3. */
export function results(total: number, results: Wire[]): Map<string, Wire> {
  return map({
    attributes: [],
    warning: [],
    total_results: total,
    format: "STRING",
    results,
  });
}

/** The fields of a result that the query did not request. */
export const none = {
  score: null,
  explanation: null,
  payload: null,
  sortkey: null,
};

const DOC1 = { f1: "3", f2: "3" };
const DOC2 = { f1: "3", f2: "2", f3: "4" };

const STEPS = "LOAD * GROUPBY 1 @actor REDUCE COUNT 0 AS num SORTBY 2 @num DESC"
  .split(" ").map((word) => /^\d$/.test(word) ? Number(word) : word);

export const queryCases: ModuleCase[] = [
  {
    call: (c) => c.search.search("idx1", "*", { scorer: "TFIDF" }),
    words: ["FT.SEARCH", "idx1", "*", "SCORER", "TFIDF"],
    source: `${page("ft.search")}; ${RESP3}`,
    resp2: [2, "doc2", flat(DOC2), "doc1", flat(DOC1)],
    resp3: results(2, [
      map({ id: "doc2", extra_attributes: map(DOC2), values: [] }),
      map({ id: "doc1", extra_attributes: map(DOC1), values: [] }),
    ]),
    value: {
      total: 2,
      documents: [
        { id: "doc2", ...none, attributes: bare(DOC2) },
        { id: "doc1", ...none, attributes: bare(DOC1) },
      ],
      warnings: [],
    },
  },
  {
    call: (c) => c.search.search("memes", "@p:(a)", { nocontent: true }),
    words: ["FT.SEARCH", "memes", "@p:(a)", "NOCONTENT"],
    source: `${page("ft.search")}; ${RESP3}`,
    resp2: [2, "s1", "s2"],
    resp3: results(2, [
      map({ id: "s1", values: [] }),
      map({ id: "s2", values: [] }),
    ]),
    value: {
      total: 2,
      documents: [
        { id: "s1", ...none, attributes: null },
        { id: "s2", ...none, attributes: null },
      ],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx1", "*", {
        verbatim: true,
        withscores: true,
        withpayloads: true,
        withsortkeys: true,
        return: ["f1", "f2"],
        sortby: ["f2", "desc"],
      }),
    words: [
      ..."FT.SEARCH idx1 * VERBATIM WITHSCORES WITHPAYLOADS WITHSORTKEYS".split(
        " ",
      ),
      "RETURN",
      2,
      ..."f1 f2 SORTBY f2 DESC".split(" "),
    ],
    source: RESP3,
    resp3: results(2, [
      map({
        id: "doc1",
        score: d(0.5),
        payload: null,
        sortkey: "$3",
        extra_attributes: map(DOC1),
        values: [],
      }),
    ]),
    value: {
      total: 2,
      documents: [{
        id: "doc1",
        score: 0.5,
        explanation: null,
        payload: null,
        sortkey: "$3",
        attributes: bare(DOC1),
      }],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx1", "*", { withscores: true, withpayloads: true }),
    words: ["FT.SEARCH", "idx1", "*", "WITHSCORES", "WITHPAYLOADS"],
    source: `${SCORES}; ${RESP3}`,
    resp2: [1, "doc1", "0.5", "p", flat(DOC1)],
    resp3: results(1, [
      map({
        id: "doc1",
        score: d(0.5),
        payload: "p",
        extra_attributes: map(DOC1),
        values: [],
      }),
    ]),
    value: {
      total: 1,
      documents: [{
        id: "doc1",
        score: 0.5,
        explanation: null,
        payload: "p",
        sortkey: null,
        attributes: bare(DOC1),
      }],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx", "~a", {
        withscores: true,
        nocontent: true,
        scorer: "DISMAX",
      }),
    words: ["FT.SEARCH", "idx", "~a", "NOCONTENT", "WITHSCORES"]
      .concat("SCORER", "DISMAX"),
    source: RESP2,
    resp2: [2, "doc3", "3", "doc2", "1"],
    value: {
      total: 2,
      documents: [
        { id: "doc3", ...none, score: 3, attributes: null },
        { id: "doc2", ...none, score: 1, attributes: null },
      ],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx1", "*", {
        withscores: true,
        explainscore: true,
        return: [],
      }),
    words: [
      ..."FT.SEARCH idx1 * WITHSCORES RETURN".split(" "),
      0,
      "EXPLAINSCORE",
    ],
    source: RESP3,
    resp3: results(2, [
      map({
        id: "doc2",
        score: [d(1), ["Final TFIDF", ["(TFIDF 1.00)"]]],
        values: [],
      }),
    ]),
    value: {
      total: 2,
      documents: [{
        id: "doc2",
        score: 1,
        explanation: ["Final TFIDF", ["(TFIDF 1.00)"]],
        payload: null,
        sortkey: null,
        attributes: null,
      }],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.search("idx", "q", {
        nostopwords: true,
        filter: [["age", "(5", "inf"]],
        geofilter: [["at", 1.5, 2.5, 3, "km"]],
        inkeys: ["a", "b"],
        infields: ["f"],
        return: ["x", { field: "$.y", as: "y" }],
        summarize: { fields: ["f"], frags: 2, len: 5, separator: "..." },
        highlight: { fields: ["f"], tags: ["<i>", "</i>"] },
        slop: 1,
        timeout: 50,
        inorder: true,
        language: "german",
        expander: "e",
        payload: "p",
        sortby: "age",
        withcount: true,
        limit: { offset: 0, count: 5 },
        params: { v: 1 },
        dialect: 2,
      }),
    words: [
      ..."FT.SEARCH idx q NOSTOPWORDS FILTER age (5 inf GEOFILTER at".split(
        " ",
      ),
      1.5,
      2.5,
      3,
      "km",
      "INKEYS",
      2,
      "a",
      "b",
      "INFIELDS",
      1,
      "f",
      "RETURN",
      4,
      ..."x $.y AS y SUMMARIZE FIELDS".split(" "),
      1,
      "f",
      "FRAGS",
      2,
      "LEN",
      5,
      ..."SEPARATOR ... HIGHLIGHT FIELDS".split(" "),
      1,
      ..."f TAGS <i> </i> SLOP".split(" "),
      1,
      "TIMEOUT",
      50,
      ..."INORDER LANGUAGE german EXPANDER e PAYLOAD p SORTBY age".split(" "),
      "WITHCOUNT",
      "LIMIT",
      0,
      5,
      "PARAMS",
      2,
      "v",
      1,
      "DIALECT",
      2,
    ],
  },
  {
    call: (c) =>
      c.search.search("idx", "q", { summarize: true, highlight: true }),
    words: ["FT.SEARCH", "idx", "q", "SUMMARIZE", "HIGHLIGHT"],
  },
  {
    call: (c) =>
      c.search.aggregate("gh", "*", {
        steps: [
          { load: "*" },
          { groupby: ["@actor"], reduce: [{ function: "COUNT", as: "num" }] },
          { sortby: [["@num", "desc"]], max: 10 },
        ],
      }),
    words: ["FT.AGGREGATE", "gh", "*", ...STEPS, "MAX", 10],
    source: `${page("ft.aggregate")}; ${RESP3}`,
    resp2: [284784, flat({ actor: "lombiqbot", num: "22197" })],
    resp3: results(284784, [
      map({
        extra_attributes: map({ actor: "lombiqbot", num: "22197" }),
        values: [],
      }),
    ]),
    value: {
      total: 284784,
      rows: [bare({ actor: "lombiqbot", num: "22197" })],
      warnings: [],
    },
  },
  {
    call: (c) =>
      c.search.aggregate("idx1", "*", { withcursor: { count: 1, maxidle: 5 } }),
    words: [
      ..."FT.AGGREGATE idx1 * WITHCURSOR COUNT".split(" "),
      1,
      "MAXIDLE",
      5,
    ],
    source: `${CURSORS}; ${RESP3}`,
    resp2: [[3, flat(DOC1)], 342459320],
    resp3: [
      results(3, [map({ extra_attributes: map(DOC1), values: [] })]),
      342459320,
    ],
    value: {
      total: 3,
      rows: [bare(DOC1)],
      warnings: [],
      cursor: 342459320,
    },
  },
  {
    call: (c) =>
      c.search.aggregate("idx", "q", {
        verbatim: true,
        timeout: 50,
        steps: [
          { load: ["@a", { field: "$.b", as: "b" }] },
          {
            groupby: ["@a", "@b"],
            reduce: [{ function: "QUANTILE", args: ["@c", 0.5], as: "m" }],
          },
          { apply: "sqrt(@m)", as: "r" },
          { filter: "@r > 1" },
          { sortby: ["@r"] },
          { limit: { offset: 0, count: 3 } },
        ],
        scorer: "BM25STD",
        addscores: true,
        params: [["x", 1]],
        dialect: 3,
      }),
    words: [
      ..."FT.AGGREGATE idx q VERBATIM TIMEOUT".split(" "),
      50,
      "LOAD",
      4,
      ..."@a $.b AS b GROUPBY".split(" "),
      2,
      ..."@a @b REDUCE QUANTILE".split(" "),
      2,
      "@c",
      0.5,
      ..."AS m APPLY sqrt(@m) AS r FILTER".split(" "),
      "@r > 1",
      "SORTBY",
      1,
      "@r",
      "LIMIT",
      0,
      3,
      ..."SCORER BM25STD ADDSCORES PARAMS".split(" "),
      2,
      "x",
      1,
      "DIALECT",
      3,
    ],
  },
  {
    call: (c) => c.search.cursorRead("idx1", 342459320, { count: 50 }),
    words: ["FT.CURSOR", "READ", "idx1", 342459320, "COUNT", 50],
    source: `${CURSORS}; ${page("ft.cursor-read")}; ${RESP3}`,
    resp2: [[0], 0],
    resp3: [results(0, []), 0],
    value: { total: 0, rows: [], warnings: [], cursor: 0 },
  },
  {
    call: (c) => c.search.cursorDel("idx", 342459320),
    words: ["FT.CURSOR", "DEL", "idx", 342459320],
    source: page("ft.cursor-del"),
    reply: "OK",
    value: "OK",
  },
  {
    call: (c) => c.search.cursorGc("idx1", 0),
    words: ["FT.CURSOR", "GC", "idx1", 0],
    source:
      "RediSearch/RediSearch src/aggregate/aggregate_exec.c (2454822803: no commit was shown)",
    reply: 1,
    value: 1,
  },
  {
    call: (c) => c.search.explain("rd", "foo bar", { dialect: 2 }),
    words: ["FT.EXPLAIN", "rd", "foo bar", "DIALECT", 2],
    source: page("ft.explain"),
    reply: "INTERSECT {\n  foo\n  bar\n}\n",
    value: "INTERSECT {\n  foo\n  bar\n}\n",
  },
  {
    call: (c) => c.search.explaincli("rd", "foo bar"),
    words: ["FT.EXPLAINCLI", "rd", "foo bar"],
    source: page("ft.explaincli"),
    resp2: ["INTERSECT {", "  foo", "  bar", "}", ""],
    value: ["INTERSECT {", "  foo", "  bar", "}", ""],
  },
];
