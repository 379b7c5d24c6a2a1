/**
 * The connections to one server: a few that all share, and spares that one
 * caller has alone.
 *
 * @module
 */

import type { Connection } from "../connection/connection.ts";
import { open } from "../connection/handshake.ts";
import { failAll, Link } from "../connection/link.ts";
import { ClosedError, TimeoutError } from "../errors.ts";
import { showAddress } from "../net/transport.ts";
import type { CallOptions, CloseOptions } from "./engine.ts";
import {
  type ClientOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";

/** A connection on loan: dispose of it to give it back. */
export class Lease implements Disposable {
  /** The connection. Nobody else uses it. */
  readonly connection: Connection;
  /** Set when the connection is no longer as it was: it is then closed, not used again. */
  dirty = false;
  #release: ((lease: Lease) => void) | undefined;

  /** Takes what is called once when it is given back. */
  constructor(connection: Connection, release: (lease: Lease) => void) {
    this.connection = connection;
    this.#release = release;
  }

  /** Gives the connection back. */
  [Symbol.dispose](): void {
    this.#release?.(this);
    this.#release = undefined;
  }
}

interface Spare {
  connection: Connection;
  /** Since when it has not been used. */
  since: number;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Shared connections, and a bounded number of leased ones.
 *
 * Leases are given in the order they were asked for; of the spare connections
 * the one used last goes first, so that the others can be closed. Several
 * clients may share a pool: closing one of them leaves it open.
 */
export class Pool implements AsyncDisposable {
  /**
   * The connections that all share.
   *
   * @internal
   */
  readonly links: readonly Link[];

  // Not public: whoever prints the pool would see the password.
  readonly #options: ResolvedOptions;
  readonly #spares: Spare[] = [];
  readonly #leased = new Set<Connection>();
  /** Places taken: leased, and being opened. Spares are free places. */
  #taken = 0;
  readonly #waiters: Waiter[] = [];
  readonly #stop = new AbortController();
  #evictor: ReturnType<typeof setTimeout> | undefined;
  #unreferenced = false;

  /** Connects when first used. `dial` must be given. */
  constructor(options: ClientOptions) {
    this.#options = resolveOptions(options);
    this.links = Array.from(
      { length: this.#options.connections },
      () => new Link(this.#options),
    );
  }

  /**
   * What the pool was made from.
   *
   * @internal
   */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /**
   * The shared connection with the least to do.
   *
   * @internal
   */
  get link(): Link {
    let least = this.links[0]!;
    if (this.links.length === 1) return least;
    for (const link of this.links) {
      if (link.pending < least.pending) least = link;
    }
    return least;
  }

  /** The server's address and how the pool stands, without secrets. */
  get summary(): string {
    const states = this.links.map(({ state }) => state.kind).join(", ");
    return `${
      showAddress(this.#options.address)
    } (${states}; ${this.#leased.size} leased, ${this.#spares.length} spare)`;
  }

  /**
   * Lends a connection, a spare one or a new one.
   *
   * Rejects with a {@linkcode TimeoutError} when none comes free within
   * `poolTimeout`, and with the signal's reason when it aborts.
   *
   * @internal
   */
  async lease({ signal, timeout }: CallOptions = {}): Promise<Lease> {
    this.#stop.signal.throwIfAborted();
    signal?.throwIfAborted();
    const { poolSize, poolTimeout } = this.#options;
    if (this.#taken < poolSize) this.#taken++;
    else await this.#wait(Math.min(poolTimeout, timeout || Infinity), signal);
    // From here on a place is ours: it must be given back on every way out.
    try {
      const connection = this.#spare() ?? await this.#open(signal);
      const stop = this.#stop.signal;
      if (stop.aborted) {
        connection.destroy(stop.reason);
        throw stop.reason;
      }
      this.#leased.add(connection);
      return new Lease(connection, this.#release);
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  /** Lets what was asked come to its end, then closes every connection. */
  async close({ timeout = 5_000 }: CloseOptions = {}): Promise<void> {
    const closed = new ClosedError("The client is closed");
    const connections = [
      ...this.#leased,
      ...this.#spares.map(({ connection }) => connection),
    ];
    clearTimeout(this.#evictor);
    this.#spares.length = 0;
    if (!this.#stop.signal.aborted) this.#stop.abort(closed);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closed);
    const stop = new AbortController();
    // A longer time does not fit a timer.
    const timer = setTimeout(
      () => stop.abort(),
      Math.min(timeout, 2 ** 31 - 1),
    );
    if (timeout === 0) stop.abort();
    await Promise.all([
      ...this.links.map((link) => link.close(stop.signal)),
      ...connections.map((connection) => {
        connection.destroy(closed);
        return connection.closed;
      }),
    ]);
    clearTimeout(timer);
  }

  /** Closes the pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Pool { ${this.summary} }`;
  }

  /** Lets the process live while there is a connection. */
  ref(): void {
    this.#unreferenced = false;
    for (const link of this.links) link.ref();
    for (const connection of this.#connections()) connection.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#unreferenced = true;
    for (const link of this.links) link.unref();
    for (const connection of this.#connections()) connection.unref();
    this.#evictor?.unref();
  }

  *#connections(): Iterable<Connection> {
    yield* this.#leased;
    for (const { connection } of this.#spares) yield connection;
  }

  #spare(): Connection | undefined {
    for (let spare; (spare = this.#spares.pop());) {
      if (spare.connection.alive) return spare.connection;
    }
    return undefined;
  }

  async #open(signal: AbortSignal | undefined): Promise<Connection> {
    const stop = this.#stop.signal;
    const connection = await open(
      this.#options,
      // A lease may block: silence is no sign of death there.
      { ...this.#options.limits, stall: Infinity },
      signal === undefined ? stop : AbortSignal.any([stop, signal]),
    );
    connection.closed.then(failAll);
    if (this.#unreferenced) connection.unref();
    return connection;
  }

  /** Resolves when a place has been handed over. */
  async #wait(
    patience: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject };
    this.#waiters.push(waiter);
    const leave = (error: unknown) => {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      reject(error);
    };
    const abort = () => leave(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const timer = patience === Infinity ? undefined : setTimeout(() =>
      leave(
        new TimeoutError(
          `Cannot lease a connection within ${patience} ms: all ${this.#options.poolSize} are taken`,
        ),
      ), patience);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  readonly #release = (lease: Lease): void => {
    const { connection, dirty } = lease;
    this.#leased.delete(connection);
    if (this.#stop.signal.aborted) {
      connection.destroy(this.#stop.signal.reason);
    } else if (dirty || connection.pending > 0) {
      // An unread reply would be the next caller's.
      connection.destroy(new ClosedError("The lease was given back"));
    } else if (connection.alive) {
      this.#spares.push({ connection, since: performance.now() });
      this.#evictLater();
    }
    this.#free();
  };

  /** Hands a place to who waits longest, or frees it. */
  #free(): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#taken--;
    else waiter.resolve();
  }

  #evictLater(): void {
    const { poolIdleTimeout } = this.#options;
    if (poolIdleTimeout === Infinity || this.#evictor !== undefined) return;
    this.#evictor = setTimeout(this.#evict, poolIdleTimeout);
    if (this.#unreferenced) this.#evictor.unref();
  }

  readonly #evict = (): void => {
    this.#evictor = undefined;
    const limit = performance.now() - this.#options.poolIdleTimeout;
    // The spare used last is at the end.
    while (this.#spares.length > 0 && this.#spares[0]!.since <= limit) {
      this.#spares.shift()!.connection.destroy(
        new ClosedError("The connection was not used"),
      );
    }
    if (this.#spares.length > 0) this.#evictLater();
  };
}
