/**
 * One of the numbered databases: keys, their values and when they expire.
 *
 * @module
 */

import { Dict } from "../base/dict.ts";
import { wrongType } from "../base/errors.ts";
import { Collection, type Value } from "../values/value.ts";

/** The server as a database sees it: facts it reads, and events it reports. */
export interface DatabaseEvents {
  /** The time in ms since 1970; constant while a command runs. */
  readonly now: number;
  /** A key was added. */
  added(db: Database, key: string): void;
  /** A key was changed. */
  changed(db: Database, key: string): void;
  /**
   * A key changed because all keys of its database were deleted or swapped.
   * Clients with tracking on get one invalidation for all keys instead.
   */
  changedWithAll(db: Database, key: string): void;
  /** A key expired: it was deleted without a command. */
  expired(db: Database, key: string): void;
  /** A key was looked up: counts a hit or a miss. */
  looked(found: boolean): void;
  /** A value is used: for LRU and LFU. */
  used(value: Value): void;
  /** A value is about to be stored under a key. */
  stored(db: Database, key: string, value: Value): void;
  /** How expired keys are treated. */
  readonly overdue: Overdue;
  /** Whether the running command only reads. */
  readonly readsOnly: boolean;
}

/** A snapshot in progress: the database calls it before each change. */
export interface Keeper {
  /** A value is about to change, or its key or expiry is. */
  keep(keys: Dict<Value>, key: string, value: Value): void;
  /** A key gets a value that does not belong to the snapshot. */
  exclude(value: Value): void;
}

/**
 * How expired keys are treated: a master deletes them. `hidden`: a replica hides
 * them until its master deletes them. `kept`: commands of the master still see them.
 */
export type Overdue = "deleted" | "hidden" | "kept";

/** A class of values, as {@linkcode Database.get} takes one. */
export type ValueClass<V extends Value> = abstract new (...args: never[]) => V;

/** One of the numbered databases. */
export class Database {
  /** Its number. */
  readonly index: number;
  /** The value of each key. Read it with `peek` and `get`, which respect expiry. */
  keys: Dict<Value> = new Dict();
  /** When keys expire, in ms since 1970. */
  expires: Dict<number> = new Dict();
  /** Keys of hashes that have fields with an expiry. */
  volatile: Set<string> = new Set();
  /** The snapshot that is being made. */
  snapshot: Keeper | null = null;
  readonly #events: DatabaseEvents;

  /** Makes an empty database that reports to `events`. */
  constructor(index: number, events: DatabaseEvents) {
    this.index = index;
    this.#events = events;
  }

  /** The value of a key, of any type; does not count as a use. */
  peek(key: string): Value | undefined {
    const value = this.keys.get(key);
    if (value !== undefined && this.expires.size > 0 && this.isOver(key)) {
      this.expire(key);
      return undefined;
    }
    if (
      this.snapshot !== null && value !== undefined && !this.#events.readsOnly
    ) this.snapshot.keep(this.keys, key, value);
    return value;
  }

  /** The value of a key, of any type; counts as a use. */
  use(key: string): Value | undefined {
    const value = this.peek(key);
    if (value !== undefined) this.#events.used(value);
    this.#events.looked(value !== undefined);
    return value;
  }

  /** The value of a key if it has a type; throws `WRONGTYPE` for another type. */
  get<V extends Value>(key: string, type: ValueClass<V>): V | undefined {
    const value = this.use(key);
    if (value === undefined || value instanceof type) return value;
    throw wrongType();
  }

  /** As {@linkcode Database.get}, but makes and adds a value when the key is absent. */
  getOrAdd<V extends Value>(
    key: string,
    type: ValueClass<V>,
    make: () => V,
  ): V {
    const value = this.get(key, type);
    if (value !== undefined) return value;
    const made = make();
    this.#put(key, made);
    return made;
  }

  /** Sets the value of a key and its expiry; without `expiry` it does not expire. */
  set(key: string, value: Value, expiry?: number): void {
    this.#put(key, value);
    if (expiry !== undefined) this.expires.set(key, expiry);
    else if (this.expires.size > 0) this.expires.delete(key);
    this.#events.changed(this, key);
  }

  /** Sets the value of a key and keeps its expiry. */
  replace(key: string, value: Value): void {
    this.#put(key, value);
    this.#events.changed(this, key);
  }

  /** Deletes a key; says whether it was there. */
  delete(key: string): boolean {
    if (this.peek(key) === undefined) return false;
    this.#remove(key);
    this.#events.changed(this, key);
    return true;
  }

  /**
   * Reports that the value of a key was changed in place. Deletes a collection
   * that is empty now, and returns whether it did.
   */
  changed(key: string): boolean {
    const value = this.keys.get(key);
    const empty = value instanceof Collection && value.size === 0;
    if (empty) this.#remove(key);
    this.#events.changed(this, key);
    return empty;
  }

  /** When a key expires, in ms since 1970; `undefined` when it does not. */
  expiryOf(key: string): number | undefined {
    return this.expires.get(key);
  }

  /** Sets when an existing key expires; `undefined` for never. */
  setExpiry(key: string, at: number | undefined): void {
    if (this.snapshot !== null) this.keep(key);
    if (at === undefined) this.expires.delete(key);
    else this.expires.set(key, at);
    this.#events.changed(this, key);
  }

  /** Deletes a key that has expired, unless this is a replica. */
  expire(key: string): void {
    if (this.#events.overdue !== "deleted") return;
    this.#remove(key);
    this.#events.expired(this, key);
  }

  /** Deletes all keys; says how many there were. */
  clear(): number {
    const keys = this.keys.keys();
    // A snapshot in progress still holds the old tables.
    this.keys = new Dict();
    this.expires = new Dict();
    this.volatile = new Set();
    for (const key of keys) this.#events.changedWithAll(this, key);
    return keys.length;
  }

  /** Swaps all keys with another database. */
  swap(other: Database): void {
    if (other === this) return;
    [this.keys, other.keys] = [other.keys, this.keys];
    [this.expires, other.expires] = [other.expires, this.expires];
    [this.volatile, other.volatile] = [other.volatile, this.volatile];
    for (const [db, was] of [[this, other], [other, this]] as const) {
      for (const key of db.keys.keys()) this.#events.changedWithAll(db, key);
      for (const key of was.keys.keys()) {
        if (!db.keys.has(key)) this.#events.changedWithAll(db, key);
      }
    }
  }

  /** Whether a key has expired; it may still be in memory. */
  isOver(key: string): boolean {
    const at = this.expires.get(key);
    return at !== undefined && at <= this.#events.now &&
      this.#events.overdue !== "kept";
  }

  /** Lets a snapshot that is being written keep a value that is about to change. */
  keep(key: string): void {
    const value = this.keys.get(key);
    if (value !== undefined) this.snapshot?.keep(this.keys, key, value);
  }

  #put(key: string, value: Value): void {
    if (this.snapshot !== null) {
      this.keep(key);
      this.snapshot.exclude(value);
    }
    this.#events.stored(this, key, value);
    if (this.keys.set(key, value)) this.#events.added(this, key);
    if (value.nextExpiry !== Infinity) this.volatile.add(key);
  }

  #remove(key: string): void {
    if (this.snapshot !== null) this.keep(key);
    this.keys.delete(key);
    this.expires.delete(key);
  }
}
