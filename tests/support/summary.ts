/**
 * The last line that `deno test` prints.
 *
 * @module
 */

/** How many tests had which end. */
export interface Summary {
  passed: number;
  failed: number;
  ignored: number;
}

/** Reads `ok | 12 passed (3 steps) | 0 failed | 1 ignored (3s)`; `null` where there is none. */
export function summaryOf(printed: string): Summary | null {
  const line = printed.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1);
  if (line === undefined) return null;
  const count = (what: string) =>
    Number(new RegExp(`(\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return {
    passed: count("passed"),
    failed: count("failed"),
    ignored: count("ignored"),
  };
}
