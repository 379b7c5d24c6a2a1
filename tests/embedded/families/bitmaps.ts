/**
 * Random commands on the bits of strings.
 *
 * @module
 */

import type { Random } from "../../resp/random.ts";
import { anyCase, anyInteger, anyKey, anyText, mangled } from "../arguments.ts";
import type { Family } from "../differential.ts";

/** Commands on bits. */
export const BITMAP_FAMILY: Family = {
  name: "bitmaps",
  generate: (random) => mangled(random, generate(random)),
};

type Make = (random: Random, key: string) => string[];

const MAKES: readonly Make[] = [
  (random, key) => ["SETBIT", key, anyOffset(random), anyBit(random)],
  (random, key) => ["SETBIT", key, anyOffset(random), anyBit(random)],
  (random, key) => ["GETBIT", key, anyOffset(random)],
  (random, key) => ["BITCOUNT", key, ...anyRange(random)],
  (random, key) => ["BITCOUNT", key, ...anyRange(random)],
  (random, key) => ["BITPOS", key, anyBit(random), ...anyRange(random)],
  (random, key) => ["BITPOS", key, anyBit(random), ...anyRange(random)],
  (random, key) => [
    "BITOP",
    anyCase(
      random,
      random.pick([
        ...["AND", "OR", "XOR", "NOT", "x"],
        ...["DIFF", "DIFF1", "ANDOR", "ONE"],
      ]),
    ),
    key,
    ...Array.from({ length: 1 + random.below(3) }, () => anyKey(random)),
  ],
  (random, key) => ["BITFIELD", key, ...anyFields(random)],
  (random, key) => ["BITFIELD", key, ...anyFields(random)],
  (random, key) => ["BITFIELD_RO", key, ...anyFields(random)],
  (_, key) => ["GET", key],
  (_, key) => ["OBJECT", "ENCODING", key],
  (random, key) => ["SET", key, anyText(random)],
  (random, key) => ["SET", key, random.pick(["\xff\xff\xff", "\0\0", "\x0f"])],
  (_, key) => ["DEL", key],
  (random, key) => random.chance(0.2) ? ["LPUSH", key, "x"] : ["STRLEN", key],
];

function generate(random: Random): string[] {
  const [word, ...rest] = random.pick(MAKES)(random, anyKey(random));
  return [anyCase(random, word!), ...rest];
}

function anyOffset(random: Random): string {
  if (random.chance(0.05)) {
    return random.pick(["-1", "4294967296", "x", "1.0", "#1", ""]);
  }
  return String(random.below(random.pick([8, 40, 40, 1000])));
}

function anyBit(random: Random): string {
  return random.chance(0.95) ? String(random.below(2)) : anyInteger(random);
}

function anyRange(random: Random): string[] {
  const unit = random.chance(0.95) ? random.pick(["BIT", "BYTE", "bit"]) : "x";
  return random.pick([
    [],
    [anyInteger(random)],
    [anyInteger(random), anyInteger(random)],
    [anyInteger(random), anyInteger(random)],
    [anyInteger(random), anyInteger(random), unit],
    [anyInteger(random), anyInteger(random), unit],
  ]);
}

function anyFields(random: Random): string[] {
  return Array.from({ length: random.below(5) }, () => {
    const field = [anyFieldType(random), anyFieldOffset(random)];
    return random.pick([
      ["GET", ...field],
      [anyCase(random, "SET"), ...field, anyOperand(random)],
      [anyCase(random, "INCRBY"), ...field, anyOperand(random)],
      [anyCase(random, "INCRBY"), ...field, anyOperand(random)],
      ["OVERFLOW", random.pick(["WRAP", "sat", "FAIL", "SAT", "FAIL"])],
      random.chance(0.1) ? ["OVERFLOW", "x"] : ["GET", ...field],
    ]);
  }).flat();
}

function anyFieldType(random: Random): string {
  if (random.chance(0.03)) {
    return random.pick(["u64", "i65", "i0", "u", "x8", "I8", "", "i-1", "u08"]);
  }
  const sign = random.pick(["i", "u"]);
  const most = sign === "i" ? 64 : 63;
  return `${sign}${random.pick([1 + random.below(most), most, 8, 2])}`;
}

function anyFieldOffset(random: Random): string {
  if (random.chance(0.3)) return `#${random.below(6)}`;
  return anyOffset(random);
}

function anyOperand(random: Random): string {
  return random.chance(0.3)
    ? String((random.next() - 0.5) * 2 ** 62).split(".")[0]!
    : anyInteger(random);
}
