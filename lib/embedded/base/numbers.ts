/**
 * Numbers as Redis reads and writes them.
 *
 * @module
 */

import { err, notAFloat, notAnInteger } from "./errors.ts";

const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
/** Integers of this many digits always fit a double exactly. */
const SAFE_DIGITS = 15;

/**
 * Parses an integer of few digits; `NaN` for any other text. The common case,
 * without an allocation.
 */
export function smallInteger(text: string): number {
  const { length } = text;
  if (length === 0 || length > SAFE_DIGITS) return NaN;
  let at = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const negative = at === 1;
  const first = text.charCodeAt(at);
  // Only "0" itself may start with 0; "-0" is not an integer.
  if (first === 0x30) return length === 1 ? 0 : NaN;
  let value = 0;
  if (at === length) return NaN;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

/** Reads a 64-bit integer; `null` for blanks, a plus sign or leading zeros. */
export function parseInteger(text: string): bigint | null {
  if (text.length > 20 || !INTEGER.test(text)) return null;
  const value = BigInt(text);
  return value >= MIN && value <= MAX ? value : null;
}

/** Whether text is a 64-bit integer as Redis would print it. */
export function isInteger(text: string): boolean {
  return !Number.isNaN(smallInteger(text)) ||
    text.length > SAFE_DIGITS && parseInteger(text) !== null;
}

/** Reads a 64-bit integer; throws when it is invalid. */
export function toBigInt(text: string): bigint {
  const value = parseInteger(text);
  if (value === null) throw notAnInteger();
  return value;
}

/**
 * Reads an integer as a number, for counts, indexes and times; throws when it is
 * invalid. Beyond 2^53 it is rounded: no count gets there.
 */
export function toInteger(text: string): number {
  const small = smallInteger(text);
  return Number.isNaN(small) ? Number(toBigInt(text)) : small;
}

/** The last number below 2^63. */
const LAST_TIME = 2 ** 63 - 1024;

/** A time as a number that still fits 64 bits when it is saved. */
export function toTime(at: bigint): number {
  return Math.min(Number(at), LAST_TIME);
}

/**
 * Reads an integer within a range. Throws `error` when it is invalid or outside;
 * Redis's usual error when `error` is left out.
 */
export function toRange(
  text: string,
  least: number | bigint,
  most: number | bigint,
  error?: () => Error,
): number {
  const value = parseInteger(text);
  if (value === null) throw error?.() ?? notAnInteger();
  if (value < least || value > most) {
    throw error?.() ??
      err(`value is out of range, value must between ${least} and ${most}`);
  }
  return Number(value);
}

const FLOAT =
  /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?)$/i;
const HEXADECIMAL =
  /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?$/i;

/**
 * Reads a double as C's `strtod` does, or `null`: blanks, NaN and numbers out of
 * range are invalid.
 */
export function parseFloat64(text: string): number | null {
  const small = smallInteger(text);
  if (!Number.isNaN(small)) return small;
  if (!FLOAT.test(text)) return parseHexadecimal(text);
  if (/inf/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  // Underflow: the text is not zero, but the double is.
  if (value === 0 && /^[^e]*[1-9]/i.test(text)) return null;
  return value;
}

function parseHexadecimal(text: string): number | null {
  const found = HEXADECIMAL.exec(text);
  if (found === null) return null;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  const digits = whole + fraction;
  if (digits === "") return null;
  const mantissa = Number(`0x${digits}`);
  const value = mantissa * 2 ** (Number(power) - fraction.length * 4);
  if (!Number.isFinite(value) || value === 0 && mantissa !== 0) return null;
  return sign === "-" ? -value : value;
}

/** Reads a double; throws when it is invalid. */
export function toFloat(text: string): number {
  const value = parseFloat64(text);
  if (value === null) throw notAFloat();
  return value;
}

/**
 * A double as Redis replies it: the fewest digits that identify it, or `inf`.
 */
export function formatDouble(value: number): string {
  if (Object.is(value, -0)) return "-0";
  // Redis prints integers of up to 62 bits as such.
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 62) {
    return String(BigInt(value));
  }
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e") as [
    string,
    string,
  ];
  return sign + layOut(mantissa.replace(".", ""), Number(exponent));
}

/** Lays out digits times a power of ten; the decimal point follows the first digit. */
function layOut(digits: string, power: number): string {
  const { length } = digits;
  // The power of the last digit.
  const last = power - length + 1;
  if (last >= 0 && power < length + 7) return digits + "0".repeat(last);
  if (last < 0 && (last > -7 || Math.abs(power) < 4)) {
    return power < 0
      ? `0.${"0".repeat(-power - 1)}${digits}`
      : `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
  }
  const rest = length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits[0]}${rest}e${power < 0 ? "" : "+"}${power}`;
}

/** Significant digits that identify every double. */
const DIGITS = 17;

/** A double as C's `%.17g`: ZSCAN of a large sorted set shows it. */
export function formatLongDouble(value: number): string {
  if (Number.isSafeInteger(value)) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const [mantissa, exponent] = scientific(Math.abs(value)).split("e") as [
    string,
    string,
  ];
  const digits = (mantissa[0]! + mantissa.slice(2)).replace(/0+$/, "");
  const power = Number(exponent);
  if (power < -4 || power >= DIGITS) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${sign}${digits[0]}${rest}e${power < 0 ? "-" : "+"}${size}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  const rest = digits.slice(power + 1);
  return `${sign}${whole}${rest === "" ? "" : `.${rest}`}`;
}

/** 17 digits and an exponent; ties round to even, as in C. */
function scientific(value: number): string {
  const rounded = value.toExponential(DIGITS - 1);
  // JavaScript rounds ties up. In a tie, one more digit is exact.
  const more = value.toExponential(DIGITS);
  if (!/5e/.test(more) || Number(more) !== value) return rounded;
  const exact = value.toExponential(60);
  if (!/^[^e]{18}50*e/.test(exact)) return rounded;
  const cut = more.replace(/5e/, "e");
  return /[02468]e/.test(cut) ? cut : rounded;
}
