import assert from "node:assert/strict";
import { connect } from "../../lib/connect.ts";
import type { Redis } from "../../lib/client/redis.ts";
import { ConnectionError, RedisError, ReplyError } from "../../lib/errors.ts";
import type { TestServer } from "../support/test_server.ts";
import { clientsOf, sleep, testBoth, until } from "./support.ts";

/** Counts promises, and collects unexpected results. */
class Ledger {
  made = 0;
  settled = 0;
  readonly outcomes = new Map<string, number>();
  readonly surprises: unknown[] = [];
  readonly #unhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    this.surprises.push(event.reason);
  };

  constructor() {
    globalThis.addEventListener("unhandledrejection", this.#unhandled);
  }

  /** Counts a promise; `check` verifies its result. */
  note<T>(
    promise: Promise<T>,
    check: (value: T) => void = () => {},
  ): Promise<void> {
    this.made++;
    const count = (outcome: string) => {
      this.settled++;
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    };
    return promise.then(
      (value) => {
        count("resolved");
        try {
          check(value);
        } catch (error) {
          this.surprises.push(error);
        }
      },
      (error) => {
        count(error?.name ?? String(error));
        if (!(error instanceof RedisError) || error instanceof ReplyError) {
          this.surprises.push(error);
        }
      },
    );
  }

  [Symbol.dispose](): void {
    globalThis.removeEventListener("unhandledrejection", this.#unhandled);
  }
}

/** Uses the client in many ways concurrently until told to stop. */
async function traffic(
  redis: Redis,
  ledger: Ledger,
  goesOn: () => boolean,
): Promise<void> {
  const equal = (expected: unknown) => (value: unknown) =>
    assert.deepEqual(value, expected);
  const task = async (n: number) => {
    for (let i = 0; goesOn(); i++) {
      const key = `task${n}:${i}`;
      await Promise.all([
        ledger.note(redis.set(key, key), equal("OK")),
        ledger.note(
          redis.get(key),
          (value) =>
            assert(value === null || value === key, `${key}: ${value}`),
        ),
        ledger.note(
          redis.pipeline((p) => [p.echo(key), p.incr(`n${n}`), p.echo(key)]),
          ([first, , last]) => assert.deepEqual([first, last], [key, key]),
        ),
        ledger.note(
          redis.pipeline((p) => [p.echo(key), p.ping()], {
            transaction: false,
          }),
          equal([key, "PONG"]),
        ),
        ledger.note(redis.blpop([`none${n}`], 0.01), equal(null)),
        ledger.note(
          redis.watch(
            key,
            (tx) => tx.commit((m) => [m.set(key, key), m.get(key)]),
          ),
          equal(["OK", key]),
        ),
      ]);
      await sleep(0);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => task(n)));
}

async function listen(
  reader: AsyncIterable<{ message: string; missed: { reason: string } | null }>,
  heard: string[],
): Promise<void> {
  for await (const { message, missed } of reader) {
    if (missed !== null) heard.push(missed.reason);
    heard.push(message);
    if (message === "last") return;
  }
}

async function killAndStart(server: TestServer): Promise<void> {
  await sleep(100);
  await server.kill();
  await sleep(100);
  await server.startAgain();
  await sleep(100);
}

testBoth(
  "a server killed in the middle of traffic and started again: every promise settles once, and the client recovers",
  async ({ server, protocol }) => {
    using ledger = new Ledger();
    {
      await using redis = await connect(server.url, {
        protocol,
        name: "busy",
        backoff: () => 10,
        commandTimeout: 3_000,
      });
      const heard: string[] = [];
      const listening = listen(await redis.subscribe("news"), heard);
      await redis.publish("news", "before");
      let over = false;
      const running = traffic(redis, ledger, () => !over);
      for (let i = 0; i < 2; i++) await killAndStart(server);
      over = true;
      await running;

      assert.equal(await redis.set("after", "all"), "OK");
      assert.equal(await redis.get("after"), "all");
      await until(async () => await redis.publish("news", "last") === 1);
      await listening;
      assert.deepEqual(heard, ["before", "reconnected", "last"]);
      // Every lost call was reported; the other calls continued.
      assert.equal(ledger.settled, ledger.made);
      assert.deepEqual(ledger.surprises, []);
      const allowed = new Set(["resolved", "ConnectionError", "TimeoutError"]);
      for (const outcome of ledger.outcomes.keys()) {
        assert(allowed.has(outcome), outcome);
      }
      assert(ledger.outcomes.get("resolved")! > 100);
    }
    await until(async () =>
      (await clientsOf(server, / name=busy /)).length === 0
    );
    await sleep(10);
    assert.deepEqual(ledger.surprises, []);
  },
);

testBoth(
  "while a server is away, reads and writes wait, and complete in order",
  async ({ server, redis }) => {
    await server.kill();
    await sleep(20);
    const answers = [
      redis.set("k", "v"),
      redis.get("k"),
      redis.append("k", "w"),
      redis.transaction((p) => [p.get("k"), p.del("k")]),
      redis.get("k"),
    ];
    await sleep(20);
    await server.startAgain();
    assert.deepEqual(await Promise.all(answers), [
      "OK",
      "v",
      2,
      ["vw", 1],
      null,
    ]);
  },
);

testBoth(
  "behaviour 37: with the server gone for good, everything settles by its deadline",
  async ({ server, protocol }) => {
    await using redis = await connect(server.url, {
      protocol,
      commandTimeout: 150,
      backoff: () => 10,
      queueSize: 500,
    });
    const flight = Promise.allSettled([redis.get("a"), redis.incr("b")]);
    await server.kill();
    const waiting = Array.from({ length: 1_000 }, (_, i) => redis.set("k", i));
    const outcomes = [
      ...await Promise.allSettled(waiting),
      ...await flight,
    ];
    const names = new Set<string>();
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assert(outcome.reason instanceof ConnectionError);
      names.add(outcome.reason.name);
    }
    assert(names.has("TimeoutError") && names.has("QueueFullError"));
    await server.startAgain();
    await until(async () => {
      return await redis.ping().catch(() => "") === "PONG";
    });
  },
);
