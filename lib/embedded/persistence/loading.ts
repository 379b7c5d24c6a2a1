/**
 * Data that is loaded while others are connected: DEBUG RELOAD.
 *
 * @module
 */

import type { PersistentServer } from "./host.ts";
import { addKey, type LoadedKey, loadRdb } from "../rdb/file.ts";

/** What is being loaded. */
export class Loading {
  readonly #core: PersistentServer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Loads what is left of it. */
  #finish: () => void = () => {};

  /** Makes it for a server. */
  constructor(core: PersistentServer) {
    this.#core = core;
  }

  /** Whether data is being loaded: most commands are refused meanwhile. */
  get active(): boolean {
    return this.#timer !== undefined;
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
  begin(bytes: Uint8Array, done: () => void): void {
    const { databases, now, config } = this.#core;
    const keys = this.#read(bytes);
    const interval = config.number("loading-process-events-interval-bytes");
    const each = Math.ceil(keys.length * interval / bytes.length);
    const pause = Math.max(0, config.number("key-load-delay")) * each / 1000;
    for (const db of databases) db.clear();
    this.#core.tracking.flushed();
    let loaded = 0;
    const load = (count: number) => {
      this.#timer = undefined;
      const to = loaded + count;
      for (const key of keys.slice(loaded, to)) addKey(databases, key, now);
      loaded = to;
      if (loaded >= keys.length) done();
      else this.#timer = setTimeout(load, pause, each);
    };
    this.#finish = () => load(keys.length);
    load(each);
  }

  /** Loads the rest at once: what is saved at the end is to be all there is. */
  end(): void {
    if (!this.active) return;
    clearTimeout(this.#timer);
    this.#finish();
  }

  #read(bytes: Uint8Array): LoadedKey[] {
    const keys: LoadedKey[] = [];
    loadRdb(bytes, (key) => keys.push(key));
    return keys;
  }
}
