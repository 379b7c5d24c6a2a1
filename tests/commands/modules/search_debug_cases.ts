/**
 * Debug commands of search indexes.
 *
 * @module
 */

import { searchDebug } from "../../../lib/commands/modules/search_debug.ts";
import { bare, bytes } from "../support.ts";
import { flat, map, type ModuleCase } from "./support.ts";

/** The module's own tests, in RESP2. */
const TESTS =
  "RediSearch/RediSearch tests/pytests/test_debug_commands.py 00f8458a324a0df4c922228d9cc02f70b0a43148";
/** The module's source code; arrays and integers are the same in both protocols. */
const CODE =
  "RediSearch/RediSearch src/debug_commands.c 00473e0ca0b8cf6ed40e8f2ca6d720c0d10960e8";
const CLUSTER =
  "RediSearch/RediSearch src/coord/debug_commands.c 11c6802cbac6f5e3481c71a841a79053e3f48442";
/** For these two the page showed no commit: the numbers are the file ids of the search. */
const NEWER =
  "RediSearch/RediSearch src/debug_commands.c (52300967427), a newer one";
const LIMITS =
  "RediSearch/RediSearch tests/pytests, on SET_MAX_INDEXES (55592904948)";
const STATES =
  "RediSearch/RediSearch tests/pytests/test_connection_pool_state.py a2674b5a857be48e0483722f7884041837c31fe7";
const LIST =
  "RediSearch/RediSearch src/indexes.c 04ef2c649da652938ba90f5d9591f5674130db79: a set, in RESP3";

const OK = { reply: "OK", value: "OK" } as const;
const DONE = { reply: "DONE", value: "DONE" } as const;

const STATS = {
  totalJobsDone: 1,
  totalPendingJobs: 0,
  highPriorityPendingJobs: 0,
  lowPriorityPendingJobs: 0,
  numThreadsAlive: 2,
  numJobsInProgress: 0,
};

const SUMMARY = {
  numRanges: 0,
  numLeaves: 0,
  numEntries: 0,
  lastDocId: 0,
  revisionId: 0,
  emptyLeaves: 0,
  RootMaxDepth: 0,
  MemoryUsage: 0,
};

const TREE = {
  numRanges: 0,
  numEntries: 0,
  lastDocId: 0,
  revisionId: 0,
  uniqueId: 0,
  emptyLeaves: 0,
};

const NEIGHBOURS = ["Doc id", 1, ["Neighbors in level 0", 2]];

function words(text: string): string[] {
  return ["_FT.DEBUG", ...text.split(" ")];
}

