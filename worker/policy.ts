/**
 * Fourth step: what may be sent of a plan.
 *
 * This protects the server, the connections that requests share, and who waits
 * for them. Data is protected by the ACL of the user in `REDIS_URL`: a script
 * reaches whatever that user may.
 *
 * @module
 */

import { blocksFor, changesConnection } from "../lib/connection/traits.ts";
import { decodeText } from "../lib/resp/bytes.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { Refusal } from "./refusal.ts";
import type { Plan } from "./request.ts";

/** A plan in which each command is checked. */
export interface Permitted {
  /** As in the plan. */
  readonly kind: Plan["kind"];
  /** The commands; in a pipeline a {@linkcode Refusal} may stand for one. */
  readonly commands: readonly (Arg[] | Refusal)[];
}

// What is not about data: it stops, rewires or reconfigures the server, tells
// its secrets (CONFIG GET requirepass), reaches other hosts or disturbs other
// clients. `|` stands between a container and its sub-command.
const DANGEROUS = new Set(
  `
  ACL BGREWRITEAOF BGSAVE CLUSTER CONFIG DEBUG FAILOVER MIGRATE MODULE PFDEBUG
  PFSELFTEST REPLCONF REPLICAOF RESTORE-ASKING SAVE SENTINEL SHUTDOWN SLAVEOF
  SWAPDB CLIENT|KILL CLIENT|PAUSE CLIENT|UNPAUSE CLIENT|UNBLOCK SCRIPT|DEBUG
  `.trim().split(/\s+/),
);

/** What to use instead of some commands that change their connection. */
const INSTEAD: Record<string, string> = {
  MULTI: "/multi-exec",
  EXEC: "/multi-exec",
  DISCARD: "/multi-exec",
  WATCH: "a script",
  UNWATCH: "a script",
  SELECT: "the database of REDIS_URL",
  AUTH: "the user of REDIS_URL",
};

/** How long the commands of one request may block together, in milliseconds. */
const LONGEST_BLOCK = 10_000;

/**
 * Checks each command. Throws a {@linkcode Refusal} for one that is refused; in
 * a pipeline it gets that for its answer and the others are sent.
 */
export function permit({ kind, commands }: Plan): Permitted {
  let left = LONGEST_BLOCK;
  const checked = commands.map((args) => {
    // Between MULTI and EXEC nothing blocks.
    const block = kind === "atomic" ? 0 : blocksFor(args) ?? 0;
    const reason = refused(args) ?? tooLong(args, block, left);
    if (reason === undefined) {
      left -= block;
      return args;
    }
    const refusal = new Refusal(400, reason);
    if (kind !== "many") throw refusal;
    return refusal;
  });
  return { kind, commands: checked };
}

/** Why a command is refused, or `undefined` when it is not. */
function refused(args: readonly Arg[]): string | undefined {
  const [word, subcommand] = [upper(args[0]), upper(args[1])];
  if (DANGEROUS.has(word)) return notHere(word);
  const both = `${word}|${subcommand}`;
  if (DANGEROUS.has(both)) return notHere(both);
  if (changesState(args)) {
    return notHere(word === "CLIENT" ? both : word, INSTEAD[word]);
  }
  return undefined;
}

function notHere(name: string, instead?: string): string {
  const hint = instead === undefined ? "" : `: use ${instead}`;
  return `ERR ${name.replace("|", " ")} is not available over HTTP${hint}`;
}

/** Whether a command needs a connection of its own, for good or at all. */
function changesState(args: readonly Arg[]): boolean {
  try {
    return changesConnection(args, true);
  } catch {
    return true;
  }
}

function tooLong(
  args: readonly Arg[],
  block: number,
  left: number,
): string | undefined {
  if (block <= left) return undefined;
  const most = LONGEST_BLOCK / 1000;
  return block === Infinity
    ? `ERR ${upper(args[0])} must not wait for ever: at most ${most} seconds`
    : `ERR a request must not wait for more than ${most} seconds`;
}

function upper(arg: Arg | undefined): string {
  const text = arg instanceof Uint8Array ? decodeText(arg) : `${arg ?? ""}`;
  return text.toUpperCase();
}
