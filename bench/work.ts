/**
 * The measured work, for any client and runtime, and its timing.
 *
 * @module
 */

import { cpuUsage } from "node:process";

/**
 * The operations of a client. A row is left out for a client that lacks one of them.
 */
export interface Contender {
  /** `GET key`, as text. */
  get(key: string): Promise<unknown>;
  /** `GET key`, as bytes. */
  getBytes?(key: string): Promise<unknown>;
  /** `SET key value`. */
  set?(key: string, value: string): Promise<unknown>;
  /** `MGET key [key ...]`. */
  mget?(keys: string[]): Promise<unknown>;
  /** `LRANGE key 0 -1`. */
  lrange?(key: string): Promise<unknown>;
  /** `HGETALL key`. */
  hgetall?(key: string): Promise<unknown>;
  /** `HSET key field value [field value ...]`. */
  hset?(key: string, fields: Record<string, string>): Promise<unknown>;
  /** `SMEMBERS key`. */
  smembers?(key: string): Promise<unknown>;
  /** `ZRANGE key 0 -1 WITHSCORES`: members with numbers. */
  zrange?(key: string): Promise<unknown>;
  /** `XADD key MAXLEN ~ 1000 * field value`. */
  xadd?(key: string, field: string, value: string): Promise<unknown>;
  /** `EVAL script 1 key arg`. */
  evaluate?(script: string, key: string, arg: string): Promise<unknown>;
  /** `count` times `INCR key` as one transaction. */
  multi?(key: string, count: number): Promise<unknown>;
  /** `RPUSH key value`, then `BLPOP key 1`. */
  queue?(key: string, value: string): Promise<unknown>;
  /** `count` times `GET key` as one pipeline, not a transaction. */
  pipeline?(key: string, count: number): Promise<unknown>;
  /** Subscribes; calls `onMessage` for each message. */
  subscribe?(channel: string, onMessage: () => void): Promise<unknown>;
  /** A new client that connects, sends PING and closes. */
  visit?(): Promise<unknown>;
}

/** One line of the table. */
export interface Row {
  /** The name of the work. */
  readonly title: string;
  /** The number of commands in one call of `work`. */
  readonly commands: number;
  /** The number of concurrent calls. */
  readonly tasks: number;
  /** The pipeline depth of redis-benchmark for the same work, if it can do that. */
  readonly depth?: number;
  /** The command of redis-benchmark. */
  readonly command?: "get" | "set";
  /** The operations that a client needs. */
  readonly needs: readonly (keyof Contender)[];
  /** One call. */
  readonly work: (contender: Required<Contender>) => Promise<unknown>;
}

/** The result of one run. */
export interface Measured {
  /** Commands per second. */
  rate: number;
  /** Microseconds of this process's CPU per command. */
  cpu: number;
  /** The p50 of the latency in milliseconds, for rows with tasks. */
  p50?: number;
  /** The p99 of the latency in milliseconds, for rows with tasks. */
  p99?: number;
}

const SHORT = "0123456789abcdef";
const LARGE = "x".repeat(1024 * 1024);
const PIPELINE = 1_000;
const KEYS_OF_MGET = Array.from({ length: 100 }, () => "bench:short");
const TEN_FIELDS = Object.fromEntries(
  Array.from({ length: 10 }, (_, i) => [`field:${i}`, SHORT]),
);
/** Messages per call. A script on the server publishes them, so that no client is the limit. */
const BURST = 2_000;
const PUBLISH =
  `for i = 1, ${BURST} do redis.call("PUBLISH", KEYS[1], ARGV[1]) end`;

/** The keys that the rows read. */
export const KEYS = {
  short: "bench:short",
  medium: "bench:medium",
  unicode: "bench:unicode",
  large: "bench:large",
  list: "bench:list",
  hash: "bench:hash",
  set: "bench:members",
  scores: "bench:scores",
} as const;

