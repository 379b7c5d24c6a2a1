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

/** A word of a command as tables have it: in upper case; empty where there is none. */
export function upper(word: Arg | undefined): string {
  return (word instanceof Uint8Array ? decodeText(word) : `${word ?? ""}`)
    .toUpperCase();
}
