/**
 * Generates the modules that the library, the gateway and the embedded server need
 * from the table. They are short, as they are part of every bundle.
 *
 * @module
 */

import { traitsOf } from "../../../lib/connection/traits.ts";
import { namesIn, namesKeys } from "../../../lib/connection/words.ts";
import { GUARDED } from "../../../worker/categories.ts";
import { DOCUMENTED, type KeySpec, lineOf, type Row } from "./table.ts";

/**
 * Commands that modules flag `readonly` although they change a cursor, a setting or a
 * filter: executing them twice has another effect than once.
 */
const CHANGES =
  /^(CF\.COMPACT|CF\.DEBUG|BF\.DEBUG|FT\.CURSOR.*|FT\.CONFIG.*|_FT\.DEBUG.*)$/;

/**
 * Commands without the flag `readonly`, as they read no key, that change nothing or may
 * be executed twice.
 */
const SAFE = new Set(namesIn(`
COMMAND ECHO INFO LASTSAVE PING ROLE TIME UNWATCH WATCH
ACL|: LIST WHOAMI
CLIENT|: GETNAME ID INFO LIST
CLUSTER|: INFO KEYSLOT LINKS MYID NODES SHARDS SLOTS
COMMAND|: COUNT DOCS GETKEYS GETKEYSANDFLAGS INFO LIST
CONFIG|: GET
FUNCTION|: DUMP LIST STATS
MEMORY|: STATS
MODULE|: LIST
PUBSUB|: CHANNELS NUMPAT NUMSUB SHARDCHANNELS SHARDNUMSUB
SCRIPT|: EXISTS
SLOWLOG|: GET LEN`));

/** Categories about speed, and those for which the gateway has endpoints. */
const LEFT_OUT = new Set(["fast", "slow", "transaction"]);

/** What the gateway has endpoints for: grants allow these by name. */
const LISTENING = /^(P?SUBSCRIBE|MONITOR)$/;

/** What a module has for itself, and what it gave up long ago. */
const MODULE_OWN = /^(FT\.(_.*|ADDHASH|SAFEADD|SYNADD)|_FT\.DEBUG)$/;

/** Help of a container: no category describes it. */
const HELP = /\|HELP$/;

/** The source of each generated module, by path. */
export function modulesOf(
  table: ReadonlyMap<string, Row>,
): Map<string, string> {
  const rows = [...table.values()].filter(({ name }) =>
    // A container itself does nothing; COMMAND does.
    name === "COMMAND" || !isContainer(name, table)
  );
  const reads = rows.filter(onlyReads);
  const keyed = rows.filter((row) => !onlyReads(row) && hasKeys(row));
  const others = rows.filter((row) =>
    !onlyReads(row) && !hasKeys(row) && !isOwnMatter(row)
  );
  return new Map([
    [
      "lib/connection/read_names.ts",
      moduleOf(reads, "READ_NAMES", "The commands that only read."),
    ],
    [
      "lib/connection/keyed_names.ts",
      moduleOf(
        keyed,
        "KEYED_NAMES",
        "The commands that have keys, and do not only read.",
      ),
    ],
    [
      "worker/other_names.ts",
      moduleOf(
        others,
        "OTHER_NAMES",
        "The commands that neither have keys nor only read, but for those that are\n * `GUARDED` by name and nothing more, and those that change their connection.",
      ),
    ],
    [
      "lib/embedded/model/command_rows.ts",
      rowsOf([...table.values()].filter(inCore)),
    ],
  ]);
}

/** Whether a command belongs to Redis itself: not to modules or sentinels. */
export function inCore({ name, from, flags }: Row): boolean {
  return from.startsWith("redis-") && !flags.includes("module") &&
    !/^SENTINEL\b/.test(name);
}

/**
 * Whether no gateway needs to know a command: it is never sent, or it is guarded
 * and in no category but those that all guarded ones count as.
 */
function isOwnMatter({ name, categories }: Row): boolean {
  const isPlain = categories.every((category) =>
    /^(admin|dangerous|fast|slow)$/.test(category)
  );
  return MODULE_OWN.test(name) || HELP.test(name) ||
    GUARDED.test(name) && isPlain ||
    traitsOf(name.split("|")).state !== undefined && !LISTENING.test(name);
}

function isContainer(name: string, table: ReadonlyMap<string, Row>): boolean {
  return table.keys().some((other) => other.startsWith(`${name}|`));
}

/** Whether executing a command twice has the same effect as once. */
export function onlyReads({ name, flags }: Row): boolean {
  return SAFE.has(name) || flags.includes("readonly") && !CHANGES.test(name);
}

/** Where the keys of a command are, as key_positions.ts reads it. */
export function ruleOf(row: Row): string {
  const { name, keys } = row;
  // Channels are routed by, and are no keys.
  const specs = keys.filter(({ flags }) => !flags.includes("not_key"));
  if (specs.length === 0) return reachOf(row);
  const [word, from] =
    specs.map(({ begin }) => /^([A-Z]+) (-?\d+)$/.exec(begin))
      .find((match) => match !== null)?.slice(1) ?? [];
  if (word !== undefined) return word === "STORE" ? `STORE ${from}` : word;
  if (specs.some(({ begin, flags }) => begin === "?" && /^[RO]W/.test(flags))) {
    return "SORT";
  }
  const [first, second, ...more] = specs.filter(({ begin }) => begin !== "?")
    .map(rangeOf);
  const known = first !== undefined && more.length === 0;
  if (known && second === undefined) {
    const [at, last = at, ...step] = first;
    return at === last ? `${at}` : [at, last, ...step].join(" ");
  }
  if (known && second![0] === "#" && first[0] === first[1]) {
    return ["#", second![1], first[0]].join(" ");
  }
  if (known && second![0] === Number(first[1]) + 1) {
    return [first[0], second![1]].join(" ");
  }
  throw new Error(`No rule for the keys of ${name}`);
}

