/**
 * Streams: entries with fields, in the order of their ids.
 *
 * An id is two numbers, such as `1526919030474-55`: milliseconds, and a number
 * within them.
 *
 * @see https://redis.io/docs/latest/commands/?group=stream
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addEntries,
  addNamed,
  addOption,
  addWord,
  type AtLeastOne,
  type Entries,
  type ExactlyOne,
} from "./arguments.ts";
import { GeoCommands } from "./geo.ts";
import { integer, integers, ok, textOrNull, texts } from "./shapes.ts";
import type {
  ConsumerInfo,
  FullStreamInfo,
  GroupInfo,
  StreamEntry,
  StreamInfo,
} from "./stream_shapes.ts";

/**
 * What becomes of the references that groups have to entries that are deleted:
 * `"keepref"` leaves them, `"delref"` deletes them too, `"acked"` only deletes
 * entries that all groups have acknowledged. Since Redis 8.2.
 */
export type StreamReferences = "keepref" | "delref" | "acked";

/** The ways to say how long a stream may get. */
export interface StreamLength {
  /** So many entries. */
  maxlen: number;
  /** No entries with ids below this one. */
  minid: Arg;
}

/** How a stream is made shorter. */
export type StreamTrim =
  & ExactlyOne<StreamLength>
  & (
    | {
      /** Whether somewhat longer will do, for less work. */
      approximate: true;
      /** How many entries to delete at most. */
      limit?: number;
    }
    | {
      /** Exactly as long as said. */
      approximate?: false;
      /** Only with `approximate`. */
      limit?: never;
    }
  );

/** How an entry is added. */
export interface XaddOptions {
  /**
   * Whether to add it only when the stream exists.
   *
   * @default {false}
   */
  nomkstream?: boolean;
  /** How long the stream may get. */
  trim?: StreamTrim;
  /** What becomes of references to entries that are trimmed. */
  references?: StreamReferences;
  /**
   * Who adds it, and under what name, so that it is added once only however often
   * it is sent; without a name, its content is its name. Since Redis 8.6.
   */
  once?: {
    /** The name of the producer. */
    producer: Arg;
    /** The name of the entry. */
    id?: Arg;
  };
}

/** How streams are read. */
export interface XreadOptions {
  /** How many entries of each stream to give at most. */
  count?: number;
  /**
   * For how many milliseconds to wait while there is nothing, 0 for without end.
   * The command then runs on a connection of its own.
   */
  block?: number;
  /** How many entries to give at most in all; since Redis 8.10. */
  maxcount?: number;
  /** How many bytes to give in all, about; since Redis 8.10. */
  maxsize?: number;
}

/** How entries that come twice are recognised. */
export interface XcfgsetOptions {
  /** For how many seconds they are remembered. */
  duration: number;
  /** How many of a producer are remembered. */
  maxsize: number;
}

/** What is set besides the greatest id. */
export interface XsetidOptions {
  /** How many entries the stream ever had. */
  entriesadded?: number;
  /** The greatest id that was deleted. */
  maxdeletedid?: Arg;
}

function addTrim(words: Arg[], trim: StreamTrim | undefined): Arg[] {
  if (trim === undefined) return words;
  words.push(
    trim.minid === undefined ? "MAXLEN" : "MINID",
    trim.approximate ? "~" : "=",
    trim.minid ?? trim.maxlen!,
  );
  return addNamed(words, trim, "limit");
}

/** Adds ids, behind their number. */
export function addIds(words: Arg[], ids: readonly Arg[]): Arg[] {
  return addAll(words, ["IDS", ids.length, ...ids]);
}

/** Adds the keys of streams, and behind them from where to read each. */
export function addStreams(words: Arg[], streams: Entries): Arg[] {
  const pairs = addEntries([], streams);
  words.push("STREAMS");
  addAll(words, pairs.filter((_, i) => i % 2 === 0));
  return addAll(words, pairs.filter((_, i) => i % 2 === 1));
}

/** The names of {@linkcode XreadOptions}. */
export const READ = "count maxcount maxsize block";

