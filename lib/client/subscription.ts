/**
 * Messages for one reader: a bounded queue, read with `for await`.
 *
 * @module
 */

import { SlowReaderError } from "../errors.ts";

/** What was missed before a message. */
export interface Gap {
  /**
   * `"reconnected"`: the connection was lost, and nobody knows what was
   * published meanwhile. `"dropped"`: the reader was too slow.
   */
  readonly reason: "reconnected" | "dropped";
  /** Since when messages may be missing. */
  readonly since: Date;
  /** How many messages are missing, where that is known. */
  readonly count: number | undefined;
}

/** One message. */
export interface Message<B extends string | Uint8Array = string> {
  /** The channel it was published to. */
  readonly channel: string;
  /** What was published. */
  readonly message: B;
  /** The pattern that the channel matches, for pattern subscriptions. */
  readonly pattern?: string;
  /** What was missed right before this message, or `null`. */
  readonly missed: Gap | null;
}

/** How a subscription treats a reader that is slower than the publishers. */
export interface SubscriptionOptions {
  /**
   * Messages held for a slow reader before the overflow policy acts.
   *
   * @default {1024}
   */
  highWaterMark?: number;
  /**
   * Bytes of payload held for a slow reader before the overflow policy acts.
   *
   * @default {16777216}
   */
  highWaterBytes?: number;
  /**
   * What happens to a message that finds the queue full: the oldest makes room
   * for it, it is dropped itself, the iterator throws a
   * {@linkcode SlowReaderError}, or the subscription's own connection is not
   * read until there is room. Then Redis closes it when more than
   * `client-output-buffer-limit pubsub` (32 MB, or 8 MB for 60 s) piles up,
   * which the next message's gap tells.
   *
   * @default {"drop-oldest"}
   */
  overflow?: "drop-oldest" | "drop-newest" | "error" | "pause";
  /**
   * Gives gaps as items of their own, before the next message: after a
   * reconnect as soon as the server sends messages again.
   *
   * @default {false}
   */
  gaps?: boolean;
  /** Ends the subscription when it aborts; the iterator throws its reason. */
  signal?: AbortSignal;
}

/** What a subscription's iterator gives: with `gaps`, gaps are items of their own. */
export type Item<B extends string | Uint8Array> = Message<B> | Gap;

/** What the iterator gives by whether `gaps` was asked for. */
export type Received<B extends string | Uint8Array, G extends boolean> =
  G extends true ? Item<B> : Message<B>;

/** What is queued: a message, what was missed before it, or both. */
interface Entry {
  gap: Gap | null;
  readonly message: {
    readonly channel: string;
    readonly payload: Uint8Array;
    readonly pattern: string | undefined;
  } | null;
}

/** What the subscriber gives a subscription to work with. */
export interface SubscriptionPort {
  /** Called once when the subscription ends; resolves when the server has confirmed. */
  leave: () => Promise<void>;
  /** Stops reading the connection until the promise settles: policy `"pause"`. */
  pause: (until: Promise<void>) => void;
}

/**
 * Messages of some channels, patterns or shard channels, for one reader.
 *
 * Leaving the loop, `close()` and `await using` unsubscribe.
 */
export class Subscription<
  B extends string | Uint8Array = string,
  T extends Item<B> = Message<B>,
