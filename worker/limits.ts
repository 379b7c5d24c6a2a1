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
  /** How many requests may wait at a time, as BLPOP does: each has a connection. */
  readonly waiting: number;
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
  waiting: Infinity,
  requestsPerSecond: Infinity,
};

/** In seconds. */
const DAY = 86_400;

/**
 * How long something counts that does not say that it is still there, in
 * milliseconds: more than two heartbeats of a stream. Cloudflare ends a request whose client
 * has left without running any more of it.
 */
const GONE_AFTER = 40_000;

/** What counts as under way: a stream, a WebSocket, a request that waits. */
export interface Place {
  /** Until when, on the clock of `Date.now()`. */
  until: number;
  /** Says that it is still there. */
  renew(): void;
  /** Says that it has ended; again is no harm. */
  close(): void;
}

/** The places that are taken. */
class Places {
  readonly #taken = new Set<Place>();

  get count(): number {
    const now = Date.now();
    for (const place of this.#taken) {
      if (place.until < now) this.#taken.delete(place);
    }
    return this.#taken.size;
  }

  take(most: number, what: string): Place {
    if (this.count >= most) {
      throw refusal(`too many ${what}: this token may have ${most}`, 1);
    }
    const place: Place = {
      until: 0,
      renew: () => place.until = Date.now() + GONE_AFTER,
      close: () => this.#taken.delete(place),
    };
    place.renew();
    this.#taken.add(place);
    return place;
  }
}

/** What is used of the limits: one for each token. */
export class Usage {
  /** How many requests were admitted. */
  requests = 0;
  readonly #streams = new Places();
  readonly #waiting = new Places();
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
    return this.#streams.count;
  }

  /**
   * Counts a stream until it is closed, or shows no sign of life. Throws a
   * {@linkcode Refusal} when too many are open.
   */
  openStream(): Place {
    return this.#streams.take(this.#limits.streams, "open streams");
  }

  /** Counts a request that may wait while it does. Throws a {@linkcode Refusal} when too many wait. */
  async whileWaiting<T>(work: () => Promise<T>): Promise<T> {
    const { waiting } = this.#limits;
    const place = this.#waiting.take(waiting, "requests that wait");
    try {
      return await work();
    } finally {
      place.close();
    }
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
