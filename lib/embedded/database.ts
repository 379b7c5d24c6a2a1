/**
 * One of the numbered databases: keys, their values and when they expire.
 *
 * @module
 */

import { Dict } from "./dict.ts";
import { wrongType } from "./errors.ts";
import { Collection, type Value } from "./types/value.ts";

/** What a database tells the server it is in. */
export interface DatabaseEvents {
  /** The time in ms since 1970; the same while a command runs. */
  readonly now: number;
  /** A key was changed: who watches it must know, and data must be saved. */
  changed(db: Database, key: string): void;
  /** A key expired: it was deleted without a command. */
  expired(db: Database, key: string): void;
  /** A key was read: whether it was there counts. */
  looked(found: boolean): void;
}

/** A class of value, as {@linkcode Database.get} asks for one. */
export type ValueClass<V extends Value> = abstract new (...args: never[]) => V;

/** One of the numbered databases. */
export class Database {
  /** Its number. */
  readonly index: number;
  /** What each key holds. Read it with `peek` and `get`, which know of expiry. */
  readonly keys = new Dict<Value>();
  /** When keys expire, in ms since 1970. */
  readonly expires = new Dict<number>();
  readonly #events: DatabaseEvents;

  /** Makes an empty database that tells `events` what happens. */
  constructor(index: number, events: DatabaseEvents) {
    this.index = index;
    this.#events = events;
  }

  /** What a key holds, whatever it is; does not count as a use. */
  peek(key: string): Value | undefined {
    const value = this.keys.get(key);
    if (value !== undefined && this.expires.size > 0 && this.#isOver(key)) {
      this.expire(key);
      return undefined;
    }
    return value;
  }

  /** What a key holds, whatever it is; counts as a use. */
  use(key: string): Value | undefined {
    const value = this.peek(key);
    if (value !== undefined) value.used = this.#events.now;
    this.#events.looked(value !== undefined);
    return value;
  }

  /** What a key holds, of one type; throws `WRONGTYPE` when it is another. */
  get<V extends Value>(key: string, type: ValueClass<V>): V | undefined {
    const value = this.use(key);
    if (value === undefined || value instanceof type) return value;
    throw wrongType();
  }

  /** What a key holds, of one type; made and added when there is nothing. */
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

  /** Sets what a key holds, whatever was there; it no longer expires. */
  set(key: string, value: Value): void {
    this.#put(key, value);
    this.expires.delete(key);
    this.#events.changed(this, key);
  }

  /** Sets what a key holds and leaves its expiry as it is. */
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
   * Says that the value of a key was changed in place; a collection that got
   * empty is deleted. Returns whether it was deleted.
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

  /** Lets a key that is there expire at a time, or never. */
  setExpiry(key: string, at: number | undefined): void {
    if (at === undefined) this.expires.delete(key);
    else this.expires.set(key, at);
    this.#events.changed(this, key);
  }

  /** Deletes a key whose time is over. */
  expire(key: string): void {
    this.#remove(key);
    this.#events.expired(this, key);
  }

  /** Deletes all keys; says how many there were. */
  clear(): number {
    const { size } = this.keys;
    for (const key of this.keys.keys()) this.#events.changed(this, key);
    this.keys.clear();
    this.expires.clear();
    return size;
  }

  #isOver(key: string): boolean {
    const at = this.expires.get(key);
    return at !== undefined && at <= this.#events.now;
  }

  #put(key: string, value: Value): void {
    value.used = this.#events.now;
    this.keys.set(key, value);
  }

  #remove(key: string): void {
    this.keys.delete(key);
    this.expires.delete(key);
  }
}
