/**
 * The values of Lua.
 *
 * Lua's nil is `undefined`; booleans and numbers are JavaScript's. Strings are
 * binary text (one character per byte). The rest are classes.
 *
 * @module
 */

import type { Coroutine } from "./coroutine.ts";
import type { Machine } from "./machine.ts";
import type { LuaTable } from "./table.ts";

/** Any value of Lua. */
export type Value =
  | undefined
  | boolean
  | number
  | string
  | LuaTable
  | Callable
  | Coroutine
  | LightUserdata;

/** A value that can be called without a metamethod. */
export type Callable = LuaFunction | NativeFunction | Routine;

/** A list of values: arguments or results. */
export type Values = readonly Value[];

/** A compiled function, without its upvalues. */
export interface Prototype {
  /** Its source: `@name`, `=name`, or the text itself. */
  readonly source: string;
  /** Its instructions. */
  readonly code: Int32Array;
  /** The line of each instruction. */
  readonly lines: Int32Array;
  /** Its constants. */
  readonly constants: readonly Value[];
  /** The nested functions. */
  readonly prototypes: readonly Prototype[];
  /** The names of its upvalues. */
  readonly upvalues: readonly string[];
  /** Its local variables and the range of each. */
  readonly locals: readonly LocalVariable[];
  /** The number of parameters, without `...`. */
  readonly parameters: number;
  /** Whether it is variadic (`...`). */
  readonly isVararg: boolean;
  /** Whether extra arguments go into a table `arg`, as in Lua 5.0. */
  readonly needsArg: boolean;
  /** Whether it has a local variable `arg` for that. */
  readonly hasArg: boolean;
  /** The number of registers that it uses. */
  readonly registers: number;
  /** The line where it begins; 0 for a whole chunk. */
  readonly line: number;
}

/** A local variable, and the range of instructions where it is in scope. */
export interface LocalVariable {
  /** Its name. */
  readonly name: string;
  /** The first instruction in its scope. */
  start: number;
  /** The first instruction after its scope. */
  end: number;
}

/**
 * A variable that a closure shares with the enclosing function: a register while
 * that function runs, a cell of its own afterwards.
 */
export class Upvalue {
  /** The array that holds the value. */
  values: Value[];
  /** The index in `values`. */
  at: number;

  /** Refers to a register. */
  constructor(values: Value[], at: number) {
    this.values = values;
    this.at = at;
  }

  /** Moves the value to its own cell, as its register is about to be reused. */
  close(): void {
    this.values = [this.values[this.at]];
    this.at = 0;
  }
}

/** A function written in Lua: a closure. */
export class LuaFunction {
  /** Its compiled form. */
  readonly prototype: Prototype;
  /** Its upvalues. */
  readonly upvalues: Upvalue[];

  /** Makes a closure. */
  constructor(prototype: Prototype, upvalues: Upvalue[]) {
    this.prototype = prototype;
    this.upvalues = upvalues;
  }
}

/**
 * A function written in TypeScript that does not call back into Lua. It returns one
 * value, or an array of values.
 */
export class NativeFunction {
  /** The implementation. */
  readonly run: (args: Value[], machine: Machine) => Value | Value[];

  /** Makes it of a function. */
  constructor(run: (args: Value[], machine: Machine) => Value | Value[]) {
    this.run = run;
  }
}

/**
 * A function written in TypeScript that calls back into Lua: a generator that
 * yields each call and is resumed with its results. While it waits it uses no
 * JavaScript stack, so it can wait for any length of time.
 */
export class Routine {
  /** The implementation. */
  readonly run: (args: Value[], machine: Machine) => RoutineRun;

  /** Makes it of a generator function. */
  constructor(run: (args: Value[], machine: Machine) => RoutineRun) {
    this.run = run;
  }
}

/** A running {@linkcode Routine}. */
export type RoutineRun = Generator<Request, Value[], Value[]>;

/** The requests of a {@linkcode Routine} to the machine. */
export type Request =
  | { readonly kind: "call"; readonly callee: Value; readonly args: Value[] }
  | {
    readonly kind: "resume";
    readonly coroutine: Coroutine;
    readonly args: Value[];
  }
  | { readonly kind: "yield"; readonly args: Value[] };

/** A request to call a function. */
export function calling(callee: Value, ...args: Value[]): Request {
  return { kind: "call", callee, args };
}

/** An opaque host value that Lua can only pass around, such as `cjson.null`. */
export class LightUserdata {
  /** The text of `tostring`. */
  readonly name: string;

  /** Makes one. */
  constructor(name: string) {
    this.name = name;
  }
}

/** An error of Lua, with any value. */
export class LuaError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "LuaError";
  /** The argument of `error`. */
  readonly value: Value;
  /** The position where it was raised, if known. */
  where: { readonly source: string; readonly line: number } | null = null;

  /** Makes the error with a value. */
  constructor(value: Value) {
    super(typeof value === "string" ? value : "(error object)");
    this.value = value;
  }
}

/** Ends a script unconditionally: `pcall` does not catch it. */
export class Killed extends LuaError {
  /** The name of the error's class. */
  override readonly name: string = "Killed";
}

/** Whether Lua treats a value as true. */
export function isTrue(value: Value): boolean {
  return value !== undefined && value !== false;
}

const IDS = new WeakMap<object, number>();
let lastId = 0x55550000;

/** A unique number for an object, in place of its address in C. */
export function identity(object: object): number {
  let id = IDS.get(object);
  if (id === undefined) IDS.set(object, id = lastId += 16);
  return id;
}
