/**
 * How a command's reply becomes its own type: Reply -> T, for both protocols.
 *
 * Typed commands read with {@linkcode FLAT}, so that a RESP3 map arrives as the
 * flat array that RESP2 sends. What still differs (scores as text or as
 * doubles, pairs nested or not) is levelled here, and nowhere else.
 *
 * @module
 */

import { UnexpectedReplyError } from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import {
  BYTES,
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
  /** Where to go on, as text: it is an unsigned 64-bit number. */
  cursor: string;
  /** The elements of this part. */
  items: T[];
}

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

/** A replica, as its master sees it. */
export interface ReplicaState {
  /** The name or IP address of its host. */
  host: string;
  /** The number of its port. */
  port: number;
  /** How far it has followed its master. */
  offset: number;
}

/** What a server is to others. */
export type Role =
  | {
    /** It is a master. */
    role: "master";
    /** How much it has written for its replicas. */
    offset: number;
    /** Those that follow it. */
    replicas: ReplicaState[];
  }
  | {
    /** It is a replica. */
    role: "slave";
    /** The name or IP address of its master's host. */
    host: string;
    /** The number of its master's port. */
    port: number;
    /** Such as `"connected"` or `"sync"`. */
    state: string;
    /** How far it has followed its master; -1 before it does. */
    offset: number;
  }
  | {
    /** It is a sentinel. */
    role: "sentinel";
    /** The names of the masters it watches. */
    masters: string[];
  };

/** A command that took long. */
export interface SlowlogEntry {
  /** Its number in the slow log. */
  id: number;
  /** When it ran, in Unix seconds. */
  time: number;
  /** How long it ran, in microseconds. */
  duration: number;
  /** Its words, as text; long ones are cut. */
  args: string[];
  /** The address of the client that sent it. */
  address: string;
  /** The name of the client that sent it, empty if it has none. */
  name: string;
}

/** A kind of event that took long. */
export interface LatencyEvent {
  /** Its name, such as `"command"` or `"fork"`. */
  event: string;
  /** When it was last seen, in Unix seconds. */
  time: number;
  /** How long the last one took, in milliseconds. */
  latest: number;
  /** How long the longest one took, in milliseconds. */
  highest: number;
}

/** One event that took long. */
export interface LatencySample {
  /** When it was seen, in Unix seconds. */
  time: number;
  /** How long it took, in milliseconds. */
  latency: number;
}

/** How long a command takes. */
export interface LatencyHistogram {
  /** How many times it ran. */
  calls: number;
  /** How many of them took at most so many microseconds. */
  histogram: [microseconds: number, calls: number][];
}

/** What memory is used for, by name; of a database, by name once more. */
export type MemoryStats = Record<string, number | Record<string, number>>;

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
  /** A part of an iteration over values. */
  readonly page: Shape<Page<B>>;
  /** A part of an iteration over fields and values. */
  readonly pairPage: Shape<Page<[B, B]>>;
  /** A part of an iteration over members and scores. */
  readonly scoredPage: Shape<Page<[B, number]>>;
  /** Whatever the server says, unshaped. */
  readonly raw: Shape<Reply>;
  /** Reads a value that comes as bytes: the payload of a push. */
  readonly payload: (bytes: Uint8Array) => B;
}

/** The turn of shapes that leave the reply as it is; engines skip it. */
// deno-lint-ignore no-explicit-any -- the one place where a reply is believed to have its type
export function asIs(reply: Reply): any {
  return reply;
}

function list(reply: Reply, expected: string): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw new UnexpectedReplyError(expected, reply);
}

function number(reply: Reply, expected = "a number"): number {
  if (typeof reply === "number") return reply;
  const text = reply instanceof Uint8Array ? decodeText(reply) : reply;
  if (typeof text === "string" && text !== "") {
    const value = Number(text);
    if (!Number.isNaN(value)) return value;
    if (text === "inf" || text === "+inf") return Infinity;
    if (text === "-inf") return -Infinity;
    if (/^-?nan/i.test(text)) return NaN;
  }
  throw new UnexpectedReplyError(expected, reply);
}

function exact(reply: Reply): number {
  if (Number.isSafeInteger(reply)) return reply as number;
  throw new UnexpectedReplyError(
    "an integer that a number holds exactly",
    reply,
  );
}

/** Applies `turn` to a reply that may be null. */
function orNull<T>(
  turn: (reply: Reply) => T,
): (reply: Reply) => T | null {
  return (reply) => reply === null ? null : turn(reply);
}

function listOf<T>(turn: (reply: Reply) => T): (reply: Reply) => T[] {
  return (reply) => list(reply, "a list").map(turn);
}

function shape<T>(turn: (reply: Reply) => T, mode: Mode = TEXT): Shape<T> {
  return { mode: (mode | FLAT) as Mode, turn };
}

