/**
 * Conditions of SET and DELEX: they compare the string or its digest.
 *
 * @module
 */

import { err } from "../base/errors.ts";
import { xxh3 } from "../base/xxh3.ts";
import type { StringValue } from "../values/string.ts";

/** The keyword of a condition: on the value or its digest, equal or not equal. */
export type ConditionWord = "IFEQ" | "IFNE" | "IFDEQ" | "IFDNE";

/** A condition: its keyword, and the value or digest to compare with. */
export type Condition = readonly [ConditionWord, string];

/** Hexadecimal digits of a digest. */
const DIGITS = 16;

/** Whether a word, in upper case, begins a condition. */
export function isConditionWord(word: string): word is ConditionWord {
  return /^IFD?(EQ|NE)$/.test(word);
}

/** The reply of DIGEST: the XXH3 of a string in hexadecimal digits. */
export function digestOf(value: StringValue): string {
  return xxh3(value.bytes).toString(16).padStart(DIGITS, "0");
}

/** Whether a condition holds for the value of a key; without a key those of inequality do. */
export function holds(
  [word, operand]: Condition,
  value: StringValue | undefined,
): boolean {
  const differs = word.endsWith("NE");
  if (value === undefined) return differs;
  return isSame(word, value, operand) !== differs;
}

function isSame(
  word: ConditionWord,
  value: StringValue,
  operand: string,
): boolean {
  if (word === "IFEQ" || word === "IFNE") return value.text === operand;
  if (operand.length !== DIGITS) {
    throw err(`must be exactly ${DIGITS} hexadecimal characters`);
  }
  return digestOf(value) === operand.toLowerCase();
}
