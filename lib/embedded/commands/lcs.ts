/**
 * LCS: the longest common subsequence of two strings.
 *
 * @module
 */

import type { Session } from "./host.ts";
import { err, syntaxError } from "../base/errors.ts";
import { toInteger } from "../base/numbers.ts";
import { StringValue } from "../values/string.ts";

/** The most bytes of the table of lengths: as `proto-max-bulk-len`. */
const LARGEST_TABLE = 512 * 1024 * 1024;

/** A matching range: its start in both strings, and its length. */
interface Match {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

/** Runs LCS. */
export function lcs({ db, reply }: Session, args: string[]): void {
  const [a, b] = [args[1]!, args[2]!].map((key) => {
    const value = db.use(key);
    if (value === undefined) return "";
    if (value instanceof StringValue) return value.text;
    throw err("The specified keys must contain string values");
  }) as [string, string];
  const { words, least } = readOptions(args);
  if (words.has("IDX") && words.has("LEN")) {
    throw err(
      "If you want both the length and indexes, please just use IDX.",
    );
  }
  const width = b.length + 1;
  if ((a.length + 1) * width * 4 > LARGEST_TABLE) {
    throw err(
      "Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
    );
  }
  const lengths = tableOf(a, b);
  const length = lengths[a.length * width + b.length]!;
  if (words.has("IDX")) {
    const matches = trace(a, b, lengths).filter((match) =>
      match.length >= least
    );
    reply.map(2);
    reply.bulk("matches");
    reply.array(matches.length);
    for (const match of matches) {
      reply.array(words.has("WITHMATCHLEN") ? 3 : 2);
      for (const from of [match.a, match.b]) {
        reply.array(2);
        reply.integer(from);
        reply.integer(from + match.length - 1);
      }
      if (words.has("WITHMATCHLEN")) reply.integer(match.length);
    }
    reply.bulk("len");
    reply.integer(length);
  } else if (words.has("LEN")) {
    reply.integer(length);
  } else {
    const matches = trace(a, b, lengths).reverse();
    reply.bulk(
      matches.map((match) => a.substr(match.a, match.length)).join(""),
    );
  }
}

function readOptions(args: string[]): { words: Set<string>; least: number } {
  const words = new Set<string>();
  let least = 0;
  for (let i = 3; i < args.length; i++) {
    const word = args[i]!.toUpperCase();
    if (word === "MINMATCHLEN" && i + 1 < args.length) {
      least = toInteger(args[++i]!);
    } else if (word === "IDX" || word === "LEN" || word === "WITHMATCHLEN") {
      words.add(word);
    } else {
      throw syntaxError();
    }
  }
  return { words, least };
}

/** The LCS lengths for all pairs of prefixes, row by row. */
function tableOf(a: string, b: string): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const row = i * width;
    const char = a.charCodeAt(i - 1);
    for (let j = 1; j <= b.length; j++) {
      lengths[row + j] = char === b.charCodeAt(j - 1)
        ? lengths[row - width + j - 1]! + 1
        : Math.max(lengths[row - width + j]!, lengths[row + j - 1]!);
    }
  }
  return lengths;
}

/** The matching ranges from last to first, as Redis finds them. */
function trace(a: string, b: string, lengths: Uint32Array): Match[] {
  const width = b.length + 1;
  const matches: Match[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 && j > 0) {
    let length = 0;
    while (i > 0 && j > 0 && a[i - 1] === b[j - 1]) {
      i--;
      j--;
      length++;
    }
    if (length > 0) {
      matches.push({ a: i, b: j, length });
    } else if (lengths[(i - 1) * width + j]! > lengths[i * width + j - 1]!) {
      i--;
    } else {
      j--;
    }
  }
  return matches;
}
