/**
 * The measured work, for any client and runtime, and the timing of a run.
 *
 * @module
 */

import { cpuUsage } from "node:process";

/** The interface of a client in the table. */
export interface Contender {
  /** `GET key`, as text. */
  get(key: string): Promise<unknown>;
  /** `GET key`, as bytes. */
  getBytes(key: string): Promise<unknown>;
  /** `SET key value`. */
  set(key: string, value: string): Promise<unknown>;
  /** `LRANGE key 0 -1`. */
  lrange(key: string): Promise<unknown>;
  /** `HGETALL key`. */
  hgetall(key: string): Promise<unknown>;
  /** `count` times `GET key` as one pipeline, not a transaction. */
  pipeline(key: string, count: number): Promise<unknown>;
}

/** One line of the table. */
export interface Row {
  /** What is done. */
  readonly title: string;
  /** Commands that one call of `work` makes. */
  readonly commands: number;
  /** Calls under way at a time. */
  readonly tasks: number;
  /** The depth of redis-benchmark's pipeline for the same, where it can do that. */
  readonly depth?: number;
  /** The command of redis-benchmark. */
  readonly command?: "get" | "set";
  /** One call. */
  readonly work: (contender: Contender) => Promise<unknown>;
}

/** What one run gives. */
export interface Measured {
  /** Commands per second. */
  rate: number;
  /** Microseconds of this process's CPU per command. */
  cpu: number;
}

const SHORT = "0123456789abcdef";
const LARGE = "x".repeat(1024 * 1024);
const PIPELINE = 1_000;

/** The keys that the rows read. */
export const KEYS = {
  short: "bench:short",
  large: "bench:large",
  list: "bench:list",
  hash: "bench:hash",
} as const;

/** What the keys hold. */
export const VALUES = {
  short: SHORT,
  large: LARGE,
  list: Array.from({ length: 1_000 }, () => SHORT),
  hash: Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`field:${i}`, SHORT]),
  ),
} as const;

/** The table. */
export const ROWS: readonly Row[] = [
  ...[1, 64, 1_000].map((tasks): Row => ({
    title: tasks === 1
      ? "GET, one at a time"
      : `GET, ${tasks.toLocaleString("en")} tasks`,
    commands: 1,
    tasks,
    depth: tasks,
    command: "get",
    work: (contender) => contender.get(KEYS.short),
  })),
  {
    title: "SET, 1,000 tasks",
    commands: 1,
    tasks: 1_000,
    depth: 1_000,
    command: "set",
    work: (contender) => contender.set("bench:set", SHORT),
  },
  {
    title: "pipeline of 1,000 GET",
    commands: PIPELINE,
    tasks: 1,
    depth: PIPELINE,
    command: "get",
    work: (contender) => contender.pipeline(KEYS.short, PIPELINE),
  },
  {
    title: "LRANGE of 1,000, 10 at once",
    commands: 1,
    tasks: 10,
    work: (contender) => contender.lrange(KEYS.list),
  },
  {
    title: "HGETALL of 100, 10 at once",
    commands: 1,
    tasks: 10,
    work: (contender) => contender.hgetall(KEYS.hash),
  },
  {
    title: "GET of 1 MiB as text",
    commands: 1,
    tasks: 1,
    work: (contender) => contender.get(KEYS.large),
  },
  {
    title: "GET of 1 MiB as bytes",
    commands: 1,
    tasks: 1,
    work: (contender) => contender.getBytes(KEYS.large),
  },
  {
    title: "SET of 1 MiB",
    commands: 1,
    tasks: 1,
    work: (contender) => contender.set("bench:set", LARGE),
  },
];

/** Does the row's work for `duration` milliseconds, or a little longer. */
export async function run(
  row: Row,
  contender: Contender,
  duration: number,
): Promise<Measured> {
  const before = cpuUsage();
  const start = performance.now();
  const end = start + duration;
  let calls = 0;
  let over = false;
  const task = async () => {
    while (!over) {
      await row.work(contender);
      // Reading the clock costs as much as a command, so it is read now and
      // then.
      if (++calls % 16 === 0 || row.tasks === 1) {
        over = performance.now() >= end;
      }
    }
  };
  await Promise.all(Array.from({ length: row.tasks }, task));
  const elapsed = performance.now() - start;
  const { user, system } = cpuUsage(before);
  const commands = calls * row.commands;
  return {
    rate: commands / elapsed * 1_000,
    cpu: (user + system) / commands,
  };
}

/** Does the work of every row whose title has `only` in it. */
export async function measureAll(
  contender: Contender,
  duration: number,
  warmUp: number,
  only: string,
): Promise<Record<string, Measured>> {
  const measured: Record<string, Measured> = {};
  for (const row of ROWS) {
    if (!row.title.includes(only)) continue;
    await run(row, contender, warmUp);
    measured[row.title] = await run(row, contender, duration);
  }
  return measured;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
