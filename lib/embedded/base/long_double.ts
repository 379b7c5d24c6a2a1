/**
 * Sums in C's `long double` of x86-64: a mantissa of 64 bits. Redis uses it for
 * INCRBYFLOAT and HINCRBYFLOAT, and its rounding is visible in the replies.
 *
 * @module
 */

import { err, notAFloat } from "./errors.ts";

/** `mantissa * 2 ** exponent`; the mantissa carries the sign. Or an infinity. */
export type LongDouble =
  | { readonly mantissa: bigint; readonly exponent: number }
  | { readonly infinite: 1 | -1 };

const BITS = 64;
/** The exponent of the smallest positive number. */
const LEAST = -16_445;
/** From this power of two on, numbers are infinite. */
const MOST = 16_384;
/** Redis refuses text of this many bytes or more. */
const LONGEST = 5 * 1024;
/** Digits behind the decimal point. */
const DECIMALS = 17;

const DECIMAL = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:e([+-]?[0-9]+))?$/i;
const HEXADECIMAL =
  /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** Reads a number as C's `strtold` does; `null` when invalid or out of range. */
export function parseLongDouble(text: string): LongDouble | null {
  if (text.length >= LONGEST) return null;
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return { infinite: infinite[1] === "-" ? -1 : 1 };
  const decimal = DECIMAL.exec(text);
  const found = decimal ?? HEXADECIMAL.exec(text);
  if (found === null) return null;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  const digits = whole + fraction;
  if (digits === "") return null;
  const value = BigInt(decimal ? digits : `0x${digits}`);
  if (value === 0n) return { mantissa: 0n, exponent: 0 };
  const scale = Number(power) - fraction.length * (decimal ? 1 : 4);
  // Certainly out of range: computing the exact power would be a waste.
  if (Math.abs(scale) > 40_000) return null;
  const rounded = decimal
    ? scale < 0
      ? round(value, 10n ** BigInt(-scale), 0)
      : round(value * 10n ** BigInt(scale), 1n, 0)
    : round(value, 1n, scale);
  if ("infinite" in rounded || rounded.mantissa === 0n) return null;
  return sign === "-"
    ? { mantissa: -rounded.mantissa, exponent: rounded.exponent }
    : rounded;
}

/**
 * The sum of two numbers, as Redis saves it. Throws when one is not a number, or
 * the sum is not finite.
 */
export function addLongDouble(a: string, b: string): string {
  const [first, second] = [parseLongDouble(a), parseLongDouble(b)];
  if (first === null || second === null) throw notAFloat();
  const sum = add(first, second);
  if (sum === null) throw err("increment would produce NaN or Infinity");
  return format(sum.mantissa, sum.exponent);
}

/** The rounded sum; `null` when it is not finite. */
function add(
  a: LongDouble,
  b: LongDouble,
): { mantissa: bigint; exponent: number } | null {
  if ("infinite" in a || "infinite" in b) return null;
  const exponent = Math.min(a.exponent, b.exponent);
  const exact = (a.mantissa << BigInt(a.exponent - exponent)) +
    (b.mantissa << BigInt(b.exponent - exponent));
  const sum = round(exact < 0n ? -exact : exact, 1n, exponent);
  if ("infinite" in sum) return null;
  return exact < 0n ? { ...sum, mantissa: -sum.mantissa } : sum;
}

/** The number nearest to `over / under * 2 ** exponent`, which must not be negative. */
function round(over: bigint, under: bigint, exponent: number): LongDouble {
  if (over === 0n) return { mantissa: 0n, exponent: 0 };
  // The right shift that leaves BITS bits of the quotient, or one more.
  let shift = bitLength(over) - bitLength(under) - BITS;
  let mantissa = shiftedQuotient(over, under, shift);
  if (bitLength(mantissa) > BITS) {
    mantissa = shiftedQuotient(over, under, ++shift);
  }
  // Rounding may carry the mantissa to 2 ** BITS, which is still exact.
  if (exponent + shift < LEAST) {
    shift = LEAST - exponent;
    mantissa = shiftedQuotient(over, under, shift);
  }
  if (bitLength(mantissa) + exponent + shift > MOST) return { infinite: 1 };
  return { mantissa, exponent: exponent + shift };
}

/** `over / under / 2 ** shift` as the nearest integer, half to even. */
function shiftedQuotient(over: bigint, under: bigint, shift: number): bigint {
  if (shift < 0) over <<= BigInt(-shift);
  else under <<= BigInt(shift);
  const quotient = over / under;
  const twice = (over - quotient * under) * 2n;
  const up = twice > under || (twice === under && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  const hexadecimal = value.toString(16);
  return hexadecimal.length * 4 - Math.clz32(parseInt(hexadecimal[0]!, 16)) +
    28;
}

/** C's `%.17Lf` without the zeros at its end. */
function format(mantissa: bigint, exponent: number): string {
  const negative = mantissa < 0n;
  const scaled = (negative ? -mantissa : mantissa) * 10n ** BigInt(DECIMALS);
  const digits = shiftedQuotient(scaled, 1n, -exponent).toString()
    .padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  const text = fraction === "" ? whole : `${whole}.${fraction}`;
  return negative && text !== "0" ? `-${text}` : text;
}
