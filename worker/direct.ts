/**
 * Commands without a client: a connection for each call, closed at its end.
 *
 * For where a socket belongs to one request. Each call costs the round trips of
 * TCP and TLS, and one more: what only reads leaves in the same write as AUTH and
 * SELECT. What writes waits for their answers, as a server executes what stands
 * behind a refused one: in database 0, as the default user (seen with Redis 7).
 * Without user, password and database there is nothing to wait for.
 *
 * @module
 */

import {
  type BatchOptions,
  type CallOptions,
  type Command,
  type Dial,
  type Engine,
  Pool,
} from "../lib/client/client.ts";
import {
  BatchSlot,
  CommandSlot,
  type Slot,
  TransactionSlot,
} from "../lib/connection/command.ts";
import type { Connection } from "../lib/connection/connection.ts";
import { open } from "../lib/connection/handshake.ts";
import { takeBack } from "../lib/connection/link.ts";
import { effectsOf } from "../lib/connection/traits.ts";
import { ClosedError } from "../lib/errors.ts";
import { makeClient, makeFor, type Platform } from "./upstream.ts";

/**
 * What a platform has where a socket belongs to the request that opened it: a
 * connection for each call, and for each stream a client, closed at its end.
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 */
export function perRequest(
  dial: Dial,
): Pick<Platform, "engine" | "upstream"> {
  return {
    engine: (redisUrl) => new Direct(redisUrl, dial),
    async upstream(redisUrl, work) {
      const client = makeClient(redisUrl, { dial, connectAttempts: 1 });
      try {
        return await work(client);
      } finally {
        await client.close({ timeout: 0 });
      }
    },
  };
}

/** An engine that holds nothing between its calls. */
export class Direct implements Engine {
  readonly #redisUrl: string;
  readonly #dial: Dial;

  /** Connects when it is called. */
  constructor(redisUrl: string, dial: Dial) {
    this.#redisUrl = redisUrl;
    this.#dial = dial;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#ask(new CommandSlot(command), [command], false, call);
  }

  /** Executes commands together. */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    const slot = new (atomic ? TransactionSlot : BatchSlot)(commands);
    return await this.#ask(slot, commands, atomic, call);
  }

  async #ask<T>(
    slot: Slot<T>,
    commands: readonly Command[],
    atomic: boolean,
    { signal, timeout }: CallOptions,
  ): Promise<T> {
    // A pool checks its options, and does not connect before it is used.
    const { options } = makeFor(
      this.#redisUrl,
      { dial: this.#dial },
      (all) => new Pool(all),
    );
    const { block } = effectsOf(commands, false, atomic);
    const patience = timeout === undefined
      ? options.commandTimeout + block
      : timeout || Infinity;
    slot.limit(patience, 0, signal);
    // It may fail while the handshake is under way, whose error goes first.
    slot.promise.catch(() => {});
    const early = slot.readOnly;
    let connection: Connection | undefined;
    try {
      connection = await open(
        {
          ...options,
          connectTimeout: Math.min(options.connectTimeout, patience),
        },
        // The slot has a deadline, and nothing else is asked.
        { ...options.limits, stall: Infinity },
        signal,
        early ? slot : undefined,
      );
      connection.closed.then((death) => takeBack(death, false));
      if (!early) connection.execute(slot);
      return await slot.promise;
    } catch (error) {
      slot.fail(error);
      throw error;
    } finally {
      connection?.destroy(new ClosedError("The request has ended"));
      await connection?.closed;
    }
  }
}
