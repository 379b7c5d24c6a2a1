/**
 * What the server tells about itself: its commands, what takes long, what takes
 * memory.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import type { Arg, Reply } from "../resp/reply.ts";
import {
  addFlat,
  addGiven,
  type AtMostOne,
  type OneOrMany,
  upper,
} from "./arguments.ts";
import { addOptions, amend } from "./option_words.ts";
import { ReplicationCommands } from "./replication.ts";
import {
  commandlogEntries,
  type CommandlogEntry,
  type HotkeysReport,
  type LatencyEvent,
  latencyEvents,
  type LatencyHistogram,
  latencyHistograms,
  type LatencySample,
  latencySamples,
  type MemoryStats,
  memoryStats,
  slowlogEntries,
  type SlowlogEntry,
} from "./server_shapes.ts";
import {
  integer,
  integerOrNull,
  ok,
  okOrNull,
  raw,
  text,
  texts,
} from "./shapes.ts";
import { facts, listOf, orNull, shape } from "./parsers.ts";

/** Filters of COMMAND LIST. */
export interface CommandListFilter {
  /** Those of this module. */
  module: string;
  /** Those of this ACL category. */
  aclcat: string;
  /** Those whose name matches this glob-style pattern. */
  pattern: string;
}

/** What a command log is of: commands that took long, that were large, or whose answers were. */
export type CommandlogType = "slow" | "large-request" | "large-reply";

/** Options of HOTKEYS START. */
export interface HotkeysOptions {
  /** By what: the time of their commands, the bytes that come and go, or both. */
  metrics: readonly ["cpu" | "net", ...("cpu" | "net")[]];
  /** How many keys to find. */
  count?: number;
  /** For how many seconds to look; until it is stopped without it. */
  duration?: number;
  /** To look at one command of this many. */
  sample?: number;
  /** In these slots, in a cluster. */
  slots?: readonly number[];
}

