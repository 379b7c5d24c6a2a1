/**
 * Command words: tables of them, written short, and those that somebody sends.
 *
 * @module
 */

import { decodeText } from "../resp/bytes.ts";
import type { Arg } from "../resp/reply.ts";

/**
 * The names in a table: in front of `: ` stands what the words of a line begin
 * with, so that `GEO: ADD DIST` has GEOADD and GEODIST.
 */
export function namesIn(table: string): string[] {
  return table.trim().split("\n").flatMap((line) => {
    const [words = "", start = ""] = line.split(": ").reverse();
    return words.split(" ").map((word) => start + word);
  });
}

/** Commands that have something in common. */
export interface Group {
  /** Their ACL categories, behind `@`, or behind `=` when these are all. */
  categories: string;
  /** Where their keys are; `-` for nowhere. */
  keys: string;
  names: string[];
}

/**
 * The groups in a table: a line of categories, and lines of names; where the keys
 * are stands in front of `;`, and is left out for the first word.
 */
export function groupsIn(table: string): Group[] {
  let categories = "";
  return table.trim().split("\n").flatMap((line) => {
    if (/^[@=]/.test(line)) {
      categories = line;
      return [];
    }
    const [names = "", keys = "1"] = line.split(";").reverse();
    return [{ categories, keys, names: namesIn(names) }];
  });
}

/**
 * A word of a command as tables have it: in upper case; empty where there is none.
 * The server compares words as C does, up to a NUL: so are they read here, lest
 * `SELECT\0` be another word than `SELECT`.
 */
export function upper(word: Arg | undefined): string {
  const text = word instanceof Uint8Array ? decodeText(word) : `${word ?? ""}`;
  return (text.includes("\0") ? text.split("\0")[0]! : text).toUpperCase();
}

/**
 * Where the keys begin among the words of XREAD and its kin, behind `STREAMS`,
 * and how long it says to block; a group may be called `STREAMS` too.
 */
export function readOptions(
  args: readonly Arg[],
): { keys: number; block: Arg | undefined } {
  let block: Arg | undefined;
  for (let i = 1; i < args.length; i++) {
    const word = upper(args[i]);
    if (word === "STREAMS") return { keys: i + 1, block };
    if (word === "BLOCK") block = args[i + 1];
    // All other options but NOACK have a value, and GROUP has two.
    if (word !== "NOACK") i += word === "GROUP" ? 2 : 1;
  }
  return { keys: args.length, block };
}
