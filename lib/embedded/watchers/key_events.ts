/**
 * Passes events of keys on: to blocked sessions, WATCH, tracking, eviction,
 * keyspace notifications, files and replicas.
 *
 * @module
 */

import type { Database, DatabaseEvents } from "../keyspace/database.ts";
import type { Overdue } from "../keyspace/database.ts";
import type { Server } from "../session/server.ts";
import type { Value } from "../values/value.ts";
import type { Notifications } from "./notifications.ts";
import type { Tracking } from "./tracking.ts";

/** The server as key events see it. */
interface Host extends Server {
  readonly notifications: Notifications;
  readonly tracking: Tracking;
}

/** The events of a server's databases. */
export class KeyEvents implements DatabaseEvents {
  readonly #core: Host;

  /** Passes events on to the parts of a server. */
  constructor(core: Host) {
    this.#core = core;
  }

  get now(): number {
    return this.#core.now;
  }

  get overdue(): Overdue {
    return this.#core.overdue;
  }

  get readsOnly(): boolean {
    return this.#core.readsOnly;
  }

  added(db: Database, key: string): void {
    const { notifications } = this.#core;
    if (notifications.active) notifications.tell(db.index, "n", "new", key);
  }

  changed(db: Database, key: string): void {
    this.changedWithAll(db, key);
    const { tracking } = this.#core;
    if (tracking.size > 0) tracking.changed(key, this.#core.current);
  }

  changedWithAll(db: Database, key: string): void {
    const core = this.#core;
    core.dirty++;
    if (core.waiting.size > 0) core.waiting.changed(db, key);
    if (core.watches.size > 0) core.watches.touch(db, key);
    if (core.eviction.limit > 0) core.eviction.changed(db, key);
  }

  /** A key expired: files and replicas get a deletion. */
  expired(db: Database, key: string): void {
    const core = this.#core;
    core.statistics.expirations++;
    core.effects.add({ db: db.index, args: ["DEL", key] });
    if (core.watches.size > 0) core.watches.touch(db, key);
    if (core.tracking.size > 0) core.tracking.changed(key, null);
    if (core.eviction.limit > 0) core.eviction.changed(db, key);
    const { notifications } = core;
    if (notifications.active) notifications.tell(db.index, "x", "expired", key);
  }

  looked(found: boolean): void {
    const { statistics } = this.#core;
    if (found) statistics.hits++;
    else statistics.misses++;
  }

  used(value: Value): void {
    const { current, eviction, now } = this.#core;
    // CLIENT NO-TOUCH; the command TOUCH ignores it.
    if (current?.noTouch && current.lastCommand !== "touch") return;
    if (eviction.byFrequency) eviction.countUse(value);
    if (!eviction.byChange) value.used = now;
  }

  /** A new value inherits the LFU counter of the value that it replaces. */
  stored(db: Database, key: string, value: Value): void {
    const { eviction, now } = this.#core;
    if (eviction.byFrequency) {
      const old = db.keys.get(key);
      if (old !== undefined) {
        eviction.countUse(old);
        value.uses = old.uses;
      }
    }
    value.used = now;
  }
}
