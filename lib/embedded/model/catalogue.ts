/**
 * Facts about Redis's commands, as COMMAND and COMMAND DOCS reply them; read from
 * the generated command table.
 *
 * @module
 */

import { COMMAND_ROWS } from "./command_rows.ts";

/** The place of some keys of a command, and how the command uses them. */
export interface KeySpec {
  /** `RO`, `RW`, `OW` or `RM`, and more words. */
  readonly flags: readonly string[];
  /** Where the keys begin. */
  readonly begin: Begin;
  /** Where the keys end. */
  readonly find: Find;
  /** A remark, or `""`. */
  readonly notes: string;
}

/** Where keys begin: at an index, or after a keyword. The names are COMMAND's. */
export type Begin =
  | { readonly type: "index"; readonly index: number }
  | {
    readonly type: "keyword";
    readonly keyword: string;
    readonly startfrom: number;
  }
  | { readonly type: "unknown" };

/** Where keys end: at an index, or as many as an argument says. */
export type Find =
  | {
    readonly type: "range";
    readonly lastkey: number;
    readonly keystep: number;
    readonly limit: number;
  }
  | {
    readonly type: "keynum";
    readonly keynumidx: number;
    readonly firstkey: number;
    readonly keystep: number;
  }
  | { readonly type: "unknown" };

/** The facts about a command. */
export interface Facts {
  /** The number of arguments with the name; negative for a minimum. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Its ACL categories. */
  readonly categories: readonly string[];
  readonly keySpecs: readonly KeySpec[];
  /** The version of Redis that introduced it. */
  readonly since: string;
  /** Tips for proxies and clients. */
  readonly tips: readonly string[];
  /** The group of COMMAND DOCS. */
  readonly group: string;
  /** Its description, in a sentence. */
  readonly summary: string;
}

/** The commands by name in lower case, `container|sub`. */
export const CATALOGUE: ReadonlyMap<string, Facts> = new Map(
  COMMAND_ROWS.trim().split("\n").map(readRow),
);

function readRow(line: string): [string, Facts] {
  const [
    name = "",
    arity,
    flags,
    categories,
    keys = "",
    since = "",
    tips,
    group = "",
    summary = "",
  ] = line.split("\t");
  return [name.toLowerCase(), {
    arity: Number(arity),
    flags: words(flags),
    categories: words(categories),
    keySpecs: keys === "" ? [] : keys.split("; ").map(readKeySpec),
    since,
    tips: words(tips),
    group,
    summary,
  }];
}

function words(cell = ""): string[] {
  return cell === "" ? [] : cell.split(" ");
}

/** Reads a key specification such as `RW access delete@1:#0,1,1 (notes)`. */
function readKeySpec(text: string): KeySpec {
  const [, flags, begin = "", find = "", notes = ""] =
    /^(.*?)@(.*?):(\S+)(?: \((.*)\))?$/.exec(text)!;
  return {
    flags: words(flags),
    begin: readBegin(begin),
    find: readFind(find),
    notes,
  };
}

/** Reads `1`, `STORE 6` or `?`. */
function readBegin(text: string): Begin {
  if (text === "?") return { type: "unknown" };
  const [first = "", from] = text.split(" ");
  return from === undefined
    ? { type: "index", index: Number(first) }
    : { type: "keyword", keyword: first, startfrom: Number(from) };
}

/** Reads `-1,1,0`, `#0,1,1` or `?`. */
function readFind(text: string): Find {
  if (text === "?") return { type: "unknown" };
  const [a = 0, b = 0, c = 0] = text.replace("#", "").split(",").map(Number);
  return text.startsWith("#")
    ? { type: "keynum", keynumidx: a, firstkey: b, keystep: c }
    : { type: "range", lastkey: a, keystep: b, limit: c };
}
