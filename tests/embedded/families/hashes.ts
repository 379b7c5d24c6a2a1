/**
 * Random commands on hashes.
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
  mangled,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

/** Commands on hashes small enough to have an order; random draws only if deterministic. */
export const HASH_FAMILY: Family = {
  name: "hashes",
  generate: (random) => {
    const args = command(random);
    // With another count the draw would be random.
    if (RANDOM.has(args[0]!)) return args;
    return mangled(random, args).map(short);
  },
};

const RANDOM = new Set(["HRANDFIELD", "HSCAN"]);

function field(random: Random): string {
  return random.chance(0.9) ? `f${random.below(8)}` : anyText(random);
}

/** Shortens values: long ones, and sums of huge numbers, would end the order of a hash. */
function short(arg: string): string {
  return /e[34]\d\d/i.test(arg) ? "1e5" : arg.slice(0, 64);
}

function value(random: Random): string {
  if (random.chance(0.3)) return anyFloat(random);
  return random.chance(0.5) ? anyInteger(random) : anyText(random);
}

function pairs(random: Random): string[] {
  if (random.chance(0.01)) {
    return Array.from({ length: 300 }, (_, i) => [`n${i}`, String(i)]).flat();
  }
  return Array.from(
    { length: 1 + random.below(4) },
    () => [field(random), value(random)],
  ).flat();
}

function fields(random: Random): string[] {
  return Array.from({ length: 1 + random.below(4) }, () => field(random));
}

function command(random: Random): string[] {
  const key = anyKey(random);
  switch (random.below(26)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return ["HSET", key, ...pairs(random)];
    case 4:
      return ["HMSET", key, ...pairs(random)];
    case 5:
      return ["HSETNX", key, field(random), value(random)];
    case 6:
      return ["HGET", key, field(random)];
    case 7:
      return ["HMGET", key, ...fields(random)];
    case 8:
    case 9:
      return ["HGETALL", key];
    case 10:
      return [random.pick(["HKEYS", "HVALS"]), key];
    case 11:
      return ["HLEN", key];
    case 12:
      return ["HSTRLEN", key, field(random)];
    case 13:
      return ["HEXISTS", key, field(random)];
    case 14:
    case 15:
      return ["HDEL", key, ...fields(random)];
    case 16:
    case 17:
      return ["HINCRBY", key, field(random), anyInteger(random)];
    case 18:
    case 19:
    case 20:
      return ["HINCRBYFLOAT", key, field(random), anyFloat(random)];
    case 21: {
      const args = ["HRANDFIELD", key, random.pick(["0", "100000", "x", "-0"])];
      if (random.chance(0.5)) args.push(anyCase(random, "WITHVALUES"));
      return args;
    }
    case 22: {
      const args = ["HSCAN", key, random.pick(["0", "0", "", "x", "+"])];
      if (random.chance(0.5)) args.push(anyCase(random, "MATCH"), "f[1-3]");
      args.push("COUNT", random.pick(["100000", "100000", "0", "x"]));
      return args;
    }
    case 23:
      return random.chance(0.3)
        ? ["SET", key, anyText(random)]
        : ["OBJECT", "ENCODING", key];
    case 24:
      return ["DEL", key];
  }
  return ["TYPE", key];
}

/** Commands on hashes too large to have an order. */
export const LARGE_HASH_FAMILY: Family = {
  name: "large hashes",
  generate: (random) => {
    const key = anyKey(random);
    switch (random.below(8)) {
      case 0:
      case 1: {
        const first = random.below(600);
        return [
          "HSET",
          key,
          ...Array.from({ length: 300 }, (_, i) => [`${first + i}`, `${i}`])
            .flat(),
        ];
      }
      case 2:
        return ["HSET", key, field(random), anyText(random)];
      case 3:
        return ["HGETALL", key];
      case 4:
        return ["HKEYS", key];
      case 5:
        return ["OBJECT", "ENCODING", key];
      case 6:
        return ["HDEL", key, `${random.below(900)}`, `${random.below(900)}`];
    }
    return ["HGET", key, `${random.below(900)}`];
  },
  unordered: new Set(["hkeys"]),
  pairs: new Set(["hgetall"]),
};
