/**
 * A master that Sentinels watch: wherever it is from time to time.
 *
 * @see https://redis.io/docs/latest/develop/reference/sentinel-clients/
 * @module
 */

import { Client } from "../client/client.ts";
import type { CloseOptions } from "../client/engine.ts";
import type { ClientOptions } from "../client/options.ts";
import { Pool } from "../client/pool.ts";
import type { Item, Subscription } from "../client/subscription.ts";
import { sleep } from "../client/sleep.ts";
import { AuthenticationError, ConnectionError, messageOf } from "../errors.ts";
import type { Address, Dial, Transport } from "../net/transport.ts";
import { decodeText } from "../resp/bytes.ts";
import type { Reply } from "../resp/reply.ts";
import { type Endpoint, idOf } from "./topology.ts";

/** How a master is found. */
export interface SentinelOptions {
  /** Some of the sentinels; one that answers is enough. */
  readonly sentinels: readonly Endpoint[];
  /** What they call the master. */
  readonly name: string;
  /** How the sentinels are reached: their user, password and TLS. */
  readonly sentinel: ClientOptions;
  /** How the master is reached. */
  readonly master: ClientOptions & { dial: Dial };
}

/** A master that was found is taken for it so long, in milliseconds, by whoever connects besides. */
const FRESH = 1_000;
/** Where the sentinels say that there is another master. */
const SWITCHED = "+switch-master";
/** Nobody to listen to: the next try comes so much later, in milliseconds. */
const AGAIN = 1_000;
/** How long one sentinel may take to answer, in milliseconds. */
const EACH = 1_000;

/** A client for whichever server is the master. */
export class SentinelClient extends Client {
  readonly #options: SentinelOptions;
  readonly #pool: Pool;
  readonly #listener: Client;
  readonly #heard: Promise<void>;

  /** Connects when first used. */
  constructor(options: SentinelOptions) {
    const finder = new Finder(options);
    const pool = new Pool({ ...options.master, dial: finder.dial });
    super({ pool });
    this.#options = options;
    this.#pool = pool;
    this.#listener = new Client({
      ...options.sentinel,
      dial: finder.dialSentinel,
    });
    this.#listener.unref();
    this.#heard = this.#listen(finder);
  }

  /** Closes the connections to the master and to the sentinels. */
  override async close(options?: CloseOptions): Promise<void> {
    await Promise.all([
      super.close(options),
      this.#pool.close(options),
      this.#listener.close({ timeout: 0 }),
    ]);
    await this.#heard;
  }

  /** Leaves a master as soon as it is said to be none any more. */
  async #listen(finder: Finder): Promise<void> {
    while (!this.closing.aborted) {
      try {
        const said: Subscription<string, Item<string>> = await this.#listener
          .subscribe("channel", [SWITCHED], {}, decodeText);
        for await (const item of said) {
          // As "name 10.0.0.1 6379 10.0.0.2 6379".
          const [name] = "message" in item ? item.message.split(" ") : [];
          if (name === this.#options.name) this.#leave(finder);
        }
      } catch {
        // Nobody is there; the connections find out for themselves meanwhile.
        await sleep(AGAIN, this.closing).catch(() => {});
      }
    }
  }

  #leave(finder: Finder): void {
    finder.forget();
    this.leave(new ConnectionError("Another server is the master now"));
  }
}

/** Asks the sentinels where the master is. */
class Finder {
  readonly #options: SentinelOptions;
  /** The one that answered last comes first. */
  readonly #sentinels: Endpoint[];
  #found: { endpoint: Endpoint; until: number } | undefined;
  #turn = 0;

  constructor(options: SentinelOptions) {
    this.#options = options;
    this.#sentinels = [...options.sentinels];
  }

  /** Dials the master. */
  readonly dial: Dial = async (address, signal) => {
    const endpoint = await this.#find(signal);
    try {
      return await this.#dial(address, endpoint, signal);
    } catch (error) {
      this.forget();
      throw error;
    }
  };

  /** Dials a sentinel, another one each time. */
  readonly dialSentinel: Dial = async (address, signal) => {
    const { sentinels } = this.#options;
    const sentinel = sentinels[this.#turn++ % sentinels.length]!;
    return await this.#dial(address, sentinel, signal);
  };

  /** Asks again next time. */
  forget(): void {
    this.#found = undefined;
  }

  async #dial(
    address: Address,
    { hostname, port }: Endpoint,
    signal: AbortSignal,
  ): Promise<Transport> {
    const { dial } = this.#options.master;
    return await dial({ ...address, hostname, port } as Address, signal);
  }

  async #find(signal: AbortSignal): Promise<Endpoint> {
    const { name } = this.#options;
    if (this.#found && performance.now() < this.#found.until) {
      return this.#found.endpoint;
    }
    const causes: string[] = [];
    let refused: AuthenticationError | undefined;
    for (const sentinel of [...this.#sentinels]) {
      try {
        // One that is silent must not take the time of the others.
        const patience = AbortSignal.any([signal, AbortSignal.timeout(EACH)]);
        const endpoint = await this.#ask(sentinel, patience);
        try {
          await this.#verify(endpoint, signal);
        } catch (error) {
          if (error instanceof AuthenticationError) refused = error;
          throw error;
        }
        const others = this.#sentinels.filter((each) => each !== sentinel);
        this.#sentinels.splice(0, Infinity, sentinel, ...others);
        this.#found = { endpoint, until: performance.now() + FRESH };
        return endpoint;
      } catch (error) {
        signal.throwIfAborted();
        // The master's own, which no other sentinel will mend.
        if (error === refused) throw error;
        causes.push(`${idOf(sentinel)}: ${messageOf(error)}`);
      }
    }
    throw new ConnectionError(
      `Cannot find the master ${name}: ${causes.join("; ")}`,
    );
  }

  async #ask(sentinel: Endpoint, signal: AbortSignal): Promise<Endpoint> {
    const { sentinel: options, name } = this.#options;
    const words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name];
    const reply = await this.#once(sentinel, options, words, signal);
    if (Array.isArray(reply)) {
      return { hostname: String(reply[0]), port: Number(reply[1]) };
    }
    throw new ConnectionError(`it knows no master ${name}`);
  }

  /** A sentinel may not know yet that it was demoted, or is none at all any more. */
  async #verify(endpoint: Endpoint, signal: AbortSignal): Promise<void> {
    const { master } = this.#options;
    const reply = await this.#once(endpoint, master, ["ROLE"], signal);
    const role = Array.isArray(reply) ? String(reply[0]) : "";
    if (role === "master") return;
    throw new ConnectionError(`${idOf(endpoint)} is a ${role}`);
  }

  async #once(
    { hostname, port }: Endpoint,
    options: ClientOptions,
    words: string[],
    signal: AbortSignal,
  ): Promise<Reply> {
    const { dial } = this.#options.master;
    const { onEvent: _, ...others } = options;
    const client = new Client({
      ...others,
      dial,
      hostname,
      port,
      db: 0,
      connectAttempts: 1,
    });
    try {
      return await client.send(words, { signal });
    } finally {
      await client.close({ timeout: 0 });
    }
  }
}
