/**
 * MULTI, EXEC, WATCH: commands that run with nothing between them.
 *
 * @module
 */

import type { Command } from "../model/command.ts";
import type { Database } from "../keyspace/database.ts";
import type { Session } from "./session.ts";

/** What MULTI began. */
export interface Transaction {
  /** The commands that wait for EXEC. */
  readonly queue: { command: Command; args: string[] }[];
  /** Whether one was refused when it was queued: EXEC discards all. */
  failed: boolean;
}

/** Who watches which keys. */
export class Watches {
  readonly #byKey = new Map<Database, Map<string, Set<Session>>>();
  readonly #bySession = new Map<Session, Map<Database, Set<string>>>();

  /** How many sessions watch keys. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Lets a session watch a key of its database. */
  add(session: Session, key: string): void {
    const { db } = session;
    // What expired before does not count as a change.
    db.peek(key);
    let watched = this.#bySession.get(session);
    if (watched === undefined) {
      this.#bySession.set(session, watched = new Map());
    }
    const keys = watched.get(db);
    if (keys === undefined) watched.set(db, new Set([key]));
    else keys.add(key);
    let byKey = this.#byKey.get(db);
    if (byKey === undefined) this.#byKey.set(db, byKey = new Map());
    const sessions = byKey.get(key);
    if (sessions === undefined) byKey.set(key, new Set([session]));
    else sessions.add(session);
  }

  /** Says that a key was changed: what its watchers queue is not executed. */
  touch(db: Database, key: string): void {
    const sessions = this.#byKey.get(db)?.get(key);
    if (sessions === undefined) return;
    for (const session of sessions) session.touched = true;
  }

  /** Lets watched keys whose time is over expire: that is a change. */
  expire(session: Session): void {
    for (const [db, keys] of this.#bySession.get(session) ?? []) {
      for (const key of keys) db.peek(key);
    }
  }

  /** Ends what a session watches. */
  forget(session: Session): void {
    session.touched = false;
    const watched = this.#bySession.get(session);
    if (watched === undefined) return;
    this.#bySession.delete(session);
    for (const [db, keys] of watched) {
      const byKey = this.#byKey.get(db)!;
      for (const key of keys) {
        const sessions = byKey.get(key)!;
        sessions.delete(session);
        if (sessions.size === 0) byKey.delete(key);
      }
      if (byKey.size === 0) this.#byKey.delete(db);
    }
  }
}
