/**
 * The process that runs examples: imports one module after another, and reports
 * those that failed.
 *
 * @module
 */

// deno-lint-ignore-file no-console

import { ask } from "./ask.ts";
import type { ExampleModule } from "./examples.ts";

const WITHIN = 20_000;

const [manifest, port] = Deno.args;
const modules: ExampleModule[] = JSON.parse(await Deno.readTextFile(manifest!));
const { log, error: report } = console;

for (
  const method of ["log", "info", "debug", "warn", "error", "table"] as const
) {
  console[method] = () => {};
}
console.assert = (condition?: boolean, ...data: unknown[]) => {
  if (!condition) throw new Error(`Assertion failed ${data.join(" ")}`.trim());
};

let fail: (reason: unknown) => void = () => {};
const onError = (event: PromiseRejectionEvent | ErrorEvent) => {
  event.preventDefault();
  fail("reason" in event ? event.reason : event.error);
};
globalThis.addEventListener("unhandledrejection", onError);
globalThis.addEventListener("error", onError);

let failed = 0;
for (const { url, origin } of modules) {
  await ask("127.0.0.1", Number(port), ["FLUSHALL"]);
  try {
    await runExample(url);
  } catch (error) {
    failed++;
    const text = error instanceof Error ? error.stack ?? error : error;
    report(`${origin} failed\n${text}\n`);
  }
}
log(`${modules.length} examples ran, ${failed} failed`);
Deno.exit(failed > 0 ? 1 : 0);

async function runExample(url: string): Promise<void> {
  const broken = new Promise<never>((_, reject) => fail = reject);
  const timer = setTimeout(
    () => fail(new Error(`Not done within ${WITHIN} ms`)),
    WITHIN,
  );
  try {
    await Promise.race([import(url), broken]);
    // Wait one tick: an example may have left a rejected promise, which is reported
    // only then.
    await Promise.race([new Promise((done) => setTimeout(done)), broken]);
  } finally {
    clearTimeout(timer);
  }
}
