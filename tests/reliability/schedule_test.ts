import assert from "node:assert/strict";
import { TestServer } from "../support/test_server.ts";
import { runSchedule } from "./schedule.ts";

// `deno task soak` runs longer ones, of any seeds.
const SEEDS = [1, 2, 3, 4];
const MILLISECONDS = 1_000;

Deno.test("a random schedule of everything, through faults: every promise is kept", async (t) => {
  await using server = await TestServer.start();
  for (const seed of SEEDS) {
    await t.step(`seed ${seed}`, async () => {
      const report = await runSchedule(server, seed, MILLISECONDS);
      // Else nothing was put to the test.
      assert(report.calls > 100, Deno.inspect(report));
      assert(report.faults.size > 1, Deno.inspect(report));
      assert(report.outcomes.get("done")! > 50, Deno.inspect(report));
    });
  }
});
