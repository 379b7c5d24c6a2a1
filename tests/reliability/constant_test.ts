import assert from "node:assert/strict";
import { connect, type Redis } from "../../mod.ts";
import { clientsOf, sleep, until } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";

const CYCLES = 200;

/** Counts running timers, and the listeners of signals that have not aborted. */
class Watch implements Disposable {
  readonly timers = new Set<unknown>();
  readonly #listeners = new Map<EventTarget, Set<unknown>>();
  readonly #undo: (() => void)[] = [];

  constructor() {
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    globalThis.setTimeout = ((run: () => void, ms?: number) => {
      const timer = set(() => {
        this.timers.delete(timer);
        run();
      }, ms);
      this.timers.add(timer);
      return timer;
    }) as typeof set;
    globalThis.clearTimeout = (timer) => {
      this.timers.delete(timer);
      clear(timer);
    };
    const { prototype } = EventTarget;
    const { addEventListener: add, removeEventListener: remove } = prototype;
    const listeners = this.#listeners;
    prototype.addEventListener = function (type, listener, options) {
      if (this instanceof AbortSignal) {
        listeners.set(this, (listeners.get(this) ?? new Set()).add(listener));
      }
      add.call(this, type, listener, options);
    };
    prototype.removeEventListener = function (type, listener, options) {
      listeners.get(this)?.delete(listener);
      remove.call(this, type, listener, options);
    };
    this.#undo.push(() => {
      Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
      Object.assign(prototype, {
        addEventListener: add,
        removeEventListener: remove,
      });
    });
  }

  /** The most listeners of any one signal. */
  get mostListeners(): number {
    const live = [...this.#listeners].filter(([signal]) =>
      !(signal as AbortSignal).aborted
    );
    return Math.max(...live.map(([, listeners]) => listeners.size));
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
  }
}

/** The resources of an idle client. */
interface Standing {
  readonly connections: number;
  readonly timers: number;
  readonly listeners: number;
}

async function standing(
  server: TestServer,
  redis: Redis,
  watch: Watch,
): Promise<Standing> {
  // The shared connection, the subscriber's, and the idle one.
  await until(async () => (await clientsOf(server)).length === 3);
  await redis.ping();
  await sleep(1);
  return {
    connections: (await clientsOf(server)).length,
    timers: watch.timers.size,
    listeners: watch.mostListeners,
  };
}

Deno.test("behaviour 41: after 200 drops there are as many connections, timers and listeners as after one", async () => {
  using watch = new Watch();
  await using server = await TestServer.start();
  const { signal } = new AbortController();
  await using redis = await connect(server.url, { backoff: () => 0 });
  await using news = await redis.subscribe("news", { signal });
  const bound = redis.with({ signal });
  const seen: Standing[] = [];
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const calls = [bound.get("k"), bound.incr("n"), bound.blpop(["q"], 10)];
    const settled = Promise.allSettled(calls);
    await server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    if (cycle % 2 === 1) await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
    // The client may not have noticed the kill yet.
    await until(() => bound.rpush("q", "x").then(() => true, () => false));
    await settled;
    await bound.del("q");
    await until(async () => {
      using lease = await bound.lease();
      return await lease.get("k").then(() => true, () => false);
    });
    if (cycle === 1 || cycle === CYCLES) {
      seen.push(await standing(server, redis, watch));
    }
  }
  const [first, last] = seen as [Standing, Standing];
  assert(first.timers > 0 && first.listeners > 0, Deno.inspect(first));
  // One more or less: a timer that has just fired, or is about to.
  assert(last.timers <= first.timers + 1, Deno.inspect(seen));
  assert.deepEqual({ ...last, timers: 0 }, { ...first, timers: 0 });

  await until(async () => await redis.publish("news", "still here") === 1);
  const { value } = await news.next();
  assert.equal(value?.message, "still here");
  assert.equal(value?.missed?.reason, "reconnected");
});
