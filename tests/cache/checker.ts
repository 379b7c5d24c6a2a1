/**
 * Readers of a cache, writers beside it, and harm: every read is compared with
 * what a register may say.
 *
 * Each key has one writer, which counts up. A read may return any value that the key
 * had since the call, and an older one as long as its change could not be known:
 *
 * - nothing that is not written yet;
 * - nothing older than a write that was answered `LATE_MS` before the call, in
 *   which time a lost connection is noticed;
 * - in RESP3, where a change is told in the order of the replies: nothing that
 *   memory gave before a change was told that is told when the read is called;
 * - nothing older than what the reader's own client wrote before the call.
 *
 * Replication is asynchronous: a master that is replaced may take answered writes
 * with it. So a read that is called or answered while that goes on may return any
 * number that was written, and then only those writes count that were called when
 * it was over.
 *
 * @module
 */

import {
  type CachedRedis,
  type CacheEvent,
  withCache,
} from "../../lib/cache/cache.ts";
import { sleep } from "../client/support.ts";
import { Random } from "../resp/random.ts";
import { AwakeClock } from "../support/awake_clock.ts";
import type { Way, World } from "./worlds.ts";

/** A lost connection is noticed within this time, in ms, even on a busy machine. */
const LATE_MS = 3_000;
const KEYS = 12;
const READERS = 24;

/** One run of the checker. */
export interface CheckOptions {
  readonly way: Way;
  readonly seconds: number;
  readonly seed: number;
  /** Ends the run at the first wrong read. */
  readonly untilWrong?: boolean;
}

/** What a run has seen. */
export interface Checked {
  reads: number;
  hits: number;
  writes: number;
  harms: number;
  /** The wrong reads, in words. */
  readonly wrong: string[];
}

/** The time from one loss of writes to the next. */
class Era {
  /** Whether writes that are answered stay. */
  isSafe = true;
}

/** A key, and what is known of it. */
class Register {
  readonly key: string;
  /** The greatest value that may be stored. */
  begun = 0;
  /** The greatest number that memory has given. */
  kept = 0;
  /** What every read must reach that is called from now on. */
  floor = 0;
  /** Answered writes, until they must be visible. */
  #answered: { value: number; at: number }[] = [];
  readonly #clock: AwakeClock;

  constructor(key: string, clock: AwakeClock) {
    this.key = key;
    this.#clock = clock;
  }

  /** Records an acknowledged write. */
  answered(value: number): void {
    this.#answered.push({ value, at: this.#clock.now });
  }

  /** Answered writes may be lost. */
  lose(): void {
    this.floor = 0;
    this.#answered = [];
  }

