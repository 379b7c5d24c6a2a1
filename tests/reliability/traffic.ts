/**
 * All uses of a client concurrently, with checks of their results.
 *
 * Each task uses the client until it is stopped, and resolves to a check that
 * compares the server's data with the executed commands.
 *
 * @module
 */

import { ClosedError, ConnectionError, type Redis } from "../../mod.ts";
import { sleep, until } from "../client/support.ts";
import type { Random } from "../resp/random.ts";
import type { Ledger, Outcome } from "./ledger.ts";

/** The resources of a task. */
export interface Setting {
  /** The client under test. */
  readonly redis: Redis;
  readonly ledger: Ledger;
  /** The task's own random numbers. */
  readonly random: Random;
  /** Whether to continue. */
  readonly goesOn: () => boolean;
  /** A prefix for the task's keys. */
  readonly own: string;
}

/** Checks the server's data, bypassing the proxy. */
export type Check = (server: Redis) => Promise<void>;

export type Task = (setting: Setting) => Promise<Check>;

/** The client's timeouts, in milliseconds. */
export const COMMAND = 300;
export const CONNECT = 250;
export const POOL = 300;
/** The time to get a leased connection. */
const LEASE = POOL + CONNECT;

/** How often something was certainly, and possibly, executed. */
class Tally {
  done = 0;
  unknown = 0;

  add({ fate }: Outcome<unknown>): void {
    if (fate === "done") this.done++;
    if (fate === "unknown") this.unknown++;
  }

  check(ledger: Ledger, what: string, found: number): void {
    const most = this.done + this.unknown;
    if (found >= this.done && found <= most) return;
    ledger.breach(
      `${what}: executed ${found} times, reported ${this.done} to ${most}`,
    );
  }
}

/** Repeats several concurrent calls of `once`. */
async function bursts(
  { random, goesOn }: Setting,
  most: number,
  once: (i: number) => Promise<void>,
): Promise<void> {
  for (let i = 0; goesOn();) {
    const count = 1 + random.below(most);
    await Promise.all(Array.from({ length: count }, () => once(i++)));
    await sleep(random.below(5));
  }
}

async function countOf(server: Redis, key: string): Promise<number> {
  return Number(await server.get(key) ?? 0);
}

const reads: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  await bursts(setting, 20, async (i) => {
    const facts = { within: COMMAND, reads: true };
    const word = `${own}${i}`;
    ledger.expect(
      "ECHO",
      await ledger.call("ECHO", facts, () => redis.echo(word)),
      [word],
    );
    ledger.expect(
      "a pipeline of reads",
      await ledger.call(
        "a pipeline of reads",
        facts,
        () =>
          redis.pipeline((p) => [p.echo(word), p.get("no such"), p.echo("x")], {
            transaction: false,
          }),
      ),
      [[word, null, "x"]],
    );
  });
  return async () => {};
};

const increments: Task = async (setting) => {
  const { redis, ledger, random, own } = setting;
  const tally = new Tally();
  const seen = new Set<number>();
  await bursts(setting, 10, async () => {
    const brief = random.chance(0.2) ? 1 + random.below(60) : COMMAND;
    const outcome = await ledger.call(
      "INCR",
      { within: brief },
      () => redis.with({ timeout: brief }).incr(own),
    );
    tally.add(outcome);
    if (outcome.fate !== "done") return;
    if (seen.has(outcome.value)) {
      ledger.breach(`INCR: ${outcome.value} was answered twice`);
    }
    seen.add(outcome.value);
  });
  return async (server) => {
    tally.check(ledger, "INCR", await countOf(server, own));
  };
};

/** With retries: executed once or more often, never less. */
const retriedIncrements: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const tally = new Tally();
  await bursts(setting, 3, async () => {
    tally.add(
      await ledger.call(
        "a retried INCR",
        { within: COMMAND },
        () => redis.with({ retry: true }).incr(own),
      ),
    );
  });
  return async (server) => {
    const found = await countOf(server, own);
    if (found < tally.done) {
      ledger.breach(`a retried INCR: ${found}, but ${tally.done} were done`);
    }
  };
};

const pairs: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const facts = { within: COMMAND };
  await bursts(setting, 10, async (i) => {
    const key = `${own}:${i}`;
    const set = await ledger.call("SET", facts, () => redis.set(key, key));
    ledger.expect("SET", set, ["OK"]);
    const get = await ledger.call(
      "GET",
      { ...facts, reads: true },
      () => redis.get(key),
    );
    const wanted = { done: [key], unsent: [null], unknown: [key, null] };
    ledger.expect(`GET after a SET that is ${set.fate}`, get, wanted[set.fate]);
  });
  return async () => {};
};

