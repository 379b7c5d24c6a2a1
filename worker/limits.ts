/**
 * How much the holder of a token may ask for at a time.
 *
 * Counted where the gateway runs: a process on Deno; on Cloudflare an isolate or
 * a Durable Object, of which there may be several.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";

/** What one token may use. */
export interface Limits {
  /** How many bytes the body of a request may have. */
  readonly bodyBytes: number;
  /** How many commands a pipeline or a transaction may have. */
  readonly commands: number;
  /** How many streams and WebSockets may be open. */
  readonly streams: number;
  /** How many requests are answered each second; as many may come at once. */
  readonly requestsPerSecond: number;
}

/**
 * What is allowed where nothing else is said: the body of the hosted service of
 * this convention, and the longest pipeline that its client makes by itself.
 */
export const LIMITS: Limits = {
  bodyBytes: 10 * 1024 * 1024,
  commands: 1_000,
  streams: 1_000,
  requestsPerSecond: Infinity,
};

/** In seconds. */
const DAY = 86_400;

/**
 * How long a stream counts that does not say that it is still there, in
 * milliseconds: more than two heartbeats. Cloudflare ends a request whose client
 * has left without running any more of it.
 */
const GONE_AFTER = 40_000;

/** A stream or a WebSocket that counts as open. */
export interface OpenStream {
  /** Until when, on the clock of `Date.now()`. */
  until: number;
  /** Says that it is still there. */
  renew(): void;
  /** Says that it has ended; again is no harm. */
  close(): void;
}

/** What is used of the limits: one for each token. */
export class Usage {
  /** How many requests were admitted. */
  requests = 0;
  readonly #open = new Set<OpenStream>();
  readonly #limits: Limits;
  /** So many requests may come now; it grows with time. */
  #left: number;
  #at = 0;

  /** Starts with nothing used. */
  constructor(limits: Limits) {
    this.#limits = limits;
    this.#left = limits.requestsPerSecond;
  }

  /** Counts a request. Throws a {@linkcode Refusal} when there were too many. */
  admit(now?: number): void {
    const { requestsPerSecond: rate } = this.#limits;
    if (rate < Infinity) this.#take(rate, now ?? Date.now());
    this.requests++;
  }

  /** How many streams are open. */
  get streams(): number {
    const now = Date.now();
    for (const stream of this.#open) {
      if (stream.until < now) this.#open.delete(stream);
    }
    return this.#open.size;
  }

  /**
   * Counts a stream until it is closed, or shows no sign of life. Throws a
   * {@linkcode Refusal} when too many are open.
   */
  openStream(): OpenStream {
    const most = this.#limits.streams;
    if (this.streams >= most) {
      throw refusal(`too many streams: this token may have ${most} open`, 1);
    }
    const stream: OpenStream = {
      until: 0,
      renew: () => stream.until = Date.now() + GONE_AFTER,
      close: () => this.#open.delete(stream),
    };
    stream.renew();
    this.#open.add(stream);
    return stream;
  }

  #take(rate: number, now: number): void {
    const grown = this.#left + Math.max(0, now - this.#at) / 1000 * rate;
    this.#left = Math.min(Math.max(rate, 1), grown);
    this.#at = now;
    if (this.#left < 1) {
      const wait = Math.min(Math.ceil((1 - this.#left) / rate), DAY);
      throw refusal(
        `too many requests: this token may send ${rate} a second`,
        wait,
      );
    }
    this.#left--;
  }
}

function refusal(reason: string, seconds: number): Refusal {
  return new Refusal(429, `ERR ${reason}`, { "retry-after": `${seconds}` });
}
