/**
 * The engine for a master and its replicas: these are read from.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import type { Client } from "../client/client.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  Engine,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "../client/engine.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import type { Command } from "../connection/command.ts";
import { isRetryableLater } from "../connection/error_codes.ts";
import { keysOf } from "../connection/key_positions.ts";
import { traitsOf } from "../connection/traits.ts";
import { upper } from "../connection/words.ts";
import { ConnectionError } from "../errors.ts";
import type { Arg } from "../resp/reply.ts";
import { refusalIn } from "./endpoint.ts";

/** One that could not be read from is not tried for so long, in milliseconds. */
const REST = 1_000;

/** An engine that reads from replicas by turns, and does all else at the master. */
export class Replicated implements PooledEngine {
  readonly #master: PooledEngine;
  readonly #replicas: readonly Client[];
  /** Until when a replica is not tried. */
  readonly #resting = new Map<Client, number>();
  #turn = 0;

  /** Takes clients, which it closes with itself. */
  constructor(master: PooledEngine, replicas: readonly Client[]) {
    this.#master = master;
    this.#replicas = replicas;
  }

  /** Executes one command; one that only reads, at a replica. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#execute(
      [command],
      call,
      (engine) => engine.execute(command, call),
    );
  }

  /** Executes commands together; those that only read, at a replica. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.#execute(
      commands,
      call,
      (engine) => engine.executeAll(commands, batch, call),
    );
  }

  /** Gives one of the master's connections to the caller alone. */
  lease(call: CallOptions): Promise<LeasedEngine> {
    return this.#master.lease(call);
  }

  /** Listens at the master. */
  subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    return this.#master.subscribe(kind, names, options, read);
  }

  /** Asks for the credentials again and says them to every server. */
  async authenticate(): Promise<void> {
    await Promise.all(this.#all.map((engine) => engine.authenticate()));
  }

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.#master.closing;
  }

  /** Lets what was asked come to its end, then closes. */
  async close(options?: CloseOptions): Promise<void> {
    await Promise.all(this.#all.map((engine) => engine.close(options)));
  }

  /** Lets the process live while there is a connection. */
  ref(): void {
    for (const engine of this.#all) engine.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    for (const engine of this.#all) engine.unref();
  }

  /** The servers and how the connections stand, without secrets. */
  get summary(): string {
    return this.#all.map(({ summary }) => summary).join(", ");
  }

  get #all(): PooledEngine[] {
    return [this.#master, ...this.#replicas];
  }

  async #execute<T>(
    commands: readonly Command[],
    { signal }: CallOptions,
    send: (engine: Engine) => Promise<T>,
  ): Promise<T> {
    const reads = commands.every(({ args }) => readsData(args));
    for (let i = 0; reads && i < this.#replicas.length; i++) {
      const replica = this.#next();
      if (performance.now() < (this.#resting.get(replica) ?? 0)) continue;
      try {
        return await send(replica);
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#resting.set(replica, performance.now() + REST);
        signal?.throwIfAborted();
        this.closing.throwIfAborted();
      }
    }
    return await send(this.#master);
  }

  #next(): Client {
    return this.#replicas[this.#turn++ % this.#replicas.length]!;
  }
}

/**
 * Whether a command only reads data, as any replica has it. A cursor means
 * something to one server only, and what a server says of itself is its own.
 */
function readsData(args: readonly Arg[]): boolean {
  const { reads, blocks, state } = traitsOf(args);
  const word = upper(args[0]);
  return reads === true && !blocks && !state && !word.endsWith("SCAN") &&
    (keysOf(args).length > 0 || /^(DBSIZE|KEYS|RANDOMKEY)$/.test(word));
}

/** Whether another server can be asked instead: what reads may be asked twice. */
function isAway(error: unknown): boolean {
  const refusal = refusalIn(error);
  return refusal ? isRetryableLater(refusal) : error instanceof ConnectionError;
}
