/**
 * Random commands on keys of any type.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import {
  anyCase,
  anyFloat,
  anyInteger,
  anyKey,
  anyText,
  farOff,
  mangled,
  roughly,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

/** Commands on keys. */
export const KEY_FAMILY: Family = {
  name: "keys",
  generate: (random) => farOff(random, mangled(random, generate(random))),
  unordered: new Set(["keys", "scan"]),
  normalize(args, reply) {
    const word = args[0]!.toLowerCase();
    if (word === "randomkey") return reply[0]!;
    // A mangled cursor may mean a different position on each server.
    if (word === "scan" && /^[+-]?\d*[1-9]/.test(args[1] ?? "")) return "";
    // Redis's clock for idle times has a resolution of seconds.
    if (/^idletime$/i.test(args[1] ?? "")) return reply.replace(/^:.*/, ":");
    return roughly(args, reply);
  },
};

/** SORT and its data. */
export const SORT_FAMILY: Family = {
  name: "sort",
  generate: (random) => mangled(random, generateSort(random)),
};

type Make = (random: Random, key: string) => string[];

const FILLS: readonly Make[] = [
  (random, key) => ["SET", key, anyText(random)],
  (random, key) => ["RPUSH", key, anyText(random), anyText(random)],
  (random, key) => ["SADD", key, anyText(random)],
  (random, key) => ["SADD", key, String(random.below(100))],
  (random, key) => ["ZADD", key, String(random.below(10)), anyText(random)],
  (random, key) => ["HSET", key, random.pick(["f", "g"]), anyText(random)],
];

const MAKES: readonly Make[] = [
  ...FILLS,
  (random) => [random.pick(["DEL", "UNLINK"]), ...anyKeys(random)],
  (random) => [random.pick(["EXISTS", "TOUCH"]), ...anyKeys(random)],
  (_, key) => ["TYPE", key],
  (random) => ["KEYS", anyPattern(random)],
  (random) => ["SCAN", anyCursor(random), ...scanOptions(random)],
  () => ["DBSIZE"],
  () => ["RANDOMKEY"],
  (random, key) => [random.pick(["RENAME", "RENAMENX"]), key, anyKey(random)],
  (random, key) => ["COPY", key, anyKey(random), ...copyOptions(random)],
  (random, key) => ["MOVE", key, anyDatabase(random)],
  (random) => ["SELECT", random.pick(["0", "1", "0"])],
  (random) => ["SWAPDB", anyDatabase(random), anyDatabase(random)],
  (random) =>
    random.chance(0.3)
      ? [
        random.pick(["FLUSHDB", "FLUSHALL"]),
        ...random.pick([[], ["ASYNC"], ["sync"], ["x"], ["SYNC", "ASYNC"]]),
      ]
      : ["DBSIZE"],
  (random, key) => [
    random.pick(["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"]),
    key,
    anyInteger(random),
  ],
  anyExpire,
  anyExpire,
  (random, key) => [
    random.pick(["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]),
    key,
  ],
  (_, key) => ["PERSIST", key],
  (random, key) => [
    "OBJECT",
    random.pick(["ENCODING", "REFCOUNT", "FREQ", "IDLETIME", "encoding", "x"]),
    key,
  ],
  (random) => random.chance(0.1) ? ["OBJECT", "HELP"] : ["DBSIZE"],
];

function generate(random: Random): string[] {
  const [word, ...rest] = random.pick(MAKES)(random, anyKey(random));
  return [anyCase(random, word!), ...rest];
}

function anyExpire(random: Random, key: string): string[] {
  const [word, time] = random.pick([
    ["EXPIRE", "1"],
    ["PEXPIRE", "1"],
    ["EXPIREAT", `${33_177_117_420 + random.below(5)}`],
    ["PEXPIREAT", `${33_177_117_420_000 + random.below(5)}`],
  ]) as [string, string];
  const options = Array.from(
    { length: random.below(3) },
    () =>
      random.chance(0.05)
        ? anyText(random)
        : anyCase(random, random.pick(["NX", "XX", "GT", "LT"])),
  );
  return [word, key, time, ...options];
}

function anyKeys(random: Random): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => anyKey(random));
}

