/**
 * The instructions of the virtual machine: those of Lua 5.1, in Lua's encoding.
 *
 * An instruction is 32 bits. `A`, `B` and `C` are registers of the running
 * function; a `B` or `C` from {@linkcode CONSTANT} on is a constant instead.
 *
 * ```text
 * bits   9    9    8    6
 *      |  B |  C |  A | op |
 *      |    Bx   |  A | op |    sBx is Bx, signed
 * ```
 *
 * @module
 */

/** `R(A) := R(B)` */
export const MOVE = 0;
/** `R(A) := K(Bx)` */
export const LOADK = 1;
/** `R(A) := B`; skips the next instruction when `C` is set. */
export const LOADBOOL = 2;
/** `R(A) ... R(B) := nil` */
export const LOADNIL = 3;
/** `R(A) := U(B)` */
export const GETUPVAL = 4;
/** `R(A) := G[K(Bx)]` */
export const GETGLOBAL = 5;
/** `R(A) := R(B)[RK(C)]` */
export const GETTABLE = 6;
/** `G[K(Bx)] := R(A)` */
export const SETGLOBAL = 7;
/** `U(B) := R(A)` */
export const SETUPVAL = 8;
/** `R(A)[RK(B)] := RK(C)` */
export const SETTABLE = 9;
/** `R(A) := {}` with room for `B` list items and `C` fields. */
export const NEWTABLE = 10;
/** `R(A+1) := R(B); R(A) := R(B)[RK(C)]` */
export const SELF = 11;
/** `R(A) := RK(B) + RK(C)` */
export const ADD = 12;
/** `R(A) := RK(B) - RK(C)` */
export const SUB = 13;
/** `R(A) := RK(B) * RK(C)` */
export const MUL = 14;
/** `R(A) := RK(B) / RK(C)` */
export const DIV = 15;
/** `R(A) := RK(B) % RK(C)` */
export const MOD = 16;
/** `R(A) := RK(B) ^ RK(C)` */
export const POW = 17;
/** `R(A) := -R(B)` */
export const UNM = 18;
/** `R(A) := not R(B)` */
export const NOT = 19;
/** `R(A) := #R(B)` */
export const LEN = 20;
/** `R(A) := R(B) .. ... .. R(C)` */
export const CONCAT = 21;
/** Jumps by `sBx`. */
export const JMP = 22;
/** Skips the next instruction unless `(RK(B) == RK(C)) == A`. */
export const EQ = 23;
/** Skips the next instruction unless `(RK(B) < RK(C)) == A`. */
export const LT = 24;
/** Skips the next instruction unless `(RK(B) <= RK(C)) == A`. */
export const LE = 25;
/** Skips the next instruction unless the truth of `R(A)` equals `C`. */
export const TEST = 26;
/** `R(A) := R(B)` if the truth of `R(B)` equals `C`; else skips the next instruction. */
export const TESTSET = 27;
/** `R(A), ... := R(A)(R(A+1), ...)`: `B - 1` arguments, `C - 1` results; 0: all. */
export const CALL = 28;
/** `return R(A)(R(A+1), ...)` */
export const TAILCALL = 29;
/** `return R(A), ...`: `B - 1` values; 0: all. */
export const RETURN = 30;
/** Adds the step to `R(A)` and jumps back while the limit is not passed. */
export const FORLOOP = 31;
/** Checks the three numbers of a loop and jumps to its FORLOOP. */
export const FORPREP = 32;
/** Calls the iterator `R(A)` for `C` values; skips the next one at the end. */
export const TFORLOOP = 33;
/** `R(A)[(C-1)*50 + i] := R(A+i)` for `i` from 1 to `B`; 0: all. */
export const SETLIST = 34;
/** Closes the upvalues from `R(A)` on. */
export const CLOSE = 35;
/** `R(A) := function P(Bx)`; the following instructions define its upvalues. */
export const CLOSURE = 36;
/** `R(A), ... := ...`: `B - 1` values; 0: all. */
export const VARARG = 37;

