/**
 * How a command's reply becomes its own type: Reply -> T, for both protocols.
 *
 * Typed commands read with {@linkcode FLAT}, so that a RESP3 map arrives as the
 * flat array that RESP2 sends. The remaining differences (scores as text or as
 * doubles, pairs nested or not) are handled here, and nowhere else.
 *
 * @module
 */

import { BYTES, type Reply, type Shape, TEXT } from "../resp/reply.ts";
import { type StreamReadings, streamReadings } from "./stream_shapes.ts";
import {
  asIs,
  exact,
  type Fields,
  fieldsOf,
  list,
  listOf,
  named,
  number,
  orNull,
  type Page,
  page,
  pairOf,
  pairsOf,
  plain,
  shape,
  textOf,
  zeroOrOne,
} from "./parsers.ts";

export { asIs, type Fields, type Page } from "./parsers.ts";

/** A part that two strings have in common. */
export interface LcsMatch {
  /** Where it is in the first string: its first and its last byte. */
  first: [start: number, end: number];
  /** Where it is in the second string: its first and its last byte. */
  second: [start: number, end: number];
  /** How many bytes it has. */
  length: number;
}

/** What two strings have in common. */
export interface LcsMatches {
  /** The common parts, the last one first. */
  matches: LcsMatch[];
  /** The length in bytes of all parts, also of those that are left out. */
  length: number;
}

/**
 * A member of a geospatial index, with every detail that a search can return.
 */
export interface GeoMatch<B extends string | Uint8Array> {
  /** The member. */
  member: B;
  /** How far it is from the middle, in the unit of the search. */
  distance: number;
  /** Where it is, as the index stores it: a number of 52 bits. */
  hash: number;
  /** Where it is, in degrees. */
  position: [longitude: number, latitude: number];
}

/**
 * The shapes of replies that hold the user's own values: one set reads them as
 * text, the other as bytes.
 */
export interface Readings<B extends string | Uint8Array> {
  /** A value, or `null` when there is none. */
  readonly value: Shape<B | null>;
  /** A value that is always there. */
  readonly some: Shape<B>;
  /** A list of values. */
  readonly values: Shape<B[]>;
  /** A list of values, or `null` when there is no list. */
  readonly valuesOrNull: Shape<B[] | null>;
  /** A list in which values may be absent. */
  readonly gaps: Shape<(B | null)[]>;
  /** Fields and their values. */
  readonly fields: Shape<Fields<B>>;
  /** Pairs of values, in order. */
  readonly pairs: Shape<[B, B][]>;
  /** One pair, or `null` when there is none. */
  readonly pairOrNull: Shape<[B, B] | null>;
  /** Members with their scores, in order. */
  readonly scored: Shape<[B, number][]>;
  /** One member with its score, or `null` when there is none. */
  readonly scoredOrNull: Shape<[B, number] | null>;
  /** A key with one of its members and the score, or `null` when there is none. */
  readonly keyScoredOrNull: Shape<[B, B, number] | null>;
  /** Names with how many there are of each, in order. */
  readonly counted: Shape<[B, number][]>;
  /** A key with some of its elements, or `null` when there are none. */
  readonly keyValuesOrNull: Shape<[B, B[]] | null>;
  /** A key with some of its members and their scores, or `null`. */
  readonly keyScoresOrNull: Shape<[B, [B, number][]] | null>;
  /** Members with their places. */
  readonly places: Shape<GeoMatch<B>[]>;
  /** Elements with their attributes, which may be absent. */
  readonly attributed: Shape<[B, B | null][]>;
  /** Elements with their scores and attributes. */
  readonly scoredAttributed: Shape<[B, number, B | null][]>;
  /** Lists of elements, or `null` when there are none. */
  readonly layers: Shape<B[][] | null>;
  /** Lists of elements with their scores, or `null` when there are none. */
  readonly scoredLayers: Shape<[B, number][][] | null>;
  /** Values with their indices. */
  readonly indexed: Shape<[number, B][]>;
  /** Keys with what is done to them. */
  readonly flagged: Shape<[B, string[]][]>;
  /** Entries of streams. */
  readonly stream: StreamReadings<B>;
  /** A part of an iteration over values. */
  readonly page: Shape<Page<B>>;
  /** A part of an iteration over fields and values. */
  readonly pairPage: Shape<Page<[B, B]>>;
  /** A part of an iteration over members and scores. */
  readonly scoredPage: Shape<Page<[B, number]>>;
  /** The server's reply as it is. */
  readonly raw: Shape<Reply>;
  /** How the payloads of messages are read. */
  readonly payloads: "text" | "bytes";
}

