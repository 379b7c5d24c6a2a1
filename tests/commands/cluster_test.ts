import assert from "node:assert/strict";
import { ClusterCommands } from "../../lib/commands/cluster.ts";
import { TestServer } from "../support/test_server.ts";
import { map, page } from "./modules/support.ts";
import { testWith } from "../support/server_program.ts";
import { bare, bytes, testFixtures, testLive, testWords } from "./support.ts";

const codeOf = (error: { code: string }) => error.code;
const isId = (id: string) => assert.match(id, /^[0-9a-f]{40}$/);
const NODE = "a".repeat(40);

testWords(ClusterCommands, [
  {
    call: (c) => c.clusterAddslots(1, 2),
    words: ["CLUSTER", "ADDSLOTS", 1, 2],
  },
  {
    call: (c) => c.clusterAddslotsrange([1, 2], [5, 6]),
    words: ["CLUSTER", "ADDSLOTSRANGE", 1, 2, 5, 6],
  },
  { call: (c) => c.clusterBumpepoch(), words: ["CLUSTER", "BUMPEPOCH"] },
  {
    call: (c) => c.clusterCancelslotmigrations(),
    words: ["CLUSTER", "CANCELSLOTMIGRATIONS"],
  },
  {
    call: (c) => c.clusterCountFailureReports("n"),
    words: ["CLUSTER", "COUNT-FAILURE-REPORTS", "n"],
  },
  {
    call: (c) => c.clusterCountkeysinslot(1),
    words: ["CLUSTER", "COUNTKEYSINSLOT", 1],
  },
  {
    call: (c) => c.clusterDelslots(1, 2),
    words: ["CLUSTER", "DELSLOTS", 1, 2],
  },
  {
    call: (c) => c.clusterDelslotsrange([1, 2]),
    words: ["CLUSTER", "DELSLOTSRANGE", 1, 2],
  },
  { call: (c) => c.clusterFailover(), words: ["CLUSTER", "FAILOVER"] },
  {
    call: (c) => c.clusterFailover("takeover"),
    words: ["CLUSTER", "FAILOVER", "TAKEOVER"],
  },
  {
    call: (c) => c.clusterFlushslot(1, "async"),
    words: ["CLUSTER", "FLUSHSLOT", 1, "ASYNC"],
  },
  { call: (c) => c.clusterFlushslots(), words: ["CLUSTER", "FLUSHSLOTS"] },
  { call: (c) => c.clusterForget("n"), words: ["CLUSTER", "FORGET", "n"] },
  {
    call: (c) => c.clusterGetkeysinslot(1, 10),
    words: ["CLUSTER", "GETKEYSINSLOT", 1, 10],
  },
  {
    call: (c) => c.clusterGetslotmigrations(),
    words: ["CLUSTER", "GETSLOTMIGRATIONS"],
  },
  { call: (c) => c.clusterHelp(), words: ["CLUSTER", "HELP"] },
  { call: (c) => c.clusterInfo(), words: ["CLUSTER", "INFO"] },
  { call: (c) => c.clusterKeyslot("k"), words: ["CLUSTER", "KEYSLOT", "k"] },
  { call: (c) => c.clusterLinks(), words: ["CLUSTER", "LINKS"] },
  {
    call: (c) => c.clusterMeet("h", 1, 2),
    words: ["CLUSTER", "MEET", "h", 1, 2],
  },
  { call: (c) => c.clusterMeet("h", 1), words: ["CLUSTER", "MEET", "h", 1] },
  {
    call: (c) =>
      c.clusterMigrateslots({ slotsrange: [[1, 2], [5, 6]], node: "n" }, {
        slotsrange: [[7, 8]],
        node: "m",
      }),
    words: [
      ...["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 1, 2, 5, 6, "NODE", "n"],
      ...["SLOTSRANGE", 7, 8, "NODE", "m"],
    ],
  },
  {
    call: (c) => c.clusterMigrationCancel({ id: "i" }),
    words: ["CLUSTER", "MIGRATION", "CANCEL", "ID", "i"],
  },
  {
    call: (c) => c.clusterMigrationImport([1, 2], [5, 6]),
    words: ["CLUSTER", "MIGRATION", "IMPORT", 1, 2, 5, 6],
  },
  {
    call: (c) => c.clusterMigrationStatus({ all: true }),
    words: ["CLUSTER", "MIGRATION", "STATUS", "ALL"],
  },
  { call: (c) => c.clusterMyid(), words: ["CLUSTER", "MYID"] },
  { call: (c) => c.clusterMyshardid(), words: ["CLUSTER", "MYSHARDID"] },
  { call: (c) => c.clusterNodes(), words: ["CLUSTER", "NODES"] },
  { call: (c) => c.clusterReplicas("n"), words: ["CLUSTER", "REPLICAS", "n"] },
  {
    call: (c) => c.clusterReplicate("n"),
    words: ["CLUSTER", "REPLICATE", "n"],
  },
  {
    call: (c) => c.clusterReplicate("no", "one"),
    words: ["CLUSTER", "REPLICATE", "no", "one"],
  },
  { call: (c) => c.clusterReset("hard"), words: ["CLUSTER", "RESET", "HARD"] },
  { call: (c) => c.clusterSaveconfig(), words: ["CLUSTER", "SAVECONFIG"] },
  {
    call: (c) => c.clusterSetConfigEpoch(1),
    words: ["CLUSTER", "SET-CONFIG-EPOCH", 1],
  },
  {
    call: (c) => c.clusterSetslot(1, "stable"),
    words: ["CLUSTER", "SETSLOT", 1, "STABLE"],
  },
  {
    call: (c) => c.clusterSetslot(1, "importing", "n"),
    words: ["CLUSTER", "SETSLOT", 1, "IMPORTING", "n"],
  },
  { call: (c) => c.clusterShards(), words: ["CLUSTER", "SHARDS"] },
  { call: (c) => c.clusterSlaves("n"), words: ["CLUSTER", "SLAVES", "n"] },
  {
    call: (c) => c.clusterSlotStats({ slotsrange: [0, 5] }),
    words: ["CLUSTER", "SLOT-STATS", "SLOTSRANGE", 0, 5],
  },
  {
    call: (c) =>
      c.clusterSlotStats({ orderby: "cpu-usec" }, { limit: 2, desc: true }),
    words: [
      ...["CLUSTER", "SLOT-STATS", "ORDERBY", "cpu-usec", "LIMIT", 2, "DESC"],
    ],
  },
  { call: (c) => c.clusterSlots(), words: ["CLUSTER", "SLOTS"] },
  { call: (c) => c.clusterscan("0"), words: ["CLUSTERSCAN", "0"] },
  {
    call: (c) =>
      c.clusterscan("0", { match: "a*", count: 5, type: "set", slot: 7 }),
    words: [
      ...["CLUSTERSCAN", "0", "MATCH", "a*", "COUNT", 5, "TYPE", "set"],
      ...["SLOT", 7],
    ],
  },
]);

testLive(
  ClusterCommands,
  [
    { call: (redis) => redis.clusterReset("hard"), expect: "OK" },
    { call: (redis) => redis.clusterSlots(), expect: [] },
    { call: (redis) => redis.clusterLinks(), expect: [] },
    {
      call: async (redis) => [
        await redis.clusterAddslots(1, 2),
        await redis.clusterAddslotsrange([5, 9], [20, 21]),
        await redis.clusterDelslots(1),
        await redis.clusterDelslotsrange([6, 7]),
        await redis.clusterAddslots(2).catch(codeOf),
      ],
      expect: ["OK", "OK", "OK", "OK", "ERR"],
    },
    {
      call: async (redis) => {
        const [first, ...others] = await redis.clusterSlots();
        const { host, port, id, metadata } = first!.nodes[0]!;
        isId(id);
        assert(port > 0 && (host === null || typeof host === "string"));
        return [first!.start, first!.end, metadata, others.length];
      },
      expect: [2, 2, bare({}), 3],
    },
    {
      call: async (redis) => {
        const [shard, ...others] = await redis.clusterShards();
        const [node] = shard!.nodes;
        return [
          shard!.slots,
          node!.role,
          node!.health,
          node!.id === await redis.clusterMyid(),
          others,
        ];
      },
      expect: [
        [[2, 2], [5, 5], [8, 9], [20, 21]],
        "master",
        "online",
        true,
        [],
      ],
    },
    {
      call: (redis) => redis.clusterBumpepoch(),
      expect: (said: string) => assert.match(said, /^(BUMPED|STILL) \d+$/),
    },
    {
      call: async (redis) => {
        const id = await redis.clusterMyid();
        return [
          await redis.clusterCountFailureReports(id),
          await redis.clusterReplicas(id),
          await redis.clusterSlaves(id),
        ];
      },
      expect: [0, [], []],
    },
    { call: (redis) => redis.clusterCountkeysinslot(2), expect: 0 },
    { call: (redis) => redis.clusterGetkeysinslot(2, 10), expect: [] },
    { call: (redis) => redis.clusterKeyslot("{user}1"), expect: 5474 },
    {
      call: (redis) => redis.bytes.clusterKeyslot(bytes("foo")),
      expect: 12182,
    },
    { call: (redis) => redis.clusterFailover().catch(codeOf), expect: "ERR" },
    { call: (redis) => redis.clusterForget(NODE).catch(codeOf), expect: "ERR" },
    {
      call: (redis) => redis.clusterReplicate(NODE).catch(codeOf),
      expect: "ERR",
    },
    { call: (redis) => redis.clusterSetslot(2, "stable"), expect: "OK" },
    {
      call: (redis) => redis.clusterSetslot(2, "migrating", NODE).catch(codeOf),
      expect: "ERR",
    },
    {
      call: (redis) => redis.clusterInfo(),
      expect: (info: string) => assert.match(info, /^cluster_state:fail\r\n/),
    },
    {
      call: (redis) => redis.bytes.clusterNodes(),
      expect: (nodes: string) => assert.match(nodes, / myself,master /),
    },
    { call: (redis) => redis.clusterSaveconfig(), expect: "OK" },
    {
      call: (redis) => redis.clusterHelp(),
      expect: ([first]: string[]) => assert.match(first!, /^CLUSTER/),
    },
    {
      call: async (redis) => [
        await redis.clusterFlushslots(),
        await redis.clusterReset("hard"),
        await redis.clusterSetConfigEpoch(5),
        await redis.clusterMeet("127.0.0.1", 1),
        await redis.clusterReset(),
      ],
      expect: ["OK", "OK", "OK", "OK", "OK"],
    },
  ],
  [
    ...["clusterCancelslotmigrations", "clusterFlushslot"],
    ...["clusterGetslotmigrations", "clusterMigrateslots"],
    ...["clusterMigrationCancel", "clusterMigrationImport"],
    ...["clusterMigrationStatus", "clusterMyshardid", "clusterSlotStats"],
    "clusterscan",
  ],
  () => TestServer.start({ config: { "cluster-enabled": "yes" } }),
  await testWith("cluster"),
);

const STATS = { "key-count": 1, "cpu-usec": 5 };
const MIGRATION = {
  id: "24cf41718b20f7f05901743dffc40bc9b15db339",
  slots: "0-1000",
  source: NODE,
  dest: "b".repeat(40),
  operation: "import",
  state: "completed",
  "last_error": "",
  retries: 0,
  "create_time": 1_757_934_858_000,
  "start_time": 1_757_934_858_000,
  "end_time": 1_757_934_858_000,
  "write_pause_ms": 0,
};
const EXPORT = {
  operation: "EXPORT",
  "slot_ranges": "0-5461",
  "target_node": "b".repeat(40),
  "source_node": NODE,
  "create_time": 1_757_934_858,
  "last_update_time": 1_757_934_859,
  "last_ack_time": 1_757_934_859,
  state: "success",
  message: "",
  "cow_size": 0,
};
const VALKEY = "valkey-io/valkey src/commands/";

testFixtures(ClusterCommands, [
  {
    call: (c) => c.clusterReplicate("no", "one"),
    source:
      "valkey-io/valkey tests/unit/cluster/replica-detach.tcl 5b68052f9b5f01a811f923cda7489f4e466e66f5",
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.clusterCancelslotmigrations(),
    source: `${VALKEY}cluster-cancelslotmigrations.json`,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.clusterGetslotmigrations(),
    source: `${VALKEY}cluster-getslotmigrations.json`,
    resp2: [Object.entries(EXPORT).flat()],
    resp3: [map(EXPORT)],
    value: [bare<unknown>(EXPORT)],
  },
  {
    call: (c) => c.clusterMigrateslots({ slotsrange: [[0, 5]], node: NODE }),
    source: `${VALKEY}cluster-migrateslots.json`,
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.clusterMigrationCancel({ all: true }),
    source: "redis/redis src/commands/cluster-migration.json",
    resp2: 1,
    value: 1,
  },
  {
    call: (c) => c.clusterMigrationImport([0, 1000]),
    source: "redis/redis src/commands/cluster-migration.json",
    resp2: MIGRATION.id,
    value: MIGRATION.id,
  },
  {
    call: (c) => c.clusterMigrationStatus({ all: true }),
    source: "redis/redis src/commands/cluster-migration.json",
    resp2: [Object.entries(MIGRATION).flat()],
    resp3: [map(MIGRATION)],
    value: [bare<unknown>(MIGRATION)],
  },
  {
    call: (c) => c.clusterMyshardid(),
    source: page("cluster-myshardid"),
    resp2: NODE,
    value: NODE,
  },
  {
    call: (c) => c.clusterSlotStats({ slotsrange: [0, 1] }),
    source: page("cluster-slot-stats"),
    resp2: [[0, Object.entries(STATS).flat()]],
    resp3: [[0, map(STATS)]],
    value: [[0, bare(STATS)]],
  },
  {
    call: (c) => c.clusterscan("0"),
    source: `${VALKEY}clusterscan.json`,
    resp2: ["0-{06S}-0", ["a", "b"]],
    value: { cursor: "0-{06S}-0", items: ["a", "b"] },
  },
  {
    call: (c) => c.clusterFlushslot(1),
    source: `${VALKEY}cluster-flushslot.json`,
    resp2: "OK",
    value: "OK",
  },
]);
