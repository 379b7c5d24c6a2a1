import assert from "node:assert/strict";
import { ServerCommands } from "../../lib/commands/server.ts";
import { map, page } from "./modules/support.ts";
import { bare, testFixtures, testLive, testWords } from "./support.ts";

const isText = (value: unknown) => assert(typeof value === "string" && value);
const matches = (pattern: RegExp) => (text: string) =>
  assert.match(text, pattern);
const NOW = Math.floor(Date.now() / 1000);
const isNow = (seconds: number) =>
  assert(Math.abs(seconds - NOW) < 600, `${seconds}`);

const helps = ([first]: string[]) => assert.match(first!, /subcommand/i);
const codeOf = (error: { code: string }) => error.code;
const FILES = [
  "/var/lib/redis/backupdir/appendonly.aof.3.base.rdb",
  "/var/lib/redis/backupdir/appendonly.aof.3.incr.aof",
];
const STATUS = {
  state: "incrementing",
  error: "",
  "start_time": "1717921800",
  "end_time": "0",
};

testWords(ServerCommands, [
  { call: (c) => c.bgrewriteaof(), words: ["BGREWRITEAOF"] },
  { call: (c) => c.bgsave(), words: ["BGSAVE"] },
  { call: (c) => c.bgsave({ schedule: true }), words: ["BGSAVE", "SCHEDULE"] },
  { call: (c) => c.bgsave({ cancel: true }), words: ["BGSAVE", "CANCEL"] },
  { call: (c) => c.configGet("a*"), words: ["CONFIG", "GET", "a*"] },
  { call: (c) => c.configGet("a*", "b"), words: ["CONFIG", "GET", "a*", "b"] },
  { call: (c) => c.configResetstat(), words: ["CONFIG", "RESETSTAT"] },
  { call: (c) => c.configRewrite(), words: ["CONFIG", "REWRITE"] },
  {
    call: (c) => c.configSet({ a: 1, b: "2" }),
    words: ["CONFIG", "SET", "a", 1, "b", "2"],
  },
  { call: (c) => c.dbsize(), words: ["DBSIZE"] },
  { call: (c) => c.flushall(), words: ["FLUSHALL"] },
  { call: (c) => c.flushall("async"), words: ["FLUSHALL", "ASYNC"] },
  { call: (c) => c.flushdb("sync"), words: ["FLUSHDB", "SYNC"] },
  { call: (c) => c.info(), words: ["INFO"] },
  {
    call: (c) => c.info("server", "clients"),
    words: ["INFO", "server", "clients"],
  },
  { call: (c) => c.lastsave(), words: ["LASTSAVE"] },
  { call: (c) => c.lolwut(), words: ["LOLWUT"] },
  {
    call: (c) => c.lolwut({ version: 5, args: [40, 1, 1] }),
    words: ["LOLWUT", "VERSION", 5, 40, 1, 1],
  },
  { call: (c) => c.save(), words: ["SAVE"] },
  { call: (c) => c.swapdb(0, 1), words: ["SWAPDB", 0, 1] },
  { call: (c) => c.time(), words: ["TIME"] },
  { call: (c) => c.backupAbort(), words: ["BACKUP", "ABORT"] },
  { call: (c) => c.backupCleanup(), words: ["BACKUP", "CLEANUP"] },
  { call: (c) => c.backupHelp(), words: ["BACKUP", "HELP"] },
  { call: (c) => c.backupList(), words: ["BACKUP", "LIST"] },
  { call: (c) => c.backupSeal(), words: ["BACKUP", "SEAL"] },
  { call: (c) => c.backupStart(), words: ["BACKUP", "START"] },
  { call: (c) => c.backupStatus(), words: ["BACKUP", "STATUS"] },
  { call: (c) => c.configHelp(), words: ["CONFIG", "HELP"] },
  { call: (c) => c.moduleHelp(), words: ["MODULE", "HELP"] },
  { call: (c) => c.moduleList(), words: ["MODULE", "LIST"] },
  {
    call: (c) => c.moduleLoad("/m.so", "a", 1),
    words: ["MODULE", "LOAD", "/m.so", "a", 1],
  },
  {
    call: (c) => c.moduleLoadex("/m.so", { config: { a: 1, b: 2 }, args: [3] }),
    words: [
      ...["MODULE", "LOADEX", "/m.so", "CONFIG", "a", 1, "CONFIG", "b", 2],
      ...["ARGS", 3],
    ],
  },
  {
    call: (c) => c.moduleLoadex("/m.so"),
    words: ["MODULE", "LOADEX", "/m.so"],
  },
  { call: (c) => c.moduleUnload("m"), words: ["MODULE", "UNLOAD", "m"] },
  { call: (c) => c.shutdown(), words: ["SHUTDOWN"] },
  { call: (c) => c.shutdown({ abort: true }), words: ["SHUTDOWN", "ABORT"] },
  {
    call: (c) => c.shutdown({ nosave: true, now: true, force: true }),
    words: ["SHUTDOWN", "NOSAVE", "NOW", "FORCE"],
  },
  { call: (c) => c.shutdown({ safe: true }), words: ["SHUTDOWN", "SAFE"] },
]);

