/**
 * Where a request gets its client: most of what differs between the platforms.
 *
 * @module
 */

import {
  type BatchOptions,
  type CallOptions,
  Client,
  type ClientOptions,
  type Command,
  type Dial,
  type Engine,
} from "../lib/client/client.ts";
import { fromUrl } from "../lib/client/url.ts";
import type { Env } from "./env.ts";
import type { Grant } from "./grants.ts";
import type { Place } from "./limits.ts";
import { Refusal } from "./refusal.ts";

/** Runs `work` with a client for the server at `redisUrl`, which is in use until it ends. */
export type Upstream = <T>(
  redisUrl: string,
  work: (client: Client) => Promise<T>,
) => Promise<T>;

/** A WebSocket that a request became. */
export interface Upgraded {
  /** The gateway's end. */
  socket: WebSocket;
  /** What the request is answered with. */
  response: Response;
}

/** What the gateway needs of where it runs. */
export interface Platform {
  /** What executes commands. */
  engine(redisUrl: string): Engine;
  /** Where the clients of what stays open come from, streams and WebSockets. */
  readonly upstream: Upstream;
  /** Makes a WebSocket of a request, with the subprotocol that was agreed on, if any. */
  upgrade(
    request: Request,
    protocol: string | undefined,
  ): Upgraded | Promise<Upgraded>;
  /** Reads `console/openapi.json`, which is no part of the program: an OpenAPI document. */
  describe?(env: Env | undefined): object | Promise<object>;
  /** Has another place answer, where there is one: a Durable Object. */
  passOn?(
    request: Request,
    redisUrl: string,
    env: Env | undefined,
  ): Promise<Response> | undefined;
  /** Reads `console/index.html`, the page of the console. */
  readConsole?(env: Env | undefined): string | Promise<string>;
  /** Aborts when streams and WebSockets shall end. */
  readonly closing?: AbortSignal;
}

/** How the clients of {@linkcode Clients} connect. */
export interface ClientsOptions {
  /** How a server is reached. */
  dial: Dial;
  /** Waits until more requests may have come: what they ask leaves in one write. */
  turn?: () => Promise<void>;
  /** How many connections a client may lease: for what blocks, and monitors. */
  poolSize?: number;
  /**
   * A client that nobody uses for so long is closed, in milliseconds.
   *
   * @default {Infinity}
   */
  idle?: number;
}

/** After so many failed attempts in a row, within a second, who waits gets an error. */
const ATTEMPTS = 4;

/**
 * Makes what talks to a server as the gateway needs it; the URL's own options go
 * first. It speaks RESP2: the shapes of its replies are the ones of the convention.
 */
export function makeFor<T>(
  redisUrl: string,
  options: ClientOptions,
  make: (options: ClientOptions) => T,
): T {
  try {
    // Telling the library's name would cost a request of its own a round trip.
    const own = { info: false, ...options, ...fromUrl(redisUrl) };
    return make({ ...own, protocol: 2 });
  } catch (error) {
    // Says which rule the URL breaks, nothing secret of it.
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new Refusal(500, `ERR cannot use REDIS_URL: ${error.message}`);
    }
    throw error;
  }
}

/** Makes a client as the gateway needs it. */
export function makeClient(redisUrl: string, options: ClientOptions): Client {
  return makeFor(redisUrl, options, (all) => new Client(all));
}

/**
 * Answers with what stays open, a stream or a WebSocket: until it has ended, the
 * client is in use and the grant has one stream more.
 */
export async function respondWhileOpen(
  { redisUrl, usage }: Grant,
  { upstream }: Platform,
  open: (
    client: Client,
    stream: Place,
  ) => Promise<{ response: Response; ended: Promise<void> }>,
): Promise<Response> {
  const stream = usage.openStream();
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  upstream(redisUrl, async (client) => {
    const { response, ended } = await open(client, stream);
    resolve(response);
    await ended;
  }).catch(reject).finally(() => stream.close());
  return await promise;
}

/** A client that outlives requests. */
class Held implements Engine {
  readonly client: Client;
  users = 0;
  /** Since when it has not been used. */
  since = 0;
  readonly #turn: (() => Promise<void>) | undefined;
  readonly #unused: () => void;

  constructor(
    client: Client,
    turn: (() => Promise<void>) | undefined,
    unused: () => void,
  ) {
    this.client = client;
    this.#turn = turn;
    this.#unused = unused;
  }

  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.use((client) => client.execute(command, call));
  }

  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.use((client) => client.executeAll(commands, batch, call));
  }

  /** Runs `work` with the client, which is in use until it ends. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.users++;
    try {
      await this.#turn?.();
      return await work(this.client);
    } finally {
      if (--this.users === 0) {
        this.since = Date.now();
        this.#unused();
      }
    }
  }
}

/** Clients that outlive requests, one for each server. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #held = new Map<string, Held>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes clients when they are first used. */
  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** What executes commands: the client that all share. */
  readonly engine = (redisUrl: string): Engine => this.#hold(redisUrl);

  /** Runs `work` with the client that all share. */
  readonly upstream: Upstream = async (redisUrl, work) =>
    await this.#hold(redisUrl).use(work);

  /** Makes the client for a server. Throws a {@linkcode Refusal} when its URL cannot be used. */
  prepare(redisUrl: string): void {
    this.#hold(redisUrl);
  }

  /** Lets what was asked come to its end, at most for `timeout` milliseconds, then closes all. */
  async close(timeout: number): Promise<void> {
    clearTimeout(this.#timer);
    const held = [...this.#held.values()];
    await Promise.all(held.map(({ client }) => client.close({ timeout })));
  }

  #hold(redisUrl: string): Held {
    let held = this.#held.get(redisUrl);
    if (held === undefined) {
      const { dial, poolSize, turn } = this.#options;
      const client = makeClient(redisUrl, {
        dial,
        connectAttempts: ATTEMPTS,
        ...(poolSize === undefined ? {} : { poolSize }),
      });
      held = new Held(client, turn, () => this.#closeLater());
      this.#held.set(redisUrl, held);
    }
    return held;
  }

  /** One timer for all, and none while all are in use: a timer keeps an object from sleep. */
  #closeLater(after: number = this.#options.idle ?? Infinity): void {
    if (after === Infinity) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      let next = Infinity;
      for (const [redisUrl, { client, users, since }] of this.#held) {
        if (users > 0) continue;
        const left = since + this.#options.idle! - Date.now();
        if (left > 0) next = Math.min(next, left);
        else {
          this.#held.delete(redisUrl);
          client.close({ timeout: 0 });
        }
      }
      this.#closeLater(next);
    }, after);
  }
}
