/**
 * Sharded pub/sub: a channel is at the node that has its slot, and moves with it.
 *
 * @see https://redis.io/docs/latest/develop/interact/pubsub/#sharded-pubsub
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import { resolveOptions } from "../client/options.ts";
import { sleep } from "../client/sleep.ts";
import { Subscriber } from "../client/subscriber.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import {
  isRetryableElsewhere,
  isRetryableLater,
} from "../connection/error_codes.ts";
import type { Name } from "../connection/names.ts";
import { ReplyError } from "../errors.ts";
import type { Node } from "./node.ts";
import type { Nodes } from "./nodes.ts";
import { slotOf } from "./slots.ts";

/** Whether a node has not the slot, or cannot serve it yet. */
function isElsewhere(error: ReplyError): boolean {
  return isRetryableLater(error) || isRetryableElsewhere(error);
}

/** The subscribers of a cluster's shards: one connection for each node. */
export class ShardSubscribers {
  readonly #nodes: Nodes;
  readonly #optionsFor: (node: Node) => ClientOptions;
  readonly #subscribers = new Map<Node, Subscriber>();
  /** The subscribers of subscriptions that pause their connection: each has one alone. */
  readonly #alone = new Map<Subscriber, Node>();
  /** How often in a row a slot was looked for. */
  readonly #searches = new Map<number, number>();
  #live = true;

  /** Takes how a node is reached. */
  constructor(nodes: Nodes, optionsFor: (node: Node) => ClientOptions) {
    this.#nodes = nodes;
    this.#optionsFor = optionsFor;
  }

  /** Subscribes to channels of one slot. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    slot: number,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    let deadline: number | undefined;
    for (let attempt = 1;; attempt++) {
      const node = this.#nodes.ownerOf(slot);
      const alone = options.overflow === "pause";
      const subscriber = alone ? this.#newAlone(node) : this.#at(node);
      try {
        return await subscriber
          .subscribe<B, T>("shard", names, options, read, () => this.#tidy());
      } catch (error) {
        await this.#tidy();
        const { commandTimeout } = resolveOptions(this.#optionsFor(node));
        deadline ??= now() + (options.timeout || commandTimeout);
        const elsewhere = error instanceof ReplyError && isElsewhere(error);
        if (!elsewhere || now() >= deadline) throw error;
        await sleep(jittered(attempt), options.signal);
        await this.#nodes.refresh();
      }
    }
  }

  /** Moves the channels of nodes that have no slots any more. */
  leave(nodes: readonly Node[]): void {
    for (const [subscriber, node] of this.#all) {
      if (nodes.includes(node)) {
        this.#move(subscriber, subscriber.shardChannels);
      }
    }
  }

  /** Authenticates again where that is possible. */
  async authenticate(): Promise<void> {
    const links = this.#all.map(([{ link }]) => link);
    await Promise.all(
      links.filter(({ connection }) =>
        connection?.protocol === 3 && !connection.paused
      ).map((link) => link.authenticate()),
    );
  }

  /** Keeps the process alive for the connections, or not. */
  ref(live: boolean): void {
    this.#live = live;
    for (const [{ link }] of this.#all) link.ref(live);
  }

  /** Ends every subscription. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map(([subscriber]) => subscriber.close()));
  }

  get #all(): [Subscriber, Node][] {
    return [
      ...Array.from(
        this.#subscribers,
        ([node, subscriber]): [Subscriber, Node] => [subscriber, node],
      ),
      ...this.#alone,
    ];
  }

  #at(node: Node): Subscriber {
    let subscriber = this.#subscribers.get(node);
    if (!subscriber) {
      subscriber = this.#newSubscriber(node);
      this.#subscribers.set(node, subscriber);
    }
    return subscriber;
  }

  #newAlone(node: Node): Subscriber {
    const subscriber = this.#newSubscriber(node);
    this.#alone.set(subscriber, node);
    return subscriber;
  }

  #newSubscriber(node: Node): Subscriber {
    const subscriber = new Subscriber(resolveOptions(this.#optionsFor(node)));
    subscriber.isElsewhere = isElsewhere;
    subscriber.onMoved = (names) => this.#move(subscriber, names);
    subscriber.link.ref(this.#live);
    return subscriber;
  }

  /** Finds the nodes that have the slots of channels now. */
  #move(from: Subscriber, names: readonly Name[]): void {
    for (const slot of new Set(names.map(slotOf))) {
      // The server tells of each channel of a slot.
      if (!this.#searches.has(slot)) this.#moveSlot(from, slot);
    }
  }

  async #moveSlot(from: Subscriber, slot: number): Promise<void> {
    const { closing } = this.#nodes;
    try {
      for (let attempt = 0; !closing.aborted; attempt++) {
        this.#searches.set(slot, attempt);
        if (attempt > 0) await sleep(jittered(attempt), closing);
        await this.#nodes.refresh();
        const names = from.shardChannels.filter((name) =>
          slotOf(name) === slot
        );
        if (names.length === 0 || closing.aborted) return;
        const owner = this.#nodes.topology.ownerOf(slot);
        if (owner === undefined) continue;
        const node = this.#all.find(([subscriber]) => subscriber === from)?.[1];
        // It may have come back; if not, the server refuses it again.
        if (owner === node && attempt === 0) continue;
        if (owner === node) return from.askAgain(names);
        const alone = this.#alone.has(from);
        from.handOver(names, alone ? this.#newAlone(owner) : this.#at(owner));
        return;
      }
    } catch {
      // The cluster was closed while it slept.
    } finally {
      this.#searches.delete(slot);
      await this.#tidy();
    }
  }

  /** Closes subscribers without a reader. */
  async #tidy(): Promise<void> {
    for (const [subscriber, node] of this.#all) {
      if (subscriber.shardChannels.length > 0) continue;
      if (this.#subscribers.get(node) === subscriber) {
        this.#subscribers.delete(node);
      }
      this.#alone.delete(subscriber);
      await subscriber.close();
    }
  }
}
