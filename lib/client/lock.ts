/**
 * A lock that one holder has at a time, as long as its time lasts.
 *
 * @module
 */

import { cannot, LockError, ReplyError } from "../errors.ts";
import type { Redis } from "./redis.ts";
import { Script } from "./script.ts";
import { sleep } from "./sleep.ts";
import { integer } from "../commands/shapes.ts";

/** How a lock is acquired and kept. */
export interface LockOptions {
  /** How long the lock is held unless it is extended, in milliseconds. */
  ttl: number;
  /**
   * How long to try when somebody else holds it, in milliseconds; 0 for one try.
   *
   * @default {Infinity}
   */
  wait?: number;
  /**
   * The time between two tries, in milliseconds.
   *
   * @default {100}
   */
  retryDelay?: number;
  /**
   * Whether the lock is extended by itself, every third of its `ttl`, until it
   * is released or lost.
   *
   * @default {false}
   */
  renew?: boolean;
  /** Ends the trying when it aborts; rejects with its reason. */
  signal?: AbortSignal;
}

/** A timer may ring so much early, in milliseconds. */
const EARLY = 5;

// Only its owner may touch a lock: another may hold it since it expired.
const OWNED = `if redis.call("get", KEYS[1]) ~= ARGV[1] then return 0 end\n`;
const RELEASE = `${OWNED}return redis.call("del", KEYS[1])`;
const EXTEND = `${OWNED}return redis.call("pexpire", KEYS[1], ARGV[2])`;

/**
 * A lock that is held: release it, or leave its `await using` block.
 *
 * What a Redis lock cannot promise: it ends when its time is over, whether its
 * holder is done or not, and a server that fails over may forget it. It keeps
 * work from being done twice most of the time; what must never be done twice
 * needs a check where the work is done.
 */
export class Lock implements AsyncDisposable {
  /** The key of the lock. */
  readonly name: string;
  /** What shows that the lock is this holder's. */
  readonly token: string;
  /** Aborts when the lock is found to be lost. */
  readonly signal: AbortSignal;

  readonly #redis: Redis;
  readonly #ttl: number;
  readonly #release: Script<number, [string], [string]>;
  readonly #extend: Script<number, [string], [string, number]>;
  readonly #lost = new AbortController();
  #renewal: ReturnType<typeof setInterval> | undefined;
  /** Until when the lock is held for sure, on the clock of `performance.now()`. */
  #until: number;
  #released: Promise<void> | undefined;

  /** Made by `lock`; `asked` is when it was asked for. */
  constructor(
    redis: Redis,
    name: string,
    token: string,
    options: LockOptions,
    asked: number,
  ) {
    this.#until = asked + options.ttl;
    this.#redis = redis;
    this.name = name;
    this.token = token;
    this.#ttl = options.ttl;
    this.signal = this.#lost.signal;
    this.#release = new Script(redis, RELEASE, integer, false);
    this.#extend = new Script(redis, EXTEND, integer, false);
    if (options.renew) {
      this.#renewal = setInterval(() => this.#renew(), options.ttl / 3);
      // The connection says whether the process lives.
      this.#renewal.unref();
    }
  }

  /**
   * Holds the lock for `ttl` milliseconds from now; as long as at first when
   * left out. Rejects with a {@linkcode LockError} when it is lost.
   */
  async extend(ttl: number = this.#ttl): Promise<void> {
    checkTtl("extend", ttl);
    const asked = performance.now();
    if (await this.#extend.run([this.name], [this.token, ttl]) === 0) {
      throw this.#lose("extend");
    }
    this.#until = asked + ttl;
  }

  /** Whether the lock is still this holder's. */
  async owned(): Promise<boolean> {
    return await this.#redis.get(this.name) === this.token;
  }

  /**
   * Gives the lock back, once; what failed may be tried again. Rejects with a {@linkcode LockError} when it was
   * lost: its time was over, and somebody else may hold it.
   */
  release(): Promise<void> {
    return this.#released ??= this.#giveBack().catch((error) => {
      if (!(error instanceof LockError)) this.#released = undefined;
      throw error;
    });
  }

  /** Releases the lock; it is no error here that it was lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
    }
  }

  async #giveBack(): Promise<void> {
    clearInterval(this.#renewal);
    if (await this.#release.run([this.name], [this.token]) === 0) {
      throw this.#lose("release");
    }
  }

  async #renew(): Promise<void> {
    const left = this.#until - performance.now();
    // What was asked before may wait for its answer much longer than that.
    if (left <= EARLY) this.#lose("renew");
    else if (left <= this.#ttl) {
      // A server out of reach may be back before the time is over.
      await this.extend().catch(() => {});
    }
  }

  #lose(action: string): LockError {
    clearInterval(this.#renewal);
    const error = new LockError(
      `Cannot ${action} lock "${this.name}" as its time was over`,
      this.name,
    );
    this.#lost.abort(error);
    return error;
  }
}

/** Tries to get the lock until its options say otherwise. */
export async function acquire(
  redis: Redis,
  name: string,
  options: LockOptions,
): Promise<Lock> {
  const { ttl, wait = Infinity, retryDelay = 100, signal } = options;
  checkTtl("acquire", ttl);
  for (const [option, time] of Object.entries({ wait, retryDelay })) {
    if (!(time >= 0)) {
      throw new RangeError(
        cannot("acquire lock", `"${option}" must be milliseconds >= 0`, time),
      );
    }
  }
  const asker = signal === undefined ? redis : redis.with({ signal });
  const token = crypto.randomUUID();
  const until = performance.now() + wait;
  for (;;) {
    signal?.throwIfAborted();
    const asked = performance.now();
    try {
      const set = await asker.set(name, token, {
        condition: "nx",
        milliseconds: ttl,
      });
      if (set === "OK") return new Lock(redis, name, token, options, asked);
    } catch (error) {
      if (!(error instanceof ReplyError)) {
        // Perhaps it is held now, and nobody would know: until its time is over.
        new Script(redis, RELEASE, integer, false)
          .queue(redis, [name], [token]).catch(() => {});
      }
      throw error;
    }
    const left = until - performance.now();
    if (left <= 0) {
      throw new LockError(
        `Cannot acquire lock "${name}" within ${wait} ms: somebody else holds it`,
        name,
      );
    }
    await sleep(Math.min(retryDelay, left), signal);
  }
}

function checkTtl(action: string, ttl: number): void {
  if (Number.isInteger(ttl) && ttl >= 1) return;
  throw new RangeError(
    `Cannot ${action} lock as "ttl" must be milliseconds, an integer >= 1: current value is ${ttl}`,
  );
}
