/**
 * Where does a command go?
 *
 * 1. A command with keys goes to the node that has their slot. Only commands of
 *    {@linkcode SPLIT} may have keys in several slots: they are sent in parts.
 * 2. A command of {@linkcode EVERYWHERE} goes to every master, some to every node.
 * 3. SCAN goes from node to node; HSCAN, SSCAN and ZSCAN to the node of their key.
 * 4. PUBLISH goes to the node of its channel's slot, so that the messages of one
 *    publisher stay in order.
 * 5. Any other command goes to any master that answers.
 *
 * Of the nodes that have a slot, the master executes the command; with `readFrom`
 * one that only reads may go to a replica: see `reading.ts`.
 *
 * @module
 */

import { traitsOf } from "../connection/traits.ts";
import { upper } from "../connection/words.ts";
import type { Arg } from "../resp/reply.ts";
import {
  allSucceeded,
  anyValue,
  type Combine,
  joined,
  minimums,
  oneSucceeded,
  placed,
  sum,
  sumsByName,
  union,
} from "./combine.ts";
import { cursorIndexOf } from "./cursor.ts";
import { slotOf, slotOfCommand } from "./slots.ts";

/** Where a command goes. */
export type Route =
  | { readonly kind: "any" }
  | { readonly kind: "slot"; readonly slot: number }
  /** To the node of a slot, whose answer carries a cursor. */
  | { readonly kind: "cursor"; readonly slot: number | undefined }
  /** To the node of the slot if that answers, else to another. */
  | { readonly kind: "prefer"; readonly slot: number }
  | { readonly kind: "parts"; readonly parts: Parts }
  | {
    readonly kind: "everywhere";
    readonly to: "masters" | "nodes";
    readonly combine: Combine;
  }
  | { readonly kind: "scan" };

const ANY: Route = { kind: "any" };
const SCAN: Route = { kind: "scan" };

/**
 * Commands for several nodes, and how their replies become one: by the policies
 * that COMMAND tells as tips.
 *
 * @see https://redis.io/docs/latest/develop/reference/command-tips/
 */
const EVERYWHERE: readonly [
  to: "masters" | "nodes",
  combine: Combine,
  names: string,
][] = [
  ["masters", sum, "DBSIZE"],
  ["masters", joined, "KEYS"],
  ["masters", anyValue, "RANDOMKEY"],
  [
    "masters",
    allSucceeded,
    "FLUSHALL FLUSHDB FUNCTION|DELETE FUNCTION|FLUSH FUNCTION|LOAD FUNCTION|RESTORE SCRIPT|FLUSH SCRIPT|LOAD",
  ],
  ["masters", minimums, "SCRIPT|EXISTS"],
  ["masters", oneSucceeded, "FUNCTION|KILL SCRIPT|KILL"],
  [
    "nodes",
    allSucceeded,
    "ACL|DELUSER ACL|LOAD ACL|SAVE ACL|SETUSER CONFIG|RESETSTAT CONFIG|REWRITE CONFIG|SET SLOWLOG|RESET",
  ],
  ["nodes", union, "PUBSUB|CHANNELS PUBSUB|SHARDCHANNELS"],
  ["nodes", sum, "PUBSUB|NUMPAT SLOWLOG|LEN"],
  ["nodes", sumsByName, "PUBSUB|NUMSUB PUBSUB|SHARDNUMSUB"],
];

/** Commands that may be sent in parts: how many arguments belong to a key, and how the replies become one. */
const SPLIT: ReadonlyMap<string, [step: number, combine: Combine | undefined]> =
  new Map([
    ["DEL", [1, sum]],
    ["EXISTS", [1, sum]],
    ["MGET", [1, undefined]],
    ["MSET", [2, allSucceeded]],
    ["TOUCH", [1, sum]],
    ["UNLINK", [1, sum]],
  ]);

const WIDE = new Map<string, Route>();
/** The first words of commands that rule 1 or 5 does not send. */
const SPECIAL = new Set<string>([
  ...SPLIT.keys(),
  ..."SCAN HSCAN SSCAN ZSCAN PUBLISH WAIT WAITAOF".split(" "),
]);
for (const [to, combine, names] of EVERYWHERE) {
  for (const name of names.split(" ")) {
    WIDE.set(name, { kind: "everywhere", to, combine });
    SPECIAL.add(name.split("|")[0]!);
  }
}

/** The last names that were looked up, as they were written: most are the same few. */
const plain = new Map<Arg, boolean>();

/** Whether a command goes by its slot alone, or to any node. */
export function isPlain(args: readonly Arg[]): boolean {
  const name = args[0]!;
  const known = plain.get(name);
  if (known !== undefined) return known;
  const answer = !SPECIAL.has(upper(name));
  if (plain.size < 1_000 && typeof name === "string") plain.set(name, answer);
  return answer;
}

/** Where a command goes; throws a `TypeError` when it can go nowhere. */
export function routeOf(args: readonly Arg[]): Route {
  if (isPlain(args)) return bySlot(args);
  const name = upper(args[0]);
  const wide = WIDE.get(name) ?? WIDE.get(`${name}|${upper(args[1])}`);
  if (wide) return wide;
  if (name === "SCAN") return SCAN;
  if (name === "PUBLISH" && args.length > 1) {
    return { kind: "prefer", slot: slotOf(args[1]!) };
  }
  if (traitsOf(args).afterWrites) {
    throw new TypeError(
      `Cannot send ${name} in a cluster as it is about earlier writes of its own connection: use lease()`,
    );
  }
  if (cursorIndexOf(args) !== undefined) {
    return { kind: "cursor", slot: slotOfCommand(args) };
  }
  const parts = partsOf(args);
  return parts ? { kind: "parts", parts } : bySlot(args);
}

function bySlot(args: readonly Arg[]): Route {
  const slot = slotOfCommand(args);
  return slot === undefined ? ANY : { kind: "slot", slot };
}

/** A command in parts, one for each slot. */
export interface Parts {
  /** The arguments of each part. */
  readonly commands: readonly Arg[][];
  readonly slots: readonly number[];
  readonly combine: Combine;
}

/** The parts of a command with keys in several slots; `undefined` for one that stays whole. */
function partsOf(args: readonly Arg[]): Parts | undefined {
  const [step, combine] = SPLIT.get(upper(args[0])) ?? [];
  if (step === undefined) return undefined;
  const parts = new Map<number, { command: Arg[]; indices: number[] }>();
  for (let i = 1; i < args.length; i += step) {
    const slot = slotOf(args[i]!);
    let part = parts.get(slot);
    if (!part) parts.set(slot, part = { command: [args[0]!], indices: [] });
    part.command.push(...args.slice(i, i + step));
    part.indices.push(i - 1);
  }
  if (parts.size < 2) return undefined;
  const all = [...parts.values()];
  return {
    commands: all.map(({ command }) => command),
    slots: [...parts.keys()],
    combine: combine ?? placed(all.map(({ indices }) => indices)),
  };
}
