/**
 * The client with every command as a method, over any engine.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import { isMany, SCAN, type ScanOptions } from "../commands/arguments.ts";
import type { KeyScanOptions } from "../commands/keys.ts";
import { addOptions, checkOptions } from "../commands/option_words.ts";
import {
  AS_BYTES,
  AS_TEXT,
  asIs,
  type Page,
  type Readings,
} from "../commands/shapes.ts";
import { cannot, misuse } from "../errors.ts";
import type { Arg, Reply } from "../resp/reply.ts";
import { acquire, type Lock, type LockOptions } from "./lock.ts";
import { callSite, placeAt, recordSite, rejectAt } from "./call_site.ts";
import { Leased } from "./leased.ts";
import { monitor, type MonitorEntry } from "./monitor.ts";
import { Library, Script, type ScriptOptions } from "./script.ts";
import type {
  CallOptions,
  CloseOptions,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";
import { iterable, pages } from "./iteration.ts";
import type {
  Item,
  Received,
  Subscription,
  SubscriptionOptions,
} from "./subscription.ts";
import {
  type Delivery,
  readGroup,
  type ReadGroupOptions,
} from "./stream_reader.ts";
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

/** Options of iterations such as {@linkcode Redis.scanIter}. */
export interface IterOptions {
  /** Ends the iteration when it aborts; the iterator throws its reason. */
  signal?: AbortSignal;
}

/**
 * A Redis client: every command as a method.
 *
 * Commands of one tick are sent in one write, so
 * `Promise.all([redis.get("a"), redis.incr("n")])` is a pipeline already.
 *
 * A command's options are its own words in lower case: `SET k v EX 60 NX` is
 * `redis.set("k", "v", { ex: 60, nx: true })`. Keys and members are given in a
 * row or as one array. A wrong call, such as one with an option that the command
 * does not have, throws a `TypeError` at once, before anything is sent.
 *
 * Each command is documented in its family, where `deno doc` finds it:
 * `deno doc --filter StringCommands.set jsr:@sorrel/redis`.
 *
 * - Keys: {@linkcode KeyCommands}, {@linkcode ObjectCommands}
 * - Strings: {@linkcode StringCommands}, {@linkcode BitmapCommands},
 *   {@linkcode HyperLogLogCommands}
 * - Hashes: {@linkcode HashCommands}, {@linkcode HashFieldCommands}
 * - Lists: {@linkcode ListCommands}
 * - Sets: {@linkcode SetCommands}
 * - Sorted sets: {@linkcode SortedSetCommands},
 *   {@linkcode SortedSetRangeCommands}, {@linkcode GeoCommands}
 * - Streams: {@linkcode StreamCommands}, {@linkcode StreamGroupCommands}
 * - Arrays and vector sets: {@linkcode ArrayCommands},
 *   {@linkcode VectorSetCommands}
 * - Publishing: {@linkcode PubSubCommands}
 * - Scripts and functions: {@linkcode ScriptCommands},
 *   {@linkcode FunctionCommands}
 * - Connections and users: {@linkcode ConnectionCommands},
 *   {@linkcode AclCommands}
 * - Servers: {@linkcode ServerCommands}, {@linkcode IntrospectionCommands},
 *   {@linkcode ReplicationCommands}, {@linkcode ClusterCommands},
 *   {@linkcode SentinelCommands}
 * - Modules: `redis.json` ({@linkcode JsonCommands}), `redis.search`
 *   ({@linkcode SearchCommands}, {@linkcode SearchDictionaryCommands},
 *   {@linkcode LegacySearchCommands}), `redis.ts`
 *   ({@linkcode TimeSeriesCommands}), `redis.bf` ({@linkcode BloomCommands}),
 *   `redis.cf` ({@linkcode CuckooCommands}), `redis.cms`
 *   ({@linkcode CountMinCommands}), `redis.tdigest`
 *   ({@linkcode TDigestCommands}), `redis.topk` ({@linkcode TopKCommands})
 * - Pipelines and transactions: {@linkcode Surface}
 *
 * ```ts
 * import { connect } from "@sorrel/redis";
 *
 * await using redis = await connect("redis://localhost:6379");
 * await redis.set("greeting", "hello");
 * console.assert(await redis.get("greeting") === "hello");
 * ```
 */
