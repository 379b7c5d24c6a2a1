/**
 * A leased connection below a cache.
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
import { allChangesOf, type Changes, changesOf } from "./cacheable.ts";

/** Drops what commands change, before they are sent and once they have settled. */
export type Around = <T>(changes: Changes, run: () => Promise<T>) => Promise<T>;

/** A leased connection whose writes are seen by the cache at once. */
export class CachedLease extends LeaseWrapper {
  readonly #around: Around;

  constructor(lease: LeasedEngine, around: Around) {
    super(lease);
    this.#around = around;
  }

  override execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const changes = changesOf(command.args);
    return this.#around(changes, () => this.lease.execute(command, call));
  }

  override executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.#around(
      allChangesOf(commands),
      () => this.lease.executeAll(commands, batch, call),
    );
  }
}
