/**
 * Expressions during compilation: where each value is, or will be.
 *
 * @module
 */

/** The end of a list of jumps. */
export const NO_JUMP = -1;

/** The place of an expression's value. */
export type ExpressionKind =
  /** No value. */
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
  /** The instruction `info` computes it; its target register is not chosen yet. */
  | "relocatable"
  /** It is in register `info`. */
  | "register"
  /** The instruction `info` is the call that returns it. */
  | "call"
  /** The instruction `info` fetches it from `...`. */
  | "vararg";

/** An expression during compilation. */
export interface Expression {
  /** Where its value is. */
  kind: ExpressionKind;
  /** A register, constant or instruction, by its kind. */
  info: number;
  /** The key of an `indexed` expression. */
  aux: number;
  /** The value of a `number`. */
  number: number;
  /** The list of jumps that leave it when it is true. */
  whenTrue: number;
  /** The list of jumps that leave it when it is false. */
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

/** Whether jumps leave it early: it has `and` or `or`. */
export function hasJumps(e: Expression): boolean {
  return e.whenTrue !== e.whenFalse;
}

/** Whether its number of values is known only at run time. */
export function isOpen(e: Expression): boolean {
  return e.kind === "call" || e.kind === "vararg";
}

/** Whether it is a number constant without jumps. */
export function isNumeral(e: Expression): boolean {
  return e.kind === "number" && e.whenTrue === NO_JUMP &&
    e.whenFalse === NO_JUMP;
}
