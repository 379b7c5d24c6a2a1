/**
 * What the holder of a token may do: which server, commands, keys and channels.
 *
 * A grant narrows what the Redis user of its URL may. A script reaches whatever
 * that user may: a grant with keys or channels has scripts only by naming them.
 *
 * @module
 */

import { keysOf, mayHaveKeys } from "../lib/connection/key_positions.ts";
import { onlyReads } from "../lib/connection/traits.ts";
import { upper } from "../lib/connection/words.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { inCategory, isGuarded, nameOf, textOf } from "./categories.ts";
import { globMatches } from "./glob.ts";
import type { Limits, Usage } from "./limits.ts";
import { Refusal } from "./refusal.ts";

/** Commands by name and by category. */
export interface Commands {
  /** `GET`, `CLIENT|ID`, or `CLIENT` for all of its sub-commands. */
  readonly names: ReadonlySet<string>;
  /** `@read`. */
  readonly categories: readonly string[];
}

/** What the holder of one token may do. */
export interface Grant {
  /** What it is called in the settings. */
  readonly name: string;
  /** Where its Redis is. */
  readonly redisUrl: string;
  /** How much it may use. */
  readonly limits: Limits;
  /** What it uses. */
  readonly usage: Usage;
  /** Whether it may read `/metrics`. */
  readonly metrics: boolean;
  /** Whether it has only commands that write nothing. */
  readonly readOnly: boolean;
  /** What it has; `undefined` for all but what must be named. */
  readonly allow: Commands | undefined;
  /** What it has not, whatever else says. */
  readonly deny: Commands;
  /** The keys that it reaches; `undefined` for all. */
  readonly keys: readonly string[] | undefined;
  /** The channels that it reaches; `undefined` for all. */
  readonly channels: readonly string[] | undefined;
}

/** What a request can listen to. */
export type Listening = "channel" | "pattern" | "monitor";

const LISTENING: Record<Listening, string> = {
  channel: "SUBSCRIBE",
  pattern: "PSUBSCRIBE",
  monitor: "MONITOR",
};

/** What reaches no key: for who has some keys only. */
const KEYLESS =
  /^(PING|ECHO|TIME|S?PUBLISH|COMMAND(\|.*)?|CLIENT\|(ID|GETNAME))$/;

// In the words of the server.
const noAccess = (what: string) =>
  noPermission(`access one of the ${what} used as arguments`);
const noCommand = (name: string) =>
  noPermission(`run the '${name.toLowerCase()}' command or its subcommand`);
const noPermission = (to: string) =>
  `NOPERM this user has no permissions to ${to}`;

/**
 * Why a grant has not this command, in the words of the server, or `undefined`
 * when it has. What a command does to its connection is not its concern.
 */
export function withheld(
  grant: Grant,
  args: readonly Arg[],
): string | undefined {
  const { allow, deny, keys, channels, readOnly } = grant;
  const name = nameOf(args);
  const named = allow !== undefined && names(allow, name);
  if (isGuarded(name) && !named) {
    const said = name.replace("|", " ");
    return `ERR ${said} is not available over HTTP unless "allow" of a grant names it`;
  }
  if (
    allow && !named && !categorizes(allow, name, false) ||
    denies(deny, name) || categorizes(deny, name, true) ||
    readOnly && !onlyReads(args)
  ) return noCommand(name);
  if (keys === undefined && channels === undefined) return undefined;
  // These reach more than their words say, so that they must be named: scripts
  // everything, and PUBSUB the names of all channels.
  const scripting = inCategory("@scripting", name, false);
  const known = named ||
    scripting && allow?.categories.includes("@scripting") === true;
  if ((scripting || /^PUBSUB/.test(name)) && !known) return noCommand(name);
  if (keys) {
    const indices = keysOf(args);
    // A command that has keys and shows none is not understood here: only a
    // script may say that it has none.
    const keyless = known && (scripting || !mayHaveKeys(args)) ||
      KEYLESS.test(name);
    if (indices.length === 0 && !keyless) return noCommand(name);
    if (/^SORT/.test(name) && fetches(args)) return noAccess("keys");
    if (!indices.every((i) => reaches(keys, textOf(args[i])))) {
      return noAccess("keys");
    }
  }
  if (channels && /^S?PUBLISH$/.test(name)) {
    if (!reaches(channels, textOf(args[1]))) return noAccess("channels");
  }
  return undefined;
}

/**
 * Throws a {@linkcode Refusal} unless a grant may listen to all of these. A
 * pattern must be one of its own, as written: whether one pattern covers another
 * is not decided.
 */
export function mayListen(
  grant: Grant,
  how: Listening,
  listened: readonly string[],
): void {
  const { allow, deny, keys, channels, readOnly } = grant;
  const name = LISTENING[how];
  const named = allow !== undefined && names(allow, name);
  // It shows every command of everybody, so that only who has all has it.
  const withholds = how === "monitor"
    ? allow || keys || channels || readOnly
    : allow && !categorizes(allow, name, false);
  if (
    !named && withholds || denies(deny, name) || categorizes(deny, name, true)
  ) throw new Refusal(400, noCommand(name));
  if (channels === undefined) return;
  const reached = how === "pattern"
    ? (pattern: string) => channels.includes("*") || channels.includes(pattern)
    : (channel: string) => reaches(channels, channel);
  if (!listened.every(reached)) throw new Refusal(400, noAccess("channels"));
}

/** Throws a {@linkcode Refusal} unless a grant may read `/metrics`. */
export function mayMeasure({ metrics }: Grant): void {
  if (metrics) return;
  throw new Refusal(400, noPermission("read /metrics"));
}

/** By the name itself; the name of a container has all but what is guarded. */
function names({ names }: Commands, name: string): boolean {
  if (names.size === 0) return false;
  if (names.has(name)) return true;
  const [word = ""] = name.split("|");
  return names.has(word) && isGuarded(word) === isGuarded(name);
}

/** By the name itself, or all that the container has. */
function denies({ names }: Commands, name: string): boolean {
  return names.has(name) || names.has(name.split("|")[0]!);
}

function categorizes(
  { categories }: Commands,
  name: string,
  unless: boolean,
): boolean {
  return categories.some((category) => inCategory(category, name, unless));
}

function reaches(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => globMatches(glob, text));
}

/** Whether SORT reads keys besides its own: those that a pattern makes of elements. */
function fetches(args: readonly Arg[]): boolean {
  return args.some((arg, i) =>
    /^(BY|GET)$/.test(upper(arg)) && textOf(args[i + 1]).includes("*")
  );
}