const point = pairOf(number, number);

function readings<B extends string | Uint8Array>(
  mode: typeof TEXT | typeof BYTES,
  fields: (reply: Reply) => Fields<B>,
): Readings<B> {
  const self = asIs as (reply: Reply) => B;
  const asPairs = pairsOf<B, B>(asIs, asIs);
  const scored = pairsOf<B, number>(asIs, number);
  const firstOrNull = <T>(items: T[]): T | null => items[0] ?? null;
  const keyed = <T>(parse: (reply: Reply) => T) =>
    orNull<[B, T]>(pairOf(asIs, parse));
  const values = asIs as (reply: Reply) => B[];
  const place = (reply: Reply): GeoMatch<B> => {
    const [member, ...rest] = list(reply, "a member and its place");
    const match = { member } as GeoMatch<B>;
    // The requested details differ in their types.
    for (const part of rest) {
      if (Array.isArray(part)) match.position = point(part);
      else if (typeof part === "number") match.hash = part;
      else match.distance = number(part);
    }
    return match;
  };
  const read = <T>(parse: (reply: Reply) => T): Shape<T> => shape(parse, mode);

  return {
    value: read<B | null>(self),
    some: read<B>(self),
    values: read<B[]>(values),
    valuesOrNull: read<B[] | null>(values),
    gaps: read<(B | null)[]>(asIs),
    fields: read(fields),
    pairs: read(asPairs),
    pairOrNull: read(
      orNull((reply) => firstOrNull(asPairs(reply))),
    ),
    scored: read(scored),
    scoredOrNull: read(
      orNull((reply) => firstOrNull(scored(reply))),
    ),
    keyScoredOrNull: read(
      orNull((reply): [B, B, number] => {
        const [key, member, score] = list(reply, "a key, a member, a score");
        return [key as B, member as B, number(score!)];
      }),
    ),
    counted: read(
      pairsOf(asIs, exact),
    ),
    keyValuesOrNull: read(keyed(values)),
    keyScoresOrNull: read(keyed(scored)),
    places: read(listOf(place)),
    attributed: read<[B, B | null][]>(asPairs),
    scoredAttributed: read((reply) => {
      const from = list(reply, "elements");
      const items: [B, number, B | null][] = [];
      // RESP3 nests score and attributes, RESP2 does not.
      const flat = from.flat() as Reply[];
      for (let i = 0; i + 2 < flat.length; i += 3) {
        const [element, score, attributes] = flat.slice(i);
        items.push([element as B, number(score!), attributes as B | null]);
      }
      return items;
    }),
    layers: read<B[][] | null>(asIs),
    scoredLayers: read(orNull(listOf(scored))),
    indexed: read(
      pairsOf(exact, asIs),
    ),
    flagged: read(
      pairsOf(asIs, plain as (reply: Reply) => string[]),
    ),
    stream: streamReadings(mode, fields),
    page: read(page(values)),
    pairPage: read(page(asPairs)),
    scoredPage: read(page(scored)),
    raw: { mode, parse: asIs },
    payloads: mode === BYTES ? "bytes" : "text",
  };
}

/** Values as text: the default. */
export const AS_TEXT: Readings<string> = readings<string>(
  TEXT,
  fieldsOf,
);

/** Values as bytes: what `redis.bytes` reads. */
export const AS_BYTES: Readings<Uint8Array> = readings<Uint8Array>(
  BYTES,
  pairsOf<Uint8Array, Uint8Array>(asIs, asIs),
);

/** The shape of members, with their scores on request. */
export function members<B extends string | Uint8Array>(
  as: Readings<B>,
  options: { withscores?: boolean } | undefined,
): Shape<B[] | [B, number][]> {
  return options?.withscores ? as.scored : as.values;
}

// One shape for all replies that stay as they are.
const same = shape(asIs);

