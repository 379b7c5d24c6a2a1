/**
 * A leased connection below a cache.
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
import { allChangesOf, type Changes, changesOf } from "./cacheable.ts";

/** Drops what commands change, before they are sent and once they have settled. */
export type Around = <T>(changes: Changes, run: () => Promise<T>) => Promise<T>;

/** A leased connection whose writes are seen by the cache at once. */
export class CachedLease implements LeasedEngine {
  readonly #lease: LeasedEngine;
  readonly #around: Around;

  constructor(lease: LeasedEngine, around: Around) {
    this.#lease = lease;
    this.#around = around;
  }

  get connection(): Connection {
    return this.#lease.connection;
  }

  get changes(): number {
    return this.#lease.changes;
  }

  set changes(changes: number) {
    this.#lease.changes = changes;
  }

  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const changes = changesOf(command.args);
    return this.#around(changes, () => this.#lease.execute(command, call));
  }

  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.#around(
      allChangesOf(commands),
      () => this.#lease.executeAll(commands, batch, call),
    );
  }

  [Symbol.dispose](): void {
    this.#lease[Symbol.dispose]();
  }
}
