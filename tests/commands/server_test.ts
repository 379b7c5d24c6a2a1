import assert from "node:assert/strict";
import type { Redis } from "../../mod.ts";
import { ServerCommands } from "../../lib/commands/server.ts";
import { bare, bytes, testLive, testWords } from "./support.ts";

const isText = (value: unknown) => assert(typeof value === "string" && value);
const matches = (pattern: RegExp) => (text: string) =>
  assert.match(text, pattern);
const NOW = Math.floor(Date.now() / 1000);
const isNow = (seconds: number) =>
  assert(Math.abs(seconds - NOW) < 600, `${seconds}`);

testWords(ServerCommands, [
  { call: (c) => c.bgrewriteaof(), words: ["BGREWRITEAOF"] },
  { call: (c) => c.bgsave(), words: ["BGSAVE"] },
  { call: (c) => c.bgsave({ schedule: true }), words: ["BGSAVE", "SCHEDULE"] },
  { call: (c) => c.commandCount(), words: ["COMMAND", "COUNT"] },
  { call: (c) => c.commandDocs("get"), words: ["COMMAND", "DOCS", "get"] },
  {
    call: (c) => c.commandGetkeys("MSET", "a", 1),
    words: ["COMMAND", "GETKEYS", "MSET", "a", 1],
  },
  { call: (c) => c.commandInfo("get"), words: ["COMMAND", "INFO", "get"] },
  { call: (c) => c.commandList(), words: ["COMMAND", "LIST"] },
  {
    call: (c) => c.commandList({ pattern: "z*" }),
    words: ["COMMAND", "LIST", "FILTERBY", "PATTERN", "z*"],
  },
  { call: (c) => c.configGet("a*"), words: ["CONFIG", "GET", "a*"] },
  { call: (c) => c.configGet("a*", "b"), words: ["CONFIG", "GET", "a*", "b"] },
  { call: (c) => c.configResetstat(), words: ["CONFIG", "RESETSTAT"] },
  { call: (c) => c.configRewrite(), words: ["CONFIG", "REWRITE"] },
  {
    call: (c) => c.configSet({ a: 1, b: "2" }),
    words: ["CONFIG", "SET", "a", 1, "b", "2"],
  },
  { call: (c) => c.dbsize(), words: ["DBSIZE"] },
  { call: (c) => c.failover(), words: ["FAILOVER"] },
  { call: (c) => c.failover({ abort: true }), words: ["FAILOVER", "ABORT"] },
  {
    call: (c) =>
      c.failover({ to: { host: "h", port: 1 }, force: true, timeout: 5 }),
    words: ["FAILOVER", "TO", "h", 1, "FORCE", "TIMEOUT", 5],
  },
  { call: (c) => c.flushall(), words: ["FLUSHALL"] },
  { call: (c) => c.flushall("async"), words: ["FLUSHALL", "ASYNC"] },
  { call: (c) => c.flushdb("sync"), words: ["FLUSHDB", "SYNC"] },
  { call: (c) => c.info(), words: ["INFO"] },
  {
    call: (c) => c.info("server", "clients"),
    words: ["INFO", "server", "clients"],
  },
  { call: (c) => c.lastsave(), words: ["LASTSAVE"] },
  { call: (c) => c.latencyDoctor(), words: ["LATENCY", "DOCTOR"] },
  { call: (c) => c.latencyGraph("e"), words: ["LATENCY", "GRAPH", "e"] },
  {
    call: (c) => c.latencyHistogram("get", "set"),
    words: ["LATENCY", "HISTOGRAM", "get", "set"],
  },
  { call: (c) => c.latencyHistory("e"), words: ["LATENCY", "HISTORY", "e"] },
  { call: (c) => c.latencyLatest(), words: ["LATENCY", "LATEST"] },
  { call: (c) => c.latencyReset("e"), words: ["LATENCY", "RESET", "e"] },
  { call: (c) => c.lolwut(), words: ["LOLWUT"] },
  {
    call: (c) => c.lolwut({ version: 5, args: [40, 1, 1] }),
    words: ["LOLWUT", "VERSION", 5, 40, 1, 1],
  },
  { call: (c) => c.memoryDoctor(), words: ["MEMORY", "DOCTOR"] },
  { call: (c) => c.memoryMallocStats(), words: ["MEMORY", "MALLOC-STATS"] },
  { call: (c) => c.memoryPurge(), words: ["MEMORY", "PURGE"] },
  { call: (c) => c.memoryStats(), words: ["MEMORY", "STATS"] },
  { call: (c) => c.memoryUsage("k"), words: ["MEMORY", "USAGE", "k"] },
  {
    call: (c) => c.memoryUsage("k", { samples: 0 }),
    words: ["MEMORY", "USAGE", "k", "SAMPLES", 0],
  },
  { call: (c) => c.replicaof("h", 1), words: ["REPLICAOF", "h", 1] },
  { call: (c) => c.replicaof("no", "one"), words: ["REPLICAOF", "no", "one"] },
  { call: (c) => c.role(), words: ["ROLE"] },
  { call: (c) => c.save(), words: ["SAVE"] },
  { call: (c) => c.slowlogGet(), words: ["SLOWLOG", "GET"] },
  { call: (c) => c.slowlogGet(-1), words: ["SLOWLOG", "GET", -1] },
  { call: (c) => c.slowlogLen(), words: ["SLOWLOG", "LEN"] },
  { call: (c) => c.slowlogReset(), words: ["SLOWLOG", "RESET"] },
  { call: (c) => c.swapdb(0, 1), words: ["SWAPDB", 0, 1] },
  { call: (c) => c.time(), words: ["TIME"] },
]);

