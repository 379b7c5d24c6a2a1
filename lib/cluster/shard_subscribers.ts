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
import type { Node } from "./node.ts";

/** What a node says that has not the slot, or cannot serve it yet. */
function isElsewhere(error: ReplyError): boolean {
  return isRetryableLater(error) || isRetryableElsewhere(error);
}

/** The options of a subscriber for a slot, and what tells which node its dial goes to. */
type OptionsFor = (
  slot: number,
  dialled: (node: Node) => void,
) => ClientOptions;

/** The subscribers of a cluster's shards: a connection for each subscription. */
export class ShardSubscribers {
  readonly #optionsFor: OptionsFor;
  /** The subscribers, and the nodes that they are connected to. */
  readonly #open = new Map<Subscriber, Node | undefined>();
  #live = true;

  /** Takes how the owner of a slot is reached: its dial finds out each time who that is. */
  constructor(optionsFor: OptionsFor) {
    this.#optionsFor = optionsFor;
  }

  /** Listens to channels of one slot. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    slot: number,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    const resolved = resolveOptions(
      this.#optionsFor(slot, (node) => {
        if (this.#open.has(subscriber)) this.#open.set(subscriber, node);
      }),
    );
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
    this.#open.set(subscriber, undefined);
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

  /** Leaves nodes that have no slots any more: the dial finds the new owners. */
  leave(nodes: readonly Node[], reason: Error): void {
    for (const [{ link }, node] of this.#open) {
      if (node && nodes.includes(node)) link.connection?.destroy(reason);
    }
  }

  /** Says the credentials again where that can be done. */
  async authenticate(): Promise<void> {
    const links = [...this.#open.keys()].map(({ link }) => link);
    await Promise.all(
      links.filter(({ connection }) =>
        connection?.protocol === 3 && !connection.paused
      ).map((link) => link.authenticate()),
    );
  }

  /** Says whether the process lives for their connections. */
  ref(live: boolean): void {
    this.#live = live;
    for (const { link } of this.#open.keys()) link.ref(live);
  }

  /** Ends every subscription. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#open.keys()].map((subscriber) => subscriber.close()),
    );
  }
}
