/**
 * Clients that outlive requests: one for each server.
 *
 * @module
 */

import {
  type BatchOptions,
  Client,
  type ClientOptions,
  type Command,
  type Dial,
  Pool,
  type PooledEngine,
} from "../lib/client/client.ts";
import { monitorLines } from "../lib/client/monitor.ts";
import { fromUrl } from "../lib/client/url.ts";
import type { Listening } from "./grants.ts";
import {
  type Engine,
  type Feed,
  type FeedOptions,
  type GatewayCall,
  type Session,
  subscriptionOptions,
} from "./platform.ts";
import { Refusal } from "./refusal.ts";

/** How the clients of {@linkcode Clients} connect. */
export interface ClientsOptions {
  /** How a server is reached. */
  dial: Dial;
  /** Resolves when all requests that have arrived were read: their commands leave in one write. */
  batch?: () => Promise<void>;
  /** How many connections a client may lease, for commands that block and MONITOR. */
  poolSize?: number;
  /**
   * An unused client is closed after this long, in milliseconds.
   *
   * @default {Infinity}
   */
  idle?: number;
  /** Makes the cache of a client. */
  makeCache?: MakeCache | undefined;
}

/** A cache between requests and their client. */
export interface Cache extends Engine {
  /** Forgets all. */
  close(): Promise<void>;
}

/** Makes the cache of a client; `undefined` when it shall have none. */
export type MakeCache = (client: PooledEngine) => Cache | undefined;

/** After this many failed attempts to connect, within a second, commands get an error. */
const CONNECT_ATTEMPTS = 4;

/**
 * Makes a pool as the gateway needs it; the URL's own options come first. It
 * speaks RESP2, whose replies have the shapes of the convention.
 */
export function makePool(redisUrl: string, options: ClientOptions): Pool {
  try {
    // Telling the library's name would cost each request a round trip.
    const own = { info: false, ...options, ...fromUrl(redisUrl) };
    return new Pool({ ...own, protocol: 2 });
  } catch (error) {
    // The message tells which rule the URL breaks, and nothing secret.
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new Refusal(500, `ERR cannot use REDIS_URL: ${error.message}`);
    }
    throw error;
  }
}

/** A client and its pool: a session that ends when it is closed. */
export class ClientSession implements Session {
  readonly #pool: Pool;
  readonly #client: Client;
  readonly #engine: Engine;
  readonly #cache: Cache | undefined;

  /** Connects when first used. */
  constructor(
    redisUrl: string,
    options: ClientOptions,
    makeCache?: MakeCache,
  ) {
    this.#pool = makePool(redisUrl, options);
    this.#client = new Client({ pool: this.#pool });
    this.#cache = makeCache?.(this.#client);
    this.#engine = this.#cache ?? this.#client;
  }

  /** Executes one command. */
  execute<T>(command: Command<T>, call: GatewayCall): Promise<T> {
    return this.#engine.execute(command, call);
  }

  /** Executes commands together. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: GatewayCall,
  ): Promise<unknown[]> {
    return this.#engine.executeAll(commands, batch, call);
  }

  /** Subscribes; resolves when the server has confirmed. */
  async subscribe(
    how: Listening,
    names: readonly string[],
    options: FeedOptions,
  ): Promise<Feed> {
    const all = subscriptionOptions(options);
    return how === "monitor"
      ? await monitorLines(this.#client, all)
      : await this.#client.subscribe(how, names, all, "text");
  }

  /** Waits for replies at most `timeout` milliseconds, then closes all connections. */
  async close(timeout = 0): Promise<void> {
    await this.#client.close({ timeout });
    await this.#cache?.close();
    await this.#pool.close({ timeout });
  }
}

/** A client that requests share. */
class SharedClient implements Session {
  readonly session: ClientSession;
  /** The requests and subscriptions that use the client now. */
  users = 0;
  /** When the last of them ended, on the clock of `Date.now()`. */
  unusedSince = 0;
  readonly #batch: (() => Promise<void>) | undefined;
  readonly #onUnused: () => void;

  constructor(
    session: ClientSession,
    batch: (() => Promise<void>) | undefined,
    onUnused: () => void,
  ) {
    this.session = session;
    this.#batch = batch;
    this.#onUnused = onUnused;
  }

  execute<T>(command: Command<T>, call: GatewayCall): Promise<T> {
    return this.#use(() => this.session.execute(command, call));
  }

  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: GatewayCall,
  ): Promise<unknown[]> {
    return this.#use(() => this.session.executeAll(commands, batch, call));
  }

  async subscribe(
    how: Listening,
    names: readonly string[],
    options: FeedOptions,
  ): Promise<Feed> {
    this.users++;
    try {
      const feed = await this.session.subscribe(how, names, options);
      return new SharedFeed(feed, () => this.#release());
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** The client stays open for others. */
  close(): void {}

  async #use<T>(run: () => Promise<T>): Promise<T> {
    this.users++;
    try {
      if (this.#batch !== undefined) await this.#batch();
      return await run();
    } finally {
      this.#release();
    }
  }

  #release(): void {
    if (--this.users > 0) return;
    this.unusedSince = Date.now();
    this.#onUnused();
  }
}

/** A feed that says once when it has ended. */
class SharedFeed implements Feed {
  readonly #feed: Feed;
  #onEnd: (() => void) | undefined;

  constructor(feed: Feed, onEnd: () => void) {
    this.#feed = feed;
    this.#onEnd = onEnd;
  }

  async next(): ReturnType<Feed["next"]> {
    try {
      const result = await this.#feed.next();
      if (result.done) this.#end();
      return result;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#feed[Symbol.asyncDispose]();
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#onEnd?.();
    this.#onEnd = undefined;
  }
}

/** Clients that outlive requests, one for each server. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<string, SharedClient>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes a client when a server is first used. */
  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** The client for a server. With `idle`, ask again for each call: an unused client is closed. */
  readonly session = (redisUrl: string): Session => this.#shared(redisUrl);

  /** Makes the client for a server. Throws a {@linkcode Refusal} when its URL cannot be used. */
  prepare(redisUrl: string): void {
    this.#shared(redisUrl);
  }

  /** Waits for replies at most `timeout` milliseconds, then closes all clients. */
  async close(timeout: number): Promise<void> {
    clearTimeout(this.#timer);
    const clients = [...this.#clients.values()];
    await Promise.all(clients.map(({ session }) => session.close(timeout)));
  }

  #shared(redisUrl: string): SharedClient {
    let client = this.#clients.get(redisUrl);
    if (client === undefined) {
      const { dial, poolSize, batch, makeCache } = this.#options;
      const session = new ClientSession(redisUrl, {
        dial,
        connectAttempts: CONNECT_ATTEMPTS,
        ...(poolSize === undefined ? {} : { poolSize }),
      }, makeCache);
      client = new SharedClient(session, batch, () => this.#closeLater());
      this.#clients.set(redisUrl, client);
    }
    return client;
  }

  /** One timer for all clients, and none while all are in use: a timer keeps a Durable Object awake. */
  #closeLater(after: number = this.#options.idle ?? Infinity): void {
    if (after === Infinity) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      let next = Infinity;
      for (const [redisUrl, client] of this.#clients) {
        if (client.users > 0) continue;
        const left = client.unusedSince + this.#options.idle! - Date.now();
        if (left > 0) next = Math.min(next, left);
        else {
          this.#clients.delete(redisUrl);
          client.session.close();
        }
      }
      this.#closeLater(next);
    }, after);
  }
}