/** Commands on what the server tells about itself. */
export abstract class IntrospectionCommands<B extends string | Uint8Array>
  extends ReplicationCommands<B> {
  /**
   * Returns the facts about all commands, as the server sends them.
   *
   * @see https://redis.io/docs/latest/commands/command/
   */
  command(): Promise<Reply> {
    return this.sendExact(["COMMAND"], raw, arguments);
  }

  /**
   * Returns how many commands the server has.
   *
   * @see https://redis.io/docs/latest/commands/command-count/
   */
  commandCount(): Promise<number> {
    return this.send(["COMMAND", "COUNT"], integer);
  }

  /**
   * Returns the documentation of commands, or of all, as the server sends it: a
   * `Map` with RESP3, a flat array with RESP2. Those that do not exist are left
   * out.
   *
   * @see https://redis.io/docs/latest/commands/command-docs/
   */
  commandDocs(...names: OneOrMany<string>[]): Promise<Reply> {
    return this.send(addFlat(["COMMAND", "DOCS"], names), raw);
  }

  /**
   * Returns the keys in the words of a command; fails when it has none.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const keys = await redis.commandGetkeys("MSET", "a", 1, "b", 2);
   * console.assert(keys.join() === "a,b");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/command-getkeys/
   */
  commandGetkeys(command: string, ...args: OneOrMany[]): Promise<B[]> {
    return this.send(
      addFlat(["COMMAND", "GETKEYS", command], args),
      this.as.values,
    );
  }

  /**
   * Returns the keys in the words of a command with what it does to them, such
   * as `"RW"` and `"update"`; fails when it has none.
   *
   * @see https://redis.io/docs/latest/commands/command-getkeysandflags/
   */
  commandGetkeysandflags(
    command: string,
    ...args: OneOrMany[]
  ): Promise<[key: B, flags: string[]][]> {
    return this.send(
      addFlat(["COMMAND", "GETKEYSANDFLAGS", command], args),
      this.as.flagged,
    );
  }

  /**
   * Returns the help text of `COMMAND`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/command-help/
   */
  commandHelp(): Promise<string[]> {
    return this.send(["COMMAND", "HELP"], texts);
  }

  /**
   * Returns the facts about commands, or about all, as the server sends them,
   * with `null` for those that do not exist.
   *
   * @see https://redis.io/docs/latest/commands/command-info/
   */
  commandInfo(...names: OneOrMany<string>[]): Promise<Reply> {
    return this.send(addFlat(["COMMAND", "INFO"], names), raw);
  }

  /**
   * Returns the names of the server's commands, empty when the filter matches
   * none.
   *
   * @see https://redis.io/docs/latest/commands/command-list/
   */
  commandList(
    filterby?: AtMostOne<CommandListFilter>,
  ): Promise<string[]> {
    const filter = addOptions(["COMMAND"], filterby, "module|aclcat|pattern")
      .slice(1);
    if (filter.length > 0) filter.unshift("FILTERBY");
    return this.send(["COMMAND", "LIST", ...filter], texts);
  }

  /**
   * Returns entries of a command log, the newest first: `count` of them (-1:
   * all), empty when no command took long, or was large. Since Valkey 8.1.
   *
   * @see https://valkey.io/commands/commandlog-get/
   */
  commandlogGet(
    count: number,
    type: CommandlogType,
  ): Promise<CommandlogEntry[]> {
    return this.send(["COMMANDLOG", "GET", count, type], commandlogEntries);
  }

  /**
   * Returns the help text of `COMMANDLOG`, line by line. Since Valkey 8.1.
   *
   * @see https://valkey.io/commands/commandlog-help/
   */
  commandlogHelp(): Promise<string[]> {
    return this.send(["COMMANDLOG", "HELP"], texts);
  }

  /**
   * Returns how many commands a command log holds, 0 when it is empty. Since Valkey
   * 8.1.
   *
   * @see https://valkey.io/commands/commandlog-len/
   */
  commandlogLen(type: CommandlogType): Promise<number> {
    return this.send(["COMMANDLOG", "LEN", type], integer);
  }

  /**
   * Empties a command log. Since Valkey 8.1.
   *
   * @see https://valkey.io/commands/commandlog-reset/
   */
  commandlogReset(type: CommandlogType): Promise<"OK"> {
    return this.send(["COMMANDLOG", "RESET", type], ok);
  }

  /**
   * Returns the keys that were used much, or `null` when nobody looked: a list of
   * one report. Since Redis 8.6.
   *
   * @see https://redis.io/docs/latest/commands/hotkeys-get/
   */
  hotkeysGet(): Promise<HotkeysReport<B>[] | null> {
    const { counted: { mode, parse } } = this.as;
    const report = facts<HotkeysReport<B>>({
      "by-cpu-time-us": parse,
      "by-net-bytes": parse,
    });
    return this.send(["HOTKEYS", "GET"], shape(orNull(listOf(report)), mode));
  }

  /**
   * Returns the help text of `HOTKEYS`, line by line. Since Redis 8.6.
   *
   * @see https://redis.io/docs/latest/commands/hotkeys-help/
   */
  hotkeysHelp(): Promise<string[]> {
    return this.send(["HOTKEYS", "HELP"], texts);
  }

  /**
   * Forgets the keys that were used much, if any; an error while they are looked
   * for. Since Redis 8.6.
   *
   * @see https://redis.io/docs/latest/commands/hotkeys-reset/
   */
  hotkeysReset(): Promise<"OK"> {
    return this.send(["HOTKEYS", "RESET"], ok);
  }

  /**
   * Begins to look for keys that are used much; fails when that is under way.
   * Since Redis 8.6.
   *
   * @see https://redis.io/docs/latest/commands/hotkeys-start/
   */
  hotkeysStart(options: HotkeysOptions): Promise<"OK"> {
    const sent = amend(options, ({ metrics, slots }) => ({
      metrics: metrics &&
        [metrics.length, ...metrics.map((metric) => upper("HOTKEYS", metric))],
      slots: slots && [slots.length, ...slots],
    }));
    const table = "metrics count duration sample slots";
    return this.send(addOptions(["HOTKEYS", "START"], sent, table), ok);
  }

  /**
   * Stops looking for keys that are used much; `null`, or an error, when nobody
   * looks. Since Redis 8.6.
   *
   * @see https://redis.io/docs/latest/commands/hotkeys-stop/
   */
  hotkeysStop(): Promise<"OK" | null> {
    return this.send(["HOTKEYS", "STOP"], okOrNull);
  }

  /**
   * Returns a report for people on the server's latency.
   *
   * @see https://redis.io/docs/latest/commands/latency-doctor/
   */
  latencyDoctor(): Promise<string> {
    return this.send(["LATENCY", "DOCTOR"], text);
  }

  /**
   * Returns the latency of `event` as a graph of characters; fails when it was
   * never seen.
   *
   * @see https://redis.io/docs/latest/commands/latency-graph/
   */
  latencyGraph(event: string): Promise<string> {
    return this.send(["LATENCY", "GRAPH", event], text);
  }

  /**
   * Returns the help text of `LATENCY`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/latency-help/
   */
  latencyHelp(): Promise<string[]> {
    return this.send(["LATENCY", "HELP"], texts);
  }

  /**
   * Returns how long commands took, by name; those that never ran are left out.
   *
   * @see https://redis.io/docs/latest/commands/latency-histogram/
   */
  latencyHistogram(
    ...commands: OneOrMany<string>[]
  ): Promise<Record<string, LatencyHistogram>> {
    return this.send(
      addFlat(["LATENCY", "HISTOGRAM"], commands),
      latencyHistograms,
    );
  }

  /**
   * Returns when `event` was seen and how long it took, empty when it never
   * was.
   *
   * @see https://redis.io/docs/latest/commands/latency-history/
   */
  latencyHistory(event: string): Promise<LatencySample[]> {
    return this.send(["LATENCY", "HISTORY", event], latencySamples);
  }

  /**
   * Returns the last and the longest of each kind of event that took longer
   * than the setting `latency-monitor-threshold`, empty when nothing did.
   *
   * @see https://redis.io/docs/latest/commands/latency-latest/
   */
  latencyLatest(): Promise<LatencyEvent[]> {
    return this.send(["LATENCY", "LATEST"], latencyEvents);
  }

  /**
   * Forgets events, or all, and returns how many there were, 0 when none was
   * seen.
   *
   * @see https://redis.io/docs/latest/commands/latency-reset/
   */
  latencyReset(...events: OneOrMany<string>[]): Promise<number> {
    return this.send(addFlat(["LATENCY", "RESET"], events), integer);
  }

  /**
   * Returns a report for people on the server's memory.
   *
   * @see https://redis.io/docs/latest/commands/memory-doctor/
   */
  memoryDoctor(): Promise<string> {
    return this.send(["MEMORY", "DOCTOR"], text);
  }

  /**
   * Returns the help text of `MEMORY`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/memory-help/
   */
  memoryHelp(): Promise<string[]> {
    return this.send(["MEMORY", "HELP"], texts);
  }

  /**
   * Returns the allocator's statistics.
   *
   * @see https://redis.io/docs/latest/commands/memory-malloc-stats/
   */
  memoryMallocStats(): Promise<string> {
    return this.send(["MEMORY", "MALLOC-STATS"], text);
  }

  /**
   * Asks the allocator to release unused memory.
   *
   * @see https://redis.io/docs/latest/commands/memory-purge/
   */
  memoryPurge(): Promise<"OK"> {
    return this.send(["MEMORY", "PURGE"], ok);
  }

  /**
   * Returns what the server's memory is used for, by name; those of a database,
   * such as `"db.0"`, are a record of their own, absent when it is empty.
   *
   * @see https://redis.io/docs/latest/commands/memory-stats/
   */
  memoryStats(): Promise<MemoryStats> {
    return this.send(["MEMORY", "STATS"], memoryStats);
  }

  /**
   * Returns how many bytes `key` and its value take, or `null` when the key does
   * not exist. Of nested values, `samples` are looked at (0: all, 5 by default).
   *
   * @see https://redis.io/docs/latest/commands/memory-usage/
   */
  memoryUsage(
    key: Arg,
    options?: { samples?: number },
  ): Promise<number | null> {
    return this.send(
      addOptions(["MEMORY", "USAGE", key], options, "samples"),
      integerOrNull,
    );
  }

  /**
   * Returns the commands that took longest of late, the newest first: `count`
   * of them (-1: all, 10 by default), empty when none took long enough.
   *
   * @see https://redis.io/docs/latest/commands/slowlog-get/
   */
  slowlogGet(count?: number): Promise<SlowlogEntry[]> {
    return this.send(addGiven(["SLOWLOG", "GET"], count), slowlogEntries);
  }

  /**
   * Returns the help text of `SLOWLOG`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/slowlog-help/
   */
  slowlogHelp(): Promise<string[]> {
    return this.send(["SLOWLOG", "HELP"], texts);
  }

  /**
   * Returns how many commands the slow log holds, 0 when it is empty.
   *
   * @see https://redis.io/docs/latest/commands/slowlog-len/
   */
  slowlogLen(): Promise<number> {
    return this.send(["SLOWLOG", "LEN"], integer);
  }

  /**
   * Empties the slow log.
   *
   * @see https://redis.io/docs/latest/commands/slowlog-reset/
   */
  slowlogReset(): Promise<"OK"> {
    return this.send(["SLOWLOG", "RESET"], ok);
  }
}
