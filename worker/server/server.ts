/**
 * The HTTP/1.1 server of the gateway: accepts connections within its limits.
 *
 * `Deno.serve` has no limit of connections, no deadline for heads and bodies, and
 * ends when the process has no file left for a connection.
 *
 * @module
 */

import type { Incoming, Outgoing } from "../http.ts";
import { Connection, type Transport } from "./connection.ts";
import { Budget, type ServerLimits } from "./limits.ts";

/** What accepts connections. */
export interface Listener {
  /** Resolves to the next connection. Rejects when the process has no room for one. */
  accept(): Promise<Transport>;
  close(): void;
}

/** Deadlines are checked this often, in milliseconds. */
const TICK_MS = 500;
/**
 * The wait after a connection could not be accepted, in milliseconds, and the part
 * of the strangers that make room: few at a time, as closing one takes 50 µs.
 */
const ACCEPT_AGAIN_MS = 5;
const CLOSED_PART = 1 / 100;

/** A server that listens until it is shut down. */
export class HttpServer {
  /** Resolves when it no longer listens and has no connection. */
  readonly finished: Promise<void>;
  readonly #listener: Listener;
  readonly #limits: ServerLimits;
  readonly #closing = new AbortController();
  readonly #service;
  /** Connections whose client has shown no token; the oldest are first. */
  readonly #strangers = new Set<Connection>();
  /** The others. */
  readonly #known = new Set<Connection>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #allGone = Promise.withResolvers<void>();

  /** Starts to accept connections. */
  constructor(
    listener: Listener,
    handle: (request: Incoming) => Promise<Outgoing>,
    limits: ServerLimits,
  ) {
    this.#listener = listener;
    this.#limits = limits;
    this.#service = {
      now: performance.now(),
      handle,
      limits,
      requests: new Budget(limits.requests, "requests in flight"),
      bodies: new Budget(limits.bodyBytes, "bodies to receive"),
      answers: new Budget(limits.answerBytes, "answers that wait for clients"),
      closing: this.#closing.signal,
      authorized: (connection: Connection) => {
        if (this.#strangers.delete(connection)) this.#known.add(connection);
      },
    };
    this.finished = this.#accept();
  }

  /**
   * Takes no more requests and lets those in flight end, at most for `timeout`
   * milliseconds; then closes every connection.
   */
  async shutdown(timeout: number): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#listener.close();
    }
    for (const connection of this.#connections()) {
      if (connection.idle) connection.close();
    }
    const timer = setTimeout(() => {
      for (const connection of this.#connections()) connection.close();
    }, timeout);
    await this.finished;
    clearTimeout(timer);
  }

  async #accept(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        this.#take(await this.#listener.accept());
      } catch {
        if (this.#closing.signal.aborted) break;
        // The process has no file left.
        const count = Math.max(1, this.#strangers.size * CLOSED_PART);
        for (let i = 0; i < count; i++) this.#makeRoom();
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_AGAIN_MS));
      }
    }
    if (this.#count > 0) await this.#allGone.promise;
    clearInterval(this.#timer);
  }

  #take(transport: Transport): void {
    if (this.#count >= this.#limits.connections && !this.#makeRoom()) {
      return transport.close();
    }
    this.#service.now = performance.now();
    const connection = new Connection(transport, this.#service);
    this.#strangers.add(connection);
    this.#timer ??= setInterval(() => this.#closeExpired(), TICK_MS);
    connection.serve().then(() => {
      this.#strangers.delete(connection);
      this.#known.delete(connection);
      if (this.#count > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      if (this.#closing.signal.aborted) this.#allGone.resolve();
    });
  }

  get #count(): number {
    return this.#strangers.size + this.#known.size;
  }

  #connections(): Connection[] {
    return [...this.#strangers, ...this.#known];
  }

  /** Closes a connection for another one; returns whether one could be. */
  #makeRoom(): boolean {
    const [oldestStranger] = this.#strangers;
    const closed = oldestStranger ?? this.#longestIdle();
    if (closed === undefined) return false;
    this.#strangers.delete(closed);
    this.#known.delete(closed);
    closed.close();
    return true;
  }

  /** Where every client has shown a token, one of them could keep out all others. */
  #longestIdle(): Connection | undefined {
    let longest: Connection | undefined;
    for (const connection of this.#known) {
      if (!connection.idle) continue;
      if (longest === undefined || connection.deadline < longest.deadline) {
        longest = connection;
      }
    }
    return longest;
  }

  #closeExpired(): void {
    const now = this.#service.now = performance.now();
    for (const connection of this.#connections()) {
      if (connection.deadline < now) connection.expire();
    }
  }
}
