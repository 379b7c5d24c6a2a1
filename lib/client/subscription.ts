/**
 * Messages for one reader: a bounded queue, read with `for await`.
 *
 * @module
 */

import { onAbort } from "../connection/alarm.ts";
import type { Name } from "../connection/names.ts";
import { decodeText, encodeText } from "../resp/bytes.ts";
import { cannot, misuse, SlowReaderError } from "../errors.ts";

/** The gap before a message. */
export interface Gap {
  /**
   * `"reconnected"`: the connection was lost, and messages that were published
   * meanwhile are unknown. `"dropped"`: the reader was too slow.
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
  readonly channel: B;
  /** What was published. */
  readonly message: B;
  /** The pattern that the channel matches, for pattern subscriptions. */
  readonly pattern?: B;
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
  /**
   * How long the server's confirmation is waited for instead of
   * `commandTimeout`, in milliseconds; 0 for ever.
   */
  timeout?: number;
  /** Ends the subscription when it aborts; the iterator throws its reason. */
  signal?: AbortSignal;
}

/** What a subscription's iterator gives: with `gaps`, gaps are items of their own. */
export type Item<B extends string | Uint8Array> = Message<B> | Gap;

/** What the iterator gives by whether `gaps` was asked for. */
export type Received<B extends string | Uint8Array, G extends boolean> =
  G extends true ? Item<B> : Message<B>;

/** An entry of the queue: a message, the gap before it, or both. */
interface Entry {
  gap: Gap | null;
  readonly message: {
    readonly channel: Name;
    readonly payload: Uint8Array;
    readonly pattern: Name | undefined;
  } | null;
}

/** The functions that a subscription calls on its subscriber. */
export interface SubscriptionPort {
  /** Called once when the subscription ends; resolves when the server has confirmed. */
  leave: () => Promise<void>;
  /** Stops reading the connection until the promise settles: policy `"pause"`. */
  pause: (until: Promise<void>) => void;
}

/** What may happen when the queue is full. */
const POLICIES: readonly string[] = [
  "drop-oldest",
  "drop-newest",
  "error",
  "pause",
];

/**
 * Messages of some channels, patterns or shard channels, for one reader.
 *
 * Leaving the loop, `close()` and `await using` unsubscribe.
 */
export class Subscription<
  B extends string | Uint8Array = string,
  T extends Item<B> = Message<B>,
