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
import { namesIn, readOptions, upper } from "./words.ts";

// The `readonly` commands of COMMAND INFO, and those that tell about the server
// without changing it. Behind `|` come the sub-commands of a container.
const READS = `
: BITCOUNT BITFIELD_RO BITPOS CLUSTERSCAN COMMAND DBSIZE DIGEST DUMP ECHO EVAL_RO EVALSHA_RO EXISTS EXPIRETIME FCALL_RO GET INFO KEYS LASTSAVE LCS LINDEX LLEN LOLWUT LPOS LRANGE MGET PEXPIRETIME PFCOUNT PING PTTL PUBSUB RANDOMKEY ROLE SCAN SORT_RO STRLEN SUBSTR TIME TOUCH TTL TYPE UNWATCH WATCH XINFO
ACL|: LIST WHOAMI
AR: COUNT GET GETRANGE GREP INFO LASTITEMS LEN MGET NEXT OP SCAN
CLIENT|: GETNAME ID INFO LIST
CLUSTER|: INFO KEYSLOT LINKS MYID NODES SHARDS SLOTS
CONFIG|: GET
FUNCTION|: DUMP LIST STATS
GEO: DIST HASH POS RADIUS_RO RADIUSBYMEMBER_RO SEARCH
GET: BIT RANGE
H: EXISTS EXPIRETIME GET GETALL KEYS LEN MGET PEXPIRETIME PTTL RANDFIELD SCAN STRLEN TTL VALS
MEMORY|: STATS USAGE
MODULE|: LIST
OBJECT|: ENCODING FREQ IDLETIME REFCOUNT
S: CARD DIFF DIFFCARD INTER INTERCARD ISMEMBER MEMBERS MISMEMBER RANDMEMBER SCAN UNION UNIONCARD
SCRIPT|: EXISTS
SLOWLOG|: GET LEN
V: CARD DIM EMB GETATTR INFO ISMEMBER LINKS RANDMEMBER RANGE SIM
X: LEN PENDING RANGE READ REVRANGE
Z: CARD COUNT DIFF INTER INTERCARD LEXCOUNT MSCORE RANDMEMBER RANGE RANGEBYLEX RANGEBYSCORE RANK REVRANGE REVRANGEBYLEX REVRANGEBYSCORE REVRANK SCAN SCORE UNION`;

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

/** They wait until replicas have what was written before on the same connection. */
const AFTER_WRITES = "WAIT WAITAOF";

/** What to use instead of commands that change their connection. */
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

/** What to use instead of commands that do not answer once, on any connection. */
const NEVER: Record<string, string> = {
  "subscribe(), psubscribe() or ssubscribe()":
    "SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE",
  "close()": "QUIT",
  "no such thing: what is not needed is not awaited": "CLIENT|REPLY",
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
  /** It is about what was written before on its connection, and means nothing in front of that. */
  afterWrites?: boolean;
  /** What to use instead on a shared connection, or on any. */
  state?: string;
  /** It does not answer once, so that no connection may be asked. */
  never?: boolean;
  /** The command is a container: its facts are its sub-commands'. */
  container?: boolean;
}

/** By word; by both words, with `|` between them, for what is in a container. */
const TRAITS = new Map<string, Traits>();

function add(table: string, facts: Traits): void {
  for (const name of namesIn(table)) {
    const all = { ...TRAITS.get(name), ...facts, name };
    // Typed commands come in upper case, over HTTP most in lower: one look, no copy.
    TRAITS.set(name, all).set(name.toLowerCase(), all);
    const [container, inner] = name.split("|");
    if (inner) add(container!, { container: true });
  }
}

add(READS, { reads: true });
for (const [words, at, unit] of BLOCKS) {
  add(words, { blocks: (args) => wait(args, at, unit) });
}
add(AFTER_WRITES, { afterWrites: true });
for (const state in STATE) add(STATE[state]!, { state });
for (const state in NEVER) add(NEVER[state]!, { state, never: true });

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

/** What commands that go together do to their connection. */
export interface Effects {
  /** How many change it. */
  changes: number;
  /** How long they may hold it, one after another, in milliseconds. */
  block: number;
}

/**
 * Looks commands through before they are sent. Throws a `TypeError` that names
 * what to use instead when one would change the connection it is sent on, or is
 * about what was written there and nothing was.
 *
 * On a connection that is `leased` those are allowed that keep one reply per
 * command, where they are not part of an `atomic` batch, which never blocks.
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
  // What is no number here may be one in C, such as 0x1p4.
  return value < 0 ? 0 : value || Infinity;
}
