/**
 * Streams: entries with fields, in the order of their ids.
 *
 * An id is two numbers, such as `1526919030474-55`: milliseconds, and a number
 * within them.
 *
 * @see https://redis.io/docs/latest/commands/?group=stream
 * @module
 */

import { misuse } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import {
  addAll,
  addEntries,
  addKeys,
  addMany,
  type AtLeastOne,
  type AtMostOne,
  type Entries,
  type ExactlyOne,
  isArg,
  type OneOrMany,
  pairsOf,
} from "./arguments.ts";
import { GeoCommands } from "./geo.ts";
import { addOptions, amend } from "./option_words.ts";
import { integer, integers, ok, textOrNull, texts } from "./shapes.ts";
import type {
  ConsumerInfo,
  FullStreamInfo,
  GroupInfo,
  StreamEntry,
  StreamInfo,
} from "./stream_shapes.ts";

/**
 * What happens to the references that groups have to entries that are deleted;
 * they stay without an option. Since Redis 8.2.
 */
export interface StreamReferences {
  /** The references stay. */
  keepref: boolean;
  /** The references are deleted too. */
  delref: boolean;
  /** Only entries that all groups have acknowledged are deleted. */
  acked: boolean;
}

/**
 * The ways to limit the length of a stream. In place of a value, `["~", value]`
 * lets it become somewhat longer, for less work.
 */
export interface StreamLength {
  /** At most this many entries. */
  maxlen: number | readonly ["~", number] | readonly ["=", number];
  /** No entries with ids below this one. */
  minid: Arg | readonly ["~", Arg] | readonly ["=", Arg];
}

/** The same, somewhat longer allowed. */
export type RoughLength = {
  [K in keyof StreamLength]: Extract<StreamLength[K], readonly ["~", unknown]>;
};

/** Options of XTRIM. */
export type StreamTrim =
  | ExactlyOne<RoughLength> & {
    /** The maximum number of entries to delete. */
    limit?: number;
  }
  | ExactlyOne<StreamLength> & {
    /** Only with `"~"`. */
    limit?: undefined;
  };

/**
 * The producer of an entry and the entry's name, so that it is added once only,
 * however often it is sent. Since Redis 8.6.
 */
export interface XaddOnce {
  /** The name of the producer, and that of the entry. */
  idmp: readonly [producer: Arg, id: Arg];
  /** The name of the producer; the entry's content is its name. */
  idmpauto: Arg;
}

/** Options of XADD. */
export type XaddOptions =
  & (StreamTrim | { [K in keyof StreamTrim]?: undefined })
  & AtMostOne<StreamReferences>
  & AtMostOne<XaddOnce>
  & {
    /**
     * Whether to add it only when the stream exists.
     *
     * @default {false}
     */
    nomkstream?: boolean;
  };

/** Options of XREAD. */
export interface XreadOptions {
  /** The maximum number of entries of each stream to return. */
  count?: number;
  /**
   * For how many milliseconds to wait while there is nothing, 0 for no limit.
   * The command then runs on its own connection.
   */
  block?: number;
  /** The maximum number of entries to return in all; since Redis 8.10. */
  maxcount?: number;
  /** How many bytes to give in all, about; since Redis 8.10. */
  maxsize?: number;
}

/** How to recognise an entry that is sent twice. */
export interface XcfgsetOptions {
  /** For how many seconds they are remembered. */
  idmpDuration: number;
  /** How many of a producer are remembered. */
  idmpMaxsize: number;
}

/** What is set besides the greatest id. */
export interface XsetidOptions {
  /** How many entries the stream ever had. */
  entriesadded?: number;
  /** The greatest id that was deleted. */
  maxdeletedid?: Arg;
}

/** The options of {@linkcode StreamReferences}. */
export const REFERENCES = "keepref!|delref!|acked!";

const TRIM = "maxlen|minid limit";
const XADD = `nomkstream! ${REFERENCES} idmp|idmpauto ${TRIM}`;

/** Trims are exact unless they say otherwise. */
function exactly(
  options: AtMostOne<StreamLength> | undefined,
): object | undefined {
  const exact = <T>(length: T) =>
    length === undefined || Array.isArray(length) ? length : ["=", length];
  return amend(options, ({ maxlen, minid }) => ({
    maxlen: exact(maxlen),
    minid: exact(minid),
  }));
}

/** Adds ids, after their count. */
export function addIds(words: Arg[], ids: OneOrMany): Arg[] {
  words.push("IDS");
  return addKeys(words, ids);
}

