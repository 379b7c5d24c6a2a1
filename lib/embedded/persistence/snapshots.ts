/**
 * Background snapshots: one at a time, written in slices between commands.
 *
 * @module
 */

import type { Database } from "../keyspace/database.ts";
import { type SaveOptions, Snapshot } from "../rdb/snapshot.ts";

/** How long a slice may block the server, in ms. */
const SLICE_MS = 8;

/** The snapshots of a server. */
export class Snapshots {
  readonly #databases: () => readonly Database[];
  #running: Slices | null = null;
  #queue: (() => void)[] = [];

  /** `databases` is a function, as the databases are made later. */
  constructor(databases: () => readonly Database[]) {
    this.#databases = databases;
  }

  /** Whether a snapshot is in progress. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Calls `start` when no snapshot is in progress: now, or after those that wait. */
  whenFree(start: () => void): void {
    if (this.busy) this.#queue.push(start);
    else start();
  }

  /** Begins a snapshot of the current data. None may be in progress. */
  begin(options: SaveOptions): Slices {
    const databases = this.#databases();
    const snapshot = new Snapshot(databases, options, { marks: true });
    const slices = new Slices(snapshot, () => {
      if (this.#running === slices) this.#end();
    });
    this.#running = slices;
    for (const db of databases) db.snapshot = snapshot;
    return slices;
  }

  #end(): void {
    this.#running = null;
    for (const db of this.#databases()) db.snapshot = null;
    // If one of them begins a snapshot, `whenFree` queues the others again.
    const queue = this.#queue;
    this.#queue = [];
    for (const start of queue) this.whenFree(start);
  }
}

/** The chunks of a snapshot. Disposing of it lets the next snapshot begin. */
export class Slices implements AsyncIterable<Uint8Array>, Disposable {
  readonly #snapshot: Snapshot;
  readonly #end: () => void;

  /** `end` is called on disposal. */
  constructor(snapshot: Snapshot, end: () => void) {
    this.#snapshot = snapshot;
    this.#end = end;
  }

  /** The chunks, in order. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = this.#snapshot.next(SLICE_MS);
      if (bytes === null) return;
      yield bytes;
      // Yield to sockets and timers.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Ends the snapshot. */
  [Symbol.dispose](): void {
    this.#end();
  }
}
