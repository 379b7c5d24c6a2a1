/**
 * The recent messages of `XADD IDMP`, and the entry that each became. A message
 * that its producer sends twice is added once.
 *
 * @module
 */

import { LIMITS } from "./limits.ts";
import type { StreamId } from "./stream_id.ts";

/** Redis's default settings of a stream. */
const DURATION = 100;
const MAX_SIZE = 100;

/** The producers of a stream, and the recent messages of each. */
export class Producers {
  /** Whether any stream of this process may have data of producers to save. */
  static used = false;
  /** How long a message is remembered, in seconds. */
  #duration = LIMITS["stream-idmp-duration"];
  /** The maximum number of remembered messages of a producer. */
  #maxSize = LIMITS["stream-idmp-maxsize"];
  /** The number of messages ever added. */
  added = 0;
  /** The number of duplicates ever received. */
  duplicates = 0;
  /** Entry ids by producer and message; the oldest message comes first. */
  readonly #entries = new Map<string, Map<string, StreamId>>();

  /** Makes an empty one with the configured settings for new streams. */
  constructor() {
    if (!this.isPlain) Producers.used = true;
  }

  /** How long a message is remembered, in seconds. */
  get duration(): number {
    return this.#duration;
  }

  /** The maximum number of remembered messages of a producer. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Whether it has no data and the default settings: Redis before 8.6 knows no others. */
  get isPlain(): boolean {
    return this.added === 0 && this.duplicates === 0 &&
      this.#duration === DURATION && this.#maxSize === MAX_SIZE;
  }

  /** Changes the settings. If they differ, deletes all messages and returns `true`. */
  configure(duration: number, maxSize: number): boolean {
    if (duration === this.#duration && maxSize === this.#maxSize) return false;
    this.#duration = duration;
    this.#maxSize = maxSize;
    this.#entries.clear();
    Producers.used = true;
    return true;
  }

  /** The entry of a message, after expiry; `undefined` for a new message. */
  find(producer: string, message: string, now: number): StreamId | undefined {
    this.#expire(producer, now);
    // Each call also expires one other producer, so that idle producers are deleted.
    const [first] = this.#entries.keys();
    if (first !== undefined) {
      const entries = this.#entries.get(first)!;
      this.#expire(first, now);
      if (this.#entries.delete(first)) this.#entries.set(first, entries);
    }
    return this.peek(producer, message);
  }

  /** The entry of a message, without expiry. */
  peek(producer: string, message: string): StreamId | undefined {
    return this.#entries.get(producer)?.get(message);
  }

  /** Records a message. */
  record(producer: string, message: string, id: StreamId): void {
    Producers.used = true;
    this.added++;
    let entries = this.#entries.get(producer);
    if (entries === undefined) this.#entries.set(producer, entries = new Map());
    // Deleted first, so that it moves to the end of the map.
    entries.delete(message);
    entries.set(message, id);
    if (entries.size > this.#maxSize) {
      entries.delete(entries.keys().next().value!);
    }
  }

  /** Counts a duplicate. */
  repeated(): void {
    Producers.used = true;
    this.duplicates++;
  }

  /** The producers, sorted by name, each with its messages. */
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

  /** Deletes messages that are too old; their age is that of their entry's id. */
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
