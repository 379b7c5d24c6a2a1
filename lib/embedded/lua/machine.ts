/**
 * The virtual machine: executes Lua functions, one instruction after the other.
 *
 * Each Lua call is a {@linkcode Frame}, an object; none uses JavaScript's stack. So
 * switching coroutines means switching frames, a script can be paused between two
 * instructions and continued an hour later, and endless recursion ends in a Lua
 * error.
 *
 * @module
 */

import { toText, typeName } from "./convert.ts";
import { Coroutine, type Frame, type Then } from "./coroutine.ts";
import { execute } from "./execute.ts";
import { chunkName } from "./lexer.ts";
import { currentLine, nameOf, nameOfCallee } from "./naming.ts";
import { LuaTable, TableError } from "./table.ts";
import {
  type Callable,
  Killed,
  LuaError,
  LuaFunction,
  NativeFunction,
  Routine,
  type Value,
} from "./value.ts";

/** The maximum depth of calls. */
const MAX_CALLS = 16_380;
/** The maximum depth of calls from library functions and metamethods. */
const MAX_BOUNDARIES = 197;
/** The maximum depth of coroutines that resume each other. */
const MAX_RESUMES = 197;
/** The host's `interrupt` is called after this many loops and calls. */
const FUEL = 20_000;
/** The longest string in bytes: a little below V8's limit. */
export const MAX_STRING = 512 * 1024 * 1024 - 64;

/** The machine's requests to its host. */
export interface Host {
  /**
   * Called regularly while a script runs. `"pause"` stops it until
   * {@linkcode Machine.run} is called again. Throws to end the script.
   */
  interrupt(): "go on" | "pause";
}

/** Runs Lua functions. */
export class Machine {
  /** The global variables. */
  globals: LuaTable = new LuaTable();
  /** The metatable of strings. */
  readonly strings = new LuaTable();
  /** The running coroutine. */
  current: Coroutine = new Coroutine();
  /** The number of loops and calls until the next `interrupt`. */
  fuel = FUEL;
  /** The results of the last script that ended. */
  results: Value[] = [];
  /** The host's check between instructions. */
  host: Host = { interrupt: () => "go on" };
  /** The frame of the routine whose TypeScript code runs. */
  #running: Frame | null = null;
  #resumes = 0;

  /** The depth of calls that count towards the compiler's nesting limit. */
  get levels(): number {
    return this.current.boundaries;
  }

  /** Prepares a call; {@linkcode run} executes it. */
  start(callee: Callable, args: Value[]): void {
    this.current = new Coroutine();
    this.current.status = "running";
    this.fuel = FUEL;
    this.results = [];
    this.#resumes = 0;
    this.#start = { callee, args };
  }

  #start: { callee: Callable; args: Value[] } | null = null;

  /**
   * Runs the prepared call. Returns true when it ended, with {@linkcode results};
   * false when it is paused. Throws a {@linkcode LuaError} that the script did not
   * catch.
   */
  run(): boolean {
    for (;;) {
      try {
        if (this.#start !== null) {
          const { callee, args } = this.#start;
          this.#start = null;
          this.invoke(callee, args, "end");
        }
        return execute(this);
      } catch (error) {
        this.#unwind(this.#asLuaError(error));
      }
    }
  }

  /** Calls the host's `interrupt`; returns true to pause. */
  tick(): boolean {
    const answer = this.host.interrupt();
    this.fuel = FUEL;
    return answer === "pause";
  }

  /** Counts the bytes of a new string as fuel, so that `interrupt` is called in time. */
  charge(bytes: number): void {
    if (bytes > MAX_STRING) throw new LuaError("not enough memory");
    this.fuel -= bytes >> 6;
  }

  /** The metatable of any value. */
  metatableOf(value: Value): LuaTable | undefined {
    if (value instanceof LuaTable) return value.metatable;
    return typeof value === "string" ? this.strings : undefined;
  }

  /** A metamethod of a value. */
  metamethod(value: Value, event: string): Value {
    return this.metatableOf(value)?.getText(event);
  }

  /** Begins a call of a Lua function whose arguments are in registers. */
  enter(
    callee: LuaFunction,
    base: number,
    count: number,
    target: number,
    wanted: number,
  ): void {
    const co = this.current;
    if (co.depth >= MAX_CALLS) throw this.error("stack overflow");
    const frame = co.push();
    frame.then = "results";
    frame.target = target;
    frame.wanted = wanted;
    this.fill(frame, callee, base, count);
  }

