/**
 * A client for a master that Sentinels watch, wherever that is at the moment.
 *
 * @see https://redis.io/docs/latest/develop/reference/sentinel-clients/
 * @module
 */

import { Client } from "../client/client.ts";
import type { CallOptions, CloseOptions } from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import { Pool } from "../client/pool.ts";
import type { Command } from "../connection/command.ts";
import { AuthenticationError, ConnectionError, messageOf } from "../errors.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import type { Reply } from "../resp/reply.ts";
import { scanPage } from "./cursor.ts";
import { type MasterReport, Sentinel } from "./sentinel_watch.ts";
import { type Endpoint, idOf } from "./endpoint.ts";

/** How a master is found. */
export interface SentinelOptions {
  /** Some of the sentinels; one that answers is enough, it names the others. */
  readonly sentinels: readonly Endpoint[];
  /** The sentinels' name for the master. */
  readonly name: string;
  /** How the sentinels are reached: their user, password and TLS. */
  readonly sentinel: ClientOptions;
  /** How the master is reached. */
  readonly master: ClientOptions & { dial: Dial };
  /** Maps the address that a sentinel gives for a server to one that this client can reach. */
  readonly mapAddress: (endpoint: Endpoint) => Endpoint;
  /** Called with the replicas of the master, when a sentinel names them. */
  readonly onReplicas: (replicas: readonly Endpoint[]) => void;
}

/** Connections opened this soon after the master was found, in ms, trust that. */
const FRESH_MS = 1_000;
/** How long one sentinel may take to answer, in ms. */
const ANSWER_MS = 1_000;
/**
 * How long other sentinels may take, in ms, once one has answered without news:
 * one of them may know of a failover that the first has not heard of.
 */
const OTHERS_MS = 100;

/** A client for whichever server is the master. */
export class SentinelClient extends Client {
  readonly #options: SentinelOptions;
  readonly #pool: Pool;
  /** Every sentinel that is known, by address. */
  readonly #sentinels = new Map<string, Sentinel>();
  /** The master in use; `until` when new connections trust it. */
  #master: MasterReport & { until: number } | undefined;

  /** Connects when first used. */
  constructor(options: SentinelOptions) {
    const pool = new Pool({
      ...options.master,
      dial: (address, signal) => this.#dialMaster(address, signal),
    });
    super({ pool });
    this.#options = options;
    this.#pool = pool;
    for (const endpoint of options.sentinels) this.#watch(endpoint);
  }

  /** Executes one command; cursors are those of the server that gave them. */
  override execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    return scanPage(command, call, this.#plain) ?? super.execute(command, call);
  }

  readonly #plain = (
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> => super.executeAll(commands, { atomic: false }, call);

  /** Closes the connections to the master and to the sentinels. */
  override async close(options?: CloseOptions): Promise<void> {
    const closing = [super.close(options), this.#pool.close(options)];
    await Promise.all([
      ...closing,
      ...[...this.#sentinels.values()].map((sentinel) => sentinel.close()),
    ]);
  }

  // -- Replies of the sentinels --

  /** Begins to listen to a sentinel, once. */
  #watch(endpoint: Endpoint): void {
    const id = idOf(endpoint);
    if (this.#sentinels.has(id) || this.closing.aborted) return;
    const { name, sentinel, master, mapAddress, onReplicas } = this.#options;
    const target = { endpoint, name, mapAddress };
    this.#sentinels.set(
      id,
      new Sentinel(target, { dial: master.dial, ...sentinel }, {
        onMaster: (report) => this.#hear(report),
        onSwitch: (from, to) => this.#switch(from, to),
        onSentinels: (others) => others.forEach((other) => this.#watch(other)),
        onReplicas,
      }),
    );
  }

  /** Where the master was found; the first sentinel before that. */
  get masterEndpoint(): Endpoint {
    return this.#master?.endpoint ?? this.#options.sentinels[0]!;
  }

  /** Takes a sentinel's answer: a newer configuration has a higher epoch. */
  #hear({ endpoint, epoch }: MasterReport): void {
    const current = this.#master;
    if (current === undefined || epoch < current.epoch) return;
    if (idOf(endpoint) === idOf(current.endpoint)) {
      this.#master = { ...current, epoch };
    } else if (epoch > current.epoch) this.#leave();
  }

  /** Takes the announcement of a failover, which has no epoch. */
  #switch(from: Endpoint, to: Endpoint): void {
    const current = this.#master;
    if (current === undefined) return;
    const id = idOf(current.endpoint);
    if (id === idOf(from) && id !== idOf(to)) this.#leave();
  }

