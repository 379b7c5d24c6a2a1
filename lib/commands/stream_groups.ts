/**
 * Consumer groups: entries of a stream are delivered to one consumer each, and
 * pending until it acknowledges them.
 *
 * @see https://redis.io/docs/latest/commands/?group=stream
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addGiven,
  addMany,
  addWord,
  type AtMostOne,
  type Entries,
  type OneOrMany,
} from "./arguments.ts";
import { addOptions, type PointInTime } from "./option_words.ts";
import { integer, integers, ok, texts } from "./shapes.ts";
import {
  type Autoclaimed,
  autoclaimedIds,
  type GroupEntry,
  type PendingEntry,
  type PendingSummary,
  type StreamEntry,
} from "./stream_shapes.ts";
import {
  addIds,
  addStreams,
  READ,
  REFERENCES,
  StreamCommands,
  type StreamReferences,
  type XreadOptions,
} from "./streams.ts";

/** Options of XREADGROUP. */
export interface XreadgroupOptions extends XreadOptions {
  /**
   * Besides new entries, those that are pending for this many milliseconds,
   * whichever consumer has them; with the id `">"` and since Redis 8.4.
   */
  claim?: number;
  /**
   * Whether entries need no acknowledgement.
   *
   * @default {false}
   */
  noack?: boolean;
}

/** The ways to set since when claimed entries are pending; now by default. */
export interface XclaimTime {
  /** For this many milliseconds. */
  idle: number;
  /** Since then: Unix milliseconds, or a `Date`. */
  time: PointInTime;
}

/** Options of XCLAIM. */
export type XclaimOptions = AtMostOne<XclaimTime> & {
  /** How often they count as delivered; once more than before without it. */
  retrycount?: number;
  /**
   * Whether to claim entries that are not pending too.
   *
   * @default {false}
   */
  force?: boolean;
  /** The last id that the group has read, if it is greater than what it has. */
  lastid?: Arg;
};

/** The range of pending entries to list. */
export interface XpendingRange {
  /** The smallest id; `"-"` for all. */
  start: Arg;
  /** The greatest id; `"+"` for all. */
  end: Arg;
  /** The maximum number of entries to return. */
  count: number;
  /** Only those of this consumer. */
  consumer?: Arg;
  /** Only those that are idle for this many milliseconds. */
  idle?: number;
}

/** Options of XGROUP CREATE. */
export interface XgroupCreateOptions {
  /**
   * Whether to make the stream when it does not exist.
   *
   * @default {false}
   */
  mkstream?: boolean;
  /** How many entries the group counts as read, so that its lag is known. */
  entriesread?: number;
}

/** Options of XNACK. */
export interface XnackOptions {
  /** How often they count as delivered. */
  retrycount?: number;
  /**
   * Whether to make entries pending that are not.
   *
   * @default {false}
   */
  force?: boolean;
}

