/**
 * The small door: one server, raw commands, a pool, pub/sub; no command
 * families, and no platform: `dial` says how the server is reached.
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

/** A client for one server: what the big door, `Redis`, is built on. */
export class Client implements PooledEngine, AsyncDisposable {
  readonly #pool: Pool;
  readonly #ownsPool: boolean;
  /** The one that subscriptions share, and those that have a connection each: policy `"pause"`. */
  readonly #subscribers = new Set<Subscriber>();
  readonly #shared: Subscriber;
  readonly #stop = new AbortController();
  #closed: Promise<void> | undefined;
  #live = true;

  /**
   * Makes a client that connects when first used.
   *
   * With a `pool`, it shares that pool's connections, and leaves it open when
   * it is closed itself.
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
   * Sends one command as it is and resolves to what the server says.
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
    // Encoded later: the caller may use its list for the next command.
    return this.execute({ args: [...args], shape }, options);
  }

  /** Executes one command; one that blocks gets a connection of its own. */
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
    return this.#ask(slot, call, blocks?.(command.args));
  }

  /** Executes commands together; with one that blocks, on a connection of their own. */
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

  /** Gives one connection to the caller alone, until it is disposed of. */
  async lease(call: CallOptions = {}): Promise<LeasedEngine> {
    this.closing.throwIfAborted();
    return await this.#pool.lease(call);
  }

  /** Listens to names; resolves when the server has confirmed every one. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    this.closing.throwIfAborted();
    if (names.length === 0) {
      throw new TypeError("Cannot subscribe without a name");
    }
    if (options.overflow !== "pause") {
      return await this.#shared.subscribe(kind, names, options, read);
    }
    // Its reader stops the reading of a connection that nobody else needs.
    const own = this.#newSubscriber();
    const end = async () => {
      this.#subscribers.delete(own);
      await own.close();
    };
    try {
      return await own.subscribe(kind, names, options, read, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /**
   * Asks for the credentials again (the option `credentials`) and says them on
   * every connection that is open, between its commands; resolves when all are
   * accepted, rejects with an {@linkcode AuthenticationError} when one is not.
   *
   * A leased connection is closed when it is given back. Subscriptions in RESP2,
   * and those whose reader is paused, go on as they are: there a connection
   * cannot authenticate again.
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
   * Leaves the server, which is another now; subscriptions connect again.
   *
   * @internal
   */
  leave(reason: Error): void {
    this.#pool.leave(reason);
    for (const { link } of this.#subscribers) link.connection?.destroy(reason);
  }

  /**
   * Lets what was asked come to its end, at most for `timeout` milliseconds,
   * then closes every connection; commands asked from now on are rejected.
   */
  close(options: CloseOptions = {}): Promise<void> {
    // Asked again, it may have less time.
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

  /** Lets the process live while there is a connection: the default. */
  ref(): void {
    this.#ref(true);
    this.#pool.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#ref(false);
    this.#pool.unref();
  }

  /** The server's address and how the connections stand, without secrets. */
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

  /** Asks on the shared connection; with `block`, on one of its own. */
  #ask<T>(slot: Slot<T>, call: CallOptions, block?: number): Promise<T> {
    if (block !== undefined) return this.#askLeased(slot, call, block);
    this.#pool.linkFor(call).execute(limited(slot, call, this.#pool.options));
    return slot.promise;
  }

  async #askLeased<T>(
    slot: Slot<T>,
    call: CallOptions,
    block: number,
  ): Promise<T> {
    slot.check();
    const start = now();
    using lease = await this.#pool.lease(call);
    // What is popped for nobody would be lost.
    call.signal?.throwIfAborted();
    this.closing.throwIfAborted();
    // A timeout of the call's own is for the lease, too.
    const left = call.timeout && Math.max(1, call.timeout - (now() - start));
    const rest = left ? { ...call, timeout: left } : call;
    lease.blocks = true;
    const { connection } = lease;
    limited(slot, rest, this.#pool.options, block);
    // A pool that is shared goes on when the client is closed.
    slot.onEnd(onAbort(this.closing, (why) => connection.destroy(why)));
    connection.execute(slot);
    return await slot.promise;
  }
}
