/**
 * Expressions while they are compiled: where their value is, or will be.
 *
 * @module
 */

/** The end of a list of jumps. */
export const NO_JUMP = -1;

/** Where the value of an expression is. */
export type ExpressionKind =
  /** There is none. */
  | "void"
  | "nil"
  | "true"
  | "false"
  /** The constant `info`. */
  | "constant"
  /** `number`. */
  | "number"
  /** The local variable in register `info`. */
  | "local"
  /** The upvalue `info`. */
  | "upvalue"
  /** The global variable whose name is the constant `info`. */
  | "global"
  /** Register `info` as a table, at `aux`: a register or constant. */
  | "indexed"
  /** The jump `info` is taken when it is true. */
  | "jump"
  /** The instruction `info` computes it, into any register. */
  | "relocatable"
  /** It is in register `info`. */
  | "register"
  /** The instruction `info` calls for it. */
  | "call"
  /** The instruction `info` fetches it from `...`. */
  | "vararg";

/** An expression while it is compiled. */
export interface Expression {
  /** Where its value is. */
  kind: ExpressionKind;
  /** A register, constant or instruction, by its kind. */
  info: number;
  /** The key of an indexed one. */
  aux: number;
  /** The value of a number. */
  number: number;
  /** The jumps that leave it when it is true. */
  whenTrue: number;
  /** The jumps that leave it when it is false. */
  whenFalse: number;
}

/** An expression of a kind. */
export function expression(kind: ExpressionKind, info = 0): Expression {
  return {
    kind,
    info,
    aux: 0,
    number: 0,
    whenTrue: NO_JUMP,
    whenFalse: NO_JUMP,
  };
}

/** Whether jumps leave it early. */
export function hasJumps(e: Expression): boolean {
  return e.whenTrue !== e.whenFalse;
}

/** Whether it may have any number of values. */
export function isOpen(e: Expression): boolean {
  return e.kind === "call" || e.kind === "vararg";
}

/** Whether it is a number that is known already. */
export function isNumeral(e: Expression): boolean {
  return e.kind === "number" && e.whenTrue === NO_JUMP &&
    e.whenFalse === NO_JUMP;
}
