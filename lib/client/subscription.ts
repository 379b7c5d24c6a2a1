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

/** How payloads and names are read. */
export type Payloads = "text" | "bytes";

/** How a subscription treats a reader that is slower than the publishers. */
export interface SubscriptionOptions {
  /**
   * Messages held for a slow reader before the overflow policy acts.
   *
   * @default {1024}
   */
  highWaterMark?: number;
  /**
   * Bytes of payload held for a slow reader before the overflow policy acts. Of
   * text up to 16 KiB each UTF-16 unit counts as one.
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

/** An item of a subscription's iterator: with `gaps`, gaps are items of their own. */
export type Item<B extends string | Uint8Array> = Message<B> | Gap;

/** The items of the iterator with and without `gaps`. */
export type Received<B extends string | Uint8Array, G extends boolean> =
  G extends true ? Item<B> : Message<B>;

/** The gap that the next message reports, while it may still grow. */
type Missed = { -readonly [K in keyof Gap]: Gap[K] };

/** An entry of the queue: a message as it came, the gap before it, or both. */
interface Entry {
  channel: Name;
  /** `null` for an entry that is only a gap. */
  message: Name | null;
  pattern?: Name;
  missed: Missed | null;
}

/** The functions that a subscription calls on its subscriber. */
export interface SubscriptionPort {
  /** Called once when the subscription ends; resolves when the server has confirmed. */
  leave: () => Promise<void>;
  /** Called for each message that a reader takes. */
  took: () => void;
  /** Stops reading the connection until the promise settles: policy `"pause"`. */
  pause: (until: Promise<void>) => void;
}

/** The overflow policies. */
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
  /** How payloads and names are read. */
  readonly payloads: Payloads;
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
  readonly #next: { missed: Missed | null } = { missed: null };
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
    payloads: Payloads,
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
    this.payloads = payloads;
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
    if (this.#count > 0) {
      return Promise.resolve({ done: false, value: this.#take() });
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

  /**
   * Iterates over all that is queued, an array at a time: each promise then
   * carries many messages. Leaving the loop unsubscribes.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await using news = await redis.subscribe("news");
   * await redis.publish("news", "hello");
   * for await (const messages of news.batches()) {
   *   for (const { message } of messages) console.assert(message === "hello");
   *   break;
   * }
   * ```
   */
  async *batches(): AsyncGenerator<T[], void, void> {
    try {
      for (;;) {
        const first = await this.next();
        if (first.done) return;
        const items = [first.value];
        while (this.#count > 0) items.push(this.#take());
        yield items;
      }
    } finally {
      await this.close();
    }
  }

  /** Ends the subscription: called by a `break` in the loop. */
  async return(): Promise<IteratorResult<T, void>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Unsubscribes and drops queued messages. Resolves when the server has confirmed. */
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
  deliver(channel: Name, payload: Name, pattern?: Name): void {
    if (this.#left || !this.#makeRoom(payload.length)) return;
    const { missed } = this.#next;
    this.#put(
      pattern === undefined
        ? { channel, message: payload, missed }
        : { channel, message: payload, pattern, missed },
    );
  }

  /**
   * Notes that the connection was lost, since a point in time.
   *
   * @internal
   */
  lost(since: Date): void {
    // A lost connection tells more than a count of dropped messages.
    this.#next.missed = { reason: "reconnected", since, count: undefined };
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
    const { missed } = this.#next;
    if (this.#left || !this.#options.gaps || missed === null) return;
    this.#put({ channel: "", message: null, missed });
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
    if (!this.#full(size) || this.#readers.length > 0) return true;
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
          const { missed, message } = this.#shift();
          // The next message reports the gap that the dropped one would have
          // reported.
          const next = this.#count > 0 ? this.#queue[this.#head]! : this.#next;
          next.missed = merged(missed, next.missed);
          if (message !== null) this.#drop(next);
        }
        return true;
    }
  }

  /** One more message is missing in front of `next`. */
  #drop(next: { missed: Missed | null }): void {
    this.#dropped++;
    const { missed } = next;
    if (missed === null) {
      next.missed = { reason: "dropped", since: new Date(), count: 1 };
    } else if (missed.count !== undefined) missed.count++;
  }

  /** Queues an entry, which has taken over the pending gap. */
  #put(entry: Entry): void {
    this.#next.missed = null;
    this.#queue.push(entry);
    this.#bytes += sizeOf(entry);
    if (this.#readers.length === 0) return;
    this.#readers.shift()!.resolve({ done: false, value: this.#take() });
  }

  /** The next item for the reader: the first entry, or only its gap. */
  #take(): T {
    const entry = this.#queue[this.#head]!;
    const { missed } = entry;
    if (missed !== null && this.#options.gaps) {
      entry.missed = null;
      if (entry.message === null) this.#shift();
      return missed as Gap as T;
    }
    this.#shift();
    this.#port.took();
    if (this.#paused !== undefined && !this.#full(0)) this.#resume();
    // The entry becomes the message: one object less for each.
    const asText = this.payloads === "text";
    entry.message = like(asText, entry.message!);
    entry.channel = like(asText, entry.channel);
    if (entry.pattern !== undefined) {
      entry.pattern = like(asText, entry.pattern);
    }
    return entry as Message<B> as T;
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

/** A name or a payload as its reader wants it: as text, or as bytes. */
function like(asText: boolean, name: Name): Name {
  if (asText) return typeof name === "string" ? name : decodeText(name);
  return typeof name === "string" ? encodeText(name) : name;
}

function sizeOf({ message }: Entry): number {
  return message === null ? 0 : message.length;
}

/** Joins the gaps before a message and behind it, when the message itself is dropped. */
function merged(before: Missed | null, behind: Missed | null): Missed | null {
  if (before === null || behind === null) return before ?? behind;
  if (before.count === undefined || behind.count === undefined) {
    return { reason: "reconnected", since: before.since, count: undefined };
  }
  before.count += behind.count;
  return before;
}