  /** Initializes a frame for a function whose arguments are in registers. */
  fill(frame: Frame, callee: LuaFunction, base: number, count: number): void {
    const { stack } = this.current;
    const { prototype } = callee;
    const { parameters } = prototype;
    frame.closure = callee;
    frame.base = base;
    frame.at = 0;
    let at = base + count;
    if (count > parameters) {
      if (prototype.isVararg) {
        frame.extra = stack.slice(base + parameters, at);
      }
      at = base + parameters;
    }
    for (const end = base + prototype.registers; at < end; at++) {
      stack[at] = undefined;
    }
    if (prototype.needsArg) {
      const arg = new LuaTable(frame.extra.length, 1);
      frame.extra.forEach((value, i) => arg.set(i + 1, value));
      arg.set("n", frame.extra.length);
      stack[base + parameters] = arg;
    }
  }

  /** Calls the value in a register, with arguments in the registers behind it. */
  call(at: number, count: number, wanted: number): void {
    const { stack } = this.current;
    const callee = stack[at];
    const args = stack.slice(at + 1, at + 1 + count);
    const function_ = this.#callable(callee, args, at);
    this.invoke(function_, args, "results", at, wanted);
  }

  /** Calls a function; `then` is the destination of its results. */
  invoke(
    callee: Callable,
    args: Value[],
    then: Then,
    target = 0,
    wanted = 0,
    expected = false,
  ): void {
    const co = this.current;
    if (callee instanceof NativeFunction) {
      const results = toArray(callee.run(args, this));
      this.#deliver(then, target, wanted, expected, results);
      return;
    }
    if (co.depth >= MAX_CALLS) throw this.error("stack overflow");
    const isBoundary = then !== "results" && then !== "end" ||
      callee instanceof Routine;
    if (isBoundary && co.boundaries >= MAX_BOUNDARIES) {
      throw this.error("C stack overflow");
    }
    const base = this.#freeRegister(co);
    const frame = co.push();
    frame.then = then;
    frame.target = target;
    frame.wanted = wanted;
    frame.expected = expected;
    frame.isBoundary = isBoundary;
    if (isBoundary) co.boundaries++;
    frame.base = base;
    if (callee instanceof LuaFunction) {
      for (let i = 0; i < args.length; i++) co.stack[base + i] = args[i];
      this.fill(frame, callee, base, args.length);
    } else {
      frame.routine = callee.run(args, this);
      this.#step([]);
    }
  }

  /** Ends the innermost call with its results. */
  finish(results: Value[]): void {
    const co = this.current;
    const { then, target, wanted, expected } = co.pop();
    this.#deliver(then, target, wanted, expected, results);
  }

  /** An error with the position of the running Lua function. */
  error(message: string): LuaError {
    return new LuaError(this.where(1) + message);
  }

  /** A library function's error about an argument; `at` counts from 1. */
  argumentError(at: number, message: string): LuaError {
    const frame = this.#level(1);
    const name = frame?.closure ? nameOfCallee(frame) : null;
    if (name?.kind === "method") {
      at--;
      if (at === 0) {
        return this.error(`calling '${name.name}' on bad self (${message})`);
      }
    }
    return this.error(
      `bad argument #${at} to '${name?.name ?? "?"}' (${message})`,
    );
  }

  /** An error about an operation on a value of a wrong type. */
  typeError(operation: string, value: Value, register = -1): LuaError {
    const frame = this.current.frame;
    const name = register >= 0 && frame?.closure
      ? nameOf(frame, register - frame.base)
      : null;
    const what = name === null ? "a" : `${name.kind} '${name.name}' (a`;
    const end = name === null ? "" : ")";
    return this.error(
      `attempt to ${operation} ${what} ${typeName(value)} value${end}`,
    );
  }

  /** `source:line: ` of a level; level 1 is the caller of the running function. */
  where(level: number): string {
    const frame = this.#level(level);
    if (!frame?.closure) return "";
    const { source } = frame.closure.prototype;
    return `${chunkName(source)}:${currentLine(frame)}: `;
  }

