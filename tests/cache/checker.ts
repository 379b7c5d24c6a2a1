/**
 * Readers of a cache, concurrent writers, and a network with faults in between: every
 * read is checked against the values that it may return.
 *
 * Each key has one writer, which counts up. A read may return any value that the key
 * had since the call, and an older one as long as its change could not be known:
 *
 * - no value that is not written yet;
 * - no value older than a write that was acknowledged `LATE_MS` before the call: a
 *   lost connection is noticed within that time;
 * - on one RESP3 connection, where invalidations are in order with replies: no value
 *   from before a change whose invalidation arrived before the call;
 * - no value older than a write of the reader's own client before the call.
 *
 * @module
 */

import {
  type CachedRedis,
  type CacheEvent,
  withCache,
} from "../../lib/cache/cache.ts";
import { connect, dial } from "../../mod.ts";
import type { Address } from "../../lib/net/transport.ts";
import { sleep } from "../client/support.ts";
import { Random } from "../resp/random.ts";
import { Chaos } from "../support/chaos.ts";
import { TestServer } from "../support/test_server.ts";

/** A lost connection is noticed within this time, in ms, even on a busy machine. */
const LATE_MS = 3_000;
const KEYS = 12;
const READERS = 24;

/** One run of the checker. */
export interface CheckOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly protocol: 2 | 3;
  readonly connections: number;
  readonly prefixes?: readonly string[];
  /** Whether to stop at the first wrong read. */
  readonly untilWrong?: boolean;
}

/** The ways of tracking. */
export const WAYS: Record<string, Omit<CheckOptions, "seconds" | "seed">> = {
  "one RESP3 connection": { protocol: 3, connections: 1 },
  "RESP2": { protocol: 2, connections: 1 },
  "three RESP3 connections": { protocol: 3, connections: 3 },
  "broadcast": { protocol: 3, connections: 2, prefixes: ["key:"] },
};

/** The results of a run. */
export interface Checked {
  reads: number;
  hits: number;
  writes: number;
  faults: number;
  /** Descriptions of the wrong reads. */
  readonly wrong: string[];
}

/** A key, and the knowledge about its value. */
class Register {
  readonly key: string;
  /** The greatest value that may be stored. */
  begun = 0;
  /** The greatest value that a reader has seen. */
  seen = 0;
  /** The least value that reads from now on may return. */
  floor = 0;
  /** Acknowledged writes that need not be visible yet. */
  readonly #answered: { value: number; at: number }[] = [];

  constructor(key: string) {
    this.key = key;
  }

  /** Records an acknowledged write. */
  answered(value: number): void {
    this.#answered.push({ value, at: performance.now() });
  }

