/**
 * Numbers as Redis reads and writes them.
 *
 * @module
 */

import { notAFloat, notAnInteger } from "./errors.ts";

const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Reads an integer of 64 bits, or `null`: no blanks, no plus, no leading zero. */
export function parseInteger(text: string): bigint | null {
  if (text.length > 20 || !INTEGER.test(text)) return null;
  const value = BigInt(text);
  return value >= MIN && value <= MAX ? value : null;
}

/** An integer of 64 bits; throws when it is not one. */
export function toBigInt(text: string): bigint {
  const value = parseInteger(text);
  if (value === null) throw notAnInteger();
  return value;
}

/**
 * An integer as a number, for counts, indexes and times; throws when it is not
 * one. Beyond 2^53 the nearest: no count gets there.
 */
export function toInteger(text: string): number {
  if (text.length < 16 && INTEGER.test(text)) return Number(text);
  return Number(toBigInt(text));
}

/** An integer of 64 bits within what it is used for; throws with `error`. */
export function toRange(
  text: string,
  least: number,
  most: number,
  error: () => Error = notAnInteger,
): number {
  const value = parseInteger(text);
  if (value === null || value < least || value > most) throw error();
  return Number(value);
}

const FLOAT =
  /^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?)$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]+)$/i;

/** Reads a double, or `null`: as C's `strtod`, without blanks and NaN. */
export function parseFloat64(text: string): number | null {
  if (FLOAT.test(text)) {
    if (!/inf/i.test(text)) return Number(text);
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return null;
  const value = parseInt(hexadecimal[2]!, 16);
  return hexadecimal[1] === "-" ? -value : value;
}

/** A double; throws when it is not one. */
export function toFloat(text: string): number {
  const value = parseFloat64(text);
  if (value === null) throw notAFloat();
  return value;
}

/** A double as Redis 7.0 replies it: C's `%.17g`, and `inf`. */
export function formatDouble(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e17) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (Number.isNaN(value)) return "nan";
  const [digits, exponent] = value.toExponential(16).split("e") as [
    string,
    string,
  ];
  const power = Number(exponent);
  if (power < -4 || power >= 17) {
    const sign = power < 0 ? "-" : "+";
    const size = String(Math.abs(power)).padStart(2, "0");
    return `${withoutZeros(digits)}e${sign}${size}`;
  }
  return withoutZeros(value.toFixed(16 - power));
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
