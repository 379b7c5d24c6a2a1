/**
 * From expressions to instructions.
 *
 * An expression is computed as late as possible: once its value is needed in a
 * register, directly into that register.
 *
 * @module
 */

import { type Emitter, NO_REGISTER } from "./emitter.ts";
import {
  type Expression,
  expression,
  hasJumps,
  isNumeral,
  NO_JUMP,
} from "./expression.ts";
import * as op from "./opcodes.ts";

/** A binary operator. */
export interface BinaryOperator {
  /** Its precedence towards the left operand. */
  readonly left: number;
  /** Its precedence towards the right operand. */
  readonly right: number;
  /** Its instruction; absent for `and` and `or`. */
  readonly opcode?: number;
  /** For a comparison: the result for which it jumps. */
  readonly wants?: 0 | 1;
}

/** The binary operators. */
export const BINARY: ReadonlyMap<string, BinaryOperator> = new Map([
  ["+", { left: 6, right: 6, opcode: op.ADD }],
  ["-", { left: 6, right: 6, opcode: op.SUB }],
  ["*", { left: 7, right: 7, opcode: op.MUL }],
  ["/", { left: 7, right: 7, opcode: op.DIV }],
  ["%", { left: 7, right: 7, opcode: op.MOD }],
  ["^", { left: 10, right: 9, opcode: op.POW }],
  ["..", { left: 5, right: 4, opcode: op.CONCAT }],
  ["~=", { left: 3, right: 3, opcode: op.EQ, wants: 0 }],
  ["==", { left: 3, right: 3, opcode: op.EQ, wants: 1 }],
  ["<", { left: 3, right: 3, opcode: op.LT, wants: 1 }],
  ["<=", { left: 3, right: 3, opcode: op.LE, wants: 1 }],
  [">", { left: 3, right: 3, opcode: op.LT, wants: 0 }],
  [">=", { left: 3, right: 3, opcode: op.LE, wants: 0 }],
  ["and", { left: 2, right: 2 }],
  ["or", { left: 1, right: 1 }],
]);

/** The precedence of unary operators. */
export const UNARY_PRIORITY = 8;

/** Reduces an open expression to one value. */
export function setOneResult(f: Emitter, e: Expression): void {
  if (e.kind === "call") {
    e.kind = "register";
    e.info = op.aOf(f.code[e.info]!);
  } else if (e.kind === "vararg") {
    f.code[e.info] = op.withB(f.code[e.info]!, 2);
    e.kind = "relocatable";
  }
}

/** Sets the number of values of an open expression; -1 for all. */
export function setResults(f: Emitter, e: Expression, count: number): void {
  if (e.kind === "call") {
    f.code[e.info] = op.withC(f.code[e.info]!, count + 1);
  } else if (e.kind === "vararg") {
    const code = op.withB(f.code[e.info]!, count + 1);
    f.code[e.info] = op.withA(code, f.free);
    f.reserve(1);
  }
}

/** Fetches a variable: its expression becomes a value. */
export function fetch(f: Emitter, e: Expression): void {
  switch (e.kind) {
    case "local":
      e.kind = "register";
      return;
    case "upvalue":
      e.info = f.emit(op.GETUPVAL, 0, e.info, 0);
      e.kind = "relocatable";
      return;
    case "global":
      e.info = f.emitBx(op.GETGLOBAL, 0, e.info);
      e.kind = "relocatable";
      return;
    case "indexed":
      f.release(e.aux);
      f.release(e.info);
      e.info = f.emit(op.GETTABLE, 0, e.info, e.aux);
      e.kind = "relocatable";
      return;
    case "call":
    case "vararg":
      setOneResult(f, e);
  }
}

/** Frees the register of a value. */
export function release(f: Emitter, e: Expression): void {
  if (e.kind === "register") f.release(e.info);
}

/** Puts a value into the next free register. */
export function toNextRegister(f: Emitter, e: Expression): void {
  fetch(f, e);
  release(f, e);
  f.reserve(1);
  toRegister(f, e, f.free - 1);
}

/** Puts a value into any register; returns which. */
export function toAnyRegister(f: Emitter, e: Expression): number {
  fetch(f, e);
  if (e.kind === "register") {
    if (!hasJumps(e)) return e.info;
    if (e.info >= f.active) {
      toRegister(f, e, e.info);
      return e.info;
    }
  }
  toNextRegister(f, e);
  return e.info;
}

/** Turns an expression into a value: a constant, or in a register. */
export function toValue(f: Emitter, e: Expression): void {
  if (hasJumps(e)) toAnyRegister(f, e);
  else fetch(f, e);
}

/** Turns an expression into an operand: a register or a constant. */
export function toOperand(f: Emitter, e: Expression): number {
  toValue(f, e);
  switch (e.kind) {
    case "number":
    case "true":
    case "false":
    case "nil":
      if (f.constants.length > op.MAX_RK) break;
      e.info = f.constant(
        e.kind === "nil"
          ? undefined
          : e.kind === "number"
          ? e.number
          : e.kind === "true",
      );
      e.kind = "constant";
      return e.info | op.CONSTANT;
    case "constant":
      if (e.info <= op.MAX_RK) return e.info | op.CONSTANT;
  }
  return toAnyRegister(f, e);
}

