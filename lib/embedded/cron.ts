/**
 * The periodic work of a server, `hz` times a second.
 *
 * @module
 */

import type { Core } from "./core.ts";
import { expireHashes } from "./keyspace/hash_expiry.ts";

/** The timer of a server. */
export class Cron {
  readonly #core: Core;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Starts the timer at the configured `hz`. */
  constructor(core: Core) {
    this.#core = core;
    this.#start(core.config.number("hz"));
    core.config.onSet("hz", (value) => this.#start(Number(value)));
  }

  /** Stops the timer. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #start(hz: number): void {
    this.stop();
    this.#timer = setInterval(() => this.#run(), Math.round(1000 / hz));
  }

  #run(): void {
    const core = this.#core;
    // The time is constant for a script, even while it is paused.
    if (core.scripting.busy) return;
    core.tick();
    core.statistics.measure(core.now);
    core.sessions.sweep();
    if (!core.loading.active) {
      // A replica's keys are deleted by its primary.
      const expires = core.expiry.active && core.role === "master" &&
        !core.pause.active;
      if (expires) core.expiry.run(core.databases, core.now);
      expireHashes(core);
      if (core.eviction.limit > 0) core.eviction.makeRoom();
    }
    // Before this server becomes a replica, replicas get what it changed.
    core.settle();
    core.replication.tick();
    core.settle();
    core.sessions.flush();
  }
}
