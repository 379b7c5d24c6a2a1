/**
 * Facts by command word, for typed and raw commands alike: does it only read,
 * may it block, does it change its connection.
 *
 * A word that is not here is sent, and neither retried nor split.
 *
 * @see https://redis.io/docs/latest/commands/command-info/
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { READ_NAMES } from "./read_names.ts";
import { groupsIn, namesIn, readOptions, upper } from "./words.ts";

/**
 * Where the time that a command may wait stands among its words, and how many
 * milliseconds its unit has; -1 for the last word, 0 for behind `BLOCK`.
 */
const BLOCKS: [words: string, at: number, unit: number][] = [
  ["BLPOP BRPOP BLMOVE BRPOPLPUSH BZPOPMIN BZPOPMAX", -1, 1000],
  ["BLMPOP BZMPOP", 1, 1000],
  ["BLMOVEM", 5, 1000],
  ["WAIT WAITAOF", -1, 1],
  ["XREAD XREADGROUP TS.READ", 0, 1],
];

const TRANSACTION = "transaction() or watch()";

/** Commands that wait until replicas have the earlier writes of the same connection. */
const AFTER_WRITES = "WAIT WAITAOF";

/** The replacements of commands that change their connection. */
const STATE: Record<string, string> = {
  'the option "db"': "SELECT",
  'the options "username" and "password"': "AUTH",
  'the option "protocol"': "HELLO",
  'the option "name"': "CLIENT|SETNAME",
  [TRANSACTION]: "MULTI EXEC DISCARD WATCH UNWATCH",
  "lease()": `
: HIMPORT READONLY READWRITE ASKING RESET
CLIENT|: SETINFO TRACKING CACHING NO-EVICT NO-TOUCH CAPA IMPORT-SOURCE MAINT_NOTIFICATIONS`,
};

/** The replacements of commands that do not have exactly one reply: no connection takes them. */
const NEVER: Record<string, string> = {
  "subscribe(), psubscribe() or ssubscribe()":
    "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
  "close()": "QUIT",
  "send() without await": "CLIENT|REPLY",
  "monitor()": "MONITOR",
  "redis-cli --ldb": "SCRIPT|DEBUG",
  "redis-cli --replica": "SYNC PSYNC",
};

/** The facts about one command word. */
export interface Traits {
  /** The word; both words, for a sub-command. */
  name?: string;
  /** It only reads, so that sending it twice does no harm. */
  reads?: boolean;
  /** How long it may hold its connection, in milliseconds; `undefined` for not at all. */
  blocks?: (args: readonly Arg[]) => number | undefined;
  /** It waits for earlier writes of its own connection, so it is useless in front of them. */
  afterWrites?: boolean;
  /** The replacement on a shared connection; with `never`, on any. */
  state?: string;
  /** It does not have exactly one reply: no connection takes it. */
  never?: boolean;
  /** The command is a container: its facts are its sub-commands'. */
  container?: boolean;
}

/** Keys are command words; for subcommands, both words with `|` between them. */
const TRAITS = new Map<string, Traits>();

function add(names: readonly string[], facts: Traits): void {
  for (const name of names) {
    const all = { ...TRAITS.get(name), ...facts, name };
    // Typed commands are in upper case, most over HTTP in lower: both are found without a copy.
    TRAITS.set(name, all).set(name.toLowerCase(), all);
    const [container, inner] = name.split("|");
    if (inner) add([container!], { container: true });
  }
}

for (const { names } of groupsIn(READ_NAMES)) add(names, { reads: true });
for (const [words, at, unit] of BLOCKS) {
  add(namesIn(words), { blocks: (args) => wait(args, at, unit) });
}
add(namesIn(AFTER_WRITES), { afterWrites: true });
for (const state in STATE) add(namesIn(STATE[state]!), { state });
for (const state in NEVER) add(namesIn(NEVER[state]!), { state, never: true });

const UNKNOWN: Traits = {};

/** The facts about a command; all are absent where its word is not known. */
export function traitsOf(args: readonly Arg[]): Traits {
  const first = args[0];
  const traits = TRAITS.get(first as string) ?? TRAITS.get(upper(first)) ??
    UNKNOWN;
  if (!traits.container) return traits;
  return TRAITS.get(`${traits.name}|${upper(args[1])}`) ?? traits;
}

/** Whether the command only reads, so that sending it twice does no harm. */
export function onlyReads(args: readonly Arg[]): boolean {
  return traitsOf(args).reads === true;
}

/** The effects of a batch on its connection. */
export interface Effects {
  /** How many commands change it. */
  changes: number;
  /** How long the commands may block it together, in milliseconds. */
  block: number;
}

/**
 * Checks commands before they are sent. Throws a `TypeError` that names the
 * replacement of a command that would change its connection, or would wait for
 * earlier writes where there are none.
 *
 * A `leased` connection takes every command with one reply, but those of
 * transactions inside an `atomic` batch. In an atomic batch no command blocks.
 */
export function effectsOf(
  commands: readonly { readonly args: readonly Arg[] }[],
  leased: boolean,
  atomic = false,
): Effects {
  let changes = 0;
  let block = 0;
  for (const { args } of commands) {
    const { name, state, never, blocks, afterWrites } = traitsOf(args);
    if (blocks !== undefined && !atomic) block += blocks(args) ?? 0;
    // Between MULTI and EXEC nothing waits.
    if (afterWrites && !leased && (atomic || args === commands[0]!.args)) {
      throw new TypeError(
        `Cannot send ${name} as it is about earlier writes of its own connection: use lease(), or pipeline() with "transaction: false" behind them`,
      );
    }
    if (state === undefined) continue;
    if (!leased || never || atomic && state === TRANSACTION) {
      throw new TypeError(
        `Cannot send ${name!.replace("|", " ")} as it changes the connection ${
          leased ? "for good" : "that others share"
        }: use ${state}`,
      );
    }
    changes++;
  }
  return { changes, block };
}

/** How long a command may wait: see {@linkcode BLOCKS}. */
function wait(
  args: readonly Arg[],
  at: number,
  unit: number,
): number | undefined {
  const time = at === 0 ? readOptions(args).block : args.at(at);
  if (time === undefined) return undefined;
  const value = Number(upper(time)) * unit;
  // C reads more numbers, such as 0x1p4.
  return value < 0 ? 0 : value || Infinity;
}
