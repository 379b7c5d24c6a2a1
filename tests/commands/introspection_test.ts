import assert from "node:assert/strict";
import { IntrospectionCommands } from "../../lib/commands/introspection.ts";
import { flat, map } from "./modules/support.ts";
import { bare, bytes, testFixtures, testLive, testWords } from "./support.ts";

const isText = (value: unknown) => assert(typeof value === "string" && value);
const helps = ([first]: string[]) => assert.match(first!, /subcommand/i);
const NOW = Math.floor(Date.now() / 1000);
const isNow = (seconds: number) =>
  assert(Math.abs(seconds - NOW) < 600, `${seconds}`);
const VALKEY = "valkey-io/valkey src/commands/commandlog-get.json";

testWords(IntrospectionCommands, [
  { call: (c) => c.command(), words: ["COMMAND"] },
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
  { call: (c) => c.latencyDoctor(), words: ["LATENCY", "DOCTOR"] },
  { call: (c) => c.latencyGraph("e"), words: ["LATENCY", "GRAPH", "e"] },
  {
    call: (c) => c.latencyHistogram("get", "set"),
    words: ["LATENCY", "HISTOGRAM", "get", "set"],
  },
  { call: (c) => c.latencyHistory("e"), words: ["LATENCY", "HISTORY", "e"] },
  { call: (c) => c.latencyLatest(), words: ["LATENCY", "LATEST"] },
  { call: (c) => c.latencyReset("e"), words: ["LATENCY", "RESET", "e"] },
  { call: (c) => c.memoryDoctor(), words: ["MEMORY", "DOCTOR"] },
  { call: (c) => c.memoryMallocStats(), words: ["MEMORY", "MALLOC-STATS"] },
  { call: (c) => c.memoryPurge(), words: ["MEMORY", "PURGE"] },
  { call: (c) => c.memoryStats(), words: ["MEMORY", "STATS"] },
  { call: (c) => c.memoryUsage("k"), words: ["MEMORY", "USAGE", "k"] },
  {
    call: (c) => c.memoryUsage("k", { samples: 0 }),
    words: ["MEMORY", "USAGE", "k", "SAMPLES", 0],
  },
  { call: (c) => c.slowlogGet(), words: ["SLOWLOG", "GET"] },
  { call: (c) => c.slowlogGet(-1), words: ["SLOWLOG", "GET", -1] },
  { call: (c) => c.slowlogLen(), words: ["SLOWLOG", "LEN"] },
  { call: (c) => c.slowlogReset(), words: ["SLOWLOG", "RESET"] },
  {
    call: (c) => c.commandGetkeysandflags("MSET", "a", 1),
    words: ["COMMAND", "GETKEYSANDFLAGS", "MSET", "a", 1],
  },
  { call: (c) => c.commandHelp(), words: ["COMMAND", "HELP"] },
  {
    call: (c) => c.commandlogGet(-1, "slow"),
    words: ["COMMANDLOG", "GET", -1, "slow"],
  },
  { call: (c) => c.commandlogHelp(), words: ["COMMANDLOG", "HELP"] },
  {
    call: (c) => c.commandlogLen("large-request"),
    words: ["COMMANDLOG", "LEN", "large-request"],
  },
  {
    call: (c) => c.commandlogReset("large-reply"),
    words: ["COMMANDLOG", "RESET", "large-reply"],
  },
  { call: (c) => c.hotkeysGet(), words: ["HOTKEYS", "GET"] },
  { call: (c) => c.hotkeysHelp(), words: ["HOTKEYS", "HELP"] },
  { call: (c) => c.hotkeysReset(), words: ["HOTKEYS", "RESET"] },
  {
    call: (c) => c.hotkeysStart({ metrics: ["cpu"] }),
    words: ["HOTKEYS", "START", "METRICS", 1, "CPU"],
  },
  {
    call: (c) =>
      c.hotkeysStart({
        metrics: ["cpu", "net"],
        count: 16,
        duration: 60,
        sample: 100,
        slots: [1, 2],
      }),
    words: [
      ...["HOTKEYS", "START", "METRICS", 2, "CPU", "NET", "COUNT", 16],
      ...["DURATION", 60, "SAMPLE", 100, "SLOTS", 2, 1, 2],
    ],
  },
  { call: (c) => c.hotkeysStop(), words: ["HOTKEYS", "STOP"] },
  { call: (c) => c.latencyHelp(), words: ["LATENCY", "HELP"] },
  { call: (c) => c.memoryHelp(), words: ["MEMORY", "HELP"] },
  { call: (c) => c.slowlogHelp(), words: ["SLOWLOG", "HELP"] },
]);

