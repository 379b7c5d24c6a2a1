/**
 * Where the keys are among the words of a command, for routing by slot and for
 * prefixes of keys.
 *
 * Apart from the other facts so that whoever needs neither does not load it. A
 * command that is not here has no keys, as far as is known.
 *
 * @see https://redis.io/docs/latest/develop/reference/key-specs/
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import { namesIn, readOptions, upper } from "./words.ts";

/** Returns the indices of the keys among the words. */
type Rule = (args: readonly Arg[]) => number[];

const RULES = new Map<string, Rule>();

function add(table: string, rule: Rule): void {
  for (const name of namesIn(table)) RULES.set(name, rule);
}

/** From `first` to `last`, which counts from the end when negative. */
function range(first: number, last: number = first, step = 1): Rule {
  return ({ length }) => {
    const end = Math.min(last < 0 ? length + last : last, length - 1);
    const indices: number[] = [];
    for (let i = first; i <= end; i += step) indices.push(i);
    return indices;
  };
}

/** So many as the word at `at` says, behind it; and the one at `also`. */
function counted(at: number, also?: number, step = 1): Rule {
  return (args) => {
    const count = Number(upper(args[at]));
    const last = at + (count > 0 ? count : 0) * step;
    const indices = range(at + 1, last, step)(args);
    return also === undefined ? indices : [also, ...indices];
  };
}

/** The first word, and those behind `STORE` and `STOREDIST`, which may stand from `from` on. */
function storing(from: number): Rule {
  return (args) => {
    const indices = [1];
    for (let i = from; i + 1 < args.length; i++) {
      if (/^STORE(DIST)?$/.test(upper(args[i]))) indices.push(++i);
    }
    return indices;
  };
}

/** The first word, and the one behind the last `STORE`. */
function sorted(args: readonly Arg[]): number[] {
  const indices = [1];
  for (let i = 2; i + 1 < args.length; i++) {
    const word = upper(args[i]);
    if (word === "STORE") indices[1] = ++i;
    else if (word === "LIMIT") i += 2;
    else if (word === "BY" || word === "GET") i++;
  }
  return indices;
}

/** The first half of what is behind `STREAMS`. */
function streams(args: readonly Arg[]): number[] {
  const { keys } = readOptions(args);
  return range(keys, keys - 1 + Math.floor((args.length - keys) / 2))(args);
}

/** The third word, or what is behind `KEYS` when that is empty. */
function migrated(args: readonly Arg[]): number[] {
  const key = args[3] ?? "";
  if ((key as string | Uint8Array).length !== 0) return range(3)(args);
  for (let i = 6; i < args.length; i++) {
    const word = upper(args[i]);
    if (word === "KEYS") return range(i + 1, -1)(args);
    if (word === "AUTH") i++;
    else if (word === "AUTH2") i += 2;
  }
  return [];
}

const ONE = range(1);

