/**
 * The engine for a master and its replicas: these are read from.
 *
 * @module
 */

import type { Name } from "../connection/names.ts";
import type { Client } from "../client/client.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  Engine,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "../client/engine.ts";
import type {
  Item,
  Subscription,
  SubscriptionOptions,
} from "../client/subscription.ts";
import type { Command } from "../connection/command.ts";
import { isRetryableLater } from "../connection/error_codes.ts";
import { keysOf } from "../connection/key_positions.ts";
import { traitsOf } from "../connection/traits.ts";
import { upper } from "../connection/words.ts";
import { ConnectionError } from "../errors.ts";
import { type Arg, RAW } from "../resp/reply.ts";
import { Health } from "./health.ts";
import { refusalIn } from "./endpoint.ts";

/** After this long without a reply, in ms, another server is asked too. */
const PATIENCE_MS = 500;
/** How long a probe may take, in ms. */
const PROBE_MS = 1_000;

const PING: Command = { args: ["PING"], shape: RAW };

/** A server that can be read from. */
interface Reader {
  readonly engine: Engine;
  readonly health?: Health;
}

/** How an attempt to read ended: with a reply or the command's own error, or because the server is away. */
type Outcome<T> =
  | { readonly kind: "done"; readonly value: Promise<T> }
  | { readonly kind: "away"; readonly error: unknown };

/** An engine that reads from replicas by turns, and does all else at the master. */
export class Replicated implements PooledEngine {
  readonly #master: PooledEngine;
  readonly #replicas: readonly Client[];
  readonly #readers: readonly Required<Reader>[];
  #turn = 0;

  /** Takes clients, which it closes with itself. */
  constructor(master: PooledEngine, replicas: readonly Client[]) {
    this.#master = master;
    this.#replicas = replicas;
    this.#readers = replicas.map((engine) => ({
      engine,
      health: new Health(() => engine.execute(PING, { timeout: PROBE_MS })),
    }));
  }

  /** Executes one command; one that only reads, at a replica. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return this.#execute(
      [command],
      call,
      (engine) => engine.execute(command, call),
    );
  }

  /** Executes commands together; those that only read, at a replica. */
  executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.#execute(
      commands,
      call,
      (engine) => engine.executeAll(commands, batch, call),
    );
  }

  /** Gives one of the master's connections to the caller alone. */
  lease(call: CallOptions): Promise<LeasedEngine> {
    return this.#master.lease(call);
  }

  /** Listens at the master. */
  subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    read: (bytes: Uint8Array) => B,
  ): Promise<Subscription<B, T>> {
    return this.#master.subscribe(kind, names, options, read);
  }

  /**
   * Tells of the connections to every server.
   *
   * @internal
   */
  observe(observer: ConnectionObserver): Disposable {
    const all = this.#all.map((engine) => engine.observe?.(observer));
    return {
      [Symbol.dispose]: () => all.forEach((one) => one?.[Symbol.dispose]()),
    };
  }

  /** Asks for the credentials again and says them to every server. */
  async authenticate(): Promise<void> {
    await Promise.all(this.#all.map((engine) => engine.authenticate()));
  }

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.#master.closing;
  }

  /** Lets what was asked come to its end, then closes. */
  async close(options?: CloseOptions): Promise<void> {
    await Promise.all(this.#all.map((engine) => engine.close(options)));
  }

  /** Lets the process live while there is a connection. */
  ref(): void {
    for (const engine of this.#all) engine.ref();
  }

  /** Lets the process end although there is a connection. */
  unref(): void {
    for (const engine of this.#all) engine.unref();
  }

  /** The servers and how the connections stand, without secrets. */
  get summary(): string {
    return this.#all.map(({ summary }) => summary).join(", ");
  }

  get #all(): PooledEngine[] {
    return [this.#master, ...this.#replicas];
  }

  async #execute<T>(
    commands: readonly Command[],
    { signal }: CallOptions,
    send: (engine: Engine) => Promise<T>,
  ): Promise<T> {
    const master: Reader = { engine: this.#master };
    if (!commands.every(({ args }) => readsData(args))) {
      return await send(master.engine);
    }
    const first = this.#turn++ % (this.#readers.length || 1);
    const readers: Reader[] = [
      ...this.#readers.slice(first),
      ...this.#readers.slice(0, first),
    ].filter(({ health }) => health.isUp);
    const attempts = new Set<Promise<Outcome<T>>>();
    let away: unknown;
    for (const reader of [...readers, master]) {
      signal?.throwIfAborted();
      this.closing.throwIfAborted();
      const attempt = tryAt(reader, send).finally(() =>
        attempts.delete(attempt)
      );
      attempts.add(attempt);
      // The last one has the time that the call has.
      const patience = reader === master ? undefined : PATIENCE_MS;
      while (attempts.size > 0) {
        const outcome = await firstOf(attempts, patience);
        if (outcome?.kind === "done") return await outcome.value;
        if (outcome === undefined) {
          reader.health?.failed();
          break;
        }
        away = outcome.error;
      }
    }
    throw away;
  }
}

async function tryAt<T>(
  { engine, health }: Reader,
  send: (engine: Engine) => Promise<T>,
): Promise<Outcome<T>> {
  const value = send(engine);
  try {
    await value;
    health?.answered();
  } catch (error) {
    if (isAway(error)) {
      health?.failed();
      return { kind: "away", error };
    }
  }
  return { kind: "done", value };
}

/** The first outcome, or `undefined` after `patience` milliseconds. */
async function firstOf<T>(
  attempts: ReadonlySet<Promise<Outcome<T>>>,
  patience: number | undefined,
): Promise<Outcome<T> | undefined> {
  if (patience === undefined) return await Promise.race(attempts);
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), patience);
  try {
    return await Promise.race([...attempts, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether a command only reads data, as any replica has it. A cursor means
 * something to one server only, and what a server says of itself is its own.
 */
function readsData(args: readonly Arg[]): boolean {
  const { reads, blocks, state } = traitsOf(args);
  const word = upper(args[0]);
  return reads === true && !blocks && !state && !word.endsWith("SCAN") &&
    (keysOf(args).length > 0 || /^(DBSIZE|KEYS|RANDOMKEY)$/.test(word));
}

/** Whether another server can be asked instead: what reads may be asked twice. */
function isAway(error: unknown): boolean {
  const refusal = refusalIn(error);
  return refusal ? isRetryableLater(refusal) : error instanceof ConnectionError;
}
