/**
 * The base of engines that wrap a leased connection.
 *
 * @module
 */

import type { Command } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import type { BatchOptions, CallOptions, LeasedEngine } from "./engine.ts";

/** An engine over a leased connection: the commands are its subclass's part. */
export abstract class LeaseWrapper implements LeasedEngine {
  /** The lease below. */
  protected lease: LeasedEngine;

  /** Takes the lease below. */
  constructor(lease: LeasedEngine) {
    this.lease = lease;
  }

  /** The connection itself. */
  get connection(): Connection {
    return this.lease.connection;
  }

  /** How many commands have changed the state of the connection. */
  get changes(): number {
    return this.lease.changes;
  }

  set changes(changes: number) {
    this.lease.changes = changes;
  }

  /** Executes one command. */
  abstract execute<T>(command: Command<T>, call: CallOptions): Promise<T>;

  /** Executes commands together. */
  abstract executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]>;

  /** Gives the connection back. */
  [Symbol.dispose](): void {
    this.lease[Symbol.dispose]();
  }
}
