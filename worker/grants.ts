/**
 * Grants: which server, commands, keys and channels the holder of a token has.
 *
 * A grant narrows the permissions of the Redis user of its URL. A script reaches
 * everything that this user does, so that a grant with `keys` or `channels` has
 * scripts only when `allow` names them. Such a grant, and a read-only one, has no
 * administrative command either: SLOWLOG GET and CLIENT LIST show what others do.
 * A read-only grant without `keys` has EVAL_RO, as that writes nothing.
 *
 * @module
 */

import { keysOf } from "../lib/connection/key_positions.ts";
import { onlyReads } from "../lib/connection/traits.ts";
import { upper } from "../lib/connection/words.ts";
import type { Arg } from "../lib/resp/reply.ts";
import {
  inCategory,
  isGuarded,
  nameOf,
  reachOf,
  textOf,
} from "./categories.ts";
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

/** The permissions of one token. */
export interface Grant {
  /** Its name in the settings. */
  readonly name: string;
  /** The URL of its Redis. */
  readonly redisUrl: string;
  /** How much it may use. */
  readonly limits: Limits;
  /** How much it uses now. */
  readonly usage: Usage;
  /** Whether it may read `/metrics`. */
  readonly metrics: boolean;
  /** Whether its reads are answered from memory, where CACHE is on. */
  readonly cache: boolean;
  /** Whether it has only commands that write nothing. */
  readonly readOnly: boolean;
  /** The commands that it has; `undefined` for all but those that must be named. */
  readonly allow: Commands | undefined;
  /** The commands that it has not, whatever `allow` says. */
  readonly deny: Commands;
  /** Patterns of its keys; `undefined` for all. */
  readonly keys: readonly string[] | undefined;
  /** Patterns of its channels; `undefined` for all. */
  readonly channels: readonly string[] | undefined;
}

/** What a request can subscribe to. */
export type Listening = "channel" | "pattern" | "monitor";

const LISTENING: Record<Listening, string> = {
  channel: "SUBSCRIBE",
  pattern: "PSUBSCRIBE",
  monitor: "MONITOR",
};

// In the words of the server.
const noAccess = (what: string) =>
  noPermission(`access one of the ${what} used as arguments`);
const noCommand = (name: string) =>
  noPermission(`run the '${name.toLowerCase()}' command or its subcommand`);
const noPermission = (to: string) =>
  `NOPERM this user has no permissions to ${to}`;

/** A command beside the grant that is to permit it. */
interface Check {
  readonly grant: Grant;
  readonly args: readonly Arg[];
  /** The command's name, with its sub-command. */
  readonly name: string;
  /** Whether `allow` has the name itself, not just a category. */
  readonly named: boolean;
  /** Whether the command runs a script, which reaches everything. */
  readonly scripting: boolean;
}

/** A reason to withhold a command: when it holds, and what the client is told. */
interface Rule {
  readonly holds: (check: Check) => boolean;
  readonly reason: (check: Check) => string;
}

const byCommand = ({ name }: Check) => noCommand(name);
const byKeys = () => noAccess("keys");
const byChannels = () => noAccess("channels");

