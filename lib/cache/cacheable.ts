/**
 * Which commands a cache may answer, and which keys the others change: both
 * follow from the one table of commands.
 *
 * @module
 */

import { keysOf, mayHaveKeys } from "../connection/key_positions.ts";
import { keyOf } from "../connection/names.ts";
import { READ_NAMES } from "../connection/read_names.ts";
import { traitsOf } from "../connection/traits.ts";
import { groupsIn, namesIn, namesKeys, upper } from "../connection/words.ts";
import type { Arg, Mode } from "../resp/reply.ts";

/** Groups of commands whose replies depend on more than their keys: code, or an index. */
const OTHER_SOURCES = /scripting|search|timeseries/;
/** Random members, and cursors that mean something to one server at one time. */
const UNREPEATABLE = /RAND|SCAN(DUMP)?$/;
/**
 * Commands whose replies change although nobody writes their key: with time, with
 * other keys (SORT_RO), or with what consumers did. TOUCH is sent for its effect.
 * Servers tell of most (`nondeterministic_output`), but not of TOUCH, SORT_RO, the
 * memory that a key takes, and the groups of a stream.
 */
const CHANGING = new Set(namesIn(`
TTL PTTL HTTL HPTTL TOUCH SORT_RO XPENDING
MEMORY|USAGE JSON.DEBUG|MEMORY
OBJECT|: ENCODING FREQ IDLETIME REFCOUNT
XINFO|: CONSUMERS GROUPS STREAM`));

/** A command that may be answered from memory. */
export interface Cacheable {
  readonly name: string;
  /** Whether its only key is the first word behind its name. */
  readonly oneKey: boolean;
  /** What its replies are stored as, by the mode they are read in. */
  readonly signatures: readonly string[];
}

/** By name, in upper and in lower case. */
const CACHEABLE = new Map<string, Cacheable>();
/** The highest of the modes. */
const MODES = 8;

for (const { categories, keys, names } of groupsIn(READ_NAMES)) {
  if (!namesKeys(keys) || OTHER_SOURCES.test(categories)) continue;
  for (const name of names) {
    const { blocks, state } = traitsOf(name.split("|"));
    if (blocks || state || UNREPEATABLE.test(name) || CHANGING.has(name)) {
      continue;
    }
    const signatures = Array.from(
      { length: MODES + 1 },
      (_, mode) => `${name}/${mode}`,
    );
    const facts = { name, oneKey: keys === "1", signatures };
    CACHEABLE.set(name, facts).set(name.toLowerCase(), facts);
  }
}

/** The names of all commands that may be answered from memory, sorted. */
export function cacheableNames(): string[] {
  return [...new Set([...CACHEABLE.values()].map(({ name }) => name))].sort();
}

/** The facts of a command that may be answered from memory; `undefined` for others. */
export function cacheableOf(args: readonly Arg[]): Cacheable | undefined {
  const word = args[0];
  return CACHEABLE.get(word as string) ?? CACHEABLE.get(upper(word));
}

/** A reply is stored under each of its keys, so one with more keys is not kept. */
const MAX_KEYS = 128;

/** What a reply is stored under: its keys, and everything else of its command. */
export interface Place {
  readonly keys: readonly string[];
  readonly signature: string;
}

/**
 * Where the reply of a command is stored; `undefined` where an argument cannot be
 * sent, or for too many keys.
 */
export function placeOf(
  { oneKey, signatures }: Cacheable,
  args: readonly Arg[],
  mode: Mode,
): Place | undefined {
  const at = oneKey ? [1] : keysOf(args);
  if (at.length > MAX_KEYS) return undefined;
  // Not one that grows: it would keep room for more.
  const keys = at.length === 1
    ? [textOf(args[at[0]!])]
    : [...new Set(at.map((i) => textOf(args[i])))];
  if (keys.length === 0 || !areTexts(keys)) return undefined;
  let signature = signatures[mode]!;
  for (let i = 1; i < args.length; i++) {
    if (i === at[0]) continue;
    const text = textOf(args[i]);
    if (text === undefined) return undefined;
    signature += ` ${text.length}:${text}`;
  }
  return { keys, signature };
}

function areTexts(texts: (string | undefined)[]): texts is string[] {
  return !texts.includes(undefined);
}

/** An argument as a string, the same for its text and its bytes; `undefined` for what cannot be sent. */
export function textOf(arg: unknown): string | undefined {
  if (typeof arg === "string" || arg instanceof Uint8Array) return keyOf(arg);
  const isNumber = typeof arg === "bigint" ||
    typeof arg === "number" && Number.isFinite(arg);
  return isNumber ? `${arg}` : undefined;
}

/** What a command may change: these keys, no data, or anything. */
export type Changes =
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  | { readonly kind: "nothing" }
  | { readonly kind: "anything" };

const NOTHING: Changes = { kind: "nothing" };
const ANYTHING: Changes = { kind: "anything" };

/**
 * Words of commands without keys that change no data of their own database. Servers
 * do not tell: they call EXEC, DEBUG and REPLICAOF no writes, and FUNCTION LOAD one.
 */
const HARMLESS = new Set(
  namesIn(`
ACL AUTH BGREWRITEAOF BGSAVE CLIENT COMMANDLOG CONFIG DISCARD FUNCTION HELLO
LATENCY MEMORY MODULE MULTI PUBLISH READONLY READWRITE SAVE SCRIPT SELECT SLOWLOG
SPUBLISH WAIT WAITAOF`),
);

/** What a command may change; a script or an unknown command without keys: anything. */
export function changesOf(args: readonly Arg[]): Changes {
  if (traitsOf(args).reads) return NOTHING;
  const at = keysOf(args);
  if (at.length > 0) {
    const keys = at.map((i) => textOf(args[i])).filter((key) =>
      key !== undefined
    );
    return { kind: "keys", keys };
  }
  if (!mayHaveKeys(args) && HARMLESS.has(upper(args[0]))) return NOTHING;
  return ANYTHING;
}

/** What commands may change together. */
export function allChangesOf(
  commands: readonly { readonly args: readonly Arg[] }[],
): Changes {
  const keys: string[] = [];
  for (const { args } of commands) {
    const changes = changesOf(args);
    if (changes.kind === "anything") return changes;
    // Not spread: there may be more keys than a call can have arguments.
    if (changes.kind === "keys") {
      for (const key of changes.keys) keys.push(key);
    }
  }
  return keys.length === 0 ? NOTHING : { kind: "keys", keys };
}
