/**
 * The small door: one server, raw commands, a pool, pub/sub; no command
 * families, and no platform: `dial` says how the server is reached.
 *
 * ```ts
 * import { Client } from "@respite/respite/client";
 * import { dial } from "@respite/respite";
 *
 * await using client = new Client({ hostname: "localhost", port: 6379, dial });
 * await client.send(["SET", "greeting", "hello"]);
 * console.assert(await client.send(["GET", "greeting"]) === "hello");
 * ```
 *
 * @module
 */

import { now } from "../connection/clock.ts";
import {
  BatchSlot,
  type Command,
  CommandSlot,
  type Slot,
  TransactionSlot,
} from "../connection/command.ts";
import {
  blocksFor,
  changesConnection,
  traitsOf,
} from "../connection/traits.ts";
import { ClosedError, ConnectionError, RedisError } from "../errors.ts";
import {
  type Arg,
  BYTES,
  type Reply,
  type Shape,
  TEXT,
} from "../resp/reply.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";
import type { ClientOptions, ResolvedOptions } from "./options.ts";
import { type Lease, Pool } from "./pool.ts";
import { Subscriber } from "./subscriber.ts";
import {
  type Item,
  Subscription,
  type SubscriptionOptions,
} from "./subscription.ts";
import { decodeText, encodeText } from "../resp/bytes.ts";

