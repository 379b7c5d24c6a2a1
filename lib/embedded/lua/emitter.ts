/**
 * The instructions, constants and registers of a function during compilation.
 *
 * Jumps with an unknown target form linked lists: until a jump is patched, its
 * target field holds the next jump of the list.
 *
 * @module
 */

import { NO_JUMP } from "./expression.ts";
import type { Lexer } from "./lexer.ts";
import * as op from "./opcodes.ts";
import type { LocalVariable, Prototype, Value } from "./value.ts";

/** For TESTSET: keep no value. */
export const NO_REGISTER = 255;
/** The most registers of a function. */
const MAX_REGISTERS = 250;

/** Instructions, constants and registers of a function. */
export class Emitter {
  /** The tokens, for lines and errors. */
  readonly lexer: Lexer;
  /** The instructions. */
  readonly code: number[] = [];
  /** The line of each instruction. */
  readonly lines: number[] = [];
  /** The constants. */
  readonly constants: Value[] = [];
  /** The nested functions. */
  readonly prototypes: Prototype[] = [];
  /** The local variables. */
  readonly locals: LocalVariable[] = [];
  /** The first free register. */
  free = 0;
  /** The number of registers that hold local variables. */
  active = 0;
  /** The number of registers that the function needs. */
  registers = 2;
  #constantAt = new Map<unknown, number>();
  /** The last instruction that is the target of a jump. */
  #lastTarget = -1;
  /** The jumps whose target is the next instruction. */
  #pending = NO_JUMP;

  /** Begins a function. */
  constructor(lexer: Lexer) {
    this.lexer = lexer;
  }

  /** The index of the next instruction. */
  get at(): number {
    return this.code.length;
  }

  /** Adds an instruction with three operands; returns its index. */
  emit(opcode: number, a: number, b: number, c: number): number {
    return this.emitCode(op.encode(opcode, a, b, c));
  }

  /** Adds an instruction with `A` and `Bx`. */
  emitBx(opcode: number, a: number, bx: number): number {
    return this.emitCode(op.encodeBx(opcode, a, bx));
  }

  /** Adds an instruction with `A` and `sBx`: a jump or part of a loop. */
  emitSbx(opcode: number, a: number, sbx: number): number {
    return this.emitBx(opcode, a, sbx + op.MAX_SBX);
  }

  /** Adds an encoded instruction. */
  emitCode(code: number): number {
    this.#patchPending();
    this.lines.push(this.lexer.lastLine);
    return this.code.push(code) - 1;
  }

  /** Removes the last instruction. */
  dropLast(): void {
    this.code.pop();
    this.lines.pop();
  }

  /** Changes the line of the last instruction. */
  fixLine(line: number): void {
    this.lines[this.at - 1] = line;
  }

  /** Sets registers to nil. */
  emitNil(from: number, count: number): void {
    if (this.at > this.#lastTarget) {
      // At the start of a function all registers are nil.
      if (this.at === 0) {
        if (from >= this.active) return;
      } else {
        const last = this.code[this.at - 1]!;
        if (op.opOf(last) === op.LOADNIL) {
          const [first, end] = [op.aOf(last), op.bOf(last)];
          if (first <= from && from <= end + 1) {
            if (from + count - 1 > end) {
              this.code[this.at - 1] = op.withB(last, from + count - 1);
            }
            return;
          }
        }
      }
    }
    this.emit(op.LOADNIL, from, from + count - 1, 0);
  }

  /** Adds a return of `count` values from registers; -1 for all. */
  emitReturn(first: number, count: number): void {
    this.emit(op.RETURN, first, count + 1, 0);
  }

  /** Stores list items from the registers after the table's. */
  emitSetList(table: number, items: number, count: number): void {
    const block = Math.floor((items - 1) / op.LIST_ITEMS) + 1;
    const b = count === -1 ? 0 : count;
    if (block <= 511) this.emit(op.SETLIST, table, b, block);
    else {
      this.emit(op.SETLIST, table, b, 0);
      this.emitCode(block);
    }
    this.free = table + 1;
  }

  /** Adds a jump whose target is still unknown. */
  jump(): number {
    const pending = this.#pending;
    this.#pending = NO_JUMP;
    const at = this.emitSbx(op.JMP, 0, NO_JUMP);
    return this.join(at, pending);
  }

