/**
 * Search commands that are old, internal, or about the cluster.
 *
 * @module
 */

import { bare } from "../support.ts";
import { flat, map, type ModuleCase } from "./support.ts";

/** The module's own tests in RESP2. */
const LEGACY =
  "RediSearch/RediSearch tests/pytests/test.py 0090ddeaa5601c60a1f1d311de0c695e0da94937";
/** The source code where the module registers its commands. */
const MODULE =
  "RediSearch/RediSearch src/module.c 745066a7895422761032d34744e89a73f42690a5";
const ADDED =
  `${MODULE} (SAFEADD is ADD), RediSearch/RediSearch src/document_add.c 0049b1f44a8e82bb8b291bb3bf3b56403ecf4c1c`;
const TOPOLOGY =
  "RediSearch/RediSearch src/coord/rmr/rmr.c 0129988c6d9bf2c050a6ef117f7f533b53a8f05d";

const OK = { reply: "OK", value: "OK" } as const;

export const searchLegacyCases: ModuleCase[] = [
  {
    call: (c) => c.search.add("idx", "doc", 1, { f: "v" }, { replace: true }),
    words: ["FT.ADD", "idx", "doc", 1, "REPLACE", "FIELDS", "f", "v"],
    source: LEGACY,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.search.del("idx", "doc"),
    words: ["FT.DEL", "idx", "doc"],
    source: LEGACY,
    resp2: 1,
    value: 1,
  },
  {
    call: (c) => c.search.drop("idx", { keepdocs: true }),
    words: ["FT.DROP", "idx", "KEEPDOCS"],
    source: LEGACY,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.search.get("idx", "doc"),
    words: ["FT.GET", "idx", "doc"],
    source: LEGACY,
    resp2: ["foo", "hello world", "bar", "wat wat"],
    value: bare({ foo: "hello world", bar: "wat wat" }),
  },
  {
    call: (c) => c.search.mget("idx", "a", "b"),
    words: ["FT.MGET", "idx", "a", "b"],
    source: LEGACY,
    resp2: [["foo", "hello world"], null],
    value: [bare({ foo: "hello world" }), null],
  },
  {
    call: (c) => c.search.safeadd("idx", "doc", 1, { f: "v" }),
    words: ["FT.SAFEADD", "idx", "doc", 1, "FIELDS", "f", "v"],
    source: ADDED,
    ...OK,
  },
  {
    call: (c) => c.search.synadd("idx", "a", "b"),
    words: ["FT.SYNADD", "idx", "a", "b"],
  },
  {
    call: (c) => c.search.aliasaddIfNx("alias", "idx"),
    words: ["FT._ALIASADDIFNX", "alias", "idx"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.aliasdelIfX("alias"),
    words: ["FT._ALIASDELIFX", "alias"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.alterIfNx("idx", { a: "text" }),
    words: ["FT._ALTERIFNX", "idx", "SCHEMA", "ADD", "a", "TEXT"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.createIfNx("idx", { a: "text" }, { on: "hash" }),
    words: ["FT._CREATEIFNX", "idx", "ON", "HASH", "SCHEMA", "a", "TEXT"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.dropIfX("idx", { keepdocs: true }),
    words: ["FT._DROPIFX", "idx", "KEEPDOCS"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.dropindexIfX("idx", { dd: true }),
    words: ["FT._DROPINDEXIFX", "idx", "DD"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.clusterinfo(),
    words: ["SEARCH.CLUSTERINFO"],
    source: TOPOLOGY,
    resp2: flat({
      num_partitions: 0,
      cluster_type: "redis_oss",
      shards: null,
    }),
    resp3: map({ num_partitions: 0, cluster_type: "redis_oss", shards: null }),
    value: bare({ num_partitions: 0, cluster_type: "redis_oss", shards: null }),
  },
  {
    call: (c) => c.search.clusterrefresh(),
    words: ["SEARCH.CLUSTERREFRESH"],
    source: MODULE,
    ...OK,
  },
  {
    call: (c) => c.search.clusterset("MYID", "1"),
    words: ["SEARCH.CLUSTERSET", "MYID", "1"],
    source: MODULE,
    ...OK,
  },
];
