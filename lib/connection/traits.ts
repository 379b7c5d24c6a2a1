/**
 * Facts by command word, for typed and raw commands alike: does it only read,
 * may it block, does it change its connection.
 *
 * A word that is not here is sent, and neither retried nor split.
 *
 * @see https://redis.io/docs/latest/commands/command-info/
 * @module
 */

import { decodeText } from "../resp/bytes.ts";
import type { Arg } from "../resp/reply.ts";

// The `readonly` commands of COMMAND INFO, and those that tell about the server
// without changing it. `|` stands between a container and its sub-command.
const READS = `
  BITCOUNT BITFIELD_RO BITPOS DBSIZE DUMP EVAL_RO EVALSHA_RO EXISTS EXPIRETIME
  FCALL_RO GEODIST GEOHASH GEOPOS GEORADIUS_RO GEORADIUSBYMEMBER_RO GEOSEARCH
  GET GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN
  HSTRLEN HVALS KEYS LCS LINDEX LLEN LOLWUT LPOS LRANGE MEMORY|USAGE MGET
  OBJECT|ENCODING OBJECT|FREQ OBJECT|IDLETIME OBJECT|REFCOUNT PEXPIRETIME
  PFCOUNT PTTL RANDOMKEY SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS
  SMISMEMBER SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TOUCH TTL TYPE
  XINFO|CONSUMERS XINFO|GROUPS XINFO|STREAM XLEN XPENDING XRANGE XREAD XREVRANGE
  ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE
  ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE
  ZREVRANK ZSCAN ZSCORE ZUNION
  CLUSTERSCAN ARCOUNT ARGET ARGETRANGE ARGREP ARINFO ARLASTITEMS ARLEN ARMGET ARNEXT AROP
  ARSCAN DIGEST HEXPIRETIME HPEXPIRETIME HPTTL HTTL SDIFFCARD SUNIONCARD VCARD
  VDIM VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VRANGE VSIM
  WATCH UNWATCH PING ECHO TIME INFO LASTSAVE ROLE COMMAND CONFIG|GET CLIENT|ID CLIENT|INFO
  CLIENT|LIST CLIENT|GETNAME PUBSUB|CHANNELS PUBSUB|NUMSUB PUBSUB|NUMPAT
  PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB SCRIPT|EXISTS SLOWLOG|GET SLOWLOG|LEN
  COMMAND|COUNT COMMAND|DOCS COMMAND|GETKEYS COMMAND|INFO COMMAND|LIST ACL|LIST
  ACL|WHOAMI CLUSTER|INFO CLUSTER|KEYSLOT CLUSTER|LINKS CLUSTER|MYID CLUSTER|NODES
  CLUSTER|SHARDS CLUSTER|SLOTS FUNCTION|DUMP FUNCTION|LIST FUNCTION|STATS
  MEMORY|STATS MODULE|LIST`;

// Where the time that a command may wait stands, and in what unit.
const BLOCKS: Record<string, (args: readonly Arg[]) => number | undefined> = {
  BLPOP: lastSeconds,
  BRPOP: lastSeconds,
  BLMOVE: lastSeconds,
  BRPOPLPUSH: lastSeconds,
  BZPOPMIN: lastSeconds,
  BZPOPMAX: lastSeconds,
  BLMOVEM: fifthSeconds,
  BLMPOP: firstSeconds,
  BZMPOP: firstSeconds,
  XREAD: blockOption,
  XREADGROUP: blockOption,
  "TS.READ": blockOption,
  WAIT: lastMilliseconds,
  WAITAOF: lastMilliseconds,
};

const TRANSACTION = "transaction() or watch()";
const SUBSCRIBE = "subscribe(), psubscribe() or ssubscribe()";
const LEASE = "a connection of its own, from lease()";

/** What to use instead of commands that change their connection. */
const STATE: Record<string, string> = {
  SELECT: 'the option "db"',
  AUTH: 'the options "username" and "password"',
  HELLO: 'the option "protocol"',
  MULTI: TRANSACTION,
  EXEC: TRANSACTION,
  DISCARD: TRANSACTION,
  WATCH: TRANSACTION,
  UNWATCH: TRANSACTION,
  "CLIENT|SETNAME": 'the option "name"',
  "CLIENT|SETINFO": LEASE,
  "CLIENT|TRACKING": LEASE,
  "CLIENT|CACHING": LEASE,
  "CLIENT|NO-EVICT": LEASE,
  "CLIENT|NO-TOUCH": LEASE,
  "CLIENT|CAPA": LEASE,
  "CLIENT|IMPORT-SOURCE": LEASE,
  "CLIENT|MAINT_NOTIFICATIONS": LEASE,
  HIMPORT: LEASE,
  READONLY: LEASE,
  READWRITE: LEASE,
  ASKING: LEASE,
  RESET: LEASE,
};

