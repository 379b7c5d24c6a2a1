/**
 * What a stream remembers of `XADD IDMP`: which message of which producer became
 * which entry, so that a message that is sent twice is added once.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";
import type { StreamId } from "./stream_id.ts";

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

  /** Makes it with the settings for new streams. */
  constructor() {
    if (!this.isPlain) Producers.used = true;
  }

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
    this.#expire(producer, now);
    // One more each time, so that producers that went away are forgotten.
    const [first] = this.#entries.keys();
    if (first !== undefined) {
      const entries = this.#entries.get(first)!;
      this.#expire(first, now);
      if (this.#entries.delete(first)) this.#entries.set(first, entries);
    }
    return this.peek(producer, message);
  }

  /** The same, even if its time is over. */
  peek(producer: string, message: string): StreamId | undefined {
    return this.#entries.get(producer)?.get(message);
  }

  /** Remembers a message. */
  record(producer: string, message: string, id: StreamId): void {
    Producers.used = true;
    this.added++;
    let entries = this.#entries.get(producer);
    if (entries === undefined) this.#entries.set(producer, entries = new Map());
    // The one that was remembered last stands at the end.
    entries.delete(message);
    entries.set(message, id);
    if (entries.size > this.#maxSize) {
      entries.delete(entries.keys().next().value!);
    }
  }

  /** Counts a message that was sent again. */
  repeated(): void {
    Producers.used = true;
    this.duplicates++;
  }

  /** The producers in the order of their names, each with its messages. */
  all(now: number): [producer: string, entries: Map<string, StreamId>][] {
    for (const producer of this.#entries.keys()) this.#expire(producer, now);
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
  #expire(producer: string, now: number): void {
    const entries = this.#entries.get(producer);
    if (entries === undefined) return;
    const oldest = now - this.#duration * 1000;
    for (const [message, { ms }] of entries) {
      if (Number(ms) >= oldest) break;
      entries.delete(message);
    }
    if (entries.size === 0) this.#entries.delete(producer);
  }
}
