/**
 * A lease of a cluster: which node it is from is decided by its first key.
 *
 * @module
 */

import { LeaseWrapper } from "../client/lease_wrapper.ts";
import type {
  BatchOptions,
  CallOptions,
  LeasedEngine,
} from "../client/engine.ts";
import type { Command } from "../connection/command.ts";
import { sleep } from "../client/sleep.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import { ClosedError, ConnectionError, type ReplyError } from "../errors.ts";
import { slotOfCommand } from "./slots.ts";
import { refusalIn } from "./endpoint.ts";

type Take = (
  slot: number | undefined,
  call: CallOptions,
) => Promise<LeasedEngine>;

/** The members of a cluster that a lease needs. */
export interface Leases {
  /** Leases from the node of a slot, or from any. */
  readonly take: Take;
  /** Learns from an error; returns whether the slot is elsewhere, or will be served later. */
  readonly moved: (error: ReplyError) => "MOVED" | "later" | undefined;
  /** The deadline of the first command, in ms; 0 for none. */
  readonly patience: number;
  /** Aborts when the cluster is closed. */
  readonly closing: AbortSignal;
}

/** A connection on loan, to the node that has the first key it is used for; other keys are MOVED. */
export class ClusterLease extends LeaseWrapper {
  /** The slot of the node that it was taken from, where that was said. */
  readonly #slot: number | undefined;
  /** Resolves when the first key has decided which node it is from. */
  #chosen: Promise<void> | undefined;
  #released = false;
  readonly #leases: Leases;

  /** Takes a lease from the node of a slot, or from any node to begin with. */
  constructor(
    lease: LeasedEngine,
    slot: number | undefined,
    leases: Leases,
  ) {
    super(lease);
    this.#slot = slot;
    this.#leases = leases;
  }

  /** Executes one command. */
  override execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#on([command], call, (lease) => lease.execute(command, call));
  }

  /** Executes commands together. */
  override executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const send = (lease: LeasedEngine) =>
      lease.executeAll(commands, batch, call);
    return this.#on(commands, call, send);
  }

  /** Gives the connection back. */
  override [Symbol.dispose](): void {
    this.#released = true;
    super[Symbol.dispose]();
  }

  async #on<T>(
    commands: readonly Command[],
    call: CallOptions,
    send: (lease: LeasedEngine) => Promise<T>,
  ): Promise<T> {
    const slot = this.#chosen || this.changes > 0 ? undefined : commands
      .map(({ args }) => slotOfCommand(args))
      .find((slot) => slot !== undefined);
    if (slot === undefined) {
      await this.#chosen;
      return await this.#send(send);
    }
    const chosen = Promise.withResolvers<void>();
    this.#chosen = chosen.promise;
    try {
      return await this.#first(slot, call, send);
    } finally {
      chosen.resolve();
    }
  }

  /** The first command with a key decides: it goes where that is. */
  async #first<T>(
    slot: number,
    call: CallOptions,
    send: (lease: LeasedEngine) => Promise<T>,
  ): Promise<T> {
    const { take, moved, patience } = this.#leases;
    const deadline = now() + ((call.timeout ?? patience) || Infinity);
    for (let attempt = 1;; attempt++) {
      if (attempt > 1 || slot !== this.#slot) {
        const lease = await take(slot, call);
        this.lease[Symbol.dispose]();
        this.lease = lease;
        if (this.#released) lease[Symbol.dispose]();
      }
      try {
        return await send(this.lease);
      } catch (caught) {
        const error = this.#asOwn(caught);
        const refusal = refusalIn(error);
        const how = refusal && moved(refusal);
        if (how === undefined || now() >= deadline) throw error;
        // WATCH needs all keys on this node: wait until the slot has arrived.
        if (how !== "MOVED") await sleep(jittered(attempt), call.signal);
      }
    }
  }

  /** The client of a node that was left is closed; the cluster's is not. */
  #asOwn(error: unknown): unknown {
    if (!(error instanceof ClosedError)) return error;
    if (this.#released || this.#leases.closing.aborted) return error;
    return new ConnectionError("The node of the lease was left", {
      cause: error,
      maybeExecuted: error.maybeExecuted,
    });
  }

  /** Later commands fail when the keys have left the node. */
  async #send<T>(send: (lease: LeasedEngine) => Promise<T>): Promise<T> {
    try {
      return await send(this.lease);
    } catch (caught) {
      const error = this.#asOwn(caught);
      const refusal = refusalIn(error);
      if (!refusal || !this.#leases.moved(refusal)) throw error;
      // Nothing was executed: `watch` begins again.
      throw new ConnectionError("The keys have left the node of the lease", {
        cause: error,
      });
    }
  }
}
