/**
 * The loop that executes instructions.
 *
 * Registers of the running function are `stack[base + n]`. The fast paths are here;
 * operations with metamethods or conversions are in `metamethods.ts`.
 *
 * @module
 */

import { type Machine, putResults } from "./machine.ts";
import { toNumber } from "./convert.ts";
import type { Frame } from "./coroutine.ts";
import {
  arithmetic,
  equals,
  index,
  lengthOf,
  lessOrEqual,
  lessThan,
  negative,
  setIndex,
} from "./metamethods.ts";
import * as op from "./opcodes.ts";
import { power } from "./operators.ts";
import { LuaTable } from "./table.ts";
import {
  LuaFunction,
  NativeFunction,
  type Upvalue,
  type Value,
} from "./value.ts";

/** An invalid instruction, which makes the loop load the first frame. */
const BEGIN = Int32Array.of(63);

/** Executes until the script ends (`true`) or is paused (`false`). */
export function execute(m: Machine): boolean {
  const { globals } = m;
  let co = m.current;
  let frame = co.frame!;
  let { stack } = co;
  let base = 0;
  let closure = frame?.closure!;
  let constants: readonly Value[] = [];
  let code: Int32Array = BEGIN;
  let at = 0;
  // One flat loop: V8 optimizes it while it runs, but would discard optimized code
  // for an inner loop at each call. Instructions that may begin or end a call
  // continue at the end of the loop; others with the next instruction.
  for (;;) {
    const i = code[at++]!;
    const a = base + (i >>> 6 & 0xff);
    switch (i & 0x3f) {
      case op.MOVE:
        stack[a] = stack[base + (i >>> 23)];
        continue;
      case op.LOADK:
        stack[a] = constants[i >>> 14];
        continue;
      case op.LOADBOOL:
        stack[a] = i >>> 23 !== 0;
        if ((i >>> 14 & 0x1ff) !== 0) at++;
        continue;
      case op.LOADNIL:
        for (let r = a; r <= base + (i >>> 23); r++) {
          stack[r] = undefined;
        }
        continue;
      case op.GETUPVAL: {
        const upvalue = closure.upvalues[i >>> 23]!;
        stack[a] = upvalue.values[upvalue.at];
        continue;
      }
      case op.SETUPVAL: {
        const upvalue = closure.upvalues[i >>> 23]!;
        upvalue.values[upvalue.at] = stack[a];
        continue;
      }
      case op.GETGLOBAL: {
        const key = constants[i >>> 14] as string;
        const value = globals.getText(key);
        if (value !== undefined) {
          stack[a] = value;
          continue;
        }
        frame.at = at;
        index(m, globals, key, a);
        break;
      }
      case op.SETGLOBAL:
        frame.at = at;
        setIndex(m, globals, constants[i >>> 14], stack[a]);
        break;
      case op.GETTABLE: {
        const table = stack[base + (i >>> 23)];
        const c = i >>> 14 & 0x1ff;
        const key = c < op.CONSTANT
          ? stack[base + c]
          : constants[c - op.CONSTANT];
        if (table instanceof LuaTable) {
          const value = table.get(key);
          if (value !== undefined || table.metatable === undefined) {
            stack[a] = value;
            continue;
          }
        }
        frame.at = at;
        index(m, table, key, a, base + (i >>> 23));
        break;
      }
      case op.SETTABLE: {
        const b = i >>> 23;
        const c = i >>> 14 & 0x1ff;
        const key = b < op.CONSTANT
          ? stack[base + b]
          : constants[b - op.CONSTANT];
        const value = c < op.CONSTANT
          ? stack[base + c]
          : constants[c - op.CONSTANT];
        const table = stack[a];
        frame.at = at;
        if (
          table instanceof LuaTable && table.metatable === undefined &&
          !table.readOnly
        ) {
          table.set(key, value);
          continue;
        }
        setIndex(m, table, key, value, a);
        break;
      }
      case op.NEWTABLE:
        stack[a] = new LuaTable(
          op.byteToSize(i >>> 23),
          op.byteToSize(i >>> 14 & 0x1ff),
        );
        continue;
      case op.SELF: {
        const object = stack[base + (i >>> 23)];
        const c = i >>> 14 & 0x1ff;
        const key = c < op.CONSTANT
          ? stack[base + c]
          : constants[c - op.CONSTANT];
        stack[a + 1] = object;
        frame.at = at;
        index(m, object, key, a, base + (i >>> 23));
        break;
      }
      case op.ADD: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = b + c;
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.SUB: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = b - c;
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.MUL: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = b * c;
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.DIV: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = b / c;
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.MOD: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = b - Math.floor(b / c) * c;
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.POW: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        if (typeof b === "number" && typeof c === "number") {
          stack[a] = power(b, c);
          continue;
        }
        frame.at = at;
        arithmetic(m, i, a);
        break;
      }
      case op.UNM: {
        const value = stack[base + (i >>> 23)];
        if (typeof value === "number") {
          stack[a] = -value;
          continue;
        }
        frame.at = at;
        negative(m, value, a, base + (i >>> 23));
        break;
      }
      case op.NOT: {
        const value = stack[base + (i >>> 23)];
        stack[a] = value === undefined || value === false;
        continue;
      }
      case op.LEN:
        frame.at = at;
        lengthOf(m, stack[base + (i >>> 23)], a, base + (i >>> 23));
        break;
      case op.CONCAT:
        frame.at = at;
        m.concatenate(base + (i >>> 23), base + (i >>> 14 & 0x1ff));
        break;
      case op.JMP: {
        const offset = (i >>> 14) - op.MAX_SBX;
        if (offset < 0 && --m.fuel <= 0) {
          frame.at = at;
          if (m.tick()) return pauseAt(frame);
        }
        at += offset;
        continue;
      }
      case op.EQ: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        const expected = (i >>> 6 & 0xff) !== 0;
        if (
          b === c || !(b instanceof LuaTable) || !(c instanceof LuaTable)
        ) {
          if ((b === c) !== expected) at++;
          continue;
        }
        frame.at = at;
        equals(m, b, c, expected);
        break;
      }
      case op.LT: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        const expected = (i >>> 6 & 0xff) !== 0;
        if (typeof b === "number" && typeof c === "number") {
          if (b < c !== expected) at++;
          continue;
        }
        frame.at = at;
        lessThan(m, b, c, expected);
        break;
      }
      case op.LE: {
        const b = operand(stack, constants, base, i >>> 23);
        const c = operand(stack, constants, base, i >>> 14 & 0x1ff);
        const expected = (i >>> 6 & 0xff) !== 0;
        if (typeof b === "number" && typeof c === "number") {
          if (b <= c !== expected) at++;
          continue;
        }
        frame.at = at;
        lessOrEqual(m, b, c, expected);
        break;
      }
      case op.TEST: {
        const value = stack[a];
        const isTrue = value !== undefined && value !== false;
        if (isTrue !== ((i >>> 14 & 0x1ff) !== 0)) at++;
        continue;
      }
      case op.TESTSET: {
        const value = stack[base + (i >>> 23)];
        const isTrue = value !== undefined && value !== false;
        if (isTrue === ((i >>> 14 & 0x1ff) !== 0)) stack[a] = value;
        else at++;
        continue;
      }
      case op.CALL: {
        if (--m.fuel <= 0) {
          frame.at = at;
          if (m.tick()) return pauseAt(frame);
        }
        frame.at = at;
        const b = i >>> 23;
        const count = b !== 0 ? b - 1 : co.top - a - 1;
        const wanted = (i >>> 14 & 0x1ff) - 1;
        const callee = stack[a];
        if (callee instanceof LuaFunction) {
          m.enter(callee, a + 1, count, a, wanted);
          break;
        }
        if (callee instanceof NativeFunction) {
          const results = callee.run(stack.slice(a + 1, a + 1 + count), m);
          if (results instanceof Array) putResults(co, a, wanted, results);
          else {
            stack[a] = results;
            if (wanted < 0) co.top = a + 1;
            for (let r = 1; r < wanted; r++) stack[a + r] = undefined;
          }
          continue;
        }
        m.call(a, count, wanted);
        break;
      }
      case op.TAILCALL: {
        if (--m.fuel <= 0) {
          frame.at = at;
          if (m.tick()) return pauseAt(frame);
        }
        frame.at = at;
        const b = i >>> 23;
        const count = b !== 0 ? b - 1 : co.top - a - 1;
        const callee = stack[a];
        if (callee instanceof LuaFunction) {
          co.close(base);
          for (let r = 0; r < count; r++) stack[base + r] = stack[a + 1 + r];
          frame.extra = [];
          frame.tailCalls++;
          m.fill(frame, callee, base, count);
        } else m.call(a, count, -1);
        break;
      }
      case op.RETURN: {
        const b = i >>> 23;
        const count = b !== 0 ? b - 1 : co.top - a;
        co.close(base);
        if (frame.then !== "results") {
          m.finish(stack.slice(a, a + count));
          break;
        }
        returnTo(m, frame, a, count);
        break;
      }
      case op.FORLOOP: {
        const step = stack[a + 2] as number;
        const value = stack[a] as number + step;
        const limit = stack[a + 1] as number;
        if (step > 0 ? value <= limit : limit <= value) {
          if (--m.fuel <= 0) {
            frame.at = at;
            if (m.tick()) return pauseAt(frame);
          }
          at += (i >>> 14) - op.MAX_SBX;
          stack[a] = value;
          stack[a + 3] = value;
        }
        continue;
      }
      case op.FORPREP: {
        frame.at = at;
        prepareLoop(m, a);
        stack[a] = stack[a] as number - (stack[a + 2] as number);
        at += (i >>> 14) - op.MAX_SBX;
        continue;
      }
      case op.TFORLOOP: {
        if (--m.fuel <= 0) {
          frame.at = at;
          if (m.tick()) return pauseAt(frame);
        }
        frame.at = at;
        const wanted = i >>> 14 & 0x1ff;
        const callee = stack[a];
        if (callee instanceof NativeFunction) {
          const results = callee.run([stack[a + 1], stack[a + 2]], m);
          if (results instanceof Array) {
            putResults(co, a + 3, wanted, results);
          } else {
            stack[a + 3] = results;
            for (let r = 1; r < wanted; r++) stack[a + 3 + r] = undefined;
          }
          const first = stack[a + 3];
          if (first === undefined) at++;
          else stack[a + 2] = first;
          continue;
        }
        m.iterateWith(a, wanted);
        break;
      }
      case op.SETLIST: {
        const b = i >>> 23;
        const count = b !== 0 ? b : co.top - a - 1;
        let block = i >>> 14 & 0x1ff;
        if (block === 0) block = code[at++]!;
        const table = stack[a] as LuaTable;
        const start = (block - 1) * op.LIST_ITEMS;
        table.reserve(start + count);
        for (let n = 1; n <= count; n++) {
          table.list[start + n - 1] = stack[a + n];
        }
        continue;
      }
      case op.CLOSE:
        co.close(a);
        continue;
      case op.CLOSURE: {
        const prototype = closure.prototype.prototypes[i >>> 14]!;
        const upvalues: Upvalue[] = [];
        for (let n = prototype.upvalues.length; n > 0; n--) {
          const from = code[at++]!;
          upvalues.push(
            (from & 0x3f) === op.MOVE
              ? co.capture(base + (from >>> 23))
              : closure.upvalues[from >>> 23]!,
          );
        }
        stack[a] = new LuaFunction(prototype, upvalues);
        continue;
      }
      case op.VARARG:
        putResults(co, a, (i >>> 23) - 1, frame.extra);
        continue;
    }
    ({ current: co } = m);
    const innermost = co.frame;
    if (innermost === undefined) return true;
    frame = innermost;
    ({ stack } = co);
    ({ base, at } = frame);
    closure = frame.closure!;
    ({ code, constants } = closure.prototype);
  }
}

