/**
 * The long run: random schedules with many seeds, a server killed 200 times, half a
 * minute without a network.
 *
 * `deno task soak --seed 7 --seeds 1` repeats one seed. Also: `--seconds` of each
 * schedule, `--kills`, and `--blackhole` in seconds; 0 skips one.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { TestServer } from "../support/test_server.ts";
import { surviveBlackhole, surviveKills } from "./scenarios.ts";
import { runSchedule } from "./schedule.ts";
import { answerHelp } from "../support/usage.ts";

answerHelp(`
Usage: deno task soak [options]

Runs random schedules of commands and faults, kills a server, and cuts the
network. Takes some minutes.

  --seed <n>       the first seed (default: 1)
  --seeds <n>      the number of seeds (default: 100)
  --seconds <n>    the duration of each schedule (default: 3)
  --kills <n>      how often the server is killed (default: 200; 0 for never)
  --blackhole <n>  seconds without a network (default: 30; 0 for none)`);

const { values } = parseArgs({
  args: Deno.args.filter((arg) => arg !== "--"),
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "100" },
    seconds: { type: "string", default: "3" },
    kills: { type: "string", default: "200" },
    blackhole: { type: "string", default: "30" },
  },
});
const [seed, seeds, seconds, kills, blackhole] = [
  values.seed,
  values.seeds,
  values.seconds,
  values.kills,
  values.blackhole,
].map(Number) as [number, number, number, number, number];

/** The allowed growth of the heap between the first kills and the last, in bytes. */
const GROWTH = 2_000_000;

let failed = 0;
await using server = await TestServer.start();
print(`Redis server ${server.version}`);

for (let n = 0; n < seeds; n++) {
  await attempt(`seed ${seed + n} (${n + 1} of ${seeds})`, async () => {
    const report = await runSchedule(server, seed + n, seconds * 1000);
    const faults = [...report.faults.values()].reduce((a, b) => a + b, 0);
    const done = report.outcomes.get("done") ?? 0;
    return `${report.calls} calls, ${done} done, ${faults} faults, ${report.connections} connections`;
  });
  await server.ask("FLUSHALL");
}
if (kills > 0) {
  await attempt(`${kills} kills`, async () => {
    const warm = Math.ceil(kills / 4);
    let before = 0;
    await surviveKills(server, kills, (cycle) => {
      if (cycle === warm) before = heap();
    });
    const growth = heap() - before;
    if (growth > GROWTH) throw new Error(`The heap grew by ${growth} bytes`);
    return `the heap grew by ${growth} bytes`;
  });
}
if (blackhole > 0) {
  await attempt(`${blackhole} s in a blackhole`, async () => {
    const calls = await surviveBlackhole(server, {
      milliseconds: blackhole * 1000,
      commandTimeout: 5_000,
      connectTimeout: 5_000,
      pingInterval: 5_000,
    });
    return `${calls} calls rejected by their deadline`;
  });
}
print(failed === 0 ? "All is well" : `${failed} failed`);
Deno.exitCode = failed === 0 ? 0 : 1;

async function attempt(
  what: string,
  work: () => Promise<string>,
): Promise<void> {
  try {
    print(`${what}: ${await work()}`);
  } catch (error) {
    failed++;
    print(`${what} FAILED: ${Deno.inspect(error)}`);
  }
}

function heap(): number {
  // Exists with --v8-flags=--expose-gc.
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}

function print(line: string): void {
  // deno-lint-ignore no-console -- a program that prints
  console.log(line);
}
