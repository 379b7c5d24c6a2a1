/**
 * The slow path of operations: metamethods, conversions, and errors for invalid
 * operands.
 *
 * @module
 */

import { toNumber, typeName } from "./convert.ts";
import { isCallable, type Machine } from "./machine.ts";
import * as op from "./opcodes.ts";
import { compute } from "./operators.ts";
import { LuaTable } from "./table.ts";
import type { Value } from "./value.ts";

/** The most tables in a chain of `__index` or `__newindex`. */
const MAX_CHAIN = 100;

/** `target := table[key]` */
export function index(
  m: Machine,
  table: Value,
  key: Value,
  target: number,
  register = -1,
): void {
  for (let i = 0; i < MAX_CHAIN; i++) {
    let meta: Value;
    if (table instanceof LuaTable) {
      const value = table.get(key);
      meta = value === undefined
        ? table.metatable?.getText("__index")
        : undefined;
      if (meta === undefined) {
        m.current.stack[target] = value;
        return;
      }
    } else {
      meta = m.metamethod(table, "__index");
      if (meta === undefined) throw m.typeError("index", table, register);
    }
    if (isCallable(meta)) {
      m.metacall(meta, [table, key], "store", target);
      return;
    }
    table = meta;
    register = -1;
  }
  throw m.error("loop in gettable");
}

/** `table[key] := value` */
export function setIndex(
  m: Machine,
  table: Value,
  key: Value,
  value: Value,
  register = -1,
): void {
  for (let i = 0; i < MAX_CHAIN; i++) {
    let meta: Value;
    if (table instanceof LuaTable) {
      if (table.readOnly) {
        throw m.error("Attempt to modify a readonly table");
      }
      meta = table.metatable?.getText("__newindex");
      if (meta === undefined || table.get(key) !== undefined) {
        table.set(key, value);
        return;
      }
    } else {
      meta = m.metamethod(table, "__newindex");
      if (meta === undefined) throw m.typeError("index", table, register);
    }
    if (isCallable(meta)) {
      m.metacall(meta, [table, key, value], "drop");
      return;
    }
    table = meta;
    register = -1;
  }
  throw m.error("loop in settable");
}

const EVENTS: Readonly<Record<number, string>> = {
  [op.ADD]: "__add",
  [op.SUB]: "__sub",
  [op.MUL]: "__mul",
  [op.DIV]: "__div",
  [op.MOD]: "__mod",
  [op.POW]: "__pow",
};

/** Arithmetic whose operands are not both numbers. */
export function arithmetic(m: Machine, code: number, target: number): void {
  const frame = m.current.frame!;
  const { stack } = m.current;
  const { constants } = frame.closure!.prototype;
  const opcode = op.opOf(code);
  const registers = [op.bOf(code), op.cOf(code)].map((operand) =>
    operand < op.CONSTANT ? frame.base + operand : -1
  ) as [number, number];
  const [left, right] = [
    registers[0] < 0
      ? constants[op.bOf(code) - op.CONSTANT]
      : stack[registers[0]],
    registers[1] < 0
      ? constants[op.cOf(code) - op.CONSTANT]
      : stack[registers[1]],
  ];
  const a = toNumber(left);
  const b = toNumber(right);
  if (a !== undefined && b !== undefined) {
    stack[target] = compute(opcode, a, b);
    return;
  }
  const event = EVENTS[opcode]!;
  const meta = m.metamethod(left, event) ?? m.metamethod(right, event);
  if (meta === undefined) {
    throw a === undefined
      ? m.typeError("perform arithmetic on", left, registers[0])
      : m.typeError("perform arithmetic on", right, registers[1]);
  }
  m.metacall(meta, [left, right], "store", target);
}

/** `target := -value` */
export function negative(
  m: Machine,
  value: Value,
  target: number,
  register: number,
): void {
  const number = toNumber(value);
  if (number !== undefined) {
    m.current.stack[target] = -number;
    return;
  }
  const meta = m.metamethod(value, "__unm");
  if (meta === undefined) {
    throw m.typeError("perform arithmetic on", value, register);
  }
  m.metacall(meta, [value, value], "store", target);
}

/** `target := #value`; tables have no metamethod for it in Lua 5.1. */
export function lengthOf(
  m: Machine,
  value: Value,
  target: number,
  register: number,
): void {
  if (value instanceof LuaTable || typeof value === "string") {
    m.current.stack[target] = value.length;
    return;
  }
  const meta = m.metamethod(value, "__len");
  if (meta === undefined) {
    throw m.typeError("get length of", value, register);
  }
  m.metacall(meta, [value, value], "store", target);
}

/** Skips the next instruction unless the equality of two tables is `expected`. */
export function equals(
  m: Machine,
  a: LuaTable,
  b: LuaTable,
  expected: boolean,
): void {
  const meta = a.metatable?.getText("__eq");
  if (meta !== undefined && meta === b.metatable?.getText("__eq")) {
    m.metacall(meta, [a, b], "test", 0, 0, expected);
  } else if (expected) m.current.frame!.at++;
}

/** Skips the next instruction unless `a < b` is `expected`. */
export function lessThan(
  m: Machine,
  a: Value,
  b: Value,
  expected: boolean,
): void {
  if (typeof a === "string" && typeof b === "string") {
    if (a < b !== expected) m.current.frame!.at++;
    return;
  }
  const meta = orderMethod(m, a, b, "__lt");
  if (meta === undefined) throw orderError(m, a, b);
  m.metacall(meta, [a, b], "test", 0, 0, expected);
}

/** Skips the next instruction unless `a <= b` is `expected`. */
export function lessOrEqual(
  m: Machine,
  a: Value,
  b: Value,
  expected: boolean,
): void {
  if (typeof a === "string" && typeof b === "string") {
    if (a <= b !== expected) m.current.frame!.at++;
    return;
  }
  const meta = orderMethod(m, a, b, "__le");
  if (meta !== undefined) {
    m.metacall(meta, [a, b], "test", 0, 0, expected);
    return;
  }
  // Without __le, Lua 5.1 evaluates `not (b < a)`.
  const other = orderMethod(m, b, a, "__lt");
  if (other === undefined) throw orderError(m, a, b);
  m.metacall(other, [b, a], "test", 0, 0, !expected);
}

/** The metamethod for comparing two values of one type, if both have the same. */
export function orderMethod(
  m: Machine,
  a: Value,
  b: Value,
  event: string,
): Value {
  if (typeName(a) !== typeName(b)) return undefined;
  const meta = m.metamethod(a, event);
  return meta !== undefined && meta === m.metamethod(b, event)
    ? meta
    : undefined;
}

/** The error for two values that cannot be compared. */
export function orderError(m: Machine, a: Value, b: Value): Error {
  const [first, second] = [typeName(a), typeName(b)];
  // Like Lua, compare the third letters of the type names.
  return m.error(
    first[2] === second[2]
      ? `attempt to compare two ${first} values`
      : `attempt to compare ${first} with ${second}`,
  );
}