  /** The least number that a read may return which is called now. */
  least(): number {
    const late = this.#clock.now - LATE_MS;
    while (this.#answered.length > 0 && this.#answered[0]!.at < late) {
      this.floor = Math.max(this.floor, this.#answered.shift()!.value);
    }
    return this.floor;
  }
}

/** Runs readers, writers and harm; resolves to what was wrong. */
export async function check(options: CheckOptions): Promise<Checked> {
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`);
  await using world = await options.way.make(keys);
  using clock = new AwakeClock();
  return await new Run(world, keys, options, clock).run();
}

class Run {
  readonly #world: World;
  readonly #options: CheckOptions;
  readonly #random: Random;
  readonly #registers: ReadonlyMap<string, Register>;
  readonly #cached: CachedRedis;
  readonly #checked: Checked = {
    reads: 0,
    hits: 0,
    writes: 0,
    harms: 0,
    wrong: [],
  };
  #era = new Era();
  #end = Infinity;

  constructor(
    world: World,
    keys: readonly string[],
    options: CheckOptions,
    clock: AwakeClock,
  ) {
    this.#world = world;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#registers = new Map(
      keys.map((key) => [key, new Register(key, clock)]),
    );
    const { prefixes } = options.way;
    this.#cached = withCache(world.redis, {
      ...prefixes ? { prefixes } : {},
      onEvent: (event) => this.#hear(event),
    });
  }

  async run(): Promise<Checked> {
    const registers = [...this.#registers.values()];
    for (const { key } of registers) await this.#world.writer.set(key, 0);
    this.#end = performance.now() + this.#options.seconds * 1_000;
    await Promise.all([
      ...registers.map((register, i) => this.#write(register, i % 3 === 0)),
      ...Array.from({ length: READERS }, () => this.#read(registers)),
      this.#harm(),
    ]);
    this.#checked.hits = this.#cached.stats.hits;
    return this.#checked;
  }

  get #goesOn(): boolean {
    return performance.now() < this.#end &&
      !(this.#options.untilWrong && this.#checked.wrong.length > 0);
  }

  #hear(event: CacheEvent): void {
    if (event.kind !== "invalidated" || !this.#world.isOrdered) return;
    for (const key of event.keys ?? []) {
      const register = this.#registers.get(key);
      if (register === undefined) continue;
      register.floor = Math.max(register.floor, register.kept + 1);
    }
  }

  async #harm(): Promise<void> {
    const random = this.#random;
    while (this.#goesOn) {
      await sleep(random.below(400));
      await this.#world.harm(random, (run) => this.#losing(run));
      this.#checked.harms++;
    }
  }

  /** Runs what may lose answered writes: nothing is known of these any more. */
  async #losing(run: () => Promise<void>): Promise<void> {
    this.#beginEra().isSafe = false;
    await run();
    this.#beginEra();
    // What was kept wrongly shows once writes count again.
    await sleep(2 * LATE_MS);
  }

  #beginEra(): Era {
    for (const register of this.#registers.values()) register.lose();
    return this.#era = new Era();
  }

  async #write(register: Register, isOwn: boolean): Promise<void> {
    const random = this.#random;
    const client = isOwn ? this.#cached : this.#world.writer;
    while (this.#goesOn) {
      await sleep(random.chance(0.5) ? random.below(8) : random.below(150));
      const value = ++register.begun;
      const era = this.#era;
      try {
        await client.set(register.key, value);
        this.#checked.writes++;
        if (era !== this.#era || !era.isSafe) continue;
        if (isOwn) register.floor = Math.max(register.floor, value);
        else register.answered(value);
      } catch {
        // It may be executed later, and must not come behind the next one.
        await sleep(LATE_MS / 2);
      }
    }
  }

  async #read(registers: readonly Register[]): Promise<void> {
    const random = this.#random;
    const cached = this.#cached;
    while (this.#goesOn) {
      const register = random.pick(registers);
      const other = random.pick(registers);
      const least = register.least();
      const leastOfOther = other.least();
      const era = this.#era;
      try {
        if (random.chance(0.2)) {
          const [one, two] = await cached.mget(register.key, other.key);
          this.#judge(register, one, least, era);
          this.#judge(other, two, leastOfOther, era);
        } else {
          const { hits } = cached.stats;
          const reading = cached.get(register.key);
          const isHit = cached.stats.hits > hits;
          const value = this.#judge(register, await reading, least, era);
          if (isHit) register.kept = Math.max(register.kept, value);
        }
      } catch {
        // A read that fails says nothing.
      }
      // Most reads come close together, and some when all is quiet.
      if (random.chance(0.2)) await sleep(random.below(10));
    }
  }

  /** Compares what was read with what may be there; returns it as a number. */
  #judge(
    { key, begun }: Register,
    text: string | null | undefined,
    least: number,
    era: Era,
  ): number {
    this.#checked.reads++;
    const value = Number(text);
    const from = era === this.#era && era.isSafe ? least : 0;
    if (!(value >= from && value <= begun)) {
      this.#checked.wrong.push(
        `${key} was ${text}, and must be from ${from} to ${begun}`,
      );
    }
    return value;
  }
}
