/**
 * Random commands on HyperLogLogs.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import { anyCase, anyText, mangled } from "../arguments.ts";
import type { Family } from "../differential.ts";

/** Commands on HyperLogLogs; GET shows their bytes. */
export const HYPERLOGLOG_FAMILY: Family = {
  name: "hyperloglog",
  generate: (random) => mangled(random, generate(random)),
};

type Make = (random: Random, key: string) => string[];

const MAKES: readonly Make[] = [
  (random, key) => ["PFADD", key, ...anyElements(random)],
  (random, key) => ["PFADD", key, ...anyElements(random)],
  (random, key) => ["PFADD", key, ...anyElements(random)],
  (_, key) => ["PFCOUNT", key],
  (random) => ["PFCOUNT", ...anyKeys(random)],
  (random) => ["PFMERGE", ...anyKeys(random)],
  (random, key) => [
    "PFDEBUG",
    random.pick(["ENCODING", "DECODE", "decode", "x"]),
    key,
  ],
  (random, key) =>
    random.chance(0.1)
      ? ["PFDEBUG", random.pick(["TODENSE", "GETREG"]), key]
      : ["PFCOUNT", key],
  (_, key) => ["GET", key],
  (_, key) => ["GET", key],
  (_, key) => ["OBJECT", "ENCODING", key],
  (random, key) => random.chance(0.2) ? ["DEL", key] : ["STRLEN", key],
  (random, key) => random.chance(0.1) ? ["LPUSH", key, "x"] : ["TYPE", key],
  (random, key) =>
    random.chance(0.2) ? ["SET", key, anySketch(random)] : ["PFCOUNT", key],
];

function generate(random: Random): string[] {
  const [word, ...rest] = random.pick(MAKES)(random, anyKey(random));
  return [anyCase(random, word!), ...rest];
}

function anyKey(random: Random): string {
  return random.pick(["a", "b", "c", "d"]);
}

function anyKeys(random: Random): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => anyKey(random));
}

/** A few elements, or so many that the sparse form becomes too large. */
function anyElements(random: Random): string[] {
  const count = random.chance(0.1)
    ? random.below(1500)
    : random.below(random.pick([3, 30]));
  return Array.from(
    { length: count },
    () =>
      random.chance(0.1)
        ? anyText(random)
        : "elements of some length".slice(random.below(20)) +
          random.below(100_000),
  );
}

/** A string that looks like a HyperLogLog. */
function anySketch(random: Random): string {
  const header = (form: number) =>
    "HYLL" + String.fromCharCode(form) + "\0".repeat(10) + "\x80";
  return random.pick([
    "HYLL",
    "12345",
    anyText(random),
    header(1),
    header(1) + "\x7f\xff",
    header(1) + "\x7f\xfe",
    header(1) + "\x7f\xf0\xff\xff\xff\x02",
    header(1) + "\x80\x80\x80\x7f\xfc",
    header(2) + "\x7f\xff",
    header(0) + "\x7f\xff",
    header(0) + "\0".repeat(12288),
    header(0) + "\xff".repeat(12288),
  ]);
}
