/**
 * Commands that are newer than Redis 7.0, on servers that have them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { testWith } from "../support/server_program.ts";
import { ClusterCommands } from "../../lib/commands/cluster.ts";
import { HashFieldCommands } from "../../lib/commands/hash_fields.ts";
import { IntrospectionCommands } from "../../lib/commands/introspection.ts";
import { ReplicationCommands } from "../../lib/commands/replication.ts";
import { ScriptCommands } from "../../lib/commands/scripts.ts";
import { StreamGroupCommands } from "../../lib/commands/stream_groups.ts";
import { StreamCommands } from "../../lib/commands/streams.ts";
import { StringCommands } from "../../lib/commands/strings.ts";
import { VectorSetCommands } from "../../lib/commands/vector_sets.ts";
import { testNewer } from "./support.ts";

const SOON = Date.now() + 3_600_000;
const HASH = ["HSET h a 1 b 2"];
const VECTORS = [
  "VADD v VALUES 2 1 0 x SETATTR {} NOQUANT",
  "VADD v VALUES 2 0 1 y NOQUANT",
];
const STREAM = ["XADD s 1-0 f 1", "XADD s 2-0 f 2"];

const near = (low: number, high: number) => ([value, ...more]: number[]) => {
  assert(value! > low && value! <= high, `${value}`);
  assert.deepEqual(more, [-2]);
};
const listOfLines = ([first]: string[]) => assert.match(first!, /subcommand/i);

testNewer(HashFieldCommands, [
  {
    command: "HEXPIRE",
    setup: HASH,
    call: (redis) => redis.hexpire("h", 100, ["a", "no"]),
    expect: [1, -2],
  },
  {
    command: "HPEXPIRE",
    setup: HASH,
    call: (redis) => redis.hpexpire("h", 100_000, ["a", "no"]),
    expect: [1, -2],
  },
  {
    command: "HEXPIREAT",
    setup: HASH,
    call: async (redis) => [
      await redis.hexpireat("h", Math.floor(SOON / 1000), ["a"]),
      await redis.hexpiretime("h", "a", "b", "no"),
      await redis.hpersist("h", "a", "b", "no"),
    ],
    expect: [[1], [Math.floor(SOON / 1000), -1, -2], [1, -1, -2]],
  },
  {
    command: "HPEXPIREAT",
    setup: HASH,
    call: async (redis) => [
      await redis.hpexpireat("h", SOON, ["a"]),
      await redis.hpexpiretime("h", "a", "b", "no"),
    ],
    expect: [[1], [SOON, -1, -2]],
  },
  {
    command: "HTTL",
    setup: [...HASH, "HEXPIRE h 100 FIELDS 1 a"],
    call: (redis) => redis.httl("h", "a", "no"),
    expect: near(90, 100),
  },
  {
    command: "HPTTL",
    setup: [...HASH, "HEXPIRE h 100 FIELDS 1 a"],
    call: (redis) => redis.hpttl("h", "a", "no"),
    expect: near(90_000, 100_000),
  },
  {
    command: "HGETDEL",
    setup: HASH,
    call: async (redis) => [
      await redis.hgetdel("h", "a", "no"),
      await redis.hgetdel("none", "a"),
    ],
    expect: [["1", null], [null]],
  },
  {
    command: "HGETEX",
    setup: HASH,
    call: (redis) => redis.hgetex("h", ["a", "no"]),
    expect: ["1", null],
  },
  {
    command: "HSETEX",
    call: (redis) => redis.hsetex("h", { a: 1 }),
    expect: 1,
  },
]);

testNewer(StringCommands, [
  {
    command: "MSETEX",
    call: async (redis) => [
      await redis.msetex({ a: 1, b: 2 }),
      await redis.mget("a", "b"),
    ],
    expect: [1, ["1", "2"]],
  },
  {
    command: "DELEX",
    setup: ["SET k v"],
    call: async (redis) => [
      await redis.delex("k"),
      await redis.delex("k"),
    ],
    expect: [1, 0],
  },
  {
    command: "DELIFEQ",
    setup: ["SET k v"],
    call: async (redis) => [
      await redis.delifeq("k", "w"),
      await redis.delifeq("k", "v"),
    ],
    expect: [0, 1],
  },
  {
    command: "DIGEST",
    setup: ["SET k v"],
    call: async (redis) => [
      (await redis.digest("k"))?.length,
      await redis.digest("none"),
    ],
    expect: [16, null],
  },
]);

testNewer(StreamCommands, [
  {
    command: "XDELEX",
    setup: STREAM,
    call: async (redis) => [
      await redis.xdelex("s", ["1-0", "9-0"]),
      await redis.xdelex("none", ["1-0"]),
    ],
    expect: [[1, -1], [-1]],
  },
]);

testNewer(StreamCommands, [
  {
    command: "XCFGSET",
    setup: STREAM,
    call: async (redis) => {
      const set = await redis.xcfgset("s", { idmpDuration: 7, idmpMaxsize: 9 });
      const info = await redis.xinfoStream("s");
      return [set, info["idmp-duration"], info["idmp-maxsize"]];
    },
    expect: ["OK", 7, 9],
  },
]);

testNewer(StreamGroupCommands, [
  {
    command: "XACKDEL",
    setup: [
      ...STREAM,
      "XGROUP CREATE s g 0",
      "XREADGROUP GROUP g me STREAMS s >",
    ],
    call: async (redis) => [
      await redis.xackdel("s", "g", ["1-0", "9-0"]),
      await redis.xackdel("none", "g", ["1-0"]),
    ],
    expect: [[1, -1], [-1]],
  },
]);

testNewer(ScriptCommands, [
  {
    command: "SCRIPT SHOW",
    call: async (redis) => redis.scriptShow(await redis.scriptLoad("return 1")),
    expect: "return 1",
  },
]);

testNewer(ReplicationCommands, [
  {
    command: "WAITAOF",
    call: async (redis) => {
      using own = await redis.lease();
      await own.send(["SET", "k", "v"]);
      return await own.waitaof(0, 0, 10);
    },
    expect: [0, 0],
  },
]);

testNewer(IntrospectionCommands, [
  {
    command: "COMMANDLOG",
    call: async (redis) => [
      await redis.commandlogReset("slow"),
      await redis.commandlogLen("large-request"),
      await redis.commandlogGet(10, "large-reply"),
    ],
    expect: ["OK", 0, []],
  },
  {
    command: "COMMANDLOG",
    call: (redis) => redis.commandlogHelp(),
    expect: listOfLines,
  },
  {
    command: "HOTKEYS",
    call: async (redis) => {
      const first = [
        await redis.hotkeysStart({ metrics: ["cpu", "net"] }),
        await redis.set("hot", "v"),
      ];
      const [report] = await redis.hotkeysGet() ?? [];
      return [
        ...first,
        report?.["tracking-active"],
        report?.["by-net-bytes"]?.[0]?.[0],
        typeof report?.["total-net-bytes"],
        await redis.hotkeysStop(),
        await redis.hotkeysReset(),
      ];
    },
    expect: ["OK", "OK", 1, "hot", "number", "OK", "OK"],
  },
  {
    command: "HOTKEYS HELP",
    call: (redis) => redis.hotkeysHelp(),
    expect: listOfLines,
  },
]);

testNewer(VectorSetCommands, [
  {
    command: "VADD",
    call: async (redis) => [
      await redis.vadd("v", [1, 0], "x"),
      await redis.vadd("v", [1, 0], "x"),
      await redis.vcard("v"),
      await redis.vdim("v"),
      await redis.vrem("v", "x"),
      await redis.vcard("v"),
    ],
    expect: [1, 0, 1, 2, 1, 0],
  },
  {
    command: "VSIM",
    setup: VECTORS,
    call: async (redis) => [
      await redis.vsim("v", { ele: "x" }),
      await redis.vsim("none", { ele: "x" }),
      await redis.vemb("v", "y"),
      await redis.vemb("v", "no"),
    ],
    expect: [["x", "y"], [], [0, 1], null],
  },
  {
    command: "VINFO",
    setup: VECTORS,
    call: async (redis) => {
      const info = await redis.vinfo("v");
      return [
        info?.size,
        info?.["vector-dim"],
        await redis.vinfo("none"),
        (await redis.vlinks("v", "x"))?.length,
        (await redis.vrandmember("v"))?.length,
        await redis.vsetattr("v", "y", '{"n":1}'),
        await redis.vgetattr("v", "y"),
        await redis.vgetattr("v", "no"),
      ];
    },
    expect: (value: unknown[]) => {
      assert.deepEqual(value.slice(0, 3), [2, 2, null]);
      assert((value[3] as number) > 0);
      assert.deepEqual(value.slice(4), [1, 1, '{"n":1}', null]);
    },
  },
  {
    command: "VISMEMBER",
    setup: VECTORS,
    call: async (redis) => [
      await redis.vismember("v", "x"),
      await redis.vismember("v", "no"),
    ],
    expect: [1, 0],
  },
  {
    command: "VRANGE",
    setup: VECTORS,
    call: (redis) => redis.vrange("v", "-", "+"),
    expect: ["x", "y"],
  },
]);

testNewer(
  ClusterCommands,
  [
    {
      command: "CLUSTER MYSHARDID",
      call: (redis) => redis.clusterMyshardid(),
      expect: (id: string) => assert.match(id, /^[0-9a-f]{40}$/),
    },
    {
      command: "CLUSTER SLOT-STATS",
      call: async (redis) => {
        await redis.send(["CLUSTER", "ADDSLOTSRANGE", 0, 9]).catch(() => {});
        return await redis.clusterSlotStats({ slotsrange: [0, 1] });
      },
      expect: (stats: [number, { "key-count": number }][]) => {
        assert.deepEqual(stats.map(([slot]) => slot), [0, 1]);
        assert.equal(stats[0]![1]["key-count"], 0);
      },
    },
    {
      command: "CLUSTER GETSLOTMIGRATIONS",
      call: async (redis) => [
        await redis.clusterGetslotmigrations(),
        await redis.clusterCancelslotmigrations()
          .catch(({ code }: { code: string }) => code),
        await redis.clusterFlushslot(5),
      ],
      expect: [[], "ERR", "OK"],
    },
  ],
  { config: { "cluster-enabled": "yes" } },
  await testWith("cluster"),
);
