/**
 * The small entry point: one server, raw commands, a pool, pub/sub. It has no
 * command families and knows no platform: `dial` opens the connections.
 *
 * ```ts
 * import { Client } from "@sorrel/redis/client";
 * import { dial } from "@sorrel/redis";
 *
 * await using client = new Client({ hostname: "localhost", port: 6379, dial });
 * await client.send(["SET", "greeting", "hello"]);
 * console.assert(await client.send(["GET", "greeting"]) === "hello");
 * ```
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import { onAbort } from "../connection/alarm.ts";
import { type Command, type Slot, slotFor } from "../connection/command.ts";
import { type Effects, effectsOf, traitsOf } from "../connection/traits.ts";
import { ClosedError, noWords } from "../errors.ts";
import { type Arg, BYTES, RAW, type Reply } from "../resp/reply.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";
import { batchSlot, limited } from "./lease.ts";
import type { ClientOptions } from "./options.ts";
import { Pool } from "./pool.ts";
import { Subscriber } from "./subscriber.ts";
import { now } from "../connection/clock.ts";
import {
  type Item,
  type Payloads,
  Subscription,
  type SubscriptionOptions,
} from "./subscription.ts";

export type { Address, Dial, TlsOptions, Transport } from "../net/transport.ts";
export type { Backoff } from "../connection/backoff.ts";
export type { ClientEvent } from "../connection/events.ts";
export type { Credentials } from "../connection/handshake.ts";
export type { Name } from "../connection/names.ts";
export type { Command } from "../connection/command.ts";
export type { Arg, Mode, Push, Reply, Shape } from "../resp/reply.ts";
export {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  type ConnectionErrorOptions,
  PoolTimeoutError,
  ProtocolError,
  QueueFullError,
  RedisError,
  ReplyError,
  SlowReaderError,
  TimeoutError,
  WatchError,
} from "../errors.ts";
export { Pool } from "./pool.ts";
export { Subscription };
export type {
  Gap,
  Item,
  Message,
  Payloads,
  SubscriptionOptions,
} from "./subscription.ts";
export type { ClientOptions } from "./options.ts";
export type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  Engine,
  LeasedEngine,
  PooledEngine,
  ReadFrom,
  SubscriptionKind,
} from "./engine.ts";

const RAW_BYTES = { ...RAW, mode: BYTES } as const;

/** How one raw command is sent. */
export interface SendOptions extends CallOptions {
  /**
   * How the strings of the reply are read.
   *
   * @default {"text"}
   */
  replies?: "text" | "bytes";
}

/**
 * A client for one server, without the commands as methods: `Redis` is built on
 * it.
 */
export class Client implements PooledEngine, AsyncDisposable {
  readonly #pool: Pool;
  readonly #ownsPool: boolean;
  /**
   * The subscriber that subscriptions share, and those of subscriptions with a
   * connection of their own (policy `"pause"`).
   */
  readonly #subscribers = new Set<Subscriber>();
  readonly #shared: Subscriber;
  readonly #stop = new AbortController();
  #closed: Promise<void> | undefined;
  #live = true;

  /**
   * Makes a client that connects when first used.
   *
   * With a `pool`, it shares that pool's connections, and closing the client
   * leaves the pool open.
   */
  constructor(options: ClientOptions | { pool: Pool }) {
    this.#ownsPool = !("pool" in options);
    this.#pool = "pool" in options ? options.pool : new Pool(options);
    this.#shared = this.#newSubscriber();
  }