/** Assigns a value to a variable. */
export function store(f: Emitter, variable: Expression, e: Expression): void {
  switch (variable.kind) {
    case "local":
      release(f, e);
      toRegister(f, e, variable.info);
      return;
    case "upvalue":
      f.emit(op.SETUPVAL, toAnyRegister(f, e), variable.info, 0);
      break;
    case "global":
      f.emitBx(op.SETGLOBAL, toAnyRegister(f, e), variable.info);
      break;
    default: {
      const operand = toOperand(f, e);
      f.emit(op.SETTABLE, variable.info, variable.aux, operand);
    }
  }
  release(f, e);
}

/** Loads the method `key` of `e` into a register, and `e` itself into the next one. */
export function toMethod(f: Emitter, e: Expression, key: Expression): void {
  toAnyRegister(f, e);
  release(f, e);
  const register = f.free;
  f.reserve(2);
  f.emit(op.SELF, register, e.info, toOperand(f, key));
  release(f, key);
  e.info = register;
  e.kind = "register";
}

/** Turns `table` into an `indexed` expression. */
export function toIndexed(
  f: Emitter,
  table: Expression,
  key: Expression,
): void {
  table.aux = toOperand(f, key);
  table.kind = "indexed";
}

/** Continues when an expression is true; adds a jump to its false list. */
export function goOnIfTrue(f: Emitter, e: Expression): void {
  fetch(f, e);
  let jump = NO_JUMP;
  switch (e.kind) {
    case "constant":
    case "number":
    case "true":
      break;
    case "jump":
      invert(f, e);
      jump = e.info;
      break;
    default:
      jump = jumpIf(f, e, 0);
  }
  e.whenFalse = f.join(e.whenFalse, jump);
  f.patchToHere(e.whenTrue);
  e.whenTrue = NO_JUMP;
}

/** Continues when an expression is false; adds a jump to its true list. */
function goOnIfFalse(f: Emitter, e: Expression): void {
  fetch(f, e);
  let jump = NO_JUMP;
  switch (e.kind) {
    case "nil":
    case "false":
      break;
    case "jump":
      jump = e.info;
      break;
    default:
      jump = jumpIf(f, e, 1);
  }
  e.whenTrue = f.join(e.whenTrue, jump);
  f.patchToHere(e.whenFalse);
  e.whenFalse = NO_JUMP;
}

/** Applies a unary operator. */
export function unary(f: Emitter, sign: string, e: Expression): void {
  if (sign === "not") return not(f, e);
  const isMinus = sign === "-";
  if (!isMinus || !isNumeral(e)) toAnyRegister(f, e);
  arithmetic(f, isMinus ? op.UNM : op.LEN, e, expression("number"));
}

/** Prepares the left operand before the right one is read. */
export function beforeRight(f: Emitter, sign: string, e: Expression): void {
  switch (sign) {
    case "and":
      return goOnIfTrue(f, e);
    case "or":
      return goOnIfFalse(f, e);
    case "..":
      return toNextRegister(f, e);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^":
      if (isNumeral(e)) return;
  }
  toOperand(f, e);
}

/** Applies a binary operator; the result is in `left`. */
export function binary(
  f: Emitter,
  sign: string,
  left: Expression,
  right: Expression,
): void {
  const { opcode, wants } = BINARY.get(sign)!;
  if (wants !== undefined) return compare(f, opcode!, wants, left, right);
  switch (sign) {
    case "and":
      fetch(f, right);
      right.whenFalse = f.join(right.whenFalse, left.whenFalse);
      Object.assign(left, right);
      return;
    case "or":
      fetch(f, right);
      right.whenTrue = f.join(right.whenTrue, left.whenTrue);
      Object.assign(left, right);
      return;
    case "..": {
      toValue(f, right);
      const code = right.kind === "relocatable" ? f.code[right.info]! : 0;
      if (right.kind === "relocatable" && op.opOf(code) === op.CONCAT) {
        // Concatenation is right-associative: a .. (b .. c) is one instruction.
        release(f, left);
        f.code[right.info] = op.withB(code, left.info);
        left.kind = "relocatable";
        left.info = right.info;
        return;
      }
      toNextRegister(f, right);
    }
  }
  arithmetic(f, opcode!, left, right);
}

function toRegister(f: Emitter, e: Expression, register: number): void {
  load(f, e, register);
  if (e.kind === "jump") e.whenTrue = f.join(e.whenTrue, e.info);
  if (hasJumps(e)) {
    let loadFalse = NO_JUMP;
    let loadTrue = NO_JUMP;
    if (f.needsValue(e.whenTrue) || f.needsValue(e.whenFalse)) {
      const over = e.kind === "jump" ? NO_JUMP : f.jump();
      f.label();
      loadFalse = f.emit(op.LOADBOOL, register, 0, 1);
      f.label();
      loadTrue = f.emit(op.LOADBOOL, register, 1, 0);
      f.patchToHere(over);
    }
    const end = f.label();
    f.patchValues(e.whenFalse, end, register, loadFalse);
    f.patchValues(e.whenTrue, end, register, loadTrue);
  }
  e.whenTrue = e.whenFalse = NO_JUMP;
  e.info = register;
  e.kind = "register";
}