testLive(IntrospectionCommands, [
  {
    call: (redis) => redis.command(),
    expect: (commands: unknown[]) => assert(commands.length > 200),
  },
  { call: (redis) => redis.commandHelp(), expect: helps },
  {
    call: (redis) => redis.commandGetkeysandflags("MSET", "a", 1, "b", 2),
    expect: [["a", ["OW", "update"]], ["b", ["OW", "update"]]],
  },
  {
    call: (redis) => redis.bytes.commandGetkeysandflags("GET", "a"),
    expect: [[bytes("a"), ["RO", "access"]]],
  },
  { call: (redis) => redis.latencyHelp(), expect: helps },
  { call: (redis) => redis.memoryHelp(), expect: helps },
  { call: (redis) => redis.slowlogHelp(), expect: helps },
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
], [
  ...["commandlogGet", "commandlogHelp", "commandlogLen", "commandlogReset"],
  ...["hotkeysGet", "hotkeysHelp", "hotkeysReset", "hotkeysStart"],
  "hotkeysStop",
]);

const HOTKEYS = {
  "tracking-active": 0,
  "sample-ratio": 1,
  "selected-slots": [[0, 16383]],
  "all-commands-all-slots-us": 103,
  "net-bytes-all-commands-all-slots": 2042,
  "collection-start-time-unix-ms": 1_770_824_933_147,
  "collection-duration-ms": 0,
  "total-cpu-time-user-ms": 23,
  "by-cpu-time-us": ["hotkey_001_counter", 29, "hotkey_001", 25],
  "by-net-bytes": ["hotkey_001", 446],
};

testFixtures(IntrospectionCommands, [
  {
    call: (c) => c.commandlogGet(1, "large-reply"),
    source: VALKEY,
    resp2: [[
      14,
      1_309_448_221,
      1_048_590,
      ["GET", "k"],
      "127.0.0.1:58217",
      "",
    ]],
    value: [{
      id: 14,
      time: 1_309_448_221,
      value: 1_048_590,
      args: ["GET", "k"],
      address: "127.0.0.1:58217",
      name: "",
    }],
  },
  {
    call: (c) => c.commandlogLen("slow"),
    source: VALKEY.replace("get", "len"),
    resp2: 14,
    value: 14,
  },
  {
    call: (c) => c.commandlogReset("slow"),
    source: VALKEY.replace("get", "reset"),
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.hotkeysGet(),
    source:
      "redis/docs content/commands/hotkeys-get.md (48082875189), redis/redis tests/unit/hotkeys.tcl (60446915401): of these newer ones no commits were shown",
    resp2: [flat(HOTKEYS)],
    resp3: [map(HOTKEYS)],
    value: [
      bare<unknown>({
        ...HOTKEYS,
        "by-cpu-time-us": [["hotkey_001_counter", 29], ["hotkey_001", 25]],
        "by-net-bytes": [["hotkey_001", 446]],
      }),
    ],
  },
  {
    call: (c) => c.hotkeysGet(),
    source:
      "redis/docs content/commands/hotkeys-get.md 0ad8a81bac322980337f1b5f031d076da1f52c0b",
    resp2: null,
    value: null,
  },
  {
    call: (c) => c.hotkeysStart({ metrics: ["cpu"] }),
    source: "redis/docs content/commands/hotkeys-start.md",
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.hotkeysStop(),
    source: "redis/docs content/commands/hotkeys-stop.md",
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.hotkeysReset(),
    source: "redis/docs content/commands/hotkeys-reset.md",
    resp2: "OK",
    value: "OK",
  },
  {
    call: (c) => c.commandlogHelp(),
    source: VALKEY.replace("get", "help"),
    resp2: ["COMMANDLOG <subcommand>"],
    value: ["COMMANDLOG <subcommand>"],
  },
  {
    call: (c) => c.hotkeysHelp(),
    source: "redis/docs content/commands/hotkeys-help.md",
    resp2: ["HOTKEYS <subcommand>"],
    value: ["HOTKEYS <subcommand>"],
  },
]);
