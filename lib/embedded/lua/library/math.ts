/**
 * The library `math`.
 *
 * @module
 */

import type { Machine } from "../machine.ts";
import { power } from "../operators.ts";
import type { NativeFunction } from "../value.ts";
import { integer, library, NOTHING, number } from "./arguments.ts";
import type { Random } from "./random.ts";

/** Adds `math` to the global variables; `random` generates its random numbers. */
export function openMath(m: Machine, random: Random): void {
  const made = library({ ...FUNCTIONS, ...randomFunctions(random) });
  made.set("pi", Math.PI);
  made.set("huge", Infinity);
  made.set("mod", made.get("fmod"));
  m.globals.set("math", made);
}

type Run = NativeFunction["run"];

function unary(compute: (x: number) => number): Run {
  return (args, m) => compute(number(m, args, 0));
}

function binary(compute: (x: number, y: number) => number): Run {
  return (args, m) => compute(number(m, args, 0), number(m, args, 1));
}

const FUNCTIONS: Readonly<Record<string, Run>> = {
  abs: unary(Math.abs),
  acos: unary(Math.acos),
  asin: unary(Math.asin),
  atan: unary(Math.atan),
  atan2: binary(Math.atan2),
  ceil: unary(Math.ceil),
  cos: unary(Math.cos),
  cosh: unary(Math.cosh),
  deg: unary((x) => x / (Math.PI / 180)),
  exp: unary(Math.exp),
  floor: unary(Math.floor),
  fmod: binary((x, y) => x % y),
  frexp(args, m) {
    const x = number(m, args, 0);
    if (x === 0 || !Number.isFinite(x)) return [x, 0];
    let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
    let fraction = x * 2 ** -exponent;
    while (Math.abs(fraction) < 0.5) {
      fraction *= 2;
      exponent--;
    }
    while (Math.abs(fraction) >= 1) {
      fraction /= 2;
      exponent++;
    }
    return [fraction, exponent];
  },
  ldexp(args, m) {
    const x = number(m, args, 0);
    const exponent = Math.max(-2200, Math.min(2200, integer(m, args, 1)));
    // In two steps: the full power could overflow.
    const half = Math.trunc(exponent / 2);
    return x * 2 ** half * 2 ** (exponent - half);
  },
  log: unary(Math.log),
  log10: unary(Math.log10),
  max(args, m) {
    let most = number(m, args, 0);
    for (let i = 1; i < args.length; i++) {
      const value = number(m, args, i);
      if (value > most) most = value;
    }
    return most;
  },
  min(args, m) {
    let least = number(m, args, 0);
    for (let i = 1; i < args.length; i++) {
      const value = number(m, args, i);
      if (value < least) least = value;
    }
    return least;
  },
  modf(args, m) {
    const x = number(m, args, 0);
    const whole = Math.trunc(x);
    return [
      whole,
      Number.isFinite(x) ? x - whole : x !== x ? x : x > 0 ? 0 : -0,
    ];
  },
  pow: binary(power),
  rad: unary((x) => x * (Math.PI / 180)),
  sin: unary(Math.sin),
  sinh: unary(Math.sinh),
  sqrt: unary(Math.sqrt),
  tan: unary(Math.tan),
  tanh: unary(Math.tanh),
};

function randomFunctions(random: Random): Readonly<Record<string, Run>> {
  return {
    random(args, m) {
      const r = random.next();
      switch (args.length) {
        case 0:
          return r;
        case 1: {
          const most = integer(m, args, 0);
          if (most < 1) throw m.argumentError(1, "interval is empty");
          return Math.floor(r * most) + 1;
        }
        case 2: {
          const least = integer(m, args, 0);
          const most = integer(m, args, 1);
          if (least > most) throw m.argumentError(2, "interval is empty");
          return Math.floor(r * (most - least + 1)) + least;
        }
      }
      throw m.error("wrong number of arguments");
    },
    randomseed(args, m) {
      random.seed(integer(m, args, 0));
      return NOTHING;
    },
  };
}
