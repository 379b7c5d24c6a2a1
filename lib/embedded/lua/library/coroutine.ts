/**
 * The library `coroutine`.
 *
 * @module
 */

import { Coroutine } from "../coroutine.ts";
import { isCatchable, type Machine } from "../machine.ts";
import {
  LuaError,
  LuaFunction,
  type NativeFunction,
  Routine,
  type RoutineRun,
  type Value,
} from "../value.ts";
import { addRoutines, library } from "./arguments.ts";

/** Adds `coroutine` to the global variables. */
export function openCoroutine(m: Machine): void {
  const made = library(FUNCTIONS);
  addRoutines(made, ROUTINES);
  m.globals.set("coroutine", made);
}

const FUNCTIONS: Readonly<Record<string, NativeFunction["run"]>> = {
  create: (args, m) => create(m, args),
  running(_args, m) {
    return m.current.resumer === null ? undefined : m.current;
  },
  status: (args, m) => coroutine(m, args).status,
  wrap(args, m) {
    const made = create(m, args);
    return new Routine(function* (args, m): RoutineRun {
      if (made.status !== "suspended") {
        throw m.error(`cannot resume ${made.status} coroutine`);
      }
      try {
        return yield { kind: "resume", coroutine: made, args };
      } catch (error) {
        if (!isCatchable(error) || typeof error.value !== "string") throw error;
        throw new LuaError(m.where(1) + error.value);
      }
    });
  },
};

const ROUTINES: Readonly<Record<string, Routine["run"]>> = {
  *resume(args, m): RoutineRun {
    const [, ...rest] = args;
    const resumed = coroutine(m, args);
    if (resumed.status !== "suspended") {
      return [false, `cannot resume ${resumed.status} coroutine`];
    }
    try {
      return [
        true,
        ...yield {
          kind: "resume",
          coroutine: resumed,
          args: rest,
        },
      ];
    } catch (error) {
      if (!isCatchable(error)) throw error;
      return [false, error.value];
    }
  },
  *yield(args): RoutineRun {
    return yield { kind: "yield", args };
  },
};

function create(m: Machine, args: readonly Value[]): Coroutine {
  const [body] = args;
  if (!(body instanceof LuaFunction)) {
    throw m.argumentError(1, "Lua function expected");
  }
  const made = new Coroutine();
  made.body = body;
  return made;
}

function coroutine(m: Machine, args: readonly Value[]): Coroutine {
  const [value] = args;
  if (!(value instanceof Coroutine)) {
    throw m.argumentError(1, "coroutine expected");
  }
  return value;
}
