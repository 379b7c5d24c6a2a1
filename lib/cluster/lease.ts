/**
 * A lease of a cluster: which node it is from is decided by its first key.
 *
 * @module
 */

import type {
  BatchOptions,
  CallOptions,
  LeasedEngine,
} from "../client/engine.ts";
import type { Command } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { ReplyError } from "../errors.ts";
import { slotOfCommand } from "./slots.ts";

/** Leases from the node of a slot, or from any. */
type Take = (
  slot: number | undefined,
  call: CallOptions,
) => Promise<LeasedEngine>;

/** So often in a row the first key may have moved. */
const ATTEMPTS = 5;

/** A connection on loan, of the node that has the first key it is used for; others are MOVED. */
export class ClusterLease implements LeasedEngine {
  #lease: LeasedEngine;
  #used = false;
  readonly #take: Take;
  readonly #moved: (error: ReplyError) => boolean;

  /** Takes a lease from any node, how others are taken, and what learns from MOVED. */
  constructor(
    lease: LeasedEngine,
    take: Take,
    moved: (error: ReplyError) => boolean,
  ) {
    this.#lease = lease;
    this.#take = take;
    this.#moved = moved;
  }

  /** The connection itself. */
  get connection(): Connection {
    return this.#lease.connection;
  }

  /** How many commands have changed it. */
  get changes(): number {
    return this.#lease.changes;
  }

  set changes(changes: number) {
    this.#lease.changes = changes;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#on([command], call, (lease) => lease.execute(command, call));
  }

  /** Executes commands together. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const send = (lease: LeasedEngine) =>
      lease.executeAll(commands, batch, call);
    return this.#on(commands, call, send);
  }

  /** Gives the connection back. */
  [Symbol.dispose](): void {
    this.#lease[Symbol.dispose]();
  }

  async #on<T>(
    commands: readonly Command[],
    call: CallOptions,
    send: (lease: LeasedEngine) => Promise<T>,
  ): Promise<T> {
    if (this.#used) return await send(this.#lease);
    this.#used = true;
    const slot = commands
      .map(({ args }) => slotOfCommand(args))
      .find((slot) => slot !== undefined);
    if (slot === undefined) return await send(this.#lease);
    for (let attempt = 1;; attempt++) {
      const lease = await this.#take(slot, call);
      this.#lease[Symbol.dispose]();
      this.#lease = lease;
      try {
        return await send(lease);
      } catch (error) {
        const moved = error instanceof ReplyError && this.#moved(error);
        if (!moved || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
