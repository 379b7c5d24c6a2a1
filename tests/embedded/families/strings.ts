/**
 * Random commands on strings.
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

/** Commands on strings. */
export const STRING_FAMILY: Family = {
  name: "strings",
  generate: (random) => farOff(random, mangled(random, generate(random))),
  normalize: roughly,
};

type Make = (random: Random, key: string) => string[];

const MAKES: readonly Make[] = [
  (_, key) => ["GET", key],
  (random, key) => ["SET", key, anyText(random)],
  (random, key) => ["SET", key, anyText(random), ...setOptions(random)],
  (random, key) => ["SETNX", key, anyText(random)],
  (random, key) => [
    random.pick(["SETEX", "PSETEX"]),
    key,
    anyTime(random),
    anyText(random),
  ],
  (random, key) => ["GETSET", key, anyText(random)],
  (_, key) => ["GETDEL", key],
  (random, key) => ["GETEX", key, ...getExOptions(random)],
  (random) => ["MGET", ...anyKeys(random)],
  (random) => [
    random.pick(["MSET", "MSETNX"]),
    ...anyKeys(random).flatMap((key) => [key, anyText(random)]),
  ],
  (_, key) => ["STRLEN", key],
  (random, key) => ["APPEND", key, anyText(random)],
  (random, key) => [
    random.pick(["GETRANGE", "SUBSTR"]),
    key,
    anyInteger(random),
    anyInteger(random),
  ],
  (random, key) => ["SETRANGE", key, anyOffset(random), anyText(random)],
  (random, key) => [random.pick(["INCR", "DECR"]), key],
  (random, key) => [random.pick(["INCRBY", "DECRBY"]), key, anyInteger(random)],
  (random, key) => ["INCRBYFLOAT", key, anyFloat(random)],
  (random, key) => ["LCS", key, anyKey(random), ...lcsOptions(random)],
  (random, key) => ["OBJECT", random.pick(["ENCODING", "REFCOUNT"]), key],
  (random, key) => [
    random.pick(["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]),
    key,
  ],
  (random, key) => random.chance(0.5) ? ["DEL", key] : ["EXISTS", key],
  (random, key) =>
    random.chance(0.7) ? ["TYPE", key] : ["LPUSH", key, anyText(random)],
];

function generate(random: Random): string[] {
  const [word, ...rest] = random.pick(MAKES)(random, anyKey(random));
  return [anyCase(random, word!), ...rest];
}

function anyKeys(random: Random): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => anyKey(random));
}

/** A place to write at: mostly near, so that strings stay short. */
function anyOffset(random: Random): string {
  const place = anyInteger(random);
  return Number(place) > 100_000 && Number(place) < 2 ** 29 ? "70" : place;
}

/** A time, which is moved far off, or none. */
function anyTime(random: Random): string {
  return random.chance(0.3) ? anyInteger(random) : "1";
}

function expiry(random: Random): string[] {
  return random.pick([
    ["EX", anyTime(random)],
    ["PX", anyTime(random)],
    ["EXAT", random.chance(0.7) ? "33177117420" : anyInteger(random)],
    ["PXAT", random.chance(0.7) ? "33177117420000" : anyInteger(random)],
  ]);
}

function setOptions(random: Random): string[] {
  const options = [
    ["NX"],
    ["XX"],
    ["GET"],
    ["KEEPTTL"],
    ["PERSIST"],
    expiry(random),
    expiry(random),
    [anyText(random)],
  ];
  const count = 1 + random.below(random.pick([1, 2, 3]));
  return Array.from({ length: count }, () => random.pick(options.slice(0, -1)))
    .flat().concat(random.chance(0.03) ? options.at(-1)! : [])
    .map((word) => anyCase(random, word));
}

function getExOptions(random: Random): string[] {
  if (random.chance(0.2)) return [];
  if (random.chance(0.3)) return [anyCase(random, "PERSIST")];
  return random.chance(0.9) ? expiry(random) : setOptions(random);
}

function lcsOptions(random: Random): string[] {
  const options = [
    ["LEN"],
    ["IDX"],
    ["WITHMATCHLEN"],
    ["MINMATCHLEN", anyInteger(random)],
  ];
  return Array.from({ length: random.below(4) }, () => random.pick(options))
    .flat();
}
