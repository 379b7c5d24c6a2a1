/**
 * EVAL, FCALL and SCRIPT.
 *
 * @module
 */

import type { CommandSpec, FullServer, Run, Session } from "./host.ts";
import { CommandError, err, notAnInteger } from "../base/errors.ts";
import { parseInteger } from "../base/numbers.ts";
import { commandFlags, type ScriptFlag } from "../scripting/run.ts";
import type { Script } from "../scripting/scripting.ts";
import { help } from "./help.ts";

const NO_SCRIPT = "NOSCRIPT No matching script. Please use EVAL.";

/** The length of a SHA-1 in hexadecimal digits. */
const DIGITS = 40;

/** Makes a command that runs a script or function. */
function runner(
  name: string,
  run: Run,
  find: (
    core: FullServer,
    word: string,
  ) => { readonly flags: ReadonlySet<ScriptFlag> | null } | undefined,
): CommandSpec {
  return {
    name,
    run,
    flagsOf(core, args, own) {
      const said = find(core, args[1]!)?.flags ?? null;
      return said === null ? null : commandFlags(own, said);
    },
  };
}

const HELP = [
  "DEBUG (YES|SYNC|NO)",
  "    Set the debug mode for subsequent scripts executed.",
  "EXISTS <sha1> [<sha1> ...]",
  "    Return information about the existence of the scripts in the script cache.",
  "FLUSH [ASYNC|SYNC]",
  "    Flush the Lua scripts cache. Very dangerous on replicas.",
  "    When called without the optional mode argument, the behavior is determined by the",
  "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
  "    * ASYNC: Asynchronously flush the scripts cache.",
  "    * SYNC: Synchronously flush the scripts cache.",
  "KILL",
  "    Kill the currently executing Lua script.",
  "LOAD <script>",
  "    Load a script into the scripts cache without executing it.",
];

/** The commands of this family. */
export const SCRIPTING: readonly CommandSpec[] = [
  runner(
    "EVAL",
    (session, args) => evaluate(session, args, false),
    findText,
  ),
  runner(
    "EVAL_RO",
    (session, args) => evaluate(session, args, true),
    findText,
  ),
  runner(
    "EVALSHA",
    (session, args) => evaluateDigest(session, args, false),
    findDigest,
  ),
  runner(
    "EVALSHA_RO",
    (session, args) => evaluateDigest(session, args, true),
    findDigest,
  ),
  runner(
    "FCALL",
    (session, args) => callFunction(session, args, false),
    findFunction,
  ),
  runner(
    "FCALL_RO",
    (session, args) => callFunction(session, args, true),
    findFunction,
  ),
  {
    name: "SCRIPT",
    subcommands: [
      {
        name: "DEBUG",
        run: debug,
      },
      {
        name: "EXISTS",
        run: exists,
      },
      {
        name: "FLUSH",
        run: flush,
      },
      {
        name: "HELP",
        run: help("SCRIPT", HELP),
      },
      {
        name: "KILL",
        run: kill,
      },
      {
        name: "LOAD",
        run: load,
      },
    ],
  },
];

function findText(core: FullServer, text: string): Script | undefined {
  if (!text.startsWith("#!")) return undefined;
  // A script that does not compile is refused when it is run.
  try {
    return core.scripting.load(text);
  } catch {
    return undefined;
  }
}

function findDigest(core: FullServer, sha: string): Script | undefined {
  return core.scripting.find(sha);
}

function findFunction(
  core: FullServer,
  name: string,
): { flags: ReadonlySet<ScriptFlag> } | undefined {
  return core.scripting.libraries.find(name);
}

/** The number of keys among the arguments. */
function countKeys(
  args: readonly string[],
  otherwise: () => CommandError,
): number {
  const count = parseInteger(args[2]!);
  if (count === null) throw otherwise();
  if (count > args.length - 3) {
    throw err("Number of keys can't be greater than number of args");
  }
  if (count < 0) throw err("Number of keys can't be negative");
  return Number(count);
}

/** Shows a script to monitors before its commands. */
function tell(session: Session, args: readonly string[]): void {
  const { monitors } = session.core;
  if (monitors.size > 0) monitors.tell(session, args);
}

function evaluate(session: Session, args: string[], readOnly: boolean): void {
  tell(session, args);
  const count = countKeys(args, notAnInteger);
  const { scripting } = session.core;
  run(session, scripting.load(args[1]!), args, count, readOnly);
}

function evaluateDigest(
  session: Session,
  args: string[],
  readOnly: boolean,
): void {
  tell(session, args);
  const sha = args[1]!;
  if (sha.length !== DIGITS) throw new CommandError(NO_SCRIPT);
  const count = countKeys(args, notAnInteger);
  const script = session.core.scripting.find(sha);
  if (script === undefined) throw new CommandError(NO_SCRIPT);
  run(session, script, args, count, readOnly);
}

function run(
  session: Session,
  { sha, body, flags }: Script,
  args: string[],
  count: number,
  readOnly: boolean,
): void {
  const program = { kind: "script", name: sha, body, flags } as const;
  session.core.scripting.run(session, program, args, count, readOnly);
}

function callFunction(
  session: Session,
  args: string[],
  readOnly: boolean,
): void {
  tell(session, args);
  const { scripting } = session.core;
  const found = scripting.libraries.find(args[1]!);
  if (found === undefined) throw err("Function not found");
  const count = countKeys(args, () => err("Bad number of keys provided"));
  const program = { kind: "function", ...found } as const;
  scripting.run(session, program, args, count, readOnly);
}

function debug({ reply }: Session, args: string[]): void {
  switch (args[2]!.toLowerCase()) {
    case "no":
      return reply.ok();
    case "yes":
    case "sync":
      throw err("This server has no debugger for scripts");
  }
  throw err("Use SCRIPT DEBUG YES/SYNC/NO");
}

function exists({ core, reply }: Session, args: string[]): void {
  reply.array(args.length - 2);
  for (const sha of args.slice(2)) {
    reply.integer(core.scripting.has(sha) ? 1 : 0);
  }
}

function flush({ core, reply }: Session, args: string[]): void {
  if (args.length > 2 && !(args.length === 3 && /^a?sync$/i.test(args[2]!))) {
    throw err("SCRIPT FLUSH only support SYNC|ASYNC option");
  }
  core.scripting.flush();
  reply.ok();
}

function kill({ core, reply }: Session): void {
  core.scripting.kill("script");
  reply.ok();
}

function load({ core, reply }: Session, args: string[]): void {
  reply.bulk(core.scripting.load(args[2]!).sha);
}
