import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { runSchedule } from "./schedule.ts";

// `deno task soak` runs longer schedules with any seeds.
const SEEDS = [1, 2, 3, 4];
const MILLISECONDS = 1_000;

Deno.test("every call settles as documented through a random schedule of calls and faults", async (t) => {
  await using server = await TestServer.start();
  let done = 0;
  const faults = new Set<string>();
  for (const seed of SEEDS) {
    await t.step(`seed ${seed}`, async () => {
      const report = await runSchedule(server, seed, MILLISECONDS);
      done += report.outcomes.get("done") ?? 0;
      for (const name of report.faults.keys()) faults.add(name);
    });
  }
  // Otherwise the schedule tested nothing.
  assert(done > 100, `${done} calls were answered`);
  assert(faults.size > 5, `faults: ${[...faults]}`);
});
