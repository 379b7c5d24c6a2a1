/**
 * Pauses: CLIENT PAUSE, and work during which no client is served.
 *
 * @module
 */

import type { Command } from "../model/command.ts";
import type { Server } from "./server.ts";
import type { Session } from "./session.ts";

/** Decides which commands wait, and until when. */
export class Pause {
  /** Whether no client is served at all. */
  asleep = false;
  /** Resolves when the work started by {@linkcode Pause.hold} ends. */
  held: Promise<void> = Promise.resolve();
  readonly #core: Server;
  #until = 0;
  #writesOnly = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether writes are held back until further notice, as during a failover. */
  #holdsWrites = false;

  /** Makes it for a server. */
  constructor(core: Server) {
    this.#core = core;
  }

  /** Whether commands may be held back: writes at least. */
  get active(): boolean {
    return this.#timed || this.#holdsWrites;
  }

  /** CLIENT PAUSE: holds commands back; never shortens a pause in progress. */
  begin(ms: number, writesOnly: boolean): void {
    this.#writesOnly = this.#timed
      ? this.#writesOnly && writesOnly
      : writesOnly;
    this.#until = Math.max(this.#until, this.#core.now + ms);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), this.#until - this.#core.now);
  }

  /** Ends the pause. */
  end(): void {
    if (!this.#timed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#until = 0;
    // After the command that ended the pause.
    queueMicrotask(() => this.#core.sessions.resume());
  }

  /** Holds writes back or stops that, independent of CLIENT PAUSE. */
  holdWrites(on: boolean): void {
    this.#holdsWrites = on;
    if (!on) queueMicrotask(() => this.#core.sessions.resume());
  }

  /** DEBUG SLEEP: serves no client for some time. */
  sleep(ms: number, then: () => void): void {
    this.asleep = true;
    setTimeout(() => {
      this.asleep = false;
      then();
      this.#core.sessions.resume();
    }, ms);
  }

  /** Serves no client during `work`, then calls the function that it resolves to. */
  hold(work: () => Promise<() => void>): void {
    const core = this.#core;
    this.asleep = true;
    this.held = work().then((then) => {
      this.asleep = false;
      core.tick();
      then();
    }).catch((error) => core.report(error)).finally(() => {
      this.asleep = false;
      core.sessions.resume();
    });
  }

  /** Whether to hold a command of a session back. */
  holds(session: Session, command: Command): boolean {
    if (this.#timed && !this.#writesOnly) return true;
    if (command.name !== "exec") return mayWrite(command);
    return session.transaction?.queue.some(({ command }) =>
      mayWrite(command)
    ) ?? false;
  }

  get #timed(): boolean {
    return this.#timer !== undefined;
  }
}

function mayWrite({ writes, mayReplicate }: Command): boolean {
  return writes || mayReplicate;
}