/** The values of the keys. */
export const VALUES = {
  short: SHORT,
  medium: "x".repeat(64 * 1024),
  unicode: "Grüße an alle",
  large: LARGE,
  list: Array.from({ length: 1_000 }, () => SHORT),
  set: Array.from({ length: 1_000 }, (_, i) => `member:${i}`),
  scores: Array.from({ length: 1_000 }, (_, i) => [`${i / 4}`, `member:${i}`]),
  hash: Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`field:${i}`, SHORT]),
  ),
} as const;

/** Sets the keys. */
export async function fill(
  server: { ask(...words: string[]): Promise<unknown> },
): Promise<void> {
  const commands = [
    ["SET", KEYS.short, VALUES.short],
    ["SET", KEYS.large, VALUES.large],
    ["RPUSH", KEYS.list, ...VALUES.list],
    ["SET", KEYS.medium, VALUES.medium],
    ["SET", KEYS.unicode, VALUES.unicode],
    ["SADD", KEYS.set, ...VALUES.set],
    ["ZADD", KEYS.scores, ...VALUES.scores.flat()],
    ["HSET", KEYS.hash, ...Object.entries(VALUES.hash).flat()],
  ];
  for (const words of commands) await server.ask(...words);
}

/** A row of one command by several tasks. */
function row(
  title: string,
  tasks: number,
  needs: keyof Contender,
  work: Row["work"],
  more: Partial<Row> = {},
): Row {
  return { title, commands: 1, tasks, needs: [needs], work, ...more };
}

/** The rows of the table. */
export const ROWS: readonly Row[] = [
  ...[1, 64, 1_000].map((tasks) =>
    row(
      tasks === 1
        ? "GET, one at a time"
        : `GET, ${tasks.toLocaleString("en")} tasks`,
      tasks,
      "get",
      (contender) => contender.get(KEYS.short),
      { depth: tasks, command: "get" },
    )
  ),
  row(
    "SET, 1,000 tasks",
    1_000,
    "set",
    (contender) => contender.set("bench:set", SHORT),
    { depth: 1_000, command: "set" },
  ),
  row(
    "pipeline of 1,000 GET",
    1,
    "pipeline",
    (contender) => contender.pipeline(KEYS.short, PIPELINE),
    { commands: PIPELINE, depth: PIPELINE, command: "get" },
  ),
  row(
    "MGET of 100, 16 tasks",
    16,
    "mget",
    (contender) => contender.mget(KEYS_OF_MGET),
  ),
  row(
    "GET as bytes, 64 tasks",
    64,
    "getBytes",
    (contender) => contender.getBytes(KEYS.short),
  ),
  row(
    "GET of non-ASCII text, 64 tasks",
    64,
    "get",
    (contender) => contender.get(KEYS.unicode),
  ),
  row(
    "MULTI of 10 INCR, 64 tasks",
    64,
    "multi",
    (contender) => contender.multi("bench:counter", 10),
  ),
  row(
    "EVAL, 64 tasks",
    64,
    "evaluate",
    (contender) => contender.evaluate("return ARGV[1]", KEYS.short, SHORT),
  ),
  row(
    "XADD, 64 tasks",
    64,
    "xadd",
    (contender) => contender.xadd("bench:stream", "field", SHORT),
  ),
  row(
    "HSET of 10 fields, 64 tasks",
    64,
    "hset",
    (contender) => contender.hset("bench:hset", TEN_FIELDS),
  ),
  row(
    "RPUSH and BLPOP, one at a time",
    1,
    "queue",
    (contender) => contender.queue("bench:queue", SHORT),
  ),
  row(
    "LRANGE of 1,000, 10 tasks",
    10,
    "lrange",
    (contender) => contender.lrange(KEYS.list),
  ),
  row(
    "SMEMBERS of 1,000, 10 tasks",
    10,
    "smembers",
    (contender) => contender.smembers(KEYS.set),
  ),
  row(
    "ZRANGE of 1,000 with scores, 10 tasks",
    10,
    "zrange",
    (contender) => contender.zrange(KEYS.scores),
  ),
  row(
    "HGETALL of 100, 10 tasks",
    10,
    "hgetall",
    (contender) => contender.hgetall(KEYS.hash),
  ),
  row(
    "GET of 64 KiB, 16 tasks",
    16,
    "get",
    (contender) => contender.get(KEYS.medium),
  ),
  row(
    "GET of 1 MiB as text",
    1,
    "get",
    (contender) => contender.get(KEYS.large),
  ),
  row(
    "GET of 1 MiB as bytes",
    1,
    "getBytes",
    (contender) => contender.getBytes(KEYS.large),
  ),
  row(
    "SET of 1 MiB",
    1,
    "set",
    (contender) => contender.set("bench:set", LARGE),
  ),
  row("messages of 32 bytes to one subscriber", 4, "subscribe", burst, {
    commands: BURST,
    needs: ["subscribe", "evaluate"],
  }),
  row("connect, PING, close", 1, "visit", (contender) => contender.visit()),
];

