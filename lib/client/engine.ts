/**
 * The interface between `Redis` and the engine that executes its commands: a
 * client, a lease, a cluster.
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
  Payloads,
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
   * With a cluster, Sentinel or replicas, which server executes commands that
   * only read. A replica is behind: it may lack the latest writes. Without effect
   * elsewhere.
   */
  readFrom?: ReadFrom;
  /**
   * Whether an error names the line of its call, as the option of
   * {@linkcode ClientOptions} does for all.
   */
  callSites?: boolean;
}

/**
 * Which server executes commands that only read, of a master and its replicas:
 *
 * - `"master"`;
 * - `"replica"`: a replica by turns, or a failure;
 * - `"preferReplica"`: a replica by turns, or the master where none answers;
 * - `"nearest"`: the one with the shortest round trip, replica or master;
 * - `{ zone }`: a replica in that availability zone, or the master if it is there,
 *   or another replica, or the master.
 */
export type ReadFrom =
  | "master"
  | "replica"
  | "preferReplica"
  | "nearest"
  | { readonly zone: string };

/** How a batch is sent. */
export interface BatchOptions {
  /** Between MULTI and EXEC, or one by one. */
  atomic: boolean;
}

/** The kind of names that a subscription listens to. */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** Anything that executes commands: a client, a lease, a cluster. */
export interface Engine {
  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T>;
  /**
   * Executes commands together. The error of a command stands in place of its
   * result; an error that concerns all of them rejects.
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
   * Whether it has reads that servers are to remember (CLIENT TRACKING): each pool
   * then opens one more connection, for commands with a `slot` of their own.
   *
   * @internal
   */
  readonly tracks?: boolean;
  /**
   * A connection is open: called at once for those that are, and for each new one
   * before it takes a command. `isTracked` tells the one for tracked reads.
   *
   * @internal
   */
  opened(
    connection: Connection,
    options: ResolvedOptions,
    isTracked: boolean,
  ): void;
  /** The user may be another, or keys have moved to another server. */
  changed(): void;
}

/** An engine that can lease connections and subscribe. */
export interface PooledEngine extends Engine {
  /**
   * Tells of the connections that all callers share, until it is disposed of;
   * `undefined` where there are none.
   *
   * @internal
   */
  observe?(observer: ConnectionObserver): Disposable | undefined;
  /**
   * The prefix that it puts in front of every key.
   *
   * @internal
   */
  readonly keyPrefix?: string;
  /**
   * Leases one connection to the caller, until it is disposed of. In a cluster,
   * to the node that has `key`.
   */
  lease(call: CallOptions, key?: Arg): Promise<LeasedEngine>;
  /** Listens; resolves when the server has confirmed. */
  subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    payloads: Payloads,
  ): Promise<Subscription<B, T>>;
  /**
   * Calls the option `credentials` again and authenticates every connection
   * with the result.
   */
  authenticate(): Promise<void>;
  /** Aborts when the engine is closed. */
  readonly closing: AbortSignal;
  /**
   * Waits for the replies of pending commands, then closes every connection.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Keeps the process alive while there is a connection. */
  ref(): void;
  /** Lets the process exit although there is a connection. */
  unref(): void;
  /** The server's address and the state of the connections, without secrets. */
  readonly summary: string;
}

/** An engine on one leased connection. */
export interface LeasedEngine extends Engine, Disposable {
  /**
   * The connection itself. Code that changes its state must destroy it.
   *
   * @internal
   */
  readonly connection: Connection;
  /**
   * How many commands have changed the state of the connection. After one, the
   * connection is closed when it is given back.
   *
   * @internal
   */
  changes: number;
}

/** How a client is closed. */
export interface CloseOptions {
  /**
   * How long to wait for replies, in milliseconds; 0 for no wait.
   *
   * @default {5000}
   */
  timeout?: number;
}