> implements AsyncIterableIterator<T, void>, AsyncDisposable {
  readonly #options:
    & SubscriptionOptions
    & Required<Omit<SubscriptionOptions, "signal" | "timeout">>;
  readonly #read: (bytes: Uint8Array) => B;
  readonly #port: SubscriptionPort;
  readonly #release: (() => void) | undefined;
  /**
   * Adds the line of the `subscribe` call to the error that ends the
   * subscription.
   *
   * @internal
   */
  place: ((error: unknown) => unknown) | undefined;

  #queue: Entry[] = [];
  #head = 0;
  #bytes = 0;
  /** The gap that the next message must report. */
  readonly #next: { gap: Gap | null } = { gap: null };
  /** Waiting readers: when there are any, the queue is empty. */
  readonly #readers: PromiseWithResolvers<IteratorResult<T, void>>[] = [];
  #paused: PromiseWithResolvers<void> | undefined;
  /** Resolves when it has ended, and the server has confirmed. */
  #left: Promise<void> | undefined;
  /** The error that ended it, until a reader has received it. */
  #failure: unknown[] = [];
  #dropped = 0;

  /** Made by `subscribe`. */
  constructor(
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
    port: SubscriptionPort,
  ) {
    this.#options = {
      highWaterMark: 1024,
      highWaterBytes: 16 * 1024 * 1024,
      overflow: "drop-oldest",
      gaps: false,
      ...options,
    };
    for (const name of ["highWaterMark", "highWaterBytes"] as const) {
      const value = this.#options[name];
      if (!(value >= 1)) {
        throw new RangeError(
          cannot("subscribe", `"${name}" must be at least 1`, value),
        );
      }
    }
    const { overflow } = this.#options;
    if (!POLICIES.includes(overflow)) {
      const rule = `"overflow" must be one of ${POLICIES.join(", ")}`;
      throw misuse("subscribe", rule, overflow);
    }
    this.#read = read;
    this.#port = port;
    this.#release = onAbort(options.signal, (reason) => this.end(reason));
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
    if (this.#failure.length > 0) {
      const error = this.#failure.pop();
      return Promise.reject(this.place?.(error) ?? error);
    }
    if (this.#left) return Promise.resolve({ done: true, value: undefined });
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
  deliver(channel: Name, payload: Uint8Array, pattern?: Name): void {
    if (this.#left || !this.#makeRoom(payload.length)) return;
    this.#put({ channel, payload, pattern });
  }

  /**
   * Notes that the connection was lost, since a point in time.
   *
   * @internal
   */
  lost(since: Date): void {
    // A lost connection tells more than a count of dropped messages.
    this.#next.gap = { reason: "reconnected", since, count: undefined };
  }

  /**
   * Pauses a new connection too, while the queue is full.
   *
   * @internal
   */
  pauseAgain(): void {
    if (this.#paused) this.#port.pause(this.#paused.promise);
  }

  /**
   * Notes that the server sends messages again.
   *
   * @internal
   */
  restored(): void {
    if (!this.#left && this.#options.gaps && this.#next.gap) this.#put(null);
  }

  /**
   * Ends the subscription, with an error for its reader if there is one.
   *
   * @internal
   */
  end(...reason: [unknown?]): void {
    if (this.#left) return;
    this.#left = this.#port.leave();
    // `close()` awaits the promise and gets the error. A lost connection has
    // unsubscribed anyway.
    this.#left.catch(() => {});
    this.#release?.();
    this.#resume();
    this.#failure = reason;
    for (const { resolve } of this.#readers.splice(0)) resolve(this.next());
  }

  get #count(): number {
    return this.#queue.length - this.#head;
  }

  #full(size: number): boolean {
    const { highWaterMark, highWaterBytes } = this.#options;
    return this.#count >= highWaterMark ||
      (this.#count > 0 && this.#bytes + size > highWaterBytes);
  }

  /** Applies the overflow policy; returns whether the message is to be queued. */
  #makeRoom(size: number): boolean {
    if (this.#readers.length > 0 || !this.#full(size)) return true;
    switch (this.#options.overflow) {
      case "drop-newest":
        this.#drop(this.#next);
        return false;
      case "error":
        this.end(
          new SlowReaderError(
            `Cannot hold more messages: ${this.#count} wait to be read`,
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
        while (this.#count > 0 && this.#full(size)) {
          const { gap, message } = this.#shift();
          // The next message reports the gap that the dropped one would have
          // reported.
          const next = this.#queue[this.#head] ?? this.#next;
          next.gap = merged(gap, next.gap);
          if (message !== null) this.#drop(next);
        }
        return true;
    }
  }

  /** One more message is missing in front of `next`. */
  #drop(next: { gap: Gap | null }): void {
    this.#dropped++;
    if (next.gap?.reason === "reconnected") return;
    const { since, count } = next.gap ?? { since: new Date(), count: 0 };
    next.gap = { reason: "dropped", since, count: count! + 1 };
  }

  #put(message: Entry["message"]): void {
    const entry = { message, gap: this.#next.gap };
    this.#next.gap = null;
    this.#queue.push(entry);
    this.#bytes += sizeOf(entry);
    const reader = this.#readers.shift();
    reader?.resolve({ done: false, value: this.#take(entry) as T });
  }

  /** The next item for the reader: the first entry, or only its gap. */
  #take(entry: Entry): Item<B> {
    const { gap } = entry;
    if (gap !== null && this.#options.gaps) {
      entry.gap = null;
      if (entry.message === null) this.#shift();
      return gap;
    }
    this.#shift();
    if (!this.#full(0)) this.#resume();
    const { channel, payload, pattern } = entry.message!;
    const message = this.#read(payload);
    const common = { channel: like(message, channel), message, missed: gap };
    return pattern === undefined
      ? common
      : { ...common, pattern: like(message, pattern) };
  }

  #shift(): Entry {
    const entry = this.#queue[this.#head++]!;
    this.#bytes -= sizeOf(entry);
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

/** A name in the type of a message: text or bytes. */
function like<B extends Name>(message: B, name: Name): B;
function like(message: Name, name: Name): Name {
  if (typeof message === typeof name) return name;
  return typeof name === "string" ? encodeText(name) : decodeText(name);
}

function sizeOf({ message }: Entry): number {
  return message?.payload.length ?? 0;
}

/** What is missing before a message and right behind it, when it is dropped itself. */
function merged(before: Gap | null, behind: Gap | null): Gap | null {
  if (before === null || behind === null) return before ?? behind;
  const known = before.count !== undefined && behind.count !== undefined;
  return known
    ? { ...before, count: before.count + behind.count }
    : { reason: "reconnected", since: before.since, count: undefined };
}
