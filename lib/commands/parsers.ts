/**
 * Reply parsers: raw reply to typed value, the same for RESP2 and RESP3.
 *
 * @module
 */

import { UnexpectedReplyError } from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import {
  FLAT,
  type Mode,
  type Reply,
  type Shape,
  TEXT,
} from "../resp/reply.ts";

/** Fields and values: a null-prototype record, or pairs where names are bytes. */
export type Fields<B extends string | Uint8Array> = B extends string
  ? Record<string, string>
  : [Uint8Array, Uint8Array][];

/** A part of an iteration: the cursor for the next call, `"0"` at the end, and what was found. */
export interface Page<T> {
  /** The cursor of the next call, as text: it is an unsigned 64-bit number. */
  cursor: string;
  /** The elements of this part. */
  items: T[];
}

/** The parse of shapes that leave the reply as it is. */
// deno-lint-ignore no-explicit-any -- the one place where a reply is believed to have its type
export function asIs(reply: Reply): any {
  return reply;
}

/** Text that the server wrote, as a string on `redis.bytes` too. */
export function textOf(reply: Reply): string {
  return reply instanceof Uint8Array ? decodeText(reply) : String(reply);
}

/** Text that the server wrote in place of bytes, also inside lists. */
export function plain(reply: Reply): Reply {
  if (Array.isArray(reply)) return reply.map(plain);
  return reply instanceof Uint8Array ? decodeText(reply) : reply;
}

/**
 * A list. `expected` names its elements in the error for a reply that is no
 * list.
 */
export function list(reply: Reply | undefined, expected = "a list"): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new UnexpectedReplyError(expected, reply);
}

/** A number, sent as text or as one. */
export function number(reply: Reply): number {
  if (typeof reply === "number") return reply;
  const text = reply instanceof Uint8Array ? decodeText(reply) : reply;
  if (typeof text === "string" && text !== "") {
    const value = Number(text);
    if (!Number.isNaN(value)) return value;
    if (text === "inf" || text === "+inf") return Infinity;
    if (text === "-inf") return -Infinity;
    if (/^-?nan/i.test(text)) return NaN;
  }
  throw new UnexpectedReplyError("a number", reply);
}

/** An integer that a number holds exactly. */
export function exact(reply: Reply): number {
  if (Number.isSafeInteger(reply)) return reply as number;
  throw new UnexpectedReplyError(
    "an integer that a number holds exactly",
    reply,
  );
}

/** 1 or 0, which RESP3 may send as true or false. */
export function zeroOrOne(reply: Reply): number {
  return exact(typeof reply === "boolean" ? Number(reply) : reply);
}

/** Applies `parse` to a reply that may be null. */
export function orNull<T>(
  parse: (reply: Reply) => T,
): (reply: Reply) => T | null {
  return (reply) => reply === null ? null : parse(reply);
}

/** Applies `parse` to each element of a list. */
export function listOf<T>(parse: (reply: Reply) => T): (reply: Reply) => T[] {
  return (reply) => list(reply).map(parse);
}

/** A shape that reads maps and sets flat. */
export function shape<T>(
  parse: (reply: Reply) => T,
  mode: Mode = TEXT,
): Shape<T> {
  return { mode: (mode | FLAT) as Mode, parse };
}

/** Two by two, whether the pairs come flat (RESP2) or nested (RESP3). */
export function pairs<T>(
  reply: Reply,
  make: (first: Reply, second: Reply) => T,
): T[] {
  const from = list(reply, "a list of pairs");
  const found: T[] = [];
  if (Array.isArray(from[0])) {
    for (const item of from) {
      const pair = list(item, "a pair");
      found.push(make(pair[0]!, pair[1]!));
    }
    return found;
  }
  for (let i = 0; i + 1 < from.length; i += 2) {
    found.push(make(from[i]!, from[i + 1]!));
  }
  return found;
}

/** A list of two, each through its own parse. */
export function pairOf<A, B>(
  first: (reply: Reply) => A,
  second: (reply: Reply) => B,
): (reply: Reply) => [A, B] {
  return (reply) => {
    const [one, other] = list(reply, "a pair") as [Reply, Reply];
    return [first(one), second(other)];
  };
}

/** Pairs, flat or nested, both parts of each through a parse of their own. */
export function pairsOf<A, B>(
  first: (reply: Reply) => A,
  second: (reply: Reply) => B,
): (reply: Reply) => [A, B][] {
  const make = (
    one: Reply,
    other: Reply,
  ): [A, B] => [first(one), second(other)];
  return (reply) => {
    const from = list(reply, "a list of pairs");
    if (!Array.isArray(from[0])) return pairs(from, make);
    for (let i = 0; i < from.length; i++) {
      const pair = list(from[i], "a pair");
      if (pair.length === 2) {
        // The array that was read becomes the pair: one less for each.
        pair[0] = first(pair[0]!) as Reply;
        pair[1] = second(pair[1]!) as Reply;
      } else from[i] = make(pair[0]!, pair[1]!) as Reply[];
    }
    return from as [A, B][];
  };
}

/** Names and values as a record, each value through `parse`. */
export function record<T>(
  reply: Reply,
  parse: (reply: Reply, name: string) => T,
): Record<string, T> {
  const from = list(reply, "names and values");
  // A null prototype, so that a field named `__proto__` is a field.
  const fields: Record<string, T> = Object.create(null);
  for (let i = 0; i + 1 < from.length; i += 2) {
    const name = textOf(from[i]!);
    fields[name] = parse(from[i + 1]!, name);
  }
  return fields;
}

/** Names and values as a record, the values as they come. */
export function fieldsOf<T = Reply>(reply: Reply): Record<string, T> {
  return record(reply, asIs);
}

/** A cursor, and the items that `parse` makes. */
export function page<T>(
  parse: (reply: Reply) => T[],
): (reply: Reply) => Page<T> {
  return (reply) => {
    const [cursor, items] = list(reply, "a cursor and items") as [Reply, Reply];
    return { cursor: textOf(cursor), items: parse(items) };
  };
}

/** Parsers of single facts, by the name that the server gives them. */
export type Parsers = Record<string, (reply: Reply) => unknown>;

/**
 * A record of facts under the server's own field names: each through its parse,
 * or as it is. Facts of newer servers come along.
 */
export function facts<T>(parsers: Parsers = {}): (reply: Reply) => T {
  return (reply) =>
    record(reply, (value, name) => (parsers[name] ?? plain)(value)) as T;
}

/** A list of values as a record: the names in their order. */
export function named<T>(names: string): (reply: Reply) => T {
  const order = names.split(" ");
  return (reply) => {
    const from = list(reply, `a list of ${names}`);
    return Object.fromEntries(
      order.map((name, i) => [name, from[i]]),
    ) as T;
  };
}
