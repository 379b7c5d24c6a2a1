/**
 * Clients that go from gateway to gateway, over a network with faults: each must
 * read what it has written.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Caller } from "./caller.ts";
import { Random } from "./random.ts";

/** What the clients did. */
export interface Outcome {
  /** Reads that were compared. */
  reads: number;
  /** Those of them that came from memory. */
  cached: number;
  /** Requests that got an error, which may have been executed. */
  failed: number;
}

/** Each of `clients` acts `times` times at gateways of its choice, with keys of its own. */
export async function assertReadYourWrites(
  urls: readonly string[],
  token: string,
  { clients, times, seed }: { clients: number; times: number; seed: number },
): Promise<Outcome> {
  const outcome = { reads: 0, cached: 0, failed: 0 };
  await Promise.all(Array.from({ length: clients }, async (_, i) => {
    const client = new Client(urls, token, `c${i}`, new Random(seed + i));
    for (let n = 0; n < times; n++) await client.act(outcome);
  }));
  return outcome;
}

/** One client: it keeps the token of its last answer, as the SDK does. */
class Client {
  readonly #urls: readonly string[];
  readonly #token: string;
  readonly #key: string;
  readonly #random: Random;
  #syncToken = "";
  #count = 0;
  /** The values that its key may have. */
  #values: (string | null)[] = [null];
  /** Those of writes whose outcome is unknown: they may be executed later. */
  readonly #pending: (string | null)[] = [];

  constructor(
    urls: readonly string[],
    token: string,
    key: string,
    random: Random,
  ) {
    this.#urls = urls;
    this.#token = token;
    this.#key = key;
    this.#random = random;
  }

  async act(outcome: Outcome): Promise<void> {
    const key = this.#key;
    const other = `${key}:other`;
    const value = `${++this.#count}${"x".repeat(this.#random.below(2_000))}`;
    const set = ["SET", key, value];
    switch (this.#random.below(24)) {
      case 0:
        return await this.#write(outcome, "/", set, value);
      case 1:
        return await this.#write(outcome, "/multi-exec", [set], value);
      case 2:
        return await this.#write(
          outcome,
          "/pipeline",
          [["GET", other], set, ["STRLEN", key]],
          value,
        );
      case 3:
        return await this.#write(
          outcome,
          "/",
          ["EVAL", `return redis.call("set", "${key}", ARGV[1])`, 0, value],
          value,
        );
      case 4:
        return await this.#write(outcome, "/", ["DEL", key], null);
      case 5:
        return await this.#write(outcome, "/", [
          "MSET",
          ...[other, "1", key, value],
        ], value);
      case 6:
        return await this.#read(
          outcome,
          "/pipeline",
          [["GET", key], ["GET", other]],
          (json) => json[0].result,
        );
      case 7:
        return await this.#read(
          outcome,
          "/",
          ["MGET", other, key],
          (json) => json.result[1],
        );
      default:
        return await this.#read(
          outcome,
          "/",
          ["GET", key],
          (json) => json.result,
        );
    }
  }

  async #write(
    outcome: Outcome,
    path: string,
    body: unknown,
    value: string | null,
  ): Promise<void> {
    // Until it is known: both.
    const before = this.#values;
    this.#values = [...before, value];
    const { status } = await this.#ask(path, body);
    if (status === 200) this.#values = [value, ...this.#pending];
    else {
      outcome.failed++;
      this.#pending.push(value);
    }
  }

  async #read(
    outcome: Outcome,
    path: string,
    body: unknown,
    // deno-lint-ignore no-explicit-any -- it knows what it asked
    pick: (json: any) => string | null,
  ): Promise<void> {
    const { status, json, headers } = await this.#ask(path, body);
    if (status !== 200) return void outcome.failed++;
    const found = pick(json);
    assert.ok(
      this.#values.includes(found),
      `${this.#key} is ${found?.slice(0, 10)}, age ${
        headers.get("age")
      }; written was ${this.#values.map((value) => value?.slice(0, 10))}`,
    );
    outcome.reads++;
    if (headers.has("age")) outcome.cached++;
  }

  async #ask(path: string, body: unknown) {
    const url = this.#urls[this.#random.below(this.#urls.length)]!;
    const answered = await new Caller(url, this.#token).post(path, body, {
      "upstash-sync-token": this.#syncToken,
    });
    this.#syncToken = answered.headers.get("upstash-sync-token") ??
      this.#syncToken;
    return answered;
  }
}
