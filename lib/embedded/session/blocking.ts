/**
 * Sessions that are blocked on keys: BLPOP and similar commands.
 *
 * @module
 */

import type { Database } from "../keyspace/database.ts";
import { err } from "../base/errors.ts";
import { parseLongDouble } from "../base/long_double.ts";
import type { Session } from "./session.ts";

/** The parameters of a blocked command. */
export interface Wait {
  /** The keys; a change of any of them may end the wait. */
  readonly keys: readonly string[];
  /** The timeout in milliseconds; 0 for none. */
  readonly timeout: number;
  /**
   * Tries to reply from a key that changed: writes the reply and returns `true`,
   * or does nothing and returns `false`.
   */
  serve(key: string): boolean;
  /** Whether `serve` is also called for a deleted key. */
  readonly whenGone?: boolean;
  /** Writes the reply for a timeout. */
  timedOut(): void;
  /** Called when the wait ends, for any reason. */
  over?(): void;
}

/** A wait in progress: its session and database. */
interface Waiting extends Wait {
  readonly session: Session;
  readonly db: Database;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The longest delay of a timer, in ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Reads the timeout of a blocking command, in seconds; returns milliseconds. */
export function parseTimeout(text: string): number {
  const value = parseLongDouble(text);
  if (value === null) throw err("timeout is not a float or out of range");
  const seconds = "infinite" in value
    ? Infinity
    : Number(value.mantissa) * 2 ** value.exponent;
  const timeout = Math.ceil(seconds * 1000);
  if (text.startsWith("-") && timeout !== 0) throw err("timeout is negative");
  if (timeout >= 2 ** 63) throw err("timeout is out of range");
  // The double underflowed: the timeout is tiny, but 0 would mean none.
  if (timeout === 0 && "mantissa" in value && value.mantissa > 0n) return 1;
  return timeout;
}

/** The blocked sessions, served in the order of their arrival. */
export class WaitingRoom {
  readonly #queues = new Map<Database, Map<string, Set<Waiting>>>();
  readonly #bySession = new Map<Session, Waiting>();
  /** Changed keys with blocked sessions, in the order of change. */
  #ready: { db: Database; key: string }[] = [];
  /** How many waits have `whenGone`. */
  #whenGone = 0;

  /** The number of blocked sessions. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Blocks a session: it executes no command until the wait ends. */
  add(session: Session, wait: Wait): void {
    const { db } = session;
    const waiting: Waiting = { ...wait, session, db, timer: undefined };
    if (wait.timeout > 0) this.#setTimer(waiting, wait.timeout);
    if (wait.whenGone) this.#whenGone++;
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

  /**
   * Ends a session's wait; returns whether it was blocked. `reply` writes its reply,
   * and then the session resumes; without `reply` the session is closed.
   */
  end(session: Session, reply?: () => void): boolean {
    const waiting = this.#bySession.get(session);
    if (waiting === undefined) return false;
    this.#remove(waiting);
    if (reply !== undefined) {
      reply();
      resumeSoon(session);
    }
    return true;
  }

  /** Ends a session's wait with the reply for a timeout; returns whether it was blocked. */
  timeOut(session: Session): boolean {
    const waiting = this.#bySession.get(session);
    return waiting !== undefined &&
      this.end(session, () => waiting.timedOut());
  }

  /** Records the change of a key. */
  changed(db: Database, key: string): void {
    if (this.#queues.get(db)?.has(key)) this.#ready.push({ db, key });
  }

  /** Serves the sessions whose keys changed; called at the end of a command. */
  serve(): void {
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      for (const { db, key } of ready) this.#serveKey(db, key);
    }
  }

  #serveKey(db: Database, key: string): void {
    const queue = this.#queues.get(db)?.get(key);
    if (queue === undefined) return;
    // The queue does not grow meanwhile: served sessions resume in a later microtask.
    for (const waiting of queue) {
      const { session } = waiting;
      // A session before may have taken the last element.
      if (db.keys.get(key) === undefined) {
        if (this.#whenGone === 0) return;
        if (!waiting.whenGone) continue;
      }
      let done = true;
      session.run(null, () => {
        // In the order of the session's keys, not of the changes. An error ends the
        // wait, too.
        done = waiting.keys.some((key) => waiting.serve(key));
      });
      if (!done) continue;
      this.#remove(waiting);
      resumeSoon(session);
    }
  }

  #setTimer(waiting: Waiting, left: number): void {
    const { session } = waiting;
    waiting.timer = setTimeout(() => {
      if (left > LONGEST_TIMER) this.#setTimer(waiting, left - LONGEST_TIMER);
      else this.timeOut(session);
    }, Math.min(left, LONGEST_TIMER));
  }

  #remove(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    const { session } = waiting;
    if (waiting.whenGone) this.#whenGone--;
    this.#bySession.delete(session);
    const queues = this.#queues.get(waiting.db)!;
    for (const key of waiting.keys) {
      const queue = queues.get(key);
      queue?.delete(waiting);
      if (queue?.size === 0) queues.delete(key);
    }
    session.waiting = false;
    waiting.over?.();
  }
}

/** Lets a session execute the commands that it received meanwhile, in a microtask. */
function resumeSoon(session: Session): void {
  queueMicrotask(() => session.resume());
}
