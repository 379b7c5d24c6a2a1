/**
 * One node of a cluster: a client for it, and its health.
 *
 * @module
 */

import { Client } from "../client/client.ts";
import type {
  CallOptions,
  CloseOptions,
  LeasedEngine,
} from "../client/engine.ts";
import { batchSlot, limited } from "../client/lease.ts";
import type { ClientOptions } from "../client/options.ts";
import { Pool } from "../client/pool.ts";
import { type Command, CommandSlot, type Slot } from "../connection/command.ts";
import type { Connection } from "../connection/connection.ts";
import { traitsOf } from "../connection/traits.ts";
import {
  ClosedError,
  ConnectionError,
  QueueFullError,
  TimeoutError,
} from "../errors.ts";
import { RAW } from "../resp/reply.ts";
import { Condition, type Reader } from "./condition.ts";
import { type Endpoint, idOf } from "./endpoint.ts";
import { Health } from "./health.ts";

const ASKING: Command = { args: ["ASKING"], shape: RAW };

/** A node with pending commands that has sent no byte for this long, in ms, is silent. */
export const SILENT_MS = 1_000;
/** How long a node that lost its slots may take to tell blocked clients so, in ms. Then they are disconnected. */
const TELLS_MS = 5_000;
const READONLY: Command = { args: ["READONLY"], shape: RAW };
const PING: Command = { args: ["PING"], shape: RAW };

/** A node of the cluster and what the client knows of it. */
export interface NodeStatistics extends Endpoint {
  /** Whether it has its slots itself, or a copy of them. */
  readonly role: "master" | "replica";
  /** How many slots it has, or has a copy of. */
  readonly slots: number;
  /**
   * Whether it gets commands that another node could execute: not while it is
   * silent, and after a failure not before it has answered a probe.
   */
  readonly isUp: boolean;
  /** Commands that have no reply yet. */
  readonly pending: number;
  /** Commands that were sent to it since the client has known it, those of a transaction as one. */
  readonly commands: number;
  /** How often it did not answer. */
  readonly failures: number;
  /** How often it answered MOVED or ASK. */
  readonly redirections: number;
  /** Its availability zone, where it tells one and `readFrom` is used. */
  readonly zone: string | undefined;
  /** How long it takes to answer, in milliseconds, where `readFrom` is used. */
  readonly roundTrip: number | undefined;
}

