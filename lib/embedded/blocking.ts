/**
 * Sessions that wait for keys: BLPOP and its kin.
 *
 * @module
 */

import type { Database } from "./database.ts";
import type { Session } from "./session.ts";

/** What a session waits for. */
export interface Wait {
  /** The keys, any of which may end the wait. */
  readonly keys: readonly string[];
  /** How long, in milliseconds; 0 for ever. */
  readonly timeout: number;
  /**
   * Tries to answer from a key that changed: writes the reply and returns
   * `true`, or does nothing and returns `false`.
   */
  serve(key: string): boolean;
  /** Writes the reply when the time is over. */
  timedOut(): void;
}

/** A wait under way. */
interface Waiting extends Wait {
  readonly session: Session;
  readonly db: Database;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Who waits for what. First come, first served. */
export class WaitingRoom {
  readonly #queues = new Map<Database, Map<string, Set<Waiting>>>();
  readonly #bySession = new Map<Session, Waiting>();
  /** Keys that changed and that somebody waits for, in the order of change. */
  #ready: { db: Database; key: string }[] = [];

  /** How many sessions wait. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Lets a session wait; it gets no reply and executes nothing until then. */
  add(session: Session, wait: Wait): void {
    const { db } = session;
    const waiting: Waiting = { ...wait, session, db, timer: undefined };
    if (wait.timeout > 0) {
      waiting.timer = setTimeout(() => {
        this.end(session, () => wait.timedOut());
      }, wait.timeout);
    }
    this.#bySession.set(session, waiting);
    let queues = this.#queues.get(db);
    if (queues === undefined) this.#queues.set(db, queues = new Map());
    for (const key of wait.keys) {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, new Set([waiting]));
      else queue.add(waiting);
    }
    session.waiting = true;
  }

  /** Ends a session's wait; `reply` writes what it gets. Says whether it waited. */
  end(session: Session, reply?: () => void): boolean {
    if (!this.#remove(session)) return false;
    reply?.();
    session.resume();
    return true;
  }

  /** Notes that a key was changed. */
  changed(db: Database, key: string): void {
    if (this.#queues.get(db)?.has(key)) this.#ready.push({ db, key });
  }

  /** Answers those whose keys got ready; called when a command is done. */
  serve(): void {
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      for (const { db, key } of ready) {
        for (const waiting of [...this.#queues.get(db)?.get(key) ?? []]) {
          const { session } = waiting;
          session.run(null, () => {
            let done = true;
            try {
              done = waiting.serve(key);
            } finally {
              // An error is an answer too.
              if (done) this.#remove(session);
            }
          });
          if (!session.waiting) session.resume();
        }
      }
    }
  }

  #remove(session: Session): boolean {
    const waiting = this.#bySession.get(session);
    if (waiting === undefined) return false;
    clearTimeout(waiting.timer);
    this.#bySession.delete(session);
    const queues = this.#queues.get(waiting.db)!;
    for (const key of waiting.keys) {
      const queue = queues.get(key);
      queue?.delete(waiting);
      if (queue?.size === 0) queues.delete(key);
    }
    session.waiting = false;
    return true;
  }
}
