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
  /** Registers from `target` on, `wanted` of them. */
  | "results"
  /** The first result goes to register `target`. */
  | "store"
  /** The next instruction is skipped unless the truth of the first is `expected`. */
  | "test"
  /** The first result is an operand of a concatenation in progress. */
  | "concat"
  /** The next values of a `for` loop. */
  | "iterate"
  /** The routine in the frame below. */
  | "routine"
  /** Nowhere. */
  | "drop"
  /** They are the results of the coroutine, which ends. */
  | "end";

/** A call in progress. */
export class Frame {
  /** The Lua function; `null` for a routine. */
  closure: LuaFunction | null = null;
  /** The running routine. */
  routine: RoutineRun | null = null;
  /** Its first register. */
  base = 0;
  /** The next instruction. */
  at = 0;
  /** The arguments after the parameters. */
  extra: Value[] = NONE;
  /** The destination of its results. */
  then: Then = "results";
  /** The first register of its results. */
  target = 0;
  /** The number of results; -1 for all. For a concatenation: its first register. */
  wanted = 0;
  /** The result that a comparison expects. */
  expected = false;
  /** The number of functions that tail calls have replaced. */
  tailCalls = 0;
  /** Whether a coroutine cannot yield across it, like a C call in Lua. */
  isBoundary = false;
}

const NONE: Value[] = [];

/** A thread of Lua: registers and the calls that use them. */
export class Coroutine {
  /** The registers of all its calls. */
  readonly stack: Value[] = [];
  /** Its calls, and after them finished frames for reuse. */
  readonly frames: Frame[] = [];
  /** The number of calls in progress. */
  depth = 0;
  /** The end of an open list of results, left by an instruction for the next one. */
  top = 0;
  /** The status, as `coroutine.status` names it. */
  status: "suspended" | "running" | "normal" | "dead" = "suspended";
  /** The function to begin with, until the first resume. */
  body: Value = undefined;
  /** The coroutine that resumed it. */
  resumer: Coroutine | null = null;
  /** The number of its calls across which it cannot yield. */
  boundaries = 0;
  /** Variables that closures share with calls in progress, last register first. */
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

  /** The upvalue for a register; closures share it. */
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

  /** Closes the upvalues of the registers from `at` on. */
  close(at: number): void {
    const open = this.#open;
    while (open.length > 0 && open[open.length - 1]!.at >= at) {
      open.pop()!.close();
    }
  }
}
