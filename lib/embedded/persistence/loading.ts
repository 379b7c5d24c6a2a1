/**
 * Data that is loaded while others are connected: DEBUG RELOAD, and a replica's
 * first data.
 *
 * @module
 */

import type { PersistentServer } from "./host.ts";
import { addKey, type LoadedKey, loadRdb } from "../rdb/file.ts";

/** The load that is under way. */
export class Loading {
  readonly #core: PersistentServer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Does the rest of it at once; `null` when nothing is being loaded. */
  #finish: (() => void) | null = null;

  /** Makes it for a server. */
  constructor(core: PersistentServer) {
    this.#core = core;
  }

  /** Whether data is being loaded: most commands are refused meanwhile. */
  get active(): boolean {
    return this.#finish !== null;
  }

  /** Replaces all data by that of a file, at once. */
  replace(bytes: Uint8Array): void {
    const { databases, now } = this.#core;
    const keys = this.#read(bytes);
    for (const db of databases) db.clear();
    this.#core.tracking.flushed();
    for (const key of keys) addKey(databases, key, now);
  }

  /**
   * Replaces all data by that of a file, and answers others now and then:
   * whenever as many bytes as the configuration says were loaded.
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
   * Takes the steps of a load: for `budget` ms at a time, and `pause` ms between,
   * in which others are answered. Throws what a step throws.
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

  /** Does the rest at once: the server ends, and must save all data. */
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
