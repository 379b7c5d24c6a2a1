/**
 * Random commands on sets.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import {
  anyCase,
  anyCount,
  anyInteger,
  anyKey,
  anyText,
  mangled,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

const UNORDERED = ["sinter", "sunion", "sdiff", "spop", "srandmember", "sscan"];

/** Commands on sets of any members; random draws only if deterministic. */
export const SET_FAMILY: Family = {
  name: "sets",
  generate,
  unordered: new Set([...UNORDERED, "smembers"]),
};

/** Commands on small sets of integers, which are sorted. */
export const INTEGER_SET_FAMILY: Family = {
  name: "sets of integers",
  generate: (random) =>
    // Not mangled: a text member would end the order.
    command(random, () => members(random, () => random.pick(INTEGERS))),
  unordered: new Set(UNORDERED),
};

const INTEGERS = [
  "0",
  "7",
  "-7",
  "10",
  "9",
  "100",
  "-32769",
  "9223372036854775807",
  "9223372036854775806",
  "-9223372036854775808",
];

const RANDOM = new Set(["SPOP", "SRANDMEMBER", "SSCAN"]);

function generate(random: Random): string[] {
  const args = command(random, () => anyMembers(random));
  // With another count the draw would be random.
  return RANDOM.has(args[0]!) ? args : mangled(random, args);
}

/** Members of a small pool: integers, some text, sometimes many. */
function anyMembers(random: Random): string[] {
  if (random.chance(0.03)) {
    const first = random.below(100);
    return Array.from({ length: 520 }, (_, i) => String(first + i));
  }
  return members(
    random,
    () => random.chance(0.85) ? anyInteger(random) : anyText(random),
  );
}

function members(random: Random, make: () => string): string[] {
  return Array.from({ length: 1 + random.below(6) }, make);
}

function keys(random: Random): string[] {
  return Array.from({ length: 1 + random.below(3) }, () => anyKey(random));
}

function command(random: Random, members: () => string[]): string[] {
  const key = anyKey(random);
  switch (random.below(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return ["SADD", key, ...members()];
    case 4:
    case 5:
      return ["SREM", key, ...members()];
    case 6:
      return ["SMOVE", key, anyKey(random), members()[0]!];
    case 7:
      return ["SISMEMBER", key, members()[0]!];
    case 8:
      return ["SMISMEMBER", key, ...members()];
    case 9:
      return ["SCARD", key];
    case 10:
    case 11:
      return ["SMEMBERS", key];
    case 12:
      return ["SINTER", ...keys(random)];
    case 13:
      return ["SUNION", ...keys(random)];
    case 14:
      return ["SDIFF", ...keys(random)];
    case 15:
    case 16:
      return [
        random.pick(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]),
        key,
        ...keys(random),
      ];
    case 17: {
      const all = keys(random);
      const size = random.chance(0.1) ? anyInteger(random) : String(all.length);
      const limit = random.chance(0.5)
        ? [anyCase(random, "LIMIT"), anyCount(random)]
        : [];
      return ["SINTERCARD", size, ...all, ...limit];
    }
    case 18:
      // The whole set, which is deterministic, or nothing.
      return ["SPOP", key, random.pick(["0", "100000", "-1", "x"])];
    case 19:
      return ["SRANDMEMBER", key, random.pick(["0", "100000", "x", "1.5"])];
    case 20: {
      const args = ["SSCAN", key, random.pick(["0", "0", "", "x", "+"])];
      if (random.chance(0.3)) args.push(anyCase(random, "MATCH"), "1*");
      args.push("COUNT", random.pick(["100000", "100000", "0", "x"]));
      return args;
    }
    case 21:
      return random.chance(0.3)
        ? ["SET", key, anyText(random)]
        : ["OBJECT", "ENCODING", key];
    case 22:
      return ["DEL", key];
  }
  return ["TYPE", key];
}
