/**
 * How the replies of modules become their own types: what several families use.
 *
 * Flags are 0 and 1, as in RESP2; RESP3 sends booleans. Informations are records
 * with the names that the server gives them.
 *
 * @module
 */

import { type ReplyError, UnexpectedReplyError } from "../../errors.ts";
import { decodeText } from "../../resp/bytes.ts";
import type { Reply, Shape } from "../../resp/reply.ts";
import {
  bytesOrNull,
  double,
  integer,
  type Readings,
  text,
} from "../shapes.ts";

/** Names and values, some of them absent or lists: a record, or pairs where names are bytes. */
export type Attributes<B extends string | Uint8Array> = B extends string
  ? Record<string, AttributeValue<B>>
  : [Uint8Array, AttributeValue<B>][];

/** What an attribute has: a value, none, or a list of them. */
export type AttributeValue<B extends string | Uint8Array> =
  | B
  | null
  | AttributeValue<B>[];

/** A part of a filter that is saved, and the iterator for the next one. */
export interface DumpChunk {
  /** What to pass to the next call; 0 when all is saved. */
  iterator: number;
  /** The bytes to load again, `null` or empty at the end. */
  data: Uint8Array | null;
}

/** Reads an integer that a number holds exactly. */
export const exact: (reply: Reply) => number = integer.turn;
/** Reads a decimal number, sent as text or as a double. */
export const number: (reply: Reply) => number = double.turn;

/** A shape that reads text. */
export function shape<T>(turn: (reply: Reply) => T): Shape<T> {
  return { mode: text.mode, turn };
}

/** A shape that reads values as `as` does. */
export function shapeAs<B extends string | Uint8Array, T>(
  as: Readings<B>,
  turn: (reply: Reply) => T,
): Shape<T> {
  return { mode: as.values.mode, turn };
}

/** Reads a list. */
export function list(reply: Reply | undefined): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new UnexpectedReplyError("a list", reply);
}

/** Reads a list of what `turn` makes. */
export function listOf<T>(turn: (reply: Reply) => T): (reply: Reply) => T[] {
  return (reply) => list(reply).map(turn);
}

/** Reads what may be absent. */
export function orNull<T>(
  turn: (reply: Reply) => T,
): (reply: Reply) => T | null {
  return (reply) => reply === null ? null : turn(reply);
}

/** Reads a name that the server wrote, whatever the client reads. */
export function textOf(reply: Reply): string {
  return reply instanceof Uint8Array ? decodeText(reply) : String(reply);
}

/** Reads names that the server wrote and what they have, from a flat list. */
export function named(reply: Reply): Record<string, Reply> {
  const from = list(reply);
  const fields: Record<string, Reply> = Object.create(null);
  for (let i = 0; i + 1 < from.length; i += 2) {
    fields[textOf(from[i]!)] = from[i + 1]!;
  }
  return fields;
}

/** Reads items with a key each: nested (RESP2), or a map that was made flat (RESP3). */
export function keyed(reply: Reply): [key: Reply, ...rest: Reply[]][] {
  const from = list(reply);
  if (Array.isArray(from[0])) return from as [Reply, ...Reply[]][];
  const items: [Reply, ...Reply[]][] = [];
  for (let i = 0; i + 1 < from.length; i += 2) {
    items.push([from[i]!, ...list(from[i + 1])]);
  }
  return items;
}

/** Reads names and values of the user, flat or in pairs. */
export function attributes<B extends string | Uint8Array>(
  as: Readings<B>,
  reply: Reply,
): Attributes<B> {
  const from = list(reply);
  const flat = Array.isArray(from[0]) ? from.flat() : from;
  return as.fields.turn(flat) as unknown as Attributes<B>;
}

/** Reads a value of the user. */
export function valueOf<B extends string | Uint8Array>(
  as: Readings<B>,
  reply: Reply,
): B {
  return as.some.turn(reply);
}

function zeroOrOne(reply: Reply): number {
  return typeof reply === "boolean" ? Number(reply) : exact(reply);
}

/** 0 or 1, which RESP3 sends as a boolean. */
export const flag: Shape<number> = shape(zeroOrOne);

/** A list of 0 and 1. */
export const flags: Shape<number[]> = shape(listOf(zeroOrOne));

/** A list of 0 and 1, in which some may be absent. */
export const flagsOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull(zeroOrOne)),
);

/** A list of 0 and 1, with errors for items that were refused. */
export const flagsOrErrors: Shape<(number | ReplyError)[]> = shape(
  listOf((reply) => reply instanceof Error ? reply : zeroOrOne(reply)),
);

/** A list of integers, in which some may be absent. */
export const integersOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull(exact)),
);

/** A list of integers, with errors for items that were refused. */
export const integersOrErrors: Shape<(number | ReplyError)[]> = shape(
  listOf((reply) => reply instanceof Error ? reply : exact(reply)),
);

/** A list of decimal numbers. */
export const doubles: Shape<number[]> = shape(listOf(number));

/** Reads names that the server wrote, and what `turn` makes of what they have. */
export function byName<T>(
  turn: (reply: Reply) => T,
): (reply: Reply) => Record<string, T> {
  return (reply) => {
    const from = named(reply);
    const fields: Record<string, T> = Object.create(null);
    for (const name of Object.keys(from)) fields[name] = turn(from[name]!);
    return fields;
  };
}

/** Names that the server wrote, with numbers, some of them absent. */
export const numbersByName: Shape<Record<string, number | null>> = shape(
  byName(orNull(number)),
);

/** One number of an information: alone in a list (RESP2), or behind its name (RESP3). */
export const soleNumberOrNull: Shape<number | null> = shape((reply) => {
  const value = list(reply).at(-1)!;
  return value === null ? null : exact(value);
});

/** A part of a filter; its data are bytes whatever the client reads. */
export const dumpChunk: Shape<DumpChunk> = {
  mode: bytesOrNull.mode,
  turn: (reply) => {
    const [iterator, data] = list(reply);
    return { iterator: exact(iterator!), data: data as Uint8Array | null };
  },
};
