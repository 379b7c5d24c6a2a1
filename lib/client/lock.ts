/**
 * A lock: one holder at a time, until its `ttl` is over.
 *
 * @module
 */

import { cannot, LockError, quote, ReplyError } from "../errors.ts";
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
   * Whether the lock is extended by itself, every third of its `ttl` and sooner
   * where that fails, until it is released or lost.
   *
   * @default {false}
   */
  renew?: boolean;
  /** Ends the trying when it aborts; rejects with its reason. */
  signal?: AbortSignal;
}

/** A timer may fire this much too early, in milliseconds. */
const EARLY = 5;

/** A failed renewal is retried after this fraction of the `ttl`. */
const RETRY = 1 / 12;

// Calls every command of RELEASE and EXTEND when nobody holds the lock, to
// learn whether the user has the permissions. Redis stops a script at the first
// command that the user may not call.
const CHECK = `if redis.call("get", KEYS[1]) then return 0 end
redis.call("del", KEYS[1])
if ARGV[1] == "renew" then redis.call("pexpire", KEYS[1], 1) end
return 1`;

// Only its holder may change a lock: it may have expired, and have a new
// holder.
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
  /** The random value of the key: it tells this holder from others. */
  readonly token: string;
  /** Aborts when the lock is found to be lost. */
  readonly signal: AbortSignal;

  readonly #redis: Redis;
  readonly #ttl: number;
  readonly #release: Script<number, [string], [string]>;
  readonly #extend: Script<number, [string], [string, number]>;
  readonly #lost = new AbortController();
  /** The timer of the next renewal; `undefined` when there is none. */
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /**
   * Until when the lock is certainly held, on the clock of `performance.now()`.
   */
  #until: number;
  #released: Promise<void> | undefined;
  /** How many extensions beyond the first `ttl` are under way. */
  #lengthening = 0;
  /** When its holder first released it. */
  #givenBackAt = Infinity;
  /**
   * Whether an attempt to release it may have succeeded although its reply was
   * lost.
   */
  #maybeReleased = false;

  /** Made by `lock`; `asked` is when the command was sent. */
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
    // No retry: a release that is executed twice would find no lock, as if it
    // had been lost.
    const once = redis.with({ retry: false });
    this.#release = new Script(once, RELEASE, integer, false);
    this.#extend = new Script(redis, EXTEND, integer, false);
    if (options.renew) this.#renewIn(options.ttl / 3);
  }

  /**
   * Extends the lock to `ttl` milliseconds from now; to its first `ttl` when
   * left out. Rejects with a {@linkcode LockError} when it is lost.
   */
  async extend(ttl: number = this.#ttl): Promise<void> {
    checkTtl("extend", ttl);
    const asked = performance.now();
    const isLonger = ttl > this.#ttl;
    if (isLonger) this.#lengthening++;
    try {
      if (await this.#extend.run([this.name], [this.token, ttl]) === 0) {
        throw this.#over("extend");
      }
    } finally {
      if (isLonger) this.#lengthening--;
    }
    this.#until = asked + ttl;
  }

  /** Whether this holder still has the lock. */
  async owned(): Promise<boolean> {
    return await this.#redis.get(this.name) === this.token;
  }

  /**
   * Releases the lock, once. A release that failed may be tried again. Rejects
   * with a {@linkcode LockError} when it was lost: its time was over, and
   * somebody else may hold it.
   */
  release(): Promise<void> {
    return this.#released ??= this.#giveBack().catch((error) => {
      if (!(error instanceof LockError)) this.#released = undefined;
      throw error;
    });
  }

  /** Releases the lock. Does not reject when the lock was lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.release();
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
    }
  }

  async #giveBack(): Promise<void> {
    clearTimeout(this.#renewal);
    this.#renewal = undefined;
    this.#givenBackAt = Math.min(this.#givenBackAt, performance.now());
    let found: number;
    try {
      found = await this.#release.run([this.name], [this.token]);
    } catch (error) {
      if (!(error instanceof ReplyError)) this.#maybeReleased = true;
      throw error;
    }
    if (found === 0 && !this.#endedByItself) throw this.#over("release");
  }

  /**
   * Whether a lock that is gone was held until its release: an earlier attempt
   * has released it, or its `ttl` ended while the release was under way.
   */
  get #endedByItself(): boolean {
    return this.#givenBackAt < this.#until &&
      (this.#maybeReleased || performance.now() >= this.#until);
  }

  #renewIn(delay: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.#renew(), delay);
    // The timer must not keep the process alive: the connection does, unless
    // `unref` was called.
    this.#renewal.unref();
  }

  async #renew(): Promise<void> {
    const left = this.#until - performance.now();
    if (left <= EARLY) {
      this.#over("renew");
      return;
    }
    // Notices the end of the lock's time also when a reply does not come
    // before.
    this.#renewIn(Math.min(this.#ttl / 3, left));
    // The holder has extended it for longer than a renewal would, or is about to.
    if (left > this.#ttl || this.#lengthening > 0) return;
    try {
      await this.extend();
    } catch {
      // A server that cannot be reached now may be back before the `ttl` is
      // over.
      if (this.#renewal !== undefined) {
        this.#renewIn(Math.min(this.#ttl * RETRY, left));
      }
    }
  }

  /**
   * The error for a lock whose time was over. A lock that was released before
   * was not lost.
   */
  #over(action: "extend" | "renew" | "release"): LockError {
    clearTimeout(this.#renewal);
    this.#renewal = undefined;
    const error = new LockError(
      `Cannot ${action} lock "${this.name}" as its time was over`,
      this.name,
    );
    if (action === "release" || this.#givenBackAt === Infinity) {
      this.#lost.abort(error);
    }
    return error;
  }
}

/** Tries to get the lock until its options say otherwise. */
export async function acquire(
  redis: Redis,
  name: string,
  options: LockOptions,
): Promise<Lock> {
  const { ttl, wait = Infinity, retryDelay = 100, signal, renew } = options;
  checkTtl("acquire", ttl);
  for (const [option, time] of Object.entries({ wait, retryDelay })) {
    if (typeof time !== "number" || !(time >= 0)) {
      throw new RangeError(
        cannot("acquire lock", `"${option}" must be milliseconds >= 0`, time),
      );
    }
  }
  // No retry: a second attempt would find the lock taken, by the first one.
  const once = redis.with({ retry: false });
  const asker = signal === undefined ? once : once.with({ signal });
  const check = new Script(asker, CHECK, integer, false);
  let mayRelease = false;
  const token = crypto.randomUUID();
  const until = performance.now() + wait;
  for (;;) {
    signal?.throwIfAborted();
    mayRelease ||= await check.run([name], [renew ? "renew" : ""]) === 1;
    const asked = performance.now();
    try {
      const set = mayRelease &&
        await asker.set(name, token, { nx: true, px: ttl });
      if (set === "OK") return new Lock(redis, name, token, options, asked);
    } catch (error) {
      if (!(error instanceof ReplyError)) {
        // The lock may have been acquired although the reply was lost: release
        // it, or nobody could have it until its `ttl` is over.
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
    `Cannot ${action} lock as "ttl" must be milliseconds, an integer >= 1: current value is ${
      quote(ttl)
    }`,
  );
}
