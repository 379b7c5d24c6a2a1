/**
 * `deno task differential`: thousands of random sequences over all families,
 * against the embedded server and a real one.
 *
 * ```sh
 * deno task differential [--seed 1] [--sequences 1000] [--commands 100] [family ...]
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program that prints

import { parseArgs } from "node:util";
import { VERSION } from "../../lib/embedded/base/about.ts";
import { findCompared } from "../support/find_compared.ts";
import { findServer } from "../support/find_server.ts";
import { probeAt } from "../support/server_program.ts";
import { compare } from "./differential.ts";
import { FAMILIES } from "./families.ts";
import { answerHelp } from "../support/usage.ts";

answerHelp(`
Usage: deno task differential [options] [families]

Compares the embedded server with a real one on random sequences of commands.

  --seed <n>       the first seed (default: from the clock)
  --sequences <n>  how many sequences for each family (default: 1000)
  --commands <n>   how many commands in each (default: 100)
  families         such as strings or hashes (default: all)`);

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    sequences: { type: "string", default: "1000" },
    commands: { type: "string", default: "100" },
  },
});
const [seed, sequences, commands] = [
  values.seed,
  values.sequences,
  values.commands,
].map(Number) as [number, number, number];
const wanted = FAMILIES.filter((family) =>
  positionals.length === 0 || positionals.includes(family.name)
);
const path = await findCompared(await findServer());
if (path === null) {
  console.log(`Redis ${VERSION} is not to be had here: nothing is compared`);
  Deno.exit(1);
}
const program = await probeAt(path);
console.log(
  `The embedded server, ${VERSION}, beside ${program.kind}-server ${program.version}: ${path}`,
);
let failed = false;
for (const family of wanted) {
  for (const protocol of [2, 3] as const) {
    const what = `${family.name}, RESP${protocol}, seeds from ${seed}`;
    try {
      await compare(family, {
        seed,
        sequences,
        commands,
        protocol,
        program,
      });
      console.log(`ok    ${what}: ${sequences} sequences`);
    } catch (error) {
      failed = true;
      console.log(`FAIL  ${what}\n${error}`);
    }
  }
}
if (failed) Deno.exit(1);
