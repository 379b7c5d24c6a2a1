/**
 * What happens to keys, as the server notifies of it.
 *
 * @see https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 * @module
 */

import type { Redis } from "../client/redis.ts";
import type { Subscription } from "../client/subscription.ts";
import { misuse, ReplyError } from "../errors.ts";

/** Which notifications to get. */
export interface KeyspaceOptions {
  /**
   * The names of the events, such as `"set"`, `"del"`, `"expired"`.
   *
   * @default {all}
   */
  events?: readonly string[];
  /**
   * Which keys, as a glob pattern.
   *
   * @default {"*"}
   */
  pattern?: string;
  /**
   * The number of the database.
   *
   * @default {0}
   */
  db?: number;
}

/** Something that happened to a key. */
export interface KeyspaceEvent {
  /** What happened, such as `"set"`. */
  readonly event: string;
  /** The key that it happened to. */
  readonly key: string;
}

/** A client that may be one of a cluster. */
interface MaybeCluster extends Redis {
  masters?(): Redis[];
}

/**
 * What happens to keys, as an async iterator; resolves once the server has
 * confirmed, so that nothing from then on is missed while the connection lives.
 *
 * In a cluster it listens to all masters of the moment. Rejects with a `TypeError`
 * that says what to set where `notify-keyspace-events` would not tell; a server
 * that does not let the user look (CONFIG GET) is believed.
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 * import { keyspace } from "@sorrel/redis/cache";
 *
 * await using redis = await connect("redis://localhost:6379");
 * await redis.configSet({ "notify-keyspace-events": "KA" });
 * const changes = await keyspace(redis, { events: ["set"], pattern: "user:*" });
 * await redis.set("user:1", "Ada");
 * for await (const { event, key } of changes) {
 *   console.assert(event === "set" && key === "user:1");
 *   break;
 * }
 * await redis.configSet({ "notify-keyspace-events": "" });
 * ```
 *
 * @see https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/
 */
export async function keyspace(
  redis: Redis,
  { events, pattern = "*", db = 0 }: KeyspaceOptions = {},
): Promise<AsyncGenerator<KeyspaceEvent, void>> {
  if (events !== undefined && !Array.isArray(events)) {
    throw misuse("watch keyspace", '"events" must be a list', events);
  }
  const servers = (redis as MaybeCluster).masters?.() ?? [redis];
  for (const server of servers) await checkSettings(server);
  const prefix = `__keyspace@${db}__:`;
  const subscriptions: Subscription<string>[] = [];
  try {
    for (const server of servers) {
      subscriptions.push(await server.psubscribe(`${prefix}${pattern}`));
    }
  } catch (error) {
    for (const each of subscriptions) await each[Symbol.asyncDispose]();
    throw error;
  }
  return merged(subscriptions, prefix, events && new Set(events));
}

async function checkSettings(server: Redis): Promise<void> {
  const name = "notify-keyspace-events";
  let flags: string | undefined;
  try {
    flags = (await server.configGet(name))[name];
  } catch (error) {
    // The user may not look.
    if (!(error instanceof ReplyError)) throw error;
  }
  if (flags === undefined || /K/.test(flags) && /[^KE]/.test(flags)) return;
  throw misuse(
    "watch keyspace",
    `the server must notify: CONFIG SET ${name} KA, or fewer letters`,
    flags,
  );
}

/** The events of all subscriptions, in the order in which they come. */
async function* merged(
  subscriptions: readonly Subscription<string>[],
  prefix: string,
  events: ReadonlySet<string> | undefined,
): AsyncGenerator<KeyspaceEvent, void> {
  const next = (subscription: Subscription<string>) =>
    subscription.next().then((result) => ({ subscription, result }));
  try {
    const pending = new Map(subscriptions.map((each) => [each, next(each)]));
    while (pending.size > 0) {
      const { subscription, result } = await Promise.race(pending.values());
      if (result.done) {
        pending.delete(subscription);
        continue;
      }
      pending.set(subscription, next(subscription));
      const { channel, message } = result.value;
      if (events !== undefined && !events.has(message)) continue;
      yield { event: message, key: channel.slice(prefix.length) };
    }
  } finally {
    for (const each of subscriptions) await each[Symbol.asyncDispose]();
  }
}
