/**
 * The scripts of a server: the cached ones and the running one.
 *
 * A script runs alone, from its first to its last instruction. A script that takes
 * longer than `busy-reply-threshold` is paused every few milliseconds, so that other
 * clients get a reply: `BUSY`, except for commands that can kill the script.
 *
 * @module
 */

import type { ScriptingServer } from "./host.ts";
import { CommandError, err } from "../base/errors.ts";
import { compile } from "../lua/compiler.ts";
import { display } from "../lua/convert.ts";
import { LuaTable } from "../lua/table.ts";
import {
  type Callable,
  Killed,
  LuaError,
  LuaFunction,
  NativeFunction,
  type Value,
} from "../lua/value.ts";
import type { Session } from "../session/session.ts";
import { Engine, errorHandler } from "./engine.ts";
import { Libraries } from "./libraries.ts";
import { addEvalFunctions } from "./redis_library.ts";
import { ReplyWriter, tableOf } from "./replies.ts";
import { REPLICATE } from "../model/effect.ts";
import type { ScriptFlag, ScriptRun } from "./run.ts";
import { sha1 } from "./sha1.ts";
import { readHeader, shebang } from "./shebang.ts";

/** How long a slice of a busy script may block the server, in ms. */
const SLICE_MS = 8;

/** A loaded script. */
export interface Script {
  /** Its SHA-1. */
  readonly sha: string;
  /** The compiled script. */
  readonly body: LuaFunction;
  /** The flags of its first line; `null` without one. */
  readonly flags: ReadonlySet<ScriptFlag> | null;
}

/** A script or function that EVAL and FCALL run. */
export interface Program {
  /** Whether EVAL runs it, or FCALL. */
  readonly kind: "script" | "function";
  /** The SHA-1 of a script, or the name of a function. */
  readonly name: string;
  /** The compiled script or function. */
  readonly body: Callable;
  /** Its flags; `null` when it declares none. */
  readonly flags: ReadonlySet<ScriptFlag> | null;
}

/** The scripts and functions of a server. */
export class Scripting {
  /** The function libraries. */
  readonly libraries: Libraries;
  readonly #core: ScriptingServer;
  #engine: Engine | null = null;
  #bySha = new Map<string, Script>();
  /** Scripts by text: comparing a text is faster than computing its SHA-1. */
  #byText = new Map<string, Script>();
  #running: ScriptRun | null = null;
  #paused = false;
  #sliceBegan = 0;
  /** Callbacks for the end of the paused script, before clients are served. */
  #afterwards: (() => void)[] = [];
  #released: (() => void) | null = null;

  /** Prepares to run scripts on a server. */
  constructor(core: ScriptingServer) {
    this.#core = core;
    this.libraries = new Libraries(core);
  }

  /** The running script; `null` for none. */
  get running(): ScriptRun | null {
    return this.#running;
  }

  /** Whether a script is paused, so that clients can be served. */
  get busy(): boolean {
    return this.#paused;
  }

  /** The number of loaded scripts. */
  get count(): number {
    return this.#bySha.size;
  }

  /** Whether a script is loaded. */
  has(sha: string): boolean {
    return this.#bySha.has(sha);
  }

  /** Loads the script of a text. Throws when it does not compile. */
  load(text: string): Script {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const script = this.#compile(text);
    this.#byText.set(text, script);
    this.#bySha.set(script.sha, script);
    return script;
  }

