/**
 * Runs Lua programs as the stand-alone interpreter does.
 *
 * @module
 */

import { compile } from "../../../lib/embedded/lua/compiler.ts";
import { printTo } from "../../../lib/embedded/lua/library/base.ts";
import { openLibraries } from "../../../lib/embedded/lua/library/open.ts";
import { Random } from "../../../lib/embedded/lua/library/random.ts";
import { Machine } from "../../../lib/embedded/lua/machine.ts";
import { LuaFunction } from "../../../lib/embedded/lua/value.ts";

/** A machine with a program that has not started, and the list of printed lines. */
export function load(text: string, name = "test.lua"): [Machine, string[]] {
  const machine = new Machine();
  const lines: string[] = [];
  openLibraries(machine, new Random());
  machine.globals.set("print", printTo((line) => lines.push(line)));
  machine.start(new LuaFunction(compile(text, `@${name}`), []), []);
  return [machine, lines];
}

/** The output of a program. */
export function run(text: string, name?: string): string {
  const [machine, lines] = load(text, name);
  machine.run();
  return lines.map((line) => `${line}\n`).join("");
}
