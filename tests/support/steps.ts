/**
 * The tasks that consist of several calls of Deno: `deno task lint`, `ok` and
 * `coverage`. The first call that fails ends the task.
 *
 * @module
 */

import { answerHelp } from "./usage.ts";

interface Task {
  readonly usage: string;
  /** The arguments of each call of Deno. */
  readonly steps: readonly string[];
}

const TASKS: Record<string, Task> = {
  lint: {
    usage: "Checks the format, the lint rules and the doc comments.",
    steps: [
      "fmt --check",
      "lint",
      "doc --lint mod.ts lib/cache/cache.ts lib/client/client.ts lib/client/prefix.ts lib/cluster/connect.ts lib/commands/modules/search_debug.ts lib/embedded/server.ts worker/cached_worker.ts worker/worker.ts",
    ],
  },
  ok: {
    usage:
      "Runs everything that must hold before a commit: check, lint, test,\n" +
      "publish:check.",
    steps: ["task check", "task lint", "task test", "task publish:check"],
  },
  coverage: {
    usage:
      "Prints the lines of resp, connection and client that no test reaches.",
    steps: [
      "test -P --clean --coverage=tests/.tmp/coverage tests/resp tests/connection tests/client tests/net tests/reliability tests/commands",
      "coverage tests/.tmp/coverage --include=/lib/(resp|connection|client)/ --detailed",
    ],
  },
};

const [name = ""] = Deno.args;
const task = TASKS[name];
if (task === undefined) throw new TypeError(`There is no task "${name}"`);
answerHelp(`Usage: deno task ${name}\n\n${task.usage}`);

for (const step of task.steps) {
  // deno-lint-ignore no-console -- a program that prints
  console.log(`--- deno ${step}`);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: step.split(" "),
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
