/**
 * Sessions that wait for keys: BLPOP and its kin.
 *
 * @module
 */

import type { Database } from "../keyspace/database.ts";
import { err } from "../base/errors.ts";
import { parseLongDouble } from "../base/long_double.ts";
import type { Session } from "./session.ts";

/** A blocking command that waits. */
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
  /** Whether `serve` is wanted for a key that is gone, too. */
  readonly whenGone?: boolean;
  /** Writes the reply when the time is over. */
  timedOut(): void;
  /** Called when the wait is over, however it ended. */
  over?(): void;
}

/** A wait under way: the session, and where its keys are. */
interface Waiting extends Wait {
  readonly session: Session;
  readonly db: Database;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The longest a timer can be set for. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Reads the timeout of a blocking command: seconds as text; milliseconds. */
export function parseTimeout(text: string): number {
  const value = parseLongDouble(text);
  if (value === null) throw err("timeout is not a float or out of range");
  const seconds = "infinite" in value
    ? Infinity
    : Number(value.mantissa) * 2 ** value.exponent;
  const timeout = Math.ceil(seconds * 1000);
  if (text.startsWith("-") && timeout !== 0) throw err("timeout is negative");
  if (timeout >= 2 ** 63) throw err("timeout is out of range");
  // What a double is too coarse for is not for ever.
  if (timeout === 0 && "mantissa" in value && value.mantissa > 0n) return 1;
  return timeout;
}

/** The sessions that wait for keys. First come, first served. */
export class WaitingRoom {
  readonly #queues = new Map<Database, Map<string, Set<Waiting>>>();
  readonly #bySession = new Map<Session, Waiting>();
  /** Keys that changed and that somebody waits for, in the order of change. */
  #ready: { db: Database; key: string }[] = [];
  /** How many waits have `whenGone`. */
  #whenGone = 0;

  /** How many sessions wait. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Lets a session wait; it gets no reply and executes nothing until then. */
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
   * Ends a session's wait; says whether it waited. `reply` writes what it gets
   * before it goes on; without one, it is gone.
   */
  end(session: Session, reply?: () => void): boolean {
    const waiting = this.#bySession.get(session);
    if (waiting === undefined) return false;
    this.#remove(waiting);
    if (reply !== undefined) {
      reply();
      goOn(session);
    }
    return true;
  }

  /** Ends a session's wait as if its time were over; says whether it waited. */
  timeOut(session: Session): boolean {
    const waiting = this.#bySession.get(session);
    return waiting !== undefined &&
      this.end(session, () => waiting.timedOut());
  }

  /** Notes that a key was changed. */
  changed(db: Database, key: string): void {
    if (this.#queues.get(db)?.has(key)) this.#ready.push({ db, key });
  }

  /** Serves sessions whose keys have changed; called at the end of a command. */
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
    // The queue does not grow meanwhile: a session that is served resumes later.
    for (const waiting of queue) {
      const { session } = waiting;
      // The session before may have taken the last element.
      if (db.keys.get(key) === undefined) {
        if (this.#whenGone === 0) return;
        if (!waiting.whenGone) continue;
      }
      let done = true;
      session.run(null, () => {
        // Its first key that has something, whichever got ready first. An error
        // ends the wait, too.
        done = waiting.keys.some((key) => waiting.serve(key));
      });
      if (!done) continue;
      this.#remove(waiting);
      goOn(session);
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

/** Lets a session run the commands that it sent meanwhile, after this turn. */
function goOn(session: Session): void {
  queueMicrotask(() => session.resume());
}
