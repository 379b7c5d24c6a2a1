/**
 * Commands that concern more than one node: their parts, and how the replies of
 * these become one.
 *
 * @module
 */

import { upper } from "../connection/words.ts";
import { quote } from "../errors.ts";
import { decodeText, encodeText } from "../resp/bytes.ts";
import type { Arg, Reply } from "../resp/reply.ts";
import { slotOf } from "./slots.ts";

/** How the replies of several nodes become one. */
type Combine = (replies: readonly Reply[]) => Reply;

const first: Combine = ([reply]) => reply!;
const sum: Combine = (replies) =>
  replies.reduce<number>((total, reply) => total + Number(reply), 0);
const joined: Combine = (replies) => (replies as Reply[][]).flat();

/** By name: what every master executes. */
const EVERYWHERE: Record<string, Combine> = {
  "DBSIZE": sum,
  "FLUSHALL": first,
  "FLUSHDB": first,
  "FUNCTION|DELETE": first,
  "FUNCTION|FLUSH": first,
  "FUNCTION|LOAD": first,
  "FUNCTION|RESTORE": first,
  "KEYS": joined,
  "SCRIPT|FLUSH": first,
  "SCRIPT|LOAD": first,
};

/** How the replies of all masters become one; `undefined` for what goes to one node. */
export function everywhere(args: readonly Arg[]): Combine | undefined {
  const word = upper(args[0]);
  return EVERYWHERE[word] ?? EVERYWHERE[`${word}|${upper(args[1])}`];
}

/** What may be done slot by slot: how many words belong to a key. */
const SPLIT: Record<string, number> = {
  "DEL": 1,
  "EXISTS": 1,
  "MGET": 1,
  "MSET": 2,
  "TOUCH": 1,
  "UNLINK": 1,
};

/** The first words of all that may concern more than one node. */
const WIDE = new Set([
  "SCAN",
  ...Object.keys(SPLIT),
  ...Object.keys(EVERYWHERE).map((name) => name.split("|")[0]!),
]);

/** Whether it is worth a look whether a command concerns more than one node. */
export function mayBeWide(args: readonly Arg[]): boolean {
  return WIDE.has(upper(args[0]));
}

/** A command in parts, one for each slot. */
export interface Parts {
  /** The words of each part. */
  readonly commands: readonly Arg[][];
  /** The replies of the parts, in order, as the reply of the whole. */
  readonly combine: Combine;
}

/** The parts of a command whose keys are in several slots; `undefined` for one that has to stay whole. */
export function partsOf(args: readonly Arg[]): Parts | undefined {
  const word = upper(args[0]);
  const step = SPLIT[word];
  if (step === undefined) return undefined;
  const bySlot = new Map<number, { command: Arg[]; places: number[] }>();
  for (let i = 1; i < args.length; i += step) {
    const slot = slotOf(args[i]!);
    let part = bySlot.get(slot);
    if (!part) bySlot.set(slot, part = { command: [args[0]!], places: [] });
    part.command.push(...args.slice(i, i + step));
    part.places.push(i - 1);
  }
  if (bySlot.size < 2) return undefined;
  const parts = [...bySlot.values()];
  const combine: Combine = word === "MSET"
    ? first
    : word !== "MGET"
    ? sum
    : (replies) => {
      const values: Reply[] = [];
      replies.forEach((reply, part) =>
        parts[part]!.places.forEach((place, i) =>
          values[place] = (reply as Reply[])[i]!
        )
      );
      return values;
    };
  return { commands: parts.map(({ command }) => command), combine };
}

// -- SCAN --

/** A cursor of the cluster: the node's own, and which node that is; the first one where none is said. */
export function readCursor(
  cursor: Arg | undefined,
): [own: string, id: string] {
  const text = cursor instanceof Uint8Array
    ? decodeText(cursor)
    : `${cursor ?? ""}`;
  const [, own, id] = /^(\d+)(?:@(.+))?$/.exec(text) ?? [];
  if (own !== undefined) return [own, id ?? ""];
  throw new TypeError(
    `Cannot scan as the cursor must be 0 or one that SCAN gave: current value is ${
      quote(cursor)
    }`,
  );
}

/**
 * The page of a node as one of the cluster: behind its last one stands the first
 * of the node with the next id, an order that no slot changes.
 */
export function pageOf(
  page: Reply,
  id: string,
  next: string | undefined,
): Reply {
  const [cursor, keys] = page as Reply[];
  const own = cursor instanceof Uint8Array ? decodeText(cursor) : `${cursor}`;
  const whole = own !== "0"
    ? `${own}@${id}`
    : next === undefined
    ? "0"
    : `0@${next}`;
  return [cursor instanceof Uint8Array ? encodeText(whole) : whole, keys!];
}
