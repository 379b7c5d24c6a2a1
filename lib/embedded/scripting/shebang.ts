/**
 * The first line of a script or library: `#!lua name=value …`.
 *
 * @module
 */

import { err } from "../base/errors.ts";
import { SCRIPT_FLAGS, type ScriptFlag } from "./run.ts";

/** The `#!` line of a script, if it has one; throws when the line is incomplete. */
export function shebang(text: string): string | null {
  if (!text.startsWith("#!")) return null;
  const end = text.indexOf("\n");
  if (end < 0) throw err("Invalid script shebang");
  return text.slice(0, end);
}

/** Splits a line into words, with quotes as on a command line; `null` for an open quote. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  const word =
    /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\')*)'|([^\s"']+))(?=\s|$)/y;
  while (word.lastIndex < line.trimEnd().length) {
    const found = word.exec(line);
    if (found === null) return null;
    words.push(found[1] ?? found[2] ?? found[3]!);
  }
  return words;
}

/** Reads the flags of a script's first line. */
export function readHeader(line: string): ReadonlySet<ScriptFlag> {
  const words = splitWords(line);
  if (words === null || words.length === 0) {
    throw err("Invalid engine in script shebang");
  }
  const [engine, ...options] = words;
  if (engine !== "#!lua") {
    throw err(`Unexpected engine in script shebang: ${engine}`);
  }
  const flags = new Set<ScriptFlag>();
  for (const option of options) {
    if (!option.startsWith("flags=")) {
      throw err(`Unknown lua shebang option: ${option}`);
    }
    const list = option.slice("flags=".length);
    for (const flag of list === "" ? [] : list.split(",")) {
      if (!SCRIPT_FLAGS.has(flag)) {
        throw err(`Unexpected flag in script shebang: ${flag}`);
      }
      flags.add(flag as ScriptFlag);
    }
  }
  return flags;
}
