/**
 * The engine of a cache: answers reads from memory, and passes everything else on.
 *
 * ```text
 * cacheable.ts     which commands, under which keys
 *   engine.ts        hit, miss, write
 *     store.ts         entries and flights by key, least recently used first
 *     flight.ts        one request for all who ask for the same
 *     writes.ts        the client's own writes that have not settled
 *     tracked_slot.ts  the request, on a connection for such requests only
 *     tracker.ts       CLIENT TRACKING on that connection; invalidations
 *       redirect.ts      the same for RESP2, through a subscription
 * ```
 *
 * @module
 */

import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  LeasedEngine,
  PooledEngine,
} from "../client/engine.ts";
import { EngineWrapper } from "../client/engine_wrapper.ts";
import { onAbort } from "../connection/alarm.ts";
import type { Command } from "../connection/command.ts";
import { keysOf } from "../connection/key_positions.ts";
import { traitsOf } from "../connection/traits.ts";
import { isRetryableLater } from "../connection/error_codes.ts";
import { tell } from "../connection/events.ts";
import { ConnectionError, ReplyError } from "../errors.ts";
import type { Arg, Mode, Reply, Shape } from "../resp/reply.ts";
import {
  allChangesOf,
  type Cacheable,
  cacheableOf,
  type Changes,
  changesOf,
  type Place,
  placeOf,
  textOf,
} from "./cacheable.ts";
import { copyOf } from "./copy.ts";
import { Flight, isAlike, withoutSignal } from "./flight.ts";
import { CachedLease } from "./lease.ts";
import type {
  CachedCallOptions,
  CacheEvent,
  ResolvedCacheOptions,
} from "./options.ts";
import type { Source } from "./source.ts";
import type { CacheStats } from "./stats.ts";
import { Entry, type Held, Store } from "./store.ts";
import type { Answered } from "./tracked_slot.ts";
import { Tracker } from "./tracker.ts";
import { Writes } from "./writes.ts";
import { Yielding } from "./yielding.ts";

const asIs = (reply: Reply) => reply;
/** Shapes that leave a reply as it was read, by mode. */
const RAW_SHAPES: readonly Shape<Reply>[] = Array.from(
  { length: 9 },
  (_, mode) => ({ mode: mode as Mode, parse: asIs }),
);

