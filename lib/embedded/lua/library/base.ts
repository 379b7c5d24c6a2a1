/**
 * The global functions: `pcall`, `pairs`, `tostring` …
 *
 * @module
 */

import { compile } from "../compiler.ts";
import { display, toText, typeName } from "../convert.ts";
import { isCatchable, type Machine } from "../machine.ts";
import { textToNumber } from "../number.ts";
import { LuaTable } from "../table.ts";
import {
  calling,
  isTrue,
  LuaError,
  LuaFunction,
  NativeFunction,
  Routine,
  type RoutineRun,
  type Value,
} from "../value.ts";
import {
  any,
  integer,
  NOTHING,
  optionalInteger,
  optionalText,
  rawSet,
  readOnlyError,
  table,
  text,
  wrongType,
} from "./arguments.ts";

/** Adds the functions to the global variables. */
export function openBase(m: Machine): void {
  const { globals } = m;
  globals.set("_G", globals);
  globals.set("_VERSION", "Lua 5.1");
  for (const [name, run] of Object.entries(FUNCTIONS)) {
    globals.set(name, new NativeFunction(run));
  }
  globals.set("next", NEXT);
  for (const [name, run] of Object.entries(ROUTINES)) {
    globals.set(name, new Routine(run));
  }
}

const NEXT = new NativeFunction((args, m) => {
  const found = table(m, args, 0).next(args[1]);
  if (found === -1) throw m.error("invalid key to 'next'");
  return found;
});

const IPAIRS_STEP = new NativeFunction((args, m) => {
  const i = integer(m, args, 1) + 1;
  const value = table(m, args, 0).get(i);
  return value === undefined ? undefined : [i, value];
});

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  assert(args, m) {
    if (isTrue(any(m, args, 0))) return args;
    const message = optionalText(m, args, 1, "assertion failed!");
    throw m.error(message);
  },
  collectgarbage(args, m) {
    const option = optionalText(m, args, 0, "collect");
    if (!GC_OPTIONS.has(option)) {
      throw m.argumentError(1, `invalid option '${option}'`);
    }
    // JavaScript cannot measure the memory of one script.
    return 0;
  },
  error(args, m) {
    const level = optionalInteger(m, args, 1, 1);
    const [value] = args;
    const message = toText(value);
    if (message === undefined || level <= 0) throw new LuaError(value);
    throw new LuaError(m.where(level) + message);
  },
  gcinfo: () => 0,
  getmetatable(args, m) {
    const metatable = m.metatableOf(any(m, args, 0));
    return metatable?.getText("__metatable") ?? metatable;
  },
  ipairs: (args, m) => [IPAIRS_STEP, table(m, args, 0), 0],
  loadstring(args, m) {
    const source = text(m, args, 0);
    return load(m, source, optionalText(m, args, 1, source));
  },
  pairs: (args, m) => [NEXT, table(m, args, 0), undefined],
  rawequal: (args, m) => any(m, args, 0) === any(m, args, 1),
  rawget: (args, m) => table(m, args, 0).get(any(m, args, 1)),
  rawset(args, m) {
    const target = table(m, args, 0);
    rawSet(target, any(m, args, 1), any(m, args, 2));
    return target;
  },
  select(args, m) {
    const [first] = args;
    if (typeof first === "string" && first[0] === "#") return args.length - 1;
    const at = integer(m, args, 0);
    if (at < 0) {
      const from = args.length + at;
      if (from < 1) throw m.argumentError(1, "index out of range");
      return args.slice(from);
    }
    if (at === 0) throw m.argumentError(1, "index out of range");
    return args.slice(at);
  },
  setmetatable(args, m) {
    const target = table(m, args, 0);
    const metatable = args[1];
    const isValid = metatable instanceof LuaTable ||
      metatable === undefined && args.length > 1;
    if (!isValid) throw m.argumentError(2, "nil or table expected");
    if (target.metatable?.getText("__metatable") !== undefined) {
      throw m.error("cannot change a protected metatable");
    }
    if (target.readOnly) throw readOnlyError();
    target.metatable = metatable;
    return target;
  },
  tonumber(args, m) {
    const base = optionalInteger(m, args, 1, 10);
    if (base === 10) {
      const value = any(m, args, 0);
      if (typeof value === "number") return value;
      return typeof value === "string" ? textToNumber(value) : undefined;
    }
    const digits = text(m, args, 0);
    if (base < 2 || base > 36) throw m.argumentError(2, "base out of range");
    return parseDigits(digits, base);
  },
  type: (args, m) => typeName(any(m, args, 0)),
  unpack(args, m) {
    const list = table(m, args, 0);
    const first = optionalInteger(m, args, 1, 1);
    const last = args[2] === undefined ? list.length : integer(m, args, 2);
    if (first > last) return NOTHING;
    if (last - first >= MAX_UNPACKED) {
      throw m.error("too many results to unpack");
    }
    const values: Value[] = [];
    for (let i = first; i <= last; i++) values.push(list.get(i));
    return values;
  },
};

