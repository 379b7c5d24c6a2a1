/**
 * The tasks of deno.json.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

const { tasks }: { tasks: Record<string, unknown> } = JSON.parse(
  await Deno.readTextFile(join(ROOT, "deno.json")),
);

Deno.test("--help of every task prints its usage and starts nothing", async (t) => {
  for (const name of Object.keys(tasks)) {
    await t.step(name, async () => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["task", name, "--help"],
        cwd: ROOT,
        stdin: "null",
        // If `--help` were ignored, the started program would run on.
        signal: AbortSignal.timeout(60_000),
      }).output();
      assert.match(new TextDecoder().decode(stdout), /^(.*\n)*?Usage: /);
    });
  }
});

Deno.test("deno bench runs without permissions, and says how to run the rest", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "--no-prompt", "--filter", "no bench has this name"],
    cwd: ROOT,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  assert(success);
  assert.match(
    new TextDecoder().decode(stdout),
    /needs a server: deno task bench bench\/command_bench.ts/,
  );
});
