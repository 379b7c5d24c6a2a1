/**
 * The server: its data as a whole, its settings, what it measures, replication.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import type { Arg, Reply } from "../resp/reply.ts";
import {
  addEntries,
  addOption,
  addWord,
  type AtMostOne,
  type Entries,
  type FlushMode,
} from "./arguments.ts";
import { ConnectionCommands } from "./connection.ts";
import {
  integer,
  integerOrNull,
  type LatencyEvent,
  latencyEvents,
  type LatencyHistogram,
  latencyHistograms,
  type LatencySample,
  latencySamples,
  type MemoryStats,
  memoryStats,
  ok,
  raw,
  type Role,
  role,
  slowlogEntries,
  type SlowlogEntry,
  text,
  textFields,
  texts,
  time,
} from "./shapes.ts";

/** Which commands are listed. */
export interface CommandListFilter {
  /** Those of this module. */
  module: string;
  /** Those of this ACL category. */
  aclcat: string;
  /** Those whose name matches this glob-style pattern. */
  pattern: string;
}

/** A server's address. */
export interface FailoverTarget {
  /** The name or IP address of its host. */
  host: string;
  /** The number of its port. */
  port: number;
}

/** How a replica takes over. */
export type FailoverOptions =
  | {
    /** Ends the failover that is under way. */
    abort: true;
    /** Not with `abort`. */
    to?: never;
    /** Not with `abort`. */
    force?: never;
    /** Not with `abort`. */
    timeout?: never;
  }
  | {
    /** Not with anything else. */
    abort?: never;
    /** The replica that takes over; without it, whichever is ready first. */
    to?: FailoverTarget;
    /** Only with `to` and `timeout`. */
    force?: never;
    /** After how many milliseconds to give up; without it, never. */
    timeout?: number;
  }
  | {
    /** Not with anything else. */
    abort?: never;
    /** The replica that takes over. */
    to: FailoverTarget;
    /** The replica takes over after the timeout even when it lacks writes. */
    force: true;
    /** How many milliseconds the replica has to catch up. */
    timeout: number;
  };

/** What is drawn. */
export interface LolwutOptions {
  /**
   * The version of Redis whose picture to draw.
   *
   * @default {the server's own}
   */
  version?: number;
  /** What that picture lets one choose, such as columns and squares. */
  args?: readonly number[];
}