/** Commands on groups of consumers. */
export abstract class StreamGroupCommands<B extends string | Uint8Array>
  extends StreamCommands<B> {
  /**
   * Acknowledges entries and returns how many of them were pending, 0 when `key`
   * or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xack/
   */
  xack(key: Arg, group: Arg, ...ids: OneOrMany[]): Promise<number> {
    return this.send(addMany(["XACK", key, group], ids), integer);
  }

  /**
   * Acknowledges entries and deletes them, and returns for each 1, 2 when it is
   * left as other groups have yet to acknowledge it, -1 when the entry or `key`
   * does not exist. Since Redis 8.2.
   *
   * @see https://redis.io/docs/latest/commands/xackdel/
   */
  xackdel(
    key: Arg,
    group: Arg,
    ids: OneOrMany,
    options?: AtMostOne<StreamReferences>,
  ): Promise<number[]> {
    return this.send(
      addIds(addOptions(["XACKDEL", key, group], options, REFERENCES), ids),
      integers,
    );
  }

  /**
   * Makes a consumer the owner of entries that are pending for `minIdle`
   * milliseconds, from the id `start` on, and returns their ids; fails when
   * `key` or the group does not exist. They do not count as delivered.
   *
   * @see https://redis.io/docs/latest/commands/xautoclaim/
   */
  xautoclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    start: Arg,
    options: { count?: number; justid: true },
  ): Promise<Autoclaimed<string>>;
  /**
   * Makes a consumer the owner of entries that are pending for `minIdle`
   * milliseconds, from the id `start` on, and returns them; fails when `key` or
   * the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xautoclaim/
   */
  xautoclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    start: Arg,
    options?: { count?: number; justid?: false },
  ): Promise<Autoclaimed<StreamEntry<B>>>;
  xautoclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    start: Arg,
    options?: { count?: number; justid?: boolean },
  ): Promise<Autoclaimed<string> | Autoclaimed<StreamEntry<B>>> {
    return this.send<Autoclaimed<string> | Autoclaimed<StreamEntry<B>>>(
      addOptions(
        ["XAUTOCLAIM", key, group, consumer, minIdle, start],
        options,
        "count justid!",
      ),
      options?.justid ? autoclaimedIds : this.as.stream.autoclaimed,
    );
  }

  /**
   * Makes a consumer the owner of entries that are pending for `minIdle`
   * milliseconds and returns their ids; fails when `key` or the group does not
   * exist. They do not count as delivered.
   *
   * @see https://redis.io/docs/latest/commands/xclaim/
   */
  xclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    ids: OneOrMany,
    options: XclaimOptions & { justid: true },
  ): Promise<string[]>;
  /**
   * Makes a consumer the owner of entries that are pending for `minIdle`
   * milliseconds and returns them, without those that are deleted; fails when
   * `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xclaim/
   */
  xclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    ids: OneOrMany,
    options?: XclaimOptions & { justid?: false },
  ): Promise<StreamEntry<B>[]>;
  xclaim(
    key: Arg,
    group: Arg,
    consumer: Arg,
    minIdle: number,
    ids: OneOrMany,
    options?: XclaimOptions & { justid?: boolean },
  ): Promise<string[] | StreamEntry<B>[]> {
    const words = addOptions(
      addMany(["XCLAIM", key, group, consumer, minIdle], [ids]),
      options,
      "idle|time@ retrycount force! justid! lastid",
    );
    return this.send<string[] | StreamEntry<B>[]>(
      words,
      options?.justid ? texts : this.as.stream.entries,
    );
  }

  /**
   * Creates a group that reads the entries after `id`: `"0"` for all, `"$"` for
   * those that are added from now on. Fails when there is such a group, or
   * `key` does not exist and `mkstream` is not set.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.xgroupCreate("jobs", "workers", "0", { mkstream: true });
   * await redis.xadd("jobs", "*", { task: "sweep" });
   * const found = await redis.xreadgroup("workers", "ann", { jobs: ">" });
   * for (const [key, entries] of found ?? []) {
   *   for (const { id, fields } of entries) {
   *     console.assert(fields?.task === "sweep");
   *     await redis.xack(key, "workers", id);
   *   }
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/xgroup-create/
   */
  xgroupCreate(
    key: Arg,
    group: Arg,
    id: Arg,
    options?: XgroupCreateOptions,
  ): Promise<"OK"> {
    return this.send(
      addOptions(
        ["XGROUP", "CREATE", key, group, id],
        options,
        "mkstream! entriesread",
      ),
      ok,
    );
  }

  /**
   * Creates a consumer and returns 1; 0 when there is one of this name, fails
   * when `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xgroup-createconsumer/
   */
  xgroupCreateconsumer(key: Arg, group: Arg, consumer: Arg): Promise<number> {
    return this.send(
      ["XGROUP", "CREATECONSUMER", key, group, consumer],
      integer,
    );
  }

  /**
   * Deletes a consumer and returns how many entries were pending for it, which
   * nobody can claim any more; 0 when there is no such consumer, fails when
   * `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xgroup-delconsumer/
   */
  xgroupDelconsumer(key: Arg, group: Arg, consumer: Arg): Promise<number> {
    return this.send(["XGROUP", "DELCONSUMER", key, group, consumer], integer);
  }

  /**
   * Deletes a group and returns 1; 0 when there is none of this name, fails
   * when `key` does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xgroup-destroy/
   */
  xgroupDestroy(key: Arg, group: Arg): Promise<number> {
    return this.send(["XGROUP", "DESTROY", key, group], integer);
  }

  /**
   * Returns the help text of `XGROUP`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/xgroup-help/
   */
  xgroupHelp(): Promise<string[]> {
    return this.send(["XGROUP", "HELP"], texts);
  }

  /**
   * Sets the last id that a group has read; fails when `key` or the group does
   * not exist.
   *
   * @see https://redis.io/docs/latest/commands/xgroup-setid/
   */
  xgroupSetid(
    key: Arg,
    group: Arg,
    id: Arg,
    options?: { entriesread?: number },
  ): Promise<"OK"> {
    return this.send(
      addOptions(["XGROUP", "SETID", key, group, id], options, "entriesread"),
      ok,
    );
  }

  /**
   * Releases entries to whoever claims them first, and returns how many were
   * pending; fails when `key` or the group does not exist. They count as
   * delivered once less (`"silent"`), as before (`"fail"`), or so often that
   * nobody will try again (`"fatal"`). Since Redis 8.8.
   *
   * @see https://redis.io/docs/latest/commands/xnack/
   */
  xnack(
    key: Arg,
    group: Arg,
    mode: "silent" | "fail" | "fatal",
    ids: OneOrMany,
    options?: XnackOptions,
  ): Promise<number> {
    return this.send(
      addOptions(
        addIds(addWord(["XNACK", key, group], mode), ids),
        options,
        "retrycount force!",
      ),
      integer,
    );
  }

  /**
   * Returns the entries that are pending in a group, one by one; fails when
   * `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xpending/
   */
  xpending(
    key: Arg,
    group: Arg,
    range: XpendingRange,
  ): Promise<PendingEntry<B>[]>;
  /**
   * Returns how many entries are pending in a group, and for whom; fails when
   * `key` or the group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xpending/
   */
  xpending(key: Arg, group: Arg): Promise<PendingSummary<B>>;
  xpending(
    key: Arg,
    group: Arg,
    range?: XpendingRange,
  ): Promise<PendingSummary<B> | PendingEntry<B>[]> {
    const words: Arg[] = ["XPENDING", key, group];
    if (!range) return this.send(words, this.as.stream.summary);
    addOptions(words, range, "idle", "start end count consumer");
    words.push(range.start, range.end, range.count);
    return this.send(
      addGiven(words, range.consumer),
      this.as.stream.pending,
    );
  }

  /**
   * Returns entries of streams for a consumer of a group, created when it does
   * not exist, or `null` when there are none: with the id `">"` those that
   * nobody got yet, with another those behind it that are pending for this
   * consumer. Fails when a stream or its group does not exist.
   *
   * @see https://redis.io/docs/latest/commands/xreadgroup/
   */
  xreadgroup<T extends object>(
    group: Arg,
    consumer: Arg,
    streams: Entries<T>,
    options?: XreadgroupOptions,
  ): Promise<[B, GroupEntry<B>[]][] | null> {
    return this.send(
      addStreams(
        addOptions(
          ["XREADGROUP", "GROUP", group, consumer],
          options,
          `${READ} claim noack!`,
        ),
        streams,
      ),
      this.as.stream.groupStreams,
    );
  }
}
