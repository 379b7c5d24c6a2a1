/**
 * What the gateway needs of the platform that it runs on.
 *
 * @module
 */

import type {
  BatchOptions,
  CallOptions,
  Command,
  Item,
  SubscriptionOptions,
} from "../lib/client/client.ts";
import type { Env } from "./env.ts";
import type { Grant, Listening } from "./grants.ts";
import type { Incoming, Outgoing } from "./http.ts";
import type { Place } from "./limits.ts";
import type { Counts, Family } from "./metrics.ts";

/** The messages of a subscription. Disposing of it unsubscribes. */
export interface Feed extends AsyncIterator<Item<string>, void> {
  /** Unsubscribes. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a request allows a cache, as its headers say. */
export interface CacheAsk {
  /** A reply in memory must have been asked for at most so many milliseconds ago. */
  readonly maxAge: number;
  /** The sync token of the client's last answer; empty when it has none. */
  readonly syncToken: string;
}

/** What a cache tells of an answer. */
export interface CacheTold {
  /** How long ago Redis was asked, in milliseconds; `undefined` when no reply came from memory. */
  readonly age: number | undefined;
  /** The sync token for the client's next request. */
  readonly syncToken: string;
}

/** How the commands of a request are executed. */
export interface GatewayCall extends CallOptions {
  /** Lets a cache answer, where there is one. Without it Redis is asked. */
  readonly cache?: CacheAsk & { tell(told: CacheTold): void };
}

/** Executes the commands of requests. */
export interface Engine {
  /** Executes one command. */
  execute<T>(command: Command<T>, call: GatewayCall): Promise<T>;
  /** Executes commands together. The error of one stands in place of its result. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: GatewayCall,
  ): Promise<unknown[]>;
}

/** An engine that can also subscribe, for a stream or a WebSocket. */
export interface Session extends Engine {
  /** Subscribes; resolves when the server has confirmed. */
  subscribe(
    how: Listening,
    names: readonly string[],
    options: FeedOptions,
  ): Promise<Feed>;
  /** Releases what the session holds. */
  close(): void | Promise<void>;
}

/** How a session subscribes. */
export interface FeedOptions {
  /** The bytes of messages that may wait; a slower reader is cut off. */
  readonly highWaterBytes: number;
  /** Ends the subscription when it aborts. */
  readonly signal: AbortSignal;
}

/** The options of the client for a subscription of the gateway. */
export function subscriptionOptions(options: FeedOptions): SubscriptionOptions {
  return { ...options, highWaterMark: 1024, overflow: "error", gaps: true };
}

/** The gateway's end of a WebSocket: the part of the standard one that it uses. */
export interface Socket {
  /** Sends a message. */
  send(text: string): void;
  /** Closes the socket. */
  close(code?: number, reason?: string): void;
  /** Listens to `message`, `close` and `error`. */
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** A WebSocket that a request became. */
export interface Upgraded {
  /** The gateway's end. */
  readonly socket: Socket;
  /** The response to the handshake. */
  readonly response: Outgoing;
}

/** Counters of all instances of the gateway, where there are several. */
export interface SharedMetrics {
  /** Adds what one instance has counted since its last report, and takes its gauges. */
  report(instance: string, counts: Counts, gauges: Counts): Promise<void>;
  /** The sums over all instances. */
  read(): Promise<{ counts: Counts; gauges: Counts }>;
}

/** The platform. */
export interface Platform {
  /** Executes the commands of one request. */
  engine(redisUrl: string, env: Env | undefined): Engine;
  /** Opens a session for a stream or a WebSocket. */
  session(redisUrl: string, env: Env | undefined): Session;
  /** Makes a WebSocket of a request, with the subprotocol that was chosen, if any. */
  upgrade(
    request: Incoming,
    protocol: string | undefined,
    maxBytes: number,
  ): Upgraded | Promise<Upgraded>;
  /** Reads `console/openapi.json`: an OpenAPI document. */
  describe?(env: Env | undefined): object | Promise<object>;
  /** Reads `console/index.html`, the page of the console. */
  readConsole?(env: Env | undefined): string | Promise<string>;
  /** The counters that instances share; `undefined` where this instance is the only one. */
  sharedMetrics?(env: Env | undefined): SharedMetrics | undefined;
  /** What `/metrics` tells of caches; `undefined` where there can be none. */
  readonly cacheFamilies?: readonly Family[];
  /** What the caches of this instance have done and hold, where requests use them directly. */
  cacheMetrics?(): { counts: Counts; gauges: Counts };
  /** Aborts when streams and WebSockets shall end. */
  readonly closing?: AbortSignal;
}

/** A stream or WebSocket that has been opened. */
export interface Opened {
  /** The response. */
  readonly response: Outgoing;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/**
 * Opens a stream or a WebSocket: its session and its place among the grant's
 * streams last until it has ended.
 */
export async function openStream(
  grant: Grant,
  platform: Platform,
  env: Env | undefined,
  open: (session: Session, place: Place) => Promise<Opened>,
): Promise<Outgoing> {
  const place = grant.usage.openStream();
  const close = async () => {
    place.close();
    await session?.close();
  };
  let session: Session | undefined;
  try {
    session = platform.session(grant.redisUrl, env);
    const { response, ended } = await open(session, place);
    ended.then(close).catch(() => {});
    return response;
  } catch (error) {
    await close();
    throw error;
  }
}
