/**
 * How replies about streams become their own types.
 *
 * @module
 */

import type { Mode, Reply, Shape } from "../resp/reply.ts";
import {
  asIs,
  exact,
  facts,
  type Fields,
  list,
  listOf,
  number,
  orNull,
  pairsOf,
  shape,
  textOf,
} from "./parsers.ts";

/** An entry of a stream. */
export interface StreamEntry<B extends string | Uint8Array> {
  /** Its id, such as `"1526919030474-55"`. */
  id: string;
  /**
   * Its fields and their values. Of a field that comes twice, the record has the
   * last value; on `redis.bytes` both are there.
   */
  fields: Fields<B>;
}

/** An entry of a stream, as a consumer of a group reads it. */
export interface GroupEntry<B extends string | Uint8Array> {
  /** Its id, such as `"1526919030474-55"`. */
  id: string;
  /** Its fields and their values; `null` when it was deleted but is still pending. */
  fields: Fields<B> | null;
  /** With `claim`: for how many milliseconds it was pending. */
  idle?: number;
  /** With `claim`: how often it was delivered before. */
  deliveries?: number;
}

/** Entries that changed their owner, and the id to continue with. */
export interface Autoclaimed<T> {
  /** The `start` of the next call, `"0-0"` at the end. */
  next: string;
  /** What is claimed. */
  claimed: T[];
  /** The ids of entries that were pending but deleted; they are no longer pending. */
  deleted: string[];
}

/** What is pending in a group. */
export interface PendingSummary<B extends string | Uint8Array> {
  /** How many entries. */
  count: number;
  /** The smallest id, `null` when nothing is pending. */
  first: string | null;
  /** The greatest id, `null` when nothing is pending. */
  last: string | null;
  /** Those who have pending entries, with how many. */
  consumers: [B, number][];
}

/** An entry that was delivered and not acknowledged. */
export interface PendingEntry<B extends string | Uint8Array> {
  /** Its id. */
  id: string;
  /** To whom it was delivered; empty when it was released with `xnack`. */
  consumer: B;
  /** How many milliseconds ago; -1 when it was released. */
  idle: number;
  /** How often; `Infinity` when it was marked as fatal. */
  deliveries: number;
}

/** Facts about a stream, under the server's own field names. */
export interface StreamInfo<B extends string | Uint8Array> {
  /** How many entries it has. */
  length: number;
  /** How many keys the radix tree has that holds them. */
  "radix-tree-keys": number;
  /** How many nodes that tree has. */
  "radix-tree-nodes": number;
  /** The greatest id it ever had. */
  "last-generated-id": string;
  /** The greatest id that was deleted; since Redis 7.0. */
  "max-deleted-entry-id"?: string;
  /** How many entries it ever had; since Redis 7.0. */
  "entries-added"?: number;
  /** The smallest id it has; since Redis 7.0. */
  "recorded-first-entry-id"?: string;
  /** For how many seconds names of entries are remembered; since Redis 8.6. */
  "idmp-duration"?: number;
  /** How many names of a producer are remembered; since Redis 8.6. */
  "idmp-maxsize"?: number;
  /** How many producers are remembered; since Redis 8.6. */
  "pids-tracked"?: number;
  /** How many names are remembered, of all producers; since Redis 8.6. */
  "iids-tracked"?: number;
  /** How many entries were ever added with a name; since Redis 8.6. */
  "iids-added"?: number;
  /** How many entries were not added, as they came twice; since Redis 8.6. */
  "iids-duplicates"?: number;
  /** How many groups read it. */
  groups: number;
  /** Its first entry, `null` when it is empty. */
  "first-entry": StreamEntry<B> | null;
  /** Its last entry, `null` when it is empty. */
  "last-entry": StreamEntry<B> | null;
}

/** All facts about a stream, under the server's own field names. */
export interface FullStreamInfo<B extends string | Uint8Array>
  extends Omit<StreamInfo<B>, "groups" | "first-entry" | "last-entry"> {
  /** Its first entries. */
  entries: StreamEntry<B>[];
  /** Those who read it. */
  groups: FullGroupInfo<B>[];
}

/** Facts about a group, under the server's own field names. */
export interface GroupInfo<B extends string | Uint8Array> {
  /** Its name. */
  name: B;
  /** How many consumers it has. */
  consumers: number;
  /** How many entries are pending. */
  pending: number;
  /** The id of the last entry that was delivered. */
  "last-delivered-id": string;
  /** How many entries it has read, `null` when unknown; since Redis 7.0. */
  "entries-read"?: number | null;
  /** How many entries it has yet to read, `null` when unknown; since Redis 7.0. */
  lag?: number | null;
}

/** All facts about a group, under the server's own field names. */
export interface FullGroupInfo<B extends string | Uint8Array>
  extends Omit<GroupInfo<B>, "consumers" | "pending"> {
  /** How many entries are pending. */
  "pel-count": number;
  /** How many of them were released with `xnack`; since Redis 8.8. */
  "nacked-count"?: number;
  /**
   * The first of them: id, consumer, when it was delivered in Unix milliseconds, and
   * how often; `Infinity` when it was marked as fatal.
   */
  pending: [id: string, consumer: B, time: number, deliveries: number][];
  /** Its consumers. */
  consumers: FullConsumerInfo<B>[];
}

