import assert from "node:assert/strict";
import { SentinelCommands } from "../../lib/commands/sentinel.ts";
import { master, startSentinel } from "./sentinel_server.ts";
import { testWith } from "../support/server_program.ts";
import { testLive, testWords } from "./support.ts";

const codeOf = (error: { code: string }) => error.code;
testWords(SentinelCommands, [
  {
    call: (c) => c.sentinelCkquorum("m"),
    words: ["SENTINEL", "CKQUORUM", "m"],
  },
  {
    call: (c) => c.sentinelConfigGet("*"),
    words: ["SENTINEL", "CONFIG", "GET", "*"],
  },
  {
    call: (c) => c.sentinelConfigSet({ "announce-port": 1 }),
    words: ["SENTINEL", "CONFIG", "SET", "announce-port", 1],
  },
  { call: (c) => c.sentinelDebug(), words: ["SENTINEL", "DEBUG"] },
  {
    call: (c) => c.sentinelDebug({ "info-period": 5000 }),
    words: ["SENTINEL", "DEBUG", "info-period", 5000],
  },
  {
    call: (c) => c.sentinelFailover("m"),
    words: ["SENTINEL", "FAILOVER", "m"],
  },
  { call: (c) => c.sentinelFlushconfig(), words: ["SENTINEL", "FLUSHCONFIG"] },
  {
    call: (c) => c.sentinelGetMasterAddrByName("m"),
    words: ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m"],
  },
  { call: (c) => c.sentinelHelp(), words: ["SENTINEL", "HELP"] },
  {
    call: (c) => c.sentinelInfoCache("m", "n"),
    words: ["SENTINEL", "INFO-CACHE", "m", "n"],
  },
  { call: (c) => c.sentinelMaster("m"), words: ["SENTINEL", "MASTER", "m"] },
  { call: (c) => c.sentinelMasters(), words: ["SENTINEL", "MASTERS"] },
  {
    call: (c) => c.sentinelMonitor("m", "127.0.0.1", 1, 2),
    words: ["SENTINEL", "MONITOR", "m", "127.0.0.1", 1, 2],
  },
  { call: (c) => c.sentinelMyid(), words: ["SENTINEL", "MYID"] },
  {
    call: (c) => c.sentinelPendingScripts(),
    words: ["SENTINEL", "PENDING-SCRIPTS"],
  },
  { call: (c) => c.sentinelRemove("m"), words: ["SENTINEL", "REMOVE", "m"] },
  {
    call: (c) => c.sentinelReplicas("m"),
    words: ["SENTINEL", "REPLICAS", "m"],
  },
  { call: (c) => c.sentinelReset("m*"), words: ["SENTINEL", "RESET", "m*"] },
  {
    call: (c) => c.sentinelSentinels("m"),
    words: ["SENTINEL", "SENTINELS", "m"],
  },
  {
    call: (c) => c.sentinelSet("m", { quorum: 2 }),
    words: ["SENTINEL", "SET", "m", "quorum", 2],
  },
  { call: (c) => c.sentinelSlaves("m"), words: ["SENTINEL", "SLAVES", "m"] },
]);

testLive(
  SentinelCommands,
  [
    {
      call: (redis) => redis.sentinelCkquorum("m"),
      expect: (said: string) => assert.match(said, /^OK 1 usable Sentinels/),
    },
    {
      call: async (redis) => [
        await redis.sentinelConfigSet({ "announce-port": 0 }),
        (await redis.sentinelConfigGet("announce-port"))["announce-port"],
      ],
      expect: ["OK", "0"],
    },
    {
      call: async (redis) => [
        await redis.sentinelDebug({ "info-period": 5000 }),
        (await redis.sentinelDebug())["INFO-PERIOD"],
      ],
      expect: ["OK", "5000"],
    },
    {
      call: (redis) => redis.sentinelFailover("m").catch(codeOf),
      expect: "NOGOODSLAVE",
    },
    { call: (redis) => redis.sentinelFlushconfig(), expect: "OK" },
    {
      call: async (redis) => [
        (await redis.sentinelGetMasterAddrByName("m"))?.[1] === master().port,
        await redis.sentinelGetMasterAddrByName("x"),
      ],
      expect: [true, null],
    },
    {
      call: (redis) => redis.sentinelHelp(),
      expect: ([first]: string[]) => assert.match(first!, /^SENTINEL/),
    },
    {
      call: async (redis) => {
        const cache = await redis.sentinelInfoCache("m");
        const [age, info] = cache["m"]![0]!;
        return [Object.keys(cache), age >= 0, info === null || info.length > 0];
      },
      expect: [["m"], true, true],
    },
    {
      call: async (redis) => {
        const { name, port } = await redis.sentinelMaster("m");
        return [name, Number(port) === master().port];
      },
      expect: ["m", true],
    },
    {
      call: (redis) => redis.sentinelMaster("x").catch(codeOf),
      expect: "ERR",
    },
    {
      call: async (redis) =>
        (await redis.bytes.sentinelMasters()).map(({ name }) => name),
      expect: ["m"],
    },
    {
      call: async (redis) => [
        await redis.sentinelMonitor("n", "127.0.0.1", 1, 1),
        await redis.sentinelSet("n", { quorum: 2 }),
        (await redis.sentinelMaster("n"))["quorum"],
        await redis.sentinelRemove("n"),
      ],
      expect: ["OK", "OK", "2", "OK"],
    },
    {
      call: (redis) => redis.sentinelMyid(),
      expect: (id: string) => assert.match(id, /^[0-9a-f]{40}$/),
    },
    { call: (redis) => redis.sentinelPendingScripts(), expect: [] },
    { call: (redis) => redis.sentinelReplicas("m"), expect: [] },
    { call: (redis) => redis.sentinelSlaves("m"), expect: [] },
    { call: (redis) => redis.sentinelSentinels("m"), expect: [] },
    { call: (redis) => redis.sentinelReset("x*"), expect: 0 },
  ],
  [],
  startSentinel,
  await testWith("sentinel"),
);