add(
  `
APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS DECR DECRBY DELEX DELIFEQ DIGEST DUMP EXPIRE EXPIREAT EXPIRETIME GET INCR MOVE PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PSETEX PTTL RESTORE RESTORE-ASKING RPOP RPUSH RPUSHX SET SORT_RO STRLEN SUBSTR TTL TYPE
AR: COUNT DEL DELRANGE GET GETRANGE GREP INFO INSERT LASTITEMS LEN MGET MSET NEXT OP RING SCAN SEEK SET
FT.SUG: ADD DEL GET LEN
GEO: ADD DIST HASH POS RADIUSBYMEMBER_RO RADIUS_RO SEARCH
GET: BIT DEL EX RANGE SET
H: DEL EXISTS EXPIRE EXPIREAT EXPIRETIME GET GETALL GETDEL GETEX INCRBY INCRBYFLOAT KEYS LEN MGET MSET PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PTTL RANDFIELD SCAN SET SETEX SETNX STRLEN TTL VALS
INCR: BY BYFLOAT EX
L: INDEX INSERT LEN POP POS PUSH PUSHX RANGE REM SET TRIM
S: ADD CARD ISMEMBER MEMBERS MISMEMBER POP RANDMEMBER REM SCAN
SET: BIT EX NX RANGE
V: ADD CARD DIM EMB GETATTR INFO ISMEMBER LINKS RANDMEMBER RANGE REM SETATTR SIM
X: ACK ACKDEL ADD AUTOCLAIM CFGSET CLAIM DEL DELEX LEN NACK PENDING RANGE REVRANGE SETID TRIM
Z: ADD CARD COUNT INCRBY LEXCOUNT MSCORE POPMAX POPMIN RANDMEMBER RANGE RANGEBYLEX RANGEBYSCORE RANK REM REMRANGEBYLEX REMRANGEBYRANK REMRANGEBYSCORE REVRANGE REVRANGEBYLEX REVRANGEBYSCORE REVRANK SCAN SCORE`,
  ONE,
);
add(
  "BLMOVE BLMOVEM BRPOPLPUSH COPY GEOSEARCHSTORE LCS LMOVE LMOVEM RENAME RENAMENX RPOPLPUSH SMOVE TS.CREATERULE TS.DELETERULE ZRANGESTORE",
  range(1, 2),
);
add(
  "DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SDIFFSTORE SINTER SINTERSTORE SUNION SUNIONSTORE TOUCH UNLINK WATCH",
  range(1, -1),
);
add("BLPOP BRPOP BZPOPMAX BZPOPMIN JSON.MGET", range(1, -2));
add("MSET MSETNX", range(1, -1, 2));
add("JSON.MSET TS.MADD", range(1, -1, 3));
add(
  `
HIMPORT|SET JSON.DEBUG|MEMORY MEMORY|USAGE PFDEBUG
OBJECT|: ENCODING FREQ IDLETIME REFCOUNT
XGROUP|: CREATE CREATECONSUMER DELCONSUMER DESTROY SETID
XINFO|: CONSUMERS GROUPS STREAM`,
  range(2),
);
add("BITOP", range(2, -1));
add(
  `
LMPOP SDIFFCARD SINTERCARD SUNIONCARD TS.NRANGE TS.NREVRANGE
Z: DIFF INTER INTERCARD MPOP UNION`,
  counted(1),
);
add(
  "BLMPOP BZMPOP EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO",
  counted(2),
);
add(
  "CMS.MERGE TDIGEST.MERGE ZDIFFSTORE ZINTERSTORE ZUNIONSTORE",
  counted(2, 1),
);
add("MSETEX", counted(1, undefined, 2));
add("XREAD XREADGROUP", streams);
add("MIGRATE", migrated);
add("GEORADIUS", storing(6));
add("GEORADIUSBYMEMBER", storing(5));
add("SORT", sorted);

/** Module commands that are not above, and have their key first. */
const FIRST = /^(BF|CF|CMS|JSON|TDIGEST|TOPK|TS)\./;
const KEYLESS = /^(TS\.(MGET|MRANGE|MREVRANGE|QUERY\w+)|JSON\.DEBUG)$/;

/**
 * Returns the indices of the keys among the words of a command, in order; none
 * when it has none, or is not known.
 */
export function keysOf(args: readonly Arg[]): number[] {
  const word = upper(args[0]);
  const rule = RULES.get(word) ?? RULES.get(`${word}|${upper(args[1])}`);
  if (rule) return rule(args);
  return FIRST.test(word) && !KEYLESS.test(word) ? ONE(args) : [];
}

/** Whether a command has keys, wherever they are: without any it is malformed, or says that there are none. */
export function mayHaveKeys(args: readonly Arg[]): boolean {
  const word = upper(args[0]);
  return RULES.has(word) || RULES.has(`${word}|${upper(args[1])}`) ||
    keysOf(args).length > 0;
}

/**
 * Returns the indices of the words that say which node of a cluster is meant:
 * the keys, the channels of sharded pub/sub, the cursor of `CLUSTERSCAN`.
 */
export function routesBy(args: readonly Arg[]): number[] {
  switch (upper(args[0])) {
    case "SPUBLISH":
    // Its cursor says which slot is next.
    case "CLUSTERSCAN":
      return ONE(args);
    case "SSUBSCRIBE":
    case "SUNSUBSCRIBE":
      return range(1, -1)(args);
    default:
      return keysOf(args);
  }
}