> implements AsyncIterableIterator<T, void>, AsyncDisposable {
  readonly #options: Required<Omit<SubscriptionOptions, "signal">>;
  readonly #signal: AbortSignal | undefined;
  readonly #read: (bytes: Uint8Array) => B;
  readonly #port: SubscriptionPort;

  #queue: Entry[] = [];
  #head = 0;
  #bytes = 0;
  /** What the next message must tell. */
  #gap: Gap | null = null;
  /** Readers that wait: there is nothing in the queue then. */
  readonly #readers: PromiseWithResolvers<IteratorResult<T, void>>[] = [];
  #paused: PromiseWithResolvers<void> | undefined;
  #ended = false;
  #error: { reason: unknown } | undefined;
  #left: Promise<void> | undefined;
  #dropped = 0;

  /** Made by `subscribe`. */
  constructor(
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
    port: SubscriptionPort,
  ) {
    const {
      highWaterMark = 1024,
      highWaterBytes = 16 * 1024 * 1024,
      overflow = "drop-oldest",
      gaps = false,
      signal,
    } = options;
    for (
      const [name, value] of Object.entries({ highWaterMark, highWaterBytes })
    ) {
      if (!(value >= 1)) {
        throw new RangeError(
          `Cannot subscribe as "${name}" must be at least 1: current value is ${value}`,
        );
      }
    }
    this.#options = { highWaterMark, highWaterBytes, overflow, gaps };
    this.#read = read;
    this.#port = port;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** How many messages were dropped since it began, because the reader was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The iterator is the subscription itself: readers share its messages. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves to the next message; rejects when the subscription failed. */
  next(): Promise<IteratorResult<T, void>> {
    const entry = this.#queue[this.#head];
    if (entry !== undefined) {
      return Promise.resolve({ done: false, value: this.#take(entry) as T });
    }
    if (this.#error !== undefined) {
      const { reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    const reader = Promise.withResolvers<IteratorResult<T, void>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  /** Ends the subscription: what a `break` in the loop calls. */
  async return(): Promise<IteratorResult<T, void>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Unsubscribes; what is queued is dropped. Resolves when the server has confirmed. */
  async close(): Promise<void> {
    this.#queue = [];
    this.#head = this.#bytes = 0;
    this.end();
    await this.#left;
  }

  /** Unsubscribes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Takes a message from the subscriber.
   *
   * @internal
   */
  deliver(channel: string, payload: Uint8Array, pattern?: string): void {
    if (this.#ended || !this.#makeRoom(payload.length)) return;
    this.#put({ gap: this.#gap, message: { channel, payload, pattern } });
    this.#gap = null;
  }

  /**
   * Takes the news that the connection was lost since a point in time.
   *
   * @internal
   */
  lost(since: Date): void {
    // Says more than a count of dropped messages.
    this.#gap = { reason: "reconnected", since, count: undefined };
  }

  /**
   * Takes the news that the server sends messages again.
   *
   * @internal
   */
  restored(): void {
    if (this.#ended || !this.#options.gaps || this.#gap === null) return;
    this.#put({ gap: this.#gap, message: null });
    this.#gap = null;
  }

  /**
   * Ends the subscription, with an error for its reader if there is one.
   *
   * @internal
   */
  end(...reason: [unknown?]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#resume();
    this.#left = this.#port.leave();
    // Who closes awaits it; a lost connection has unsubscribed anyway.
    this.#left.catch(() => {});
    if (reason.length > 0) this.#error = { reason: reason[0] };
    for (const reader of this.#readers.splice(0)) {
      if (this.#error !== undefined) {
        reader.reject(this.#error.reason);
        this.#error = undefined;
      } else reader.resolve({ done: true, value: undefined });
    }
  }

  readonly #abort = (): void => this.end(this.#signal!.reason);

  #full(size: number): boolean {
    const { highWaterMark, highWaterBytes } = this.#options;
    const count = this.#queue.length - this.#head;
    return count >= highWaterMark ||
      (count > 0 && this.#bytes + size > highWaterBytes);
  }

  /** Applies the overflow policy; returns whether the message is to be queued. */
  #makeRoom(size: number): boolean {
    if (this.#readers.length > 0 || !this.#full(size)) return true;
    switch (this.#options.overflow) {
      case "drop-newest":
        this.#drop();
        return false;
      case "error":
        this.end(
          new SlowReaderError(
            `Cannot hold more messages: ${
              this.#queue.length - this.#head
            } wait to be read`,
          ),
        );
        return false;
      case "pause":
        if (this.#paused === undefined) {
          this.#paused = Promise.withResolvers();
          this.#port.pause(this.#paused.promise);
        }
        return true;
      case "drop-oldest":
        while (this.#head < this.#queue.length && this.#full(size)) {
          const oldest = this.#shift();
          const next = this.#queue[this.#head];
          // What the dropped message had to tell, its successor tells.
          const behind = next === undefined ? this.#gap : next.gap;
          const both = merged(oldest.gap, behind);
          const gap = oldest.message === null ? both : oneMore(both);
          if (oldest.message !== null) this.#dropped++;
          if (next === undefined) this.#gap = gap;
          else next.gap = gap;
        }
        return true;
    }
  }

  #drop(): void {
    this.#dropped++;
    this.#gap = oneMore(this.#gap);
  }

  #put(entry: Entry): void {
    this.#queue.push(entry);
    this.#bytes += entry.message?.payload.length ?? 0;
    const reader = this.#readers.shift();
    reader?.resolve({ done: false, value: this.#take(entry) as T });
  }

  /** The next item for the reader: the first entry, or only its gap. */
  #take(entry: Entry): Item<B> {
    const { message, gap } = entry;
    if (gap !== null && this.#options.gaps) {
      entry.gap = null;
      if (message === null) this.#shift();
      return gap;
    }
    this.#shift();
    if (this.#paused !== undefined && !this.#full(0)) this.#resume();
    const { channel, payload, pattern } = message!;
    const common = { channel, message: this.#read(payload), missed: gap };
    return pattern === undefined ? common : { ...common, pattern };
  }

  #shift(): Entry {
    const entry = this.#queue[this.#head++]!;
    this.#bytes -= entry.message?.payload.length ?? 0;
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return entry;
  }

  #resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }
}

/** What is missing before a message and right behind it, when it is dropped itself. */
function merged(before: Gap | null, behind: Gap | null): Gap | null {
  if (before === null || behind === null) return before ?? behind;
  if (before.count === undefined || behind.count === undefined) {
    return { reason: "reconnected", since: before.since, count: undefined };
  }
  return { ...before, count: before.count + behind.count };
}

/** One more message is missing. */
function oneMore(gap: Gap | null): Gap {
  if (gap?.reason === "reconnected") return gap;
  return {
    reason: "dropped",
    since: gap?.since ?? new Date(),
    count: (gap?.count ?? 0) + 1,
  };
}