/** Two by two, whether the pairs come flat (RESP2) or nested (RESP3). */
function twos<T>(
  reply: Reply,
  make: (first: Reply, second: Reply) => T,
): T[] {
  const from = list(reply, "a list of pairs");
  const pairs: T[] = [];
  if (Array.isArray(from[0])) {
    for (const item of from) {
      const pair = list(item, "a pair");
      pairs.push(make(pair[0]!, pair[1]!));
    }
    return pairs;
  }
  for (let i = 0; i + 1 < from.length; i += 2) {
    pairs.push(make(from[i]!, from[i + 1]!));
  }
  return pairs;
}

function record<T>(reply: Reply, turn: (reply: Reply) => T): Record<string, T> {
  const from = list(reply, "names and values");
  // A null prototype, so that a field named `__proto__` is a field.
  const fields: Record<string, T> = Object.create(null);
  for (let i = 0; i + 1 < from.length; i += 2) {
    fields[from[i] as string] = turn(from[i + 1]!);
  }
  return fields;
}

function textRecord(reply: Reply): Record<string, string> {
  return record(reply, asIs);
}

function page<T>(turn: (reply: Reply) => T[]): (reply: Reply) => Page<T> {
  return (reply) => {
    const [cursor, items] = list(reply, "a cursor and items") as [Reply, Reply];
    return {
      cursor: cursor instanceof Uint8Array
        ? decodeText(cursor)
        : String(cursor),
      items: turn(items),
    };
  };
}

function readings<B extends string | Uint8Array>(
  mode: typeof TEXT | typeof BYTES,
  payload: (bytes: Uint8Array) => B,
  fields: (reply: Reply) => Fields<B>,
): Readings<B> {
  const self = asIs as (reply: Reply) => B;
  const pair = (first: Reply, second: Reply): [B, B] => [
    first as B,
    second as B,
  ];
  const scoredPair = (
    member: Reply,
    score: Reply,
  ): [B, number] => [member as B, number(score, "a score")];
  const pairs = (reply: Reply) => twos(reply, pair);
  const scored = (reply: Reply) => twos(reply, scoredPair);
  const firstOrNull = <T>(items: T[]): T | null => items[0] ?? null;
  const keyed = <T>(turn: (reply: Reply) => T) =>
    orNull((reply): [B, T] => {
      const [key, items] = list(reply, "a key and items") as [Reply, Reply];
      return [key as B, turn(items)];
    });
  const values = asIs as (reply: Reply) => B[];
  return {
    value: shape<B | null>(self, mode),
    some: shape<B>(self, mode),
    values: shape<B[]>(values, mode),
    valuesOrNull: shape<B[] | null>(values, mode),
    gaps: shape<(B | null)[]>(asIs, mode),
    fields: shape(fields, mode),
    pairs: shape(pairs, mode),
    pairOrNull: shape(
      orNull((reply) => firstOrNull(pairs(reply))),
      mode,
    ),
    scored: shape(scored, mode),
    scoredOrNull: shape(
      orNull((reply) => firstOrNull(scored(reply))),
      mode,
    ),
    keyScoredOrNull: shape(
      orNull((reply): [B, B, number] => {
        const [key, member, score] = list(reply, "a key, a member, a score");
        return [key as B, member as B, number(score!, "a score")];
      }),
      mode,
    ),
    counted: shape(
      (reply) =>
        twos(reply, (name, count): [B, number] => [name as B, exact(count)]),
      mode,
    ),
    keyValuesOrNull: shape(keyed(values), mode),
    keyScoresOrNull: shape(keyed(scored), mode),
    page: shape(page(values), mode),
    pairPage: shape(page(pairs), mode),
    scoredPage: shape(page(scored), mode),
    raw: { mode, turn: asIs },
    payload,
  };
}

/** Values as text: what a client reads unless told otherwise. */
export const AS_TEXT: Readings<string> = readings<string>(
  TEXT,
  decodeText,
  textRecord,
);

/** Values as bytes: what `redis.bytes` reads. */
export const AS_BYTES: Readings<Uint8Array> = readings<Uint8Array>(
  BYTES,
  (bytes) => bytes,
  (reply) =>
    twos(reply, (field, value) => [field, value]) as [
      Uint8Array,
      Uint8Array,
    ][],
);

/** `"OK"`, the only answer of commands that fail otherwise. */
export const ok: Shape<"OK"> = shape(asIs);

/** `"PONG"`, the only answer of `PING` without a message. */
export const pong: Shape<"PONG"> = shape(asIs);

/** `"OK"`, or `null` when a condition did not hold. */
export const okOrNull: Shape<"OK" | null> = shape(asIs);

