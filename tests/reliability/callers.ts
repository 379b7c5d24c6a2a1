/**
 * Callers that are rough: they take their memory back, share a signal, and have
 * more time than others.
 *
 * @module
 */

import { sleep } from "../client/support.ts";
import { COMMAND, CONNECT, type Task } from "./traffic.ts";

/** A byte that a caller writes into its memory once its call has settled. */
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

/** What rough callers do. */
export const ROUGH: readonly Task[] = [memory, sharedSignal, patient];
