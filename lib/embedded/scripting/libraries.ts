/**
 * Libraries of functions: FUNCTION LOAD and the loaded libraries.
 *
 * @module
 */

import { err } from "../base/errors.ts";
import type { ScriptingServer } from "./host.ts";
import { compile } from "../lua/compiler.ts";
import { display, toText } from "../lua/convert.ts";
import { isCallable } from "../lua/machine.ts";
import { LuaTable } from "../lua/table.ts";
import {
  type Callable,
  Killed,
  LuaError,
  LuaFunction,
  NativeFunction,
  type Value,
} from "../lua/value.ts";
import { Engine } from "./engine.ts";
import { tableOf } from "./replies.ts";
import { SCRIPT_FLAGS, type ScriptFlag } from "./run.ts";
import { splitWords } from "./shebang.ts";

/** A function for FCALL. */
export interface LibraryFunction {
  /** Its name. */
  readonly name: string;
  /** Its description. */
  readonly description: string | undefined;
  /** The implementation. */
  readonly body: Callable;
  /** Its flags. */
  readonly flags: ReadonlySet<ScriptFlag>;
}

/** A library. */
export interface Library {
  /** Its name. */
  readonly name: string;
  /** Its source code. */
  readonly code: string;
  /** Its functions, by name. */
  readonly functions: Map<string, LibraryFunction>;
}

const NAMES =
  "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

/** The time limit for loading a library, in ms. */
const LOAD_TIMEOUT = 500;

/** The function libraries of a server. */
export class Libraries {
  readonly #core: ScriptingServer;
  #engine: Engine | null = null;
  /** The global variables of a library while it is loaded. */
  #loadGlobals = new LuaTable();
  /** The global variables of functions. */
  #globals = new LuaTable();
  /** The metatable of the global table: leads to one of the two. */
  #lookup = new LuaTable();
  #libraries = new Map<string, Library>();
  #functions = new Map<string, LibraryFunction>();
  /** The library that is being loaded. */
  #loading: Library | null = null;

  /** Makes it without libraries. */
  constructor(core: ScriptingServer) {
    this.#core = core;
  }

  /** The engine that runs the functions. */
  get engine(): Engine {
    return this.#engine ??= this.#createEngine();
  }

  /** The libraries, in loading order. */
  get all(): Iterable<Library> {
    return this.#libraries.values();
  }

  /** The number of libraries. */
  get count(): number {
    return this.#libraries.size;
  }

  /** The number of functions. */
  get functionCount(): number {
    return this.#functions.size;
  }