testLive(ServerCommands, [
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
  {
    call: (redis) => redis.configRewrite(),
    expect: "OK",
  },
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
  { call: (redis) => redis.lolwut(), expect: matches(/(Redis|Valkey) ver\./) },
  {
    call: async (redis) => {
      while (/_in_progress:1/.test(await redis.info("persistence")));
      return await redis.save();
    },
    expect: "OK",
  },
  { call: (redis) => redis.bgsave({ schedule: true }), expect: isText },
  {
    // While a save or rewrite is in progress, the reply says so; in some versions as an
    // error.
    call: (redis) =>
      redis.bgrewriteaof().catch((error: Error) => error.message),
    expect: isText,
  },
  { call: (redis) => redis.swapdb(0, 1), expect: "OK" },
  {
    call: (redis) => redis.time(),
    expect: ([seconds, microseconds]: [number, number]) => {
      isNow(seconds);
      assert(microseconds >= 0 && microseconds < 1e6);
    },
  },
  { call: (redis) => redis.configHelp(), expect: helps },
  { call: (redis) => redis.moduleHelp(), expect: helps },
  {
    call: (redis) => redis.moduleList(),
    // Redis 8 and Valkey 9.1 have built-in modules.
    expect: (modules: { name: string }[]) =>
      assert.deepEqual(
        modules.filter(({ name }) => !/^(vectorset|lua)$/.test(name)),
        [],
      ),
  },
  {
    call: (redis) => redis.moduleLoad("/no/such/module.so").catch(codeOf),
    expect: "ERR",
  },
  {
    call: (redis) =>
      redis.moduleLoadex("/no/such/module.so", { args: [1] }).catch(codeOf),
    expect: "ERR",
  },
  { call: (redis) => redis.moduleUnload("m").catch(codeOf), expect: "ERR" },
  {
    call: (redis) => redis.shutdown({ abort: true }).catch(codeOf),
    expect: "ERR",
  },
], [
  ...["backupAbort", "backupCleanup", "backupHelp", "backupList"],
  ...["backupSeal", "backupStart", "backupStatus"],
]);

testFixtures(ServerCommands, [
  {
    call: (c) => c.bgsave({ cancel: true }),
    source:
      "valkey-io/valkey src/commands/bgsave.json 11b21f0d8f7f27c03dd031f415590a47541769b8",
    resp2: "Background saving cancelled",
    value: "Background saving cancelled",
  },
  {
    call: (c) => c.backupAbort(),
    source: page("backup-abort"),
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.backupCleanup(),
    source: page("backup-cleanup"),
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.backupList(),
    source: page("backup-list"),
    resp2: FILES,
    value: FILES,
  },
  {
    call: (c) => c.backupSeal(),
    source: page("backup-seal"),
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.backupStart(),
    source: page("backup-start"),
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.backupStatus(),
    source: page("backup-status"),
    resp2: Object.entries(STATUS).flat(),
    resp3: map(STATUS),
    value: bare<unknown>({
      ...STATUS,
      "start_time": 1_717_921_800,
      "end_time": 0,
    }),
  },
  {
    call: (c) => c.backupHelp(),
    source: "redis/redis src/commands/backup-help.json",
    resp2: ["BACKUP <subcommand>"],
    value: ["BACKUP <subcommand>"],
  },
]);
