/**
 * The replicas of a master, as clients that come and go.
 *
 * @module
 */

import { Client } from "../client/client.ts";
import type { CloseOptions, ConnectionObserver } from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import { Pool } from "../client/pool.ts";
import type { Command } from "../connection/command.ts";
import { RAW } from "../resp/reply.ts";
import { Condition, type Reader } from "./condition.ts";
import { type Endpoint, idOf } from "./endpoint.ts";
import { Health } from "./health.ts";
import { Observers } from "./observers.ts";

/** How long a probe may take, in ms. */
const PROBE_MS = 1_000;

const PING: Command = { args: ["PING"], shape: RAW };

/** One replica. */
export class Replica implements Reader {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly condition = new Condition();
  readonly #pool: Pool;
  readonly #health: Health;

  /** Connects when first used. */
  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.endpoint = endpoint;
    // Where it fails or loads its data, another server is asked instead.
    this.#pool = new Pool(
      { ...options, connectAttempts: 1, retries: 0 },
      { retryRefused: false },
    );
    const client = new Client({ pool: this.#pool });
    this.client = client;
    this.#health = new Health(() =>
      client.execute(PING, { timeout: PROBE_MS, retry: false })
    );
  }

  /** Lets reads in flight come to their end, then closes. */
  async close(options?: CloseOptions): Promise<void> {
    await this.#pool.close(options);
    await this.client.close();
  }

  /** Whether it answers, as far as is known. */
  get isUp(): boolean {
    return this.#health.isUp;
  }

  /** Notes that it did not answer. */
  failed(): void {
    this.#health.failed();
  }

  /** Notes that it answered. */
  answered(): void {
    this.#health.answered();
  }
}

/** The master. It has no circuit breaker: where no replica answers, it is the last resort. */
export class MasterReader implements Reader {
  readonly client: Client;
  readonly condition = new Condition();
  readonly isUp = true;
  readonly #endpoint: () => Endpoint;

  /** Takes where the master is at the moment. */
  constructor(client: Client, endpoint: () => Endpoint) {
    this.client = client;
    this.#endpoint = endpoint;
  }

  /** Where the master is at the moment. */
  get endpoint(): Endpoint {
    return this.#endpoint();
  }

  /** Has no effect. */
  failed(): void {}

  /** Has no effect. */
  answered(): void {}
}

/** The replicas that are known. */
export class Replicas {
  readonly #optionsFor: (endpoint: Endpoint) => ClientOptions;
  readonly #replicas = new Map<string, Replica>();
  /** Clients of servers that are no replicas any more, until they are closed. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #observers = new Observers();
  #live = true;
  #closed = false;

  /** Takes how a replica is reached. */
  constructor(optionsFor: (endpoint: Endpoint) => ClientOptions) {
    this.#optionsFor = optionsFor;
  }

  /** Those of now. */
  get all(): Replica[] {
    return [...this.#replicas.values()];
  }

  /** Tells of the connections to every replica. */
  observe(observer: ConnectionObserver): Disposable {
    return this.#observers.add(observer, this.all);
  }

  /** Replaces the replicas; clients of those that stay are kept. */
  set(endpoints: readonly Endpoint[]): void {
    if (this.#closed) return;
    const ids = new Set(endpoints.map(idOf));
    for (const [id, replica] of this.#replicas) {
      if (ids.has(id)) continue;
      this.#replicas.delete(id);
      const leaving = replica.close()
        .then(() => void this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
    for (const endpoint of endpoints) {
      const id = idOf(endpoint);
      if (this.#replicas.has(id)) continue;
      const replica = new Replica(endpoint, this.#optionsFor(endpoint));
      if (!this.#live) replica.client.unref();
      this.#observers.watch(replica.client);
      this.#replicas.set(id, replica);
    }
  }

  /** Authenticates again on every connection. */
  async authenticate(): Promise<void> {
    await Promise.all(this.all.map(({ client }) => client.authenticate()));
  }

  /** Lets reads in flight come to their end, then closes. */
  async close(options?: CloseOptions): Promise<void> {
    this.#closed = true;
    await Promise.all([
      ...this.all.map((replica) => replica.close(options)),
      ...this.#leaving,
    ]);
  }

  /** Keeps the process alive for the connections, or not. */
  ref(live: boolean): void {
    this.#live = live;
    for (const { client } of this.all) live ? client.ref() : client.unref();
  }
}
