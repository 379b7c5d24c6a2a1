/**
 * A request that is under way, for all who ask for the same.
 *
 * @module
 */

import type { CallOptions } from "../client/engine.ts";
import { now } from "../connection/clock.ts";
import type { Reply } from "../resp/reply.ts";
import type { Place } from "./cacheable.ts";
import type { Source } from "./source.ts";

/** One empty list for all: each takes memory. */
export const NONE: readonly never[] = [];

/** A request that is under way. */
export class Flight implements Place {
  readonly keys: readonly string[];
  readonly signature: string;
  /** The options of the call that began it; its signal aborts the call, not the flight. */
  readonly call: CallOptions;
  /** When it was begun, in whole ms on the clock of `performance.now()`: a small integer takes no memory of its own. */
  readonly since: number = Math.trunc(now());
  /** The reply, for all who ask before it comes. */
  reply!: Promise<Reply>;
  /** When the reply is no longer valid, in whole ms on the same clock; `undefined` for never. */
  until: number | undefined;
  /** The connections that the reply came on, which tell of changes of its keys. */
  sources: readonly Source[] = NONE;
  /** Names the flights that the store forgets together; 0 once it is forgotten alone. */
  epoch = 0;
  /** The keys that these have read. */
  #remembered: readonly string[] = NONE;

  /** The reply is valid for `ttl` ms, unless the server says otherwise. */
  constructor({ keys, signature }: Place, call: CallOptions, ttl: number) {
    this.keys = keys;
    this.signature = signature;
    this.call = call;
    this.#expire(this.since + ttl);
  }

  /** Notes a reply about keys, which the server remembers for the connection of `source`. */
  answered(source: Source, keys: readonly string[], until: number): void {
    this.#remembered = this.#remembered.length === 0
      ? keys
      : [...new Set([...this.#remembered, ...keys])];
    this.#expire(until);
    if (this.sources.length === 0) this.sources = source.alone;
    else if (!this.sources.includes(source)) {
      this.sources = [...this.sources, source];
    }
  }

  #expire(until: number): void {
    if (until < (this.until ?? Infinity)) this.until = Math.trunc(until);
  }

  /** The error for a read whose changes the server refuses to tell of. */
  get refusal(): Error | undefined {
    for (const { state } of this.sources) {
      if (state.kind === "refused") return state.error;
    }
    return undefined;
  }

  /** Whether servers that tell of changes have answered for all of its keys. */
  get isTracked(): boolean {
    return this.keys.every((key) => this.#remembered.includes(key)) &&
      this.sources.every(({ isOn }) => isOn);
  }
}

/** The same options without the signal of one caller. */
export function withoutSignal(call: CallOptions): CallOptions {
  if (call.signal === undefined) return call;
  const { signal: _, ...others } = call;
  return others;
}

/** Whether two calls may share a request: it ends at the same time for both, and is sent again alike. */
export function isAlike(one: CallOptions, other: CallOptions): boolean {
  return one.timeout === other.timeout && one.retry === other.retry;
}
