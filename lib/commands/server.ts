/**
 * The server: its data as a whole, its settings, what it measures, replication.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import type { Arg } from "../resp/reply.ts";
import {
  addEntries,
  addFlat,
  addMany,
  addWord,
  type AtMostOne,
  type Entries,
  type FlushMode,
  type OneOrMany,
  pairsOf,
} from "./arguments.ts";
import { IntrospectionCommands } from "./introspection.ts";
import { addOptions } from "./option_words.ts";
import {
  type BackupStatus,
  backupStatus,
  type ModuleInfo,
  modules,
} from "./server_shapes.ts";
import { integer, ok, text, textFields, texts, time } from "./shapes.ts";

/** How a module is loaded. */
export interface ModuleLoadexOptions {
  /** Its settings. */
  config?: Entries;
  /** Its arguments. */
  args?: readonly Arg[];
}

/** Options of SHUTDOWN. */
export type ShutdownOptions =
  & AtMostOne<{
    /** Saves the data, even when no save points are configured. */
    save: boolean;
    /** Does not save the data. */
    nosave: boolean;
  }>
  & {
    /** Whether not to wait for replicas that lag behind. */
    now?: boolean;
    /** Whether to ignore errors that would keep the server from stopping. */
    force?: boolean;
    /** Whether to refuse when data would be lost. Valkey only. */
    safe?: boolean;
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
  extends IntrospectionCommands<B> {
  /**
   * Ends a backup that is not sealed; fails when there is none. Since Redis
   * 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-abort/
   */
  backupAbort(): Promise<"OK"> {
    return this.send(["BACKUP", "ABORT"], ok);
  }

  /**
   * Deletes the files of a backup that is sealed or failed; fails when there is
   * none. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-cleanup/
   */
  backupCleanup(): Promise<"OK"> {
    return this.send(["BACKUP", "CLEANUP"], ok);
  }

  /**
   * Returns the help text of `BACKUP`, line by line. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-help/
   */
  backupHelp(): Promise<string[]> {
    return this.send(["BACKUP", "HELP"], texts);
  }

  /**
   * Returns the paths of the files of a backup, empty when there is none. Since
   * Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-list/
   */
  backupList(): Promise<string[]> {
    return this.send(["BACKUP", "LIST"], texts);
  }

  /**
   * Completes a backup; fails when there is none. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-seal/
   */
  backupSeal(): Promise<"OK"> {
    return this.send(["BACKUP", "SEAL"], ok);
  }

  /**
   * Begins a backup, in the directory of the setting `backupdirname`; fails
   * when one is under way. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-start/
   */
  backupStart(): Promise<"OK"> {
    return this.send(["BACKUP", "START"], ok);
  }

  /**
   * Returns what a backup does, under the server's own field names; the state
   * is `"idle"` when there is none. Since Redis 8.10.
   *
   * @see https://redis.io/docs/latest/commands/backup-status/
   */
  backupStatus(): Promise<BackupStatus> {
    return this.send(["BACKUP", "STATUS"], backupStatus);
  }

  /**
   * Begins to rewrite the append-only file in the background, and returns the
   * server's message.
   *
   * @see https://redis.io/docs/latest/commands/bgrewriteaof/
   */
  bgrewriteaof(): Promise<string> {
    return this.sendExact(["BGREWRITEAOF"], text, arguments);
  }

  /**
   * Begins to save the data in the background, and returns the server's
   * message; with `schedule`, later if it cannot begin now, and with `cancel` a
   * save ends (since Valkey 8.1).
   *
   * @see https://redis.io/docs/latest/commands/bgsave/
   */
  bgsave(
    options?: AtMostOne<{ schedule: boolean; cancel: boolean }>,
  ): Promise<string> {
    return this.send(
      addOptions(["BGSAVE"], options, "schedule!|cancel!"),
      text,
    );
  }

  /**
   * Returns the settings whose names match the glob-style patterns, empty when
   * none does.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
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
    ...patterns: OneOrMany<string>[]
  ): Promise<Record<string, string>> {
    return this.send(
      addMany(["CONFIG", "GET"], patterns),
      textFields,
    );
  }

  /**
   * Returns the help text of `CONFIG`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/config-help/
   */
  configHelp(): Promise<string[]> {
    return this.send(["CONFIG", "HELP"], texts);
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
   * Writes the settings to the server's file of settings; fails when it has
   * none.
   *
   * @see https://redis.io/docs/latest/commands/config-rewrite/
   */
  configRewrite(): Promise<"OK"> {
    return this.send(["CONFIG", "REWRITE"], ok);
  }

  /**
   * Changes settings, all or none; fails when one of them does not exist.
   *
   * @see https://redis.io/docs/latest/commands/config-set/
   */
  configSet<T extends object>(settings: Entries<T>): Promise<"OK">;
  /** The same with names and values in a row. */
  configSet(name: Arg, value: Arg, ...more: Arg[]): Promise<"OK">;
  configSet(first: Arg | object, ...more: Arg[]): Promise<"OK"> {
    return this.send(
      addEntries(["CONFIG", "SET"], first, more),
      ok,
    );
  }

  /**
   * Returns the number of keys in the database, 0 when it is empty.
   *
   * @see https://redis.io/docs/latest/commands/dbsize/
   */
  dbsize(): Promise<number> {
    return this.sendExact(["DBSIZE"], integer, arguments);
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
   * Returns information about the server as lines of `name:value`: the given
   * sections, or the default ones; empty when a section does not exist.
   *
   * @see https://redis.io/docs/latest/commands/info/
   */
  info(...sections: OneOrMany<string>[]): Promise<string> {
    return this.send(addFlat(["INFO"], sections), text);
  }

  /**
   * Returns when the data was last saved, in Unix seconds; when the server was
   * started, if never.
   *
   * @see https://redis.io/docs/latest/commands/lastsave/
   */
  lastsave(): Promise<number> {
    return this.sendExact(["LASTSAVE"], integer, arguments);
  }

  /**
   * Returns a picture and the server's version.
   *
   * @see https://redis.io/docs/latest/commands/lolwut/
   */
  lolwut(options?: LolwutOptions): Promise<string> {
    const words = addOptions(["LOLWUT"], options, "version", "args");
    return this.send(addFlat(words, options?.args ?? []), text);
  }

  /**
   * Returns the help text of `MODULE`, line by line.
   *
   * @see https://redis.io/docs/latest/commands/module-help/
   */
  moduleHelp(): Promise<string[]> {
    return this.send(["MODULE", "HELP"], texts);
  }

  /**
   * Returns the modules that are loaded, under the server's own field names;
   * empty when there are none.
   *
   * @see https://redis.io/docs/latest/commands/module-list/
   */
  moduleList(): Promise<ModuleInfo[]> {
    return this.send(["MODULE", "LIST"], modules);
  }

  /**
   * Loads a module from a file; fails when it cannot be loaded.
   *
   * @see https://redis.io/docs/latest/commands/module-load/
   */
  moduleLoad(path: string, ...args: OneOrMany[]): Promise<"OK"> {
    return this.send(addFlat(["MODULE", "LOAD", path], args), ok);
  }

  /**
   * Loads a module from a file, with settings; fails when it cannot be loaded.
   *
   * @see https://redis.io/docs/latest/commands/module-loadex/
   */
  moduleLoadex(
    path: string,
    options?: ModuleLoadexOptions,
  ): Promise<"OK"> {
    const words: Arg[] = ["MODULE", "LOADEX", path];
    const { config } = options ?? {};
    const pairs = config ? pairsOf("MODULE", config) : [];
    for (let i = 0; i < pairs.length; i += 2) {
      words.push("CONFIG", pairs[i]!, pairs[i + 1]!);
    }
    return this.send(addOptions(words, options, "args", "config"), ok);
  }

  /**
   * Unloads a module; fails when there is none of this name.
   *
   * @see https://redis.io/docs/latest/commands/module-unload/
   */
  moduleUnload(name: string): Promise<"OK"> {
    return this.send(["MODULE", "UNLOAD", name], ok);
  }

  /**
   * Saves the data; blocks all clients meanwhile.
   *
   * @see https://redis.io/docs/latest/commands/save/
   */
  save(): Promise<"OK"> {
    return this.sendExact(["SAVE"], ok, arguments);
  }

  /**
   * Ends a stop that is under way, and goes on; fails when there is none. Since
   * Redis 7.0.
   *
   * @see https://redis.io/docs/latest/commands/shutdown/
   */
  shutdown(
    options: { abort: true } & { [K in keyof ShutdownOptions]?: undefined },
  ): Promise<"OK">;
  /**
   * Stops the server. It does not reply but closes its connections, so that
   * this rejects with a `ConnectionError`; with the server's error when it
   * cannot stop.
   *
   * @see https://redis.io/docs/latest/commands/shutdown/
   */
  shutdown(
    options?: ShutdownOptions & { abort?: false | undefined },
  ): Promise<"OK">;
  shutdown(options?: object): Promise<"OK"> {
    const table = "save!|nosave! now! force! safe! abort!";
    return this.send(addOptions(["SHUTDOWN"], options, table), ok);
  }

  /**
   * Swaps two databases, for all clients at once.
   *
   * @see https://redis.io/docs/latest/commands/swapdb/
   */
  swapdb(first: number, second: number): Promise<"OK"> {
    return this.sendExact(["SWAPDB", first, second], ok, arguments);
  }

  /**
   * Returns the server's time: Unix seconds, and the microseconds since.
   *
   * @see https://redis.io/docs/latest/commands/time/
   */
  time(): Promise<[seconds: number, microseconds: number]> {
    return this.sendExact(["TIME"], time, arguments);
  }
}
