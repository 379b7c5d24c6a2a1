/**
 * Replication: masters, replicas, and what these have.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 * @module
 */

import { addOptions } from "./option_words.ts";
import { SentinelCommands } from "./sentinel.ts";
import { type Role, role } from "./server_shapes.ts";
import { integer, ok, twoIntegers } from "./shapes.ts";

/** Options of FAILOVER. */
export type FailoverOptions =
  | {
    /** Ends the failover that is under way. */
    abort: true;
    /** Not with `abort`. */
    to?: undefined;
    /** Not with `abort`. */
    force?: undefined;
    /** Not with `abort`. */
    timeout?: undefined;
  }
  | {
    /** Not with anything else. */
    abort?: undefined;
    /** The replica that takes over; without it, whichever is ready first. */
    to?: readonly [host: string, port: number];
    /** Only with `to` and `timeout`. */
    force?: undefined;
    /** The time to give up after, in milliseconds; never without it. */
    timeout?: number;
  }
  | {
    /** Not with anything else. */
    abort?: undefined;
    /** The replica that takes over. */
    to: readonly [host: string, port: number];
    /** The replica takes over after the timeout even when it lacks writes. */
    force: true;
    /** How many milliseconds the replica has to catch up. */
    timeout: number;
  };

/** Commands on replication. */
export abstract class ReplicationCommands<B extends string | Uint8Array>
  extends SentinelCommands<B> {
  /**
   * Makes a replica the master, and this server its replica; fails when it has
   * no replica.
   *
   * @see https://redis.io/docs/latest/commands/failover/
   */
  failover(options?: FailoverOptions): Promise<"OK"> {
    return this.send(
      addOptions(["FAILOVER"], options, "to force! abort! timeout"),
      ok,
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
    return this.sendExact(["REPLICAOF", host, port], ok, arguments);
  }

  /**
   * Returns what the server is: a master with its replicas, the replica of a
   * master, or a sentinel.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const role = await redis.role();
   * console.assert(role.role === "master" && role.replicas.length === 0);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/role/
   */
  role(): Promise<Role> {
    return this.sendExact(["ROLE"], role, arguments);
  }

  /**
   * Makes the server a master, if it is none.
   *
   * @deprecated Since Redis 5.0: use {@linkcode ReplicationCommands.replicaof}.
   * @see https://redis.io/docs/latest/commands/slaveof/
   */
  slaveof(host: "no", port: "one"): Promise<"OK">;
  /**
   * Makes the server a replica of another; what it holds itself is lost.
   *
   * @deprecated Since Redis 5.0: use {@linkcode ReplicationCommands.replicaof}.
   * @see https://redis.io/docs/latest/commands/slaveof/
   */
  slaveof(host: string, port: number): Promise<"OK">;
  slaveof(host: string, port: number | "one"): Promise<"OK"> {
    return this.sendExact(["SLAVEOF", host, port], ok, arguments);
  }

  /**
   * Waits until this many replicas have what was written before on the same
   * connection: at most `timeout` milliseconds, 0 for no limit. Returns how many
   * have it, 0 when there are none. It belongs on a lease, or after the writes of
   * a pipeline with `transaction: false`: elsewhere it is a `TypeError`.
   *
   * @see https://redis.io/docs/latest/commands/wait/
   */
  wait(replicas: number, timeout: number): Promise<number> {
    return this.sendExact(["WAIT", replicas, timeout], integer, arguments);
  }

  /**
   * Waits until the server (`local` 1) and this many replicas have written to
   * their append-only files what was written before on the same connection: at
   * most `timeout` milliseconds, 0 for no limit. Returns how many have: of the
   * server itself 0 or 1, and of replicas, 0 when there are none. It belongs where
   * {@linkcode ReplicationCommands.wait} does. Since Redis 7.2.
   *
   * @see https://redis.io/docs/latest/commands/waitaof/
   */
  waitaof(
    local: 0 | 1,
    replicas: number,
    timeout: number,
  ): Promise<[local: number, replicas: number]> {
    return this.sendExact(
      ["WAITAOF", local, replicas, timeout],
      twoIntegers,
      arguments,
    );
  }
}
