/**
 * Client-side caching: clients are sent an invalidation when a key that they
 * read has changed.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/
 * @module
 */

import type { ReplyEncoder } from "../../resp/reply_encoder.ts";
import type { Server } from "../session/server.ts";
import type { Session } from "../session/session.ts";
import type { Tracked } from "../session/tracked.ts";

/** Which clients get invalidations of which keys. */
export class Tracking {
  readonly #core: Server;
  /** Who read a key, by its name. */
  readonly #readers = new Map<string, Set<number>>();
  readonly #broadcasts = new Set<Session>();
  /** The keys that clients in broadcast mode are sent at the end of the turn. */
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

  /** How many different prefixes there are broadcasts for. */
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

  /** Turns it on for a session, or changes how. */
  start(session: Session, tracked: Tracked): void {
    if (session.tracked === null) this.#sessions++;
    session.tracked = tracked;
    if (tracked.broadcast) this.#broadcasts.add(session);
  }

  /** Turns it off. What the session read is forgotten as it changes. */
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

  /** Tells that a key was changed, by a session or by its expiry. */
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

  /** Tells everybody that all keys are gone. */
  flushed(): void {
    if (this.#sessions === 0) return;
    for (const session of this.#core.sessions.values()) {
      if (session.tracked !== null) this.#tell(session, null);
    }
    this.#readers.clear();
  }

  /** Ends a turn: sends their invalidations to clients in broadcast mode. */
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
      // Once, as the redirection is of no use any more.
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
    // Redis answers FLUSHALL when all is told.
    if (keys === null) to.pushBefore(write);
    else to.push(write);
  }

  /** Forgets keys, and says so, when there are too many. */
  #limit(): void {
    const most = this.#core.config.number("tracking-table-max-keys");
    if (most === 0) return;
    for (const key of this.#readers.keys()) {
      if (this.#readers.size <= most) return;
      this.changed(key, null);
    }
  }
}

/** Where clients of RESP2 listen for what changes. */
const CHANNEL = "__redis__:invalidate";
