/**
 * Counts of requests, for Prometheus.
 *
 * Where the gateway runs: one process on Deno; on Cloudflare one isolate or
 * Durable Object of several.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

import type { Settings } from "./env.ts";

/** The type of the text. */
export const METRICS_TYPE = "text/plain; version=0.0.4";

/** Up to so many seconds a request takes, by bucket. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, Infinity];

/** Counts until the end of the process. */
export class Metrics {
  readonly #statuses = new Map<number, number>();
  readonly #buckets = BUCKETS.map(() => 0);
  #seconds = 0;
  #commands = 0;

  /** Counts a request that was answered after so many milliseconds. */
  count(status: number, milliseconds: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const seconds = milliseconds / 1000;
    this.#seconds += seconds;
    const bucket = BUCKETS.findIndex((most) => seconds <= most);
    this.#buckets[bucket]!++;
  }

  /** Counts commands that were sent. */
  countCommands(count: number): void {
    this.#commands += count;
  }

  /** Everything, in the format of Prometheus. */
  text({ credentials }: Settings): string {
    let text = "";
    const family = (name: string, type: string, values: [string, number][]) => {
      text += `# TYPE sorrel_${name} ${type}\n`;
      for (const [suffix, value] of values) {
        text += `sorrel_${name}${suffix} ${value}\n`;
      }
    };
    const statuses = [...this.#statuses];
    family(
      "requests_total",
      "counter",
      statuses.map(([status, count]) => [`{status="${status}"}`, count]),
    );
    let total = 0;
    const buckets = BUCKETS.map((most, i): [string, number] => {
      const le = most === Infinity ? "+Inf" : most;
      return [`_bucket{le="${le}"}`, total += this.#buckets[i]!];
    });
    family("request_seconds", "histogram", [
      ...buckets,
      ["_sum", this.#seconds],
      ["_count", total],
    ]);
    family("commands_total", "counter", [["", this.#commands]]);
    const byGrant = (of: "requests" | "streams") =>
      credentials.map(({ grant: { name, usage } }): [string, number] => [
        `{grant=${JSON.stringify(name)}}`,
        usage[of],
      ]);
    family("grant_requests_total", "counter", byGrant("requests"));
    family("grant_streams", "gauge", byGrant("streams"));
    return text;
  }
}
