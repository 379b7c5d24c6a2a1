/**
 * The server's ACL categories, as its table of commands has them.
 *
 * `@fast` and `@slow` are missing, as they say nothing about what a command may
 * do, and `@transaction`, which is `/multi-exec` here. What the table does not
 * know is in no category that a grant allows, and in each that it denies.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import { KEYED_NAMES } from "../lib/connection/keyed_names.ts";
import { READ_NAMES } from "../lib/connection/read_names.ts";
import { traitsOf } from "../lib/connection/traits.ts";
import { groupsIn, upper } from "../lib/connection/words.ts";
import { decodeText } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { OTHER_NAMES } from "./other_names.ts";

/**
 * What is not about data, and must be named: it stops, rewires or reconfigures
 * the server, tells its secrets (CONFIG GET requirepass) or disturbs others. What
 * is not in the table of these is `@admin`.
 */
export const GUARDED: RegExp =
  /^(ACL|BACKUP|CLUSTER|CONFIG|DEBUG|HOTKEYS|MODULE|SENTINEL|FT\.CONFIG|_FT\.DEBUG|SCRIPT\|DEBUG)(\||$)/;

// `@dangerous`, and yet about data or only telling.
const OPEN =
  /^(CLIENT\|LIST|COMMANDLOG.*|FLUSH.*|FT\..*|INFO|KEYS|LASTSAVE|LATENCY.*|MONITOR|RESTORE|ROLE|SLOWLOG.*|SORT.*)$/;

const TABLE = new Map<string, ReadonlySet<string>>();

/** Where the keys of commands are, or what those without keys reach. */
const REACH = new Map<string, string>();

for (
  const { categories, keys, names } of groupsIn(
    READ_NAMES + KEYED_NAMES + OTHER_NAMES,
  )
) {
  const words = categories.match(/\w+/g) ?? [];
  for (const name of names) {
    const own = new Set(words.map((word) => `@${word}`));
    if (own.has("@admin")) own.add("@dangerous");
    if (categories.startsWith("@")) {
      const { reads, blocks } = traitsOf(name.split("|"));
      own.add(reads ? "@read" : "@write");
      if (blocks) own.add("@blocking");
    }
    TABLE.set(name, own);
    REACH.set(name, keys);
  }
}

/** The categories that are known, in order. */
export const CATEGORIES: readonly string[] = [
  ...new Set(["@all", ...[...TABLE.values()].flatMap((all) => [...all])]),
].sort();

/** Whether a command is in a category; `unless` when nothing is known of it. */
export function inCategory(
  category: string,
  name: string,
  unless: boolean,
): boolean {
  if (category === "@all") return true;
  const known = TABLE.get(name);
  if (known) return known.has(category);
  if (GUARDED.test(name)) return /^@(admin|dangerous)$/.test(category);
  // It tells about its container.
  return unless && !name.endsWith("|HELP");
}

/** Whether a command is one that a grant must name. */
export function isGuarded(name: string): boolean {
  return GUARDED.test(name) ||
    inCategory("@dangerous", name, false) && !OPEN.test(name);
}

/** What a command without keys reaches, as `Group` in `words.ts` has it. */
export function reachOf(name: string): string | undefined {
  return REACH.get(name);
}

const CONTAINERS = new Set(
  [...TABLE.keys()].filter((name) => name.includes("|"))
    .map((name) => name.split("|")[0]),
);

/** What a command is called: upper case, `|` between a container and its sub-command. */
export function nameOf(args: readonly Arg[]): string {
  const word = upper(args[0]);
  const container = CONTAINERS.has(word) || GUARDED.test(word);
  return container && args.length > 1 ? `${word}|${upper(args[1])}` : word;
}

/** An argument as text. */
export function textOf(arg: Arg | undefined): string {
  return arg instanceof Uint8Array ? decodeText(arg) : `${arg ?? ""}`;
}
