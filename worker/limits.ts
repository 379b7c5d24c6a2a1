/**
 * How much the holder of a token may use at a time.
 *
 * Counted in the gateway's process on Deno and in each isolate on Cloudflare,
 * which may run several.
 *
 * @module
 */

import { Refusal } from "./refusal.ts";

/** What one token may use. */
export interface Limits {
  /** The bytes of a request's body, or of a WebSocket's message. */
  readonly bodyBytes: number;
  /** The commands of a pipeline or transaction. */
  readonly commands: number;
  /** The requests in flight, streams aside. */
  readonly requests: number;
  /** The open streams and WebSockets. */
  readonly streams: number;
  /** The requests that block, as BLPOP does: each has a connection to Redis. */
  readonly waiting: number;
  /** The requests each second; the same number may come at once. */
  readonly requestsPerSecond: number;
}

/**
 * The limits where a grant names none: the body of the hosted service of this
 * convention, and the longest pipeline of its client.
 */
export const LIMITS: Limits = {
  bodyBytes: 10 * 1024 * 1024,
  commands: 1_000,
  requests: 2_000,
  streams: 1_000,
  waiting: Infinity,
  requestsPerSecond: Infinity,
};

const DAY_SECONDS = 86_400;

/**
 * A place without a sign of life is free after this long, in milliseconds: more
 * than two heartbeats of a stream, and longer than any request may take.
 * Cloudflare stops a request whose client has left without running its `finally`.
 */
const FREE_AFTER_MS = 40_000;

/** One use of a limit: an open stream, a request in flight. */
export interface Place {
  /** When it counts as free, on the clock of `Date.now()`. */
  until: number;
  /** Keeps the place for another {@linkcode FREE_AFTER_MS}. */
  renew(): void;
  /** Frees the place; does nothing the second time. */
  close(): void;
}

/** The places of one limit that are taken. */
class Places {
  readonly #taken = new Set<Place>();
  readonly #limit: number;
  readonly #noun: string;

  constructor(limit: number, noun: string) {
    this.#limit = limit;
    this.#noun = noun;
  }

  get count(): number {
    this.#freeExpired();
    return this.#taken.size;
  }

  take(): Place {
    if (this.#taken.size >= this.#limit && this.count >= this.#limit) {
      throw tooMany(
        `too many ${this.#noun}: this token may have ${this.#limit}`,
        1,
      );
    }
    const place: Place = {
      until: Date.now() + FREE_AFTER_MS,
      renew: () => place.until = Date.now() + FREE_AFTER_MS,
      close: () => this.#taken.delete(place),
    };
    this.#taken.add(place);
    return place;
  }

  #freeExpired(): void {
    const now = Date.now();
    for (const place of this.#taken) {
      if (place.until < now) this.#taken.delete(place);
    }
  }
}

/** What one token uses of its limits. */
export class Usage {
  /** The requests that were admitted. */
  requests = 0;
  readonly #inFlight: Places;
  readonly #streams: Places;
  readonly #waiting: Places;
  readonly #rate: number;
  /** The requests that may come now. It grows with time. */
  #allowance: number;
  #grownAt = 0;

  /** Starts with nothing used. */
  constructor(limits: Limits) {
    this.#inFlight = new Places(limits.requests, "requests in flight");
    this.#streams = new Places(limits.streams, "open streams");
    this.#waiting = new Places(limits.waiting, "requests that block");
    this.#rate = limits.requestsPerSecond;
    this.#allowance = limits.requestsPerSecond;
  }

  /** Counts a request. Throws a {@linkcode Refusal} above the limit per second. */
  admit(now?: number): void {
    if (this.#rate < Infinity) this.#spendAllowance(now ?? Date.now());
    this.requests++;
  }

  /** The open streams. */
  get streams(): number {
    return this.#streams.count;
  }

  /** Counts a request until its place is closed. Throws a {@linkcode Refusal} above the limit. */
  startRequest(): Place {
    return this.#inFlight.take();
  }

  /** Counts a stream until its place is closed. Throws a {@linkcode Refusal} above the limit. */
  openStream(): Place {
    return this.#streams.take();
  }

  /** Counts a request that may block while `work` runs. Throws a {@linkcode Refusal} above the limit. */
  async whileBlocked<T>(work: () => Promise<T>): Promise<T> {
    const place = this.#waiting.take();
    try {
      return await work();
    } finally {
      place.close();
    }
  }

  #spendAllowance(now: number): void {
    const rate = this.#rate;
    const grown = Math.max(0, now - this.#grownAt) / 1000 * rate;
    this.#allowance = Math.min(Math.max(rate, 1), this.#allowance + grown);
    this.#grownAt = now;
    if (this.#allowance < 1) {
      const seconds = Math.ceil((1 - this.#allowance) / rate);
      throw tooMany(
        `too many requests: this token may send ${rate} a second`,
        Math.min(seconds, DAY_SECONDS),
      );
    }
    this.#allowance--;
  }
}

function tooMany(reason: string, retryAfter: number): Refusal {
  return new Refusal(429, `ERR ${reason}`, { "retry-after": `${retryAfter}` });
}
