/**
 * Random commands on sorted sets.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import {
  anyCase,
  anyCount,
  anyFloat,
  anyInteger,
  anyText,
  mangled,
} from "../arguments.ts";
import type { Family } from "../differential.ts";

/** `big` has more members than a listpack may have, `set` is a set. */
const KEYS = ["a", "b", "c", "d", "big", "set", "none"];
/** Only for lexicographic ranges: all scores are equal. */
const LEXICAL = ["lex1", "lex2"];
const MEMBERS = Array.from({ length: 24 }, (_, i) => `m${i}`);

/** Sorted sets. */
export const SORTED_SET_FAMILY: Family = {
  name: "sorted sets",
  pairs: new Set(["zscan"]),
  generate(random) {
    const args = random.pick(COMMANDS)(random);
    // Lexical keys keep equal scores, and timeouts stay short: not mangled.
    const lexical = args[0] === "ZADD" && LEXICAL.includes(args[1]!);
    const waits = args[0]!.startsWith("B");
    return lexical || waits ? args : mangled(random, args);
  },
  normalize(args, reply) {
    const word = args[0]!.toLowerCase();
    // The drawn members are random, their number is not.
    if (word === "zrandmember" && Number(args[2]) !== 1000) {
      return reply.replace(
        /^([*$]).*\r\n[^]*$/,
        (all, type) => type === "*" ? all.slice(0, all.indexOf("\r\n")) : type,
      );
    }
    return word === "zscan" && args[1] === "big" ? "" : reply;
  },
};

function key(random: Random): string {
  if (random.chance(0.02)) return anyText(random);
  return random.pick(KEYS.slice(0, random.chance(0.8) ? 4 : KEYS.length));
}

function member(random: Random): string {
  if (random.chance(0.05)) return anyText(random);
  if (random.chance(0.01)) return "n".repeat(60 + random.below(10));
  return random.pick(MEMBERS);
}

function score(random: Random): string {
  if (random.chance(0.2)) return anyFloat(random);
  return String(random.below(8) - 2);
}

function some<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + random.below(most) }, make);
}

function words(random: Random, share: number, ...all: string[]): string[] {
  return all.filter(() => random.chance(share)).map((w) => anyCase(random, w));
}

function scoreBound(random: Random): string {
  if (random.chance(0.15)) return random.pick(["-inf", "+inf", "(", "(1e400"]);
  return (random.chance(0.3) ? "(" : "") + score(random);
}

function lexBound(random: Random): string {
  if (random.chance(0.2)) return random.pick(["-", "+"]);
  if (random.chance(0.05)) return anyText(random);
  return random.pick(["(", "["]) + member(random);
}

function limit(random: Random): string[] {
  if (!random.chance(0.4)) return [];
  return ["LIMIT", anyInteger(random), anyInteger(random)];
}

function pairs(random: Random, most: number): string[] {
  return some(random, most, () => [score(random), member(random)]).flat();
}

/** numkeys key [key ...], mostly with the right count. */
function sources(random: Random): string[] {
  const keys = some(random, 3, () => key(random));
  const count = random.chance(0.05) ? anyInteger(random) : String(keys.length);
  return [count, ...keys];
}

function weights(random: Random, count: number): string[] {
  const args: string[] = [];
  if (random.chance(0.4)) {
    args.push("WEIGHTS");
    for (let i = 0; i < count; i++) args.push(score(random));
  }
  if (random.chance(0.4)) {
    args.push(
      "AGGREGATE",
      anyCase(random, random.pick(["SUM", "MIN", "MAX", "AVG"])),
    );
  }
  return args;
}

function combine(word: string, weighted: boolean, last: string) {
  return (random: Random): string[] => {
    const from = sources(random);
    const target = word.endsWith("STORE") ? [key(random)] : [];
    const args = [anyCase(random, word), ...target, ...from];
    if (weighted) args.push(...weights(random, from.length - 1));
    return last === "" ? args : [...args, ...words(random, 0.4, last)];
  };
}

function popping(random: Random): string[] {
  const args = [
    ...sources(random),
    anyCase(random, random.pick(["MIN", "MAX"])),
  ];
  if (random.chance(0.5)) args.push("COUNT", anyCount(random));
  return args;
}

const ADD = (random: Random): string[] => [
  anyCase(random, "ZADD"),
  key(random),
  ...words(random, 0.12, "NX", "XX", "GT", "LT", "CH", "INCR"),
  ...pairs(random, 4),
];

