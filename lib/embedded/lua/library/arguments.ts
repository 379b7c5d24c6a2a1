/**
 * The arguments of library functions: checks and conversions with Lua's errors.
 * Positions count from 0 here, and from 1 in messages.
 *
 * @module
 */

import { toNumber, toText, typeName } from "../convert.ts";
import type { Machine } from "../machine.ts";
import { LuaTable } from "../table.ts";
import { LuaError, NativeFunction, Routine, type Value } from "../value.ts";

/** An empty list of results. */
export const NOTHING: Value[] = [];

/** The error for an argument of the wrong type. */
export function wrongType(
  m: Machine,
  args: readonly Value[],
  at: number,
  expected: string,
): LuaError {
  const got = at < args.length ? typeName(args[at]) : "no value";
  return m.argumentError(at + 1, `${expected} expected, got ${got}`);
}

/** A string argument; a number is converted. */
export function text(m: Machine, args: readonly Value[], at: number): string {
  const value = args[at];
  if (typeof value === "string") return value;
  const converted = toText(value);
  if (converted === undefined) throw wrongType(m, args, at, "string");
  return converted;
}

/** A number argument; a numeric string is converted. */
export function number(m: Machine, args: readonly Value[], at: number): number {
  const value = args[at];
  if (typeof value === "number") return value;
  const converted = toNumber(value);
  if (converted === undefined) throw wrongType(m, args, at, "number");
  return converted;
}

/** A number argument, truncated to an integer. */
export function integer(
  m: Machine,
  args: readonly Value[],
  at: number,
): number {
  const value = Math.trunc(number(m, args, at));
  // On x86, a number that does not fit into 64 bits becomes the least one.
  return Math.abs(value) < 2 ** 63 ? value + 0 : -(2 ** 63);
}

/** As {@linkcode integer}, with a default for an absent argument. */
export function optionalInteger(
  m: Machine,
  args: readonly Value[],
  at: number,
  otherwise: number,
): number {
  return args[at] === undefined ? otherwise : integer(m, args, at);
}

/** As {@linkcode text}, with a default for an absent argument. */
export function optionalText(
  m: Machine,
  args: readonly Value[],
  at: number,
  otherwise: string,
): string {
  return args[at] === undefined ? otherwise : text(m, args, at);
}

/** A table argument. */
export function table(
  m: Machine,
  args: readonly Value[],
  at: number,
): LuaTable {
  const value = args[at];
  if (value instanceof LuaTable) return value;
  throw wrongType(m, args, at, "table");
}

/** An argument of any type, even nil, but not absent. */
export function any(m: Machine, args: readonly Value[], at: number): Value {
  if (at >= args.length) throw m.argumentError(at + 1, "value expected");
  return args[at];
}

/** The error for a write to a table that is read-only for scripts. */
export function readOnlyError(): LuaError {
  return new LuaError("Attempt to modify a readonly table");
}

/** Sets a field of a table; ignores metamethods. */
export function rawSet(
  target: LuaTable,
  key: Value,
  value: Value,
): void {
  if (target.readOnly) throw readOnlyError();
  // In Lua a C function raises these errors, so they have no line.
  if (key === undefined) throw new LuaError("table index is nil");
  if (key !== key) throw new LuaError("table index is NaN");
  target.set(key, value);
}

/** A table of functions that do not call back into Lua. */
export function library(
  functions: Readonly<Record<string, NativeFunction["run"]>>,
): LuaTable {
  const made = new LuaTable();
  for (const [name, run] of Object.entries(functions)) {
    made.set(name, new NativeFunction(run));
  }
  return made;
}

/** Adds functions that call back into Lua to a library. */
export function addRoutines(
  target: LuaTable,
  routines: Readonly<Record<string, Routine["run"]>>,
): void {
  for (const [name, run] of Object.entries(routines)) {
    target.set(name, new Routine(run));
  }
}
