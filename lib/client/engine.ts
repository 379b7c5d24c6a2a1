/**
 * All that the big door needs below it: something that executes commands.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import type { Arg } from "../resp/reply.ts";
import type { Command } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import type { ResolvedOptions } from "./options.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "./subscription.ts";

/** The options of one call, given to `with`. */
export interface CallOptions {
  /** Rejects the call with the signal's reason when it aborts. */
  signal?: AbortSignal;
  /**
   * The call's deadline in milliseconds instead of `commandTimeout`; 0 for none.
   * For a blocking command it is the whole time: its own is not added.
   */
  timeout?: number;
  /**
   * `true` sends the command again after a lost connection although the server
   * may have executed it; `false` never does. Commands that only read are sent
   * again unless told otherwise.
   */
  retry?: boolean;
  /**
   * In a cluster, which server executes commands that only read. A replica is
   * behind: what was just written may be missing. Without effect elsewhere.
   *
   * @default {"master"}
   */
  readFrom?: ReadFrom;
  /**
   * Whether an error names the line of its call, as the option of
   * {@linkcode ClientOptions} does for all.
   */
  callSites?: boolean;
}

/**
 * Which server of a cluster's shard executes commands that only read: its master;
 * one of its replicas, or a failure; a replica, or the master where none answers.
 */
export type ReadFrom = "master" | "replica" | "preferReplica";

/** How a batch is sent. */
export interface BatchOptions {
  /** Between MULTI and EXEC, or one by one. */
  atomic: boolean;
}

/** What kind of names a subscription listens to. */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** Anything that executes commands: a client, a lease, later a cluster. */
export interface Engine {
  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T>;
  /**
   * Executes commands together. A command's error stands in its place in the
   * result; what concerns them all rejects.
   */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]>;
}

/**
 * Learns of the connections that all callers share: the way to the pushes of a
 * server, such as invalidations.
 */
export interface ConnectionObserver {
  /**
   * A connection is open: called at once for those that are, and for each new one
   * before it takes a command.
   *
   * @internal
   */
  opened(connection: Connection, options: ResolvedOptions): void;
  /** The user may be another, or keys have moved to another server. */
  changed(): void;
}

/** An engine that has connections of its own to give away. */
export interface PooledEngine extends Engine {
  /**
   * Tells of the connections that all callers share, until it is disposed of;
   * `undefined` where there are none.
   *
   * @internal
   */
  observe?(observer: ConnectionObserver): Disposable | undefined;
  /**
   * What it puts in front of every key.
   *
   * @internal
   */
  readonly keyPrefix?: string;
  /** Gives one connection to the caller alone, until it is disposed of: to the server that has the key. */
  lease(call: CallOptions, key?: Arg): Promise<LeasedEngine>;
  /** Listens; resolves when the server has confirmed. */
  subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>>;
  /** Asks for the credentials again and says them on every connection. */
  authenticate(): Promise<void>;
  /** Aborts when the engine is closed. */
  readonly closing: AbortSignal;
  /** Lets what was asked come to its end, then closes. */
  close(options?: CloseOptions): Promise<void>;
  /** Lets the process live while there is a connection. */
  ref(): void;
  /** Lets the process end although there is a connection. */
  unref(): void;
  /** The server's address and how the connection stands, without secrets. */
  readonly summary: string;
}

/** An engine on one connection that is the caller's alone. */
export interface LeasedEngine extends Engine, Disposable {
  /**
   * The connection itself, for what no engine does. Who changes it destroys it.
   *
   * @internal
   */
  readonly connection: Connection;
  /**
   * How many commands have changed the connection: with one, it is closed when
   * it is given back, not used again.
   *
   * @internal
   */
  changes: number;
}

/** How a client is closed. */
export interface CloseOptions {
  /**
   * How long replies are waited for, in milliseconds; 0 for not at all.
   *
   * @default {5000}
   */
  timeout?: number;
}
