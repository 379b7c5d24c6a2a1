/**
 * Callers that reuse their memory, share a signal, or use longer timeouts than
 * others.
 *
 * @module
 */

import { sleep } from "../client/support.ts";
import { COMMAND, CONNECT, type Task } from "./traffic.ts";

/** The total bytes of one flood of calls: more than a slow link carries in time. */
const FLOOD = 200_000;

/**
 * More calls than a slow link can carry: those with `maybeExecuted: false` must not
 * be executed.
 */
const overload: Task = async ({ redis, ledger, random, goesOn, own }) => {
  const unsent: string[] = [];
  for (let i = 0; goesOn();) {
    const size = 1_000 + random.below(20_000);
    const value = "v".repeat(size);
    await Promise.all(
      Array.from({ length: Math.ceil(FLOOD / size) }, async () => {
        const key = `${own}:${i++}`;
        const within = 1 + random.below(COMMAND);
        const call = () => redis.with({ timeout: within }).set(key, value);
        const outcome = await ledger.call("SET in a flood", { within }, call);
        if (outcome.fate === "unsent") unsent.push(key);
      }),
    );
    await sleep(random.below(100));
  }
  return async (server) => {
    if (unsent.length === 0) return;
    const found = await server.exists(...unsent);
    if (found > 0) ledger.breach(`SET: ${found} that were not sent are there`);
  };
};

/** The byte that a caller writes into its memory once its call has settled. */
const TAKEN_BACK = 255;

const memory: Task = async ({ redis, ledger, random, goesOn, own }) => {
  const keys = ["a", "b", "c"].map((name) => `${own}:${name}`);
  for (let i = 0; goesOn(); i++) {
    await Promise.all(keys.map(async (key) => {
      const bytes = new Uint8Array(1 + random.below(60_000)).fill(i % 250);
      const call = () => redis.set(key, bytes);
      await ledger.call("SET of bytes", { within: COMMAND }, call);
      bytes.fill(TAKEN_BACK);
      structuredClone(bytes, { transfer: [bytes.buffer] });
    }));
    await sleep(random.below(5));
  }
  return async (server) => {
    for (const key of keys) {
      const stored = await server.bytes.get(key) ?? new Uint8Array();
      if (stored.some((byte) => byte !== stored[0] || byte === TAKEN_BACK)) {
        ledger.breach(`${key} has bytes of two callers`);
      }
    }
  };
};

/** Memory that is transferred, or changed, before its call has settled. */
const detached: Task = async ({ redis, ledger, random, goesOn, own }) => {
  const facts = { within: COMMAND };
  for (let i = 0; goesOn(); i++) {
    const bytes = new Uint8Array(1 + random.below(300_000));
    const word = `${own}:${i}`;
    const set = ledger.call("SET of bytes that are taken", facts, async () => {
      const reply = redis.set(`${own}:taken`, bytes).catch((error) => {
        // Detaching fails only the command itself.
        if (!(error instanceof TypeError)) throw error;
      });
      // Awaited below, but it may reject before.
      reply.catch(() => {});
      if (random.chance(0.5)) await sleep(random.below(3));
      structuredClone(bytes, { transfer: [bytes.buffer] });
      await reply;
    });
    const echo = await ledger.call(
      "ECHO",
      { ...facts, reads: true },
      () => redis.echo(word),
    );
    ledger.expect("ECHO behind bytes that are taken", echo, [word]);
    await set;
    await sleep(random.below(50));
  }
  return async () => {};
};

const sharedSignal: Task = async ({ redis, ledger, random, goesOn, own }) => {
  let asked = 0;
  while (goesOn()) {
    const stop = new AbortController();
    const { signal } = stop;
    const each = redis.with({ signal });
    const calls = Array.from({ length: 50 }, async () => {
      const facts = { within: COMMAND, signal };
      const outcome = await ledger.call("INCR", facts, () => each.incr(own));
      if (outcome.fate !== "unsent") asked++;
    });
    setTimeout(() => stop.abort("enough"), random.below(20));
    await Promise.all(calls);
    await sleep(random.below(5));
  }
  return async (server) => {
    const found = Number(await server.get(own) ?? 0);
    if (found <= asked) return;
    ledger.breach(`INCR: executed ${found} times, ${asked} may have been`);
  };
};

const patient: Task = async ({ redis, ledger, random, goesOn, own }) => {
  const within = 4 * COMMAND + CONNECT;
  const patient = redis.with({ timeout: within });
  while (goesOn()) {
    await Promise.all([
      ledger.call(
        "patient GET",
        { within, reads: true },
        () => patient.get(own),
      ),
      ledger.call(
        "GET",
        { within: COMMAND, reads: true },
        () => redis.get(own),
      ),
    ]);
    await sleep(random.below(10));
  }
  return async () => {};
};

/** The tasks of such callers. */
export const ROUGH: readonly Task[] = [
  memory,
  detached,
  overload,
  sharedSignal,
  patient,
];
