/**
 * The subscriber of one node, which hands its channels on when their slots move.
 *
 * @module
 */

import type { ResolvedOptions } from "../client/options.ts";
import type { SubscriptionKind } from "../client/engine.ts";
import { type AnySubscription, Subscriber } from "../client/subscriber.ts";
import type { Connection } from "../connection/connection.ts";
import {
  isRetryableElsewhere,
  isRetryableLater,
} from "../connection/error_codes.ts";
import { keyOf, type Name } from "../connection/names.ts";
import { ReplyError } from "../errors.ts";

/** Whether a node has not the slot, or cannot serve it yet. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof ReplyError &&
    (isRetryableLater(error) || isRetryableElsewhere(error));
}

/** The subscriber that has a subscription now, where it was handed over. */
const holders = new WeakMap<AnySubscription, ShardSubscriber>();

/** The subscriber of one node. */
export class ShardSubscriber extends Subscriber {
  readonly #onMoved: (names: readonly Name[]) => void;

  /** Takes the function that gets the channels of slots that have moved away. */
  constructor(
    options: ResolvedOptions,
    onMoved: (names: readonly Name[]) => void,
  ) {
    super(options);
    this.#onMoved = onMoved;
    this.isElsewhere = isElsewhere;
  }

  /** The channels that it has readers of. */
  get channels(): Name[] {
    return Array.from(this.registry.shard.values(), ({ name }) => name);
  }

  /**
   * Hands the readers of channels to the subscriber of the node that has their slot
   * now: this one, where the slot has come back.
   */
  handOver(names: readonly Name[], to: ShardSubscriber): void {
    const since = this.lostSince ?? new Date();
    const theirs = to.registry.shard;
    for (const name of names) {
      const key = keyOf(name);
      const channel = this.registry.shard.get(key);
      if (channel === undefined) continue;
      this.registry.shard.delete(key);
      const readers = theirs.get(key)?.readers ?? new Set();
      theirs.set(key, { name, readers });
      for (const reader of channel.readers) {
        readers.add(reader);
        holders.set(reader, to);
        if (!this.established.has(reader)) continue;
        to.established.add(reader);
        reader.lost(since);
      }
    }
    const { connection } = to.link;
    if (connection) {
      to.restoreNames(connection, "shard", names);
      return;
    }
    // Its first connection restores, too.
    to.lostSince ??= since;
    to.link.connect().catch(() => {});
  }

  /** Unsubscribes at the node that has the channel now. */
  protected override async leave(
    kind: SubscriptionKind,
    names: ReadonlyMap<string, Name>,
    reader: AnySubscription,
  ): Promise<void> {
    const holder = holders.get(reader) ?? this;
    if (holder === this) await super.leave(kind, names, reader);
    else await holder.leave(kind, names, reader);
  }

  /** Only the channels of slots that are elsewhere move. */
  protected override notRestored(
    connection: Connection,
    names: readonly Name[],
    error: unknown,
  ): void {
    if (isElsewhere(error)) this.#onMoved(names);
    else super.notRestored(connection, names, error);
  }

  /** The node tells of each channel of a slot that it gives away. */
  protected override gaveAway(_connection: Connection, name: Name): void {
    this.#onMoved([name]);
  }
}
