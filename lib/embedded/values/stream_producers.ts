/**
 * What a stream remembers of `XADD IDMP`: which message of which producer became
 * which entry, so that a message that is sent twice is added once.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";
import { compareIds, type StreamId } from "./stream_id.ts";

/** The settings of a stream that has none of its own, as Redis has them. */
const DURATION = 100;
const MAX_SIZE = 100;

/** The producers of a stream, and the messages that each sent lately. */
export class Producers {
  /** Whether any stream of the process may have something to save of them. */
  static used = false;
  /** For how many seconds a message is remembered. */
  #duration = LIMITS["stream-idmp-duration"];
  /** How many messages of each producer are remembered. */
  #maxSize = LIMITS["stream-idmp-maxsize"];
  /** How many messages were ever added. */
  added = 0;
  /** How many were ever sent again. */
  duplicates = 0;
  /** The entries by producer and message, the oldest message first. */
  readonly #entries = new Map<string, Map<string, StreamId>>();

  /** For how many seconds a message is remembered. */
  get duration(): number {
    return this.#duration;
  }

  /** How many messages of each producer are remembered. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Whether there is nothing to save that Redis before 8.6 does not know. */
  get isPlain(): boolean {
    return this.added === 0 && this.duplicates === 0 &&
      this.#duration === DURATION && this.#maxSize === MAX_SIZE;
  }

  /** Changes the settings; when they differ, it forgets all messages and says so. */
  configure(duration: number, maxSize: number): boolean {
    if (duration === this.#duration && maxSize === this.#maxSize) return false;
    this.#duration = duration;
    this.#maxSize = maxSize;
    this.#entries.clear();
    Producers.used = true;
    return true;
  }

  /** The entry that a message became; `undefined` for a new one. */
  find(producer: string, message: string, now: number): StreamId | undefined {
    this.#expire(now);
    return this.#entries.get(producer)?.get(message);
  }

  /** Remembers a message; returns false when it is known as another entry. */
  record(producer: string, message: string, id: StreamId): boolean {
    let entries = this.#entries.get(producer);
    if (entries === undefined) this.#entries.set(producer, entries = new Map());
    const known = entries.get(message);
    if (known !== undefined) return compareIds(known, id) === 0;
    this.added++;
    Producers.used = true;
    entries.set(message, id);
    if (entries.size > this.#maxSize) {
      entries.delete(entries.keys().next().value!);
    }
    return true;
  }

  /** The producers in the order of their names, each with its messages. */
  all(now: number): [producer: string, entries: Map<string, StreamId>][] {
    this.#expire(now);
    return [...this.#entries].sort(([a], [b]) => a < b ? -1 : 1);
  }

  /** A copy. */
  copy(): Producers {
    const copy = new Producers();
    copy.configure(this.#duration, this.#maxSize);
    for (const [name, entries] of this.#entries) {
      copy.#entries.set(name, new Map(entries));
    }
    copy.added = this.added;
    copy.duplicates = this.duplicates;
    return copy;
  }

  /** Forgets messages that are too old, by the time in their entries' ids. */
  #expire(now: number): void {
    const oldest = now - this.#duration * 1000;
    for (const [name, entries] of this.#entries) {
      for (const [message, { ms }] of entries) {
        if (Number(ms) >= oldest) break;
        entries.delete(message);
      }
      if (entries.size === 0) this.#entries.delete(name);
    }
  }
}
