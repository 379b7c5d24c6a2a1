import assert from "node:assert/strict";
import { TestReport } from "./test_report.ts";

function reportOf(files: number, lines: readonly string[]): string[] {
  const report = new TestReport(files, "deno task test");
  return lines.flatMap((line) => report.read(line));
}

Deno.test("prints one line per file, however many tests and steps it has", () => {
  const printed = reportOf(12, [
    "./tests/a_test.ts => adds ... one ... ok (1ms)",
    "./tests/b_test.ts => subtracts ... ignored (0ms)",
    "./tests/a_test.ts => adds ... ok (585µs)",
    "",
    "ok | 2 passed (1 step) | 0 failed (3s)",
  ]);
  assert.deepEqual(printed, [
    " 1 of 12  tests/a_test.ts",
    " 2 of 12  tests/b_test.ts",
    "ok | 2 passed (1 step) | 0 failed (3s)",
  ]);
});

Deno.test("reports a failure at once, and at the end how to run it alone", () => {
  const end = [
    " ERRORS ",
    "",
    "fails 'quoted' ... inner => ./tests/a_test.ts:2:52",
    "error: Error: boom",
    "",
    " FAILURES ",
    "",
    "./tests/b_test.ts (uncaught error)",
    "fails 'quoted' ... inner => ./tests/a_test.ts:2:52",
    "fails 'quoted' ... other => ./tests/a_test.ts:3:52",
    "",
  ];
  const printed = reportOf(2, [
    "./tests/a_test.ts => fails 'quoted' ... inner ... FAILED (1ms)",
    "./tests/a_test.ts => fails 'quoted' ... FAILED (due to 1 failed step) (7ms)",
    "Uncaught error from ./tests/b_test.ts FAILED",
    "",
    ...end,
    "FAILED | 1 passed | 2 failed (1 step) (42ms)",
  ]);
  assert.deepEqual(printed, [
    "1 of 2  tests/a_test.ts",
    "./tests/a_test.ts => fails 'quoted' ... inner ... FAILED (1ms)",
    "./tests/a_test.ts => fails 'quoted' ... FAILED (due to 1 failed step) (7ms)",
    "2 of 2  tests/b_test.ts",
    "Uncaught error from ./tests/b_test.ts FAILED",
    ...end,
    "To run what failed alone:",
    "  deno task test tests/a_test.ts --filter 'fails '\\''quoted'\\'''",
    "  deno task test tests/b_test.ts",
    "",
    "FAILED | 1 passed | 2 failed (1 step) (42ms)",
  ]);
});