  /** Connects now; rejects when that fails. */
  async connect(): Promise<void> {
    await Promise.all(this.#pool.links.map((link) => link.connect()));
  }

  /**
   * Sends one command and resolves to the server's reply.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * console.assert(await redis.send(["ECHO", "hello"]) === "hello");
   * ```
   */
  send(args: readonly Arg[], options: SendOptions = {}): Promise<Reply> {
    if (!Array.isArray(args)) throw noWords(args);
    const shape = options.replies === "bytes" ? RAW_BYTES : RAW;
    // A copy: the caller may reuse its array before the command is encoded.
    return this.execute({ args: [...args], shape }, options);
  }

  /** Executes one command. A blocking command gets a connection of its own. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const { blocks, state, afterWrites } = traitsOf(command.args);
    if (
      state !== undefined || afterWrites || call.signal?.aborted || this.#closed
    ) {
      try {
        this.#mayUse([command], call);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const slot = slotFor(command, call.retry);
    const isTracked = command.slot !== undefined;
    return this.#ask(slot, call, blocks?.(command.args), isTracked);
  }

  /**
   * Executes commands together, on a connection of their own when one of them
   * blocks.
   */
  async executeAll(
    commands: readonly Command[],
    { atomic }: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    const { block } = this.#mayUse(commands, call, atomic);
    const slot = batchSlot(commands, atomic, call);
    return await this.#ask(slot, call, block || undefined);
  }

  /** Leases one connection to the caller, until it is disposed of. */
  async lease(call: CallOptions = {}): Promise<LeasedEngine> {
    this.closing.throwIfAborted();
    return await this.#pool.lease(call);
  }

  /** Subscribes to names; resolves when the server has confirmed each. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    payloads: Payloads,
  ): Promise<Subscription<B, T>> {
    this.closing.throwIfAborted();
    if (names.length === 0) {
      throw new TypeError("Cannot subscribe without a name");
    }
    if (options.overflow !== "pause") {
      return await this.#shared.subscribe(kind, names, options, payloads);
    }
    // A connection of its own: a paused reader stops reading from it.
    const own = this.#newSubscriber();
    const end = async () => {
      this.#subscribers.delete(own);
      await own.close();
    };
    try {
      return await own.subscribe(kind, names, options, payloads, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /**
   * Calls the option `credentials` again and authenticates every open
   * connection with the result, between its commands; resolves when all are
   * accepted, rejects with an {@linkcode AuthenticationError} when one is not.
   *
   * A leased connection is closed when it is given back. Subscriptions in
   * RESP2, and those whose reader is paused, stay as they are: their
   * connections cannot authenticate again.
   */
  async authenticate(): Promise<void> {
    this.closing.throwIfAborted();
    const links = [...this.#subscribers].map(({ link }) => link);
    // In RESP2 a connection that is subscribed cannot, nor can one that waits
    // for its reader.
    await this.#pool.authenticate(
      links.filter(({ connection }) =>
        connection?.protocol === 3 && !connection.paused
      ),
    );
  }

  /**
   * Tells of the connections that all callers share.
   *
   * @internal
   */
  observe(observer: ConnectionObserver): Disposable {
    return this.#pool.observe(observer);
  }

  /**
   * How long shared connections with pending commands have received nothing, in
   * milliseconds; 0 when nothing is pending.
   *
   * @internal
   */
  get silence(): number {
    return this.#pool.silence;
  }

  /**
   * Whether a shared connection is ready.
   *
   * @internal
   */
  get isConnected(): boolean {
    return this.#pool.isConnected;
  }

  /**
   * Drops every connection after a failover; subscriptions reconnect.
   *
   * @internal
   */
  leave(reason: Error): void {
    this.#pool.leave(reason);
    for (const { link } of this.#subscribers) link.connection?.destroy(reason);
  }

  /**
   * Waits for the replies of pending commands, at most `timeout` milliseconds,
   * then closes every connection. Further commands are rejected.
   */
  close(options: CloseOptions = {}): Promise<void> {
    // A second call may give it less time.
    if (this.#closed && this.#ownsPool) this.#pool.close(options);
    return this.#closed ??= this.#close(options);
  }

  /** Closes the client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Aborts when the client is closed. */
  get closing(): AbortSignal {
    return this.#stop.signal;
  }

  /** Keeps the process alive while there is a connection: the default. */
  ref(): void {
    this.#ref(true);
    this.#pool.ref();
  }

  /** Lets the process exit although there is a connection. */
  unref(): void {
    this.#ref(false);
    this.#pool.unref();
  }

  /** The server's address and the state of the connections, without secrets. */
  get summary(): string {
    return this.#closed ? "closed" : this.#pool.summary;
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Client { ${this.summary} }`;
  }

  async #close(options: CloseOptions): Promise<void> {
    this.#stop.abort(new ClosedError("The client is closed"));
    await Promise.all([
      ...[...this.#subscribers].map((subscriber) => subscriber.close()),
      this.#ownsPool ? this.#pool.close(options) : undefined,
    ]);
  }

  #ref(live: boolean): void {
    this.#live = live;
    for (const subscriber of this.#subscribers) subscriber.link.ref(live);
  }

  #newSubscriber(): Subscriber {
    const subscriber = new Subscriber(this.#pool.options);
    subscriber.link.ref(this.#live);
    this.#subscribers.add(subscriber);
    return subscriber;
  }

  #mayUse(
    commands: readonly Command[],
    { signal }: CallOptions,
    atomic?: boolean,
  ): Effects {
    this.closing.throwIfAborted();
    signal?.throwIfAborted();
    return effectsOf(commands, false, atomic);
  }

  /**
   * Sends a command on the shared connection, or on a leased one when it
   * blocks.
   */
  #ask<T>(
    slot: Slot<T>,
    call: CallOptions,
    block?: number,
    isTracked = false,
  ): Promise<T> {
    if (block !== undefined) return this.#askLeased(slot, call, block);
    const link = this.#pool.linkFor(call, isTracked);
    link.execute(limited(slot, call, this.#pool.options));
    return slot.promise;
  }

  async #askLeased<T>(
    slot: Slot<T>,
    call: CallOptions,
    block: number,
  ): Promise<T> {
    slot.check();
    const start = now();
    // Not `using`: bundlers for older engines need 0.8 KB for the first.
    const lease = await this.#pool.lease(call);
    try {
      // An aborted pop must not be sent: its element would be lost.
      call.signal?.throwIfAborted();
      this.closing.throwIfAborted();
      // The call's own timeout covers the wait for the lease, too.
      const left = call.timeout && Math.max(1, call.timeout - (now() - start));
      const rest = left ? { ...call, timeout: left } : call;
      lease.blocks = true;
      const { connection } = lease;
      limited(slot, rest, this.#pool.options, block);
      // A shared pool stays open when the client is closed.
      slot.onEnd(onAbort(this.closing, (why) => connection.destroy(why)));
      connection.execute(slot);
      return await slot.promise;
    } finally {
      lease[Symbol.dispose]();
    }
  }
}