/** Commands on streams. */
export abstract class StreamCommands<B extends string | Uint8Array>
  extends GeoCommands<B> {
  /**
   * Adds an entry when the stream at `key` exists and returns its id, or `null`
   * when it does not.
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd(
    key: Arg,
    id: Arg,
    fields: Entries,
    options: XaddOptions & { nomkstream: true },
  ): Promise<string | null>;
  /**
   * Adds an entry to the stream, made when `key` does not exist, and returns its
   * id. With `"*"` the server chooses the id; else it must be greater than all
   * others.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const trim = { maxlen: 1000, approximate: true } as const;
   * await redis.xadd("log", "*", { level: "info", text: "hi" }, { trim });
   * const [entry] = await redis.xrange("log", "-", "+");
   * console.assert(entry?.fields.text === "hi");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd(
    key: Arg,
    id: Arg,
    fields: Entries,
    options?: XaddOptions & { nomkstream?: false },
  ): Promise<string>;
  /**
   * Adds an entry and returns its id, or `null` when `nomkstream` is set and the
   * stream does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd(
    key: Arg,
    id: Arg,
    fields: Entries,
    options?: XaddOptions,
  ): Promise<string | null>;
  xadd(
    key: Arg,
    id: Arg,
    fields: Entries,
    options: XaddOptions = {},
  ): Promise<string | null> {
    const words = addNamed(["XADD", key], options, "nomkstream");
    addWord(words, options.references);
    const { once } = options;
    if (once?.id !== undefined) words.push("IDMP", once.producer, once.id);
    else addOption(words, "IDMPAUTO", once?.producer);
    addTrim(words, options.trim).push(id);
    return this.send(addEntries(words, fields), textOrNull);
  }

  /**
   * Sets how entries that come twice are recognised; since Redis 8.6. An error
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xcfgset/
   */
  xcfgset(key: Arg, options: AtLeastOne<XcfgsetOptions>): Promise<"OK"> {
    const { duration, maxsize }: Partial<XcfgsetOptions> = options;
    return this.send(
      addOption(
        addOption(["XCFGSET", key], "IDMP-DURATION", duration),
        "IDMP-MAXSIZE",
        maxsize,
      ),
      ok,
    );
  }

  /**
   * Deletes entries and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xdel/
   */
  xdel(key: Arg, ...ids: Arg[]): Promise<number> {
    return this.send(["XDEL", key, ...ids], integer);
  }

  /**
   * Deletes entries and returns for each 1, 2 when it is left as groups have yet
   * to acknowledge it, -1 when the entry or `key` does not exist; with `"acked"`
   * an entry that does not exist is 2 as well. Since Redis 8.2.
   *
   * @see https://redis.io/docs/latest/commands/xdelex/
   */
  xdelex(
    key: Arg,
    ids: readonly Arg[],
    options: { references?: StreamReferences } = {},
  ): Promise<number[]> {
    return this.send(
      addIds(addWord(["XDELEX", key], options.references), ids),
      integers,
    );
  }

  /**
   * Returns what is known of the consumers of a group, with the server's own
   * names; an error when `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-consumers/
   */
  xinfoConsumers(key: Arg, group: Arg): Promise<ConsumerInfo<B>[]> {
    return this.send(
      ["XINFO", "CONSUMERS", key, group],
      this.as.stream.consumers,
    );
  }

  /**
   * Returns what is known of the groups of a stream, with the server's own names;
   * an error when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-groups/
   */
  xinfoGroups(key: Arg): Promise<GroupInfo<B>[]> {
    return this.send(["XINFO", "GROUPS", key], this.as.stream.groups);
  }

  /**
   * Returns what `XINFO` can do, as lines for people.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-help/
   */
  xinfoHelp(): Promise<string[]> {
    return this.send(["XINFO", "HELP"], texts);
  }

  /**
   * Returns all that is known of a stream, with the server's own names, and the
   * first `count` entries (0: all, 10 by default); an error when `key` does not
   * exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-stream/
   */
  xinfoStream(
    key: Arg,
    options: { full: true; count?: number },
  ): Promise<FullStreamInfo<B>>;
  /**
   * Returns what is known of a stream, with the server's own names; an error when
   * `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-stream/
   */
  xinfoStream(key: Arg): Promise<StreamInfo<B>>;
  xinfoStream(
    key: Arg,
    options?: { full: true; count?: number },
  ): Promise<StreamInfo<B> | FullStreamInfo<B>> {
    return this.send<StreamInfo<B> | FullStreamInfo<B>>(
      addNamed(["XINFO", "STREAM", key], options, "full count"),
      options ? this.as.stream.fullInfo : this.as.stream.info,
    );
  }

  /**
   * Returns the number of entries, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xlen/
   */
  xlen(key: Arg): Promise<number> {
    return this.send(["XLEN", key], integer);
  }

  /**
   * Returns the entries from `start` to `end`, both included unless behind `(`,
   * none when `key` does not exist. `"-"` and `"+"` are the ends of all ids.
   *
   * @see https://redis.io/docs/latest/commands/xrange/
   */
  xrange(
    key: Arg,
    start: Arg,
    end: Arg,
    options?: { count?: number },
  ): Promise<StreamEntry<B>[]> {
    return this.send(
      addNamed(["XRANGE", key, start, end], options, "count"),
      this.as.stream.entries,
    );
  }

  /**
   * Returns the entries of streams behind an id each, or `null` when there are
   * none, or no stream exists. `"$"` is the last id of now, so that only what comes
   * while the command waits is given.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.xadd("news", "*", { text: "hello" });
   * const found = await redis.xread({ news: "0" }, { count: 10, block: 5000 });
   * for (const [key, entries] of found ?? []) {
   *   console.assert(key === "news" && entries[0]?.fields.text === "hello");
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/xread/
   */
  xread(
    streams: Entries,
    options: XreadOptions = {},
  ): Promise<[B, StreamEntry<B>[]][] | null> {
    return this.send(
      addStreams(addNamed(["XREAD"], options, READ), streams),
      this.as.stream.streams,
    );
  }

  /**
   * Returns the entries from `end` to `start`, the last one first, both included
   * unless behind `(`; none when `key` does not exist. `"+"` and `"-"` are the ends
   * of all ids.
   *
   * @see https://redis.io/docs/latest/commands/xrevrange/
   */
  xrevrange(
    key: Arg,
    end: Arg,
    start: Arg,
    options?: { count?: number },
  ): Promise<StreamEntry<B>[]> {
    return this.send(
      addNamed(["XREVRANGE", key, end, start], options, "count"),
      this.as.stream.entries,
    );
  }

  /**
   * Sets the greatest id that a stream ever had, and how many entries and the
   * greatest id deleted; an error when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xsetid/
   */
  xsetid(
    key: Arg,
    lastId: Arg,
    options?: XsetidOptions,
  ): Promise<"OK"> {
    return this.send(
      addNamed(["XSETID", key, lastId], options, "entriesadded maxdeletedid"),
      ok,
    );
  }

  /**
   * Deletes the first entries until the stream is as short as said, and returns
   * how many, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xtrim/
   */
  xtrim(
    key: Arg,
    trim: StreamTrim,
    options: { references?: StreamReferences } = {},
  ): Promise<number> {
    return this.send(
      addWord(addTrim(["XTRIM", key], trim), options.references),
      integer,
    );
  }
}
