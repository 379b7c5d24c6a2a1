/**
 * Who listens to what, on a connection of its own; listens again after a reconnect.
 *
 * @module
 */

import { now } from "../connection/clock.ts";
import { SubscribeSlot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { Link } from "../connection/link.ts";
import { ConnectionError, ReplyError } from "../errors.ts";
import { decodeText } from "../resp/bytes.ts";
import type { Push, Reply } from "../resp/reply.ts";
import type { SubscriptionKind } from "./engine.ts";
import type { ResolvedOptions } from "./options.ts";
import {
  type Item,
  Subscription,
  type SubscriptionOptions,
} from "./subscription.ts";

// deno-lint-ignore no-explicit-any -- readers of text and of bytes side by side
type AnySubscription = Subscription<any, any>;

const WORDS: Record<SubscriptionKind, [subscribe: string, leave: string]> = {
  channel: ["SUBSCRIBE", "UNSUBSCRIBE"],
  pattern: ["PSUBSCRIBE", "PUNSUBSCRIBE"],
  shard: ["SSUBSCRIBE", "SUNSUBSCRIBE"],
};

const KINDS: readonly SubscriptionKind[] = ["channel", "pattern", "shard"];

/**
 * The registry of subscriptions is the truth, the server has a copy of it.
 *
 * A name is confirmed once for each SUBSCRIBE, also for one that is subscribed
 * already, so every `subscribe` asks for all of its names and waits for its own
 * confirmations.
 */
export class Subscriber {
  readonly #options: ResolvedOptions;
  readonly #link: Link;
  readonly #registry: Record<
    SubscriptionKind,
    Map<string, Set<AnySubscription>>
  > = { channel: new Map(), pattern: new Map(), shard: new Map() };
  /** Those that the server has confirmed once: they miss what a lost connection does not bring. */
  readonly #established = new WeakSet<AnySubscription>();
  /** Since when the connection is lost. */
  #lostSince: Date | undefined;

  /** Connects when first asked to subscribe. */
  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#link = new Link(options);
    this.#link.onPush = (push) => this.#deliver(push);
    this.#link.onReady = (connection) => this.#restore(connection);
    this.#link.onLost = () => {
      this.#lostSince ??= new Date();
    };
    this.#link.onGaveUp = (error) => {
      // Nobody would ever ask it to connect again for them.
      for (const subscription of this.#subscriptions()) subscription.end(error);
      this.#lostSince = undefined;
    };
  }

  /**
   * Listens to names; resolves when the server has confirmed every one.
   * `onEnd` runs when the subscription has ended.
   */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly string[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
    onEnd?: () => Promise<void>,
  ): Promise<Subscription<B, T>> {
    const unique = [...new Set(names)];
    const subscription: Subscription<B, T> = new Subscription(options, read, {
      leave: async () => {
        await this.#leave(kind, unique, subscription);
        await onEnd?.();
      },
      pause: (until) => {
        const { state } = this.#link;
        if (state.kind === "ready") state.connection.pause(until);
      },
    });
    const registry = this.#registry[kind];
    for (const name of unique) {
      const readers = registry.get(name) ?? new Set();
      registry.set(name, readers.add(subscription));
    }
    try {
      await this.#ask(WORDS[kind][0], unique, options.signal);
    } catch (error) {
      subscription.end();
      throw error;
    }
    this.#established.add(subscription);
    return subscription;
  }

  /** Ends every subscription and closes the connection. */
  async close(): Promise<void> {
    // First the connection: nothing is worth being unsubscribed from then.
    const closing = this.#link.close(AbortSignal.abort());
    for (const subscription of this.#subscriptions()) subscription.end();
    await closing;
  }

  /** Lets the process live while there is a connection. */
  ref(): void {
    this.#link.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#link.unref();
  }

  #subscriptions(): Set<AnySubscription> {
    const all = new Set<AnySubscription>();
    for (const kind of KINDS) {
      for (const readers of this.#registry[kind].values()) {
        for (const reader of readers) all.add(reader);
      }
    }
    return all;
  }

  async #ask(
    word: string,
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const slot = new SubscribeSlot(word, names);
    slot.deadline = now() + this.#options.commandTimeout;
    slot.retries = this.#options.retries;
    const abort = () => slot.fail(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    slot.onSettled = () => signal?.removeEventListener("abort", abort);
    this.#link.execute(slot);
    await slot.promise;
  }

  /** Takes a reader out of the registry; unsubscribes where it was the last. */
  async #leave(
    kind: SubscriptionKind,
    names: readonly string[],
    reader: AnySubscription,
  ): Promise<void> {
    const registry = this.#registry[kind];
    const unheard: string[] = [];
    for (const name of names) {
      const readers = registry.get(name);
      if (!readers?.delete(reader) || readers.size > 0) continue;
      registry.delete(name);
      unheard.push(name);
    }
    // A connection that is lost has unsubscribed already.
    if (unheard.length === 0 || this.#link.state.kind !== "ready") return;
    try {
      await this.#ask(WORDS[kind][1], unheard);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
    }
  }

  /** Subscribes a new connection to all that the registry holds. */
  #restore(connection: Connection): void {
    if (connection.protocol === 2) connection.subscribeOnly();
    const since = this.#lostSince;
    this.#lostSince = undefined;
    if (since === undefined) return;
    for (const reader of this.#subscriptions()) {
      if (this.#established.has(reader)) reader.lost(since);
    }
    for (const kind of KINDS) {
      const names = [...this.#registry[kind].keys()];
      if (names.length > 0) this.#restoreNames(connection, kind, names);
    }
  }

  async #restoreNames(
    connection: Connection,
    kind: SubscriptionKind,
    names: readonly string[],
  ): Promise<void> {
    const slot = new SubscribeSlot(WORDS[kind][0], names);
    slot.deadline = now() + this.#options.commandTimeout;
    connection.execute(slot);
    try {
      await slot.promise;
      const readers = names.flatMap((name) => [
        ...this.#registry[kind].get(name) ?? [],
      ]);
      for (const reader of new Set(readers)) reader.restored();
    } catch (error) {
      if (!(error instanceof ReplyError)) {
        // Lost again: the next connection restores. Silent: it is given up.
        return connection.destroy(error);
      }
      if (names.length === 1) {
        for (const reader of this.#registry[kind].get(names[0]!) ?? []) {
          reader.end(error);
        }
        return;
      }
      // One name was refused for all: ask for each.
      for (const name of names) {
        if (!connection.alive) return;
        this.#restoreNames(connection, kind, [name]);
      }
    }
  }

  #deliver({ kind, data }: Push): void {
    switch (kind) {
      case "message":
        return this.#send("channel", data[0], data[0], data[1]);
      case "smessage":
        return this.#send("shard", data[0], data[0], data[1]);
      case "pmessage":
        return this.#send("pattern", data[0], data[1], data[2]);
    }
    // Unasked confirmations and unknown kinds concern nobody here.
  }

  #send(
    kind: SubscriptionKind,
    name: Reply | undefined,
    channel: Reply | undefined,
    payload: Reply | undefined,
  ): void {
    if (!(payload instanceof Uint8Array)) return;
    const key = text(name);
    const readers = this.#registry[kind].get(key);
    if (readers === undefined) return;
    const from = kind === "pattern" ? text(channel) : key;
    for (const reader of readers) {
      if (kind === "pattern") reader.deliver(from, payload, key);
      else reader.deliver(from, payload);
    }
  }
}

function text(reply: Reply | undefined): string {
  return reply instanceof Uint8Array ? decodeText(reply) : "";
}
