/**
 * Random commands on strings.
 *
 * @module
 */

import { xxh3 } from "../../../lib/embedded/base/xxh3.ts";
import { binaryToBytes } from "../../../lib/resp/binary.ts";
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
  (random) => ["MSETEX", ...msetex(random)],
  (random) => ["MSETEX", ...msetex(random)],
  (_, key) => ["DIGEST", key],
  (random, key) => [
    "DELEX",
    key,
    ...(random.chance(0.9) ? condition(random) : []),
  ],
  (random, key) => [
    "SET",
    key,
    anyText(random),
    ...condition(random),
    ...(random.chance(0.3) ? setOptions(random) : []),
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

/** An offset to write at: mostly small, so that strings stay short. */
function anyOffset(random: Random): string {
  const place = anyInteger(random);
  return Number(place) > 100_000 && Number(place) < 2 ** 29 ? "70" : place;
}

/** A time, to be moved far into the future or past; or none. */
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

/** A condition of SET or DELEX, with a value or its digest. */
function condition(random: Random): string[] {
  const text = random.pick(["10", "11", "hello", anyText(random)]);
  const digest = random.chance(0.1) ? text : digestOf(text);
  return random.pick([
    [anyCase(random, random.pick(["IFEQ", "IFNE"])), text],
    [anyCase(random, random.pick(["IFDEQ", "IFDNE"])), digest],
  ]);
}

function digestOf(text: string): string {
  return xxh3(binaryToBytes(text)).toString(16).padStart(16, "0");
}

/** The arguments of MSETEX, mostly with the right number of keys. */
function msetex(random: Random): string[] {
  const keys = anyKeys(random);
  const count = random.chance(0.95)
    ? String(keys.length)
    : random.pick(["0", "-1", "x", "4", "2147483648"]);
  const options = [["NX"], ["XX"], ["KEEPTTL"], expiry(random), ["GET"]];
  return [
    count,
    ...keys.flatMap((key) => [key, anyText(random)]),
    ...Array.from(
      { length: random.below(3) },
      () => random.pick(random.chance(0.9) ? options.slice(0, 4) : options),
    ).flat().map((word) => anyCase(random, word)),
  ];
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
