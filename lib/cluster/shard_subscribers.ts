/**
 * Sharded pub/sub: a channel is where its slot is, and moves with it.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import { type ClientOptions, resolveOptions } from "../client/options.ts";
import { Subscriber } from "../client/subscriber.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import { sleep } from "../client/sleep.ts";
import { jittered } from "../connection/backoff.ts";
import { now } from "../connection/clock.ts";
import {
  isRetryableElsewhere,
  isRetryableLater,
} from "../connection/error_codes.ts";
import { ConnectionError, ReplyError } from "../errors.ts";

/** What a node says that has not the slot, or cannot serve it yet. */
function isElsewhere(error: ReplyError): boolean {
  return isRetryableLater(error) || isRetryableElsewhere(error);
}

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
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    const resolved = resolveOptions(this.#optionsFor(slot));
    const subscriber = new Subscriber(resolved);
    const { link } = subscriber;
    const { onPush } = link;
    link.onPush = (push) => {
      if (push.kind !== "sunsubscribe") return onPush(push);
      // Unasked: the slot has left this node.
      link.connection?.destroy(new ConnectionError("The slot has moved"));
    };
    subscriber.isElsewhere = isElsewhere;
    link.ref(this.#live);
    this.#open.add(subscriber);
    const close = async () => {
      this.#open.delete(subscriber);
      await subscriber.close();
    };
    let confirmed = false;
    // An attempt that failed ends its subscription, and must not end the next.
    const end = async () => confirmed ? await close() : undefined;
    const deadline = now() + (options.timeout || resolved.commandTimeout);
    for (let attempt = 1;; attempt++) {
      try {
        const subscription = await subscriber
          .subscribe<B, T>("shard", names, options, read, end);
        confirmed = true;
        return subscription;
      } catch (error) {
        const elsewhere = error instanceof ReplyError &&
          isElsewhere(error);
        if (!elsewhere || now() >= deadline) {
          await close();
          throw error;
        }
        link.connection?.destroy(error);
        await sleep(jittered(attempt), options.signal);
      }
    }
  }

  /** Says the credentials again where that can be done. */
  async authenticate(): Promise<void> {
    const links = [...this.#open].map(({ link }) => link);
    await Promise.all(
      links.filter(({ connection }) =>
        connection?.protocol === 3 && !connection.paused
      ).map((link) => link.authenticate()),
    );
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
