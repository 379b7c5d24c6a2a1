/**
 * Sharded pub/sub: a channel is at the node that has its slot, and moves with it.
 *
 * @see https://redis.io/docs/latest/develop/interact/pubsub/#sharded-pubsub
 * @module
 */

import type { ClientOptions } from "../client/options.ts";
import { resolveOptions } from "../client/options.ts";
import { sleep } from "../client/sleep.ts";
import type {
  Item,
  Payloads,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import type { Name } from "../connection/names.ts";
import type { Node } from "./node.ts";
import type { Nodes } from "./nodes.ts";
import { isElsewhere, ShardSubscriber } from "./shard_subscriber.ts";
import { slotOf } from "./slots.ts";

/** The subscribers of a cluster's shards: one connection for each node. */
export class ShardSubscribers {
  readonly #nodes: Nodes;
  readonly #optionsFor: (node: Node) => ClientOptions;
  readonly #subscribers = new Map<Node, ShardSubscriber>();
  /** The subscribers of subscriptions that pause their connection: each has one alone. */
  readonly #alone = new Map<ShardSubscriber, Node>();
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
    payloads: Payloads,
  ): Promise<Subscription<B, T>> {
    let deadline: number | undefined;
    for (let attempt = 1;; attempt++) {
      const node = this.#nodes.ownerOf(slot);
      const alone = options.overflow === "pause";
      const subscriber = alone ? this.#newAlone(node) : this.#at(node);
      try {
        return await subscriber
          .subscribe<B, T>(
            "shard",
            names,
            options,
            payloads,
            () => this.#tidy(),
          );
      } catch (error) {
        await this.#tidy();
        const { commandTimeout } = resolveOptions(this.#optionsFor(node));
        deadline ??= now() + (options.timeout || commandTimeout);
        if (!isElsewhere(error) || now() >= deadline) throw error;
        await sleep(jittered(attempt), options.signal);
        await this.#nodes.refresh();
      }
    }
  }

  /** Moves the channels of nodes that have no slots any more. */
  leave(nodes: readonly Node[]): void {
    for (const [subscriber, node] of this.#all) {
      if (nodes.includes(node)) {
        this.#move(subscriber, subscriber.channels);
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

  get #all(): [ShardSubscriber, Node][] {
    return [
      ...Array.from(
        this.#subscribers,
        ([node, subscriber]): [ShardSubscriber, Node] => [subscriber, node],
      ),
      ...this.#alone,
    ];
  }

  #at(node: Node): ShardSubscriber {
    let subscriber = this.#subscribers.get(node);
    if (!subscriber) {
      subscriber = this.#newSubscriber(node);
      this.#subscribers.set(node, subscriber);
    }
    return subscriber;
  }

  #newAlone(node: Node): ShardSubscriber {
    const subscriber = this.#newSubscriber(node);
    this.#alone.set(subscriber, node);
    return subscriber;
  }

  #newSubscriber(node: Node): ShardSubscriber {
    const subscriber: ShardSubscriber = new ShardSubscriber(
      resolveOptions(this.#optionsFor(node)),
      (names) => this.#move(subscriber, names),
    );
    subscriber.link.ref(this.#live);
    return subscriber;
  }

  /** Finds the nodes that have the slots of channels now. */
  #move(from: ShardSubscriber, names: readonly Name[]): void {
    for (const slot of new Set(names.map(slotOf))) {
      // The server tells of each channel of a slot.
      if (!this.#searches.has(slot)) this.#moveSlot(from, slot);
    }
  }

  async #moveSlot(from: ShardSubscriber, slot: number): Promise<void> {
    const { closing } = this.#nodes;
    try {
      for (let attempt = 0; !closing.aborted; attempt++) {
        this.#searches.set(slot, attempt);
        if (attempt > 0) await sleep(jittered(attempt), closing);
        await this.#nodes.refresh();
        const names = from.channels.filter((name) => slotOf(name) === slot);
        if (names.length === 0 || closing.aborted) return;
        const owner = this.#nodes.topology.ownerOf(slot);
        if (owner === undefined) continue;
        const node = this.#all.find(([subscriber]) => subscriber === from)?.[1];
        // It may have come back; the first answer may be old, though.
        if (owner === node && attempt === 0) continue;
        const alone = this.#alone.has(from);
        const to = owner === node
          ? from
          : alone
          ? this.#newAlone(owner)
          : this.#at(owner);
        from.handOver(names, to);
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
      if (subscriber.channels.length > 0) continue;
      if (this.#subscribers.get(node) === subscriber) {
        this.#subscribers.delete(node);
      }
      this.#alone.delete(subscriber);
      await subscriber.close();
    }
  }
}
