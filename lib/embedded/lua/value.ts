/**
 * The values of Lua.
 *
 * Lua's nil is `undefined`, its booleans and numbers are JavaScript's, and its
 * strings are strings with a character for each byte. The rest are classes.
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

/** Several values: arguments, results. */
export type Values = readonly Value[];

/** A function as the compiler made it, without the variables around it. */
export interface Prototype {
  /** Its source: `@name`, `=name`, or the text itself. */
  readonly source: string;
  /** Its instructions. */
  readonly code: Int32Array;
  /** The line of each instruction. */
  readonly lines: Int32Array;
  /** Its constants. */
  readonly constants: readonly Value[];
  /** The functions inside it. */
  readonly prototypes: readonly Prototype[];
  /** The names of its upvalues. */
  readonly upvalues: readonly string[];
  /** Its local variables and where each is alive. */
  readonly locals: readonly LocalVariable[];
  /** How many parameters it has, without `...`. */
  readonly parameters: number;
  /** Whether it takes `...`. */
  readonly isVararg: boolean;
  /** Whether it wants the extra arguments as a table in `arg` (Lua 5.0's way). */
  readonly needsArg: boolean;
  /** Whether it has a local variable `arg` for them. */
  readonly hasArg: boolean;
  /** How many registers it uses. */
  readonly registers: number;
  /** The line where it begins; 0 of a whole chunk. */
  readonly line: number;
}

/** A local variable, and the instructions between which it is alive. */
export interface LocalVariable {
  /** Its name. */
  readonly name: string;
  /** The first instruction that knows it. */
  start: number;
  /** The first that does not any more. */
  end: number;
}

/**
 * A variable that a closure shares with the function around it: a register
 * while that function runs, its own cell afterwards.
 */
export class Upvalue {
  /** Where the value is. */
  values: Value[];
  /** At which place there. */
  at: number;

  /** Refers to a register. */
  constructor(values: Value[], at: number) {
    this.values = values;
    this.at = at;
  }

  /** Keeps the value, since its register is about to be reused. */
  close(): void {
    this.values = [this.values[this.at]];
    this.at = 0;
  }
}

/** A function written in Lua, with the variables around it. */
export class LuaFunction {
  /** What it does. */
  readonly prototype: Prototype;
  /** The variables around it. */
  readonly upvalues: Upvalue[];

  /** Makes a closure. */
  constructor(prototype: Prototype, upvalues: Upvalue[]) {
    this.prototype = prototype;
    this.upvalues = upvalues;
  }
}

/**
 * A function written in TypeScript that calls nothing back. It returns one
 * value, or an array of none or several.
 */
export class NativeFunction {
  /** What it does. */
  readonly run: (args: Value[], machine: Machine) => Value | Value[];

  /** Makes it of a function. */
  constructor(run: (args: Value[], machine: Machine) => Value | Value[]) {
    this.run = run;
  }
}

/**
 * A function written in TypeScript that calls functions of Lua: a generator
 * that yields each call and is resumed with its results. So it takes none of
 * JavaScript's stack while it waits, and can wait for as long as it must.
 */
export class Routine {
  /** What it does. */
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

/** Asks for a call. */
export function calling(callee: Value, ...args: Value[]): Request {
  return { kind: "call", callee, args };
}

/** A value of the host that Lua can only pass around, such as `cjson.null`. */
export class LightUserdata {
  /** The text of `tostring`. */
  readonly name: string;

  /** Makes one. */
  constructor(name: string) {
    this.name = name;
  }
}

/** An error of Lua: any value. */
export class LuaError extends Error {
  /** The name of the error's class. */
  override readonly name: string = "LuaError";
  /** The argument of `error`. */
  readonly value: Value;
  /** Where it was raised, when the machine knows. */
  where: { readonly source: string; readonly line: number } | null = null;

  /** Makes the error with a value. */
  constructor(value: Value) {
    super(typeof value === "string" ? value : "(error object)");
    this.value = value;
  }
}

/** Ends a script whatever it protects itself with: `pcall` does not catch it. */
export class Killed extends LuaError {
  /** The name of the error's class. */
  override readonly name: string = "Killed";
}

/** Whether Lua takes a value for true. */
export function isTrue(value: Value): boolean {
  return value !== undefined && value !== false;
}

const IDS = new WeakMap<object, number>();
let lastId = 0x55550000;

/** A number that is an object's own, as an address is in C. */
export function identity(object: object): number {
  let id = IDS.get(object);
  if (id === undefined) IDS.set(object, id = lastId += 16);
  return id;
}
