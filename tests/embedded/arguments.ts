/**
 * Random arguments for commands: mostly sensible, sometimes nonsense.
 *
 * @module
 */

import type { Random } from "../resp/random.ts";

/** The keys that generated commands share. */
const KEYS = ["a", "b", "c", "d", "e", "key:\xff\x00", "{t}1", "{t}2", ""];

/** A key of a small pool. */
export function anyKey(random: Random): string {
  return random.pick(KEYS.slice(0, random.chance(0.9) ? 5 : KEYS.length));
}

const TEXTS = [
  "",
  "x",
  "foo",
  "bar",
  "hello world",
  "\r\n",
  "\0\xff\x80",
  "caf\xc3\xa9",
  "123abc",
  " 1",
  "y".repeat(44),
  "y".repeat(45),
  "z".repeat(64),
  "z".repeat(65),
];

/** A value: text, bytes, or a number as text. */
export function anyText(random: Random): string {
  if (random.chance(0.3)) return String(random.below(20));
  if (random.chance(0.1)) return anyInteger(random);
  if (random.chance(0.1)) return anyFloat(random);
  if (random.chance(0.02)) return "w".repeat(random.below(5000));
  return random.pick(TEXTS);
}

const INTEGERS = [
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "-9223372036854775809",
  "9007199254740993",
  "4294967296",
  "2147483648",
  "-2147483649",
  "007",
  "-0",
  "+1",
  "1.5",
  "1e3",
  " 1",
  "1 ",
  "abc",
  "",
  "0x10",
];

/** An integer near 0; sometimes a huge or an invalid one. */
export function anyInteger(random: Random): string {
  if (random.chance(0.08)) return random.pick(INTEGERS);
  if (random.chance(0.1)) return String(random.below(100_000) - 50_000);
  return String(random.below(20) - 8);
}

/** A nonnegative count; sometimes an invalid one. */
export function anyCount(random: Random): string {
  if (random.chance(0.05)) return anyInteger(random);
  return String(random.below(12));
}

const FLOATS = [
  "inf",
  "-inf",
  "+inf",
  "Infinity",
  "nan",
  "1e308",
  "-1e308",
  "1e400",
  "5e-324",
  "1e-400",
  "0.1",
  "0.30000000000000004",
  "3.0",
  "1e5",
  "1E-7",
  ".5",
  "5.",
  "0x1p3",
  "0x10",
  "1.0.0",
  "1e",
  "abc",
  "",
  " 1",
  "1 ",
  "-0",
  "123456789012345678",
];

/** A number with a fraction; sometimes an unusual or an invalid one. */
export function anyFloat(random: Random): string {
  if (random.chance(0.2)) return random.pick(FLOATS);
  if (random.chance(0.4)) return String(random.below(20) - 8);
  return ((random.next() - 0.5) * 10 ** random.below(6))
    .toFixed(random.below(6));
}

/** Upper, lower or mixed case, as clients write words. */
export function anyCase(random: Random, word: string): string {
  return random.pick([
    word,
    word,
    word.toLowerCase(),
    word[0] + word.slice(1).toLowerCase(),
  ]);
}

/**
 * The arguments, sometimes with one dropped, doubled or replaced: error replies for
 * wrong or missing arguments are compared, too.
 */
export function mangled(random: Random, args: string[]): string[] {
  if (!random.chance(0.03)) return args;
  const at = 1 + random.below(Math.max(1, args.length - 1));
  switch (random.below(4)) {
    case 0:
      return args.toSpliced(at, 1);
    case 1:
      return args.toSpliced(at, 0, args[at] ?? "x");
    case 2:
      return [...args, anyText(random)];
  }
  return args.toSpliced(at, 1, anyText(random));
}

/** Commands that set an expiry, and the index of the time among their arguments. */
const TIMES: Readonly<Record<string, number>> = {
  set: 3,
  getex: 2,
  msetex: 2,
  setex: 2,
  psetex: 2,
  expire: 2,
  pexpire: 2,
  expireat: 2,
  pexpireat: 2,
};

/**
 * Replaces times by random ones far in the future: a near time could pass between the
 * replies of the two servers, and the order of equal times would depend on the clocks.
 */
export function farOff(random: Random, args: string[]): string[] {
  const first = TIMES[args[0]!.toLowerCase()] ?? Infinity;
  return args.map((arg, at) =>
    at >= first && /^[1-9][0-9]{0,8}$/.test(arg)
      ? String(100_000_000 + random.below(800_000_000))
      : arg
  );
}

/** Rounds times in replies, so that the clocks of two servers agree. */
export function roughly(args: readonly string[], reply: string): string {
  const unit = /^(p?)(?:ttl|expiretime)$/i.exec(args[0]!)?.[1];
  if (unit === undefined || !/^:[1-9]/.test(reply)) return reply;
  const rough = unit === "" ? 1000 : 1_000_000;
  return `:about ${Math.round(Number(reply.slice(1)) / rough) * rough}`;
}
