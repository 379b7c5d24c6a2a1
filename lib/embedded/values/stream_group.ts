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
  /** When it was delivered last, in ms since 1970. */
  deliveredAt: number;
  /** How often it was delivered. */
  deliveries: number;
}

/** Pending entries, sorted by id. */
export class PendingList {
  readonly #byId = new Map<string, Pending>();
  readonly #order = new SortedTree();

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The pending entry of an id. */
  get(id: StreamId): Pending | undefined {
    return this.#byId.get(idBytes(id));
  }

  /** Adds an entry, which must be absent. */
  add(pending: Pending): void {
    const bytes = idBytes(pending.id);
    this.#byId.set(bytes, pending);
    this.#order.add(0, bytes);
  }

  /** Deletes the entry of an id. */
  delete(id: StreamId): void {
    const bytes = idBytes(id);
    if (this.#byId.delete(bytes)) this.#order.delete(0, bytes);
  }

  /**
   * Visits entries in order from an id on; `visit` returns false to stop. It must
   * not change the list.
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

  /** Up to `count` entries from an id on; 0 for all. */
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
  /** When it tried to read or claim last, in ms since 1970. */
  seenAt: number;
  /** When it got entries last, in ms since 1970; -1 for never. */
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
   * How many of the stream's entries the group has read; -1 when unknown. XGROUP
   * may set it to any 64-bit integer, and reads count on from there.
   */
  entriesRead: bigint;
  readonly pending = new PendingList();
  /**
   * No pending entry that is in the stream was delivered before, in ms since 1970;
   * 0 when that is unknown, Infinity when there is none.
   */
  oldest = 0;
  readonly consumers = new Map<string, Consumer>();

  /** Makes a group without consumers. */
  constructor(name: string, lastId: StreamId, entriesRead: bigint) {
    this.name = name;
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  /** Delivers an entry to a consumer, even if it is pending for another. */
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

  /** Notes that a pending entry was delivered again; not how often. */
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

  /** Deletes a consumer and its pending entries; returns how many there were. */
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

/** The values of a map sorted by name, as Redis lists them. */
export function byName<T>(map: ReadonlyMap<string, T>): T[] {
  const names = [...map.keys()].sort();
  return names.map((name) => map.get(name)!);
}