testLive(ServerCommands, [
  {
    call: (redis) => redis.commandCount(),
    expect: (count: number) => assert(count > 200),
  },
  {
    call: (redis) => redis.commandDocs("no such command"),
    expect: (docs: unknown) =>
      assert(docs instanceof Map ? docs.size === 0 : Array.isArray(docs)),
  },
  {
    call: (redis) => redis.commandGetkeys("MSET", "a", 1, "b", 2),
    expect: ["a", "b"],
  },
  {
    call: (redis) => redis.bytes.commandGetkeys("GET", "a"),
    expect: [bytes("a")],
  },
  { call: (redis) => redis.commandInfo("no such command"), expect: [null] },
  {
    call: (redis) => redis.commandList({ pattern: "zrev*k" }),
    expect: ["zrevrank"],
  },
  {
    call: async (redis) => [
      await redis.configSet({ "slowlog-max-len": 64, "maxmemory": "1gb" }),
      await redis.configGet("slowlog-max-*", "maxmemory"),
      await redis.bytes.configGet("no such setting"),
    ],
    expect: [
      "OK",
      bare({ "slowlog-max-len": "64", "maxmemory": "1073741824" }),
      bare({}),
    ],
  },
  { call: (redis) => redis.configResetstat(), expect: "OK" },
  { call: (redis) => redis.configRewrite(), expect: "OK" },
  { setup: ["SET k v"], call: (redis) => redis.dbsize(), expect: 1 },
  {
    setup: ["SET k v"],
    call: (redis) => redis.flushall("async"),
    expect: "OK",
  },
  { setup: ["SET k v"], call: (redis) => redis.flushdb(), expect: "OK" },
  { call: (redis) => redis.info("server"), expect: matches(/^# Server\r\n/) },
  {
    call: (redis) => redis.bytes.info("server", "clients"),
    expect: matches(/^# Server\r\n.*# Clients/s),
  },
  { call: (redis) => redis.lastsave(), expect: isNow },
  { call: (redis) => redis.latencyDoctor(), expect: isText },
  {
    call: async (redis) => {
      await redis.configSet({ "latency-monitor-threshold": 1 });
      await redis.send(["DEBUG", "SLEEP", "0.01"]);
      await redis.configSet({ "latency-monitor-threshold": 0 });
      const [event, ...others] = await redis.latencyLatest();
      assert(event);
      isNow(event.time);
      const [sample] = await redis.latencyHistory("command");
      assert.deepEqual(sample, { time: event.time, latency: event.latest });
      assert.match(await redis.latencyGraph("command"), /^command - high/);
      return [
        event.event,
        event.latest >= 10 && event.highest >= event.latest,
        others,
        await redis.latencyReset("command"),
        await redis.latencyHistory("command"),
        await redis.latencyLatest(),
      ];
    },
    expect: ["command", true, [], 1, [], []],
  },
  {
    setup: ["CONFIG RESETSTAT", "SET k v", "SET k v"],
    call: async (redis) => {
      const { set, ...others } = await redis.latencyHistogram("set", "get");
      assert(set);
      assert.equal(set.histogram.at(-1)?.[1], 2);
      return [set.calls, others];
    },
    expect: [2, {}],
  },
  { call: (redis) => redis.lolwut(), expect: matches(/Redis ver\./) },
  { call: (redis) => redis.memoryDoctor(), expect: isText },
  { call: (redis) => redis.memoryMallocStats(), expect: isText },
  { call: (redis) => redis.memoryPurge(), expect: "OK" },
  {
    setup: ["SET k v"],
    call: async (redis) => {
      const stats = await redis.memoryStats();
      const { "db.0": db } = stats;
      assert(typeof db === "object");
      return [
        stats["keys.count"],
        typeof stats["dataset.percentage"],
        typeof db["overhead.hashtable.main"],
      ];
    },
    expect: [1, "number", "number"],
  },
  {
    setup: ["SET k v"],
    call: (redis) => redis.memoryUsage("k"),
    expect: (bytes: number) => assert(bytes > 0),
  },
  { call: (redis) => redis.memoryUsage("k", { samples: 0 }), expect: null },
  { call: (redis) => redis.replicaof("no", "one"), expect: "OK" },
  {
    call: (redis) => redis.role(),
    expect: { role: "master", offset: 0, replicas: [] },
  },
  {
    call: async (redis) => {
      await redis.slowlogReset();
      await redis.configSet({ "slowlog-log-slower-than": 0 });
      await redis.set("k", "v");
      await redis.configSet({ "slowlog-log-slower-than": -1 });
      const [entry] = await redis.slowlogGet(1);
      assert(entry);
      isNow(entry.time);
      assert(entry.id > 0 && entry.duration >= 0 && entry.address);
      return [entry.args, typeof entry.name, await redis.slowlogLen()];
    },
    expect: [["SET", "k", "v"], "string", 2],
  },
  { call: (redis) => whenSaved(redis).then(() => redis.save()), expect: "OK" },
  {
    call: (redis) =>
      whenSaved(redis).then(() => redis.bgsave({ schedule: true })),
    expect: isText,
  },
  { call: (redis) => redis.bgrewriteaof(), expect: isText },
  { call: (redis) => redis.swapdb(0, 1), expect: "OK" },
  {
    call: (redis) => redis.time(),
    expect: ([seconds, microseconds]: [number, number]) => {
      isNow(seconds);
      assert(microseconds >= 0 && microseconds < 1e6);
    },
  },
  // A master without replicas refuses.
  {
    call: (redis) =>
      redis.failover().catch((error: { code: string }) => error.code),
    expect: "ERR",
  },
]);

/** A save in the background, of the case before, refuses another. */
async function whenSaved(redis: Redis): Promise<void> {
  while (/rdb_bgsave_in_progress:1/.test(await redis.info("persistence"))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