/** What to use instead of commands that do not answer once, on any connection. */
const NEVER: Record<string, string> = {
  SUBSCRIBE,
  PSUBSCRIBE: SUBSCRIBE,
  SSUBSCRIBE: SUBSCRIBE,
  UNSUBSCRIBE: SUBSCRIBE,
  PUNSUBSCRIBE: SUBSCRIBE,
  SUNSUBSCRIBE: SUBSCRIBE,
  QUIT: "close()",
  "CLIENT|REPLY": "no reply at all: do not await the promise",
  MONITOR: "redis-cli monitor",
  "SCRIPT|DEBUG": "redis-cli --ldb",
  SYNC: "redis-cli --replica",
  PSYNC: "redis-cli --replica",
};

/** The facts about one command word. */
export interface Traits {
  /** It only reads, so that sending it twice does no harm. */
  reads?: boolean;
  /** How long it may hold its connection, in milliseconds; `undefined` for not at all. */
  blocks?: (args: readonly Arg[]) => number | undefined;
  /** What to use instead on a shared connection, or on any. */
  state?: string;
  /** It does not answer once, so that no connection may be asked. */
  never?: boolean;
  /** The command is a container: its facts are its sub-commands'. */
  subcommands?: Map<string, Traits>;
}

const TRAITS = new Map<string, Traits>();

function entry(name: string): Traits {
  const [word = "", subcommand] = name.split("|");
  let traits = TRAITS.get(word);
  if (traits === undefined) TRAITS.set(word, traits = {});
  if (subcommand === undefined) return traits;
  traits.subcommands ??= new Map();
  let inner = traits.subcommands.get(subcommand);
  if (inner === undefined) traits.subcommands.set(subcommand, inner = {});
  return inner;
}

for (const name of READS.trim().split(/\s+/)) entry(name).reads = true;
for (const [name, blocks] of Object.entries(BLOCKS)) {
  entry(name).blocks = blocks;
}
for (const [name, state] of Object.entries(STATE)) entry(name).state = state;
for (const [name, state] of Object.entries(NEVER)) {
  Object.assign(entry(name), { state, never: true });
}

const UNKNOWN: Traits = {};

/** The words seen so far that are not in upper case, or not known, may be so many. */
const SEEN = 2_000;

/** The facts about a command; all are absent where its word is not known. */
export function traitsOf(args: readonly Arg[]): Traits {
  const first = args[0];
  // Typed commands come in upper case: one look, no copy.
  let traits = TRAITS.get(first as string);
  if (traits === undefined) {
    traits = TRAITS.get(upper(first)) ?? UNKNOWN;
    if (typeof first === "string" && TRAITS.size < SEEN) {
      TRAITS.set(first, traits);
    }
  }
  if (traits.subcommands === undefined) return traits;
  return traits.subcommands.get(upper(args[1])) ?? traits;
}

function upper(arg: Arg | undefined): string {
  if (typeof arg === "string") return arg.toUpperCase();
  return arg instanceof Uint8Array ? decodeText(arg).toUpperCase() : "";
}

/** Whether the command only reads, so that sending it twice does no harm. */
export function onlyReads(args: readonly Arg[]): boolean {
  return traitsOf(args).reads === true;
}

/**
 * How long the command may hold its connection, in milliseconds: `Infinity` for
 * ever, `undefined` when it does not block.
 */
export function blocksFor(args: readonly Arg[]): number | undefined {
  return traitsOf(args).blocks?.(args);
}

/**
 * Throws a `TypeError` that names what to use instead when the command would
 * change the connection it is sent on.
 *
 * On a connection that is `leased` those are allowed that keep one reply per
 * command; returns whether the command is one of them.
 */
export function changesConnection(
  args: readonly Arg[],
  leased: boolean,
): boolean {
  const { state, never } = traitsOf(args);
  if (state === undefined) return false;
  if (leased && !never) return true;
  const words = [upper(args[0]), upper(args[1])];
  const name = TRAITS.get(words[0]!)?.subcommands ? words.join(" ") : words[0];
  throw new TypeError(
    `Cannot send ${name} as it changes the connection ${
      leased ? "for good" : "that others share"
    }: use ${state}`,
  );
}

function time(arg: Arg | undefined, unit: number): number {
  const text = arg instanceof Uint8Array ? decodeText(arg) : String(arg);
  const value = Number(text) * unit;
  // What is no number is the server's to refuse, at once.
  return value > 0 ? value : value === 0 ? Infinity : 0;
}

function lastSeconds(args: readonly Arg[]): number {
  return time(args[args.length - 1], 1000);
}

function firstSeconds(args: readonly Arg[]): number {
  return time(args[1], 1000);
}

function fifthSeconds(args: readonly Arg[]): number {
  return time(args[5], 1000);
}

function lastMilliseconds(args: readonly Arg[]): number {
  return time(args[args.length - 1], 1);
}

function blockOption(args: readonly Arg[]): number | undefined {
  for (let i = 1; i < args.length; i++) {
    const word = upper(args[i]);
    if (word === "BLOCK") return time(args[i + 1], 1);
    if (word === "STREAMS") return undefined;
  }
  return undefined;
}
