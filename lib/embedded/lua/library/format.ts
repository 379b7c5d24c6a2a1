/**
 * `string.format`: C's `sprintf`.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { exponential, fixed, general } from "../number.ts";
import type { Value } from "../value.ts";
import { number, text } from "./arguments.ts";

/** The flags, width and precision between `%` and its letter. */
interface Directive {
  readonly flags: string;
  readonly width: number;
  /** -1 when absent. */
  readonly precision: number;
}

const DIRECTIVE = /([-+ #0]*)(\d?\d?)(?:(\.)(\d?\d?))?/y;

/** Formats values according to a format string. */
export function format(args: readonly Value[], m: Machine): string {
  const pattern = text(m, args, 0);
  let made = "";
  let arg = 0;
  for (let at = 0; at < pattern.length;) {
    const next = pattern.indexOf("%", at);
    if (next < 0) return made + pattern.slice(at);
    made += pattern.slice(at, next);
    at = next + 1;
    if (pattern[at] === "%") {
      made += "%";
      at++;
      continue;
    }
    if (++arg >= args.length) throw m.argumentError(arg + 1, "no value");
    DIRECTIVE.lastIndex = at;
    const [whole, flags, width, dot, precision] = DIRECTIVE.exec(
      pattern,
    ) as unknown as [string, string, string, string?, string?];
    at += whole.length;
    if (flags.length >= 6) throw m.error("invalid format (repeated flags)");
    const letter = pattern[at++];
    if (letter !== undefined && letter >= "0" && letter <= "9") {
      throw m.error("invalid format (width or precision too long)");
    }
    made += item(m, args, arg, letter, {
      flags,
      width: Number(width),
      precision: dot === undefined ? -1 : Number(precision),
    });
    m.charge(made.length);
  }
  return made;
}

function item(
  m: Machine,
  args: readonly Value[],
  arg: number,
  letter: string | undefined,
  directive: Directive,
): string {
  switch (letter) {
    case "c": {
      const char = String.fromCharCode(number(m, args, arg) & 255);
      return untilZero(pad(char, { ...directive, flags: dash(directive) }));
    }
    case "d":
    case "i":
      return decimal(toInteger(number(m, args, arg)), directive);
    case "o":
    case "u":
    case "x":
    case "X":
      return unsigned(toUnsigned(number(m, args, arg)), letter, directive);
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return float(number(m, args, arg), letter, directive);
    case "q":
      return quoted(text(m, args, arg));
    case "s": {
      const value = text(m, args, arg);
      const { precision } = directive;
      if (precision < 0 && value.length >= 100) return value;
      const shown = untilZero(value);
      return pad(precision < 0 ? shown : shown.slice(0, precision), {
        ...directive,
        flags: dash(directive),
      });
    }
  }
  throw m.error(`invalid option '%${letter ?? ""}' to 'format'`);
}

function dash({ flags }: Directive): string {
  return flags.includes("-") ? "-" : "";
}

function untilZero(value: string): string {
  const end = value.indexOf("\0");
  return end < 0 ? value : value.slice(0, end);
}

/** A double as a 64-bit integer, as x86 converts it. */
function toInteger(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(1n << 63n);
}

function toUnsigned(value: number): bigint {
  if (!(value > -(2 ** 63) && value < 2 ** 64)) {
    return value >= 2 ** 64 ? 0n : 1n << 63n;
  }
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}

function decimal(value: bigint, directive: Directive): string {
  const digits = withPrecision(String(value < 0n ? -value : value), directive);
  return signed(value < 0n, "", digits, directive, directive.precision < 0);
}

function unsigned(value: bigint, letter: string, directive: Directive): string {
  const base = letter === "o" ? 8 : letter === "u" ? 10 : 16;
  let digits = withPrecision(value.toString(base), directive);
  let prefix = "";
  if (directive.flags.includes("#")) {
    if (letter === "o" && digits[0] !== "0") digits = `0${digits}`;
    if (base === 16 && value !== 0n) prefix = "0x";
  }
  const flags = directive.flags.replace(/[+ ]/g, "");
  const made = signed(
    false,
    prefix,
    digits,
    { ...directive, flags },
    directive.precision < 0,
  );
  return letter === "X" ? made.toUpperCase() : made;
}

function withPrecision(digits: string, { precision }: Directive): string {
  if (precision === 0 && digits === "0") return "";
  return digits.padStart(precision, "0");
}

function float(value: number, letter: string, directive: Directive): string {
  const precision = directive.precision < 0 ? 6 : directive.precision;
  const alternate = directive.flags.includes("#");
  const lower = letter.toLowerCase();
  let shown = lower === "e"
    ? exponential(value, precision)
    : lower === "f"
    ? fixed(value, precision)
    : general(value, precision, alternate);
  if (alternate && Number.isFinite(value) && !shown.includes(".")) {
    shown = shown.replace(/(?=e|$)/, ".");
  }
  const negative = shown.startsWith("-");
  const digits = negative ? shown.slice(1) : shown;
  const made = signed(negative, "", digits, directive, Number.isFinite(value));
  return letter === lower ? made : made.toUpperCase();
}

/** Sign, prefix and digits, padded with blanks or zeros. */
function signed(
  negative: boolean,
  prefix: string,
  digits: string,
  directive: Directive,
  mayFill: boolean,
): string {
  const { flags, width } = directive;
  const sign = negative
    ? "-"
    : flags.includes("+")
    ? "+"
    : flags.includes(" ")
    ? " "
    : "";
  const head = sign + prefix;
  if (flags.includes("0") && !flags.includes("-") && mayFill) {
    return head + digits.padStart(width - head.length, "0");
  }
  return pad(head + digits, directive);
}

function pad(value: string, { flags, width }: Directive): string {
  return flags.includes("-") ? value.padEnd(width) : value.padStart(width);
}

function quoted(value: string): string {
  const escaped = value.replace(
    /["\\\n\r\0]/g,
    (char) => char === "\r" ? "\\r" : char === "\0" ? "\\000" : `\\${char}`,
  );
  return `"${escaped}"`;
}