/** The subscriber of each contender. */
const listeners = new WeakMap<object, Promise<Listener>>();

interface Listener {
  /** Resolves once `count` messages have arrived. */
  heard(count: number): Promise<void>;
}

/** Publishes many messages and waits until the subscriber has received as many. */
async function burst(contender: Required<Contender>): Promise<void> {
  let listener = listeners.get(contender);
  if (listener === undefined) {
    listener = listen(contender);
    listeners.set(contender, listener);
  }
  const heard = (await listener).heard(BURST);
  await contender.evaluate(PUBLISH, "bench:news", SHORT + SHORT);
  await heard;
}

async function listen(contender: Required<Contender>): Promise<Listener> {
  let expected = 0;
  let came = 0;
  const waiting: { at: number; resolve: () => void }[] = [];
  await contender.subscribe("bench:news", () => {
    came++;
    while (waiting.length > 0 && waiting[0]!.at <= came) {
      waiting.shift()!.resolve();
    }
  });
  return {
    heard: (count) =>
      new Promise((resolve) => {
        expected += count;
        waiting.push({ at: expected, resolve });
      }),
  };
}

/** Whether a client has the operations of a row. */
export function can(contender: Contender, { needs }: Row): boolean {
  return needs.every((name) => contender[name] !== undefined);
}

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
  const able = contender as Required<Contender>;
  const times: number[] = [];
  const task = async () => {
    while (!over) {
      // Reading the clock costs as much as a command, so it is not read for each.
      if (++calls % 16 === 0 || row.tasks === 1) {
        const asked = performance.now();
        await row.work(able);
        const answered = performance.now();
        times.push(answered - asked);
        over = answered >= end;
      } else await row.work(able);
    }
  };
  await Promise.all(Array.from({ length: row.tasks }, task));
  const elapsed = performance.now() - start;
  const { user, system } = cpuUsage(before);
  const commands = calls * row.commands;
  return {
    rate: commands / elapsed * 1_000,
    cpu: (user + system) / commands,
    ...(row.tasks > 1 && { p50: share(times, 0.5), p99: share(times, 0.99) }),
  };
}

/** Does the work of every row whose title contains `only`. */
export async function measureAll(
  contender: Contender,
  duration: number,
  warmUp: number,
  only: string,
): Promise<Record<string, Measured>> {
  const measured: Record<string, Measured> = {};
  for (const row of ROWS) {
    if (!row.title.includes(only) || !can(contender, row)) continue;
    await run(row, contender, warmUp);
    measured[row.title] = await run(row, contender, duration);
  }
  return measured;
}

/** The median. */
export function median(values: readonly number[]): number {
  return share(values, 0.5);
}

/** The quantile: `part` of the values are smaller. */
function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * part)]!;
}
