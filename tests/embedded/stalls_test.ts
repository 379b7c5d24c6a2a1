/**
 * How long clients wait while a million keys are saved, rewritten or sent to a
 * replica.
 */

import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../support/paths.ts";

/** The longest that a client may wait, in ms. */
const LONGEST_MS = 50;

Deno.test({
  name: "no client waits 50 ms while a million keys are saved or sent",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-all",
      "--v8-flags=--max-semi-space-size=4",
      join(ROOT, "tests/embedded/stalls.ts"),
    ],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  const turns = JSON.parse(new TextDecoder().decode(stdout)) as Record<
    string,
    number
  >;
  deepEqual(Object.keys(turns), ["BGSAVE", "BGREWRITEAOF", "first sync"]);
  for (const [name, longest] of Object.entries(turns)) {
    ok(longest < LONGEST_MS, `${name}: a turn took ${longest} ms of CPU`);
  }
});
