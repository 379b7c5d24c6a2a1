/**
 * Sharded pub/sub: a channel is where its slot is, and moves with it.
 *
 * @module
 */

import { type ClientOptions, resolveOptions } from "../client/options.ts";
import { Subscriber } from "../client/subscriber.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import { ConnectionError } from "../errors.ts";

/** The subscribers of a cluster's shards: a connection for each subscription. */
export class ShardSubscribers {
  readonly #optionsFor: (slot: number) => ClientOptions;
  readonly #open = new Set<Subscriber>();
  #live = true;

  /** Takes how the owner of a slot is reached: its dial finds out each time who that is. */
  constructor(optionsFor: (slot: number) => ClientOptions) {
    this.#optionsFor = optionsFor;
  }

  /** Listens to channels of one slot. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    slot: number,
    names: readonly string[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    const subscriber = new Subscriber(resolveOptions(this.#optionsFor(slot)));
    const { link } = subscriber;
    const { onPush } = link;
    link.onPush = (push) => {
      if (push.kind !== "sunsubscribe") return onPush(push);
      // Unasked: the slot has left this node.
      link.connection?.destroy(new ConnectionError("The slot has moved"));
    };
    link.ref(this.#live);
    this.#open.add(subscriber);
    const end = async () => {
      this.#open.delete(subscriber);
      await subscriber.close();
    };
    try {
      return await subscriber.subscribe("shard", names, options, read, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Says whether the process lives for their connections. */
  ref(live: boolean): void {
    this.#live = live;
    for (const { link } of this.#open) link.ref(live);
  }

  /** Ends every subscription. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((subscriber) => subscriber.close()));
  }
}
