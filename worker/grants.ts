/**
 * What the holder of a token may do: which server, commands, keys and channels.
 *
 * A grant narrows what the Redis user of its URL may. A script reaches whatever
 * that user may, so that a grant with keys has scripts only when it names them.
 *
 * @module
 */

import { keysOf } from "../lib/connection/key_positions.ts";
import { onlyReads } from "../lib/connection/traits.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { inCategory, isGuarded, nameOf, textOf } from "./categories.ts";
import type { Glob } from "./glob.ts";
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
  readonly keys: readonly Glob[] | undefined;
  /** The channels that it reaches; `undefined` for all. */
  readonly channels: readonly Glob[] | undefined;
}

/** What a request can listen to. */
export type Listening = "channel" | "pattern" | "shard" | "monitor";

const LISTENING: Record<Listening, string> = {
  channel: "SUBSCRIBE",
  pattern: "PSUBSCRIBE",
  shard: "SSUBSCRIBE",
  monitor: "MONITOR",
};

/** What reaches no key: for who has some keys only. */
const KEYLESS =
  /^(PING|ECHO|TIME|S?PUBLISH|COMMAND(\|.*)?|CLIENT\|(ID|INFO|GETNAME))$/;

const NO_KEY =
  "NOPERM this user has no permissions to access one of the keys used as arguments";
const NO_CHANNEL =
  "NOPERM this user has no permissions to access one of the channels used as arguments";

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
    return `ERR ${name.replace("|", " ")} is not available over HTTP`;
  }
  if (
    allow && !named && !categorizes(allow, name, args) ||
    names(deny, name) || categorizes(deny, name, args) ||
    readOnly && !onlyReads(args)
  ) return noCommand(name);
  if (keys) {
    const scripting = inCategory("@scripting", name, args);
    const known = named ||
      scripting && allow?.categories.includes("@scripting") === true;
    const indices = keysOf(args);
    const unclear = scripting || indices.length === 0 && !KEYLESS.test(name);
    if (unclear && !known) return noCommand(name);
    if (/^SORT/.test(name) && fetches(args)) return NO_KEY;
    if (!indices.every((i) => reaches(keys, textOf(args[i])))) return NO_KEY;
  }
  if (channels && /^S?PUBLISH$/.test(name)) {
    if (!reaches(channels, textOf(args[1]))) return NO_CHANNEL;
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
    : allow && !categorizes(allow, name, [name]);
  if (
    !named && withholds || names(deny, name) || categorizes(deny, name, [name])
  ) throw new Refusal(400, noCommand(name));
  if (channels === undefined) return;
  const reached = how === "pattern"
    ? (pattern: string) =>
      channels.some(({ source }) => source === "*" || source === pattern)
    : (channel: string) => reaches(channels, channel);
  if (!listened.every(reached)) throw new Refusal(400, NO_CHANNEL);
}

/** Throws a {@linkcode Refusal} unless a grant may read `/metrics`. */
export function mayMeasure({ metrics }: Grant): void {
  if (metrics) return;
  throw new Refusal(
    400,
    "NOPERM this user has no permissions to read /metrics",
  );
}

/** By the name itself; the name of a container has all but what is guarded. */
function names({ names }: Commands, name: string): boolean {
  if (names.size === 0) return false;
  if (names.has(name)) return true;
  const [word = ""] = name.split("|");
  return names.has(word) && isGuarded(word) === isGuarded(name);
}

function categorizes(
  { categories }: Commands,
  name: string,
  args: readonly Arg[],
): boolean {
  return categories.some((category) => inCategory(category, name, args));
}

function reaches(globs: readonly Glob[], text: string): boolean {
  return globs.some((glob) => glob.matches(text));
}

/** Whether SORT reads keys besides its own: those that a pattern makes of elements. */
function fetches(args: readonly Arg[]): boolean {
  return args.some((arg, i) =>
    /^(BY|GET)$/i.test(textOf(arg)) && textOf(args[i + 1]).includes("*")
  );
}

function noCommand(name: string): string {
  return `NOPERM this user has no permissions to run the '${name.toLowerCase()}' command or its subcommand`;
}
