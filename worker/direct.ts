/**
 * Commands without a shared client: a connection for each call, closed at its end.
 *
 * For platforms where a socket belongs to one request. Each call costs the round
 * trips of TCP and TLS, and one more. A command that only reads leaves in the same
 * write as AUTH and SELECT. A command that writes waits for their answers: after a
 * refused AUTH or SELECT a server executes the next command all the same, as the
 * default user or in database 0 (seen with Redis 7).
 *
 * @see https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 * @module
 */

import type {
  BatchOptions,
  CallOptions,
  Command,
  Dial,
} from "../lib/client/client.ts";
import {
  BatchSlot,
  CommandSlot,
  type Slot,
  TransactionSlot,
} from "../lib/connection/command.ts";
import type { Connection } from "../lib/connection/connection.ts";
import { open } from "../lib/connection/handshake.ts";
import { takeBack } from "../lib/connection/take_back.ts";
import { effectsOf } from "../lib/connection/traits.ts";
import { ClosedError, ReplyError } from "../lib/errors.ts";
import { ClientSession, makePool } from "./clients.ts";
import type { Engine, Platform } from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** A server that refuses a connection closes it within this long after its error, in milliseconds. */
const CLOSED_WITHIN_MS = 10;

/** A connection for each call, and a client for each stream or WebSocket. */
export function perRequest(dial: Dial): Pick<Platform, "engine" | "session"> {
  return {
    engine: (redisUrl) => new Direct(redisUrl, dial),
    session: (redisUrl) =>
      new ClientSession(redisUrl, { dial, connectAttempts: 1 }),
  };
}

/** An engine that holds nothing between its calls. */
export class Direct implements Engine {
  readonly #redisUrl: string;
  readonly #dial: Dial;

  /** Connects for each call. */
  constructor(redisUrl: string, dial: Dial) {
    this.#redisUrl = redisUrl;
    this.#dial = dial;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#run(new CommandSlot(command), [command], false, call);
  }

  /** Executes commands together. */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    const slot = new (atomic ? TransactionSlot : BatchSlot)(commands);
    return await this.#run(slot, commands, atomic, call);
  }

  async #run<T>(
    slot: Slot<T>,
    commands: readonly Command[],
    atomic: boolean,
    { signal, timeout }: CallOptions,
  ): Promise<T> {
    // The pool checks the options; it connects only when it is used.
    const { options } = makePool(this.#redisUrl, { dial: this.#dial });
    const { block } = effectsOf(commands, false, atomic);
    const time = timeout === undefined
      ? options.commandTimeout + block
      : timeout || Infinity;
    slot.limit(time, 0, signal);
    // It may fail during the handshake, whose own error is thrown then.
    slot.promise.catch(() => {});
    const early = slot.readOnly;
    let connection: Connection | undefined;
    try {
      connection = await open(
        {
          ...options,
          connectTimeout: Math.min(options.connectTimeout, time),
        },
        // The slot has a deadline, and nothing else is sent.
        { ...options.limits, stall: Infinity },
        signal,
        early ? slot : undefined,
      );
      connection.closed.then((death) => takeBack(death, "none"));
      if (!early) connection.execute(slot);
      return await slot.promise;
    } catch (error) {
      const told = early && error instanceof ReplyError && connection
        ? await refusedConnection(error, connection)
        : error;
      slot.fail(told);
      throw told;
    } finally {
      connection?.destroy(new ClosedError("The request has ended"));
      await connection?.closed;
    }
  }
}

/**
 * A server with too many clients answers with an error before it has read
 * anything, and closes. Its error looks like the answer to the first command.
 */
async function refusedConnection(
  error: ReplyError,
  { closed }: Connection,
): Promise<Error> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), CLOSED_WITHIN_MS);
  });
  const stays = await Promise.race([closed.then(() => false), open]);
  clearTimeout(timer);
  return stays ? error : new Refusal(503, `ERR Redis refused: ${error.reply}`, {
    "retry-after": "1",
  });
}