const GC_OPTIONS: ReadonlySet<string> = new Set([
  "stop",
  "restart",
  "collect",
  "count",
  "step",
  "setpause",
  "setstepmul",
]);

/** The results of `unpack` must fit on the stack. */
const MAX_UNPACKED = 8000;

const ROUTINES: Readonly<Record<string, Routine["run"]>> = {
  *load(args, m): RoutineRun {
    const [reader] = args;
    if (typeName(reader) !== "function") {
      throw wrongType(m, args, 0, "function");
    }
    const name = optionalText(m, args, 1, "=(load)");
    let source = "";
    for (;;) {
      let piece: Value;
      try {
        [piece] = yield calling(reader);
      } catch (error) {
        if (!isCatchable(error)) throw error;
        return [undefined, error.value];
      }
      if (piece === undefined || piece === "") break;
      if (typeof piece !== "string") {
        return [undefined, "reader function must return a string"];
      }
      source += piece;
      m.charge(source.length);
    }
    return load(m, source, name);
  },
  *pcall(args, m): RoutineRun {
    any(m, args, 0);
    const [callee, ...rest] = args;
    try {
      return [true, ...yield { kind: "call", callee, args: rest }];
    } catch (error) {
      if (!isCatchable(error)) throw error;
      return [false, error.value];
    }
  },
  *xpcall(args, m): RoutineRun {
    any(m, args, 1);
    const [callee, handler] = args;
    try {
      return [true, ...yield calling(callee)];
    } catch (error) {
      if (!isCatchable(error)) throw error;
      return [false, ...(yield calling(handler, error.value))];
    }
  },
  *tostring(args, m): RoutineRun {
    return [yield* toDisplay(m, any(m, args, 0))];
  },
};

/** The result of `tostring`: that of the metamethod, or the value as text. */
export function* toDisplay(
  m: Machine,
  value: Value,
): Generator<ReturnType<typeof calling>, Value, Value[]> {
  const meta = m.metamethod(value, "__tostring");
  if (meta === undefined) return display(value);
  const [shown] = yield calling(meta, value);
  return shown;
}

function load(m: Machine, source: string, name: string): Value[] {
  try {
    return [new LuaFunction(compile(source, name, m.levels), [])];
  } catch (error) {
    if (!isCatchable(error)) throw error;
    return [undefined, error.value];
  }
}

function parseDigits(digits: string, base: number): number | undefined {
  const match =
    /^[ \t-\r]*([+-]?)(?:0[xX](?=[\da-fA-F]))?([\da-zA-Z]+)[ \t-\r]*$/
      .exec(digits);
  if (match === null) return undefined;
  let [, sign, rest] = match as unknown as [string, string, string];
  // C's `strtoul` skips 0x only in base 16.
  if (base !== 16) rest = digits.trim().replace(/^[+-]/, "");
  let value = 0;
  for (const digit of rest) {
    const code = parseInt(digit, 36);
    if (Number.isNaN(code) || code >= base) return undefined;
    value = value * base + code;
  }
  // Like an unsigned 64-bit integer in C.
  if (value >= 2 ** 64) value = 2 ** 64;
  return sign === "-" && value !== 0 ? 2 ** 64 - value : value;
}

/** `print` of stand-alone Lua, for tests: not part of the library. */
export function printTo(write: (line: string) => void): Routine {
  return new Routine(function* (args, m): RoutineRun {
    const shown: string[] = [];
    for (const value of args) {
      const one = yield* toDisplay(m, value);
      if (typeof one !== "string" && typeof one !== "number") {
        throw m.error("'tostring' must return a string to 'print'");
      }
      shown.push(display(one));
    }
    write(shown.join("\t"));
    return NOTHING;
  });
}
