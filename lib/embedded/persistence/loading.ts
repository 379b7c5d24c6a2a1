/**
 * Loads data while clients are connected: DEBUG RELOAD, and the full sync of a
 * replica.
 *
 * @module
 */

import type { PersistentServer } from "./host.ts";
import { addKey, type LoadedKey, loadRdb } from "../rdb/file.ts";

/** The load in progress. */
export class Loading {
  readonly #core: PersistentServer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Completes the load at once; `null` when none is in progress. */
  #finish: (() => void) | null = null;

  /** Makes it for a server. */
  constructor(core: PersistentServer) {
    this.#core = core;
  }

  /** Whether a load is in progress: most commands are refused meanwhile. */
  get active(): boolean {
    return this.#finish !== null;
  }

  /** Replaces all data by that of an RDB file, synchronously. */
  replace(bytes: Uint8Array): void {
    const { databases, now } = this.#core;
    const keys = this.#read(bytes);
    for (const db of databases) db.clear();
    this.#core.tracking.flushed();
    for (const key of keys) addKey(databases, key, now);
  }

  /**
   * Replaces all data by that of an RDB file. Yields to clients after each
   * `loading-process-events-interval-bytes` of the file.
   */
  async replaceSlowly(bytes: Uint8Array): Promise<void> {
    const { databases, now, config } = this.#core;
    const keys = this.#read(bytes);
    const interval = config.number("loading-process-events-interval-bytes");
    const each = Math.ceil(keys.length * interval / bytes.length);
    const pause = Math.max(0, config.number("key-load-delay")) * each / 1000;
    for (const db of databases) db.clear();
    this.#core.tracking.flushed();
    const steps = function* () {
      for (let i = 0; i < keys.length; i++) {
        if (i > 0 && i % each === 0) yield;
        addKey(databases, keys[i]!, now);
      }
    };
    await this.run(steps(), 0, pause);
  }

  /**
   * Runs a load in slices of `budget` ms, with pauses of `pause` ms in which clients
   * are served. Rejects with the error that a step throws.
   */
  run(steps: Iterator<void>, budget: number, pause: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const slice = (budget: number) => {
      const end = performance.now() + budget;
      try {
        do {
          if (steps.next().done) {
            this.#finish = null;
            return resolve();
          }
        } while (performance.now() < end);
      } catch (error) {
        this.#finish = null;
        return reject(error);
      }
      this.#timer = setTimeout(slice, pause, budget);
    };
    this.#finish = () => slice(Infinity);
    slice(budget);
    return promise;
  }

  /** Completes the load at once: the server is about to end and must save all data. */
  end(): void {
    clearTimeout(this.#timer);
    this.#finish?.();
  }

  #read(bytes: Uint8Array): LoadedKey[] {
    const keys: LoadedKey[] = [];
    loadRdb(bytes, (key) => keys.push(key));
    return keys;
  }
}
