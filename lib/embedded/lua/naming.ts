/**
 * The position of an error, and the program's names for values: for messages such
 * as `attempt to index local 'x' (a nil value)`.
 *
 * Names are not kept at run time. They are found by reading the instructions
 * backwards, from the failed one to the one that loaded the register.
 *
 * @module
 */

import type { Frame } from "./coroutine.ts";
import * as op from "./opcodes.ts";
import type { Prototype, Value } from "./value.ts";

/** The name of a value in the program. */
export interface Name {
  /** `local`, `global`, `field`, `upvalue` or `method`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
}

/** The index of the instruction that a frame executes. */
export function currentAt(frame: Frame): number {
  return frame.at - 1;
}

/** The line that a Lua frame executes. */
export function currentLine(frame: Frame): number {
  return frame.closure!.prototype.lines[currentAt(frame)]!;
}

/** The name of the value in a register of a frame. */
export function nameOf(frame: Frame, register: number): Name | null {
  return find(frame.closure!.prototype, currentAt(frame), register);
}

/** The name of the function that a frame is calling. */
export function nameOfCallee(frame: Frame): Name | null {
  const code = frame.closure!.prototype.code[currentAt(frame)]!;
  switch (op.opOf(code)) {
    case op.CALL:
    case op.TAILCALL:
    case op.TFORLOOP:
      return nameOf(frame, op.aOf(code));
  }
  return null;
}

function find(p: Prototype, at: number, register: number): Name | null {
  const local = localAt(p, at, register);
  if (local !== null) return { kind: "local", name: local };
  const code = setterOf(p, at, register);
  switch (op.opOf(code)) {
    case op.GETGLOBAL:
      return { kind: "global", name: p.constants[op.bxOf(code)] as string };
    case op.MOVE:
      if (op.bOf(code) < op.aOf(code)) return find(p, at, op.bOf(code));
      return null;
    case op.GETTABLE:
      return { kind: "field", name: keyName(p, op.cOf(code)) };
    case op.GETUPVAL:
      return { kind: "upvalue", name: p.upvalues[op.bOf(code)] ?? "?" };
    case op.SELF:
      return { kind: "method", name: keyName(p, op.cOf(code)) };
  }
  return null;
}

function keyName(p: Prototype, operand: number): string {
  const key: Value = operand >= op.CONSTANT
    ? p.constants[operand - op.CONSTANT]
    : undefined;
  return typeof key === "string" ? key : "?";
}

/** The local variable in a register at an instruction. */
function localAt(p: Prototype, at: number, register: number): string | null {
  let nth = register;
  for (const { name, start, end } of p.locals) {
    if (start > at) break;
    if (at < end && nth-- === 0) return name;
  }
  return null;
}

/** The last instruction before `end` that sets a register. */
function setterOf(p: Prototype, end: number, register: number): number {
  const { code } = p;
  // If there is none: the final return, which has no name.
  let last = code.length - 1;
  for (let at = 0; at < end; at++) {
    const i = code[at]!;
    const a = op.aOf(i);
    const opcode = op.opOf(i);
    switch (opcode) {
      case op.LOADNIL:
        if (a <= register && register <= op.bOf(i)) last = at;
        break;
      case op.SELF:
        if (register === a || register === a + 1) last = at;
        break;
      case op.TFORLOOP:
        if (register >= a + 2) last = at;
        break;
      case op.CALL:
      case op.TAILCALL:
        if (register >= a) last = at;
        break;
      case op.FORLOOP:
      case op.FORPREP:
      case op.JMP: {
        if (opcode !== op.JMP && register === a) last = at;
        const target = at + 1 + op.sbxOf(i);
        if (at < target && target <= end) at = target - 1;
        break;
      }
      case op.SETLIST:
        // The next word is the block number, not an instruction.
        if (op.cOf(i) === 0) at++;
        break;
      case op.CLOSURE:
        if (register === a) last = at;
        at += p.prototypes[op.bxOf(i)]!.upvalues.length;
        break;
      default:
        if (op.setsA(opcode) && register === a) last = at;
    }
  }
  return code[last]!;
}
