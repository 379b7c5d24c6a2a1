/**
 * The big door: every command over any engine, and what needs connections of its own.
 *
 * @module
 */

import { AS_BYTES, AS_TEXT, type Readings } from "../commands/shapes.ts";
import type { Arg } from "../resp/reply.ts";
import type {
  CallOptions,
  CloseOptions,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";
import type {
  Item,
  Received,
  Subscription,
  SubscriptionOptions,
} from "./subscription.ts";
import { Surface } from "./surface.ts";
import { watch, type Watched, type WatchOptions } from "./watch.ts";

/** The options of each call made through the surface that `with` returns. */
export interface WithOptions extends CallOptions {
  /**
   * How values are read; `"bytes"` is what `redis.bytes` does.
   *
   * @default {"text"}
   */
  replies?: "text" | "bytes";
}

/**
 * A Redis client: every command as a method.
 *
 * Commands asked in one tick leave in one write, so
 * `Promise.all([redis.get("a"), redis.incr("n")])` is a pipeline already.
 *
 * ```ts
 * import { connect } from "@respite/respite";
 *
 * await using redis = await connect("redis://localhost:6379");
 * await redis.set("greeting", "hello");
 * console.assert(await redis.get("greeting") === "hello");
 * ```
 */
export class Redis<B extends string | Uint8Array = string> extends Surface<B>
  implements AsyncDisposable {
  /** What executes the commands. */
  protected override readonly engine: PooledEngine;
  /** Made by `connect`; or over an engine of one's own. */
  constructor(engine: PooledEngine, as: Readings<B>, call: CallOptions = {}) {
    super(as, call);
    this.engine = engine;
  }

  /** The same client with values read as bytes. */
  get bytes(): Redis<Uint8Array> {
    return new Redis(this.engine, AS_BYTES, this.call);
  }

  /**
   * The same client with other options for each call. Cheap: made per call.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const value = await redis.with({ timeout: 200 }).get("slow");
   * console.assert(value === null);
   * ```
   */
  with(options: WithOptions & { replies: "bytes" }): Redis<Uint8Array>;
  /** The same client with other options for each call, values read as text. */
  with(options: WithOptions & { replies: "text" }): Redis<string>;
  /** The same client with other options for each call. */
  with(options: CallOptions): Redis<B>;
  with(
    { replies, ...options }: WithOptions,
  ): Redis<B> | Redis<string> | Redis<Uint8Array> {
    const call = { ...this.call, ...options };
    if (replies === "bytes") return new Redis(this.engine, AS_BYTES, call);
    if (replies === "text") return new Redis(this.engine, AS_TEXT, call);
    return new Redis(this.engine, this.as, call);
  }

  /**
   * Gives one connection to the caller alone, until it is disposed of.
   *
   * Commands that change their connection are allowed there, as long as they
   * answer once; the connection is then closed, not used again.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * using own = await redis.lease();
   * await own.send(["SELECT", 1]);
   * await own.set("where", "in database 1");
   * console.assert(await redis.get("where") === null);
   * ```
   */
  async lease(): Promise<Leased<B>> {
    return new Leased(await this.engine.lease(this.call), this.as, this.call);
  }

  /**
   * Runs `run` on a connection that watches `keys`, again when one of them
   * changed before its `commit`.
   *
   * Reads in `run` are executed at once. A connection that is lost before the
   * commit is a conflict too. Rejects with a {@linkcode WatchError} when every
   * attempt met a conflict.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const [balance] = await redis.watch("balance", async (tx) => {
   *   const before = Number(await tx.get("balance") ?? 0);
   *   return await tx.commit((m) => [m.set("balance", before + 10)]);
   * });
   * console.assert(balance === "OK");
   * ```
   */
  watch<T>(
    keys: Arg | readonly Arg[],
    run: (watched: Watched<B>) => Promise<T>,
    options: WatchOptions = {},
  ): Promise<T> {
    const list = isList(keys) ? keys : [keys];
    return watch(this.engine, this.as, this.call, list, run, options);
  }

  /**
   * Listens to channels; resolves when the server has confirmed, so that no
   * message published from then on is missed.
   *
   * Subscriptions live on a connection of their own, which is made again when
   * it is lost: the next message's `missed` tells.
   *
   * ```ts
   * import { connect } from "@respite/respite";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await using news = await redis.subscribe("news");
   * await redis.publish("news", "hello");
   * for await (const { channel, message } of news) {
   *   console.assert(channel === "news" && message === "hello");
   *   break;
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/develop/pubsub/
   */
  subscribe<G extends boolean = false>(
    channels: string | readonly string[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> {
    return this.#subscribe("channel", channels, options);
  }

  /**
   * Listens to every channel that matches a pattern, such as `news.*`.
   *
   * @see https://redis.io/docs/latest/commands/psubscribe/
   */
  psubscribe<G extends boolean = false>(
    patterns: string | readonly string[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> {
    return this.#subscribe("pattern", patterns, options);
  }

  /**
   * Listens to shard channels, whose messages stay in their shard of a cluster.
   *
   * @see https://redis.io/docs/latest/commands/ssubscribe/
   */
  ssubscribe<G extends boolean = false>(
    channels: string | readonly string[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> {
    return this.#subscribe("shard", channels, options);
  }

  /**
   * Lets what was asked come to its end, at most for `timeout` milliseconds,
   * then closes every connection. Commands asked from now on are rejected.
   */
  close(options: CloseOptions = {}): Promise<void> {
    return this.engine.close(options);
  }

  /** Closes the client: what `await using` calls. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Lets the process live while there is a connection: the default. */
  ref(): void {
    this.engine.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    this.engine.unref();
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Redis { ${this.engine.summary} }`;
  }

  #subscribe<T extends Item<B>>(
    kind: SubscriptionKind,
    names: string | readonly string[],
    options: SubscriptionOptions,
  ): Promise<Subscription<B, T>> {
    const list = typeof names === "string" ? [names] : names;
    const { signal } = this.call;
    return this.engine.subscribe(
      kind,
      list,
      signal === undefined ? options : { signal, ...options },
      this.as.payload,
    );
  }
}

/** Every command, on one connection that is the caller's alone. */
export class Leased<B extends string | Uint8Array = string> extends Surface<B>
  implements Disposable {
  /** What executes the commands, on one connection. */
  protected override readonly engine: LeasedEngine;

  /** Made by `lease`. */
  constructor(engine: LeasedEngine, as: Readings<B>, call: CallOptions) {
    super(as, call);
    this.engine = engine;
  }

  /** The same connection with values read as bytes. */
  get bytes(): Leased<Uint8Array> {
    return new Leased(this.engine, AS_BYTES, this.call);
  }

  /** Gives the connection back: what `using` calls. */
  [Symbol.dispose](): void {
    this.engine[Symbol.dispose]();
  }
}

function isList(keys: Arg | readonly Arg[]): keys is readonly Arg[] {
  return Array.isArray(keys);
}