  /** The source code of all libraries. */
  get codes(): string[] {
    return Array.from(this.#libraries.values(), ({ code }) => code);
  }

  /** Finds a function. */
  find(name: string): LibraryFunction | undefined {
    return this.#functions.get(name);
  }

  /** Loads a library; returns its name. Throws when it cannot be loaded. */
  load(code: string, replace: boolean): string {
    const library = this.#read(code);
    const old = this.#libraries.get(library.name);
    if (old !== undefined && !replace) {
      throw err(`Library '${library.name}' already exists`);
    }
    this.#register(library);
    this.#link([library], old === undefined ? [] : [old]);
    return library.name;
  }

  /** Loads several libraries: all of them, or none. */
  restore(
    codes: readonly string[],
    policy: "append" | "replace" | "flush",
  ): void {
    const made: Library[] = [];
    const replaced = policy === "flush" ? [...this.#libraries.values()] : [];
    for (const code of codes) {
      const library = this.#read(code);
      if (made.some(({ name }) => name === library.name)) {
        throw err(`Library '${library.name}' already exists`);
      }
      this.#register(library);
      made.push(library);
      const old = this.#libraries.get(library.name);
      if (old === undefined || policy === "flush") continue;
      if (policy === "append") {
        throw err(`Library ${library.name} already exists`);
      }
      replaced.push(old);
    }
    this.#link(made, replaced);
  }

  /** Deletes a library; returns whether it existed. */
  delete(name: string): boolean {
    const library = this.#libraries.get(name);
    if (library === undefined) return false;
    this.#unlink(library);
    return true;
  }

  /** Deletes all libraries. */
  flush(): void {
    this.#libraries.clear();
    this.#functions.clear();
    this.#engine = null;
  }

  #unlink(library: Library): void {
    this.#libraries.delete(library.name);
    for (const name of library.functions.keys()) this.#functions.delete(name);
  }

  /** Adds libraries and removes others; throws if a function name is taken. */
  #link(made: readonly Library[], replaced: readonly Library[]): void {
    const taken = new Set(this.#functions.keys());
    for (const { functions } of replaced) {
      for (const name of functions.keys()) taken.delete(name);
    }
    for (const { functions } of made) {
      for (const name of functions.keys()) {
        if (taken.has(name)) throw err(`Function ${name} already exists`);
        taken.add(name);
      }
    }
    for (const library of replaced) this.#unlink(library);
    for (const library of made) {
      this.#libraries.set(library.name, library);
      for (const [name, one] of library.functions) {
        this.#functions.set(name, one);
      }
    }
  }

  #read(code: string): Library {
    if (!code.startsWith("#!")) throw err("Missing library metadata");
    const end = code.indexOf("\n");
    const words = end < 0 ? null : splitWords(code.slice(0, end));
    if (words === null || words.length === 0) {
      throw err("Invalid library metadata");
    }
    let name: string | undefined;
    for (const word of words.slice(1)) {
      if (!/^name=/i.test(word)) {
        throw err(`Invalid metadata value given: ${word}`);
      }
      if (name !== undefined) {
        throw err(
          "Invalid metadata value, name argument was given multiple times",
        );
      }
      name = word.slice("name=".length);
    }
    if (name === undefined) throw err("Library name was not given");
    if (!isName(name)) throw err(NAMES);
    const engine = words[0]!.slice(2);
    if (engine.toLowerCase() !== "lua") {
      throw err(`Engine '${engine}' not found`);
    }
    return { name, code, functions: new Map() };
  }

  /** Executes a library's code, which registers its functions. */
  #register(library: Library): void {
    const { machine } = this.engine;
    const source = library.code.slice(library.code.indexOf("\n"));
    let body: LuaFunction;
    try {
      body = new LuaFunction(compile(source, "@user_function"), []);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      throw err(`Error compiling function: ${display(error.value)}`);
    }
    const began = performance.now();
    machine.host = {
      interrupt() {
        if (performance.now() - began > LOAD_TIMEOUT) {
          throw new Killed(tableOf("err", "ERR FUNCTION LOAD timeout"));
        }
        return "go on";
      },
    };
    this.#loading = library;
    this.#lookup.set("__index", this.#loadGlobals);
    try {
      machine.start(body, []);
      machine.run();
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      throw err(`Error registering functions: ${messageOf(error)}`);
    } finally {
      this.#loading = null;
      this.#lookup.set("__index", this.#globals);
    }
    if (library.functions.size === 0) throw err("No functions registered");
  }

  #createEngine(): Engine {
    const engine = new Engine(this.#core);
    engine.protect();
    const { machine } = engine;
    this.#globals = machine.globals;
    this.#loadGlobals = this.#createLoadGlobals(engine);
    this.#lookup = new LuaTable();
    this.#lookup.set("__index", this.#globals);
    this.#lookup.readOnly = true;
    // The globals of functions are an empty table, whose metatable leads to the shared ones.
    machine.globals = new LuaTable();
    machine.globals.metatable = this.#lookup;
    machine.globals.readOnly = true;
    return engine;
  }

  #createLoadGlobals(engine: Engine): LuaTable {
    const redis = new LuaTable();
    redis.set(
      "register_function",
      new NativeFunction((args) => {
        this.#registerFunction(args);
        return [];
      }),
    );
    for (const name of LOAD_API) redis.set(name, engine.redis.get(name));
    const globals = new LuaTable();
    globals.set("redis", redis);
    for (const table of [globals, redis]) {
      table.metatable = engine.machine.globals.metatable;
      table.readOnly = true;
    }
    return globals;
  }

  #registerFunction(args: readonly Value[]): void {
    if (args.length < 1 || args.length > 2) {
      throw failure("wrong number of arguments to redis.register_function");
    }
    const made = args.length === 1 ? named(args[0]) : positional(args);
    const library = this.#loading;
    if (library === null) {
      throw failure(
        "redis.register_function can only be called on FUNCTION LOAD command",
      );
    }
    if (!isName(made.name)) throw failure(NAMES);
    if (library.functions.has(made.name)) {
      throw failure("Function already exists in the library");
    }
    library.functions.set(made.name, made);
  }
}

