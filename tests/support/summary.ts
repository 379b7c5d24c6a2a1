/**
 * Parses the summary line of `deno test`.
 *
 * @module
 */

/** The number of tests by result. */
export interface Summary {
  passed: number;
  failed: number;
  ignored: number;
}

/** Parses `ok | 12 passed (3 steps) | 0 failed | 1 ignored (3s)`; else `null`. */
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