/** The names, as `luac -l` prints them. */
export const NAMES: readonly string[] =
  ("MOVE LOADK LOADBOOL LOADNIL GETUPVAL GETGLOBAL GETTABLE SETGLOBAL " +
    "SETUPVAL SETTABLE NEWTABLE SELF ADD SUB MUL DIV MOD POW UNM NOT LEN " +
    "CONCAT JMP EQ LT LE TEST TESTSET CALL TAILCALL RETURN FORLOOP FORPREP " +
    "TFORLOOP SETLIST CLOSE CLOSURE VARARG").split(" ");

/** A `B` or `C` from here on is a constant. */
export const CONSTANT = 256;
/** The greatest constant that `B` and `C` can name. */
export const MAX_RK = 255;
/** The greatest `Bx`. */
export const MAX_BX = (1 << 18) - 1;
/** The greatest `sBx`. */
export const MAX_SBX = MAX_BX >> 1;
/** The number of list items that SETLIST stores at once. */
export const LIST_ITEMS = 50;

/** Encodes an instruction with three operands. */
export function encode(op: number, a: number, b: number, c: number): number {
  return op | a << 6 | c << 14 | b << 23;
}

/** Encodes an instruction with `A` and `Bx`. */
export function encodeBx(op: number, a: number, bx: number): number {
  return op | a << 6 | bx << 14;
}

/** The operation. */
export function opOf(code: number): number {
  return code & 0x3f;
}

/** Operand `A`. */
export function aOf(code: number): number {
  return code >>> 6 & 0xff;
}

/** Operand `B`. */
export function bOf(code: number): number {
  return code >>> 23;
}

/** Operand `C`. */
export function cOf(code: number): number {
  return code >>> 14 & 0x1ff;
}

/** Operand `Bx`. */
export function bxOf(code: number): number {
  return code >>> 14;
}

/** Operand `sBx`. */
export function sbxOf(code: number): number {
  return (code >>> 14) - MAX_SBX;
}

/** The instruction with another `A`. */
export function withA(code: number, a: number): number {
  return code & ~(0xff << 6) | a << 6;
}

/** The instruction with another `B`. */
export function withB(code: number, b: number): number {
  return code & ~(0x1ff << 23) | b << 23;
}

/** The instruction with another `C`. */
export function withC(code: number, c: number): number {
  return code & ~(0x1ff << 14) | c << 14;
}

/** The instruction with another `sBx`. */
export function withSbx(code: number, sbx: number): number {
  return code & 0x3fff | (sbx + MAX_SBX) << 14;
}

/** Whether an instruction decides on the jump after it. */
export function isTest(op: number): boolean {
  return op >= EQ && op <= TESTSET || op === TFORLOOP;
}

const SETS_A = new Set([
  ...[MOVE, LOADK, LOADBOOL, LOADNIL, GETUPVAL, GETGLOBAL, GETTABLE],
  ...[NEWTABLE, SELF, ADD, SUB, MUL, DIV, MOD, POW, UNM, NOT, LEN, CONCAT],
  ...[TEST, TESTSET, CALL, TAILCALL, FORLOOP, FORPREP, CLOSURE, VARARG],
]);

/** Whether an instruction changes `R(A)`. */
export function setsA(op: number): boolean {
  return SETS_A.has(op);
}

/** NEWTABLE's encoding of a size in nine bits: `mantissa * 2 ^ exponent`. */
export function sizeToByte(size: number): number {
  let exponent = 0;
  while (size >= 16) {
    size = size + 1 >> 1;
    exponent++;
  }
  return size < 8 ? size : exponent + 1 << 3 | size - 8;
}

/** The inverse of {@linkcode sizeToByte}. */
export function byteToSize(byte: number): number {
  const exponent = byte >> 3 & 31;
  return exponent === 0 ? byte : (byte & 7) + 8 << exponent - 1;
}