/** Loads a value into a register, without the values of its jumps. */
function load(f: Emitter, e: Expression, register: number): void {
  fetch(f, e);
  switch (e.kind) {
    case "nil":
      f.emitNil(register, 1);
      break;
    case "true":
    case "false":
      f.emit(op.LOADBOOL, register, e.kind === "true" ? 1 : 0, 0);
      break;
    case "constant":
      f.emitBx(op.LOADK, register, e.info);
      break;
    case "number":
      f.emitBx(op.LOADK, register, f.constant(e.number));
      break;
    case "relocatable":
      f.code[e.info] = op.withA(f.code[e.info]!, register);
      break;
    case "register":
      if (register !== e.info) f.emit(op.MOVE, register, e.info, 0);
      break;
    default:
      // No value, or a jump: the caller handles it.
      return;
  }
  e.info = register;
  e.kind = "register";
}

function loadAnywhere(f: Emitter, e: Expression): void {
  if (e.kind === "register") return;
  f.reserve(1);
  load(f, e, f.free - 1);
}

function invert(f: Emitter, e: Expression): void {
  const at = f.testOf(e.info);
  const test = f.code[at]!;
  f.code[at] = op.withA(test, op.aOf(test) === 0 ? 1 : 0);
}

function jumpIf(f: Emitter, e: Expression, condition: 0 | 1): number {
  if (e.kind === "relocatable") {
    const code = f.code[e.info]!;
    if (op.opOf(code) === op.NOT) {
      f.dropLast();
      return f.conditionalJump(op.TEST, op.bOf(code), 0, condition ^ 1);
    }
  }
  loadAnywhere(f, e);
  release(f, e);
  return f.conditionalJump(op.TESTSET, NO_REGISTER, e.info, condition);
}

function not(f: Emitter, e: Expression): void {
  fetch(f, e);
  switch (e.kind) {
    case "nil":
    case "false":
      e.kind = "true";
      break;
    case "constant":
    case "number":
    case "true":
      e.kind = "false";
      break;
    case "jump":
      invert(f, e);
      break;
    default:
      loadAnywhere(f, e);
      release(f, e);
      e.info = f.emit(op.NOT, 0, e.info, 0);
      e.kind = "relocatable";
  }
  [e.whenFalse, e.whenTrue] = [e.whenTrue, e.whenFalse];
  f.dropValues(e.whenFalse);
  f.dropValues(e.whenTrue);
}

function arithmetic(
  f: Emitter,
  opcode: number,
  left: Expression,
  right: Expression,
): void {
  const folded = fold(opcode, left, right);
  if (folded !== undefined) {
    left.number = folded;
    return;
  }
  const isUnary = opcode === op.UNM || opcode === op.LEN;
  const second = isUnary ? 0 : toOperand(f, right);
  const first = toOperand(f, left);
  if (first > second) {
    release(f, left);
    release(f, right);
  } else {
    release(f, right);
    release(f, left);
  }
  left.info = f.emit(opcode, 0, first, second);
  left.kind = "relocatable";
}

/** Folds constants; not a division by 0. */
function fold(
  opcode: number,
  left: Expression,
  right: Expression,
): number | undefined {
  if (!isNumeral(left) || !isNumeral(right)) return undefined;
  const [a, b] = [left.number, right.number];
  if ((opcode === op.DIV || opcode === op.MOD) && b === 0) return undefined;
  const result = opcode === op.UNM ? -a : compute(opcode, a, b);
  return result !== result ? undefined : result;
}

/** The arithmetic of two numbers; NaN for other operations. */
export function compute(opcode: number, a: number, b: number): number {
  switch (opcode) {
    case op.ADD:
      return a + b;
    case op.SUB:
      return a - b;
    case op.MUL:
      return a * b;
    case op.DIV:
      return a / b;
    case op.MOD:
      return a - Math.floor(a / b) * b;
    case op.POW:
      return power(a, b);
  }
  return NaN;
}

/** C's `pow`. JavaScript's differs for a base of 1 or -1 and a non-finite exponent. */
export function power(a: number, b: number): number {
  if (a === 1) return 1;
  if (a === -1 && (b === Infinity || b === -Infinity)) return 1;
  return a ** b;
}

function compare(
  f: Emitter,
  opcode: number,
  wants: 0 | 1,
  left: Expression,
  right: Expression,
): void {
  let first = toOperand(f, left);
  let second = toOperand(f, right);
  release(f, right);
  release(f, left);
  if (wants === 0 && opcode !== op.EQ) {
    // a > b is compiled as b < a.
    [first, second] = [second, first];
    wants = 1;
  }
  left.info = f.conditionalJump(opcode, wants, first, second);
  left.kind = "jump";
}