  /** The least value that a read called now may return. */
  least(): number {
    const late = performance.now() - LATE_MS;
    while (this.#answered.length > 0 && this.#answered[0]!.at < late) {
      this.floor = Math.max(this.floor, this.#answered.shift()!.value);
    }
    return this.floor;
  }
}

/** Runs readers, writers and faults; resolves to the results. */
export async function check(options: CheckOptions): Promise<Checked> {
  const { protocol, connections, prefixes, seed, seconds } = options;
  const random = new Random(seed);
  const checked: Checked = {
    reads: 0,
    hits: 0,
    writes: 0,
    faults: 0,
    wrong: [],
  };
  const registers = Array.from(
    { length: KEYS },
    (_, i) => new Register(`key:${i}`),
  );
  const byKey = new Map(registers.map((each) => [each.key, each]));
  const ordered = protocol === 3 && connections === 1;
  await using server = await TestServer.start();
  await using one = Chaos.before(server);
  await using two = Chaos.before(server);
  await using writer = await connect(server.url);
  for (const { key } of registers) await writer.set(key, 0);
  let dials = 0;
  await using redis = await connect(server.url, {
    protocol,
    connections,
    pingInterval: 200,
    commandTimeout: 400,
    connectTimeout: 400,
    backoff: () => 20,
    // The connections of one client have different delays.
    dial: (address, signal) => {
      const { port } = dials++ % 2 === 0 ? one : two;
      return dial({ ...address, port } as Address, signal);
    },
  });
  const cached = withCache(redis, {
    ...prefixes ? { prefixes } : {},
    onEvent: (event: CacheEvent) => {
      if (event.kind !== "invalidated" || !ordered) return;
      for (const key of event.keys ?? []) {
        const register = byKey.get(key);
        if (register === undefined) continue;
        register.floor = Math.max(register.floor, register.seen + 1);
      }
    },
  });
  const end = performance.now() + seconds * 1_000;
  const goesOn = () =>
    performance.now() < end &&
    !(options.untilWrong && checked.wrong.length > 0);
  await Promise.all([
    ...registers.map((register, i) =>
      write(register, i % 3 === 0 ? cached : writer, checked, random, goesOn)
    ),
    ...Array.from(
      { length: READERS },
      () => read(registers, cached, checked, random, goesOn),
    ),
    harm([one, two], checked, random, goesOn),
  ]);
  checked.hits = cached.stats.hits;
  return checked;
}

type Writer = Pick<CachedRedis, "set">;

async function write(
  register: Register,
  redis: Writer & { stats?: unknown },
  checked: Checked,
  random: Random,
  goesOn: () => boolean,
): Promise<void> {
  const own = redis.stats !== undefined;
  while (goesOn()) {
    await sleep(random.chance(0.5) ? random.below(8) : random.below(150));
    const value = ++register.begun;
    try {
      await redis.set(register.key, value);
      checked.writes++;
      if (own) register.floor = Math.max(register.floor, value);
      else register.answered(value);
    } catch {
      // It may still be executed, but must not come after the next write.
      if (own) await settle(register, redis);
    }
  }
}

/** Waits until a lost write can no longer arrive. */
async function settle(register: Register, _redis: Writer): Promise<void> {
  await sleep(LATE_MS / 2);
  register.begun++;
}

async function read(
  registers: readonly Register[],
  cached: CachedRedis,
  checked: Checked,
  random: Random,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    const register = random.pick(registers);
    const other = random.pick(registers);
    const least = [register.least(), other.least()];
    try {
      if (random.chance(0.2)) {
        const values = await cached.mget(register.key, other.key);
        judge(register, values[0]!, least[0]!, checked);
        judge(other, values[1]!, least[1]!, checked);
      } else {
        judge(register, await cached.get(register.key), least[0]!, checked);
      }
    } catch {
      // A failed read is not checked.
    }
    // Most reads are close together, and some come in quiet moments.
    if (random.chance(0.2)) await sleep(random.below(10));
  }
}

function judge(
  register: Register,
  text: string | null | undefined,
  least: number,
  checked: Checked,
): void {
  checked.reads++;
  const value = Number(text);
  if (!(value >= least && value <= register.begun)) {
    checked.wrong.push(
      `${register.key} was ${text}, and must be from ${least} to ${register.begun}`,
    );
  }
  register.seen = Math.max(register.seen, value);
}

const HARM: readonly ((chaos: Chaos, random: Random) => unknown)[] = [
  (chaos, random) => chaos.toClient.delay = random.below(80),
  (chaos, random) => chaos.toServer.delay = random.below(40),
  (chaos, random) => chaos.toClient.split = 1 + random.below(20),
  (chaos, random) => chaos.toClient.coalesce = random.below(30),
  (chaos, random) => chaos.toClient.truncate = random.below(4_000),
  (chaos) => chaos.drop(),
  (chaos) => chaos.toClient.blackhole = true,
  (chaos) => chaos.blackhole(),
];

/** Injects faults, one or two at a time, and heals them. */
async function harm(
  proxies: readonly Chaos[],
  checked: Checked,
  random: Random,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    await sleep(random.below(400));
    for (let i = 0; i <= random.below(2); i++) {
      await random.pick(HARM)(random.pick(proxies), random);
      checked.faults++;
    }
    await sleep(random.below(random.chance(0.2) ? 900 : 200));
    for (const chaos of proxies) chaos.heal();
  }
  for (const chaos of proxies) chaos.heal();
}
