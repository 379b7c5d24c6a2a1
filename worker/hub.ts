/**
 * The Durable Object: a Redis client that outlives requests.
 *
 * On Cloudflare a socket belongs to the request that opened it, but requests to one
 * object share the object's sockets: their commands are pipelined, and streams
 * share subscriptions. The object only executes. The Worker in front checks the
 * token, the grant and the limits, and makes the response; it calls the object
 * over RPC, which costs a third less than a `fetch`.
 *
 * An unused object has no timer and no socket, so that it can sleep. When it is
 * called again, it connects again.
 *
 * @see https://developers.cloudflare.com/durable-objects/
 * @module
 */

import { TEXT, WIRE } from "../lib/resp/reply.ts";
import type { Arg, Reply, Shape } from "../lib/resp/reply.ts";
import { Clients, type ClientsOptions } from "./clients.ts";
import { dial } from "./cloudflare.ts";
import type { Env } from "./env.ts";
import { streamFeed } from "./feeds.ts";
import type { Listening } from "./grants.ts";
import { addCounts, type Counts } from "./metrics.ts";
import type { CacheAsk, CacheTold, Engine, GatewayCall } from "./platform.ts";
import { encodeError, encodeReply, type ErrorData } from "./wire.ts";

/** The part of an object's state that is used. */
interface State {
  readonly storage: {
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown): Promise<void>;
  };
}

/** How a command of the RPC is executed. */
export interface RpcCall {
  /** Whether strings of replies are text; bytes otherwise. */
  readonly text: boolean;
  /** The deadline in milliseconds, instead of the client's own. */
  readonly timeout?: number | undefined;
  /** What the request allows a cache; `undefined` where Redis must be asked. */
  readonly cache?: CacheAsk | undefined;
}

/** The methods of an object, as its stub has them. */
export interface HubStub {
  /** Executes one command. */
  execute(
    redisUrl: string,
    args: readonly Arg[],
    call: RpcCall,
  ): Promise<unknown>;
  /** Executes commands together. */
  executeAll(
    redisUrl: string,
    commands: readonly (readonly Arg[])[],
    atomic: boolean,
    call: RpcCall,
  ): Promise<unknown>;
  /** Subscribes; resolves to JSON lines. */
  subscribe(
    redisUrl: string,
    how: Listening,
    names: readonly string[],
    highWaterBytes: number,
  ): Promise<ReadableStream<Uint8Array> | ErrorData>;
  /** Adds the counts of an instance. */
  report(instance: string, counts: Counts, gauges: Counts): Promise<void>;
  /** The counts of all instances. */
  read(): Promise<{ counts: Counts; gauges: Counts }>;
}

/** An unused connection is closed after this long, in milliseconds: an object sleeps after 10 s. */
const IDLE_MS = 5_000;
/** Cloudflare allows six open sockets: four leased ones, one for commands, one for subscriptions. */
const POOL_SIZE = 4;
/** The gauges of an instance that has not reported for this long do not count, in milliseconds. */
const GAUGES_FOR_MS = 45_000;

/**
 * The platform's class, whose methods can be called over RPC. Outside of
 * Cloudflare there is no such module, and nobody makes an object.
 */
export const DurableObject: new (state: unknown, env: Env) => object =
  await import(
    // @ts-ignore -- it has no types outside of Cloudflare's own packages
    "cloudflare:workers"
  ).then((module) => module.DurableObject, () => Object);

const parse = (reply: Reply) => reply;

/** The Durable Object. Its methods reject only when the object itself fails. */
export class Hub extends DurableObject implements HubStub {
  readonly #clients: Clients;
  readonly #state: State;
  #counts: Promise<Counts> | undefined;
  readonly #gauges = new Map<string, { gauges: Counts; until: number }>();

  /** Called by Cloudflare, with a state and an environment. */
  constructor(
    state: unknown,
    env: Env,
    options: Partial<ClientsOptions> = {},
  ) {
    super(state, env);
    this.#state = state as State;
    this.#clients = new Clients({
      dial,
      poolSize: POOL_SIZE,
      idle: IDLE_MS,
      ...options,
    });
  }

  /** Executes one command; resolves to its reply, or its error as data. */
  execute(
    redisUrl: string,
    args: readonly Arg[],
    call: RpcCall,
  ): Promise<unknown> {
    return this.#answer(
      redisUrl,
      call,
      (engine, shape, call) => engine.execute({ args, shape }, call),
    );
  }

  /** Executes commands together; resolves to their replies, or an error as data. */
  executeAll(
    redisUrl: string,
    commands: readonly (readonly Arg[])[],
    atomic: boolean,
    call: RpcCall,
  ): Promise<unknown> {
    return this.#answer(redisUrl, call, (engine, shape, call) => {
      const all = commands.map((args) => ({ args, shape }));
      return engine.executeAll(all, { atomic }, call);
    });
  }

  /** The reply, with what a cache tells of it, or an error as data. */
  async #answer(
    redisUrl: string,
    { text, timeout, cache }: RpcCall,
    run: (
      engine: Engine,
      shape: Shape<Reply>,
      call: GatewayCall,
    ) => Promise<unknown>,
  ): Promise<unknown> {
    let told: CacheTold | undefined;
    const tell = (it: CacheTold) => void (told = it);
    const call: GatewayCall = {
      ...(timeout !== undefined && { timeout }),
      ...(cache && { cache: { ...cache, tell } }),
    };
    try {
      const engine = this.#clients.session(redisUrl);
      const shape: Shape<Reply> = { mode: text ? TEXT : WIRE, parse };
      const reply = encodeReply(await run(engine, shape, call));
      return told === undefined ? reply : { reply, told };
    } catch (error) {
      return encodeError(error);
    }
  }

  /** Subscribes; resolves to a stream of JSON lines: items, and an error at its end. */
  async subscribe(
    redisUrl: string,
    how: Listening,
    names: readonly string[],
    highWaterBytes: number,
  ): Promise<ReadableStream<Uint8Array> | ErrorData> {
    // Aborts when the stream ends: the reader's leaving ends the stream.
    const left = new AbortController();
    try {
      const feed = await this.#clients.session(redisUrl).subscribe(
        how,
        names,
        { highWaterBytes, signal: left.signal },
      );
      return streamFeed(feed, {
        // The first byte shows the other end that the stream is open.
        opening: "\n",
        heartbeat: "\n",
        item: (item) => `${JSON.stringify(item)}\n`,
        failure: (error) => `${JSON.stringify(encodeError(error))}\n`,
        onHeartbeat: () => {},
        onEnd: () => left.abort(),
      });
    } catch (error) {
      return encodeError(error);
    }
  }

  /** Adds the counts of an instance, and keeps its gauges for a while. */
  async report(
    instance: string,
    counts: Counts,
    gauges: Counts,
  ): Promise<void> {
    const all = await (this.#counts ??= this.#readCounts());
    addCounts(all, counts);
    this.#gauges.set(instance, { gauges, until: Date.now() + GAUGES_FOR_MS });
    await this.#state.storage.put("counts", all);
  }

  /** The sums over all instances. */
  async read(): Promise<{ counts: Counts; gauges: Counts }> {
    const sums: Counts = {};
    for (const [instance, { gauges, until }] of this.#gauges) {
      if (until < Date.now()) this.#gauges.delete(instance);
      else addCounts(sums, gauges);
    }
    const counts = await (this.#counts ??= this.#readCounts());
    return { counts, gauges: sums };
  }

  async #readCounts(): Promise<Counts> {
    return (await this.#state.storage.get("counts") ?? {}) as Counts;
  }
}
