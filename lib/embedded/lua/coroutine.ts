/**
 * Lua's calls as data, outside of JavaScript's stack.
 *
 * @module
 */

import {
  type LuaFunction,
  type RoutineRun,
  Upvalue,
  type Value,
} from "./value.ts";

/** The destination of a call's results. */
export type Then =
  /** They go to registers from `target` on, as many as are wanted. */
  | "results"
  /** The first goes to the register `target`. */
  | "store"
  /** The next instruction is skipped unless the first is as true as `expected`. */
  | "test"
  /** The first is an operand of a concatenation that goes on. */
  | "concat"
  /** They are the next values of a `for` loop. */
  | "iterate"
  /** They go to the routine in the frame below. */
  | "routine"
  /** They are dropped. */
  | "drop"
  /** They end the coroutine. */
  | "end";

/** A call that is not over. */
export class Frame {
  /** The function of Lua; `null` when a routine runs. */
  closure: LuaFunction | null = null;
  /** The running routine. */
  routine: RoutineRun | null = null;
  /** Its first register. */
  base = 0;
  /** The next instruction. */
  at = 0;
  /** The arguments behind the parameters. */
  extra: Value[] = NONE;
  /** The destination of its results. */
  then: Then = "results";
  /** Where they go. */
  target = 0;
  /** How many are wanted; -1: all. Of a concatenation: its first register. */
  wanted = 0;
  /** The result that a comparison expects. */
  expected = false;
  /** How many functions it replaced by tail calls. */
  tailCalls = 0;
  /** Whether a coroutine cannot be left from above it: Lua's C calls. */
  isBoundary = false;
}

const NONE: Value[] = [];

/** A thread of Lua: registers, and the calls that use them. */
export class Coroutine {
  /** The registers of all its calls. */
  readonly stack: Value[] = [];
  /** Its calls, and behind them some that are over and wait to be used again. */
  readonly frames: Frame[] = [];
  /** How many calls there are. */
  depth = 0;
  /** Where open results end: an instruction left them for the next one. */
  top = 0;
  /** What it does. */
  status: "suspended" | "running" | "normal" | "dead" = "suspended";
  /** The function it begins with, until then. */
  body: Value = undefined;
  /** The coroutine that resumed it. */
  resumer: Coroutine | null = null;
  /** How many of its calls cannot be left by a yield. */
  boundaries = 0;
  /** Variables that closures share with running functions, last register first. */
  #open: Upvalue[] = [];

  /** The frame of the innermost call. */
  get frame(): Frame | undefined {
    return this.depth > 0 ? this.frames[this.depth - 1] : undefined;
  }

  /** Begins a call. */
  push(): Frame {
    let frame = this.frames[this.depth];
    if (frame === undefined) this.frames.push(frame = new Frame());
    else {
      frame.closure = null;
      frame.routine = null;
      frame.extra = NONE;
      frame.tailCalls = 0;
      frame.isBoundary = false;
    }
    this.depth++;
    return frame;
  }

  /** Ends the innermost call. */
  pop(): Frame {
    const frame = this.frames[--this.depth]!;
    if (frame.isBoundary) this.boundaries--;
    return frame;
  }

  /** The variable in a register, for a closure to share. */
  capture(at: number): Upvalue {
    const open = this.#open;
    let i = open.length;
    for (; i > 0; i--) {
      const upvalue = open[i - 1]!;
      if (upvalue.at === at) return upvalue;
      if (upvalue.at < at) break;
    }
    const upvalue = new Upvalue(this.stack, at);
    open.splice(i, 0, upvalue);
    return upvalue;
  }

  /** Gives variables in registers from `at` on cells of their own. */
  close(at: number): void {
    const open = this.#open;
    while (open.length > 0 && open[open.length - 1]!.at >= at) {
      open.pop()!.close();
    }
  }
}