/** Facts about a consumer, under the server's own field names. */
export interface ConsumerInfo<B extends string | Uint8Array> {
  /** Its name. */
  name: B;
  /** How many entries are pending for it. */
  pending: number;
  /** How many milliseconds ago it last sent a command. */
  idle: number;
  /**
   * How many milliseconds ago it last received an entry, -1 if never; since
   * Redis 7.2.
   */
  inactive?: number;
}

/** All facts about a consumer, under the server's own field names. */
export interface FullConsumerInfo<B extends string | Uint8Array> {
  /** Its name. */
  name: B;
  /** When it last sent a command, in Unix milliseconds. */
  "seen-time": number;
  /** When it last received an entry, in Unix milliseconds; since Redis 7.2. */
  "active-time"?: number;
  /** How many entries are pending for it. */
  "pel-count": number;
  /** The first of them: id, when it was delivered in Unix milliseconds, and how often. */
  pending: [id: string, time: number, deliveries: number][];
}

/** The shapes of replies that hold entries of streams. */
export interface StreamReadings<B extends string | Uint8Array> {
  /** Entries, in order. */
  readonly entries: Shape<StreamEntry<B>[]>;
  /** Streams with entries, or `null` when there are none. */
  readonly streams: Shape<[B, StreamEntry<B>[]][] | null>;
  /** Streams with entries as a group reads them, or `null` when there are none. */
  readonly groupStreams: Shape<[B, GroupEntry<B>[]][] | null>;
  /** Entries that changed their owner. */
  readonly autoclaimed: Shape<Autoclaimed<StreamEntry<B>>>;
  /** What is pending. */
  readonly summary: Shape<PendingSummary<B>>;
  /** Each entry that is pending. */
  readonly pending: Shape<PendingEntry<B>[]>;
  /** What is known of a stream. */
  readonly info: Shape<StreamInfo<B>>;
  /** All that is known of a stream. */
  readonly fullInfo: Shape<FullStreamInfo<B>>;
  /** What is known of groups. */
  readonly groups: Shape<GroupInfo<B>[]>;
  /** What is known of consumers. */
  readonly consumers: Shape<ConsumerInfo<B>[]>;
}

const ids = (reply: Reply): string[] => list(reply ?? [], "ids").map(textOf);
const idOrNull = orNull(textOf);

// What `XNACK ... FATAL` marks has the greatest number that there is.
const times = (reply: Reply): number =>
  typeof reply === "bigint" ? Infinity : reply as number;

function autoclaimed<T>(claimed: (reply: Reply) => T[]) {
  return (reply: Reply): Autoclaimed<T> => {
    const [next, entries, deleted] = list(reply, "claimed entries");
    return {
      next: textOf(next!),
      claimed: claimed(entries!),
      // Servers before 7.0 do not say.
      deleted: ids(deleted ?? null),
    };
  };
}

/** The ids of entries that changed their owner. */
export const autoclaimedIds: Shape<Autoclaimed<string>> = shape(
  autoclaimed(ids),
);

/** The shapes for values that are read in one way. */
export function streamReadings<B extends string | Uint8Array>(
  mode: Mode,
  fields: (reply: Reply) => Fields<B>,
): StreamReadings<B> {
  const read = <T>(parse: (reply: Reply) => T): Shape<T> => shape(parse, mode);
  const groupEntry = (reply: Reply): GroupEntry<B> => {
    const [id, values, idle, deliveries] = list(reply, "an entry");
    const entry: GroupEntry<B> = {
      id: textOf(id!),
      fields: values === null ? null : fields(values!),
    };
    if (idle !== undefined) {
      entry.idle = number(idle);
      entry.deliveries = times(deliveries!);
    }
    return entry;
  };
  const entry = groupEntry as (reply: Reply) => StreamEntry<B>;
  const entries = (reply: Reply): StreamEntry<B>[] =>
    // Servers before 7.0 put `null` for a claimed entry that was deleted.
    list(reply, "entries").filter((item) => item !== null).map(entry);
  const streams = <T>(parse: (reply: Reply) => T[]) =>
    read<[B, T[]][] | null>(orNull(pairsOf(asIs, parse)));
  // Of the parts, only how often it was delivered can be so great.
  const withId = listOf((item): never =>
    list(item, "a pending entry").map((part, i) =>
      i ? times(part) : textOf(part)
    ) as never
  );
  const name = asIs;
  const entryOrNull = orNull(entry);
  return {
    entries: read(entries),
    streams: streams(entries),
    groupStreams: streams(listOf(groupEntry)),
    autoclaimed: read(autoclaimed(entries)),
    summary: read((reply) => {
      const [count, first, last, consumers] = list(reply, "a summary");
      return {
        count: exact(count!),
        first: idOrNull(first!),
        last: idOrNull(last!),
        consumers: pairsOf(asIs, number)(consumers ?? []),
      };
    }),
    pending: read(listOf((item) => {
      const [id, consumer, idle, deliveries] = list(item, "a pending entry");
      return {
        id: textOf(id!),
        consumer: consumer as B,
        idle: exact(idle!),
        deliveries: times(deliveries!),
      };
    })),
    info: read(
      facts({ "first-entry": entryOrNull, "last-entry": entryOrNull }),
    ),
    fullInfo: read(facts({
      entries,
      groups: listOf(facts({
        name,
        pending: withId,
        consumers: listOf(facts({ name, pending: withId })),
      })),
    })),
    groups: read(listOf(facts({ name }))),
    consumers: read(listOf(facts({ name }))),
  };
}
