/**
 * The connections to one server: shared ones, and leased ones with one caller
 * each.
 *
 * @module
 */

import { Alarm, atMost, inTime, onAbort } from "../connection/alarm.ts";
import { now } from "../connection/clock.ts";
import type { Connection } from "../connection/connection.ts";
import { open } from "../connection/handshake.ts";
import { Link } from "../connection/link.ts";
import { takeBack } from "../connection/take_back.ts";
import { isLost as probe } from "../connection/probe.ts";
import { shouldReconnect } from "../connection/error_codes.ts";
import { ClosedError, ConnectionError, PoolTimeoutError } from "../errors.ts";
import { showAddress } from "../net/transport.ts";
import type {
  CallOptions,
  CloseOptions,
  ConnectionObserver,
} from "./engine.ts";
import { Lease } from "./lease.ts";
import {
  type ClientOptions,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";

/** Tracked reads wait this long at most for their first connection, in ms. */
const OPENING_MS = 100;

interface Spare {
  readonly connection: Connection;
  /** When it is closed unless it is leased before. */
  readonly until: number;
}

/**
 * Shared connections, and a bounded number of leased ones.
 *
 * Leases are granted in the order of the calls. Of the idle connections the one
 * used last is leased first, so that the others can be closed. Several clients
 * may share a pool: closing one of them leaves it open.
 */
export class Pool implements AsyncDisposable {
  /**
   * The shared connections.
   *
   * @internal
   */
  readonly links: readonly Link[];

  /**
   * The shared connection for calls with a longer timeout; made when first
   * needed.
   */
  #patient: Link | undefined;
  /**
   * The shared connection for the reads of a cache, which the server remembers;
   * made when first needed.
   */
  #tracked: Link | undefined;
  /** Whether the first attempt to open it is under way. */
  #isOpening = false;
  /** Connections for tracked reads that are closing: no observer tracks any more. */
  readonly #ending = new Set<Link>();
  // Private, so that printing the pool does not show the password.
  readonly #options: ResolvedOptions;
  readonly #spares: Spare[] = [];
  readonly #leased = new Set<Lease>();
  /** When each connection is too old to be leased again. */
  readonly #expiry = new WeakMap<Connection, number>();
  /**
   * How often credentials were renewed. A leased connection that was opened
   * before is not used again.
   */
  #renewals = 0;
  /**
   * Places in use: leased connections, and those being opened. Idle connections
   * do not count.
   */
  #taken = 0;
  readonly #waiters: PromiseWithResolvers<void>[] = [];
  readonly #observers = new Set<ConnectionObserver>();
  readonly #stop = new AbortController();
  /** Closes the idle connections. */
  readonly #evictor = new Alarm(() => this.#evict());
  /** Ends the commands that still block on a server that was left. */
  readonly #impatience = new Alarm(() =>
    this.#endBlocked(
      new ConnectionError("The server that was left did not end the command"),
    )
  );
  #live = true;

  /** Connects when first used. `dial` must be given. */
  constructor(options: ClientOptions);
  /**
   * A pool whose owner, a cluster, retries refused commands itself.
   *
   * @internal
   */
  constructor(options: ClientOptions, internal: { retryRefused: boolean });
  constructor(options: ClientOptions, internal?: { retryRefused: boolean }) {
    this.#options = { ...resolveOptions(options), ...internal };
    const { connections } = this.#options;
    this.links = Array.from(
      { length: connections },
      () => this.#newLink(this.#sharedOptions),
    );
  }

  /**
   * The options that the pool was made from.
   *
   * @internal
   */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /**
   * The shared connection with the fewest pending commands, of those that are
   * connected if there is one.
   *
   * @internal
   */
  get link(): Link {
    let best = this.links[0]!;
    if (this.links.length === 1) return best;
    for (const link of this.links) {
      // Starts a connection that has not begun to connect, for the next
      // commands.
      if (link.state.kind === "idle") link.connect().catch(() => {});
      const ready = link.connection !== undefined;
      const better = ready === (best.connection !== undefined)
        ? link.pending < best.pending
        : ready;
      if (better) best = link;
    }
    return best;
  }

  /**
   * The shared connection for a call. Calls with a longer timeout than
   * `commandTimeout` share a connection of their own, where silence does not
   * mean that the server is dead. All other tracked reads share another one.
   *
   * @internal
   */
  linkFor({ timeout }: CallOptions, tracked = false): Link {
    const { commandTimeout, limits } = this.#options;
    const isPatient = timeout !== undefined &&
      (timeout || Infinity) > commandTimeout;
    if (tracked && !isPatient && !this.#stop.signal.aborted) {
      const link = this.#trackedLink();
      if (link && (this.#isOpening || link.connection?.alive)) return link;
    }
    if (!isPatient) return this.link;
    if (this.#patient === undefined) {
      this.#patient = this.#newLink(this.#patientOptions(limits.stall));
      this.#patient.ref(this.#live);
    }
    return this.#patient;
  }

  /**
   * Tells of the shared connections: of those that are open, and of each new one
   * before it takes a command. For an observer that tracks reads there is one more.
   *
   * @internal
   */
  observe(observer: ConnectionObserver): Disposable {
    this.#observers.add(observer);
    for (const link of this.#links()) {
      const { connection } = link;
      if (connection?.alive) this.#tell(observer, connection, link);
    }
    if (observer.tracks && this.isConnected) this.#trackedLink();
    return {
      [Symbol.dispose]: () => {
        this.#observers.delete(observer);
        const link = this.#tracked;
        if (link === undefined || this.#hasTracker) return;
        this.#tracked = undefined;
        this.#ending.add(link);
        link.close().then(() => this.#ending.delete(link));
      },
    };
  }

  /**
   * How long shared connections with pending commands have received nothing, in
   * milliseconds; 0 when nothing is pending.
   *
   * @internal
   */
  get silence(): number {
    return Math.max(
      0,
      ...this.#links().map((link) => {
        const { connection } = link;
        return link !== this.#patient && connection && connection.pending > 0
          ? now() - connection.heard
          : 0;
      }),
    );
  }

  /**
   * How many commands of the shared connections have no reply yet.
   *
   * @internal
   */
  get pending(): number {
    return this.#links().reduce((sum, { pending }) => sum + pending, 0);
  }

  /**
   * Whether a shared connection is being opened, or waits for its next attempt.
   *
   * @internal
   */
  get isConnecting(): boolean {
    return this.links.some(({ state: { kind } }) =>
      kind === "dialing" || kind === "waiting"
    );
  }

  /**
   * Whether a shared connection is ready.
   *
   * @internal
   */
  get isConnected(): boolean {
    return this.#links().some(({ connection }) => connection !== undefined);
  }

  /** The server's address and the state of the pool, without secrets. */
  get summary(): string {
    const states = this.links.map(({ state }) => state.kind).join(", ");
    return `${
      showAddress(this.#options.address)
    } (${states}; ${this.#leased.size} leased, ${this.#spares.length} spare)`;
  }

  /**
   * Leases a connection, an idle one or a new one.
   *
   * Rejects with a {@linkcode TimeoutError} when none comes free within
   * `poolTimeout`, and with the signal's reason when it aborts.
   *
   * @internal
   */
  async lease({ signal, timeout }: CallOptions = {}): Promise<Lease> {
    const stop = this.#stop.signal;
    stop.throwIfAborted();
    signal?.throwIfAborted();
    const { poolSize, poolTimeout } = this.#options;
    // The call's own timeout covers the wait and the opening together.
    const end = now() + (timeout || Infinity);
    if (this.#taken < poolSize) this.#taken++;
    else await this.#wait(Math.min(poolTimeout, timeout || Infinity), signal);
    // This call has a place now, and must give it back on every path out.
    const renewals = this.#renewals;
    try {
      const connection = this.#spare() ?? await this.#open(signal, end - now());
      if (stop.aborted) connection.destroy(stop.reason);
      stop.throwIfAborted();
      const lease = new Lease(connection, this.#options, () => {
        if (renewals !== this.#renewals) lease.changes++;
        this.#release(lease);
      });
      connection.onRefused = (_, error) => {
        if (shouldReconnect(error)) lease.changes++;
        return false;
      };
      this.#leased.add(lease);
      return lease;
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  /**
   * Drops every connection after a failover. Pending commands finish on the old
   * connections, further ones go to new connections. Commands that block have
   * `patience` milliseconds for that.
   *
   * @internal
   */
  leave(reason: Error, patience = 0): void {
    this.#renewals++;
    for (const { connection } of this.#spares.splice(0)) {
      connection.destroy(reason);
    }
    // A blocking command on a server that says nothing would wait for nothing.
    if (patience === 0) this.#endBlocked(reason);
    else this.#impatience.set(now() + patience);
    for (const { connection } of this.#leased) connection.retire(reason);
    for (const link of this.#links()) link.leave(reason);
  }

  #endBlocked(reason: Error): void {
    for (const { connection, blocks } of this.#leased) {
      if (blocks) connection.destroy(reason);
    }
  }

  /**
   * Calls the option `credentials` again and authenticates the shared
   * connections and `links`. Idle connections are closed now, leased ones when
   * they are given back.
   *
   * @internal
   */
  async authenticate(links: readonly Link[]): Promise<void> {
    this.#renewals++;
    for (const { connection } of this.#spares.splice(0)) {
      connection.destroy(new ClosedError("The credentials are renewed"));
    }
    const all = [...this.#links(), ...links];
    try {
      await Promise.all(all.map((link) => link.authenticate()));
    } finally {
      for (const observer of this.#observers) observer.changed();
    }
  }

  /**
   * Waits for the replies of pending commands, then closes every connection.
   */
  async close({ timeout = 5_000 }: CloseOptions = {}): Promise<void> {
    // Closing does not wait for commands that block.
    await this.end(timeout, ({ blocks }) => !blocks);
  }

  /**
   * Closes every connection, after up to `timeout` ms for those leased ones whose
   * replies are worth waiting for.
   *
   * @internal
   */
  async end(
    timeout: number,
    isWorth: (lease: Lease) => boolean = () => true,
  ): Promise<void> {
    const closed = new ClosedError("The client is closed");
    const connections = this.#connections();
    this.#evictor.set(Infinity);
    this.#spares.length = 0;
    this.#stop.abort(closed);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(closed);
    const busy = [...this.#leased].filter(isWorth);
    const drained = busy.map(({ connection }) => connection.retire(closed));
    const closing = this.#links().map((link) => link.close(timeout));
    if (timeout > 0 && drained.length > 0) {
      await atMost(timeout, Promise.all(drained));
    }
    this.#impatience.set(Infinity);
    for (const connection of connections) connection.destroy(closed);
    await Promise.all([...closing, ...connections.map(({ closed }) => closed)]);
  }

  /** Closes the pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Pool { ${this.summary} }`;
  }

  /** Keeps the process alive while there is a connection. */
  ref(): void {
    this.#ref(true);
  }

  /** Lets the process exit although there is a connection. */
  unref(): void {
    this.#ref(false);
  }

  #ref(live: boolean): void {
    this.#live = live;
    const alarms = [this.#evictor, this.#impatience];
    const all = [...this.#links(), ...this.#connections(), ...alarms];
    for (const one of all) one.ref(live);
  }

  /**
   * Options for a connection whose commands may block or take long. Silence does
   * not mean there that the server is dead, so a second
   * connection asks after `stall`.
   */
  #patientOptions(stall: number): ResolvedOptions {
    const isLost = (connection: Connection, signal: AbortSignal) =>
      probe(connection, this.#options, signal);
    const limits = { ...this.#options.limits, stall, isLost };
    return { ...this.#options, limits };
  }

  /** The options of connections that all calls share but those with a longer timeout. */
  get #sharedOptions(): ResolvedOptions {
    const { commandTimeout, limits } = this.#options;
    return commandTimeout === Infinity
      ? this.#patientOptions(limits.stall)
      : this.#options;
  }

  #newLink(options: ResolvedOptions): Link {
    const link = new Link(options);
    let wasLost = false;
    link.onReady = (connection) => {
      for (const observer of this.#observers) {
        this.#tell(observer, connection, link);
      }
      if (link === this.#tracked) return;
      // The tracked connection may have come back earlier, to the old server.
      if (wasLost) this.#reconnectTracked();
      connection.left.then((reason) => {
        wasLost = true;
        this.#reconnectTracked(reason);
      });
    };
    return link;
  }

  /** Dials the tracked connection anew: the address may lead to another server by now. */
  #reconnectTracked(cause?: unknown): void {
    this.#tracked?.leave(
      new ConnectionError("Another connection to the server was lost", {
        cause,
      }),
    );
  }

  #tell(
    observer: ConnectionObserver,
    connection: Connection,
    link: Link,
  ): void {
    observer.opened(connection, this.#options, link === this.#tracked);
  }

  /** Whether an observer tracks reads. */
  get #hasTracker(): boolean {
    return [...this.#observers].some(({ tracks }) => tracks);
  }

  /**
   * The connection for tracked reads; while it is not there they are sent like all
   * others. `undefined` once no observer tracks: a read may have been redirected here.
   */
  #trackedLink(): Link | undefined {
    if (this.#tracked === undefined && this.#hasTracker) {
      const options = { ...this.#sharedOptions, connectAttempts: Infinity };
      const link = this.#newLink(options);
      link.ref(this.#live);
      const sendElsewhere = () => {
        for (const slot of link.takeWaiting()) this.link.execute(slot);
      };
      link.onLost = sendElsewhere;
      link.onGaveUp = sendElsewhere;
      this.#tracked = link;
      this.#isOpening = true;
      atMost(OPENING_MS, link.connect().catch(() => {})).then(() => {
        this.#isOpening = false;
        if (link.connection === undefined) sendElsewhere();
      });
    }
    return this.#tracked;
  }

  #links(): Link[] {
    return [...this.links, this.#patient, this.#tracked, ...this.#ending]
      .filter((link) => link !== undefined);
  }

  #connections(): Connection[] {
    return [...this.#leased, ...this.#spares].map((one) => one.connection);
  }

  #spare(): Connection | undefined {
    for (let spare; (spare = this.#spares.pop());) {
      if (spare.connection.alive) return spare.connection;
    }
    return undefined;
  }

  async #open(
    signal: AbortSignal | undefined,
    patience: number,
  ): Promise<Connection> {
    const stop = this.#stop.signal;
    const connectTimeout = Math.min(this.#options.connectTimeout, patience);
    const options = this.#patientOptions(this.#options.limits.idle);
    const connection = await open(
      { ...options, connectTimeout },
      options.limits,
      signal === undefined ? stop : AbortSignal.any([stop, signal]),
    );
    connection.closed.then((death) => takeBack(death, "none"));
    this.#expiry.set(connection, now() + this.#options.poolMaxLifetime);
    connection.ref(this.#live);
    return connection;
  }

  /** Resolves when this caller has a place. */
  #wait(patience: number, signal: AbortSignal | undefined): Promise<void> {
    const what = `Cannot lease a connection, as all ${this.#taken} are taken,`;
    return inTime(what, patience, signal, (stop) => {
      const waiter = Promise.withResolvers<void>();
      this.#waiters.push(waiter);
      onAbort(stop, (reason) => {
        const place = this.#waiters.indexOf(waiter);
        if (place >= 0) this.#waiters.splice(place, 1);
        waiter.reject(reason);
      });
      return waiter.promise;
    }, PoolTimeoutError);
  }

  #release(lease: Lease): void {
    const { connection, changes } = lease;
    this.#leased.delete(lease);
    const idle = now() + this.#options.poolIdleTimeout;
    const until = Math.min(idle, this.#expiry.get(connection)!);
    if (
      changes > 0 || connection.pending > 0 || this.#stop.signal.aborted ||
      until <= now()
    ) {
      // A pending reply would be taken for a reply to the next caller.
      connection.destroy(new ClosedError("The lease was given back"));
    } else if (connection.alive) {
      this.#spares.push({ connection, until });
      if (until < this.#evictor.at) this.#evictor.set(until);
    }
    this.#free();
  }

  /** Gives the place to the caller that waits longest, or frees it. */
  #free(): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#taken--;
    else waiter.resolve();
  }

  #evict(): void {
    const time = performance.now();
    const over = new ClosedError("The time of the connection is over");
    let next = Infinity;
    for (const spare of this.#spares.splice(0)) {
      if (spare.until <= time) spare.connection.destroy(over);
      else {
        this.#spares.push(spare);
        next = Math.min(next, spare.until);
      }
    }
    this.#evictor.set(next);
  }
}