  /** The frame of a level; `null` for a function that a tail call replaced. */
  #level(level: number): Frame | null {
    const { frames, depth } = this.current;
    let at = depth - 1 - (this.#running === null ? 0 : 1);
    for (; at >= 0; at--) {
      if (--level === 0) return frames[at]!;
      const { tailCalls } = frames[at]!;
      if (tailCalls === 0) continue;
      if (level <= tailCalls) return null;
      level -= tailCalls;
    }
    return null;
  }

  /** The `__call` of a value, which becomes the first argument. */
  #callable(callee: Value, args: Value[], register: number): Callable {
    if (isCallable(callee)) return callee;
    const meta = this.metamethod(callee, "__call");
    if (!isCallable(meta)) throw this.typeError("call", callee, register);
    args.unshift(callee);
    return meta;
  }

  /** The first register after those of all calls in progress. */
  #freeRegister(co: Coroutine): number {
    const { frame } = co;
    if (frame === undefined) return 0;
    if (frame.closure === null) return frame.base;
    return Math.max(frame.base + frame.closure.prototype.registers, 0);
  }

  /** Passes the results of a call to their destination. */
  #deliver(
    then: Then,
    target: number,
    wanted: number,
    expected: boolean,
    results: Value[],
  ): void {
    const co = this.current;
    const { stack } = co;
    switch (then) {
      case "results":
        putResults(co, target, wanted, results);
        return;
      case "store":
        stack[target] = results[0];
        return;
      case "test": {
        const first = results[0];
        const isTrue = first !== undefined && first !== false;
        if (isTrue !== expected) co.frame!.at++;
        return;
      }
      case "concat":
        stack[target] = results[0];
        this.concatenate(wanted, target);
        return;
      case "iterate":
        putResults(co, target, wanted, results);
        this.iterated(target);
        return;
      case "routine":
        this.#step(results);
        return;
      case "drop":
        return;
      case "end":
        this.#end(results);
    }
  }

  /** Calls the iterator of a `for` loop. */
  iterateWith(at: number, wanted: number): void {
    const { stack } = this.current;
    const args = [stack[at + 1], stack[at + 2]];
    const callee = this.#callable(stack[at], args, at);
    this.invoke(callee, args, "iterate", at + 3, wanted);
  }

  /** Continues a `for` loop after its iterator returned. */
  iterated(target: number): void {
    const co = this.current;
    const value = co.stack[target];
    if (value === undefined) co.frame!.at++;
    else co.stack[target - 1] = value;
  }

  /** Concatenates the values of registers. */
  concatenate(first: number, last: number): void {
    const { stack } = this.current;
    while (last > first) {
      const right = toText(stack[last]);
      const left = toText(stack[last - 1]);
      if (left === undefined || right === undefined) {
        const [a, b] = [stack[last - 1], stack[last]];
        const meta = this.metamethod(a, "__concat") ??
          this.metamethod(b, "__concat");
        if (meta === undefined) {
          throw left === undefined
            ? this.typeError("concatenate", a, last - 1)
            : this.typeError("concatenate", b, last);
        }
        this.metacall(meta, [a, b], "concat", last - 1, first);
        return;
      }
      this.charge(left.length + right.length);
      stack[--last] = left + right;
    }
    const frame = this.current.frame!;
    const code = frame.closure!.prototype.code[frame.at - 1]!;
    stack[frame.base + (code >>> 6 & 0xff)] = stack[first];
  }

  /** Calls a metamethod, which may be any callable value. */
  metacall(
    meta: Value,
    args: Value[],
    then: Then,
    target = 0,
    wanted = 0,
    expected = false,
  ): void {
    const callee = this.#callable(meta, args, -1);
    this.invoke(callee, args, then, target, wanted, expected);
  }

  /** Resumes the routine of the innermost frame until it makes a request. */
  #step(values: Value[] | LuaError): void {
    for (;;) {
      const co = this.current;
      const frame = co.frame!;
      const outer = this.#running;
      this.#running = frame;
      let state;
      try {
        state = values instanceof LuaError
          ? frame.routine!.throw(values)
          : frame.routine!.next(values);
      } catch (error) {
        // Before the frame is popped: the error's position is read from it.
        const raised = this.#asLuaError(error);
        co.pop();
        throw raised;
      } finally {
        this.#running = outer;
      }
      if (state.done) return this.finish(state.value);
      const request = state.value;
      try {
        switch (request.kind) {
          case "call": {
            const { args } = request;
            const callee = this.#callable(request.callee, args, -1);
            if (callee instanceof NativeFunction) {
              const running = this.#running;
              this.#running = null;
              try {
                values = toArray(callee.run(args, this));
              } finally {
                this.#running = running;
              }
              continue;
            }
            this.invoke(callee, args, "routine");
            return;
          }
          case "resume":
            return this.#resume(request.coroutine, request.args);
          case "yield":
            return this.#yield(request.args);
        }
      } catch (error) {
        if (this.current !== co || co.frame !== frame) throw error;
        values = this.#asLuaError(error);
      }
    }
  }

  #resume(coroutine: Coroutine, args: Value[]): void {
    if (this.#resumes >= MAX_RESUMES) throw new LuaError("C stack overflow");
    this.#resumes++;
    const { body } = coroutine;
    coroutine.resumer = this.current;
    this.current.status = "normal";
    coroutine.status = "running";
    this.current = coroutine;
    if (body === undefined) return this.#step(args);
    coroutine.body = undefined;
    this.invoke(body as Callable, args, "end");
  }

  #yield(args: Value[]): void {
    const co = this.current;
    // `yield` itself is one boundary.
    if (co.boundaries > 1 || co.resumer === null) {
      const error = new LuaError(
        "attempt to yield across metamethod/C-call boundary",
      );
      error.where = this.#placeOf(2);
      throw error;
    }
    this.#leave("suspended");
    this.#step(args);
  }

  /** Goes back to the coroutine that resumed the running one. */
  #leave(status: "suspended" | "dead"): void {
    const co = this.current;
    const { resumer } = co;
    co.status = status;
    co.resumer = null;
    this.#resumes--;
    this.current = resumer!;
    this.current.status = "running";
  }

  #end(results: Value[]): void {
    if (this.current.resumer === null) {
      this.current.status = "dead";
      this.results = results;
      return;
    }
    this.#leave("dead");
    this.#step(results);
  }

  /** Ends calls until a routine catches the error; throws it if none does. */
  #unwind(error: LuaError): void {
    for (;;) {
      const co = this.current;
      while (co.depth > 0) {
        const frame = co.frame!;
        if (frame.routine === null) {
          co.close(frame.base);
          co.pop();
          continue;
        }
        try {
          return this.#step(error);
        } catch (again) {
          error = this.#asLuaError(again);
          if (this.current !== co) break;
        }
      }
      if (this.current !== co) continue;
      if (co.resumer === null) {
        co.status = "dead";
        throw error;
      }
      this.#leave("dead");
    }
  }

  /** The value that a script gets of an error; throws errors that it must not catch. */
  #asLuaError(error: unknown): LuaError {
    let raised: LuaError;
    if (error instanceof TableError) raised = this.error(error.message);
    else if (error instanceof LuaError) raised = error;
    else if (error instanceof RangeError) {
      // A string or an array that is too long for V8.
      raised = new LuaError("not enough memory");
    } else throw error;
    raised.where ??= this.#placeOf(1);
    return raised;
  }

  /** The position of a level, for errors. */
  #placeOf(level: number): { source: string; line: number } {
    const frame = this.#level(level);
    return frame?.closure
      ? { source: frame.closure.prototype.source, line: currentLine(frame) }
      : { source: "=[C]", line: -1 };
  }
}

/** Whether a value is a function. */
export function isCallable(value: Value): value is Callable {
  return value instanceof LuaFunction || value instanceof NativeFunction ||
    value instanceof Routine;
}

/** Whether `pcall` catches an error. */
export function isCatchable(error: unknown): error is LuaError {
  return error instanceof LuaError && !(error instanceof Killed);
}

/** The results of a function of the library, as an array. */
export function toArray(results: Value | Value[]): Value[] {
  return Array.isArray(results) ? results : [results];
}

/** Puts `wanted` results into registers; or all, and stores where they end. */
export function putResults(
  co: Coroutine,
  target: number,
  wanted: number,
  results: readonly Value[],
): void {
  const { stack } = co;
  const count = wanted < 0 ? results.length : wanted;
  for (let i = 0; i < count; i++) stack[target + i] = results[i];
  if (wanted < 0) co.top = target + count;
}