/** The parts of `redis` that a library may use while it is loaded. */
const LOAD_API = [
  "log",
  "LOG_DEBUG",
  "LOG_VERBOSE",
  "LOG_NOTICE",
  "LOG_WARNING",
  "REDIS_VERSION",
  "REDIS_VERSION_NUM",
];

function isName(name: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}

function failure(message: string): LuaError {
  return new LuaError(tableOf("err", `ERR ${message}`));
}

/** The message of an error, to be part of another one. */
function messageOf({ value }: LuaError): string {
  const text = value instanceof LuaTable ? value.getText("err") : undefined;
  return typeof text === "string" ? text : `ERR ${display(value)}`;
}

function positional([name, body]: readonly Value[]): LibraryFunction {
  const text = toText(name);
  if (text === undefined) {
    throw failure(
      "first argument to redis.register_function must be a string",
    );
  }
  if (!isCallable(body)) {
    throw failure(
      "second argument to redis.register_function must be a function",
    );
  }
  return { name: text, body, description: undefined, flags: new Set() };
}

function named(options: Value): LibraryFunction {
  if (!(options instanceof LuaTable)) {
    throw failure(
      "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
    );
  }
  let name: string | undefined;
  let description: string | undefined;
  let body: Callable | undefined;
  let flags: ReadonlySet<ScriptFlag> = new Set();
  for (let entry = options.next(undefined); Array.isArray(entry);) {
    const [key, value] = entry;
    switch (toText(key)?.toLowerCase()) {
      case undefined:
        throw failure(
          "named argument key given to redis.register_function is not a string",
        );
      case "function_name":
        name = toText(value);
        if (name === undefined) {
          throw failure(
            "function_name argument given to redis.register_function must be a string",
          );
        }
        break;
      case "description":
        description = toText(value);
        if (description === undefined) {
          throw failure(
            "description argument given to redis.register_function must be a string",
          );
        }
        break;
      case "callback":
        if (!isCallable(value)) {
          throw failure(
            "callback argument given to redis.register_function must be a function",
          );
        }
        body = value;
        break;
      case "flags":
        if (!(value instanceof LuaTable)) {
          throw failure(
            "flags argument to redis.register_function must be a table representing function flags",
          );
        }
        flags = readFlags(value);
        break;
      default:
        throw failure("unknown argument given to redis.register_function");
    }
    entry = options.next(key);
  }
  if (name === undefined) {
    throw failure("redis.register_function must get a function name argument");
  }
  if (body === undefined) {
    throw failure("redis.register_function must get a callback argument");
  }
  return { name, description, body, flags };
}

function readFlags(list: LuaTable): ReadonlySet<ScriptFlag> {
  const flags = new Set<ScriptFlag>();
  for (let i = 1;; i++) {
    const flag = toText(list.get(i))?.toLowerCase();
    if (list.get(i) === undefined) return flags;
    if (flag === undefined || !SCRIPT_FLAGS.has(flag)) {
      throw failure("unknown flag given");
    }
    flags.add(flag as ScriptFlag);
  }
}
