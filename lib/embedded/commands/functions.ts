/**
 * FUNCTION: manages function libraries.
 *
 * @module
 */

import type { CommandSpec, Session } from "./host.ts";
import { err } from "../base/errors.ts";
import { matches } from "../base/glob.ts";
import { dumpFunctions, restoreFunctions } from "../rdb/functions.ts";
import type { Library, LibraryFunction } from "../scripting/libraries.ts";
import { SCRIPT_FLAGS } from "../scripting/run.ts";
import { CommandError } from "../base/errors.ts";
import { help } from "./help.ts";

const HELP = [
  "LOAD [REPLACE] <FUNCTION CODE>",
  "    Create a new library with the given library name and code.",
  "DELETE <LIBRARY NAME>",
  "    Delete the given library.",
  "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
  "    Return general information on all the libraries:",
  "    * Library name",
  "    * The engine used to run the Library",
  "    * Functions list",
  "    * Library code (if WITHCODE is given)",
  "    It also possible to get only function that matches a pattern using LIBRARYNAME argument.",
  "STATS",
  "    Return information about the current function running:",
  "    * Function name",
  "    * Command used to run the function",
  "    * Duration in MS that the function is running",
  "    If no function is running, return nil",
  "    In addition, returns a list of available engines.",
  "KILL",
  "    Kill the current running function.",
  "FLUSH [ASYNC|SYNC]",
  "    Delete all the libraries.",
  "    When called without the optional mode argument, the behavior is determined by the",
  "    lazyfree-lazy-user-flush configuration directive. Valid modes are:",
  "    * ASYNC: Asynchronously flush the libraries.",
  "    * SYNC: Synchronously flush the libraries.",
  "DUMP",
  "    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command",
  "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
  "    Restore the libraries represented by the given payload, it is possible to give a restore policy to",
  "    control how to handle existing libraries (default APPEND):",
  "    * FLUSH: delete all existing libraries.",
  "    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.",
  "    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old",
  "      libraries with the new libraries (notice that even on this option there is a chance of failure",
  "      in case of functions name collision with another library).",
];

/** The commands of this family. */
export const FUNCTIONS: readonly CommandSpec[] = [{
  name: "FUNCTION",
  subcommands: [
    { name: "DELETE", run: deleteLibrary },
    { name: "DUMP", run: dump },
    { name: "FLUSH", run: flush },
    { name: "HELP", run: help("FUNCTION", HELP) },
    { name: "KILL", run: kill },
    { name: "LIST", run: list },
    { name: "LOAD", run: load },
    { name: "RESTORE", run: restore },
    { name: "STATS", run: stats },
  ],
}];

/** Counts a change: libraries are data, which is saved and replicated. */
function changed({ core }: Session): void {
  core.dirty++;
}

function load(session: Session, args: string[]): void {
  const options = args.slice(2, -1);
  const unknown = options.find((word) => word.toLowerCase() !== "replace");
  if (unknown !== undefined) throw err(`Unknown option given: ${unknown}`);
  const { libraries } = session.core.scripting;
  const name = libraries.load(args.at(-1)!, options.length > 0);
  changed(session);
  session.reply.bulk(name);
}

function deleteLibrary(session: Session, args: string[]): void {
  if (!session.core.scripting.libraries.delete(args[2]!)) {
    throw err("Library not found");
  }
  changed(session);
  session.reply.ok();
}

function flush(session: Session, args: string[]): void {
  if (args.length > 3) throw subcommandSyntax("FLUSH");
  if (args.length === 3 && !/^a?sync$/i.test(args[2]!)) {
    throw err("FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  session.core.scripting.libraries.flush();
  changed(session);
  session.reply.ok();
}

function dump({ core, reply }: Session): void {
  reply.bulk(dumpFunctions(core.scripting.libraries.codes));
}

function restore(session: Session, args: string[]): void {
  if (args.length > 4) throw subcommandSyntax("RESTORE");
  const policy = (args[3] ?? "append").toLowerCase();
  if (policy !== "append" && policy !== "replace" && policy !== "flush") {
    throw err(
      "Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
    );
  }
  const codes = restoreFunctions(args[2]!);
  session.core.scripting.libraries.restore(codes, policy);
  changed(session);
  session.reply.ok();
}

function subcommandSyntax(word: string): CommandError {
  return err(
    `unknown subcommand or wrong number of arguments for '${word}'. Try FUNCTION HELP.`,
  );
}

function kill({ core, reply }: Session): void {
  core.scripting.kill("function");
  reply.ok();
}

function stats({ core, reply }: Session): void {
  const { running, libraries, refusal } = core.scripting;
  if (running?.kind === "script") throw new CommandError(refusal!);
  reply.map(2);
  reply.bulk("running_script");
  if (running === null) reply.null();
  else {
    reply.map(3);
    reply.bulk("name");
    reply.bulk(running.name);
    reply.bulk("command");
    reply.bulks(running.args);
    reply.bulk("duration_ms");
    reply.integer(Math.floor(performance.now() - running.began));
  }
  reply.bulk("engines");
  reply.map(1);
  reply.bulk("LUA");
  reply.map(2);
  reply.bulk("libraries_count");
  reply.integer(libraries.count);
  reply.bulk("functions_count");
  reply.integer(libraries.functionCount);
}

function list({ core, reply }: Session, args: string[]): void {
  let withCode = false;
  let pattern: string | undefined;
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toLowerCase();
    if (!withCode && word === "withcode") withCode = true;
    else if (pattern === undefined && word === "libraryname") {
      pattern = args[++i];
      if (pattern === undefined) {
        throw err("library name argument was not given");
      }
    } else throw err(`Unknown argument ${args[i]}`);
  }
  const found = [...core.scripting.libraries.all].filter(({ name }) =>
    pattern === undefined ||
    matches(pattern.toLowerCase(), name.toLowerCase())
  );
  reply.array(found.length);
  for (const library of found) describe(reply, library, withCode);
}

function describe(
  reply: Session["reply"],
  { name, code, functions }: Library,
  withCode: boolean,
): void {
  reply.map(withCode ? 4 : 3);
  reply.bulk("library_name");
  reply.bulk(name);
  reply.bulk("engine");
  reply.bulk("LUA");
  reply.bulk("functions");
  reply.array(functions.size);
  for (const one of functions.values()) describeFunction(reply, one);
  if (!withCode) return;
  reply.bulk("library_code");
  reply.bulk(code);
}

function describeFunction(
  reply: Session["reply"],
  { name, description, flags }: LibraryFunction,
): void {
  reply.map(3);
  reply.bulk("name");
  reply.bulk(name);
  reply.bulk("description");
  reply.bulkOrNull(description);
  reply.bulk("flags");
  reply.set(flags.size);
  for (const flag of SCRIPT_FLAGS) {
    if ((flags as ReadonlySet<string>).has(flag)) reply.simple(flag);
  }
}