/** Whether a command names keys. */
export function hasKeys(row: Row): boolean {
  return namesKeys(ruleOf(row));
}

/**
 * What a command without keys may reach: no data (`-`), the data as a whole (`*`),
 * or, where no server itself tells that it has no keys, any key (`?`). What is
 * answered while data is loaded, or is about a connection, is about no data.
 */
function reachOf({ from, flags, categories }: Row): string {
  if (from === DOCUMENTED || flags.includes("module")) return "?";
  const isData = flags.includes("readonly") || flags.includes("write");
  const isApart = flags.includes("loading") ||
    categories.includes("connection");
  return isData || !isApart ? "*" : "-";
}

/** `first last step`, or `# at also step`, where nothing is `also` a key. */
function rangeOf({ begin, find }: KeySpec): (number | "#")[] {
  const at = Number(begin);
  const [a = 0, b = 0, step = 1] = find.replace("#", "").split(",").map(Number);
  if (find.startsWith("#")) {
    if (b !== 1) {
      throw new Error(`Keys that are not behind their count: ${find}`);
    }
    return step === 1 ? ["#", at + a] : ["#", at + a, 0, step];
  }
  const last = a < 0 ? a : at + a;
  return b === 1 ? [at, last] : [at, last, b];
}

/** The categories of a command, without those that other facts imply. */
function short(row: Row): string {
  const { flags, categories } = row;
  const kept = categories.filter((category) =>
    !LEFT_OUT.has(category) &&
    !(category === "dangerous" && categories.includes("admin"))
  ).sort();
  if (!flags.includes("readonly") && !hasKeys(row)) {
    return `=${kept.join(" ")}`;
  }
  // A module may declare no category, or declare a change as a read.
  const implied = categories.length === 0 || CHANGES.test(row.name) ||
    kept.includes("read") || kept.includes("write");
  const exact = kept.includes("blocking") === flags.includes("blocking");
  if (!implied || !exact) return `=${kept.join(" ")}`;
  const following = ["read", "write", "blocking"];
  return `@${
    kept.filter((category) => !following.includes(category)).join(" ")
  }`;
}

/** Names in the form of `namesIn()`: their common start precedes them. */
export function shorten(names: readonly string[]): string[] {
  let left = [...new Set(names)].sort();
  const groups: [start: string, ends: string[]][] = [];
  for (;;) {
    const best = bestStart(left);
    if (best === "") break;
    groups.push([best, ends(left, best)]);
    left = left.filter((name) => !has(name, best));
  }
  if (left.length > 0) groups.unshift(["", left]);
  return groups.map(([start, ends]) =>
    `${start && `${start}: `}${ends.join(" ")}`
  );
}

/** The start that makes the names shortest; empty if none does. */
function bestStart(names: readonly string[]): string {
  let best = "";
  let most = 0;
  const starts = new Set(
    names.flatMap((name) => [...name].map((_, i) => name.slice(0, i + 1))),
  );
  for (const start of starts) {
    const count = names.filter((name) => has(name, start)).length;
    const saved = count * start.length - start.length - 3;
    if (count > 1 && saved > most) [best, most] = [start, saved];
  }
  return best;
}

function ends(names: readonly string[], start: string): string[] {
  return names.filter((name) => has(name, start))
    .map((name) => name.slice(start.length));
}

function has(name: string, start: string): boolean {
  return name.startsWith(start) && name.length > start.length;
}

/** The module with all facts from COMMAND and COMMAND DOCS. */
function rowsOf(rows: readonly Row[]): string {
  const lines = rows.toSorted((a, b) => a.name < b.name ? -1 : 1).map((row) => {
    const [name, arity, flags, categories, keys, , , ...more] = lineOf(row)
      .split("\t").map((cell) => cell === "-" ? "" : cell);
    const since = row.since["redis"];
    return [name, arity, flags, categories, keys, since, ...more].join("\t");
  });
  return `/**
 * The commands of Redis, as it tells of them itself.
 *
 * Made by \`deno task table\` from tests/commands/table/commands.tsv.
 *
 * @module
 */

/** A line for each command, in the columns of the table without \`from\`. */
export const COMMAND_ROWS = \`
${lines.join("\n").replaceAll(/[\\`$]/g, "\\$&")}\`;
`;
}

/** A module with names of commands in groups. */
function moduleOf(rows: readonly Row[], name: string, about: string): string {
  const lines = [...Map.groupBy(rows, short)].sort().flatMap(
    ([categories, alike]) => [
      categories,
      ...[...Map.groupBy(alike, ruleOf)].sort().flatMap(([keys, rows]) =>
        shorten(rows.map(({ name }) => name)).map((line) =>
          keys === "1" ? line : `${keys};${line}`
        )
      ),
    ],
  );
  return `/**
 * ${about}
 *
 * Made by \`deno task table\` from tests/commands/table/commands.tsv.
 *
 * @module
 */

/**
 * Groups in the form of \`groupsIn()\`. Behind \`@\`, the categories \`read\`, \`write\`
 * and \`blocking\` are left out, as they follow from what else is known.
 */
export const ${name} = \`
${lines.join("\n")}\`;
`;
}