  /** Adds a test, and the jump that depends on it. */
  conditionalJump(opcode: number, a: number, b: number, c: number): number {
    this.emit(opcode, a, b, c);
    return this.jump();
  }

  /** Marks the next instruction as the target of a jump. */
  label(): number {
    return this.#lastTarget = this.at;
  }

  /** Concatenates two lists of jumps. */
  join(first: number, second: number): number {
    if (second === NO_JUMP) return first;
    if (first === NO_JUMP) return second;
    let last = first;
    for (let next; (next = this.#nextJump(last)) !== NO_JUMP;) last = next;
    this.#setTarget(last, second);
    return first;
  }

  /** Sets the target of a list of jumps. */
  patch(list: number, target: number): void {
    if (target === this.at) this.patchToHere(list);
    else this.patchValues(list, target, NO_REGISTER, target);
  }

  /** Sets the target of a list of jumps to the next instruction. */
  patchToHere(list: number): void {
    this.label();
    this.#pending = this.join(this.#pending, list);
  }

  /**
   * Sets targets by kind of jump: those that keep a value put it into `register` and
   * go to `withValue`, the others go to `without`.
   */
  patchValues(
    list: number,
    withValue: number,
    register: number,
    without: number,
  ): void {
    while (list !== NO_JUMP) {
      const next = this.#nextJump(list);
      const target = this.#setTested(list, register) ? withValue : without;
      this.#setTarget(list, target);
      list = next;
    }
  }

  /** Whether a jump of a list keeps no value. */
  needsValue(list: number): boolean {
    for (; list !== NO_JUMP; list = this.#nextJump(list)) {
      const test = this.code[this.testOf(list)]!;
      if (op.opOf(test) !== op.TESTSET) return true;
    }
    return false;
  }

  /** Makes the jumps of a list keep no values. */
  dropValues(list: number): void {
    for (; list !== NO_JUMP; list = this.#nextJump(list)) {
      this.#setTested(list, NO_REGISTER);
    }
  }

  /** The instruction that decides on a jump: the test before it, or the jump itself. */
  testOf(jump: number): number {
    return jump >= 1 && op.isTest(op.opOf(this.code[jump - 1]!))
      ? jump - 1
      : jump;
  }

  /** Ensures that `count` more registers are available. */
  checkRegisters(count: number): void {
    const needed = this.free + count;
    if (needed <= this.registers) return;
    if (needed >= MAX_REGISTERS) {
      throw this.lexer.syntaxError("function or expression too complex");
    }
    this.registers = needed;
  }

  /** Allocates registers. */
  reserve(count: number): void {
    this.checkRegisters(count);
    this.free += count;
  }

  /** Frees a temporary register; does nothing for a variable's register or a constant. */
  release(register: number): void {
    if (register < op.CONSTANT && register >= this.active) this.free--;
  }

  /** The index of a constant; adds it when it is new. */
  constant(value: Value): number {
    // As in Lua, 0 and -0 share one constant.
    const key = value === undefined ? NIL_KEY : value;
    const known = this.#constantAt.get(key);
    if (known !== undefined) return known;
    const at = this.constants.push(value) - 1;
    if (at > op.MAX_BX) throw this.lexer.error("constant table overflow");
    this.#constantAt.set(key, at);
    return at;
  }

  /** Sets the register of a TESTSET, or makes it a TEST. Returns false for other tests. */
  #setTested(jump: number, register: number): boolean {
    const at = this.testOf(jump);
    const test = this.code[at]!;
    if (op.opOf(test) !== op.TESTSET) return false;
    this.code[at] = register !== NO_REGISTER && register !== op.bOf(test)
      ? op.withA(test, register)
      : op.encode(op.TEST, op.bOf(test), 0, op.cOf(test));
    return true;
  }

  #patchPending(): void {
    const pending = this.#pending;
    this.#pending = NO_JUMP;
    this.patchValues(pending, this.at, NO_REGISTER, this.at);
  }

  #nextJump(at: number): number {
    const offset = op.sbxOf(this.code[at]!);
    return offset === NO_JUMP ? NO_JUMP : at + 1 + offset;
  }

  #setTarget(jump: number, target: number): void {
    const offset = target - (jump + 1);
    if (Math.abs(offset) > op.MAX_SBX) {
      throw this.lexer.syntaxError("control structure too long");
    }
    this.code[jump] = op.withSbx(this.code[jump]!, offset);
  }
}

const NIL_KEY = Symbol("nil");