/** Answers reads from memory over another engine. */
export class CachedEngine extends EngineWrapper {
  readonly #options: ResolvedCacheOptions;
  readonly #store: Store;
  /** Hears of changes; `undefined` where only `ttl` limits the age of a reply. */
  readonly #tracker: Tracker | undefined;
  readonly #observing: Disposable | undefined;
  readonly #writes = new Writes();
  readonly #yielding = new Yielding();
  readonly #counts = {
    hits: 0,
    misses: 0,
    joined: 0,
    invalidations: 0,
    evictions: 0,
  };
  /** Lost connections whose replies are still answered from memory. */
  readonly #stale = new Set<Source>();
  /** No request that began before this time is joined: its reply may be older than `sync()` promises. */
  #syncedAt = 0;
  #ended = false;
  #ending: Promise<void> | undefined;

  /** Begins to track at once. */
  constructor(engine: PooledEngine, options: ResolvedCacheOptions) {
    super(engine);
    this.#options = options;
    this.#store = new Store(options);
    this.#store.onEvicted = ({ keys }) => {
      this.#counts.evictions++;
      this.#tell({ kind: "evicted", keys });
    };
    if (options.tracking) {
      this.#tracker = new Tracker({
        keyPrefix: engine.keyPrefix ?? "",
        prefixes: options.prefixes,
        pttl: options.pttl,
      }, {
        invalidated: (keys, source) => this.#invalidate(keys, source),
        lost: (source, reason) => this.#lose(source, reason),
        started: () => {
          this.#dropStale();
          this.#tell({ kind: "connected" });
        },
        refused: () => this.#dropStale(),
        changed: () => this.#store.clear(),
      });
      this.#observing = engine.observe?.(this.#tracker);
      if (this.#observing === undefined) {
        throw new TypeError(
          'Cannot make cache as the client\'s engine does not tell of its connections: use "tracking: false" with a "ttl"',
        );
      }
    }
    onAbort(engine.closing, () => this.end());
  }

  /** What it has done so far, and what it holds. */
  get stats(): CacheStats {
    const { entries, bytes } = this.#store;
    return { ...this.#counts, entries, bytes };
  }

  /** Drops all replies, and keeps those out that are under way. */
  clear(): void {
    this.#store.clear();
  }

  /** Waits until every earlier change was heard of: messages come in order. Resolves to whether that is certain. */
  async sync(): Promise<boolean> {
    const time = performance.now();
    const isCertain = await this.#tracker?.sync() ?? false;
    if (isCertain) this.#syncedAt = Math.max(this.#syncedAt, time);
    return isCertain;
  }

  /** Ends the cache: from now on every command is passed on. */
  end(): Promise<void> {
    return this.#ending ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#observing?.[Symbol.dispose]();
    this.#store.clear();
    this.#yielding.end();
    await this.#tracker?.end();
  }

  // -- Commands --

  /** Executes one command: from memory, if it can. */
  override execute<T>(
    command: Command<T>,
    call: CachedCallOptions,
  ): Promise<T> {
    const { args, shape } = command;
    const facts = cacheableOf(args);
    if (
      facts === undefined || this.#ended || call.maxAge === 0 ||
      call.readFrom !== undefined && call.readFrom !== "master"
    ) return this.#pass(command, call);
    if (facts.name === "MGET") return this.#getMany(command, facts, call);
    const [, key] = args;
    // The short way of commands with nothing but a key. What begins with half a
    // surrogate pair may stand for bytes that are no text.
    const isShort = args.length === 2 && typeof key === "string" &&
      key.charCodeAt(0) !== 0xd800;
    let held = isShort
      ? this.#store.find(key, facts.signatures[shape.mode]!)
      : undefined;
    if (held instanceof Entry && this.#isValid(held, call)) {
      return this.#answer(held, shape, call);
    }
    const place = placeOf(facts, args, shape.mode);
    if (place === undefined || !place.keys.every((key) => this.#mayKeep(key))) {
      return this.#pass(command, call);
    }
    if (!isShort || place.keys[0] !== key) {
      held = this.#store.find(place.keys[0]!, place.signature);
      if (held instanceof Entry && this.#isValid(held, call)) {
        return this.#answer(held, shape, call);
      }
    }
    return this.#request(command, place, call, held);
  }

  /** Executes commands together; what they change is dropped before and after. */
  override executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    const isShared = batch.atomic ||
      commands.every(({ args }) => traitsOf(args).blocks?.(args) === undefined);
    return this.#around(
      allChangesOf(commands),
      () => this.engine.executeAll(commands, batch, call),
      isShared,
    );
  }

  /** Lends a connection: reads are sent, and what is changed there is dropped here. */
  override async lease(
    call: CallOptions,
    key?: Arg,
  ): Promise<LeasedEngine> {
    const lease = await this.engine.lease(call, key);
    return new CachedLease(
      lease,
      (changes, run) => this.#around(changes, run, false),
    );
  }

  /** Keeps the process alive while there is a connection. */
  override ref(): void {
    super.ref();
    this.#tracker?.ref(true);
  }

  /** Lets the process exit although there is a connection. */
  override unref(): void {
    super.unref();
    this.#tracker?.ref(false);
  }

  #pass<T>(command: Command<T>, call: CallOptions): Promise<T> {
    const { args } = command;
    // One that blocks has a connection of its own, and may take hours.
    const isShared = traitsOf(args).blocks?.(args) === undefined;
    const run = () => this.engine.execute(command, call);
    return this.#around(changesOf(args), run, isShared);
  }

  /**
   * Drops what commands change, before they are sent and once they have settled:
   * between, another connection may read what was there before. Reads that are
   * called meanwhile follow them on the connections that are shared.
   */
  #around<T>(
    changes: Changes,
    run: () => Promise<T>,
    isShared: boolean,
  ): Promise<T> {
    return changes.kind === "nothing" || this.#ended
      ? run()
      : this.#write(changes, run, isShared);
  }

  async #write<T>(
    changes: Changes,
    run: () => Promise<T>,
    isShared: boolean,
  ): Promise<T> {
    if (isShared) this.#writes.begin(changes);
    this.#drop(changes);
    try {
      return await run();
    } finally {
      if (isShared) this.#writes.end(changes);
      this.#drop(changes);
    }
  }

  // -- Hits --

  /** Whether it may be given to this call; otherwise the call's request takes its place. */
  #isValid(
    { since, until }: Entry,
    { maxAge }: CachedCallOptions,
  ): boolean {
    if (until === undefined && maxAge === undefined) return true;
    const time = performance.now();
    return time < (until ?? Infinity) && time - since <= (maxAge ?? Infinity);
  }

  #use(entry: Entry, { onHit }: CachedCallOptions): void {
    this.#store.use(entry);
    onHit?.(performance.now() - entry.since);
  }

  #answer<T>(
    entry: Entry,
    shape: Shape<T>,
    call: CachedCallOptions,
  ): Promise<T> {
    this.#counts.hits++;
    this.#use(entry, call);
    return this.#deliver(entry.reply, shape, call);
  }

  /** Hands out a reply from memory; sometimes behind a turn of the event loop, without which no change would be heard of. */
  #deliver<T>(
    reply: Reply,
    shape: Shape<T>,
    { signal }: CallOptions,
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const turn = this.#yielding.turn();
    try {
      const value = parse(shape, reply);
      return turn === undefined
        ? Promise.resolve(value)
        : turn.then(() => value);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // -- Misses --

  #request<T>(
    command: Command<T>,
    place: Place,
    call: CallOptions,
    held: Held | undefined,
  ): Promise<T> {
    const joined = this.#joinable(held, call);
    if (joined !== undefined) this.#counts.joined++;
    const flight = joined ?? this.#start(command, place, call, held);
    const { shape } = command;
    const reply = flight.reply.then((reply) => {
      if (joined === undefined) this.#settle(flight, reply);
      if (flight.refusal) throw flight.refusal;
      return parse(shape, reply);
    }, (error) => {
      if (joined === undefined) this.#store.end(flight);
      return this.#askAgain(error, command, call, joined !== undefined);
    });
    return this.#waitFor(reply, call);
  }

  /** The request that is under way, where a call may wait for it. */
  #joinable(held: Held | undefined, call: CallOptions): Flight | undefined {
    return held instanceof Flight && this.#store.isUnderWay(held) &&
        held.since >= this.#syncedAt && isAlike(held.call, call)
      ? held
      : undefined;
  }

  /** Begins a request, in the place of what was held. */
  #start<T>(
    command: Command<T>,
    place: Place,
    call: CallOptions,
    held: Held | undefined,
  ): Flight {
    this.#counts.misses++;
    const flight = new Flight(place, call, this.#options.ttl);
    this.#store.begin(flight, held);
    const { args } = command;
    flight.reply = this.#send(
      command,
      place.keys,
      call,
      (source, sent, reply, until) => {
        const keys = sent === args ? place.keys : this.#keysHere(sent);
        flight.answered(source, keys, until);
        // Several nodes of a cluster answer in parts, which become one reply later.
        if (place.keys.every((key) => keys.includes(key))) {
          this.#settle(flight, reply);
        }
      },
    );
    return flight;
  }

  /** Keeps a reply whose changes will be told; does nothing where that was decided before. */
  #settle(flight: Flight, reply: Reply, signature?: string): void {
    if (this.#tracker === undefined || flight.isTracked) {
      this.#store.keep(flight, reply, signature);
    } else this.#store.end(flight);
  }

  /** Sends a read that many may wait for: with no caller's signal, and no caller's memory. */
  #send<T>(
    { args, shape }: Command<T>,
    keys: readonly string[],
    call: CallOptions,
    answered: Answered,
  ): Promise<Reply> {
    const words = args.some((arg) => arg instanceof Uint8Array)
      ? args.map((arg) => arg instanceof Uint8Array ? arg.slice() : arg)
      : args;
    const raw = RAW_SHAPES[shape.mode]!;
    const tracker = this.#tracker;
    // Behind a write it goes where that went, and is not kept.
    const isTracked = tracker !== undefined && !this.#writes.mayChange(keys);
    return this.engine.execute(
      isTracked
        ? { args: words, shape: raw, slot: tracker.slotFor(answered) }
        : { args: words, shape: raw },
      withoutSignal(call),
    );
  }

  /** Sends a read again as any other, where that may help. */
  #askAgain<T>(
    error: unknown,
    command: Command<T>,
    call: CallOptions,
    joined: boolean,
  ): Promise<T> {
    // The client waits until the server is ready, but not with PTTL behind a read.
    const refused = this.#options.pttl && error instanceof ReplyError &&
      isRetryableLater(error);
    // Another caller's request was lost: this one's deadline may be later.
    const lost = joined && error instanceof ConnectionError;
    if (!refused && !lost || this.#ended) throw error;
    return this.engine.execute(command, call);
  }

  /** The keys of a request as callers name them. */
  #keysHere(args: readonly Arg[]): string[] {
    return keysOf(args).map((i) => this.#tracker!.keyHere(textOf(args[i])!)!);
  }

  /** Waits until the caller's signal aborts: the request goes on for others. */
  #waitFor<T>(reply: Promise<T>, { signal }: CallOptions): Promise<T> {
    if (signal === undefined) return reply;
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, reject);
      reply.then(resolve, reject).finally(release);
    });
  }

  // -- MGET --

  /** Asks for the keys that are not in memory, all together. */
  #getMany<T>(
    command: Command<T>,
    { signatures }: Cacheable,
    call: CachedCallOptions,
  ): Promise<T> {
    const { args, shape } = command;
    const keys = args.slice(1).map(textOf);
    if (keys.length === 0 || !keys.every((key) => this.#mayKeep(key))) {
      return this.#pass(command, call);
    }
    const own = signatures[shape.mode]!;
    const get = cacheableOf(["GET"])!.signatures[shape.mode]!;
    const found = new Map<string, Reply | Promise<Reply>>();
    const missing = new Map<string, Arg>();
    for (const [i, key] of (keys as string[]).entries()) {
      const held = this.#heldOf(key, get, call) ??
        this.#heldOf(key, own, call);
      if (held instanceof Entry) this.#use(held, call);
      if (held instanceof Entry || this.#joinable(held, call)) {
        found.set(key, held!.reply);
      } else missing.set(key, args[i + 1]!);
    }
    const waits = [...found.values()].some((part) => part instanceof Promise);
    if (missing.size === 0 && !waits) {
      this.#counts.hits++;
      const all = (keys as string[]).map((key) => found.get(key) as Reply);
      return this.#deliver(all, shape, call);
    }
    if (missing.size === 0) this.#counts.joined++;
    else {
      const flights = this.#requestMany(missing, own, get, shape.mode, call);
      for (const flight of flights) found.set(flight.keys[0]!, flight.reply);
    }
    const reply = Promise.all((keys as string[]).map((key) => found.get(key)!))
      .then(
        (all) => parse(shape, all),
        (error) => this.#askAgain(error, command, call, waits),
      );
    return this.#waitFor(reply, call);
  }

  /** A valid entry, or a request that is under way. */
  #heldOf(
    key: string,
    signature: string,
    call: CachedCallOptions,
  ): Held | undefined {
    const held = this.#store.find(key, signature);
    if (held instanceof Entry) {
      return this.#isValid(held, call) ? held : undefined;
    }
    // A GET of what is no string is an error, an MGET of it is not.
    return signature.startsWith("GET") ? undefined : held;
  }

  #requestMany(
    missing: ReadonlyMap<string, Arg>,
    own: string,
    get: string,
    mode: Mode,
    call: CallOptions,
  ): Flight[] {
    const flights = new Map<string, Flight>();
    this.#counts.misses++;
    for (const key of missing.keys()) {
      const place = { keys: [key], signature: own };
      const flight = new Flight(place, call, this.#options.ttl);
      flights.set(key, flight);
      this.#store.begin(flight, this.#store.find(key, own));
    }
    const args = ["MGET", ...missing.values()];
    const answered = this.#send(
      { args, shape: RAW_SHAPES[mode]! },
      [...missing.keys()],
      call,
      (source, args, _reply, until) => {
        for (const key of this.#keysHere(args)) {
          flights.get(key)!.answered(source, [key], until);
        }
      },
    );
    for (const [i, flight] of [...flights.values()].entries()) {
      flight.reply = answered.then((replies) => {
        const reply = (replies as Reply[])[i]!;
        // Only a value says that a GET would find the same.
        this.#settle(flight, reply, reply === null ? own : get);
        if (flight.refusal) throw flight.refusal;
        return reply;
      }, (error) => {
        this.#store.end(flight);
        throw error;
      });
      // They all reject together.
      flight.reply.catch(() => {});
    }
    return [...flights.values()];
  }

  // -- Changes --

  /** Whether a key can be sent, and the server would tell of its changes. */
  #mayKeep(key: string | undefined): boolean {
    const { prefixes } = this.#options;
    return key !== undefined &&
      (prefixes === undefined ||
        prefixes.some((prefix) => key.startsWith(prefix)));
  }

  #drop(changes: Changes): void {
    if (changes.kind === "anything") this.#store.clear();
    else if (changes.kind === "keys") {
      for (const key of changes.keys) this.#store.drop(key);
    }
  }

  #invalidate(keys: readonly string[] | null, source: Source): void {
    this.#counts.invalidations += keys?.length ?? 1;
    if (keys === null) this.#store.dropSource(source);
    else for (const key of keys) this.#store.drop(key);
    this.#tell({ kind: "invalidated", keys });
  }

  #lose(source: Source, reason: unknown): void {
    this.#store.endFlights();
    if (this.#options.staleOnDisconnect) this.#stale.add(source);
    else this.#store.dropSource(source);
    this.#tell({ kind: "disconnected", reason });
  }

  #dropStale(): void {
    for (const source of this.#stale) this.#store.dropSource(source);
    this.#stale.clear();
  }

  #tell(event: CacheEvent): void {
    const { onEvent } = this.#options;
    if (onEvent !== undefined) tell({ onEvent }, event);
  }

  // -- The life of the engine --

  /** Asks for the credentials again: the user may be another, who may read other keys. */
  override async authenticate(): Promise<void> {
    try {
      await super.authenticate();
    } finally {
      this.#store.clear();
    }
  }

  /** Ends the cache and closes the engine. */
  override async close(options?: CloseOptions): Promise<void> {
    await Promise.all([super.close(options), this.end()]);
  }
}

/** The caller's own value: nobody else has its arrays and bytes. */
function parse<T>(shape: Shape<T>, reply: Reply): T {
  return shape.parse(copyOf(reply));
}
