/**
 * A Lua virtual machine as Redis sets it up: with Redis's libraries, and with no
 * state that a script could change for the next one.
 *
 * @module
 */

import type { ScriptingServer } from "./host.ts";
import { openBit } from "../lua/library/bit.ts";
import { openJson } from "../lua/library/cjson.ts";
import { openMessagePack } from "../lua/library/cmsgpack.ts";
import { openLibraries } from "../lua/library/open.ts";
import { Random } from "../lua/library/random.ts";
import { openStruct } from "../lua/library/struct.ts";
import { isCatchable, Machine } from "../lua/machine.ts";
import { LuaTable } from "../lua/table.ts";
import {
  type LuaError,
  NativeFunction,
  Routine,
  type RoutineRun,
  type Value,
} from "../lua/value.ts";
import { toText } from "../lua/convert.ts";
import { redisLibrary } from "./redis_library.ts";
import type { ScriptRun } from "./run.ts";
import { ScriptCall } from "./script_call.ts";

/** The seed of Redis's random numbers. */
const SEED = 0x1234abcd;

/** A Lua machine with the library `redis`. */
export class Engine {
  /** The virtual machine. */
  readonly machine = new Machine();
  /** Executes the commands of its scripts. */
  readonly call: ScriptCall;
  /** The running script. */
  run: ScriptRun | null = null;
  /** Its random numbers. */
  readonly random = new Random(SEED);
  /** The table `redis`. */
  readonly redis: LuaTable;

  /** Sets up a virtual machine for a server. */
  constructor(core: ScriptingServer) {
    const { machine } = this;
    this.call = new ScriptCall(core);
    openLibraries(machine, this.random);
    openJson(machine);
    openStruct(machine);
    openMessagePack(machine);
    openBit(machine);
    machine.globals.set("pcall", new Routine(pcall));
    this.redis = redisLibrary(core, this);
    machine.globals.set("redis", this.redis);
  }

  /** Makes all shared tables read-only, and access to undefined globals an error. */
  protect(): void {
    const { globals, strings } = this.machine;
    const metatable = new LuaTable();
    metatable.set("__index", new NativeFunction(missing));
    globals.metatable = metatable;
    protect(globals);
    protect(strings);
  }
}

/** Makes a table and all tables that it references read-only. */
function protect(table: LuaTable): void {
  if (table.readOnly) return;
  table.readOnly = true;
  for (let entry = table.next(undefined); Array.isArray(entry);) {
    const [key, value] = entry;
    if (value instanceof LuaTable) protect(value);
    entry = table.next(key);
  }
  if (table.metatable !== undefined) protect(table.metatable);
}

/** In Redis this adds the position to an error; here the virtual machine does that. */
export function errorHandler(args: Value[]): Value {
  return args[0];
}

function missing(args: Value[], m: Machine): Value {
  const name = toText(args[1]);
  if (name === undefined) {
    throw m.error(
      "Second argument to luaProtectedTableError must be a string or number",
    );
  }
  throw m.error(
    `Script attempted to access nonexistent global variable '${name}'`,
  );
}

/** Lua's `pcall`, but an error of Redis becomes its text, as before Redis 7. */
function* pcall(args: Value[]): RoutineRun {
  // Without arguments, Redis's own pcall calls the boolean `true`.
  const [callee, ...rest] = args.length > 0 ? args : [true];
  try {
    return [true, ...yield { kind: "call", callee, args: rest }];
  } catch (error) {
    if (!isCatchable(error)) throw error;
    return [false, textOf(error)];
  }
}

function textOf({ value }: LuaError): Value {
  if (!(value instanceof LuaTable)) return value;
  const text = value.getText("err");
  return typeof text === "string" || typeof text === "number" ? text : value;
}
