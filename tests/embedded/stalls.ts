/**
 * A program: saves, rewrites and sends a million keys, and prints the longest
 * turn of the event loop that each took, as JSON.
 *
 * It is a program of its own as Deno reads /proc only with all permissions.
 *
 * @module
 */

import { equal } from "node:assert/strict";
import { Folder } from "./folder.ts";
import { Member } from "./replication.ts";

/**
 * Measures the longest turn of this thread's event loop while `work` goes on, in
 * milliseconds of CPU: the time that a client waits on a machine of its own.
 */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuOfThread();
  let timer = setTimeout(function turn() {
    const now = cpuOfThread();
    longest = Math.max(longest, now - last);
    last = now;
    timer = setTimeout(turn);
  });
  try {
    await work();
  } finally {
    clearTimeout(timer);
  }
  return longest;
}

/** Milliseconds that this thread has run, in steps of the scheduler's tick. */
function cpuOfThread(): number {
  const [nanoseconds] = Deno.readTextFileSync("/proc/thread-self/schedstat")
    .split(" ");
  return Number(nanoseconds) / 1e6;
}

/** Waits, however long a loaded machine takes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((done) => setTimeout(done, 10));
}

/** Waits until a field of INFO is 0. */
function ended(server: Member, field: string): Promise<void> {
  return until(async () => await server.info(field) === "0");
}

await using folder = await Folder.make();
await using server = await Member.ours(undefined, {
  dir: folder.path,
  appendonly: true,
  save: "",
});
for (let i = 0; i < 100; i++) {
  const first = i * 10_000;
  await server.asker.all(
    Array.from({ length: 10_000 }, (_, j) => ["SET", `key:${first + j}`, j]),
  );
}

const turns = {
  "BGSAVE": await longestTurn(async () => {
    await server.ask("BGSAVE");
    await ended(server, "rdb_bgsave_in_progress");
    equal(await server.info("rdb_last_bgsave_status"), "ok");
  }),
  "BGREWRITEAOF": await longestTurn(async () => {
    await server.ask("BGREWRITEAOF");
    await ended(server, "aof_rewrite_in_progress");
    equal(await server.info("aof_last_bgrewrite_status"), "ok");
  }),
  "first sync": await longestTurn(async () => {
    await using replica = await Member.real(server);
    await until(async () => await replica.ask("DBSIZE") === 1_000_000);
  }),
};
// deno-lint-ignore no-console -- it is a program
console.log(JSON.stringify(turns));
