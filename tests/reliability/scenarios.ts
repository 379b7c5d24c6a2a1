/**
 * Two long scenarios: a server that is killed again and again, and a network that
 * fails for a while.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ClientOptions, connect, ConnectionError } from "../../mod.ts";
import { clientsOf, errorOf, sleep, until } from "../client/support.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import { Chaos } from "../support/chaos.ts";
import type { TestServer } from "../support/test_server.ts";

/** Called after each kill, once the client has its connections again. */
type Progress = (cycle: number) => void;

const NAME = "survivor";
const CHANNEL = "news";

/**
 * Kills and restarts the server repeatedly, under a client that does a little of
 * everything; the number of its connections must stay the same.
 */
export async function surviveKills(
  server: TestServer,
  cycles: number,
  progress: Progress = () => {},
): Promise<void> {
  await using redis = await connect(server.url, {
    name: NAME,
    backoff: () => 5,
  });
  await using news = await redis.subscribe(CHANNEL);
  for (let cycle = 1; cycle <= cycles; cycle++) {
    // Killed with calls in flight, which must settle.
    const calls = [redis.incr("n"), redis.get("k"), redis.blpop(["q"], 1)];
    const settled = Promise.allSettled(calls);
    await server.restart();
    await settled;
    assert.equal(await redis.set("k", cycle), "OK");
    assert.equal(await redis.get("k"), String(cycle));
    assert.equal(await redis.blpop(["q"], 0.001), null);
    using lease = await redis.lease();
    assert.equal(await lease.ping(), "PONG");
    await until(async () => await redis.publish(CHANNEL, `${cycle}`) === 1);
    const { value } = await news.next();
    assert.equal(value?.message, `${cycle}`);
    assert.equal(value?.missed?.reason, "reconnected");
    // The shared connection, the subscriber's, and the leased one.
    assert.equal((await clientsOf(server, new RegExp(NAME))).length, 3);
    progress(cycle);
  }
}

/** The timeouts of the client of {@linkcode surviveBlackhole}. */
export interface Patience {
  /** How long the network passes no bytes, in milliseconds. */
  milliseconds: number;
  /** The timeout of each call. */
  commandTimeout: number;
  connectTimeout: number;
  /** After this long the idle subscriber checks the server with a PING. */
  pingInterval: number;
}

/** A call may reject so much after its deadline, on a machine whose timers are in time. */
const SLACK = 500;
const EVERY = 50;

/**
 * Cuts a client off by a network that passes no bytes: every call rejects by its
 * deadline, and the first call afterwards succeeds.
 */
export async function surviveBlackhole(
  server: TestServer,
  { milliseconds, ...options }: Patience & ClientOptions,
): Promise<number> {
  await using chaos = Chaos.before(server);
  await using redis = await connect(chaos.url, options);
  await using direct = await connect(server.url);
  await using news = await redis.subscribe(CHANNEL);
  await redis.set("k", "v");

  chaos.blackhole();
  const end = performance.now() + milliseconds;
  const calls: Promise<{ error: Error; late: number }>[] = [];
  using awake = new AwakeClock();
  const clocks = [() => performance.now(), () => awake.now];
  const ask = async (call: Promise<unknown>) => {
    const now = () => clocks.map((clock) => clock());
    const due = now().map((time) => time + options.commandTimeout);
    // A busy machine is late with any timer.
    const timer = sleep(options.commandTimeout).then(now);
    const error = await errorOf(call);
    const [ended, rang] = [now(), await timer];
    // An alarm that was late waits as long again while replies are read: the time of day
    // tells. Of a standstill after the timer only the other clock tells.
    const late = due.map((at, i) =>
      ended[i]! - at - 3 * Math.max(0, rang[i]! - at)
    );
    return { error, late: Math.min(...late) };
  };
  // The last calls reject before the network is back.
  while (performance.now() + options.commandTimeout + SLACK < end) {
    calls.push(ask(redis.get("k")), ask(redis.incr("n")));
    await sleep(EVERY);
  }
  assert(calls.length > 0);
  for (const { error, late } of await Promise.all(calls)) {
    assert(error instanceof ConnectionError, String(error));
    assert(late < SLACK, `${late} ms late`);
  }
  await sleep(end - performance.now());

  chaos.heal();
  assert.equal(await redis.get("k"), "v");
  await until(async () => await direct.publish(CHANNEL, "back") > 0);
  assert.equal((await news.next()).value?.missed?.reason, "reconnected");
  return calls.length;
}
