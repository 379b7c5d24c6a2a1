/**
 * The library `bit`: operations on 32-bit numbers.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import type { NativeFunction, Value } from "../value.ts";
import { library, number } from "./arguments.ts";

/** Adds `bit` to the global variables. */
export function openBit(m: Machine): void {
  m.globals.set("bit", library(FUNCTIONS));
}

/** Adding this to a double leaves the rounded integer in its lowest bits. */
const ROUNDING = 2 ** 52 + 2 ** 51;
const NUMBER = new Float64Array(1);
const BITS = new Int32Array(NUMBER.buffer);

/** A number argument as 32 bits. */
function bits(m: Machine, args: readonly Value[], at: number): number {
  NUMBER[0] = number(m, args, at) + ROUNDING;
  return BITS[0]!;
}

type Run = NativeFunction["run"];

function fold(combine: (a: number, b: number) => number): Run {
  return (args, m) => {
    let result = bits(m, args, 0);
    for (let i = args.length - 1; i > 0; i--) {
      result = combine(result, bits(m, args, i));
    }
    return result;
  };
}

function shift(by: (a: number, n: number) => number): Run {
  return (args, m) => by(bits(m, args, 0), bits(m, args, 1) & 31) | 0;
}

const FUNCTIONS: Readonly<Record<string, Run>> = {
  arshift: shift((a, n) => a >> n),
  band: fold((a, b) => a & b),
  bnot: (args, m) => ~bits(m, args, 0),
  bor: fold((a, b) => a | b),
  bswap(args, m) {
    const b = bits(m, args, 0);
    return b >>> 24 | b >>> 8 & 0xff00 | (b & 0xff00) << 8 | b << 24;
  },
  bxor: fold((a, b) => a ^ b),
  lshift: shift((a, n) => a << n),
  rol: shift((a, n) => a << n | a >>> 32 - n),
  ror: shift((a, n) => a << 32 - n | a >>> n),
  rshift: shift((a, n) => a >>> n),
  tobit: (args, m) => bits(m, args, 0),
  tohex(args, m) {
    const digits = (bits(m, args, 0) >>> 0).toString(16).padStart(8, "0");
    const size = args.length < 2 ? 8 : bits(m, args, 1);
    const shown = digits.slice(8 - Math.min(8, Math.abs(size)));
    return size < 0 ? shown.toUpperCase() : size === 0 ? "" : shown;
  },
};
