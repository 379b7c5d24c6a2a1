/**
 * The sessions of a server.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";
import { refusal } from "./refusal.ts";
import type { Server } from "./server.ts";
import { Session } from "./session.ts";

/** The sessions of a server, by id. */
export class Sessions<S extends Server = Server> {
  readonly #core: S;
  readonly #byId = new Map<number, Session<S>>();
  /** Sessions with output that was written while another session ran. */
  readonly #unwritten = new Set<Session>();
  #lastId = 0;

  /** Makes it for a server without connections. */
  constructor(core: S) {
    this.#core = core;
  }

  /** The number of sessions. */
  get size(): number {
    return this.#byId.size;
  }

  /** Whether a session with this id exists. */
  has(id: number): boolean {
    return this.#byId.has(id);
  }

  /** The session with this id. */
  get(id: number): Session<S> | undefined {
    return this.#byId.get(id);
  }

  /** All sessions, the oldest first. */
  values(): Iterable<Session<S>> {
    return this.#byId.values();
  }

  /** Returns the id of a new session. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Serves a connection until it ends, or refuses it. */
  async serve(transport: Transport): Promise<void> {
    const core = this.#core;
    core.tick();
    core.statistics.connections++;
    const no = refusal(core, transport);
    if (no !== null) {
      core.statistics.refused++;
      using _ended = transport;
      await transport.write([no]).catch(() => {});
      return;
    }
    const session = new Session<S>(core, transport);
    this.#byId.set(session.id, session);
    await session.serve();
  }

  /** Forgets a session that ended. */
  forget(session: Session): void {
    this.#byId.delete(session.id);
    this.#unwritten.delete(session);
  }

  /** Marks a session as having output that was written while another session ran. */
  flushLater(session: Session): void {
    this.#unwritten.add(session);
  }

  /** Ends a round of commands: sends invalidations and flushes the marked sessions. */
  flush(): void {
    const { tracking, stopwatch } = this.#core;
    stopwatch.settle();
    if (tracking.size > 0) tracking.broadcast();
    if (this.#unwritten.size === 0) return;
    for (const session of this.#unwritten) session.flush();
    this.#unwritten.clear();
  }

  /** Resumes all sessions after a pause. */
  resume(): void {
    for (const session of [...this.#byId.values()]) session.resume();
  }

  /** Closes sessions that are idle for too long, or exceed their output limits. */
  sweep(): void {
    const { config, now } = this.#core;
    const timeout = config.number("timeout") * 1000;
    for (const session of this.#byId.values()) {
      session.checkOutput();
      if (timeout === 0 || now - session.lastUse <= timeout) continue;
      if (!session.mayIdle) session.close();
    }
  }

  /** Ends every connection. */
  close(): void {
    for (const session of this.#byId.values()) session.close();
  }
}