/** A status line, or text that the server wrote, whatever the client reads. */
export const text: Shape<string> = shape(asIs);

/** Text that the server wrote, or `null`. */
export const textOrNull: Shape<string | null> = shape(asIs);

/** A list of texts that the server wrote. */
export const texts: Shape<string[]> = shape(asIs);

/** Bytes whatever the client reads, or `null`: serialized values. */
export const bytesOrNull: Shape<Uint8Array | null> = shape(asIs, BYTES);

/** An integer; one that a number cannot hold exactly is refused, never rounded. */
export const integer: Shape<number> = shape(exact);

/** An integer, or `null`. */
export const integerOrNull: Shape<number | null> = shape(orNull(exact));

/** A list of integers. */
export const integers: Shape<number[]> = shape(listOf(exact));

/** A decimal number, sent as text by RESP2 and in part by RESP3. */
export const double: Shape<number> = shape((reply) => number(reply));

/** A decimal number, or `null`. */
export const doubleOrNull: Shape<number | null> = shape(
  orNull((reply) => number(reply)),
);

/** A list of decimal numbers, in which some may be absent. */
export const doublesOrNulls: Shape<(number | null)[]> = shape(
  listOf(orNull((reply) => number(reply))),
);

/** Names and values that the server wrote, as a null-prototype record. */
export const textFields: Shape<Record<string, string>> = shape(
  textRecord,
);

/** Whatever the server says, with strings as text. */
export const raw: Shape<Reply> = AS_TEXT.raw;

/** Where two strings are alike. */
export const lcsMatches: Shape<LcsMatches> = shape((reply) => {
  const { matches, len } = record(reply, asIs);
  return {
    matches: list(matches, "matches").map((match) => {
      const [first, second, length] = match as [
        [number, number],
        [number, number],
        number,
      ];
      return { first, second, length };
    }),
    length: exact(len),
  };
});

/** A rank with its score, or `null`. */
export const rankScoreOrNull: Shape<[number, number] | null> = shape(
  orNull((reply): [number, number] => {
    const [rank, score] = list(reply, "a rank and a score") as [Reply, Reply];
    return [exact(rank), number(score, "a score")];
  }),
);

/** Unix seconds, and the microseconds since. */
export const time: Shape<[seconds: number, microseconds: number]> = shape(
  (reply): [number, number] => {
    const [seconds, rest] = list(reply, "a time") as [Reply, Reply];
    return [number(seconds), number(rest)];
  },
);

/** What a server is to others. */
export const role: Shape<Role> = shape((reply): Role => {
  const [role, ...rest] = list(reply, "a role");
  switch (role) {
    case "master": {
      const [offset, replicas] = rest as [Reply, Reply];
      return {
        role,
        offset: exact(offset),
        replicas: list(replicas, "replicas").map((replica) => {
          const [host, port, offset] = replica as [string, Reply, Reply];
          return { host, port: number(port), offset: number(offset) };
        }),
      };
    }
    case "slave": {
      const [host, port, state, offset] = rest as [
        string,
        number,
        string,
        number,
      ];
      return { role, host, port, state, offset };
    }
    case "sentinel":
      return { role, masters: rest[0] as string[] };
    default:
      throw new UnexpectedReplyError("a role", reply);
  }
});

/** The entries of the slow log. */
export const slowlogEntries: Shape<SlowlogEntry[]> = shape(
  listOf((entry): SlowlogEntry => {
    const [id, time, duration, args, address, name] = entry as [
      number,
      number,
      number,
      string[],
      string,
      string,
    ];
    return { id, time, duration, args, address, name };
  }),
);

/** The kinds of events that took long. */
export const latencyEvents: Shape<LatencyEvent[]> = shape(
  listOf((entry): LatencyEvent => {
    const [event, time, latest, highest] = entry as [
      string,
      number,
      number,
      number,
    ];
    return { event, time, latest, highest };
  }),
);

/** Events that took long. */
export const latencySamples: Shape<LatencySample[]> = shape(
  listOf((entry): LatencySample => {
    const [time, latency] = entry as [number, number];
    return { time, latency };
  }),
);

/** How long commands take, by name. */
export const latencyHistograms: Shape<Record<string, LatencyHistogram>> = shape(
  (reply) =>
    record(reply, (entry): LatencyHistogram => {
      const { calls, histogram_usec: histogram } = record(entry, asIs);
      return {
        calls: exact(calls),
        histogram: twos(
          histogram,
          (most, calls): [number, number] => [exact(most), exact(calls)],
        ),
      };
    }),
);

/** What memory is used for. */
export const memoryStats: Shape<MemoryStats> = shape((reply) =>
  record(
    reply,
    (value) =>
      Array.isArray(value)
        ? record(value, (part) => number(part))
        : number(value),
  )
);