/** Adds the keys of streams, and behind them from where to read each. */
export function addStreams(
  words: Arg[],
  streams: Entries<object>,
): Arg[] {
  const pairs = pairsOf(`${words[0]}`, streams);
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
  xadd<T extends object>(
    key: Arg,
    id: Arg,
    fields: Entries<T>,
    options: XaddOptions & { nomkstream: true },
  ): Promise<string | null>;
  /**
   * Adds an entry to the stream, created when `key` does not exist, and returns
   * its id. With `"*"` the server chooses the id; else it must be greater than
   * all others.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const entry = { level: "info", text: "hi" };
   * await redis.xadd("log", "*", entry, { maxlen: ["~", 1000] });
   * const [first] = await redis.xrange("log", "-", "+");
   * console.assert(first?.fields.text === "hi");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd<T extends object>(
    key: Arg,
    id: Arg,
    fields: Entries<T>,
    options?: XaddOptions & { nomkstream?: false | undefined },
  ): Promise<string>;
  /**
   * Adds an entry and returns its id, or `null` when `nomkstream` is set and the
   * stream does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd<T extends object>(
    key: Arg,
    id: Arg,
    fields: Entries<T>,
    options?: XaddOptions,
  ): Promise<string | null>;
  /**
   * Adds an entry whose fields stand in a row with their values, and returns its
   * id.
   *
   * @see https://redis.io/docs/latest/commands/xadd/
   */
  xadd(
    key: Arg,
    id: Arg,
    field: Arg,
    value: Arg,
    ...more: Arg[]
  ): Promise<string>;
  xadd(
    key: Arg,
    id: Arg,
    first: Arg | object,
    ...rest: (Arg | XaddOptions | undefined)[]
  ): Promise<string | null> {
    const words = ["XADD", key];
    if (!isArg(id) || /^[a-z]/i.test(`${id}`)) {
      throw misuse("send XADD", 'its id is "*" or two numbers', id);
    }
    if (isArg(first)) {
      words.push(id);
      return this.send(addEntries(words, first, rest as Arg[]), textOrNull);
    }
    const [options] = rest as [XaddOptions | undefined];
    if (options !== undefined) addOptions(words, exactly(options), XADD);
    words.push(id);
    return this.send(addEntries(words, first), textOrNull);
  }

  /**
   * Sets how entries that come twice are recognised; since Redis 8.6. Fails
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xcfgset/
   */
  xcfgset(key: Arg, options: AtLeastOne<XcfgsetOptions>): Promise<"OK"> {
    return this.send(
      addOptions(["XCFGSET", key], options, "idmpDuration- idmpMaxsize-"),
      ok,
    );
  }

  /**
   * Deletes entries and returns how many there were, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xdel/
   */
  xdel(key: Arg, ...ids: OneOrMany[]): Promise<number> {
    return this.send(addMany(["XDEL", key], ids), integer);
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
    ids: OneOrMany,
    options?: AtMostOne<StreamReferences>,
  ): Promise<number[]> {
    return this.send(
      addIds(addOptions(["XDELEX", key], options, REFERENCES), ids),
      integers,
    );
  }

  /**
   * Returns information about the consumers of a group, under the server's own
   * field names; fails when `key` or the group does not exist.
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
   * Returns information about the groups of a stream, under the server's own
   * field names; fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-groups/
   */
  xinfoGroups(key: Arg): Promise<GroupInfo<B>[]> {
    return this.send(["XINFO", "GROUPS", key], this.as.stream.groups);
  }

  /**
   * Returns the help text of `XINFO`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-help/
   */
  xinfoHelp(): Promise<string[]> {
    return this.send(["XINFO", "HELP"], texts);
  }

  /**
   * Returns information about a stream, under the server's own field names, and
   * the first `count` entries (0: all, 10 by default); fails when `key` does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-stream/
   */
  xinfoStream(
    key: Arg,
    options: { full: true; count?: number },
  ): Promise<FullStreamInfo<B>>;
  /**
   * Returns information about a stream, under the server's own field names;
   * fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xinfo-stream/
   */
  xinfoStream(key: Arg): Promise<StreamInfo<B>>;
  xinfoStream(
    key: Arg,
    options?: { full: true; count?: number },
  ): Promise<StreamInfo<B> | FullStreamInfo<B>> {
    return this.send<StreamInfo<B> | FullStreamInfo<B>>(
      addOptions(["XINFO", "STREAM", key], options, "full! count"),
      options ? this.as.stream.fullInfo : this.as.stream.info,
    );
  }

  /**
   * Returns the number of entries, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xlen/
   */
  xlen(key: Arg): Promise<number> {
    return this.sendExact(["XLEN", key], integer, arguments);
  }

  /**
   * Returns the entries from `start` to `end`, both included unless prefixed
   * with `(`, empty when `key` does not exist. `"-"` and `"+"` are the ends of
   * all ids.
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
      addOptions(["XRANGE", key, start, end], options, "count"),
      this.as.stream.entries,
    );
  }

  /**
   * Returns the entries of streams after an id each, or `null` when there are
   * none, or no stream exists. `"$"` is the last id of now, so that only what
   * comes while the command waits is given.
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
  xread<T extends object>(
    streams: Entries<T>,
    options?: XreadOptions,
  ): Promise<[B, StreamEntry<B>[]][] | null> {
    return this.send(
      addStreams(addOptions(["XREAD"], options, READ), streams),
      this.as.stream.streams,
    );
  }

  /**
   * Returns the entries from `end` to `start`, the last one first, both
   * included unless prefixed with `(`; empty when `key` does not exist. `"+"`
   * and `"-"` are the ends of all ids.
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
      addOptions(["XREVRANGE", key, end, start], options, "count"),
      this.as.stream.entries,
    );
  }

  /**
   * Sets the greatest id that a stream ever had, and how many entries and the
   * greatest id deleted; fails when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xsetid/
   */
  xsetid(
    key: Arg,
    lastId: Arg,
    options?: XsetidOptions,
  ): Promise<"OK"> {
    return this.send(
      addOptions(["XSETID", key, lastId], options, "entriesadded maxdeletedid"),
      ok,
    );
  }

  /**
   * Deletes the first entries until the stream has the given length, and
   * returns how many, 0 when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xtrim/
   */
  xtrim(
    key: Arg,
    options: StreamTrim & AtMostOne<StreamReferences>,
  ): Promise<number> {
    const words = ["XTRIM", key];
    addOptions(words, exactly(options), `${TRIM} ${REFERENCES}`);
    if (words.length > 2) return this.send(words, integer);
    throw new TypeError('XTRIM needs the option "maxlen" or "minid"');
  }
}