/** `"OK"`, the only reply of commands that fail otherwise. */
export const ok: Shape<"OK"> = same;

/** `"PONG"`, the only reply of `PING` without a message. */
export const pong: Shape<"PONG"> = same;

/** `"OK"`, or `null` when a condition did not hold. */
export const okOrNull: Shape<"OK" | null> = same;

/** `"OK"`, or `"NOKEY"` when there was nothing to do. */
export const migrated: Shape<"OK" | "NOKEY"> = same;

/** A status line, or text that the server wrote, whatever the client reads. */
export const text: Shape<string> = same;

/** Text that the server wrote, or `null`. */
export const textOrNull: Shape<string | null> = same;

/** A list of texts that the server wrote. */
export const texts: Shape<string[]> = same;

/** Bytes whatever the client reads, or `null`: serialized values. */
export const bytesOrNull: Shape<Uint8Array | null> = shape(asIs, BYTES);

/** An integer; one that a number cannot hold exactly is refused, never rounded. */
export const integer: Shape<number> = shape(exact);

/** An integer, or `null`. */
export const integerOrNull: Shape<number | null> = shape(orNull(exact));

/** A list of integers. */
export const integers: Shape<number[]> = shape(listOf(exact));

/** A decimal number, sent as text by RESP2 and in part by RESP3. */
export const double: Shape<number> = shape(number);

/** A decimal number, or `null`. */
export const doubleOrNull: Shape<number | null> = shape(
  orNull(number),
);

/** A list of decimal numbers, in which some may be absent. */
export const doublesOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull(number)),
);

/** Names and values that the server wrote, as a null-prototype record. */
export const textFields: Shape<Record<string, string>> = shape(
  fieldsOf<string>,
);

/** The server's reply, with strings as text. */
export const raw: Shape<Reply> = AS_TEXT.raw;

/** Where two strings are alike. */
export const lcsMatches: Shape<LcsMatches> = shape((reply) => {
  const { matches, len } = fieldsOf(reply);
  return {
    matches: listOf(named<LcsMatch>("first second length"))(matches!),
    length: exact(len!),
  };
});

/** A rank with its score, or `null`. */
export const rankScoreOrNull: Shape<[number, number] | null> = shape(
  orNull(pairOf(exact, number)),
);

/** Unix seconds, and the microseconds since. */
export const time: Shape<[seconds: number, microseconds: number]> = shape(
  pairOf(number, number),
);

/** Bytes whatever the client reads. */
export const bytes: Shape<Uint8Array> = shape(asIs, BYTES);

/** Texts that the server wrote, in which some may be absent. */
export const textsOrNulls: Shape<(string | null)[]> = same;

/** 1 or 0, which RESP3 may send as true or false. */
export const flag: Shape<number> = shape(zeroOrOne);

/** Two integers. */
export const twoIntegers: Shape<[number, number]> = shape(
  pairOf(exact, exact),
);

/** A list of integers, in which some may be absent. */
export const integersOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull(exact)),
);

/** A list of decimal numbers, or `null`. */
export const doublesOrNull: Shape<number[] | null> = shape(
  orNull(listOf(number)),
);

/** Two decimal numbers. */
export const twoDoubles: Shape<[number, number]> = shape(point);

/** Positions in degrees, in which some may be absent. */
export const positions: Shape<
  ([longitude: number, latitude: number] | null)[]
> = shape(listOf(orNull(point)));

/** A vector as it is stored. */
export interface RawVector {
  /** How its numbers are stored: `"int8"`, `"bin"` or `"f32"`. */
  quantization: string;
  /** The numbers as they are stored. */
  data: Uint8Array;
  /** The length of the vector before it was made one unit long. */
  norm: number;
  /** By what to multiply the numbers; only of `"int8"`. */
  range?: number;
}

/** A vector as it is stored, or `null`. */
export const rawVectorOrNull: Shape<RawVector | null> = shape(
  orNull((reply): RawVector => {
    const [quantization, data, norm, range] = list(reply, "a vector");
    const vector: RawVector = {
      quantization: textOf(quantization!),
      data: data as Uint8Array,
      norm: number(norm!),
    };
    if (range !== undefined) vector.range = number(range);
    return vector;
  }),
  BYTES,
);
