/**
 * The server's ACL categories, from what commands are called and what is known
 * of them. A test compares them with a server's own list.
 *
 * `@fast` and `@slow` are missing, as they say nothing about what a command may
 * do, and `@transaction`, which is `/multi-exec` here. A new command of a known
 * family is in that family's category; one that nothing is known of is in `@all`
 * alone.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import { keysOf } from "../lib/connection/key_positions.ts";
import { onlyReads } from "../lib/connection/traits.ts";
import { upper } from "../lib/connection/words.ts";
import { decodeText } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";

const CONTAINERS =
  /^(ACL|CLIENT|CLUSTER|COMMAND|CONFIG|DEBUG|FUNCTION|HIMPORT|HOTKEYS|LATENCY|MEMORY|MODULE|OBJECT|PUBSUB|SCRIPT|SENTINEL|SLOWLOG|XGROUP|XINFO|_?FT\.(CONFIG|CURSOR|DEBUG)|JSON\.DEBUG)$/;

// What is not about data: it stops, rewires or reconfigures the server, tells
// its secrets (CONFIG GET requirepass), reaches other hosts or disturbs other
// clients.
const GUARDED =
  /^(ACL|BGREWRITEAOF|BGSAVE|CLUSTER|CONFIG|DEBUG|FAILOVER|MIGRATE|MODULE|PFDEBUG|PFSELFTEST|REPLCONF|REPLICAOF|RESTORE-ASKING|SAVE|SENTINEL|SHUTDOWN|SLAVEOF|SWAPDB|CLIENT\|(KILL|PAUSE|UNPAUSE|UNBLOCK)|SCRIPT\|DEBUG)(\||$)/;
const ADMIN = union(
  GUARDED,
  /^(CLIENT\|(LIST|NO-EVICT)|LASTSAVE|LATENCY|MONITOR|P?SYNC|ROLE|SLOWLOG)/,
);
const SCRIPTING = /^(EVAL|FCALL|FUNCTION|SCRIPT)/;
const READS = /^(KEYS|SCAN|DBSIZE|RANDOMKEY|LOLWUT)$/;
const WRITES = /^(FLUSH|SWAPDB|FUNCTION\|(DELETE|FLUSH|LOAD|RESTORE))/;

/** Those that are known by the name of the command. */
const BY_NAME: Record<string, RegExp> = {
  "@all": /^/,
  "@admin": ADMIN,
  "@bitmap": /^(BIT|[GS]ETBIT)/,
  "@blocking": /^(B[LRZ]|XREAD)/,
  "@connection":
    /^(ASKING|AUTH|CLIENT|COMMAND|ECHO|HELLO|PING|QUIT|READONLY|READWRITE|RESET|SELECT|WAIT$)/,
  "@dangerous": union(ADMIN, /^(FLUSH|INFO|KEYS|RESTORE|SORT)/),
  "@geo": /^GEO/,
  "@hash": /^H(?!ELLO)/,
  "@hyperloglog": /^PF/,
  "@keyspace":
    /^(COPY|DBSIZE|DEL|DUMP|EXISTS|P?EXPIRE|FLUSH|KEYS|MIGRATE|MOVE|OBJECT|PERSIST|P?TTL|RANDOMKEY|RENAME|RESTORE|SCAN|SWAPDB|TOUCH|TYPE|UNLINK)/,
  "@list":
    /^(B?[LR](INDEX|INSERT|LEN|M?POP|MOVE|POS|PUSH|RANGE|REM|SET|TRIM)|BRPOP|SORT)/,
  "@pubsub": /^([PS]?(UN)?SUBSCRIBE|S?PUBLISH|PUBSUB)/,
  "@scripting": SCRIPTING,
  "@set":
    /^S(ADD|CARD|DIFF|INTER|ISM|MEM|MISM|MOVE|ORT|POP|RAND|REM|SCAN|UNION)/,
  "@sortedset": /^(B?Z|SORT)/,
  "@stream": /^X/,
  "@string":
    /^(APPEND|(DECR|INCR)(BY|BYFLOAT)?|GET(DEL|EX|RANGE|SET)?|LCS|MGET|MSET(NX|EX)?|P?SETEX|SET(NX|RANGE)?|STRLEN|SUBSTR)$/,
};

/** The categories that are known, in order. */
export const CATEGORIES: readonly string[] = [
  ...Object.keys(BY_NAME),
  "@read",
  "@write",
].sort();

/** Whether a command, called so, is in a category. */
export function inCategory(
  category: string,
  name: string,
  args: readonly Arg[],
): boolean {
  switch (category) {
    case "@read":
      return READS.test(name) || onlyReads(args) && ofKeys(name, args);
    case "@write":
      return WRITES.test(name) || !onlyReads(args) && ofKeys(name, args);
    default:
      return BY_NAME[category]?.test(name) === true;
  }
}

/** Whether a command is one that a grant must name. */
export function isGuarded(name: string): boolean {
  return GUARDED.test(name);
}

/** What a command is called: upper case, `|` between a container and its sub-command. */
export function nameOf(args: readonly Arg[]): string {
  const word = upper(args[0]);
  return CONTAINERS.test(word) && args.length > 1
    ? `${word}|${upper(args[1])}`
    : word;
}

/** An argument as text. */
export function textOf(arg: Arg | undefined): string {
  return arg instanceof Uint8Array ? decodeText(arg) : `${arg ?? ""}`;
}

/** Whether it is about the keys among its words; a script may do anything. */
function ofKeys(name: string, args: readonly Arg[]): boolean {
  return name !== "WATCH" && !SCRIPTING.test(name) && keysOf(args).length > 0;
}

function union(a: RegExp, b: RegExp): RegExp {
  return new RegExp(`${a.source}|${b.source}`);
}