function operand(
  stack: readonly Value[],
  constants: readonly Value[],
  base: number,
  operand: number,
): Value {
  return operand < op.CONSTANT
    ? stack[base + operand]
    : constants[operand - op.CONSTANT];
}

/** Pauses before the current instruction, which will be executed again. */
function pauseAt(frame: Frame): false {
  frame.at--;
  return false;
}

/** Returns from a Lua function to a Lua caller. */
function returnTo(m: Machine, frame: Frame, from: number, count: number): void {
  const co = m.current;
  const { stack } = co;
  const { target, wanted } = frame;
  co.pop();
  const copied = wanted < 0 || count < wanted ? count : wanted;
  for (let n = 0; n < copied; n++) stack[target + n] = stack[from + n];
  for (let n = copied; n < wanted; n++) stack[target + n] = undefined;
  if (wanted < 0) co.top = target + count;
}

/** Checks the three numbers of a `for` loop. */
function prepareLoop(m: Machine, a: number): void {
  const { stack } = m.current;
  const names = ["initial value", "limit", "step"];
  for (let n = 0; n < 3; n++) {
    const value = toNumber(stack[a + n]);
    if (value === undefined) {
      throw m.error(`'for' ${names[n]} must be a number`);
    }
    stack[a + n] = value;
  }
}
