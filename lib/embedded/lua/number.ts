/**
 * Numbers as text and back, as C's `printf("%.14g")` and `strtod`.
 *
 * @module
 */

/** A number as Lua writes it: `%.14g`. */
export function numberToText(value: number): string {
  // Integers of up to 14 digits have the same text in JavaScript, except -0.
  if (value === Math.floor(value) && Math.abs(value) < 1e14) {
    return value === 0 && 1 / value < 0 ? "-0" : String(value);
  }
  return general(value, 14, false);
}

/** C's `%g` with a precision; `alternate` keeps zeros at the end. */
export function general(
  value: number,
  precision: number,
  alternate: boolean,
): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (precision === 0) precision = 1;
  if (value === 0) {
    const sign = 1 / value < 0 ? "-" : "";
    return alternate && precision > 1
      ? `${sign}0.${"0".repeat(precision - 1)}`
      : `${sign}0`;
  }
  const [digits, exponent] = scientific(value, precision);
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= precision) {
    const rest = alternate ? digits.slice(1) : trimmed(digits.slice(1));
    const point = rest === "" ? "" : `.${rest}`;
    return `${sign}${digits[0]}${point}e${exponentText(exponent)}`;
  }
  if (exponent < 0) {
    const rest = "0".repeat(-exponent - 1) + digits;
    return `${sign}0.${alternate ? rest : trimmed(rest)}`;
  }
  const rest = digits.slice(exponent + 1);
  const kept = alternate ? rest : trimmed(rest);
  const whole = digits.slice(0, exponent + 1);
  return `${sign}${whole}${kept === "" ? "" : `.${kept}`}`;
}

/** C's `%e` with a precision. */
export function exponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const sign = value < 0 || (value === 0 && 1 / value < 0) ? "-" : "";
  const [digits, exponent] = value === 0
    ? ["0".repeat(precision + 1), 0] as const
    : scientific(value, precision + 1);
  const rest = precision > 0 ? `.${digits.slice(1)}` : "";
  return `${sign}${digits[0]}${rest}e${exponentText(exponent)}`;
}

/** C's `%f` with a precision. */
export function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const sign = value < 0 || (value === 0 && 1 / value < 0) ? "-" : "";
  const [whole, fraction] = decimal(Math.abs(value));
  const [rounded, carried] = round(whole + fraction, whole.length + precision);
  const at = whole.length + (carried ? 1 : 0);
  const digits = rounded.padEnd(at + precision, "0");
  const rest = precision > 0 ? `.${digits.slice(at, at + precision)}` : "";
  return `${sign}${digits.slice(0, at)}${rest}`;
}

function notFinite(value: number): string {
  // On x86 the NaN of 0/0 has its sign set, and C prints that.
  return value !== value ? "-nan" : value > 0 ? "inf" : "-inf";
}

function exponentText(exponent: number): string {
  const size = Math.abs(exponent);
  return `${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
}

function trimmed(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

/** The first `size` digits of a number, and the exponent of the first one. */
function scientific(value: number, size: number): [string, number] {
  if (size <= 101) {
    const [mantissa, exponent] = Math.abs(value).toExponential(size - 1).split(
      "e",
    ) as [string, string];
    // JavaScript rounds ties up, C to the even digit: only exact ties differ.
    if (!isTie(value, size)) {
      return [mantissa.replace(".", ""), Number(exponent)];
    }
  }
  const [whole, fraction] = decimal(Math.abs(value));
  const all = whole + fraction;
  let first = 0;
  while (all.charCodeAt(first) === 48) first++;
  const [digits, carried] = round(all.slice(first), size);
  const exponent = whole.length - first - 1 + (carried ? 1 : 0);
  return [digits.slice(0, size).padEnd(size, "0"), exponent];
}

/** Whether the digits after the first `size` are exactly a half. */
function isTie(value: number, size: number): boolean {
  const shortest = Math.abs(value).toExponential();
  return shortest.slice(0, shortest.indexOf("e")).length === size + 2 &&
    shortest[size + 1] === "5";
}

/** The exact digits of a nonnegative number, before and after the decimal point. */
function decimal(value: number): [whole: string, fraction: string] {
  const [view, bits] = BITS;
  view[0] = value;
  const raw = Number(bits[0]! >> 52n & 0x7ffn);
  const mantissa = (bits[0]! & 0xfffffffffffffn) |
    (raw === 0 ? 0n : 1n << 52n);
  const shift = (raw === 0 ? 1 : raw) - 1075;
  if (shift >= 0) return [String(mantissa << BigInt(shift)), ""];
  const places = -shift;
  const whole = mantissa >> BigInt(places);
  const rest = mantissa & ((1n << BigInt(places)) - 1n);
  const fraction = String(rest * 5n ** BigInt(places)).padStart(places, "0");
  return [String(whole), rest === 0n ? "" : fraction];
}

const VIEW = new Float64Array(1);
const BITS = [VIEW, new BigUint64Array(VIEW.buffer)] as const;

/** Rounds to a number of digits, ties to even; returns whether a digit was added. */
function round(digits: string, size: number): [string, boolean] {
  if (digits.length <= size) return [digits, false];
  const kept = digits.slice(0, size);
  const rest = digits.slice(size);
  const half = rest[0]! > "5" ||
    (rest[0] === "5" && /[1-9]/.test(rest.slice(1)));
  const tie = rest[0] === "5" && !half;
  const odd = size > 0 && (kept.charCodeAt(size - 1) & 1) === 1;
  if (!half && !(tie && odd)) return [kept, false];
  const next = String(BigInt(kept === "" ? "0" : kept) + 1n).padStart(
    size,
    "0",
  );
  return [next, next.length > size];
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const SPECIAL = /^([+-]?)(?:(inf(?:inity)?)|nan(?:\([\w]*\))?)$/i;

/** Parses a number with optional blanks around it; `undefined` when invalid. */
export function textToNumber(text: string): number | undefined {
  const { length } = text;
  if (length === 0) return undefined;
  const first = text.charCodeAt(0);
  // Fast path: most numbers are short and have only digits.
  if (first >= 48 && first <= 57 && length < 15) {
    let value = first - 48;
    let at = 1;
    for (; at < length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === length) return value;
  }
  const trimmed = text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, "");
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  const hex = HEXADECIMAL.exec(trimmed);
  if (hex !== null) return hexadecimal(hex);
  const special = SPECIAL.exec(trimmed);
  if (special === null) return undefined;
  if (special[2] === undefined) return NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

function hexadecimal(parts: RegExpExecArray): number | undefined {
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  if (whole === "" && fraction === "") return undefined;
  let value = 0;
  for (const digit of whole + fraction) {
    value = value * 16 + parseInt(digit, 16);
  }
  value *= 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}
