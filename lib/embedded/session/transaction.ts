/**
 * MULTI, EXEC, WATCH: commands that run as one unit.
 *
 * @module
 */

import type { Command } from "../model/command.ts";
import type { Database } from "../keyspace/database.ts";
import type { Session } from "./session.ts";

/** A transaction since MULTI. */
export interface Transaction {
  /** The queued commands. */
  readonly queue: { command: Command; args: string[] }[];
  /** Whether a command was refused when it was queued: EXEC then aborts. */
  failed: boolean;
}

/** The watched keys and the sessions that watch them. */
export class Watches {
  readonly #byKey = new Map<Database, Map<string, Set<Session>>>();
  readonly #bySession = new Map<Session, Map<Database, Set<string>>>();

  /** The number of sessions that watch keys. */
  get size(): number {
    return this.#bySession.size;
  }

  /** Watches a key of the session's database. */
  add(session: Session, key: string): void {
    const { db } = session;
    // Deletes the key if it has expired already: that must not count as a change.
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

  /** Records the change of a key: EXEC of the sessions that watch it will abort. */
  touch(db: Database, key: string): void {
    const sessions = this.#byKey.get(db)?.get(key);
    if (sessions === undefined) return;
    for (const session of sessions) session.touched = true;
  }

  /** Deletes a session's watched keys that have expired: that counts as a change. */
  expire(session: Session): void {
    for (const [db, keys] of this.#bySession.get(session) ?? []) {
      for (const key of keys) db.peek(key);
    }
  }

  /** Ends all watches of a session. */
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
