/**
 * Sentinels: servers that watch others and let a replica take over.
 *
 * The commands are those of a sentinel, which other servers do not know.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
 * @module
 */

import type { Reply } from "../resp/reply.ts";
import { addEntries, type Entries, subcommands } from "./arguments.ts";
import { ClusterCommands } from "./cluster.ts";
import {
  addressOrNull,
  type SentinelInfo,
  sentinelInfo,
  textFieldsList,
} from "./cluster_shapes.ts";
import { integer, ok, raw, text, textFields, texts } from "./shapes.ts";

const sentinel = subcommands("SENTINEL");

/** Commands on sentinels. */
export abstract class SentinelCommands<B extends string | Uint8Array>
  extends ClusterCommands<B> {
  /**
   * Returns whether enough sentinels are there to let a replica of this master
   * take over, in words; fails when not, or there is no such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelCkquorum(master: string): Promise<string> {
    return this.send(sentinel("CKQUORUM", master), text);
  }

  /**
   * Returns the settings of the sentinel whose names match a glob-style
   * pattern, empty when none does; since Redis 6.2.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelConfigGet(pattern: string): Promise<Record<string, string>> {
    return this.send(sentinel("CONFIG", "GET", pattern), textFields);
  }

  /**
   * Changes settings of the sentinel; since Redis 6.2, and more than one since
   * Redis 7.2. Fails when it has no such setting.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelConfigSet<T extends object>(
    settings: Entries<T>,
  ): Promise<"OK"> {
    return this.send(addEntries(sentinel("CONFIG", "SET"), settings), ok);
  }

  /**
   * Returns the times by which the sentinel works, in milliseconds; since Redis
   * 7.0.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelDebug(): Promise<Record<string, string>>;
  /**
   * Changes times by which the sentinel works, in milliseconds; since Redis
   * 7.0. Fails when there is no such time.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelDebug<T extends object>(times: Entries<T>): Promise<"OK">;
  sentinelDebug(times?: object): Promise<Record<string, string> | "OK"> {
    const words = sentinel("DEBUG");
    if (times === undefined) return this.send(words, textFields);
    return this.send(addEntries(words, times), ok);
  }

  /**
   * Makes a replica of this master the master, without asking other sentinels;
   * fails when there is none that can, or no such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelFailover(master: string): Promise<"OK"> {
    return this.send(sentinel("FAILOVER", master), ok);
  }

  /**
   * Writes what the sentinel knows to its file of settings.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelFlushconfig(): Promise<"OK"> {
    return this.send(sentinel("FLUSHCONFIG"), ok);
  }

  /**
   * Returns the address of a master, or `null` when there is no such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelGetMasterAddrByName(
    master: string,
  ): Promise<[host: string, port: number] | null> {
    return this.send(
      sentinel("GET-MASTER-ADDR-BY-NAME", master),
      addressOrNull,
    );
  }

  /**
   * Returns the help text of `SENTINEL`, line by line.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelHelp(): Promise<string[]> {
    return this.send(sentinel("HELP"), texts);
  }

  /**
   * Returns what masters and their replicas last said about themselves, and how
   * many milliseconds ago; masters that do not exist are left out.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelInfoCache(...masters: string[]): Promise<SentinelInfo> {
    return this.send(sentinel("INFO-CACHE", ...masters), sentinelInfo);
  }

  /**
   * Returns information about a master, under the server's own field names;
   * fails when there is no such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelMaster(master: string): Promise<Record<string, string>> {
    return this.send(sentinel("MASTER", master), textFields);
  }

  /**
   * Returns information about each master, under the server's own field names;
   * empty when the sentinel watches none.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelMasters(): Promise<Record<string, string>[]> {
    return this.send(sentinel("MASTERS"), textFieldsList);
  }

  /**
   * Makes the sentinel monitor a master, which counts as down when this many
   * sentinels agree; fails when it watches one of this name.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelMonitor(
    master: string,
    ip: string,
    port: number,
    quorum: number,
  ): Promise<"OK"> {
    return this.send(sentinel("MONITOR", master, ip, port, quorum), ok);
  }

  /**
   * Returns the id of the sentinel; since Redis 6.2.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelMyid(): Promise<string> {
    return this.send(sentinel("MYID"), text);
  }

  /**
   * Returns the scripts that the sentinel has yet to run, as it sends them.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelPendingScripts(): Promise<Reply> {
    return this.send(sentinel("PENDING-SCRIPTS"), raw);
  }

  /**
   * Stops the sentinel from monitoring a master; fails when there is no such
   * master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelRemove(master: string): Promise<"OK"> {
    return this.send(sentinel("REMOVE", master), ok);
  }

  /**
   * Returns information about each replica of a master, under the server's own
   * field names, empty when it has none; fails when there is no such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelReplicas(master: string): Promise<Record<string, string>[]> {
    return this.send(sentinel("REPLICAS", master), textFieldsList);
  }

  /**
   * Resets the state of the masters whose names match a glob-style pattern, but
   * for their addresses, and returns how many there are, 0 when none does.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelReset(pattern: string): Promise<number> {
    return this.send(sentinel("RESET", pattern), integer);
  }

  /**
   * Returns information about each other sentinel of a master, under the
   * server's own field names, empty when there is none; fails when there is no
   * such master.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelSentinels(master: string): Promise<Record<string, string>[]> {
    return this.send(sentinel("SENTINELS", master), textFieldsList);
  }

  /**
   * Changes how the sentinel watches a master; fails when there is no such
   * master, or no such setting.
   *
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelSet<T extends object>(
    master: string,
    settings: Entries<T>,
  ): Promise<"OK"> {
    return this.send(addEntries(sentinel("SET", master), settings), ok);
  }

  /**
   * Returns information about each replica of a master, under the server's own
   * field names, empty when it has none; fails when there is no such master.
   *
   * @deprecated Since Redis 5.0: use {@linkcode SentinelCommands.sentinelReplicas}.
   * @see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
   */
  sentinelSlaves(master: string): Promise<Record<string, string>[]> {
    return this.send(sentinel("SLAVES", master), textFieldsList);
  }
}
