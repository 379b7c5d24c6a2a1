/**
 * A random schedule of every kind of call and fault, and the checks that must hold
 * throughout.
 *
 * A seed repeats the choices of calls and faults; their exact timing depends on
 * the machine.
 *
 * @module
 */

import { connect, type Redis } from "../../mod.ts";
import { clientsOf, sleep, until } from "../client/support.ts";
import { Random } from "../resp/random.ts";
import { Chaos } from "../support/chaos.ts";
import type { TestServer } from "../support/test_server.ts";
import { ROUGH } from "./callers.ts";
import { injectFaults } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { Listening } from "./listening.ts";
import {
  COMMAND,
  CONNECT,
  POOL,
  SCRIPTED,
  type Setting,
  TASKS,
} from "./traffic.ts";

/** The result of one schedule. */
export interface Report {
  /** How many calls were made. */
  readonly calls: number;
  /** The number of faults, by kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** The number of connections to the proxy. */
  readonly connections: number;
  /** The outcomes of the calls: fates, and names of errors. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** The number of instances of each task. */
const COPIES = 2;
/** More than any call may take, in ms. */
const PATIENCE = 30_000;

/** Runs a schedule for some milliseconds; rejects, with its seed, if a check failed. */
export async function runSchedule(
  server: TestServer,
  seed: number,
  milliseconds: number,
): Promise<Report> {
  try {
    return await schedule(server, new Random(seed), milliseconds);
  } catch (cause) {
    throw new Error(
      `The schedule of seed ${seed} (${milliseconds} ms) failed: deno task soak --seed ${seed}`,
      { cause },
    );
  }
}

async function schedule(
  server: TestServer,
  random: Random,
  milliseconds: number,
): Promise<Report> {
  const name = `schedule-${random.below(1e9)}`;
  await using chaos = Chaos.before(server);
  await using direct = await connect(server.url);
  using ledger = new Ledger(() => chaos.toClient.corrupted > 0);
  await using redis = await connect(chaos.url, {
    name,
    protocol: random.pick([2, 3]),
    commandTimeout: COMMAND,
    connectTimeout: CONNECT,
    poolTimeout: POOL,
    poolSize: 8,
    poolIdleTimeout: 100,
    poolMaxLifetime: random.pick([0, 200]),
    pingInterval: 50,
    connections: random.pick([1, 1, 3]),
    backoff: () => 5,
    // With retries unlimited, a read can end only by its deadline.
    retries: 1_000_000,
  });
  const listening = await Listening.begin({
    channel: name,
    redis,
    server: direct,
    ledger,
    chaos,
  });

  const end = performance.now() + milliseconds;
  const goesOn = () => performance.now() < end && ledger.broken.length === 0;
  const kinds = [
    ...TASKS,
    ...ROUGH,
    ...server.has("scripting") ? SCRIPTED : [],
  ];
  const tasks = kinds.flatMap((task, kind) =>
    Array.from({ length: COPIES }, (_, copy) => {
      const own = `${name}:${kind}.${copy}`;
      const setting: Setting = {
        ...{ redis, ledger, goesOn, own },
        random: new Random(random.below(2 ** 32)),
      };
      return task(setting);
    })
  );
  const faults = await injectFaults(chaos, random, server, goesOn);
  try {
    const checks = await Promise.all(tasks.map((task) => inTime(task)));
    await worksAgain(redis, name);
    await listening.end();
    await inTime(redis.close());

    // Bytes held by a blackhole arrive now: afterwards nothing more is executed.
    await until(() => chaos.open === 0, "the proxy has no connection");
    const mine = new RegExp(` name=${name} `);
    await until(
      async () => (await clientsOf(server, mine)).length === 0,
      "CLIENT LIST has none of the client's connections",
    );
    await until(() => ledger.pending === 0, "every call has settled");
    for (const check of checks) await check(direct);
    // Time for unhandled rejections to be reported.
    await sleep(10);
  } catch (error) {
    ledger.breach(String(error));
  }
  if (ledger.broken.length > 0) {
    throw new Error(ledger.broken.slice(0, 10).join("\n"));
  }
  const { made: calls, outcomes } = ledger;
  return { calls, faults, connections: chaos.accepted, outcomes };
}

/** Without faults, every command gets its own reply again. */
async function worksAgain(redis: Redis, key: string): Promise<void> {
  const answered = () => redis.incr(key).then(() => true, () => false);
  await until(answered, "a command is answered when the network is back");
  const calls = Array.from({ length: 100 }, () => redis.incr(key));
  calls.push(redis.blpop(["none"], 0.01).then(Number));
  await Promise.all(calls);
}

async function inTime<T>(task: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("Never ends")), PATIENCE);
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}
