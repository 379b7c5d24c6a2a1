/**
 * Subscriptions to channels, patterns and shard channels.
 *
 * @module
 */

import { matches } from "../base/glob.ts";
import type { Session } from "../session/session.ts";

/** The three namespaces: channels, patterns and shard channels. */
export type Space = "channels" | "patterns" | "shards";

/** The subscriptions of all sessions. */
export class PubSub {
  /** Subscribers by channel. */
  readonly channels = new Map<string, Set<Session>>();
  /** Subscribers by pattern. */
  readonly patterns = new Map<string, Set<Session>>();
  /** Subscribers by shard channel. */
  readonly shards = new Map<string, Set<Session>>();

  /** Subscribes a session. */
  subscribe(session: Session, space: Space, name: string): void {
    if (session[space].has(name)) return;
    session[space].add(name);
    const listeners = this[space].get(name);
    if (listeners === undefined) this[space].set(name, new Set([session]));
    else listeners.add(session);
  }

  /** Unsubscribes a session. */
  unsubscribe(session: Session, space: Space, name: string): void {
    if (!session[space].delete(name)) return;
    const listeners = this[space].get(name)!;
    listeners.delete(session);
    if (listeners.size === 0) this[space].delete(name);
  }

  /** Ends all subscriptions of a session. */
  forget(session: Session): void {
    for (const space of ["channels", "patterns", "shards"] as const) {
      for (const name of session[space]) this.unsubscribe(session, space, name);
    }
  }

  /** Sends a message to the subscribers of a channel; returns how many got it. */
  publish(channel: string, message: string): number {
    let count = 0;
    for (const session of this.channels.get(channel) ?? []) {
      session.push((reply) => {
        reply.push(3);
        reply.bulk("message");
        reply.bulk(channel);
        reply.bulk(message);
      });
      count++;
    }
    for (const [pattern, sessions] of this.patterns) {
      if (!matches(pattern, channel)) continue;
      for (const session of sessions) {
        session.push((reply) => {
          reply.push(4);
          reply.bulk("pmessage");
          reply.bulk(pattern);
          reply.bulk(channel);
          reply.bulk(message);
        });
        count++;
      }
    }
    return count;
  }

  /** Sends a message to the subscribers of a shard channel; returns how many got it. */
  publishToShard(channel: string, message: string): number {
    const sessions = this.shards.get(channel);
    for (const session of sessions ?? []) {
      session.push((reply) => {
        reply.push(3);
        reply.bulk("smessage");
        reply.bulk(channel);
        reply.bulk(message);
      });
    }
    return sessions?.size ?? 0;
  }
}