  /** Leaves the master at once: new commands wait until the next one is found. */
  #leave(): void {
    if (this.#master) this.#master = { ...this.#master, until: 0 };
    this.leave(new ConnectionError("Another server is the master now"));
  }

  // -- Where the master is --

  async #dialMaster(address: Address, signal: AbortSignal): Promise<Transport> {
    const { hostname, port } = await this.#find(signal);
    const { dial } = this.#options.master;
    try {
      return await dial({ ...address, hostname, port } as Address, signal);
    } catch (error) {
      if (this.#master) this.#master = { ...this.#master, until: 0 };
      throw error;
    }
  }

  async #find(signal: AbortSignal): Promise<Endpoint> {
    const { name } = this.#options;
    const current = this.#master;
    if (current && performance.now() < current.until) return current.endpoint;
    /** By the number of the sentinel, then what masters said. */
    const causes: string[] = [];
    for (const report of await this.#ask(signal, causes)) {
      try {
        await this.#verify(report.endpoint, signal);
      } catch (error) {
        signal.throwIfAborted();
        // Every sentinel would name a master that refuses this password.
        if (error instanceof AuthenticationError) throw error;
        causes.push(messageOf(error));
        continue;
      }
      this.#master = { ...report, until: performance.now() + FRESH_MS };
      return report.endpoint;
    }
    throw new ConnectionError(
      `Cannot find the master ${name}: ${Object.values(causes).join("; ")}`,
    );
  }

  /**
   * Asks all sentinels at once; resolves to the masters that they name, the
   * newest configuration first. Waits for all, unless one has news.
   */
  #ask(signal: AbortSignal, causes: string[]): Promise<MasterReport[]> {
    const { promise, resolve } = Promise.withResolvers<MasterReport[]>();
    const epoch = this.#master?.epoch ?? -1;
    const reports = new Map<string, MasterReport>();
    const sentinels = [...this.#sentinels.values()];
    let pending = sentinels.length;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const done = () => {
      clearTimeout(timer);
      resolve([...reports.values()].sort((a, b) => b.epoch - a.epoch));
    };
    for (const [i, sentinel] of sentinels.entries()) {
      sentinel.ask({ signal, timeout: ANSWER_MS }).then((report) => {
        const id = idOf(report.endpoint);
        const known = reports.get(id);
        if (!known || known.epoch < report.epoch) reports.set(id, report);
        if (report.epoch > epoch) done();
        else timer ??= setTimeout(done, OTHERS_MS);
      }, (error) => {
        causes[i] = `${idOf(sentinel.endpoint)}: ${messageOf(error)}`;
      }).then(() => {
        if (--pending === 0) done();
      });
    }
    return promise;
  }

  /** Rejects unless the server says itself that it is a master: a sentinel may be late. */
  async #verify(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    const { onEvent: _, ...options } = this.#options.master;
    const client = new Client({
      ...options,
      ...endpoint,
      db: 0,
      connectAttempts: 1,
    });
    let reply: Reply;
    try {
      reply = await client.send(["ROLE"], { signal });
    } finally {
      await client.close({ timeout: 0 });
    }
    const role = Array.isArray(reply) ? String(reply[0]) : "";
    if (role !== "master") {
      throw new ConnectionError(`${idOf(endpoint)} is a ${role}`);
    }
  }
}