const pipelines: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const tally = new Tally();
  await bursts(setting, 5, async (i) => {
    const word = `${own}${i}`;
    const outcome = await ledger.call(
      "a pipeline",
      { within: COMMAND },
      () =>
        redis.pipeline((p) => [p.echo(word), p.incr(own), p.echo(own)], {
          transaction: false,
        }),
    );
    tally.add(outcome);
    if (outcome.fate !== "done") return;
    const [first, , last] = outcome.value;
    const told = { fate: "done", value: [first, last] } as const;
    ledger.expect("a pipeline", told, [[word, own]]);
  });
  return async (server) => {
    tally.check(ledger, "a pipeline", await countOf(server, own));
  };
};

const transactions: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const [left, right] = [`${own}:left`, `${own}:right`];
  const tally = new Tally();
  await bursts(setting, 5, async (i) => {
    const word = `${own}${i}`;
    const outcome = await ledger.call(
      "a transaction",
      { within: COMMAND },
      () =>
        redis.transaction((p) => [p.incr(left), p.echo(word), p.incr(right)]),
    );
    tally.add(outcome);
    if (outcome.fate !== "done") return;
    const [one, said, other] = outcome.value;
    const told = { fate: "done", value: [said, one - other] } as const;
    ledger.expect("a transaction", told, [[word, 0]]);
  });
  return async (server) => {
    const [one, other] = await Promise.all([
      countOf(server, left),
      countOf(server, right),
    ]);
    if (one !== other) {
      ledger.breach(`a transaction was torn: ${one} and ${other}`);
    }
    tally.check(ledger, "a transaction", one);
  };
};

const ATTEMPTS = 3;

const watches: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const tally = new Tally();
  await bursts(setting, 3, async () => {
    // Each attempt: a lease, WATCH, GET, EXEC, and possibly UNWATCH.
    const within = ATTEMPTS * (LEASE + 4 * COMMAND);
    tally.add(
      await ledger.call(
        "watch",
        { within },
        () =>
          redis.watch(own, async (tx) => {
            let before: number;
            // A corrupted digit is not a digit: read again.
            do before = Number(await tx.get(own) ?? 0); while (isNaN(before));
            return await tx.commit((m) => [m.set(own, before + 1)]);
          }, { attempts: ATTEMPTS }),
      ),
    );
  });
  return async (server) => {
    tally.check(ledger, "watch", await countOf(server, own));
  };
};

const pops: Task = async (setting) => {
  const { redis, ledger, random, own, goesOn } = setting;
  const pushed = new Map<string, string>();
  const popped = new Set<string>();
  let lost = 0;
  const push = bursts(setting, 5, async (i) => {
    const item = `${own}:${i}`;
    pushed.set(item, "asked");
    const { fate } = await ledger.call(
      "RPUSH",
      { within: COMMAND },
      () => redis.rpush(own, item),
    );
    pushed.set(item, fate);
  });
  while (goesOn()) {
    const patience = 5 + random.below(50);
    // A timeout of the call covers all of it.
    const outcome = random.chance(0.3)
      ? await ledger.call(
        "BLPOP with a timeout",
        { within: patience },
        () => redis.with({ timeout: patience }).blpop([own], patience / 1000),
      )
      : await ledger.call(
        "BLPOP",
        { within: LEASE + COMMAND + patience },
        () => redis.blpop([own], patience / 1000),
      );
    if (outcome.fate === "unknown") lost++;
    if (outcome.fate !== "done" || outcome.value === null) continue;
    const [key, item] = outcome.value;
    // An item that was corrupted in transit was popped all the same.
    if (`${key}${item}`.includes("\ufffd")) lost++;
    else if (key !== own || !pushed.has(item) || popped.has(item)) {
      ledger.breach(`BLPOP: ${item} of ${key} is another's, or came twice`);
    }
    popped.add(item);
  }
  await push;
  return async (server) => {
    const left = new Set(await server.lrange(own, 0, -1));
    let missing = 0;
    for (const [item, fate] of pushed) {
      const there = left.has(item) || popped.has(item);
      if (fate === "done" && !there) missing++;
      if (fate === "unsent" && there) {
        ledger.breach(`RPUSH: ${item} is there, but was not sent`);
      }
    }
    if (missing > lost) {
      ledger.breach(`BLPOP: ${missing} items are gone, ${lost} replies lost`);
    }
  };
};

