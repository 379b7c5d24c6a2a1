/**
 * Command words: compact tables of them, and those of a command to be sent.
 *
 * @module
 */

import { decodeText } from "../resp/bytes.ts";
import type { Arg } from "../resp/reply.ts";

/**
 * The names in a table. The text before `: ` is the start of each word in its line:
 * `GEO: ADD DIST` has GEOADD and GEODIST.
 */
export function namesIn(table: string): string[] {
  return table.trim().split("\n").flatMap((line) => {
    const [words = "", start = ""] = line.split(": ").reverse();
    return words.split(" ").map((word) => start + word);
  });
}

/** Commands that have something in common. */
export interface Group {
  /** Their ACL categories: all of them behind `=`, or some behind `@`. */
  categories: string;
  /**
   * Where their keys are. Without keys: `-` when they reach no data, `*` when they
   * are about the data as a whole, `?` when they may reach any key.
   */
  keys: string;
  names: string[];
}

/**
 * The groups in a table: a line of categories, and lines of names. The text before
 * `;` says where the keys are; without it, the first argument is the key.
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

/** Whether commands whose group says `keys` of their keys name any. */
export function namesKeys(keys: string): boolean {
  return !/^[-*?]$/.test(keys);
}

/**
 * A word of a command in upper case, as tables have it; empty where there is none.
 * It ends before a NUL, as it does for the server: to that, `SELECT\0` is `SELECT`.
 */
export function upper(word: Arg | undefined): string {
  const text = word instanceof Uint8Array ? decodeText(word) : `${word ?? ""}`;
  return (text.includes("\0") ? text.split("\0")[0]! : text).toUpperCase();
}

/**
 * Finds the first key (behind `STREAMS`) and the value of `BLOCK` among the words of
 * XREAD and its kin. Options are skipped with their values: a group may be called
 * `STREAMS`, too.
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
