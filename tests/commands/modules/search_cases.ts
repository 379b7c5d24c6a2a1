/**
 * Search indexes without documents: creation, aliases, information.
 *
 * @module
 */

import { bare } from "../support.ts";
import { d, flat, map, type ModuleCase, page } from "./support.ts";

/** The module's own tests in RESP3. */
export const RESP3 =
  "RediSearch/RediSearch tests/pytests/test_resp3.py 00c50a7530f3425a1d2a8b245ce855cb17a129f6";

const SYNONYMS =
  "RediSearch/RediSearch tests/pytests/test_synonyms.py 138b8e5fb582bc75e99688bde10a2c3a8ee2e613";

const OK = { reply: "OK", value: "OK" } as const;

export const searchCases: ModuleCase[] = [
  {
    call: (c) => c.search.aliasadd("alias", "idx"),
    words: ["FT.ALIASADD", "alias", "idx"],
    source: page("ft.aliasadd"),
    ...OK,
  },
  {
    call: (c) => c.search.aliasdel("alias"),
    words: ["FT.ALIASDEL", "alias"],
    source: page("ft.aliasdel"),
    ...OK,
  },
  {
    call: (c) => c.search.aliaslist("idx:bicycle"),
    words: ["FT.ALIASLIST", "idx:bicycle"],
    source: page("ft.aliaslist"),
    resp2: ["alias"],
    resp3: new Set(["alias"]),
    value: ["alias"],
  },
  {
    call: (c) => c.search.aliasupdate("alias", "idx"),
    words: ["FT.ALIASUPDATE", "alias", "idx"],
    source: page("ft.aliasupdate"),
    ...OK,
  },
  {
    call: (c) =>
      c.search.alter("idx", { id2: { type: "numeric", sortable: true } }),
    words: ["FT.ALTER", "idx", "SCHEMA", "ADD", "id2", "NUMERIC", "SORTABLE"],
    source: page("ft.alter"),
    ...OK,
  },
  {
    call: (c) => c.search.alter("idx", { a: "tag" }, { skipinitialscan: true }),
    words: ["FT.ALTER", "idx", "SKIPINITIALSCAN", "SCHEMA", "ADD", "a", "TAG"],
  },
  {
    call: (c) => c.search.configGet("TIMEOUT"),
    words: ["FT.CONFIG", "GET", "TIMEOUT"],
    source: `${page("ft.config-get")}; ${RESP3}`,
    resp2: [["TIMEOUT", "501"], ["EXTLOAD", null]],
    resp3: map({ TIMEOUT: "501", EXTLOAD: null }),
    value: bare({ TIMEOUT: "501", EXTLOAD: null }),
  },
  {
    call: (c) => c.search.configHelp("TIMEOUT"),
    words: ["FT.CONFIG", "HELP", "TIMEOUT"],
    source: `${page("ft.config-help")}; ${RESP3}`,
    resp2: [
      ["TIMEOUT", "Description", "Query (search) timeout", "Value", "501"],
    ],
    resp3: map({
      TIMEOUT: map({ Description: "Query (search) timeout", Value: "501" }),
    }),
    value: bare({
      TIMEOUT: { description: "Query (search) timeout", value: "501" },
    }),
  },
  {
    call: (c) => c.search.configSet("TIMEOUT", 42),
    words: ["FT.CONFIG", "SET", "TIMEOUT", 42],
    source: page("ft.config-set"),
    ...OK,
  },
  {
    call: (c) =>
      c.search.create("idx", {
        title: { type: "text", sortable: true },
        published_at: { type: "numeric", sortable: true, unf: true },
        category: { type: "tag", sortable: true, noindex: true },
      }, { on: "hash", prefix: ["blog:post:"] }),
    words: [
      ..."FT.CREATE idx ON HASH PREFIX".split(" "),
      1,
      ..."blog:post: SCHEMA title TEXT SORTABLE published_at NUMERIC".split(
        " ",
      ),
      ..."SORTABLE UNF category TAG SORTABLE NOINDEX".split(" "),
    ],
    source: page("ft.create"),
    ...OK,
  },
  {
    call: (c) =>
      c.search.create("idx", [
        ["$.sku", {
          type: "text",
          as: "t",
          weight: 2,
          nostem: true,
          phonetic: "dm:en",
          withsuffixtrie: true,
          indexempty: true,
          indexmissing: true,
        }],
        ["$.sku", {
          type: "tag",
          as: "g",
          separator: ";",
          casesensitive: true,
        }],
        ["$.at", "geo"],
        ["$.on", { type: "geoshape", flat: true }],
      ], { on: "json" }),
    words: [
      ..."FT.CREATE idx ON JSON SCHEMA $.sku AS t TEXT WEIGHT".split(" "),
      2,
      ..."NOSTEM PHONETIC dm:en WITHSUFFIXTRIE INDEXEMPTY INDEXMISSING".split(
        " ",
      ),
      ..."$.sku AS g TAG SEPARATOR ; CASESENSITIVE $.at GEO".split(" "),
      ..."$.on GEOSHAPE FLAT".split(" "),
    ],
  },
  {
    call: (c) =>
      c.search.create("idx", {
        v: {
          type: "vector",
          algorithm: "hnsw",
          elements: "float32",
          dim: 2,
          distanceMetric: "l2",
          initialCap: 100,
          m: 40,
          efConstruction: 250,
          efRuntime: 20,
        },
      }),
    words: [
      ..."FT.CREATE idx SCHEMA v VECTOR HNSW".split(" "),
      14,
      ..."TYPE FLOAT32 DIM".split(" "),
      2,
      ..."DISTANCE_METRIC L2 INITIAL_CAP".split(" "),
      100,
      "M",
      40,
      "EF_CONSTRUCTION",
      250,
      "EF_RUNTIME",
      20,
    ],
  },
  {
    call: (c) =>
      c.search.create("idx", {
        v: {
          type: "vector",
          algorithm: "svs-vamana",
          elements: "float16",
          dim: 8,
          distanceMetric: "cosine",
          compression: "LVQ8",
          graphMaxDegree: 32,
        },
        w: {
          type: "vector",
          algorithm: "flat",
          elements: "int8",
          dim: 8,
          distanceMetric: "ip",
          blockSize: 1024,
        },
      }),
    words: [
      ..."FT.CREATE idx SCHEMA v VECTOR SVS-VAMANA".split(" "),
      10,
      "TYPE",
      "FLOAT16",
      "DIM",
      8,
      ..."DISTANCE_METRIC COSINE COMPRESSION LVQ8 GRAPH_MAX_DEGREE".split(" "),
      32,
      ..."w VECTOR FLAT".split(" "),
      8,
      "TYPE",
      "INT8",
      "DIM",
      8,
      "DISTANCE_METRIC",
      "IP",
      "BLOCK_SIZE",
      1024,
    ],
  },
  {
    call: (c) =>
      c.search.create("idx", { a: "text" }, {
        filter: "@age>16",
        language: "english",
        languageField: "lang",
        score: 0.5,
        scoreField: "s",
        payloadField: "p",
        maxtextfields: true,
        temporary: 60,
        nooffsets: true,
        nohl: true,
        nofields: true,
        nofreqs: true,
        stopwords: [],
        skipinitialscan: true,
        indexall: "enable",
      }),
    words: [
      ..."FT.CREATE idx FILTER @age>16 LANGUAGE english LANGUAGE_FIELD".split(
        " ",
      ),
      "lang",
      "SCORE",
      0.5,
      ..."SCORE_FIELD s PAYLOAD_FIELD p MAXTEXTFIELDS TEMPORARY".split(" "),
      60,
      ..."NOOFFSETS NOHL NOFIELDS NOFREQS STOPWORDS".split(" "),
      0,
      ..."SKIPINITIALSCAN INDEXALL ENABLE SCHEMA a TEXT".split(" "),
    ],
  },
  {
    call: (c) => c.search.dictadd("dict", "foo", "bar", "hello world"),
    words: ["FT.DICTADD", "dict", "foo", "bar", "hello world"],
    source: page("ft.dictadd"),
    reply: 3,
    value: 3,
  },
  {
    call: (c) => c.search.dictdel("dict", "foo", "bar"),
    words: ["FT.DICTDEL", "dict", "foo", "bar"],
    source: page("ft.dictdel"),
    reply: 2,
    value: 2,
  },
  {
    call: (c) => c.search.dictdump("dict"),
    words: ["FT.DICTDUMP", "dict"],
    source: page("ft.dictdump"),
    resp2: ["foo", "bar", "hello world"],
    resp3: new Set(["foo", "bar", "hello world"]),
    value: ["foo", "bar", "hello world"],
  },
  {
    call: (c) => c.search.dropindex("idx", { dd: true }),
    words: ["FT.DROPINDEX", "idx", "DD"],
    source: page("ft.dropindex"),
    ...OK,
  },
  { call: (c) => c.search.dropindex("idx"), words: ["FT.DROPINDEX", "idx"] },
  {
    call: (c) => c.search.info("idx:bicycle"),
    words: ["FT.INFO", "idx:bicycle"],
    source: `${page("ft.info")}; ${RESP3}`,
    resp2: flat({
      index_name: "idx:bicycle",
      index_options: [],
      index_definition: flat({
        key_type: "JSON",
        prefixes: ["bicycle:"],
        default_score: "1",
      }),
      attributes: [
        [
          ...flat({
            identifier: "$.brand",
            attribute: "brand",
            type: "TEXT",
            WEIGHT: "1",
          }),
          "SORTABLE",
        ],
        flat({
          identifier: "$.condition",
          attribute: "condition",
          type: "TAG",
          SEPARATOR: ",",
        }),
      ],
      num_docs: "10",
      max_doc_id: "10",
      num_terms: "546",
      num_records: "692",
      hash_indexing_failures: "0",
      indexing: "0",
      percent_indexed: "1",
      gc_stats: flat({ bytes_collected: "0" }),
    }),
    resp3: map({
      index_name: "idx:bicycle",
      index_options: [],
      index_definition: map({
        key_type: "JSON",
        prefixes: ["bicycle:"],
        default_score: d(1),
      }),
      attributes: [
        map({
          identifier: "$.brand",
          attribute: "brand",
          type: "TEXT",
          WEIGHT: d(1),
          flags: ["SORTABLE"],
        }),
        map({
          identifier: "$.condition",
          attribute: "condition",
          type: "TAG",
          SEPARATOR: ",",
          flags: [],
        }),
      ],
      num_docs: 10,
      max_doc_id: 10,
      num_terms: 546,
      num_records: 692,
      hash_indexing_failures: 0,
      indexing: 0,
      percent_indexed: d(1),
      gc_stats: map({ bytes_collected: 0 }),
    }),
    value: {
      name: "idx:bicycle",
      options: [],
      keyType: "JSON",
      prefixes: ["bicycle:"],
      fields: [
        { identifier: "$.brand", attribute: "brand", type: "TEXT" },
        { identifier: "$.condition", attribute: "condition", type: "TAG" },
      ],
      documents: 10,
      maxDocumentId: 10,
      terms: 546,
      records: 692,
      indexing: 0,
      percentIndexed: 1,
      failures: 0,
    },
  },
  {
    call: (c) => c.search.list(),
    words: ["FT._LIST"],
    source: page("ft._list"),
    resp2: ["idx", "movies", "imdb"],
    resp3: new Set(["idx", "movies", "imdb"]),
    value: ["idx", "movies", "imdb"],
  },
  {
    call: (c) =>
      c.search.spellcheck("incidents", "Tooni toque kerfuffle", {
        include: ["dict1", "dict2"],
      }),
    words: [
      "FT.SPELLCHECK",
      "incidents",
      "Tooni toque kerfuffle",
      ..."TERMS INCLUDE dict1 TERMS INCLUDE dict2".split(" "),
    ],
    source: `${page("ft.spellcheck")}; ${RESP3}`,
    resp2: [
      ["TERM", "tooni", [["0", "Toonif"], ["0", "toonie"]]],
      ["TERM", "toque", [["0", "toque"]]],
    ],
    resp3: map({
      results: map({
        tooni: [map({ Toonif: d(0) }), map({ toonie: d(0) })],
        toque: [map({ toque: d(0) })],
      }),
    }),
    value: [
      { term: "tooni", suggestions: [["Toonif", 0], ["toonie", 0]] },
      { term: "toque", suggestions: [["toque", 0]] },
    ],
  },
  {
    call: (c) =>
      c.search.spellcheck("idx", "name", {
        distance: 2,
        exclude: ["slang"],
        dialect: 2,
      }),
    words: [
      ..."FT.SPELLCHECK idx name DISTANCE".split(" "),
      2,
      ..."TERMS EXCLUDE slang DIALECT".split(" "),
      2,
    ],
    source: `${page("ft.spellcheck")}; ${RESP3}`,
    resp2: [],
    resp3: map({ results: map({}) }),
    value: [],
  },
  {
    call: (c) => c.search.sugadd("sug", "hello world", 1),
    words: ["FT.SUGADD", "sug", "hello world", 1],
    source: page("ft.sugadd"),
    reply: 3,
    value: 3,
  },
  {
    call: (c) =>
      c.search.sugadd("sug", "hello", 1, { incr: true, payload: "p" }),
    words: ["FT.SUGADD", "sug", "hello", 1, "INCR", "PAYLOAD", "p"],
  },
  {
    call: (c) => c.search.sugdel("sug", "hello"),
    words: ["FT.SUGDEL", "sug", "hello"],
    source: page("ft.sugdel"),
    reply: 1,
    value: 1,
  },
  {
    call: (c) =>
      c.search.sugget("sug", "hell", { fuzzy: true, withscores: true, max: 3 }),
    words: ["FT.SUGGET", "sug", "hell", "FUZZY", "WITHSCORES", "MAX", 3],
    source: page("ft.sugget"),
    resp2: ["hell", "2147483648", "hello", "0.70710676908493042"],
    value: [
      { suggestion: "hell", score: 2147483648, payload: null },
      { suggestion: "hello", score: 0.70710676908493042, payload: null },
    ],
  },
  {
    call: (c) => c.search.sugget("sug", "hell"),
    words: ["FT.SUGGET", "sug", "hell"],
    source: page("ft.sugget"),
    reply: ["hell", "hello"],
    value: [
      { suggestion: "hell", score: null, payload: null },
      { suggestion: "hello", score: null, payload: null },
    ],
  },
  {
    call: (c) =>
      c.search.sugget("sug", "hell", { withscores: true, withpayloads: true }),
    words: ["FT.SUGGET", "sug", "hell", "WITHSCORES", "WITHPAYLOADS"],
    source: page("ft.sugget"),
    resp2: ["hell", "1", null, "hello", "0.5", "p"],
    value: [
      { suggestion: "hell", score: 1, payload: null },
      { suggestion: "hello", score: 0.5, payload: "p" },
    ],
  },
  {
    call: (c) => c.search.suglen("sug"),
    words: ["FT.SUGLEN", "sug"],
    source: page("ft.suglen"),
    reply: 2,
    value: 2,
  },
  {
    call: (c) => c.search.syndump("idx"),
    words: ["FT.SYNDUMP", "idx"],
    source: `${SYNONYMS}, when groups were numbers; ${RESP3}`,
    resp2: flat({ baby: ["id2"], child: ["id1", "id2"] }),
    resp3: map({ baby: ["id2"], child: ["id1", "id2"] }),
    value: bare({ baby: ["id2"], child: ["id1", "id2"] }),
  },
  {
    call: (c) => c.search.synupdate("idx", "id1", ["boy", "child"]),
    words: ["FT.SYNUPDATE", "idx", "id1", "boy", "child"],
    source: `${SYNONYMS}; ${RESP3}`,
    ...OK,
  },
  {
    call: (c) =>
      c.search.synupdate("idx", "id1", ["boy"], { skipinitialscan: true }),
    words: ["FT.SYNUPDATE", "idx", "id1", "SKIPINITIALSCAN", "boy"],
  },
  {
    call: (c) => c.search.tagvals("idx1", "f2"),
    words: ["FT.TAGVALS", "idx1", "f2"],
    source: page("ft.tagvals"),
    resp2: ["2", "3"],
    resp3: new Set(["2", "3"]),
    value: ["2", "3"],
  },
];
