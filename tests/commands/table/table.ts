/**
 * The one table of commands, `commands.tsv`, from facts that servers and modules
 * report. All other tables of commands are generated from it.
 *
 * @module
 */

const FILE = new URL("commands.tsv", import.meta.url);
const HEADER = [
  "name",
  "arity",
  "flags",
  "categories",
  "keys",
  "since",
  "from",
  "tips",
  "group",
  "summary",
];

/** The facts about a command, or about a sub-command with `|` in its name. */
export interface Row {
  /** The name in upper case. */
  readonly name: string;
  /** As in COMMAND; 0 if unknown. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** The ACL categories, without `@`. */
  readonly categories: readonly string[];
  readonly keys: readonly KeySpec[];
  /** The version that introduced it, by server or module. */
  readonly since: Readonly<Record<string, string>>;
  /**
   * The server it comes from, such as `redis-8.6.3`, or {@linkcode DOCUMENTED}.
   */
  readonly from: string;
  readonly tips: readonly string[];
  /** The group of COMMAND DOCS, such as `sorted-set`. */
  readonly group: string;
  /** Its description; like `group`, empty if only pages describe the command. */
  readonly summary: string;
}

/** The place of some keys of a command, and their use. */
export interface KeySpec {
  /** The flags, such as `RO access`. */
  readonly flags: string;
  /** An index, a keyword and where to start searching, or `?`: `1`, `STORE 6`. */
  readonly begin: string;
  /** `last,step,limit`, `#count,first,step`, or `?`. */
  readonly find: string;
  readonly notes: string;
}

/** The origin of rows that no available server has: pages, and the modules' source. */
export const DOCUMENTED = "documented";

/** Reads the table, by name. */
export async function readTable(): Promise<Map<string, Row>> {
  const [, ...lines] = (await Deno.readTextFile(FILE)).trimEnd().split("\n");
  return new Map(lines.map((line) => {
    const row = readRow(line);
    return [row.name, row];
  }));
}

/** Writes the table, ordered by name. */
export async function writeTable(table: Map<string, Row>): Promise<void> {
  const rows = [...table.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  const lines = [HEADER.join("\t"), ...rows.map(lineOf)];
  await Deno.writeTextFile(FILE, lines.join("\n") + "\n");
}

/** A row as a line of the file. */
export function lineOf(row: Row): string {
  return [
    row.name,
    `${row.arity}`,
    row.flags.join(" "),
    row.categories.join(" "),
    row.keys.map(({ flags, begin, find, notes }) =>
      `${flags}@${begin}:${find}${notes && ` (${notes})`}`
    ).join("; "),
    Object.entries(row.since).map((pair) => pair.join(" ")).join(", "),
    row.from,
    row.tips.join(" "),
    row.group,
    row.summary,
  ].map((cell) => cell || "-").join("\t");
}

function readRow(line: string): Row {
  const cells = line.split("\t").map((cell) => cell === "-" ? "" : cell);
  const [name = "", arity, flags, categories, keys, since, from = ""] = cells;
  const [tips, group = "", summary = ""] = cells.slice(7);
  const words = (cell = "", between = " ") =>
    cell === "" ? [] : cell.split(between);
  return {
    name,
    arity: Number(arity),
    flags: words(flags),
    categories: words(categories),
    keys: words(keys, "; ").map(readKeySpec),
    since: Object.fromEntries(
      words(since, ", ").map((pair) => words(pair) as [string, string]),
    ),
    from,
    tips: words(tips),
    group,
    summary,
  };
}

function readKeySpec(text: string): KeySpec {
  const match = /^(.*?)@(.*?):(\S+)(?: \((.*)\))?$/.exec(text);
  if (match === null) throw new Error(`No key specification: ${text}`);
  const [, flags = "", begin = "", find = "", notes = ""] = match;
  return { flags, begin, find, notes };
}
