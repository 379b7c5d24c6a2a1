/**
 * The Worker's end of the RPC: Durable Objects as an engine.
 *
 * @module
 */

import type { BatchOptions, Command, Item } from "../lib/client/client.ts";
import { TEXT } from "../lib/resp/reply.ts";
import type { Direct } from "./direct.ts";
import type { Env } from "./env.ts";
import type { Listening } from "./grants.ts";
import type { HubStub, RpcCall } from "./hub.ts";
import type {
  Feed,
  FeedOptions,
  GatewayCall,
  Session,
  SharedMetrics,
} from "./platform.ts";
import { Refusal } from "./refusal.ts";
import { decodeError, decodeReply, isCached, isErrorData } from "./wire.ts";

/** A stub of one of the objects for a server; `undefined` without the binding HUB. */
export function hubFor(
  redisUrl: string,
  env: Env = {},
): HubStub | undefined {
  const { SHARDS = "1" } = env;
  if (env.HUB === undefined) return undefined;
  const shard = SHARDS === "1" ? 0 : Math.floor(Math.random() * Number(SHARDS));
  return stubOf(`${serverOf(redisUrl)}#${shard}`, env);
}

/** The metrics that all instances of a Worker share; `undefined` without the binding HUB. */
export function sharedMetrics(env: Env = {}): SharedMetrics | undefined {
  return stubOf("metrics", env);
}

function stubOf(name: string, { HUB, LOCATION }: Env): HubStub | undefined {
  const options = LOCATION ? { locationHint: LOCATION } : {};
  return HUB?.get(HUB.idFromName(name), options) as HubStub | undefined;
}

const servers = new Map<string, string>();

/** The server of a URL: its object's name is shown in Cloudflare's dashboard, so that it has no password. */
function serverOf(redisUrl: string): string {
  let server = servers.get(redisUrl);
  if (server === undefined) {
    const { protocol, host, pathname } = new URL(redisUrl);
    server = `${protocol}//${host}${pathname}`;
    servers.set(redisUrl, server);
  }
  return server;
}

/** An engine and session whose commands a Durable Object executes. */
export class HubEngine implements Session {
  readonly #stub: HubStub;
  readonly #redisUrl: string;
  readonly #direct: Direct;

  /** Commands that block are executed by `direct`. */
  constructor(stub: HubStub, redisUrl: string, direct: Direct) {
    this.#stub = stub;
    this.#redisUrl = redisUrl;
    this.#direct = direct;
  }

  /**
   * Executes one command. One with a signal may block: it has a connection of this
   * request, which the platform closes when the client leaves.
   */
  async execute<T>(command: Command<T>, call: GatewayCall): Promise<T> {
    if (call.signal !== undefined) {
      return await this.#direct.execute(command, call);
    }
    const { args, shape } = command;
    const reply = await this.#stub
      .execute(this.#redisUrl, args, rpcCall(command, call))
      .then((answer) => replyOf(answer, call), lost);
    return shape.parse(decodeReply(reply) as Parameters<typeof shape.parse>[0]);
  }

  /** Executes commands together; with a signal, as {@linkcode execute} does. */
  async executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: GatewayCall,
  ): Promise<unknown[]> {
    const [first] = commands;
    if (first === undefined) return [];
    if (call.signal !== undefined) {
      return await this.#direct.executeAll(commands, batch, call);
    }
    const words = commands.map(({ args }) => args);
    const replies = await this.#stub
      .executeAll(this.#redisUrl, words, batch.atomic, rpcCall(first, call))
      .then((answer) => replyOf(answer, call), lost);
    return decodeReply(replies) as unknown[];
  }

  /** Subscribes; resolves when the server has confirmed. */
  async subscribe(
    how: Listening,
    names: readonly string[],
    { highWaterBytes, signal }: FeedOptions,
  ): Promise<Feed> {
    const opened = await this.#stub
      .subscribe(this.#redisUrl, how, names, highWaterBytes)
      .catch(lost);
    if (isErrorData(opened)) throw decodeError(opened);
    return new HubFeed(opened, signal);
  }

  /** The object keeps its connections for others. */
  close(): void {}
}

function rpcCall({ shape }: Command, { timeout, cache }: GatewayCall): RpcCall {
  return {
    text: shape.mode === TEXT,
    timeout,
    // Functions do not travel.
    cache: cache && { maxAge: cache.maxAge, syncToken: cache.syncToken },
  };
}

/** The reply of an object; throws its error. */
function replyOf(answer: unknown, { cache }: GatewayCall): unknown {
  if (isErrorData(answer)) throw decodeError(answer);
  if (!isCached(answer)) return answer;
  cache?.tell(answer.told);
  return answer.reply;
}

/** The object was moved, replaced or overloaded. Nothing tells how far it had come. */
function lost(): never {
  throw new Refusal(
    503,
    "ERR the gateway's hub was lost: the command may have been executed",
    { "retry-after": "1" },
  );
}

/** The items of a stream of JSON lines. */
class HubFeed implements Feed {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #lines: string[] = [];
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array>, signal: AbortSignal) {
    this.#reader = stream.getReader();
    const leave = () => this[Symbol.asyncDispose]();
    if (signal.aborted) leave();
    signal.addEventListener("abort", leave, { once: true });
  }

  async next(): Promise<IteratorResult<Item<string>, void>> {
    let line: string | undefined;
    while (!(line = this.#lines.shift())) {
      // An empty line is a heartbeat.
      if (line === "") continue;
      const { done, value } = await this.#reader.read();
      if (done) return { done: true, value: undefined };
      const lines = (this.#rest + this.#decoder.decode(value, { stream: true }))
        .split("\n");
      this.#rest = lines.pop()!;
      this.#lines.push(...lines);
    }
    const item = JSON.parse(line);
    if (isErrorData(item)) throw decodeError(item);
    return { done: false, value: item };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}