  /** Finds a script by its SHA-1, in any case. */
  find(sha: string): Script | undefined {
    return this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase());
  }

  /** Finds a loaded script by its text. */
  findText(text: string): Script | undefined {
    return this.#byText.get(text);
  }

  /** Forgets all scripts. */
  flush(): void {
    this.#bySha.clear();
    this.#byText.clear();
    this.#engine = null;
  }

  /** The BUSY error while a script is paused; `null` when none is. */
  get refusal(): string | null {
    if (!this.#paused) return null;
    const kill = this.#running!.kind === "script" ? "SCRIPT" : "FUNCTION";
    return `BUSY Redis is busy running a script. You can only call ${kill} KILL or SHUTDOWN NOSAVE.`;
  }

  /** Kills the paused script: SCRIPT KILL, FUNCTION KILL. */
  kill(kind: "script" | "function"): void {
    const run = this.#running;
    if (run === null) {
      throw new CommandError("NOTBUSY No scripts in execution right now.");
    }
    if (run.wrote) {
      throw new CommandError(
        "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
      );
    }
    if (run.kind !== kind) throw new CommandError(this.refusal!);
    run.killed = true;
  }

  /** Calls `then` when the paused script ends, before clients are served. */
  whenEnded(then: () => void): void {
    this.#afterwards.push(then);
  }

  /**
   * Runs a program for a session. Its reply is written when this method returns, unless
   * the program was paused: see {@linkcode busy}.
   */
  run(
    session: Session,
    program: Program,
    args: readonly string[],
    keyCount: number,
    readOnly: boolean,
  ): void {
    const core = this.#core;
    const { kind, name, flags } = program;
    if (flags !== null && readOnly && !flags.has("no-writes")) {
      throw err("Can not execute a script with write flag using *_ro command.");
    }
    const engine = kind === "script"
      ? this.#engine ??= this.#createEngine()
      : this.libraries.engine;
    const run: ScriptRun = {
      kind,
      name,
      caller: session,
      args,
      readOnly: readOnly || flags?.has("no-writes") === true,
      allowOutOfMemory: flags?.has("allow-oom") === true,
      outOfMemory: core.eviction.limit > 0 && core.eviction.makeRoom(),
      began: performance.now(),
      now: core.now,
      wrote: false,
      killed: false,
      replicate: REPLICATE.all,
    };
    engine.run = this.#running = run;
    engine.call.begin(session);
    const { machine } = engine;
    machine.host = { interrupt: () => this.#interrupt(run) };
    const keys = listOf(args, 3, 3 + keyCount);
    const rest = listOf(args, 3 + keyCount, args.length);
    if (kind === "script") {
      machine.globals.set("KEYS", keys);
      machine.globals.set("ARGV", rest);
      machine.start(program.body, []);
    } else machine.start(program.body, [keys, rest]);
    this.#sliceBegan = run.began;
    if (this.#slice(engine, run)) return;
    this.#pause(engine, run);
  }

  /** Runs until the script ends, writes its reply and returns true; false when paused. */
  #slice(engine: Engine, run: ScriptRun): boolean {
    const { caller } = run;
    const writer = new ReplyWriter(
      caller.reply,
      engine.call.protocol,
      (table, message) => this.#countError(table, message),
    );
    let value: Value;
    try {
      if (!engine.machine.run()) return false;
      [value] = engine.machine.results;
      writer.protocol = engine.call.protocol;
    } catch (error) {
      if (!(error instanceof LuaError)) {
        engine.run = this.#running = null;
        throw error;
      }
      value = describe(run, error);
      const command = this.#core.commands.find(run.args[0]!);
      if (command !== undefined) command.failed++;
    }
    engine.run = this.#running = null;
    // The commands of the script were propagated one by one.
    caller.rewrite(null);
    writer.write(value);
    return true;
  }

  #interrupt(run: ScriptRun): "go on" | "pause" {
    const core = this.#core;
    const now = performance.now();
    if (core.heap.isFull(now)) throw new Killed("not enough memory");
    if (run.killed) {
      throw new Killed(
        tableOf("err", "ERR Script killed by user with SCRIPT KILL..."),
      );
    }
    const patience = core.config.number("busy-reply-threshold");
    // Scripts of a file or a master run to their end.
    if (patience === 0 || core.obeys) return "go on";
    if (now - run.began < patience) return "go on";
    return this.#paused && now - this.#sliceBegan < SLICE_MS
      ? "go on"
      : "pause";
  }

  #pause(engine: Engine, run: ScriptRun): void {
    const core = this.#core;
    const { caller } = run;
    const what = run.kind === "script" ? "SCRIPT KILL" : "FUNCTION KILL";
    core.log(
      `Slow script detected: still in execution after ${
        Math.round(performance.now() - run.began)
      } milliseconds. You can try killing the script using the ${what} command.`,
    );
    this.#paused = true;
    caller.waiting = true;
    core.pause.held = new Promise((resolve) => this.#released = resolve);
    caller.rewrite(null);
    this.#continueLater(engine, run);
  }

  #continueLater(engine: Engine, run: ScriptRun): void {
    setTimeout(() => {
      const core = this.#core;
      core.tick();
      // The time is constant for a script.
      core.now = run.now;
      this.#sliceBegan = core.lap;
      let ended = true;
      run.caller.run(null, () => {
        ended = this.#slice(engine, run);
      });
      if (ended) this.#serveAgain(run.caller);
      else this.#continueLater(engine, run);
    });
  }

  /** Serves clients again after a paused script has ended. */
  #serveAgain(caller: Session): void {
    const core = this.#core;
    this.#paused = false;
    core.tick();
    const afterwards = this.#afterwards;
    this.#afterwards = [];
    for (const then of afterwards) then();
    // The same EXEC may have begun another script that is paused now.
    if (this.#paused) return;
    caller.waiting = false;
    this.#released?.();
    this.#released = null;
    core.settle();
    caller.wrote();
    caller.flush();
    core.sessions.flush();
    core.sessions.resume();
  }

  #countError(table: LuaTable, message: string): void {
    if (table.getText("ignore_error_stats_update") === true) return;
    this.#core.statistics.countError(message);
  }

  #compile(text: string): Script {
    const header = shebang(text);
    const flags = header === null ? null : readHeader(header);
    try {
      const source = header === null ? text : text.slice(header.length);
      const body = new LuaFunction(compile(source, "@user_script"), []);
      return { sha: sha1(text), body, flags };
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      throw err(
        `Error compiling script (new function): ${display(error.value)}`,
      );
    }
  }

  #createEngine(): Engine {
    const engine = new Engine(this.#core);
    addEvalFunctions(engine.redis);
    const handler = new NativeFunction(errorHandler);
    engine.machine.globals.set("__redis__err__handler", handler);
    engine.protect();
    return engine;
  }
}

function listOf(args: readonly string[], from: number, to: number): LuaTable {
  return LuaTable.of(args.slice(from, to));
}

/** The error reply of a script that failed: the message and its position. */
function describe(run: ScriptRun, { value, where }: LuaError): LuaTable {
  const made = value instanceof LuaTable
    ? value
    : tableOf("err", `ERR ${display(value)}`);
  const text = made.getText("err");
  const message = typeof text === "string" || typeof text === "number"
    ? display(text)
    : "ERR (error object without a message)";
  const place = where === null
    ? ""
    : ` script: ${run.name}, on ${where.source}:${where.line}.`;
  const reply = tableOf("err", message + place);
  reply.set(
    "ignore_error_stats_update",
    made.getText("ignore_error_stats_update"),
  );
  return reply;
}
