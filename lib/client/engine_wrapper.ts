/**
 * What is the same for every engine over another engine.
 *
 * @module
 */

import type { Command } from "../connection/command.ts";
import type { Name } from "../connection/names.ts";
import type { Arg } from "../resp/reply.ts";
import type {
  BatchOptions,
  CallOptions,
  CloseOptions,
  ConnectionObserver,
  LeasedEngine,
  PooledEngine,
  SubscriptionKind,
} from "./engine.ts";
import type {
  Item,
  Payloads,
  Subscription,
  SubscriptionOptions,
} from "./subscription.ts";

/** An engine over another engine: the commands are its subclass's part. */
export abstract class EngineWrapper implements PooledEngine {
  /** The engine below. */
  protected readonly engine: PooledEngine;

  /** Takes the engine below. */
  constructor(engine: PooledEngine) {
    this.engine = engine;
  }

  /** Executes one command. */
  abstract execute<T>(command: Command<T>, call: CallOptions): Promise<T>;

  /** Executes commands together. */
  abstract executeAll(
    commands: readonly Command[],
    batch: BatchOptions,
    call: CallOptions,
  ): Promise<unknown[]>;

  /** Leases one connection. */
  lease(call: CallOptions, key?: Arg): Promise<LeasedEngine> {
    return this.engine.lease(call, key);
  }

  /** What is put in front of every key. */
  get keyPrefix(): string {
    return this.engine.keyPrefix ?? "";
  }

  /** Tells of the connections that all callers share. */
  observe(observer: ConnectionObserver): Disposable | undefined {
    return this.engine.observe?.(observer);
  }

  /** Listens; resolves when the server has confirmed. */
  subscribe<B extends string | Uint8Array, T extends Item<B>>(
    kind: SubscriptionKind,
    names: readonly Name[],
    options: SubscriptionOptions,
    payloads: Payloads,
  ): Promise<Subscription<B, T>> {
    return this.engine.subscribe(kind, names, options, payloads);
  }

  /** Asks for the credentials again, for every connection. */
  authenticate(): Promise<void> {
    return this.engine.authenticate();
  }

  /** Aborts when the engine is closed. */
  get closing(): AbortSignal {
    return this.engine.closing;
  }

  /** Waits for pending replies, then closes every connection. */
  close(options?: CloseOptions): Promise<void> {
    return this.engine.close(options);
  }

  /** Keeps the process alive while there is a connection. */
  ref(): void {
    this.engine.ref();
  }

  /** Lets the process exit although there is a connection. */
  unref(): void {
    this.engine.unref();
  }

  /** The server's address and the state of the connections, without secrets. */
  get summary(): string {
    return this.engine.summary;
  }
}