/** Commands on the server. */
export abstract class ServerCommands<B extends string | Uint8Array>
  extends ConnectionCommands<B> {
  /**
   * Begins to rewrite the append-only file in the background, and returns what
   * the server says about it.
   *
   * @see https://redis.io/docs/latest/commands/bgrewriteaof/
   */
  bgrewriteaof(): Promise<string> {
    return this.send(["BGREWRITEAOF"], text);
  }

  /**
   * Begins to save the data in the background, and returns what the server says
   * about it; with `schedule`, later if it cannot begin now.
   *
   * @see https://redis.io/docs/latest/commands/bgsave/
   */
  bgsave(options: { schedule?: boolean } = {}): Promise<string> {
    return this.send(
      options.schedule ? ["BGSAVE", "SCHEDULE"] : ["BGSAVE"],
      text,
    );
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
  commandDocs(...names: string[]): Promise<Reply> {
    return this.send(["COMMAND", "DOCS", ...names], raw);
  }

  /**
   * Returns the keys in the words of a command; an error when it has none.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const keys = await redis.commandGetkeys("MSET", "a", 1, "b", 2);
   * console.assert(keys.join() === "a,b");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/command-getkeys/
   */
  commandGetkeys(command: string, ...args: Arg[]): Promise<B[]> {
    return this.send(
      ["COMMAND", "GETKEYS", command, ...args],
      this.as.values,
    );
  }

  /**
   * Returns the facts about commands, or about all, as the server sends them,
   * with `null` for those that do not exist.
   *
   * @see https://redis.io/docs/latest/commands/command-info/
   */
  commandInfo(...names: string[]): Promise<Reply> {
    return this.send(["COMMAND", "INFO", ...names], raw);
  }

  /**
   * Returns the names of the server's commands, none when the filter matches
   * none.
   *
   * @see https://redis.io/docs/latest/commands/command-list/
   */
  commandList(
    filterby: AtMostOne<CommandListFilter> = {},
  ): Promise<string[]> {
    const words: Arg[] = ["COMMAND", "LIST"];
    for (const [kind, name] of Object.entries(filterby)) {
      words.push("FILTERBY", kind.toUpperCase(), name);
    }
    return this.send(words, texts);
  }

  /**
   * Returns the settings whose names match the glob-style patterns, none when
   * none does.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.configSet({ "slowlog-max-len": 64 });
   * const settings = await redis.configGet("slowlog-*", "maxmemory");
   * console.assert(settings["slowlog-max-len"] === "64");
   * ```
   *
   * @see https://redis.io/docs/latest/commands/config-get/
   */
  configGet(
    pattern: string,
    ...more: string[]
  ): Promise<Record<string, string>> {
    return this.send(["CONFIG", "GET", pattern, ...more], textFields);
  }

  /**
   * Sets what the server counts about itself back to 0.
   *
   * @see https://redis.io/docs/latest/commands/config-resetstat/
   */
  configResetstat(): Promise<"OK"> {
    return this.send(["CONFIG", "RESETSTAT"], ok);
  }

  /**
   * Writes the settings to the server's file of settings; an error when it has
   * none.
   *
   * @see https://redis.io/docs/latest/commands/config-rewrite/
   */
  configRewrite(): Promise<"OK"> {
    return this.send(["CONFIG", "REWRITE"], ok);
  }

  /**
   * Changes settings, all or none; an error when one of them does not exist.
   *
   * @see https://redis.io/docs/latest/commands/config-set/
   */
  configSet(settings: Entries): Promise<"OK"> {
    return this.send(addEntries(["CONFIG", "SET"], settings), ok);
  }

  /**
   * Returns the number of keys in the database, 0 when it is empty.
   *
   * @see https://redis.io/docs/latest/commands/dbsize/
   */
  dbsize(): Promise<number> {
    return this.send(["DBSIZE"], integer);
  }

  /**
   * Lets a replica take over as master, and this server become its replica; an
   * error when it has no replica.
   *
   * @see https://redis.io/docs/latest/commands/failover/
   */
  failover(options: FailoverOptions = {}): Promise<"OK"> {
    const words: Arg[] = ["FAILOVER"];
    if (options.to) words.push("TO", options.to.host, options.to.port);
    if (options.force) words.push("FORCE");
    if (options.abort) words.push("ABORT");
    return this.send(addOption(words, "TIMEOUT", options.timeout), ok);
  }

  /**
   * Deletes all keys of all databases, if there are any.
   *
   * @see https://redis.io/docs/latest/commands/flushall/
   */
  flushall(mode?: FlushMode): Promise<"OK"> {
    return this.send(addWord(["FLUSHALL"], mode), ok);
  }

  /**
   * Deletes all keys of the database, if there are any.
   *
   * @see https://redis.io/docs/latest/commands/flushdb/
   */
  flushdb(mode?: FlushMode): Promise<"OK"> {
    return this.send(addWord(["FLUSHDB"], mode), ok);
  }

  /**
   * Returns what the server says about itself, as lines of `name:value`: these
   * sections, or those it gives by default; empty when a section does not exist.
   *
   * @see https://redis.io/docs/latest/commands/info/
   */
  info(...sections: string[]): Promise<string> {
    return this.send(["INFO", ...sections], text);
  }

  /**
   * Returns when the data was last saved, in Unix seconds; when the server was
   * started, if never.
   *
   * @see https://redis.io/docs/latest/commands/lastsave/
   */
  lastsave(): Promise<number> {
    return this.send(["LASTSAVE"], integer);
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
   * Returns the latency of `event` as a graph of characters; an error when it was
   * never seen.
   *
   * @see https://redis.io/docs/latest/commands/latency-graph/
   */
  latencyGraph(event: string): Promise<string> {
    return this.send(["LATENCY", "GRAPH", event], text);
  }

  /**
   * Returns how long commands took, by name; those that never ran are left out.
   *
   * @see https://redis.io/docs/latest/commands/latency-histogram/
   */
  latencyHistogram(
    ...commands: string[]
  ): Promise<Record<string, LatencyHistogram>> {
    return this.send(["LATENCY", "HISTOGRAM", ...commands], latencyHistograms);
  }

  /**
   * Returns when `event` was seen and how long it took, none when it never was.
   *
   * @see https://redis.io/docs/latest/commands/latency-history/
   */
  latencyHistory(event: string): Promise<LatencySample[]> {
    return this.send(["LATENCY", "HISTORY", event], latencySamples);
  }

  /**
   * Returns the last and the longest of each kind of event that took longer than
   * the setting `latency-monitor-threshold`, none when nothing did.
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
  latencyReset(...events: string[]): Promise<number> {
    return this.send(["LATENCY", "RESET", ...events], integer);
  }

  /**
   * Returns a picture and the server's version.
   *
   * @see https://redis.io/docs/latest/commands/lolwut/
   */
  lolwut(options: LolwutOptions = {}): Promise<string> {
    const words = addOption(["LOLWUT"], "VERSION", options.version);
    return this.send([...words, ...options.args ?? []], text);
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
   * Returns what the allocator says about its memory.
   *
   * @see https://redis.io/docs/latest/commands/memory-malloc-stats/
   */
  memoryMallocStats(): Promise<string> {
    return this.send(["MEMORY", "MALLOC-STATS"], text);
  }

  /**
   * Asks the allocator to give back what it does not need.
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
    options: { samples?: number } = {},
  ): Promise<number | null> {
    return this.send(
      addOption(["MEMORY", "USAGE", key], "SAMPLES", options.samples),
      integerOrNull,
    );
  }

  /**
   * Makes the server a master, if it is none.
   *
   * @see https://redis.io/docs/latest/commands/replicaof/
   */
  replicaof(host: "no", port: "one"): Promise<"OK">;
  /**
   * Makes the server a replica of another; what it holds itself is lost.
   *
   * @see https://redis.io/docs/latest/commands/replicaof/
   */
  replicaof(host: string, port: number): Promise<"OK">;
  replicaof(host: string, port: number | "one"): Promise<"OK"> {
    return this.send(["REPLICAOF", host, port], ok);
  }

  /**
   * Returns what the server is: a master with its replicas, the replica of a
   * master, or a sentinel.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const role = await redis.role();
   * console.assert(role.role === "master" && role.replicas.length === 0);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/role/
   */
  role(): Promise<Role> {
    return this.send(["ROLE"], role);
  }

  /**
   * Saves the data; all clients wait meanwhile.
   *
   * @see https://redis.io/docs/latest/commands/save/
   */
  save(): Promise<"OK"> {
    return this.send(["SAVE"], ok);
  }

  /**
   * Returns the commands that took longest of late, the newest first: `count` of
   * them (-1: all, 10 by default), none when none took long enough.
   *
   * @see https://redis.io/docs/latest/commands/slowlog-get/
   */
  slowlogGet(count?: number): Promise<SlowlogEntry[]> {
    const words: Arg[] = ["SLOWLOG", "GET"];
    if (count !== undefined) words.push(count);
    return this.send(words, slowlogEntries);
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

  /**
   * Swaps two databases, for all clients at once.
   *
   * @see https://redis.io/docs/latest/commands/swapdb/
   */
  swapdb(first: number, second: number): Promise<"OK"> {
    return this.send(["SWAPDB", first, second], ok);
  }

  /**
   * Returns the server's time: Unix seconds, and the microseconds since.
   *
   * @see https://redis.io/docs/latest/commands/time/
   */
  time(): Promise<[seconds: number, microseconds: number]> {
    return this.send(["TIME"], time);
  }
}