export const searchDebugCases: ModuleCase[] = [
  {
    call: (c) =>
      searchDebug(c.search).bgScanController("set_max_scanned_docs", 5),
    words: [...words("BG_SCAN_CONTROLLER SET_MAX_SCANNED_DOCS"), 5],
    source: TESTS,
    ...OK,
  },
  {
    call: (c) =>
      searchDebug(c.search).bgScanController("get_debug_scanner_status", "idx"),
    words: words("BG_SCAN_CONTROLLER GET_DEBUG_SCANNER_STATUS idx"),
    source: TESTS,
    reply: "NEW",
    value: "NEW",
  },
  {
    call: (c) => searchDebug(c.search).bgScanController("set_bg_index_resume"),
    words: words("BG_SCAN_CONTROLLER SET_BG_INDEX_RESUME"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).clearPendingTopology(),
    words: words("CLEAR_PENDING_TOPOLOGY"),
    source: CLUSTER,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).coordThreads("pause"),
    words: words("COORD_THREADS PAUSE"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).coordThreads("is_paused"),
    words: words("COORD_THREADS IS_PAUSED"),
    source: TESTS,
    reply: 1,
    value: 1,
  },
  {
    call: (c) => searchDebug(c.search).coordThreads("stats"),
    words: words("COORD_THREADS STATS"),
    source: `${NEWER}; ${TESTS}`,
    reply: flat(STATS),
    value: bare(STATS),
  },
  {
    call: (c) => searchDebug(c.search).deleteLocalCursors(),
    words: words("DELETE_LOCAL_CURSORS"),
    source: CODE,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).docidtoid("idx", "doc1"),
    words: words("DOCIDTOID idx doc1"),
    source: TESTS,
    reply: 1,
    value: 1,
  },
  {
    call: (c) => searchDebug(c.search).docidtoid("idx", "doc"),
    words: words("DOCIDTOID idx doc"),
    source: TESTS,
    reply: 0,
    value: 0,
  },
  {
    call: (c) => searchDebug(c.search).docinfo("idx", "doc1"),
    words: words("DOCINFO idx doc1 REVEAL"),
    source: TESTS,
    resp2: flat({
      internal_id: 1,
      flags: "(0xc):HasSortVector,HasOffsetVector,",
      score: "1",
      num_tokens: 1,
      max_freq: 1,
      refcount: 1,
      sortables: [["index", 0, "field", "name AS name", "value", "meir"]],
    }),
    value: bare({
      internal_id: 1,
      flags: "(0xc):HasSortVector,HasOffsetVector,",
      score: "1",
      num_tokens: 1,
      max_freq: 1,
      refcount: 1,
      sortables: [["index", 0, "field", "name AS name", "value", "meir"]],
    }),
  },
  {
    call: (c) =>
      searchDebug(c.search).docinfo("idx", "doc1", { obfuscate: true }),
    words: words("DOCINFO idx doc1 OBFUSCATE"),
  },
  {
    call: (c) => searchDebug(c.search).dumpGeomidx("idx", "geom"),
    words: words("DUMP_GEOMIDX idx geom"),
  },
  {
    call: (c) => searchDebug(c.search).dumpHnsw("temp-idx", "v_HNSW"),
    words: words("DUMP_HNSW temp-idx v_HNSW"),
    source: TESTS,
    reply: [NEIGHBOURS, "Doc id 3 doesn't contain the given field"],
    value: [NEIGHBOURS, "Doc id 3 doesn't contain the given field"],
  },
  {
    call: (c) => searchDebug(c.search).dumpHnsw("temp-idx", "v_HNSW", "_doc1"),
    words: words("DUMP_HNSW temp-idx v_HNSW _doc1"),
    source: TESTS,
    reply: NEIGHBOURS,
    value: NEIGHBOURS,
  },
  {
    call: (c) => searchDebug(c.search).dumpInvidx("idx", "meir"),
    words: words("DUMP_INVIDX idx meir"),
    source: TESTS,
    reply: [1],
    value: [1],
  },
  {
    call: (c) => searchDebug(c.search).dumpNumidx("idx", "age"),
    words: words("DUMP_NUMIDX idx age"),
    source: TESTS,
    reply: [[1]],
    value: [[1]],
  },
  {
    call: (c) => searchDebug(c.search).dumpNumidxtree("idx", "age"),
    words: words("DUMP_NUMIDXTREE idx age"),
    source: `${CODE}: no values yet; the last facts are left out`,
    resp2: flat(TREE),
    resp3: map(TREE),
    value: bare(TREE),
  },
  {
    call: (c) =>
      searchDebug(c.search).dumpNumidxtree("idx", "age", { minimal: true }),
    words: words("DUMP_NUMIDXTREE idx age MINIMAL"),
  },
  {
    call: (c) => searchDebug(c.search).dumpPhoneticHash("test"),
    words: words("DUMP_PHONETIC_HASH test"),
    source: TESTS,
    reply: ["<TST", "<TST"],
    value: ["<TST", "<TST"],
  },
  {
    call: (c) => searchDebug(c.search).dumpPrefixTrie(),
    words: words("DUMP_PREFIX_TRIE"),
    source: CODE,
    reply: flat({ prefixes_count: 1, prefixes_trie_nodes: 2 }),
    value: bare({ prefixes_count: 1, prefixes_trie_nodes: 2 }),
  },
  {
    call: (c) => searchDebug(c.search).dumpSchema("idx"),
    words: words("DUMP_SCHEMA idx"),
    source: `${CODE}; ${TESTS}`,
    reply: ["\x01\x00", 27],
    value: [bytes("\x01\x00"), 27],
  },
  {
    call: (c) => searchDebug(c.search).dumpSuffixTrie("idx"),
    words: words("DUMP_SUFFIX_TRIE idx"),
    source: CODE,
    reply: ["ello", "hello", "llo", "lo", "o"],
    value: ["ello", "hello", "llo", "lo", "o"],
  },
  {
    call: (c) => searchDebug(c.search).dumpSuffixTrie("idx", "t"),
    words: words("DUMP_SUFFIX_TRIE idx t"),
    source: `${CODE}: no values yet`,
    reply: [],
    value: [],
  },
  {
    call: (c) => searchDebug(c.search).dumpTagidx("idx", "t"),
    words: words("DUMP_TAGIDX idx t"),
    source: TESTS,
    reply: [["test", [1]]],
    value: [["test", [1]]],
  },
  {
    call: (c) => searchDebug(c.search).dumpTerms("idx"),
    words: words("DUMP_TERMS idx"),
    source: TESTS,
    reply: ["meir"],
    value: ["meir"],
  },
  {
    call: (c) => searchDebug(c.search).gcCleanNumeric("idx", "age"),
    words: words("GC_CLEAN_NUMERIC idx age"),
    source: CODE,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).gcContinueSchedule("idx"),
    words: words("GC_CONTINUE_SCHEDULE idx"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).gcForcebginvoke("idx"),
    words: words("GC_FORCEBGINVOKE idx"),
    source: CODE,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).gcForceinvoke("idx"),
    words: words("GC_FORCEINVOKE idx"),
    source: CODE,
    ...DONE,
  },
  {
    call: (c) => searchDebug(c.search).gcForceinvoke("idx", 30_000),
    words: [...words("GC_FORCEINVOKE idx"), 30_000],
    source: TESTS,
    ...DONE,
  },
  {
    call: (c) => searchDebug(c.search).gcStopSchedule("idx"),
    words: words("GC_STOP_SCHEDULE idx"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).gcWaitForJobs(),
    words: words("GC_WAIT_FOR_JOBS"),
    source: CODE,
    ...DONE,
  },
  {
    call: (c) => searchDebug(c.search).getHideUserDataFromLogs(),
    words: words("GET_HIDE_USER_DATA_FROM_LOGS"),
    source: CODE,
    reply: 0,
    value: 0,
  },
  {
    call: (c) => searchDebug(c.search).gitSha(),
    words: words("GIT_SHA"),
    source: CODE,
    reply: "00473e0ca0b8cf6ed40e8f2ca6d720c0d10960e8",
    value: "00473e0ca0b8cf6ed40e8f2ca6d720c0d10960e8",
  },
  {
    call: (c) => searchDebug(c.search).help(),
    words: words("HELP"),
    source: `${TESTS}: a part of it`,
    reply: ["DUMP_INVIDX", "DUMP_NUMIDX"],
    value: ["DUMP_INVIDX", "DUMP_NUMIDX"],
  },
  {
    call: (c) => searchDebug(c.search).idtodocid("idx", 1),
    words: [...words("IDTODOCID idx"), 1],
    source: TESTS,
    reply: "doc1",
    value: "doc1",
  },
  {
    call: (c) => searchDebug(c.search).indexes(),
    words: words("INDEXES"),
    source: `${CODE}; ${LIST}`,
    resp2: ["obfuscated"],
    resp3: new Set(["obfuscated"]),
    value: ["obfuscated"],
  },
  {
    call: (c) => searchDebug(c.search).info("ALL"),
    words: words("INFO ALL"),
  },
  {
    call: (c) => searchDebug(c.search).infoTagidx("idx", "t"),
    words: words("INFO_TAGIDX idx t"),
    source: TESTS,
    reply: ["num_values", 1],
    value: bare({ num_values: 1 }),
  },
  {
    call: (c) =>
      searchDebug(c.search).infoTagidx("idx", "t", {
        dumpIdEntries: true,
        limit: 1,
      }),
    words: [...words("INFO_TAGIDX idx t DUMP_ID_ENTRIES LIMIT"), 1],
    source: TESTS,
    reply: [
      ...["num_values", 1, "values"],
      [["value", "test", "num_entries", 1, "num_blocks", 1, "entries", [1]]],
    ],
    value: bare({
      num_values: 1,
      values: [[
        ...["value", "test", "num_entries", 1, "num_blocks", 1, "entries"],
        [1],
      ]],
    }),
  },
  {
    call: (c) =>
      searchDebug(c.search).infoTagidx("idx", "t", {
        countValueEntries: true,
        offset: 1,
      }),
    words: [...words("INFO_TAGIDX idx t COUNT_VALUE_ENTRIES OFFSET"), 1],
  },
  {
    call: (c) => searchDebug(c.search).invidxSummary("idx", "meir"),
    words: words("INVIDX_SUMMARY idx meir"),
    source: TESTS,
    reply: flat({
      numDocs: 1,
      numEntries: 1,
      lastId: 1,
      flags: 557139,
      numberOfBlocks: 1,
      blocks: [["firstId", 1, "lastId", 1, "numEntries", 1]],
    }),
    value: bare({
      numDocs: 1,
      numEntries: 1,
      lastId: 1,
      flags: 557139,
      numberOfBlocks: 1,
      blocks: [["firstId", 1, "lastId", 1, "numEntries", 1]],
    }),
  },
  {
    call: (c) => searchDebug(c.search).numidxSummary("idx", "age"),
    words: words("NUMIDX_SUMMARY idx age"),
    source: `${CODE}: no values yet; ${TESTS}`,
    reply: flat(SUMMARY),
    value: bare(SUMMARY),
  },
  {
    call: (c) => searchDebug(c.search).pauseTopologyUpdater(),
    words: words("PAUSE_TOPOLOGY_UPDATER"),
    source: `${CLUSTER}; ${TESTS}`,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).queryController("set_pause_rp_resume"),
    words: words("QUERY_CONTROLLER SET_PAUSE_RP_RESUME"),
    source: CODE,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).queryController("get_is_rp_paused"),
    words: words("QUERY_CONTROLLER GET_IS_RP_PAUSED"),
    source: CODE,
    reply: 0,
    value: 0,
  },
  {
    call: (c) => searchDebug(c.search).queryController("print_rp_stream"),
    words: words("QUERY_CONTROLLER PRINT_RP_STREAM"),
    source: CODE,
    reply: ["DEBUG_RP"],
    value: ["DEBUG_RP"],
  },
  {
    call: (c) => searchDebug(c.search).resumeTopologyUpdater(),
    words: words("RESUME_TOPOLOGY_UPDATER"),
    source: `${CLUSTER}; ${TESTS}`,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).setMaxIndexes(1000),
    words: [...words("SET_MAX_INDEXES"), 1000],
    source: LIMITS,
    ...OK,
  },
  {
    call: (c) =>
      searchDebug(c.search).setMonitorExpiration("idx", { fields: true }),
    words: words("SET_MONITOR_EXPIRATION idx FIELDS"),
    source: CODE,
    ...OK,
  },
  {
    call: (c) =>
      searchDebug(c.search).setMonitorExpiration("idx", {
        documents: false,
        fields: true,
      }),
    words: words("SET_MONITOR_EXPIRATION idx NOT-DOCUMENTS FIELDS"),
  },
  {
    call: (c) => searchDebug(c.search).shardConnectionStates(),
    words: words("SHARD_CONNECTION_STATES"),
    source: STATES,
    resp2: flat({
      "127.0.0.1:6379": ["Connected", "Connected"],
      "127.0.0.1:6381": ["Connected", "Connecting"],
    }),
    value: bare({
      "127.0.0.1:6379": ["Connected", "Connected"],
      "127.0.0.1:6381": ["Connected", "Connecting"],
    }),
  },
  {
    call: (c) => searchDebug(c.search).specInvidxesInfo("idx"),
    words: words("SPEC_INVIDXES_INFO idx"),
    source: `${TESTS}; ${CODE}`,
    reply: flat({ inverted_indexes_dict_size: 0, inverted_indexes_memory: 0 }),
    value: bare({ inverted_indexes_dict_size: 0, inverted_indexes_memory: 0 }),
  },
  {
    call: (c) => searchDebug(c.search).ttl("idx_temp"),
    words: words("TTL idx_temp"),
    source: TESTS,
    reply: 3600,
    value: 3600,
  },
  {
    call: (c) => searchDebug(c.search).ttlExpire("idx_temp"),
    words: words("TTL_EXPIRE idx_temp"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).ttlPause("idx_temp"),
    words: words("TTL_PAUSE idx_temp"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).vecsimInfo("idx", "vector"),
    words: words("VECSIM_INFO idx vector"),
    source: `${CODE}: names and values, of which tests read this one`,
    reply: ["MEMORY", 1024],
    value: bare({ MEMORY: 1024 }),
  },
  {
    call: (c) => searchDebug(c.search).workers("pause"),
    words: words("WORKERS PAUSE"),
    source: TESTS,
    ...OK,
  },
  {
    call: (c) => searchDebug(c.search).workers("n_threads"),
    words: words("WORKERS N_THREADS"),
    source: TESTS,
    reply: 2,
    value: 2,
  },
  {
    call: (c) => searchDebug(c.search).workers("stats"),
    words: words("WORKERS STATS"),
    source: `${TESTS}; ${CODE}`,
    reply: flat(STATS),
    value: bare(STATS),
  },
];
