/**
 * Counters of requests, for Prometheus.
 *
 * An instance of the gateway counts for itself: the process on Deno, an isolate on
 * Cloudflare. With a HUB binding, isolates report to one Durable Object, which
 * adds the counts up and keeps them: see {@linkcode SharedMetrics}.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

import type { Credential } from "./grant_specs.ts";

/** The content type of the text. */
export const METRICS_TYPE = "text/plain; version=0.0.4";

/** Values by the name of their sample, such as `requests_total{status="200"}`. */
export type Counts = Record<string, number>;

/** The upper bounds of the buckets of the histogram, in seconds. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, Infinity];

/** A family of samples: its name, type and help. */
export type Family = readonly [name: string, type: string, help: string];

/** The families in the order of the text. */
const FAMILIES: readonly Family[] = [
  ["requests_total", "counter", "Requests answered, by status code."],
  ["request_seconds", "histogram", "Time from a request to its response."],
  ["commands_total", "counter", "Commands answered."],
  ["grant_requests_total", "counter", "Requests admitted, by grant."],
  ["grant_streams", "gauge", "Open streams and WebSockets, by grant."],
];

/** The counters of one instance. */
export class Metrics {
  readonly #statuses = new Map<number, number>();
  readonly #buckets = BUCKETS.map(() => 0);
  #seconds = 0;
  #commands = 0;
  /** What was reported last. */
  #reported: Counts = {};

  /** Counts a request that took some milliseconds. */
  count(status: number, milliseconds: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const seconds = milliseconds / 1000;
    this.#seconds += seconds;
    this.#buckets[BUCKETS.findIndex((most) => seconds <= most)]!++;
  }

  /** Counts commands that were sent. */
  countCommands(count: number): void {
    this.#commands += count;
  }

  /** The counts since the start. */
  counts(credentials: readonly Credential[]): Counts {
    const counts: Counts = {};
    for (const [status, count] of this.#statuses) {
      counts[`requests_total{status="${status}"}`] = count;
    }
    let total = 0;
    for (const [i, most] of BUCKETS.entries()) {
      const le = most === Infinity ? "+Inf" : most;
      total += this.#buckets[i]!;
      counts[`request_seconds_bucket{le="${le}"}`] = total;
    }
    counts["request_seconds_sum"] = this.#seconds;
    counts["request_seconds_count"] = total;
    counts["commands_total"] = this.#commands;
    for (const { grant: { name, usage } } of credentials) {
      counts[`grant_requests_total${label(name)}`] = usage.requests;
    }
    return counts;
  }

  /** The counts since the last call of this method. */
  takeNew(credentials: readonly Credential[]): Counts {
    const all = this.counts(credentials);
    const fresh = newCounts(all, this.#reported);
    this.#reported = all;
    return fresh;
  }
}

/** What was counted since the last report. */
export function newCounts(all: Counts, reported: Counts): Counts {
  const fresh: Counts = {};
  for (const name in all) {
    fresh[name] = Math.max(0, all[name]! - (reported[name] ?? 0));
  }
  return fresh;
}

/** What is in use now. */
export function gaugesOf(credentials: readonly Credential[]): Counts {
  const gauges: Counts = {};
  for (const { grant: { name, usage } } of credentials) {
    gauges[`grant_streams${label(name)}`] = usage.streams;
  }
  return gauges;
}

/** Adds counts to others. */
export function addCounts(to: Counts, counts: Counts): void {
  for (const name in counts) to[name] = (to[name] ?? 0) + counts[name]!;
}

/** All values in the format of Prometheus. */
export function metricsText(
  values: Counts,
  more: readonly Family[] = [],
): string {
  let text = "";
  for (const [family, type, help] of [...FAMILIES, ...more]) {
    text +=
      `# HELP sorrel_${family} ${help}\n# TYPE sorrel_${family} ${type}\n`;
    for (const name in values) {
      const [base = ""] = name.split("{", 1);
      if (base.replace(/_(bucket|sum|count)$/, "") !== family) continue;
      text += `sorrel_${name} ${values[name]}\n`;
    }
  }
  return text;
}

/** A label, with the escapes that the format has. */
function label(grant: string): string {
  const value = grant.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
  return `{grant="${value}"}`;
}