/** The rules in order: the first that holds tells the reason. */
const RULES: readonly Rule[] = [
  {
    holds: ({ name, named }) => isGuarded(name) && !named,
    reason: ({ name }) =>
      `ERR ${
        name.replace("|", " ")
      } is not available over HTTP unless "allow" of a grant names it`,
  },
  {
    holds: ({ grant: { allow }, name, named }) =>
      allow !== undefined && !named && !categorizes(allow, name, false),
    reason: byCommand,
  },
  {
    holds: ({ grant: { deny }, name }) =>
      denies(deny, name) || categorizes(deny, name, true),
    reason: byCommand,
  },
  {
    holds: ({ grant, args }) => grant.readOnly && !onlyReads(args),
    reason: byCommand,
  },
  // SLOWLOG GET and CLIENT LIST show what others do.
  {
    holds: (check) =>
      isLimited(check.grant) && inCategory("@admin", check.name, true) &&
      !chosen(check, "@admin"),
    reason: byCommand,
  },
  // A script reaches every key and channel, PUBSUB the names of all channels.
  {
    holds: (check) =>
      isScoped(check.grant) &&
      (check.scripting
        ? !chosen(check, "@scripting")
        : onChannels(check) === "any" && !check.named),
    reason: byCommand,
  },
  {
    holds: (check) =>
      check.grant.keys !== undefined && !check.scripting &&
      keysOf(check.args).length === 0 && !mayDoWithoutKeys(check),
    reason: byCommand,
  },
  // SORT makes names of keys from the elements that it sorts.
  {
    holds: ({ grant: { keys }, args, name }) =>
      keys !== undefined && /^SORT/.test(name) && sortsByKeys(args),
    reason: byKeys,
  },
  {
    holds: ({ grant: { keys }, args }) =>
      keys !== undefined &&
      !keysOf(args).every((i) => reaches(keys, textOf(args[i]))),
    reason: byKeys,
  },
  {
    holds: (check) =>
      check.grant.channels !== undefined && onChannels(check) === "publishes" &&
      !reaches(check.grant.channels, textOf(check.args[1])),
    reason: byChannels,
  },
];

/**
 * Why a grant has not this command, in the words of the server; `undefined` when
 * it has. What a command does to its connection is checked in `policy.ts`.
 */
export function withheld(
  grant: Grant,
  args: readonly Arg[],
): string | undefined {
  const name = nameOf(args);
  const check: Check = {
    grant,
    args,
    name,
    named: grant.allow !== undefined && names(grant.allow, name),
    scripting: isScoped(grant) && inCategory("@scripting", name, false),
  };
  return RULES.find(({ holds }) => holds(check))?.reason(check);
}

/**
 * What a command does with channels, if it is about them. One that nobody knows
 * might do anything with any.
 */
function onChannels(
  { args, name }: Check,
): "any" | "publishes" | undefined {
  if (!inCategory("@pubsub", name, true)) return undefined;
  const publishes = inCategory("@pubsub", name, false) && !onlyReads(args);
  return publishes ? "publishes" : "any";
}

/**
 * Whether a grant with `keys` has a command in which no key is named. One that
 * nobody knows might reach any key; one that tells of the server or of the data
 * as a whole must be named.
 */
function mayDoWithoutKeys({ name, named }: Check): boolean {
  const reach = reachOf(name);
  return reach === "*"
    ? named
    : reach === "-" && (named || !inCategory("@dangerous", name, true));
}

/** Whether a grant has some keys or channels only. */
function isScoped({ keys, channels }: Grant): boolean {
  return keys !== undefined || channels !== undefined;
}

/** Whether a grant has less than its Redis user. */
function isLimited(grant: Grant): boolean {
  return grant.readOnly || isScoped(grant);
}

/** Whether `allow` has the command by its name or by this very category. */
function chosen({ grant, named }: Check, category: string): boolean {
  return named || grant.allow?.categories.includes(category) === true;
}

/**
 * Throws a {@linkcode Refusal} unless a grant may subscribe to all of these. A
 * pattern must be one of `channels`, letter by letter: the gateway does not decide
 * whether one pattern covers another.
 */
export function mayListen(
  grant: Grant,
  how: Listening,
  listened: readonly string[],
): void {
  const { allow, deny, keys, channels, readOnly } = grant;
  const name = LISTENING[how];
  const named = allow !== undefined && names(allow, name);
  // MONITOR shows every command of every client: only an unlimited grant has it.
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

/** By the name itself. The name of a container includes its sub-commands but the guarded ones. */
function names({ names }: Commands, name: string): boolean {
  if (names.size === 0) return false;
  if (names.has(name)) return true;
  const [word = ""] = name.split("|");
  return names.has(word) && isGuarded(word) === isGuarded(name);
}

/** By the name itself, or by that of its container. */
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
function sortsByKeys(args: readonly Arg[]): boolean {
  return args.some((arg, i) =>
    /^(BY|GET)$/.test(upper(arg)) && textOf(args[i + 1]).includes("*")
  );
}
