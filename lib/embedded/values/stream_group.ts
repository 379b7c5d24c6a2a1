/**
 * Consumer groups of a stream, and what was delivered and not acknowledged.
 *
 * @module
 */

import { SortedTree } from "./sorted_tree.ts";
import { FIRST_ID, idBytes, type StreamId } from "./stream_id.ts";

/** An entry that was delivered and not acknowledged. */
export interface Pending {
  readonly id: StreamId;
  consumer: Consumer;
  /** When it was delivered last, in ms since 1970. */
  deliveredAt: number;
  /** How often it was delivered. */
  deliveries: number;
}

/** Entries that wait to be acknowledged, in order. */
export class PendingList {
  readonly #byId = new Map<string, Pending>();
  readonly #order = new SortedTree();

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The one of that id. */
  get(id: StreamId): Pending | undefined {
    return this.#byId.get(idBytes(id));
  }

  /** Adds one that is not there. */
  add(pending: Pending): void {
    const bytes = idBytes(pending.id);
    this.#byId.set(bytes, pending);
    this.#order.add(0, bytes);
  }

  /** Deletes the one of that id. */
  delete(id: StreamId): void {
    const bytes = idBytes(id);
    if (this.#byId.delete(bytes)) this.#order.delete(0, bytes);
  }

  /** Visits those from an id on, in order, until `false`. Nothing may change meanwhile. */
  each(
    visit: (pending: Pending) => boolean | void,
    from: StreamId = FIRST_ID,
  ): void {
    const start = this.#order.rank(0, idBytes(from));
    this.#order.each(start, this.size, (bytes) => {
      return visit(this.#byId.get(bytes)!);
    });
  }

  /** Those from an id on, `count` at most; 0 for all. */
  from(id: StreamId, count: number): Pending[] {
    const found: Pending[] = [];
    this.each((pending) => {
      found.push(pending);
      return found.length !== count;
    }, id);
    return found;
  }

  /** The first, or `undefined`. */
  first(): Pending | undefined {
    return this.#at(0);
  }

  /** The last, or `undefined`. */
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

/** One of those who share a group's entries. */
export class Consumer {
  readonly name: string;
  /** When it asked for something last, in ms since 1970. */
  seenAt: number;
  /** When it got something last, in ms since 1970; -1 when it never did. */
  activeAt: number;
  readonly pending = new PendingList();

  /** Makes a consumer with nothing delivered. */
  constructor(name: string, seenAt: number, activeAt = -1) {
    this.name = name;
    this.seenAt = seenAt;
    this.activeAt = activeAt;
  }
}

/** A consumer group. */
export class Group {
  readonly name: string;
  /** The id that was delivered last. */
  lastId: StreamId;
  /**
   * How many entries were read, counted from the first ever; -1 when not known.
   * Whoever sets it may set any integer of 64 bits, from which it is counted on.
   */
  entriesRead: bigint;
  readonly pending = new PendingList();
  readonly consumers = new Map<string, Consumer>();

  /** Makes a group without consumers. */
  constructor(name: string, lastId: StreamId, entriesRead: bigint) {
    this.name = name;
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  /** Delivers an entry to a consumer, whoever had it before. */
  deliver(id: StreamId, consumer: Consumer, at: number): Pending {
    const old = this.pending.get(id);
    if (old !== undefined) {
      this.assign(old, consumer);
      old.deliveredAt = at;
      old.deliveries = 1;
      return old;
    }
    const pending = { id, consumer, deliveredAt: at, deliveries: 1 };
    this.pending.add(pending);
    consumer.pending.add(pending);
    return pending;
  }

  /** Gives a pending entry to another consumer. */
  assign(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return;
    pending.consumer.pending.delete(pending.id);
    pending.consumer = consumer;
    consumer.pending.add(pending);
  }

  /** Takes an entry off the lists; says whether it was pending. */
  acknowledge(id: StreamId): boolean {
    const pending = this.pending.get(id);
    if (pending === undefined) return false;
    this.pending.delete(id);
    pending.consumer.pending.delete(id);
    return true;
  }

  /** Deletes a consumer and what it had; returns how much that was. */
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

/** Those of a map in the order of their names, as Redis lists them. */
export function byName<T>(map: ReadonlyMap<string, T>): T[] {
  const names = [...map.keys()].sort();
  return names.map((name) => map.get(name)!);
}
