/**
 * Loading data while clients are connected: the files of the start, a replica's
 * first data, DEBUG RELOAD.
 *
 * @module
 */

import type { PersistentServer } from "./host.ts";
import { addKey, type LoadedKey, loadRdb } from "../rdb/file.ts";

/** How long a slice of a load may stop the server, in ms. */
export const LOAD_SLICE_MS = 8;

/** The load that is under way. */
export class Loading {
  readonly #core: PersistentServer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #starting = false;
  /** Ends the steps that are being taken; `null` when there are none. */
  #step: { finish(): void; giveUp(): void } | null = null;
  #ended = false;

  /** Makes it for a server. */
  constructor(core: PersistentServer) {
    this.#core = core;
  }

  /** Whether the files of the start are being loaded. */
  get starting(): boolean {
    return this.#starting;
  }

  /** Whether data is being loaded: most commands are refused meanwhile. */
  get active(): boolean {
    return this.#starting || this.#step !== null;
  }

  /**
   * Loads the files of the start with `work`, which takes its steps with
   * {@linkcode Loading.run}. Rejects when the server ends meanwhile.
   */
  async start(work: () => Promise<void>): Promise<void> {
    this.#starting = true;
    try {
      await work();
      if (this.#ended) throw closed();
    } finally {
      this.#starting = false;
    }
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
    await this.run(steps(), { budget: 0, pause });
  }

  /**
   * Takes the steps of a load: for `budget` ms at a time, and `pause` ms between,
   * in which others are answered. Resolves to what the steps return, and rejects
   * with what a step throws.
   */
  run<T>(
    steps: Iterator<void, T>,
    { budget = LOAD_SLICE_MS, pause = 0 } = {},
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const slice = (budget: number) => {
      const end = performance.now() + budget;
      try {
        do {
          const { done, value } = steps.next();
          if (done) {
            this.#step = null;
            return resolve(value);
          }
        } while (performance.now() < end);
      } catch (error) {
        this.#step = null;
        return reject(error);
      }
      this.#timer = setTimeout(slice, pause, budget);
    };
    const giveUp = () => {
      this.#step = null;
      reject(closed());
    };
    this.#step = { finish: () => slice(Infinity), giveUp };
    if (this.#starting && this.#ended) giveUp();
    else slice(budget);
    return promise;
  }

  /** Does the rest of a load at once. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#step?.finish();
  }

  /**
   * The server ends. Data of clients and primaries is loaded to its end, as it
   * must be saved; the files of the start are given up, as they stay.
   */
  end(): void {
    this.#ended = true;
    if (!this.#starting) return this.finish();
    clearTimeout(this.#timer);
    this.#step?.giveUp();
  }

  #read(bytes: Uint8Array): LoadedKey[] {
    const keys: LoadedKey[] = [];
    loadRdb(bytes, (key) => keys.push(key));
    return keys;
  }
}

function closed(): Error {
  return new Error("the server was closed while it loaded its data");
}