export { fromStreams } from "../net/streams.ts";
export type { BytePair, FromStreamsOptions } from "../net/streams.ts";
export type { Address, Dial, TlsOptions, Transport } from "../net/transport.ts";
export type { Backoff } from "../connection/backoff.ts";
export type { Command } from "../connection/command.ts";
export type { Arg, Mode, Push, Reply, Shape } from "../resp/reply.ts";
export {
  AuthenticationError,
  BatchError,
  ClosedError,
  ConnectionError,
  type ConnectionErrorOptions,
  ProtocolError,
  QueueFullError,
  RedisError,
  ReplyError,
  SlowReaderError,
  TimeoutError,
  UnexpectedReplyError,
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
export { fromUrl } from "./options.ts";
export type { ClientOptions } from "./options.ts";
export type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  Engine,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";

const RAW: Shape<Reply> = { mode: TEXT, turn: (reply) => reply };
const RAW_BYTES: Shape<Reply> = { mode: BYTES, turn: (reply) => reply };

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
  readonly #subscriber: Subscriber;
  /** Those of subscriptions that have a connection each: policy `"pause"`. */
  readonly #own = new Set<Subscriber>();
  readonly #monitors = new Set<Subscription<string>>();
  #closed: Promise<void> | undefined;

  /**
   * Makes a client that connects when first used.
   *
   * With a `pool`, it shares that pool's connections, and leaves it open when
   * it is closed itself.
   */
  constructor(options: ClientOptions | { pool: Pool }) {
    this.#ownsPool = !("pool" in options);
    this.#pool = "pool" in options ? options.pool : new Pool(options);
    this.#subscriber = new Subscriber(this.#pool.options);
  }

  /** Connects now; rejects when that fails. */
  async connect(): Promise<void> {
    await Promise.all(this.#pool.links.map((link) => link.connect()));
  }

  /**
   * Sends one command as it is and resolves to what the server says.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * console.assert(await redis.send(["ECHO", "hello"]) === "hello");
   * ```
   */
  send(args: readonly Arg[], options: SendOptions = {}): Promise<Reply> {
    const shape = options.replies === "bytes" ? RAW_BYTES : RAW;
    return this.execute({ args, shape }, options);
  }

  /** Executes one command; one that blocks gets a connection of its own. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const traits = traitsOf(command.args);
    const doubtful = this.#closed !== undefined ||
      traits.state !== undefined || call.signal?.aborted;
    if (doubtful) {
      try {
        this.#mayUse([command], call);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const slot = new CommandSlot(command, call.retry);
    const block = traits.blocks?.(command.args);
    if (block !== undefined) return this.#executeLeased(slot, call, block);
    prepare(slot, call, this.#options);
    this.#pool.link.execute(slot);
    return slot.promise;
  }

  /** Executes commands together; with one that blocks, on a connection of their own. */
  async executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    this.#mayUse(commands, call);
    const slot = batchSlot(commands, batch, call);
    const block = batch.atomic ? 0 : longestBlock(commands);
    if (block > 0) return await this.#executeLeased(slot, call, block);
    prepare(slot, call, this.#options);
    this.#pool.link.execute(slot);
    return await slot.promise;
  }

  /** Gives one connection to the caller alone, until it is disposed of. */
  async lease(call: CallOptions = {}): Promise<LeasedEngine> {
    if (this.#closed) throw new ClosedError("The client is closed");
    return new LeasedClient(await this.#pool.lease(call), this.#options);
  }

  /** Listens to names; resolves when the server has confirmed every one. */
  async subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly string[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    if (this.#closed) throw new ClosedError("The client is closed");
    if (names.length === 0) {
      throw new TypeError("Cannot subscribe without a name");
    }
    if (options.overflow !== "pause") {
      return await this.#subscriber.subscribe(kind, names, options, read);
    }
    // Its reader stops the reading of a connection that nobody else needs.
    const own = new Subscriber(this.#options);
    this.#own.add(own);
    const end = async () => {
      this.#own.delete(own);
      await own.close();
    };
    try {
      return await own.subscribe(kind, names, options, read, end);
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Every command that the server executes, as lines, on a connection of its own. */
  async monitor(options: SubscriptionOptions): Promise<Subscription<string>> {
    if (this.#closed) throw new ClosedError("The client is closed");
    const { signal } = options;
    const lease = await this.#pool.lease(
      signal === undefined ? {} : { signal },
    );
    const { connection } = lease;
    // It says lines for good, which nobody else could use.
    lease.dirty = true;
    const lines: Subscription<string> = new Subscription(options, decodeText, {
      leave: () => {
        this.#monitors.delete(lines);
        return Promise.resolve(lease[Symbol.dispose]());
      },
      pause: (until) => connection.pause(until),
    });
    this.#monitors.add(lines);
    connection.onUnasked = (line) =>
      lines.deliver("", encodeText(String(line)));
    connection.closed.then(({ reason }) => lines.end(reason));
    const slot = stateSlot(["MONITOR"]);
    prepare(slot, {}, this.#options);
    connection.execute(slot);
    try {
      await slot.promise;
    } catch (error) {
      lines.end();
      throw error;
    }
    return lines;
  }

  /**
   * Lets what was asked come to its end, at most for `timeout` milliseconds,
   * then closes every connection; commands asked from now on are rejected.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#close(options);
    return this.#closed;
  }

  /** Closes the client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Lets the process live while there is a connection: the default. */
  ref(): void {
    this.#pool.ref();
    for (const subscriber of [this.#subscriber, ...this.#own]) subscriber.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.#pool.unref();
    for (const subscriber of [this.#subscriber, ...this.#own]) {
      subscriber.unref();
    }
  }

  /** The server's address and how the connections stand, without secrets. */
  get summary(): string {
    return this.#closed ? "closed" : this.#pool.summary;
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Client { ${this.summary} }`;
  }

  get #options(): ResolvedOptions {
    return this.#pool.options;
  }

  async #close(options: CloseOptions): Promise<void> {
    // A pool that is shared would keep them open.
    for (const lines of this.#monitors) lines.end();
    await Promise.all([
      this.#subscriber.close(),
      ...[...this.#own].map((own) => own.close()),
      this.#ownsPool ? this.#pool.close(options) : undefined,
    ]);
  }

  #mayUse(commands: readonly Command[], { signal }: CallOptions): void {
    if (this.#closed) throw new ClosedError("The client is closed");
    signal?.throwIfAborted();
    for (const { args } of commands) changesConnection(args, false);
  }

  async #executeLeased<T>(
    slot: Slot<T>,
    call: CallOptions,
    block: number,
  ): Promise<T> {
    slot.check();
    using lease = await this.#pool.lease(call);
    prepare(slot, call, this.#options, block);
    lease.connection.execute(slot);
    return await slot.promise;
  }
}

/** An engine on one leased connection. */
class LeasedClient implements LeasedEngine {
  readonly #lease: Lease;
  readonly #options: ResolvedOptions;
  #released = false;
  /** Whether keys are watched: a transaction, or UNWATCH, ends it. */
  #watching = false;

  constructor(lease: Lease, options: ResolvedOptions) {
    this.#lease = lease;
    this.#options = options;
  }

  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#ask(
      [command],
      call,
      () => new CommandSlot(command, call.retry),
      blocksFor(command.args),
    );
  }

  async executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    if (commands.length === 0) return [];
    const block = batch.atomic ? 0 : longestBlock(commands);
    const make = () => batchSlot(commands, batch, call);
    let answered = batch.atomic;
    try {
      return await this.#ask(commands, call, make, block);
    } catch (error) {
      answered &&= error instanceof RedisError &&
        !(error instanceof ConnectionError);
      throw error;
    } finally {
      // EXEC ends what WATCH began, whatever it answers.
      if (answered) this.#watching = false;
    }
  }

  async watch(keys: readonly Arg[], call: CallOptions): Promise<void> {
    this.#watching = true;
    await this.#ask([], call, () => stateSlot(["WATCH", ...keys]));
  }

  async unwatch(): Promise<void> {
    if (!this.#watching || !this.#lease.connection.alive) return;
    await this.#ask([], {}, () => stateSlot(["UNWATCH"]));
    this.#watching = false;
  }

  [Symbol.dispose](): void {
    this.#released = true;
    if (this.#watching) this.#lease.dirty = true;
    this.#lease[Symbol.dispose]();
  }

  // deno-lint-ignore require-await -- so that what throws here rejects
  async #ask<T>(
    commands: readonly Command[],
    call: CallOptions,
    make: () => Slot<T>,
    block = 0,
  ): Promise<T> {
    if (this.#released) throw new ClosedError("The lease was given back");
    call.signal?.throwIfAborted();
    for (const { args } of commands) {
      // What was changed cannot be undone for sure: it is not used again.
      if (changesConnection(args, true)) this.#lease.dirty = true;
    }
    const { connection } = this.#lease;
    if (!connection.alive) {
      throw new ConnectionError("The connection of the lease was lost");
    }
    const slot = make();
    prepare(slot, call, this.#options, block);
    connection.execute(slot);
    return slot.promise;
  }
}

/** WATCH or UNWATCH: where its connection is lost, nothing was executed. */
function stateSlot(args: readonly Arg[]): Slot<Reply> {
  return new CommandSlot({ args, shape: RAW });
}

function batchSlot(
  commands: readonly Command[],
  { atomic }: BatchOptions,
  { retry }: CallOptions,
): Slot<unknown[]> {
  return atomic
    ? new TransactionSlot(commands, retry)
    : new BatchSlot(commands, retry);
}

function longestBlock(commands: readonly Command[]): number {
  let longest = 0;
  for (const { args } of commands) longest += blocksFor(args) ?? 0;
  return longest;
}

/** Gives a slot its deadline, its retries and its signal. */
function prepare<T>(
  slot: Slot<T>,
  { signal, timeout }: CallOptions,
  { commandTimeout, retries }: ResolvedOptions,
  block = 0,
): void {
  const patience = timeout === undefined
    ? commandTimeout + block
    : timeout || Infinity;
  slot.deadline = now() + patience;
  slot.retries = retries;
  if (signal === undefined) return;
  const abort = () => slot.fail(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  slot.onSettled = () => signal.removeEventListener("abort", abort);
}
