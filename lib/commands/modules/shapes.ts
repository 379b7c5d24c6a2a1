/**
 * How the replies of modules become their own types: what several families use.
 *
 * Flags are 0 and 1, as in RESP2; RESP3 sends booleans. Informations are
 * records under the server's own field names.
 *
 * @module
 */

import type { ReplyError } from "../../errors.ts";
import { BYTES, type Reply, type Shape } from "../../resp/reply.ts";
import type { Readings } from "../shapes.ts";
import {
  exact,
  facts,
  list,
  listOf,
  number,
  orNull,
  pairs,
  record,
  shape,
  zeroOrOne,
} from "../parsers.ts";

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

/** Reads items with a key each: nested (RESP2), or a map that was made flat (RESP3). */
export function keyed(reply: Reply): [key: Reply, ...rest: Reply[]][] {
  const from = list(reply);
  if (Array.isArray(from[0])) return from as [Reply, ...Reply[]][];
  return pairs(from, (key, rest) => [key, ...list(rest)]);
}

/** Reads names and values as a flat list, also when they come in pairs. */
export function flat(reply: Reply): Reply[] {
  const from = list(reply);
  return Array.isArray(from[0]) ? from.flat() : from;
}

/** Reads names and values of the user, flat or in pairs. */
export function attributes<B extends string | Uint8Array>(
  as: Readings<B>,
  reply: Reply,
): Attributes<B> {
  return as.fields.parse(flat(reply)) as unknown as Attributes<B>;
}

function orError<T>(
  parse: (reply: Reply) => T,
): (reply: Reply) => T | ReplyError {
  return (reply) => reply instanceof Error ? reply : parse(reply);
}

/** A list of 0 and 1. */
export const flags: Shape<number[]> = shape(listOf(zeroOrOne));

/** A list of 0 and 1, in which some may be absent. */
export const flagsOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull(zeroOrOne)),
);

/** A list of 0 and 1, with errors for items that were refused. */
export const flagsOrErrors: Shape<(number | ReplyError)[]> = shape(
  listOf(orError(zeroOrOne)),
);

/** A list of integers, with errors for items that were refused. */
export const integersOrErrors: Shape<(number | ReplyError)[]> = shape(
  listOf(orError(exact)),
);

/** A list of decimal numbers. */
export const doubles: Shape<number[]> = shape(listOf(number));

/** Reads names that the server wrote, and what `parse` makes of what they have. */
export function byName<T>(
  parse: (reply: Reply) => T,
): (reply: Reply) => Record<string, T> {
  return (reply) => record(reply, parse);
}

/** Names that the server wrote, with numbers, some of them absent. */
export const numbersByName: Shape<Record<string, number | null>> = shape(
  byName(orNull(number)),
);

/** Facts under the server's own field names, unshaped. */
export const details: Shape<Record<string, Reply>> = shape(facts());

/** One number of an information: alone in a list (RESP2), or behind its name (RESP3). */
export const soleNumberOrNull: Shape<number | null> = shape((reply) =>
  orNull(exact)(list(reply).at(-1)!)
);

/** A part of a filter; its data are bytes whatever the client reads. */
export const dumpChunk: Shape<DumpChunk> = shape((reply) => {
  const [iterator, data] = list(reply);
  return { iterator: exact(iterator!), data: data as Uint8Array | null };
}, BYTES);