/** A node of the cluster. */
export class Node implements Reader {
  /** Where it is. */
  readonly endpoint: Endpoint;
  /** Its endpoint as a key of maps. */
  readonly id: string;
  /** Executes commands there. */
  readonly client: Client;
  readonly condition = new Condition();
  readonly counts = { commands: 0, failures: 0, redirections: 0 };
  readonly #pool: Pool;
  #servesReads = false;
  readonly #health = new Health(() =>
    this.client.execute(PING, { timeout: SILENT_MS, retry: false })
  );

  /** Connects when first used. */
  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.endpoint = endpoint;
    this.id = idOf(endpoint);
    // Commands that it loses or refuses go to another node.
    this.#pool = new Pool(
      { ...options, ...endpoint, connectAttempts: 1 },
      { retryRefused: false },
    );
    this.client = new Client({ pool: this.#pool });
  }

  /** A client of its own for the node, over the same connections. */
  newClient(): Client {
    return new Client({ pool: this.#pool });
  }

  // -- Health --

  /** Whether commands are pending and no byte has come for too long. */
  get isSilent(): boolean {
    return this.#pool.silence > SILENT_MS;
  }

  /** How many commands have no reply yet. */
  get pending(): number {
    return this.#pool.pending;
  }

  /** Takes the error of a command; notes whether the node itself failed. */
  noteError(error: unknown): void {
    // A short deadline of a call, or a limit of this process, is no failure.
    const lost = error instanceof ConnectionError &&
      !(error instanceof ClosedError || error instanceof QueueFullError);
    if (lost && (!(error instanceof TimeoutError) || this.isSilent)) {
      this.failed();
    }
  }

  /** Notes that it did not answer. */
  failed(): void {
    this.counts.failures++;
    this.#health.failed();
  }

  /** Notes that it answered. */
  answered(): void {
    this.#health.answered();
  }

  /** Whether to send it a command that another node could execute. */
  get isUp(): boolean {
    if (this.isSilent) this.#health.failed();
    return this.#health.isUp;
  }

  /** Lets it answer reads as a replica, on every connection from now on. */
  serveReads(): void {
    if (this.#servesReads) return;
    this.#servesReads = true;
    this.#pool.observe({ opened: readOnly, changed: () => {} });
  }

  // -- Commands --

  /** Executes a command. */
  execute<T>(command: Command<T>, call: CallOptions): Promise<T> {
    this.counts.commands++;
    return this.client.execute(command, call);
  }

  /** Executes a transaction. */
  transact(
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> {
    this.counts.commands++;
    return this.client.executeAll(commands, { atomic: true }, call);
  }

  /** Executes a command for a slot that is being moved here. */
  async executeAsking<T>(command: Command<T>, call: CallOptions): Promise<T> {
    this.counts.commands++;
    if (traitsOf(command.args).blocks === undefined) {
      return await this.#ask(new CommandSlot(command, call.retry), call);
    }
    using lease: LeasedEngine = await this.client.lease(call);
    await lease.execute(ASKING, {});
    return await lease.execute(command, call);
  }

  /** Executes a transaction for a slot that is being moved here. */
  transactAsking(
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> {
    this.counts.commands++;
    return this.#ask(batchSlot(commands, true, call), call);
  }

  /** Executes commands together; those with an index in `asking` are for slots that are being moved here. */
  async executeEach(
    commands: readonly Command[],
    asking: ReadonlySet<number>,
    call: CallOptions,
  ): Promise<unknown[]> {
    this.counts.commands += commands.length;
    if (asking.size === 0) {
      return await this.client.executeAll(commands, { atomic: false }, call);
    }
    const all = commands.flatMap((command, i) =>
      asking.has(i) ? [ASKING, command] : [command]
    );
    const slot = this.#limited(batchSlot(all, false, call), call);
    this.#pool.linkFor(call).execute(slot);
    const replies = await slot.promise;
    return replies.filter((_, i) => all[i] !== ASKING);
  }

  // -- The end --

  /**
   * Connects again: its name leads to another server by now. Commands in flight
   * end on the old connections, except for those that block.
   */
  redirectedToItself(): void {
    this.#pool.leave(new ConnectionError(`${this.id} redirects to itself`));
  }

  /**
   * Ends a node that has no slots any more. Commands that were not written fail
   * as not executed, and so does the next command of each lease: both then go
   * elsewhere. Commands in flight get their replies, unless the node is silent, or
   * was lost and is being dialled. Those that block have up to {@linkcode TELLS_MS}
   * to hear from the node that it has lost their slots.
   */
  async leave(): Promise<void> {
    const isLost = this.isSilent || this.#pool.isConnecting;
    this.#pool.leave(
      new ConnectionError(`The node ${this.id} has no slots any more`),
      isLost ? 0 : TELLS_MS,
    );
    await this.#pool.end(isLost ? 0 : Infinity);
    await this.client.close();
  }

  /** Lets commands in flight come to their end, then closes. */
  async close(options?: CloseOptions): Promise<void> {
    await this.#pool.close(options);
    await this.client.close();
  }

  /** Keeps the process alive for its connections, or not. */
  ref(live: boolean): void {
    if (live) this.client.ref();
    else this.client.unref();
  }

  /** Its statistics; the caller adds its place in the cluster. */
  statistics(
    place: Pick<NodeStatistics, "role" | "slots">,
  ): NodeStatistics {
    const { roundTrip, zone } = this.condition;
    return {
      ...this.endpoint,
      ...place,
      isUp: this.isUp,
      pending: this.pending,
      ...this.counts,
      zone,
      roundTrip: roundTrip === Infinity ? undefined : roundTrip,
    };
  }

  /** The states of its connections. */
  get summary(): string {
    return this.#pool.summary;
  }

  /** ASKING is for the next command on its connection: nothing may come between. */
  #ask<T>(slot: Slot<T>, call: CallOptions): Promise<T> {
    const link = this.#pool.linkFor(call);
    const asking = this.#limited(new CommandSlot(ASKING), call);
    asking.promise.catch(() => {});
    link.execute(asking);
    link.execute(this.#limited(slot, call));
    return slot.promise;
  }

  /** Never sent again on its own: a retry needs ASKING again. */
  #limited<S extends Slot>(slot: S, call: CallOptions): S {
    return limited(slot, call, { ...this.#pool.options, retries: 0 });
  }
}

/** Makes a replica execute reads instead of redirecting them to its master; has no effect on a master. */
function readOnly(connection: Connection): void {
  const slot = new CommandSlot(READONLY);
  // Where READONLY is refused the replica answers MOVED, and the command goes to the master.
  slot.promise.catch(() => {});
  connection.execute(slot);
}
