/**
 * The table `redis` of scripts.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/#redis_object
 * @module
 */

import { VERSION } from "../base/about.ts";
import { formatDouble } from "../base/numbers.ts";
import type { ScriptingServer } from "./host.ts";
import { toNumber, toText } from "../lua/convert.ts";
import { library } from "../lua/library/arguments.ts";
import type { LuaTable } from "../lua/table.ts";
import { LuaError, type NativeFunction, type Value } from "../lua/value.ts";
import type { Engine } from "./engine.ts";
import { tableOf } from "./replies.ts";
import { REPLICATE } from "../model/effect.ts";
import type { ScriptRun } from "./run.ts";
import { sha1 } from "./sha1.ts";

type Run = NativeFunction["run"];

const LEVELS = ["debug", "verbose", "notice", "warning"];

/** An error table, as `redis.pcall` returns it. */
function errorTable(message: string): LuaTable {
  if (!message.startsWith("-")) return tableOf("err", `ERR ${message}`);
  const space = message.indexOf(" ");
  if (space < 0) return tableOf("err", `ERR ${message.slice(1)}`);
  const code = message.slice(1, space);
  return tableOf("err", `${code} ${message.slice(space + 1).trim()}`);
}

/** The error of a function of this library. */
function failure(message: string): LuaError {
  return new LuaError(errorTable(message));
}

/** Converts arguments to strings; `null` when one is of another type. */
function toArguments(args: readonly Value[]): string[] | null {
  const made: string[] = [];
  for (const arg of args) {
    if (typeof arg === "string") made.push(arg);
    else if (typeof arg === "number") made.push(formatDouble(arg));
    else return null;
  }
  return made;
}

/** Makes the table `redis` of an engine. */
export function redisLibrary(core: ScriptingServer, engine: Engine): LuaTable {
  const running = (name: string): ScriptRun => {
    if (engine.run !== null) return engine.run;
    throw failure(`${name} can only be called inside a script invocation`);
  };
  const check = (args: Value[]): LuaTable | string[] => {
    if (args.length === 0) {
      return errorTable(
        "Please specify at least one argument for this redis lib call",
      );
    }
    return toArguments(args) ?? errorTable(
      "Lua redis lib command arguments must be strings or integers",
    );
  };
  const call = (raises: boolean): Run => (args) => {
    const run = running("redis.call/pcall");
    const words = check(args);
    if (!Array.isArray(words)) {
      if (raises) throw new LuaError(words);
      return words;
    }
    const { value, failed } = engine.call.run(run, words);
    if (failed && raises) throw new LuaError(value);
    return value;
  };
  const field = (name: string): Run => (args) => {
    const [value] = args;
    return args.length === 1 && typeof value === "string"
      ? tableOf(name, value)
      : errorTable("wrong number or type of arguments");
  };
  const made = library({
    call: call(true),
    pcall: call(false),
    acl_check_cmd(args) {
      const { caller } = running("redis.acl_check_cmd");
      const words = check(args);
      if (!Array.isArray(words)) throw new LuaError(words);
      const command = engine.call.find(words);
      if (command === undefined) {
        throw failure("Invalid command passed to redis.acl_check_cmd()");
      }
      return caller.user.check(command, words) === null;
    },
    error_reply(args) {
      const [value] = args;
      if (args.length !== 1 || typeof value !== "string") {
        return errorTable("wrong number or type of arguments");
      }
      return errorTable(value.startsWith("-") ? value : `-${value}`);
    },
    log(args) {
      if (args.length < 2) {
        throw failure("redis.log() requires two arguments or more.");
      }
      const given = toNumber(args[0]);
      if (given === undefined) {
        throw failure("First argument must be a number (log level).");
      }
      const level = Math.trunc(given);
      if (level < 0 || level >= LEVELS.length) {
        throw failure("Invalid log level.");
      }
      const least = LEVELS.indexOf(core.config.get("loglevel"));
      if (level >= least) core.log(args.slice(1).map(toText).join(" "));
      return [];
    },
    set_repl(args) {
      const run = running("redis.set_repl");
      if (args.length !== 1) {
        throw failure("redis.set_repl() requires two arguments.");
      }
      const flags = Math.trunc(toNumber(args[0]) ?? 0);
      if ((flags & ~REPLICATE.all) !== 0) {
        throw failure(
          "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.",
        );
      }
      run.replicate = flags;
      return [];
    },
    setresp(args) {
      running("redis.setresp");
      if (args.length !== 1) {
        throw failure("redis.setresp() requires one argument.");
      }
      const protocol = Math.trunc(toNumber(args[0]) ?? 0);
      if (protocol !== 2 && protocol !== 3) {
        throw failure("RESP version must be 2 or 3.");
      }
      engine.call.protocol = protocol;
      return [];
    },
    sha1hex(args) {
      if (args.length !== 1) throw failure("wrong number of arguments");
      return sha1(toText(args[0]) ?? "");
    },
    status_reply: field("ok"),
  });
  for (const [name, value] of constants()) made.set(name, value);
  return made;
}

/** Functions that only EVAL's table `redis` has. */
export function addEvalFunctions(redis: LuaTable): void {
  const more = library({
    // There is no debugger: these do nothing.
    breakpoint: () => false,
    debug: () => [],
    // Redis always replicates effects since 7.0: nothing to switch on.
    replicate_commands: () => true,
  });
  for (const name of ["breakpoint", "debug", "replicate_commands"]) {
    redis.set(name, more.get(name));
  }
}

function constants(): [string, Value][] {
  const [major, minor, patch] = VERSION.split(".").map(Number) as [
    number,
    number,
    number,
  ];
  return [
    ["LOG_DEBUG", 0],
    ["LOG_VERBOSE", 1],
    ["LOG_NOTICE", 2],
    ["LOG_WARNING", 3],
    ["REDIS_VERSION_NUM", major << 16 | minor << 8 | patch],
    ["REDIS_VERSION", VERSION],
    ["REPL_NONE", REPLICATE.none],
    ["REPL_AOF", REPLICATE.file],
    ["REPL_SLAVE", REPLICATE.replicas],
    ["REPL_REPLICA", REPLICATE.replicas],
    ["REPL_ALL", REPLICATE.all],
  ];
}