export class Redis<B extends string | Uint8Array = string> extends Surface<B>
  implements AsyncDisposable {
  /** The engine that executes the commands. */
  protected override readonly engine: PooledEngine;
  /** Called by `connect`, or with an engine of your own. */
  constructor(engine: PooledEngine, as: Readings<B>, call: CallOptions = {}) {
    super(as, call);
    if (typeof engine?.execute !== "function") {
      throw new TypeError(
        "Cannot make a client without an engine: write " +
          'await connect("redis://localhost:6379")',
      );
    }
    this.engine = engine;
  }

  /** The same client with values read as bytes. */
  get bytes(): Redis<Uint8Array> {
    return new Redis(this.engine, AS_BYTES, this.callOptions);
  }

  /**
   * The same client with other options for each call. Cheap: made per call.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
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
  with(all: WithOptions = {}): Redis<B> | Redis<string> | Redis<Uint8Array> {
    checkOptions(
      "with",
      all,
      "signal timeout retry readFrom callSites replies",
    );
    const { replies, ...options } = all;
    const call = { ...this.callOptions, ...options };
    const { timeout = 0 } = call;
    if (typeof timeout !== "number" || !(timeout >= 0)) {
      throw new RangeError(
        cannot("call", '"timeout" must be milliseconds >= 0', timeout),
      );
    }
    if (replies === "bytes") return new Redis(this.engine, AS_BYTES, call);
    if (replies === "text") return new Redis(this.engine, AS_TEXT, call);
    if (replies === undefined) return new Redis(this.engine, this.as, call);
    throw misuse("call", '"replies" must be "text" or "bytes"', replies);
  }

  /** A client whose commands go through `wrap(engine)`. */
  over(wrap: (engine: PooledEngine) => PooledEngine): Redis<B>;
  /** The same with a class of its own. */
  over<E extends PooledEngine, R>(
    wrap: (engine: PooledEngine) => E,
    Client: new (engine: E, as: Readings<B>, call: CallOptions) => R,
  ): R;
  over(
    wrap: (engine: PooledEngine) => PooledEngine,
    Client: new (
      engine: PooledEngine,
      as: Readings<B>,
      call: CallOptions,
    ) => unknown = Redis,
  ): unknown {
    return new Client(wrap(this.engine), this.as, this.callOptions);
  }

  /**
   * Takes a connection out of the pool for the caller alone, until it is
   * disposed of.
   *
   * Commands that change their connection (`SELECT`, `CLIENT SETNAME`) are
   * allowed there if they have one reply; the connection is then closed, not used
   * again.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * using own = await redis.lease();
   * await own.send(["SELECT", 1]);
   * await own.set("where", "in database 1");
   * console.assert(await redis.get("where") === null);
   * ```
   */
  async lease(): Promise<Leased<B>> {
    const { callOptions: call } = this;
    const engine = await recordSite(call, this.engine.lease(call));
    return new Leased(engine, this.as, call);
  }

  /**
   * Runs `run` on a connection that watches `keys` (WATCH), and runs it again when
   * one of the keys changed before its `commit`.
   *
   * Reads in `run` are executed at once. A connection that is lost before the
   * commit counts as a conflict too. Rejects with a {@linkcode WatchError} when
   * every attempt met a conflict.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
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
    if (typeof run !== "function") {
      throw misuse("watch", "a function stands behind the keys", run);
    }
    checkOptions("watch", options, "attempts signal");
    const list = isMany(keys) ? keys : [keys];
    const { callOptions: call } = this;
    return recordSite(
      call,
      watch(this.engine, this.as, call, list, run, options),
    );
  }

  /**
   * Subscribes to channels; resolves when the server has confirmed, so that no
   * message published from then on is missed. `for await` may go over the
   * promise itself.
   *
   * Subscriptions have their own connection, which reconnects when it is lost: the
   * next message's `missed` tells. Names may be bytes, and `bytes` returns them as
   * bytes. A subscription to `__redis__:invalidate` gets each key that `CLIENT
   * TRACKING ON REDIRECT` to its connection reports as a message, and an empty one
   * when all keys are invalid.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
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
    channels: Name | readonly Name[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> & AsyncIterable<Received<B, G>> {
    return this.#subscribe("channel", channels, options);
  }

  /**
   * Subscribes to every channel that matches a pattern, such as `news.*`.
   *
   * @see https://redis.io/docs/latest/commands/psubscribe/
   */
  psubscribe<G extends boolean = false>(
    patterns: Name | readonly Name[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> & AsyncIterable<Received<B, G>> {
    return this.#subscribe("pattern", patterns, options);
  }

  /**
   * Subscribes to shard channels, whose messages stay in their shard of a cluster.
   *
   * @see https://redis.io/docs/latest/commands/ssubscribe/
   */
  ssubscribe<G extends boolean = false>(
    channels: Name | readonly Name[],
    options: SubscriptionOptions & { gaps?: G } = {},
  ): Promise<Subscription<B, Received<B, G>>> & AsyncIterable<Received<B, G>> {
    return this.#subscribe("shard", channels, options);
  }

  /**
   * Iterates over every key, in no order.
   *
   * A key that exists all the while is returned at least once, and may be returned
   * more often; one that is added or deleted meanwhile may be missed.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.mset({ "user:1": "Ada", "user:2": "Grace", other: "x" });
   * const users = await Array.fromAsync(redis.scanIter({ match: "user:*" }));
   * console.assert(users.length === 2);
   * ```
   *
   * @see https://redis.io/docs/latest/commands/scan/
   */
  scanIter(options: KeyScanOptions & IterOptions = {}): AsyncIterable<B> {
    return this.#pages(
      "SCAN",
      options,
      (redis, cursor, scan) => redis.scan(cursor, scan),
    );
  }

  /** Iterates over every field of a hash with its value, like {@linkcode Redis.scanIter}; nothing when the key does not exist. */
  hscanIter(
    key: Arg,
    options: ScanOptions & IterOptions = {},
  ): AsyncIterable<[B, B]> {
    return this.#pages(
      "HSCAN",
      options,
      (redis, cursor, scan) => redis.hscan(key, cursor, scan),
    );
  }

  /** Iterates over every member of a set, like {@linkcode Redis.scanIter}; nothing when the key does not exist. */
  sscanIter(
    key: Arg,
    options: ScanOptions & IterOptions = {},
  ): AsyncIterable<B> {
    return this.#pages(
      "SSCAN",
      options,
      (redis, cursor, scan) => redis.sscan(key, cursor, scan),
    );
  }

  /** Iterates over every member of a sorted set with its score, like {@linkcode Redis.scanIter}; nothing when the key does not exist. */
  zscanIter(
    key: Arg,
    options: ScanOptions & IterOptions = {},
  ): AsyncIterable<[B, number]> {
    return this.#pages(
      "ZSCAN",
      options,
      (redis, cursor, scan) => redis.zscan(key, cursor, scan),
    );
  }

  /**
   * A Lua script, called by its digest (EVALSHA); its source is sent only to a
   * server that does not have it. `parse` turns the reply into your own type.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const add = redis.script<number, [key: string], [by: number]>(
   *   `return redis.call("incrby", KEYS[1], ARGV[1])`,
   *   { parse: Number },
   * );
   * console.assert(await add.run(["total"], [5]) === 5);
   * const [total] = await redis.pipeline((p) => [add.queue(p, ["total"], [2])]);
   * console.assert(total === 7);
   * ```
   */
  script<
    T = Reply,
    K extends readonly Arg[] = readonly Arg[],
    A extends readonly Arg[] = readonly Arg[],
  >(
    source: string,
    ...[options]: ScriptArguments<T>
  ): Script<T, K, A> {
    if (typeof source !== "string") {
      throw misuse("make script", "its source is a string", source);
    }
    checkOptions("script", options, "parse readOnly!");
    const { parse = asIs, readOnly = false } = options ?? {};
    const shape = { mode: this.as.raw.mode, parse };
    return new Script<T, K, A>(this, source, shape, readOnly);
  }

  /**
   * A library of functions (Redis 7.0), loaded where the server does not have it.
   *
   * @see https://redis.io/docs/latest/develop/programmability/functions-intro/
   */
  library(source: string): Library {
    return new Library(this, source);
  }

  /**
   * Reads a stream as a consumer of a group: an endless iterator that loses no
   * entry.
   *
   * It begins with the entries that are pending for this consumer since an earlier
   * run. Entries that are not acknowledged when the loop is left stay pending.
   * Reconnects by itself. Throws when the group does not exist, unless `create`
   * is the id from which to create it.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * await redis.xadd("jobs", "*", { task: "sweep" });
   * const jobs = redis.readGroup("jobs", "workers", "ann", { create: "0" });
   * for await (const { fields, ack } of jobs) {
   *   console.assert(fields.task === "sweep");
   *   await ack();
   *   break;
   * }
   * ```
   */
  readGroup(
    key: Arg,
    group: Arg,
    consumer: Arg,
    options: ReadGroupOptions = {},
  ): AsyncGenerator<Delivery<B>, void> {
    checkOptions("readGroup", options, "count block claimIdle create signal");
    return readGroup(this, key, group, consumer, options);
  }

  /**
   * Every command that the server executes from now on (MONITOR); resolves when
   * the server has confirmed. It slows the server down: for debugging only.
   *
   * The iterator throws when its connection is lost.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * const commands = await redis.monitor();
   * await redis.set("watched", 1);
   * for await (const { args } of commands) {
   *   if (args[0] === "SET" && args[1] === "watched") break;
   * }
   * ```
   *
   * @see https://redis.io/docs/latest/commands/monitor/
   */
  monitor(
    options: SubscriptionOptions = {},
  ): Promise<AsyncGenerator<MonitorEntry, void>> & AsyncIterable<MonitorEntry> {
    checkOptions("monitor", options, SUBSCRIBE);
    const all = { ...this.#limits, ...options };
    return iterable(recordSite(this.callOptions, monitor(this.engine, all)));
  }

  /**
   * Acquires a lock: waits while another client holds it.
   *
   * Rejects with a {@linkcode LockError} after `wait` milliseconds. See
   * {@linkcode Lock} for what a lock cannot promise.
   *
   * ```ts
   * import { connect } from "@sorrel/redis";
   *
   * await using redis = await connect("redis://localhost:6379");
   * {
   *   await using lock = await redis.lock("report", { ttl: 10_000, wait: 1_000 });
   *   console.assert(await lock.owned());
   * }
   * console.assert(await redis.exists("report") === 0);
   * ```
   */
  lock(name: string, options: LockOptions): Promise<Lock> {
    if (typeof options?.ttl !== "number") {
      throw misuse(
        "acquire lock",
        "it needs the milliseconds that it is held, such as { ttl: 10_000 }",
        options,
      );
    }
    checkOptions("lock", options, "ttl wait retryDelay renew signal");
    const redis = this.with({ replies: "text" });
    return recordSite(this.callOptions, acquire(redis, name, options));
  }

  /**
   * Calls the option `credentials` again and authenticates every open connection
   * with the result, between its commands; resolves when all are accepted, rejects
   * with an {@linkcode AuthenticationError} when one is not.
   *
   * A leased connection is closed when it is returned. Subscriptions in RESP2 are
   * left as they are: their connections cannot authenticate again.
   */
  authenticate(): Promise<void> {
    return recordSite(this.callOptions, this.engine.authenticate());
  }

  /**
   * Waits for the replies of pending commands, at most `timeout` milliseconds,
   * then closes every connection. Further commands are rejected.
   */
  close(options: CloseOptions = {}): Promise<void> {
    checkOptions("close", options, "timeout");
    return this.engine.close(options);
  }

  /** Closes the client: called by `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Keeps the process alive while there is a connection: the default. */
  ref(): void {
    this.engine.ref();
  }

  /** Lets the process exit although there is a connection. */
  unref(): void {
    this.engine.unref();
  }

  /** Shows the address and the state, without secrets. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Redis { ${this.engine.summary} }`;
  }

  /** The items of all pages of a SCAN, one by one. */
  #pages<T, O extends object>(
    command: string,
    options: O & IterOptions,
    next: (
      redis: Redis<B>,
      cursor: string,
      scan: Omit<O, "signal">,
    ) => Promise<Page<T>>,
  ): AsyncGenerator<T> {
    // A call that is wrong throws here, not at the first element.
    addOptions([command], options, `${SCAN} type`, "signal");
    const { signal, ...scan } = options;
    const redis = signal === undefined ? this : this.with({ signal });
    return pages(signal, (cursor) => next(redis, cursor, scan));
  }

  /** The options of each call that apply to subscriptions too. */
  get #limits(): Pick<CallOptions, "signal" | "timeout"> {
    const { retry: _, callSites: __, ...limits } = this.callOptions;
    return limits;
  }

  #subscribe<T extends Item<B>>(
    kind: SubscriptionKind,
    names: Name | readonly Name[],
    options: SubscriptionOptions,
  ): Promise<Subscription<B, T>> & AsyncIterable<T> {
    checkOptions("subscribe", options, SUBSCRIBE);
    const list = isMany(names) ? names : [names];
    for (const name of list) {
      if (typeof name === "string" || name instanceof Uint8Array) continue;
      throw misuse("subscribe", "names must be strings or bytes", name);
    }
    const all = { ...this.#limits, ...options };
    const made = this.engine.subscribe<B, T>(kind, list, all, this.as.payloads);
    if (!this.callOptions.callSites) return iterable(made);
    const site = callSite();
    const marked = made.then((subscription) => {
      subscription.place = (error) => placeAt(error, site);
      return subscription;
    });
    return iterable(rejectAt(site, marked));
  }
}

/** The arguments of `script` behind the text: options may be left out only where the reply is not parsed. */
export type ScriptArguments<T> = Reply extends T ? [options?: ScriptOptions<T>]
  : [options: ScriptOptions<T> & { parse: (reply: Reply) => T }];

const SUBSCRIBE = "gaps! highWaterMark highWaterBytes overflow timeout signal";
