/**
 * What the server allows all clients together, and how long each step may take.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";

/** The limits of the server. */
export interface ServerLimits {
  /**
   * The open connections. At the limit a new one takes the place of the oldest
   * whose client has shown no token; where all have, of the one that is idle for
   * longest.
   *
   * @default {4096}
   */
  readonly connections: number;
  /**
   * The requests in flight, open streams aside.
   *
   * @default {3000}
   */
  readonly requests: number;
  /**
   * The bytes of all bodies and WebSocket messages that are being received.
   *
   * @default {268435456}
   */
  readonly bodyBytes: number;
  /**
   * The bytes of all large answers that wait for their clients to read them.
   *
   * @default {268435456}
   */
  readonly answerBytes: number;
  /**
   * The time for a request's head, in milliseconds; and for the first byte of a
   * new connection.
   *
   * @default {10000}
   */
  readonly headTimeout: number;
  /**
   * The time for a request's body, in milliseconds.
   *
   * @default {30000}
   */
  readonly bodyTimeout: number;
  /**
   * The time until the client has taken the next 256 KiB of a response, in
   * milliseconds.
   *
   * @default {30000}
   */
  readonly writeTimeout: number;
  /**
   * The time between two requests on a connection, in milliseconds.
   *
   * @default {60000}
   */
  readonly idleTimeout: number;
}

/** The limits where none are given. */
export const SERVER_LIMITS: ServerLimits = {
  connections: 4096,
  requests: 3_000,
  bodyBytes: 256 * 1024 * 1024,
  answerBytes: 256 * 1024 * 1024,
  headTimeout: 10_000,
  bodyTimeout: 30_000,
  writeTimeout: 30_000,
  idleTimeout: 60_000,
};

/** The longest head of a request, in bytes. */
export const MAX_HEAD_BYTES = 32 * 1024;

/** A number of things of which only so many may be taken. */
export class Budget {
  readonly #limit: number;
  readonly #noun: string;
  #used = 0;

  /** `noun` says in errors of what there is too much. */
  constructor(limit: number, noun: string) {
    this.#limit = limit;
    this.#noun = noun;
  }

  /** Takes some. Throws a {@linkcode Refusal} when that many are not left. */
  take(count: number): void {
    if (this.#used + count > this.#limit) {
      throw new Refusal(503, `ERR the gateway has too many ${this.#noun}`, {
        "retry-after": "1",
      });
    }
    this.#used += count;
  }

  /** Gives some back. */
  give(count: number): void {
    this.#used -= count;
  }
}
