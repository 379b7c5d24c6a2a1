/**
 * Random commands on lists.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import {
  anyCase,
  anyCount,
  anyFloat,
  anyInteger,
  anyKey,
  anyText,
  mangled,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

/** Commands on lists that never block. */
export const LIST_FAMILY: Family = {
  name: "lists",
  generate: (random) => mangled(random, command(random)),
};

/** An element of a small pool. */
function element(random: Random): string {
  return random.chance(0.7) ? String(random.below(4)) : anyText(random);
}

function elements(random: Random): string[] {
  const count = random.chance(0.02) ? 600 : 1 + random.below(5);
  return Array.from({ length: count }, () => element(random));
}

function end(random: Random): string {
  return random.chance(0.03)
    ? anyText(random)
    : anyCase(random, random.pick(["LEFT", "RIGHT"]));
}

function command(random: Random): string[] {
  const key = anyKey(random);
  switch (random.below(24)) {
    case 0:
    case 1:
      return ["LPUSH", key, ...elements(random)];
    case 2:
    case 3:
    case 4:
      return ["RPUSH", key, ...elements(random)];
    case 5:
      return [random.pick(["LPUSHX", "RPUSHX"]), key, ...elements(random)];
    case 6: {
      const count = random.chance(0.5) ? [anyCount(random)] : [];
      return [random.pick(["LPOP", "RPOP"]), key, ...count];
    }
    case 7:
      return ["LLEN", key];
    case 8:
      return ["LINDEX", key, anyInteger(random)];
    case 9:
    case 10:
      return random.chance(0.3)
        ? ["LRANGE", key, "0", "-1"]
        : ["LRANGE", key, anyInteger(random), anyInteger(random)];
    case 11:
    case 12: {
      const args = ["LPOS", key, element(random)];
      for (const word of ["RANK", "COUNT", "MAXLEN"]) {
        if (random.chance(0.3)) {
          args.push(anyCase(random, word), anyInteger(random));
        }
      }
      return args;
    }
    case 13:
      return ["LSET", key, anyInteger(random), element(random)];
    case 14:
    case 15: {
      const side = anyCase(random, random.pick(["BEFORE", "AFTER"]));
      return ["LINSERT", key, side, element(random), element(random)];
    }
    case 16:
      return ["LREM", key, anyInteger(random), element(random)];
    case 17:
      return ["LTRIM", key, anyInteger(random), anyInteger(random)];
    case 18:
      return ["LMOVE", key, anyKey(random), end(random), end(random)];
    case 19:
      return ["RPOPLPUSH", key, anyKey(random)];
    case 20: {
      const keys = Array.from(
        { length: 1 + random.below(3) },
        () => anyKey(random),
      );
      const size = random.chance(0.1)
        ? anyInteger(random)
        : String(keys.length);
      const count = random.chance(0.5)
        ? [anyCase(random, "COUNT"), anyCount(random)]
        : [];
      return ["LMPOP", size, ...keys, end(random), ...count];
    }
    case 21:
      return ["SET", key, anyText(random)];
    case 22:
      return ["DEL", key];
  }
  return ["TYPE", key];
}

/** The number of commands from MULTI to EXEC. */
const TOGETHER = 10;
let turn = 0;

/**
 * Blocking commands inside EXEC, where they do not block: sequences of a multiple of
 * ten commands.
 */
export const BLOCKING_LIST_FAMILY: Family = {
  name: "blocking lists",
  generate: (random) => {
    const place = turn++ % TOGETHER;
    if (place === 0) return ["MULTI"];
    return place === TOGETHER - 1 ? ["EXEC"] : blocking(random);
  },
};

function blocking(random: Random): string[] {
  if (random.chance(0.5)) return command(random);
  const key = anyKey(random);
  const timeout = random.chance(0.2) ? anyFloat(random) : "0";
  switch (random.below(4)) {
    case 0: {
      const word = random.pick(["BLPOP", "BRPOP"]);
      return [word, key, anyKey(random), timeout];
    }
    case 1:
      return ["BLMOVE", key, anyKey(random), end(random), end(random), timeout];
    case 2:
      return ["BRPOPLPUSH", key, anyKey(random), timeout];
  }
  return ["BLMPOP", timeout, "2", key, anyKey(random), end(random)];
}
