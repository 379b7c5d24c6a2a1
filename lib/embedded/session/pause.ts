/**
 * Commands that wait: CLIENT PAUSE, and work during which nobody is served.
 *
 * @module
 */

import type { Command } from "../model/command.ts";
import type { Server } from "./server.ts";
import type { Session } from "./session.ts";

/** Which commands wait, and until when. */
export class Pause {
  /** Whether nobody is served for a while. */
  asleep = false;
  /** Resolves when the work ends that nobody is served during. */
  held: Promise<void> = Promise.resolve();
  readonly #core: Server;
  #until = 0;
  #writesOnly = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether writes are held back for as long as it takes. */
  #holdsWrites = false;

  /** Makes it for a server. */
  constructor(core: Server) {
    this.#core = core;
  }

  /** Whether anything is held back. */
  get active(): boolean {
    return this.#timed || this.#holdsWrites;
  }

  /** Holds commands back for some time; a longer pause that runs stays as it is. */
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
    // Behind the command that ends it.
    queueMicrotask(() => this.#core.sessions.resume());
  }

  /** Holds writes back, or does so no longer, besides what CLIENT PAUSE says. */
  holdWrites(on: boolean): void {
    this.#holdsWrites = on;
    if (!on) queueMicrotask(() => this.#core.sessions.resume());
  }

  /** Serves nobody for some time: DEBUG SLEEP. */
  sleep(ms: number, then: () => void): void {
    this.asleep = true;
    setTimeout(() => {
      this.asleep = false;
      then();
      this.#core.sessions.resume();
    }, ms);
  }

  /** Serves nobody during `work`, which returns what is to be done after it. */
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

  /** Whether commands that write are held back. */
  get holdsAnyWrite(): boolean {
    return this.#timed || this.#holdsWrites;
  }

  /** Whether a command of a session must wait. */
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
