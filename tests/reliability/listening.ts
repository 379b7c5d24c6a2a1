/**
 * A subscription that goes through every fault, and the checks that must hold.
 *
 * @module
 */

import type { Gap, Redis } from "../../mod.ts";
import { sleep, until } from "../client/support.ts";
import type { Chaos } from "../support/chaos.ts";
import type { Ledger } from "./ledger.ts";

const EVERY = 3;

/** The resources of a {@linkcode Listening}. */
export interface ListeningSetting {
  readonly channel: string;
  /** The client under test. */
  readonly redis: Redis;
  /** Queries the server, bypassing the proxy. */
  readonly server: Redis;
  readonly ledger: Ledger;
  readonly chaos: Chaos;
}

/** Reads numbers from a subscription; they are published directly to the server. */
export class Listening {
  readonly #setting: ListeningSetting;
  readonly #work: Promise<unknown>;
  readonly #stop = new AbortController();
  #published = 0;
  #last = 0;
  /** Missing messages that no gap has reported. */
  #untold = 0;
  /** The first message after this number is stored. */
  #mark = Infinity;
  #marked: { missed: Gap | null } | undefined;

  private constructor(setting: ListeningSetting, news: AsyncIterable<Message>) {
    this.#setting = setting;
    this.#work = Promise.all([this.#read(news), this.#publish()]);
    // `end()` awaits it.
    this.#work.catch(() => {});
  }

  /** Subscribes, and begins to publish. */
  static async begin(setting: ListeningSetting): Promise<Listening> {
    const { redis, channel } = setting;
    return new Listening(setting, await redis.subscribe(channel));
  }

  /** Checks, without faults, that it still gets messages and reports a lost connection. */
  async end(): Promise<void> {
    const { ledger, chaos, server, channel } = this.#setting;
    const fresh = this.#published;
    await until(() => this.#last > fresh, "the subscription comes back");
    this.#mark = this.#published;
    chaos.drop();
    await until(() => this.#marked !== undefined, "it comes back once more");
    if (this.#marked?.missed?.reason !== "reconnected") {
      ledger.breach("a subscription did not report that it was lost");
    }
    const [entry] = await server.pubsubNumsub(channel);
    if (entry?.[1] !== 1) ledger.breach(`${entry} listeners, not one`);
    if (this.#untold > chaos.toClient.corrupted) {
      ledger.breach(`a subscription missed ${this.#untold} messages silently`);
    }
    this.#stop.abort();
    await this.#work;
  }

  async #publish(): Promise<void> {
    const { server, channel } = this.#setting;
    // One more message, so that the reader notices the end.
    for (let last = false; !last;) {
      last = this.#stop.signal.aborted;
      await server.publish(channel, ++this.#published);
      await sleep(EVERY);
    }
  }

  async #read(news: AsyncIterable<Message>): Promise<void> {
    const { channel, ledger } = this.#setting;
    for await (const { message, missed } of news) {
      if (this.#stop.signal.aborted) return;
      // A corrupted digit makes the message unreadable: skip it.
      if (!/^\d+$/.test(message)) continue;
      const number = Number(message);
      if (number <= this.#last) {
        ledger.breach(`${channel}: ${number} came after ${this.#last}`);
      }
      if (number > this.#last + 1 && missed === null) this.#untold++;
      if (number > this.#mark) this.#marked ??= { missed };
      this.#last = number;
    }
    ledger.breach(`${channel}: the subscription ended`);
  }
}

type Message = { message: string; missed: Gap | null };
