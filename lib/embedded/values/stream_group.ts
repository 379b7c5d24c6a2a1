/**
 * Consumer groups of a stream, and their pending entries.
 *
 * @module
 */

import { SortedTree } from "./sorted_tree.ts";
import { FIRST_ID, idBytes, type StreamId } from "./stream_id.ts";

/** An entry that was delivered but not acknowledged. */
export interface Pending {
  readonly id: StreamId;
  consumer: Consumer;
  /** The time of the last delivery, in ms since 1970. */
  deliveredAt: number;
  /** The number of deliveries. */
  deliveries: number;
}

/** Pending entries, sorted by id. */
export class PendingList {
  readonly #byId = new Map<string, Pending>();
  readonly #order = new SortedTree();

  /** The number of pending entries. */
  get size(): number {
    return this.#byId.size;
  }

  /** The pending entry with an id. */
  get(id: StreamId): Pending | undefined {
    return this.#byId.get(idBytes(id));
  }

  /** Adds an entry. It must not be in the list. */
  add(pending: Pending): void {
    const bytes = idBytes(pending.id);
    this.#byId.set(bytes, pending);
    this.#order.add(0, bytes);
  }

  /** Deletes the entry with an id. */
  delete(id: StreamId): void {
    const bytes = idBytes(id);
    if (this.#byId.delete(bytes)) this.#order.delete(0, bytes);
  }

  /**
   * Visits entries in order, starting at `from`. `visit` must not change the list;
   * it returns `false` to stop.
   */
  each(
    visit: (pending: Pending) => boolean | void,
    from: StreamId = FIRST_ID,
  ): void {
    const start = this.#order.rank(0, idBytes(from));
    this.#order.each(start, this.size, (bytes) => {
      return visit(this.#byId.get(bytes)!);
    });
  }

  /** Up to `count` entries, starting at an id; a count of 0 means all. */
  from(id: StreamId, count: number): Pending[] {
    const found: Pending[] = [];
    this.each((pending) => {
      found.push(pending);
      return found.length !== count;
    }, id);
    return found;
  }

  /** The first entry, or `undefined`. */
  first(): Pending | undefined {
    return this.#at(0);
  }

  /** The last entry, or `undefined`. */
  last(): Pending | undefined {
    return this.#at(this.size - 1);
  }

  #at(rank: number): Pending | undefined {
    let found: Pending | undefined;
    this.#order.each(rank, rank + 1, (bytes) => {
      found = this.#byId.get(bytes);
    });
    return found;
  }
}

/** A consumer of a group. */
export class Consumer {
  readonly name: string;
  /** The time of its last attempt to read or claim, in ms since 1970. */
  seenAt: number;
  /** The time when it last received entries, in ms since 1970; -1 for never. */
  activeAt: number;
  readonly pending = new PendingList();

  /** Makes a consumer without pending entries. */
  constructor(name: string, seenAt: number, activeAt = -1) {
    this.name = name;
    this.seenAt = seenAt;
    this.activeAt = activeAt;
  }
}

/** A consumer group. */
export class Group {
  readonly name: string;
  /** The last delivered id. */
  lastId: StreamId;
  /**
   * The number of entries that the group has read; -1 if unknown. XGROUP can set it
   * to any 64-bit integer; each read increments it.
   */
  entriesRead: bigint;
  readonly pending = new PendingList();
  /**
   * A lower bound for the delivery times of the pending entries that are in the
   * stream, in ms since 1970; 0 if unknown, `Infinity` if there are none.
   */
  oldest = 0;
  readonly consumers = new Map<string, Consumer>();

  /** Makes a group without consumers. */
  constructor(name: string, lastId: StreamId, entriesRead: bigint) {
    this.name = name;
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  /** Delivers an entry to a consumer. If it is pending for another, it moves. */
  deliver(id: StreamId, consumer: Consumer, at: number): Pending {
    const old = this.pending.get(id);
    if (old !== undefined) {
      this.assign(old, consumer);
      this.deliverAgain(old, at);
      old.deliveries = 1;
      return old;
    }
    const pending = { id, consumer, deliveredAt: at, deliveries: 1 };
    this.oldest = Math.min(this.oldest, at);
    this.pending.add(pending);
    consumer.pending.add(pending);
    return pending;
  }

  /** Sets the delivery time of a pending entry; the caller counts the delivery. */
  deliverAgain(pending: Pending, at: number): void {
    this.oldest = Math.min(this.oldest, at);
    pending.deliveredAt = at;
  }

  /** Moves a pending entry to another consumer. */
  assign(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return;
    pending.consumer.pending.delete(pending.id);
    pending.consumer = consumer;
    consumer.pending.add(pending);
  }

  /** Acknowledges an entry; returns whether it was pending. */
  acknowledge(id: StreamId): boolean {
    const pending = this.pending.get(id);
    if (pending === undefined) return false;
    this.pending.delete(id);
    pending.consumer.pending.delete(id);
    return true;
  }

  /** Deletes a consumer and its pending entries; returns their number. */
  leave(name: string): number | undefined {
    const consumer = this.consumers.get(name);
    if (consumer === undefined) return undefined;
    consumer.pending.each(({ id }) => this.pending.delete(id));
    this.consumers.delete(name);
    return consumer.pending.size;
  }

  /** A copy. */
  copy(): Group {
    const copy = new Group(this.name, this.lastId, this.entriesRead);
    for (const { name, seenAt, activeAt } of this.consumers.values()) {
      copy.consumers.set(name, new Consumer(name, seenAt, activeAt));
    }
    this.pending.each((pending) => {
      const consumer = copy.consumers.get(pending.consumer.name)!;
      const copied = { ...pending, consumer };
      copy.pending.add(copied);
      consumer.pending.add(copied);
    });
    return copy;
  }
}

/** The values of a map, sorted by name like in Redis's replies. */
export function byName<T>(map: ReadonlyMap<string, T>): T[] {
  const names = [...map.keys()].sort();
  return names.map((name) => map.get(name)!);
}
