/**
 * Subscriptions to channels, patterns and shard channels, over one connection.
 * Subscribes again after a reconnect.
 *
 * @module
 */

import { SubscribeSlot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { tell } from "../connection/events.ts";
import { Link } from "../connection/link.ts";
import { ConnectionError, ReplyError } from "../errors.ts";
import { keyOf, type Name } from "../connection/names.ts";
import { BYTES, type Mode, PAYLOAD, Push, type Reply } from "../resp/reply.ts";
import type { CallOptions, SubscriptionKind } from "./engine.ts";
import { limited } from "./lease.ts";
import type { ResolvedOptions } from "./options.ts";
import {
  type Item,
  type Payloads,
  Subscription,
  type SubscriptionOptions,
} from "./subscription.ts";

// deno-lint-ignore no-explicit-any -- readers of text and of bytes side by side
export type AnySubscription = Subscription<any, any>;

const KINDS: readonly SubscriptionKind[] = ["channel", "pattern", "shard"];

/** The prefix of the commands for each kind. */
const LETTERS: Record<SubscriptionKind, string> = {
  channel: "",
  pattern: "P",
  shard: "S",
};

/** A name as it is sent to the server, and its readers. */
export interface Channel {
  readonly name: Name;
  readonly readers: Set<AnySubscription>;
}

const NOBODY: ReadonlySet<AnySubscription> = new Set();

/**
 * The channel on which CLIENT TRACKING reports changed keys to RESP2
 * connections.
 */
const INVALIDATE = "__redis__:invalidate";

/** The kind of subscription that each push is for. */
const MESSAGES = new Map<Reply, SubscriptionKind>(
  KINDS.map((kind) => [`${LETTERS[kind].toLowerCase()}message`, kind]),
);

/**
 * The registry of subscriptions is the truth, the server has a copy of it.
 *
 * A name is confirmed once for each SUBSCRIBE, also for one that is subscribed
 * already, so every `subscribe` asks for all of its names and waits for its own
 * confirmations.
 */
export class Subscriber {
  readonly #options: ResolvedOptions;
  /** Errors that another connection may not get. */
  isElsewhere: (error: ReplyError) => boolean = () => false;
  /** The connection; made by the first `subscribe`. */
  readonly link: Link;
  protected readonly registry: Record<
    SubscriptionKind,
    Map<string, Channel>
  > = { channel: new Map(), pattern: new Map(), shard: new Map() };
  /** Confirmed subscriptions: they get a gap notice after a reconnect. */
  protected readonly established = new WeakSet<AnySubscription>();
  /** Since when the connection is lost. */
  protected lostSince: Date | undefined;
  /** How many messages readers took since the connection last asked. */
  #taken = 0;

  /** Connects at the first `subscribe`. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.link = new Link(options);
    this.link.onPush = (push) => this.#deliver(push);
    this.link.onReady = (connection) => this.#restore(connection);
    this.link.onLost = () => {
      this.lostSince ??= new Date();
    };
    this.link.onGaveUp = (error) => {
      // Without subscriptions nothing would make it connect again.
      for (const subscription of this.#subscriptions()) subscription.end(error);
      this.lostSince = undefined;
    };
  }

  /**
   * Subscribes to names; resolves when the server has confirmed each. `onEnd`
   * runs when the subscription has ended.
   */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    payloads: Payloads,
    onEnd?: () => Promise<void>,
  ): Promise<Subscription<B, T>> {
    options.signal?.throwIfAborted();
    const byKey = new Map(names.map((name) => [keyOf(name), name]));
    const unique = [...byKey.values()];
    const subscription: Subscription<B, T> = new Subscription(
      options,
      payloads,
      {
        leave: async () => {
          try {
            await this.leave(kind, byKey, subscription);
          } finally {
            await onEnd?.();
          }
        },
        took: () => {
          this.#taken++;
        },
        pause: (until) => this.link.connection?.pause(until),
      },
    );
    const registry = this.registry[kind];
    for (const [key, name] of byKey) {
      const channel = registry.get(key) ?? { name, readers: new Set() };
      channel.readers.add(subscription);
      registry.set(key, channel);
    }
    try {
      await this.#ask(`${LETTERS[kind]}SUBSCRIBE`, unique, options);
    } catch (error) {
      subscription.end();
      throw error;
    }
    this.established.add(subscription);
    return subscription;
  }

  /** Ends every subscription and closes the connection. */
  async close(): Promise<void> {
    // The connection first: then nothing needs to be unsubscribed.
    const closing = this.link.close(0);
    for (const subscription of this.#subscriptions()) subscription.end();
    await closing;
  }

  #subscriptions(): Set<AnySubscription> {
    const all = KINDS.flatMap((kind) => [...this.registry[kind].values()]);
    return new Set(all.flatMap(({ readers }) => [...readers]));
  }

  async #ask(
    word: string,
    names: readonly Name[],
    call: CallOptions = {},
  ): Promise<void> {
    const slot = new SubscribeSlot(word, names);
    this.link.execute(limited(slot, call, this.#options));
    await slot.promise;
  }

  /** Takes a reader out of the registry; unsubscribes where it was the last. */
  protected async leave(
    kind: SubscriptionKind,
    names: ReadonlyMap<string, Name>,
    reader: AnySubscription,
  ): Promise<void> {
    const registry = this.registry[kind];
    const unheard: Name[] = [];
    for (const [key, name] of names) {
      const readers = registry.get(key)?.readers;
      if (!readers?.delete(reader) || readers.size > 0) continue;
      registry.delete(key);
      unheard.push(name);
    }
    // A lost connection has no subscriptions any more.
    if (unheard.length === 0 || !this.link.connection) return;
    try {
      await this.#ask(`${LETTERS[kind]}UNSUBSCRIBE`, unheard);
    } catch (error) {
      // A connection whose slot has moved away has no subscription to the
      // channel any more.
      const gone = error instanceof ReplyError
        ? error.code === "MOVED" || this.isElsewhere(error)
        : error instanceof ConnectionError;
      if (!gone) throw error;
    }
  }

  /** Subscribes a new connection to all that the registry holds. */
  #restore(connection: Connection): void {
    if (connection.protocol === 2) connection.subscribeOnly();
    connection.messages = {
      payloadMode: this.#payloadMode,
      readersTake: () => {
        const taken = this.#taken;
        this.#taken = 0;
        return taken > 0;
      },
    };
    const since = this.lostSince;
    this.lostSince = undefined;
    if (since === undefined) return;
    const established = [...this.#subscriptions()].filter((reader) =>
      this.established.has(reader)
    );
    for (const reader of established) reader.lost(since);
    const subscriptions = established.length;
    if (subscriptions > 0) {
      tell(this.#options, { kind: "gap", subscriptions, since });
    }
    for (const kind of KINDS) {
      const names = Array.from(
        this.registry[kind].values(),
        ({ name }) => name,
      );
      if (names.length > 0) this.restoreNames(connection, kind, names);
    }
  }

  /** Subscribes a new connection to names of one kind. */
  protected async restoreNames(
    connection: Connection,
    kind: SubscriptionKind,
    names: readonly Name[],
  ): Promise<void> {
    const slot = new SubscribeSlot(`${LETTERS[kind]}SUBSCRIBE`, names);
    connection.execute(slot.limit(this.#options.commandTimeout, 0));
    try {
      await slot.promise;
      const readers = names.flatMap((name) => [
        ...this.#readers(kind, name),
      ]);
      for (const reader of new Set(readers)) {
        reader.restored();
        reader.pauseAgain();
      }
    } catch (error) {
      if (!(error instanceof ReplyError) || this.isElsewhere(error)) {
        return this.notRestored(connection, names, error);
      }
      if (names.length === 1) {
        for (const reader of this.#readers(kind, names[0]!)) {
          reader.end(error);
        }
        return;
      }
      // One refused name makes the whole command fail: subscribe to each name
      // alone.
      for (const name of names) this.restoreNames(connection, kind, [name]);
    }
  }

  /** Shard channels, or all names, are not restored. */
  protected notRestored(
    connection: Connection,
    _names: readonly Name[],
    error: unknown,
  ): void {
    // The connection is lost again, or was given up as dead: the next one
    // restores.
    connection.destroy(error);
  }

  /**
   * The slot of a shard channel has moved: subscribing again gets a redirect to
   * its new node.
   */
  protected gaveAway(connection: Connection, name: Name): void {
    this.restoreNames(connection, "shard", [name]);
  }

  #readers(kind: SubscriptionKind, name: Name): ReadonlySet<AnySubscription> {
    // A name that the decoder made text is its key.
    const key = typeof name === "string" ? name : keyOf(name);
    return this.registry[kind].get(key)?.readers ?? NOBODY;
  }

  /** Payloads become text at once where every reader reads text: a `Uint8Array` costs Deno 400 ns. */
  readonly #payloadMode = (kind: Reply, name: Reply | undefined): Mode => {
    const heard = MESSAGES.get(kind);
    if (heard === undefined) return BYTES;
    for (const reader of this.#readers(heard, name as Name)) {
      if (reader.payloads === "bytes") return BYTES;
    }
    return PAYLOAD;
  };

  #deliver({ kind, data }: Push): void {
    if (kind === "invalidate") {
      return this.#deliver(new Push("message", [INVALIDATE, data[0]!]));
    }
    const heard = MESSAGES.get(kind);
    const name = data[0] as Name;
    if (heard === undefined) {
      // Sent by the server without a call: the slot of the channel has moved to
      // another node. No reader waits for other kinds.
      const { connection } = this.link;
      const gone = kind === "sunsubscribe" &&
        this.registry.shard.has(keyOf(name));
      if (gone && connection) this.gaveAway(connection, name);
      return;
    }
    const readers = this.#readers(heard, name);
    const isPattern = heard === "pattern";
    const channel = isPattern ? data[1] as Name : name;
    const pattern = isPattern ? name : undefined;
    const payload = data[data.length - 1];
    if (typeof payload === "string" || payload instanceof Uint8Array) {
      for (const reader of readers) reader.deliver(channel, payload, pattern);
      return;
    }
    for (const key of invalidated(payload)) {
      for (const reader of readers) reader.deliver(channel, key, pattern);
    }
  }
}

/** The changed keys of a push of CLIENT TRACKING; an empty one for all keys. */
function invalidated(payload: Reply | undefined): Name[] {
  if (payload === null) return [""];
  return Array.isArray(payload)
    ? payload.filter((key) =>
      typeof key === "string" || key instanceof Uint8Array
    )
    : [];
}
