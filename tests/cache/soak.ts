/**
 * `deno task soak:cache`: runs the checker for half an hour, each way of tracking in
 * turn. Optional arguments: the number of minutes and a seed.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { answerHelp } from "../support/usage.ts";
import { check } from "./checker.ts";
import { WAYS } from "./worlds.ts";

answerHelp(`
Usage: deno task soak:cache [minutes] [seed]

Checks each read of a cache over a network with faults, and over failovers.

  minutes  the duration (default: 30)
  seed     the seed of the random numbers (default: 1)`);

const SECONDS = 20;
const SLOW_SECONDS = 60;

const [minutes = 30, first = 1] = Deno.args.map(Number);
const end = performance.now() + minutes * 60_000;
let reads = 0;
let wrong = 0;
let harms = 0;
for (let seed = first; performance.now() < end; seed++) {
  for (const [name, way] of Object.entries(WAYS)) {
    const seconds = way.isSlow ? SLOW_SECONDS : SECONDS;
    const checked = await check({ way, seconds, seed });
    reads += checked.reads;
    wrong += checked.wrong.length;
    const { hits, writes } = checked;
    harms += checked.harms;
    console.log(
      `${name}, seed ${seed}: ${checked.reads} reads, ${hits} hits, ${writes} writes, ${checked.harms} faults, ${checked.wrong.length} wrong`,
    );
    for (const each of checked.wrong.slice(0, 5)) console.log(`  ${each}`);
    if (performance.now() > end) break;
  }
}
console.log(`${reads} reads, ${harms} faults, ${wrong} wrong`);
if (wrong > 0) Deno.exit(1);
