/**
 * One node of a cluster: a client for it, and what only a cluster asks.
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
import { traitsOf } from "../connection/traits.ts";
import { RAW } from "../resp/reply.ts";
import type { Endpoint } from "./topology.ts";

const ASKING = { args: ["ASKING"], shape: RAW };

/** A node that is talked to. */
export class Node {
  /** Where it is. */
  readonly endpoint: Endpoint;
  /** Executes commands there. */
  readonly client: Client;
  /** Its connections. */
  readonly pool: Pool;

  /** Connects when first asked. */
  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.endpoint = endpoint;
    // Commands for a node that is gone, or refuses them, go to another one.
    this.pool = new Pool(
      { ...options, ...endpoint, connectAttempts: 1 },
      { retryRefused: false },
    );
    this.client = new Client({ pool: this.pool });
  }

  /** Executes a command for a slot that is on its way here. */
  async executeAsking<T>(command: Command<T>, call: CallOptions): Promise<T> {
    if (traitsOf(command.args).blocks === undefined) {
      return await this.#ask(new CommandSlot(command, call.retry), call);
    }
    using lease: LeasedEngine = await this.client.lease(call);
    await lease.execute(ASKING, {});
    return await lease.execute(command, call);
  }

  /** Executes a transaction for a slot that is on its way here. */
  transactAsking(
    commands: readonly Command[],
    call: CallOptions,
  ): Promise<unknown[]> {
    return this.#ask(batchSlot(commands, true, call), call);
  }

  /** Lets what was asked come to its end, and closes. */
  async close(options?: CloseOptions): Promise<void> {
    await this.pool.close(options);
    await this.client.close();
  }

  /** How its connections stand. */
  get summary(): string {
    return this.pool.summary;
  }

  // ASKING is for what comes next on its connection: nothing may come between.
  #ask<T>(slot: Slot<T>, call: CallOptions): Promise<T> {
    const link = this.pool.linkFor(call);
    // What is to be tried again is asked for with ASKING again.
    const options = { ...this.pool.options, retries: 0 };
    const asking = limited(new CommandSlot(ASKING), call, options);
    asking.promise.catch(() => {});
    link.execute(asking);
    link.execute(limited(slot, call, options));
    return slot.promise;
  }
}
