/**
 * Fourth step: plan -> {@linkcode Permitted}.
 *
 * Two checks: the grant's own permissions, and the commands that nobody may run
 * on a connection that requests share.
 *
 * @module
 */

import { traitsOf } from "../lib/connection/traits.ts";
import type { Arg } from "../lib/resp/reply.ts";
import { nameOf } from "./categories.ts";
import { type Grant, withheld } from "./grants.ts";
import { Refusal } from "./refusal.ts";
import type { CommandPlan } from "./request.ts";

/** A plan in which each command is checked. */
export interface Permitted {
  /** As in the plan. */
  readonly kind: CommandPlan["kind"];
  /** The commands; in a pipeline a {@linkcode Refusal} stands for a refused one. */
  readonly commands: readonly (Arg[] | Refusal)[];
  /** Whether one of them may block. */
  readonly blocks?: boolean;
}

/** The alternatives to some commands that change their connection. */
const INSTEAD: Record<string, string> = {
  MULTI: "/multi-exec",
  EXEC: "/multi-exec",
  DISCARD: "/multi-exec",
  WATCH: "a script",
  UNWATCH: "a script",
  SELECT: "the database of REDIS_URL",
  AUTH: "the user of REDIS_URL",
  SUBSCRIBE: "/subscribe",
  PSUBSCRIBE: "/psubscribe",
  MONITOR: "/monitor",
};

/** The commands of one request may block for this long together, in milliseconds. */
const LONGEST_BLOCK = 10_000;

/**
 * Checks each command of a plan. Throws a {@linkcode Refusal} for one that is
 * refused; in a pipeline that is the command's answer and the others are sent.
 */
export function permit(
  { kind, commands }: CommandPlan,
  grant: Grant,
): Permitted {
  let left = LONGEST_BLOCK;
  const checked = commands.map((args, i) => {
    const { state, blocks, afterWrites } = traitsOf(args);
    // Between MULTI and EXEC nothing blocks.
    const block = kind === "atomic" ? 0 : blocks?.(args) ?? 0;
    const reason = state === undefined
      ? withheld(grant, args) ?? tooLong(args, block, left) ??
        (afterWrites && (kind !== "many" || i === 0)
          ? `ERR ${
            nameOf(args)
          } is about earlier writes of its own request: use /pipeline`
          : undefined)
      : notHere(args);
    if (reason === undefined) {
      left -= block;
      return args;
    }
    const refusal = new Refusal(400, reason);
    if (kind !== "many") throw refusal;
    return refusal;
  });
  return { kind, commands: checked, blocks: left < LONGEST_BLOCK };
}

/** The error for a command that changes the connection, which requests share. */
function notHere(args: readonly Arg[]): string {
  const name = nameOf(args);
  const instead = INSTEAD[name];
  const hint = instead === undefined ? "" : `: use ${instead}`;
  return `ERR ${name.replace("|", " ")} is not available over HTTP${hint}`;
}

function tooLong(
  args: readonly Arg[],
  block: number,
  left: number,
): string | undefined {
  if (block <= left) return undefined;
  const most = LONGEST_BLOCK / 1000;
  return block === Infinity
    ? `ERR ${nameOf(args)} must not wait for ever: at most ${most} seconds`
    : `ERR a request must not wait for more than ${most} seconds`;
}