const COMMANDS: readonly ((random: Random) => string[])[] = [
  ADD,
  ADD,
  ADD,
  ADD,
  (
    r,
  ) => ["ZADD", r.pick(LEXICAL), ...some(r, 6, () => ["0", member(r)]).flat()],
  (
    r,
  ) => [
    "ZADD",
    "big",
    ...some(r, 60, () => [score(r), `${r.below(300)}`]).flat(),
  ],
  (r) => ["SADD", "set", ...some(r, 3, () => member(r))],
  (r) => ["ZINCRBY", key(r), score(r), member(r)],
  (r) => ["ZREM", key(r), ...some(r, 3, () => member(r))],
  (r) => ["ZCARD", key(r)],
  (r) => ["ZSCORE", key(r), member(r)],
  (r) => ["ZMSCORE", key(r), ...some(r, 4, () => member(r))],
  (r) => [
    r.pick(["ZRANK", "ZREVRANK"]),
    key(r),
    member(r),
    ...(r.chance(0.3) ? ["WITHSCORE"] : []),
  ],
  (r) => ["ZCOUNT", key(r), scoreBound(r), scoreBound(r)],
  (r) => ["ZLEXCOUNT", r.pick(LEXICAL), lexBound(r), lexBound(r)],
  (r) => [
    r.pick(["ZRANGE", "ZREVRANGE"]),
    key(r),
    anyInteger(r),
    anyInteger(r),
    ...words(r, 0.5, "WITHSCORES"),
    ...words(r, 0.1, "REV", "BYSCORE"),
  ],
  (r) => [
    "ZRANGE",
    key(r),
    scoreBound(r),
    scoreBound(r),
    "BYSCORE",
    ...words(r, 0.4, "REV", "WITHSCORES"),
    ...limit(r),
  ],
  (r) => [
    "ZRANGE",
    r.pick(LEXICAL),
    lexBound(r),
    lexBound(r),
    "BYLEX",
    ...words(r, 0.3, "REV"),
    ...limit(r),
    ...words(r, 0.05, "WITHSCORES"),
  ],
  (r) => [
    r.pick(["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"]),
    key(r),
    scoreBound(r),
    scoreBound(r),
    ...words(r, 0.4, "WITHSCORES"),
    ...limit(r),
  ],
  (r) => [
    r.pick(["ZRANGEBYLEX", "ZREVRANGEBYLEX"]),
    r.pick(LEXICAL),
    lexBound(r),
    lexBound(r),
    ...limit(r),
  ],
  (r) => [
    "ZRANGESTORE",
    key(r),
    key(r),
    scoreBound(r),
    scoreBound(r),
    "BYSCORE",
    ...words(r, 0.3, "REV"),
    ...limit(r),
  ],
  (r) => [
    "ZRANGESTORE",
    key(r),
    key(r),
    anyInteger(r),
    anyInteger(r),
    ...words(r, 0.3, "REV"),
  ],
  (r) => ["ZREMRANGEBYRANK", key(r), anyInteger(r), anyInteger(r)],
  (r) => ["ZREMRANGEBYSCORE", key(r), scoreBound(r), scoreBound(r)],
  (r) => ["ZREMRANGEBYLEX", r.pick(LEXICAL), lexBound(r), lexBound(r)],
  combine("ZUNION", true, "WITHSCORES"),
  combine("ZINTER", true, "WITHSCORES"),
  combine("ZDIFF", false, "WITHSCORES"),
  combine("ZUNIONSTORE", true, ""),
  combine("ZINTERSTORE", true, ""),
  combine("ZDIFFSTORE", false, ""),
  (r) => {
    const limited = r.chance(0.5) ? ["LIMIT", anyCount(r)] : [];
    return ["ZINTERCARD", ...sources(r), ...limited];
  },
  (r) => [
    r.pick(["ZPOPMIN", "ZPOPMAX"]),
    key(r),
    ...(r.chance(0.6) ? [anyCount(r)] : []),
  ],
  (r) => ["ZMPOP", ...popping(r)],
  (r) => ["BZMPOP", "0.001", ...popping(r)],
  (r) => [
    r.pick(["BZPOPMIN", "BZPOPMAX"]),
    ...some(r, 3, () => key(r)),
    "0.001",
  ],
  (r) => [
    "ZRANDMEMBER",
    key(r),
    ...(r.chance(0.6) ? [r.chance(0.5) ? "1000" : anyInteger(r)] : []),
    ...words(r, 0.3, "WITHSCORES"),
  ],
  (r) => ["ZSCAN", key(r), "0", ...(r.chance(0.3) ? ["MATCH", "m1*"] : [])],
  (r) => ["OBJECT", "ENCODING", key(r)],
  (r) => ["DEL", key(r)],
  (r) => ["SET", r.pick(["d", "none"]), "text"],
];
