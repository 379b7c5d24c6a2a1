/**
 * A leased connection: an engine for one caller alone.
 *
 * @module
 */

import {
  BatchSlot,
  type Command,
  CommandSlot,
  type Slot,
  TransactionSlot,
} from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { tell } from "../connection/events.ts";
import { exceeded, queueFull } from "../connection/queue_limits.ts";
import { Refusals } from "../connection/refusals.ts";
import { effectsOf } from "../connection/traits.ts";
import { ClosedError, ConnectionError } from "../errors.ts";
import type { BatchOptions, CallOptions, LeasedEngine } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";

/** A leased connection: dispose of it to return it to the pool. */
export class Lease implements LeasedEngine {
  /** The connection. Only the holder of the lease uses it. */
  readonly connection: Connection;
  /**
   * How many commands have changed its state. After one, it is closed when it
   * is given back.
   */
  changes = 0;
  /**
   * Whether the last command may block. If so, closing does not wait for it.
   */
  blocks = false;
  readonly #options: ResolvedOptions;
  /** The commands that found the queue full. */
  readonly #refusals = new Refusals();
  #release: ((lease: Lease) => void) | undefined;

  /** `release` is called once, when the lease is disposed of. */
  constructor(
    connection: Connection,
    options: ResolvedOptions,
    release: (lease: Lease) => void,
  ) {
    this.connection = connection;
    this.#options = options;
    this.#release = release;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const slot = new CommandSlot(command, call.retry);
    return this.#ask(slot, [command], call, false);
  }

  /** Executes commands together. */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    const slot = batchSlot(commands, atomic, call);
    return await this.#ask(slot, commands, call, atomic);
  }

  /** Returns the connection to the pool. */
  [Symbol.dispose](): void {
    this.#release?.(this);
    this.#release = undefined;
  }

  async #ask<T>(
    slot: Slot<T>,
    commands: readonly Command[],
    call: CallOptions,
    atomic: boolean,
  ): Promise<T> {
    const { connection } = this;
    if (!this.#release) throw new ClosedError("The lease was given back");
    call.signal?.throwIfAborted();
    const { changes, block } = effectsOf(commands, true, atomic);
    // Changes cannot be undone reliably: the connection is not used again.
    this.changes += changes;
    if (changes > 0) connection.keepalive = false;
    if (!connection.alive) {
      const { reason } = await connection.closed;
      throw reason instanceof ClosedError
        ? reason
        : new ConnectionError("The connection of the lease was lost", {
          cause: reason,
        });
    }
    this.blocks = block > 0;
    // Its size is known later: one command may exceed "queueBytes".
    const full = exceeded(this.#options, connection, slot);
    if (full !== undefined && this.#options.whenFull === "reject") {
      this.#refusals.add(slot, queueFull(this.#options, full, slot));
    } else connection.execute(limited(slot, call, this.#options, block));
    return slot.promise;
  }
}

/** The slot of commands that are sent together. */
export function batchSlot(
  commands: readonly Command[],
  atomic: boolean,
  { retry }: CallOptions,
): Slot<unknown[]> {
  return new (atomic ? TransactionSlot : BatchSlot)(commands, retry);
}

/** Gives a slot the limits of its call. */
export function limited<S extends Slot>(
  slot: S,
  { signal, timeout }: CallOptions,
  options: ResolvedOptions,
  block = 0,
): S {
  const patience = timeout === undefined
    ? options.commandTimeout + block
    : timeout || Infinity;
  slot.limit(patience, options.retries, signal);
  // Blocking commands are slow on purpose: no event tells of them.
  const { slowTime } = options;
  if (slowTime < Infinity && block === 0) {
    const start = performance.now();
    slot.onEnd(() => {
      const time = performance.now() - start;
      const command = slot.description;
      if (time >= slowTime) tell(options, { kind: "slow", command, time });
    });
  }
  return slot;
}