const leases: Task = async (setting) => {
  const { redis, ledger, random, own, goesOn } = setting;
  const facts = { within: COMMAND };
  for (let i = 0; goesOn(); i++) {
    const given = await ledger.call(
      "lease()",
      { within: LEASE },
      () => redis.lease(),
    );
    if (given.fate !== "done") continue;
    using lease = given.value;
    const key = `${own}:${i}`;
    const select = await ledger.call(
      "SELECT on a lease",
      facts,
      () => lease.send(["SELECT", 1]),
    );
    if (select.fate !== "done") continue;
    const set = await ledger.call("SET", facts, () => lease.set(key, key));
    const get = await ledger.call("GET", facts, () => lease.get(key));
    if (set.fate === "done") ledger.expect("GET on a lease", get, [key]);
    // The next user of the connection must still be in database 0.
    const read = { ...facts, reads: true };
    const shared = await ledger.call("GET", read, () => redis.get(key));
    ledger.expect("GET beside a lease", shared, [null]);
    if (random.chance(0.5)) {
      // Returned with a pending reply, which must not reach another caller.
      ledger.call("BLPOP on a lease", facts, () => lease.blpop([own], 0));
    }
    await sleep(random.below(10));
  }
  return async () => {};
};

const aborts: Task = async (setting) => {
  const { redis, ledger, random, own } = setting;
  const tally = new Tally();
  await bursts(setting, 5, async (i) => {
    const stop = new AbortController();
    const { signal } = stop;
    const patience = random.below(40);
    const timer = setTimeout(() => stop.abort(new Error("no more")), patience);
    const mine = redis.with({ signal });
    if (random.chance(0.7)) {
      const facts = { within: patience, signal };
      const count = await ledger.call("INCR", facts, () => mine.incr(own));
      tally.add(count);
      const word = `${own}${i}`;
      const echo = await ledger.call("ECHO", facts, () => mine.echo(word));
      ledger.expect("ECHO with a signal", echo, [word]);
    } else {
      const outcome = await ledger.call(
        "BLPOP for ever",
        { within: patience, signal },
        () => mine.blpop([`${own}:none`], 0),
      );
      ledger.expect("BLPOP for ever", outcome, []);
    }
    clearTimeout(timer);
  });
  return async (server) => {
    tally.check(ledger, "INCR with a signal", await countOf(server, own));
  };
};

const scripts: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const tally = new Tally();
  const add = redis.script<number, [string], [number]>(
    `return redis.call("incrby", KEYS[1], ARGV[1])`,
    { parse: Number },
  );
  await bursts(setting, 3, async () => {
    // By its SHA-1; once more if a concurrent call loads it; and as source.
    const facts = { within: 3 * COMMAND };
    const run = () => add.run([own], [1]);
    tally.add(await ledger.call("a script", facts, run));
  });
  return async (server) => {
    tally.check(ledger, "a script", await countOf(server, own));
  };
};

/** How long a reader blocks for entries, in ms. */
const BLOCK = 20;
const LAST_ENTRIES = 10_000;

const groups: Task = async (setting) => {
  const { redis, ledger, own } = setting;
  const seen = new Set<string>();
  let readAll = false;
  const reading = (async () => {
    while (!readAll) {
      try {
        const options = { create: "0", block: BLOCK };
        for await (const entry of redis.readGroup(own, "g", "me", options)) {
          seen.add(entry.id);
          await entry.ack().catch((error) => {
            // The entry stays pending, which is allowed.
            if (!(error instanceof ConnectionError)) throw error;
          });
          if (readAll) break;
        }
      } catch (error) {
        // A corrupted reply or id: the next run begins with the pending entries.
        if (error instanceof ClosedError) return;
        await sleep(BLOCK);
      }
    }
  })();
  await bursts(setting, 3, async () => {
    const facts = { within: COMMAND };
    await ledger.call("XADD", facts, () => redis.xadd(own, "*", { n: 1 }));
  });
  const missing = async () => {
    const entries = await redis.xrange(own, "-", "+").catch(() => null);
    return entries?.filter(({ id }) => !seen.has(id)).length ?? Infinity;
  };
  const end = performance.now() + LAST_ENTRIES;
  let left = await missing();
  for (; left > 0 && performance.now() < end; left = await missing()) {
    await sleep(BLOCK);
  }
  if (left > 0) ledger.breach(`readGroup(): ${left} entries never came`);
  readAll = true;
  // An entry to wake the reader, which may be blocked in its loop.
  await until(() =>
    redis.xadd(own, "*", { n: 1 }).then(() => true, () => false)
  );
  await reading;
  return async () => {};
};

/** The tasks; a schedule runs several instances of each. */
export const TASKS: readonly Task[] = [
  reads,
  increments,
  retriedIncrements,
  pairs,
  pipelines,
  transactions,
  watches,
  pops,
  leases,
  aborts,
  groups,
];

/** The tasks for servers with scripts. */
export const SCRIPTED: readonly Task[] = [scripts];