function anyPattern(random: Random): string {
  return random.pick([
    "*",
    "a",
    "?",
    "[a-c]",
    "[^a]",
    "k*",
    "{t}[12]",
    "\\a",
    "*\xff*",
    "[b",
    "",
    "**",
    "[]",
    "[c-a]",
  ]);
}

/** The cursor 0: where a scan continues is an internal detail of each server. */
function anyCursor(random: Random): string {
  return random.chance(0.8)
    ? "0"
    : random.pick(["x", "-", "", "1x", "18446744073709551616", " 0", "+0"]);
}

function scanOptions(random: Random): string[] {
  return ["COUNT", "1000"].concat(...Array.from(
    { length: random.below(3) },
    () =>
      random.pick([
        ["MATCH", anyPattern(random)],
        ["TYPE", random.pick(["string", "LIST", "set", "zset", "hash", "x"])],
        ["COUNT", random.pick(["0", "-1", "x", "2000"])],
        ["MATCH"],
        ["FOO", "x"],
      ]),
  ));
}

function copyOptions(random: Random): string[] {
  return Array.from(
    { length: random.below(3) },
    () =>
      random.pick([
        ["REPLACE"],
        ["replace"],
        ["DB", anyDatabase(random)],
        ["DB"],
        ["x"],
      ]),
  ).flat();
}

function anyDatabase(random: Random): string {
  if (random.chance(0.15)) return anyInteger(random);
  return random.pick(["0", "1", "1", "2"]);
}

const SORTED = ["l1", "l2", "s1", "s2", "z1", "z2", "n", "missing"];

const SORTS: readonly ((random: Random) => string[])[] = [
  (random) => ["RPUSH", random.pick(["l1", "l2"]), anyElement(random)],
  (random) => ["SADD", random.pick(["s1", "s2"]), anyElement(random)],
  (random) => [
    "ZADD",
    random.pick(["z1", "z2"]),
    String(random.below(1000)),
    anyElement(random),
  ],
  (random) => ["SET", `w${anyElement(random)}`, anyWeight(random)],
  (random) => ["SET", `p${anyElement(random)}->`, anyWeight(random)],
  (random) => ["HSET", `h${anyElement(random)}`, "f", anyWeight(random)],
  (random) => ["DEL", random.pick(SORTED)],
  () => ["SET", "n", "x"],
  (random) => ["TYPE", random.pick(SORTED)],
  (random) => ["LRANGE", random.pick(["l1", "l2"]), "0", "-1"],
  anySort,
  anySort,
  anySort,
  anySort,
];

function generateSort(random: Random): string[] {
  return random.pick(SORTS)(random);
}

function anySort(random: Random): string[] {
  const alpha = random.chance(0.6);
  const options: string[][] = [];
  const count = random.below(4);
  for (let i = 0; i < count; i++) {
    options.push(random.pick([
      ["DESC"],
      ["asc"],
      ["LIMIT", anyInteger(random), anyInteger(random)],
      ["GET", random.pick(["#", "w*", "h*->f", "p*->", "h*->x", "plain"])],
      ["STORE", random.pick(["l1", "l2", "s1", "n", "new"])],
    ]));
  }
  const key = random.pick(SORTED);
  // Elements with equal texts may come in any order, so compare as numbers, or by the
  // elements themselves. An unsorted set has a different order on each server.
  if (!alpha && random.chance(0.4)) {
    options.push(["BY", random.pick(["w*", "h*->f", "p*->"])]);
  } else if (!key.startsWith("s") && random.chance(0.3)) {
    options.push(["BY", random.pick(["nosort", "#", ""])]);
  }
  if (alpha) options.push(["ALPHA"]);
  if (random.chance(0.03)) options.push([anyText(random)]);
  const word = random.pick(["SORT", "SORT", "sort", "SORT_RO"]);
  return [word, key, ...options.flat()];
}

function anyElement(random: Random): string {
  return random.chance(0.95)
    ? String(random.below(12))
    : random.pick(["x", "y", "1.5", "", "-3", " 7", "inf"]);
}

function anyWeight(random: Random): string {
  return random.chance(0.95) ? String(random.below(5)) : anyFloat(random);
}
