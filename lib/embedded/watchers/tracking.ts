/**
 * Client-side caching: a client that read a key gets an invalidation when the key
 * changes.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/
 * @module
 */

import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import type { Server } from "../session/server.ts";
import type { Session } from "../session/session.ts";
import type { Tracked } from "../session/tracked.ts";

/** The sessions with tracking on, and the keys that they read. */
export class Tracking {
  readonly #core: Server;
  /** The ids of the sessions that read a key. */
  readonly #readers = new Map<string, Set<number>>();
  readonly #broadcasts = new Set<Session>();
  /** Changed keys to be sent in broadcast mode, each with the session that changed it. */
  #changed = new Map<string, Session | null>();
  #sessions = 0;

  /** Makes it for a server. */
  constructor(core: Server) {
    this.#core = core;
  }

  /** How many sessions track keys. */
  get size(): number {
    return this.#sessions;
  }

  /** How many keys are tracked: INFO's `tracking_total_keys`. */
  get keys(): number {
    return this.#readers.size;
  }

  /** How many pairs of a key and a client that read it: `tracking_total_items`. */
  get items(): number {
    let count = 0;
    for (const readers of this.#readers.values()) count += readers.size;
    return count;
  }

  /** The number of different prefixes of sessions in broadcast mode. */
  get prefixes(): number {
    const all = new Set<string>();
    for (const { tracked } of this.#broadcasts) {
      const { prefixes } = tracked!;
      for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
        all.add(prefix);
      }
    }
    return all.size;
  }

  /** Turns tracking on for a session, or changes its options. */
  start(session: Session, tracked: Tracked): void {
    if (session.tracked === null) this.#sessions++;
    session.tracked = tracked;
    if (tracked.broadcast) this.#broadcasts.add(session);
  }

  /** Turns tracking off. The keys that the session read are forgotten as they change. */
  stop(session: Session): void {
    if (session.tracked === null) return;
    this.#sessions--;
    session.tracked = null;
    this.#broadcasts.delete(session);
  }

  /** Notes the keys that a command of the session read. */
  read(session: Session, keys: readonly string[]): void {
    const { opt, broadcast, caching } = session.tracked!;
    if (broadcast) return;
    if (opt === "in" && caching !== true) return;
    if (opt === "out" && caching === false) return;
    for (const key of keys) {
      const readers = this.#readers.get(key);
      if (readers === undefined) this.#readers.set(key, new Set([session.id]));
      else readers.add(session.id);
    }
    this.#limit();
  }

  /** Handles the change of a key, by a session or by expiry. */
  changed(key: string, by: Session | null): void {
    if (this.#broadcasts.size > 0) this.#changed.set(key, by);
    const readers = this.#readers.get(key);
    if (readers === undefined) return;
    this.#readers.delete(key);
    for (const id of readers) {
      const session = this.#core.sessions.get(id);
      const tracked = session?.tracked;
      if (session === undefined || tracked == null || tracked.broadcast) {
        continue;
      }
      if (tracked.noLoop && session === by) continue;
      this.#tell(session, [key]);
    }
  }

  /** Sends every tracking client an invalidation of all keys. */
  flushed(): void {
    if (this.#sessions === 0) return;
    for (const session of this.#core.sessions.values()) {
      if (session.tracked !== null) this.#tell(session, null);
    }
    this.#readers.clear();
  }

  /** Sends the collected invalidations to clients in broadcast mode. */
  broadcast(): void {
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Map();
    for (const session of this.#broadcasts) {
      const { prefixes, noLoop } = session.tracked!;
      for (const prefix of prefixes.length > 0 ? prefixes : [""]) {
        const keys: string[] = [];
        for (const [key, by] of changed) {
          if (key.startsWith(prefix) && !(noLoop && by === session)) {
            keys.push(key);
          }
        }
        if (keys.length > 0) this.#tell(session, keys);
      }
    }
  }

  #tell(session: Session, keys: readonly string[] | null): void {
    const { tracked } = session;
    const { redirect } = tracked!;
    const to = redirect === 0 ? session : this.#core.sessions.get(redirect);
    if (to === undefined) {
      tracked!.broken = true;
      // RESP2 has no push type, so only RESP3 clients are notified.
      if (session.reply.protocol === 3) {
        session.push((reply) => {
          reply.push(2);
          reply.bulk("tracking-redir-broken");
          reply.integer(redirect);
        });
      }
      return;
    }
    if (to.reply.protocol === 2 && !to.channels.has(CHANNEL)) return;
    const write = (reply: ReplyEncoder) => {
      if (reply.protocol === 3) reply.push(2);
      else {
        reply.array(3);
        reply.bulk("message");
      }
      reply.bulk(to.reply.protocol === 3 ? "invalidate" : CHANNEL);
      if (keys === null) reply.null();
      else reply.bulks(keys);
    };
    // The invalidation goes before the reply of FLUSHALL, as in Redis.
    if (keys === null) to.pushBefore(write);
    else to.push(write);
  }

  /** Forgets keys, with invalidations, while there are too many. */
  #limit(): void {
    const most = this.#core.config.number("tracking-table-max-keys");
    if (most === 0) return;
    for (const key of this.#readers.keys()) {
      if (this.#readers.size <= most) return;
      this.changed(key, null);
    }
  }
}

/** The channel on which RESP2 clients get invalidations. */
const CHANNEL = "__redis__:invalidate";
