/**
 * The latency monitor: the commands LATENCY.
 *
 * @module
 */

import type { Config } from "../base/config.ts";

/** A latency spike. */
export interface Spike {
  /** When it occurred, in s since 1970. */
  readonly time: number;
  /** Its length in ms. */
  latency: number;
}

/** The spikes of an event; at most one per second. */
export interface Spikes {
  /** The most recent spikes. */
  readonly samples: Spike[];
  /** The longest ever, in ms. */
  longest: number;
}

const MOST = 160;

/** The latency monitor. */
export class Latency {
  /** The spikes by event. */
  readonly events = new Map<string, Spikes>();
  /** Whether LATENCY HISTOGRAM records the duration of commands. */
  tracksCommands = true;
  #threshold = 0;

  /** Follows `latency-monitor-threshold`, the least length of a recorded spike. */
  constructor(config: Config) {
    config.onSet("latency-monitor-threshold", (value) => {
      this.#threshold = Number(value);
    });
    config.onSet("latency-tracking", (value) => {
      this.tracksCommands = value === "yes";
    });
  }

  /** Whether spikes are recorded. */
  get active(): boolean {
    return this.#threshold > 0;
  }

  /** Records the duration of an event, if it reaches the threshold. */
  add(event: string, now: number, ms: number): void {
    if (!this.active || ms < this.#threshold) return;
    const latency = Math.floor(ms);
    const time = Math.floor(now / 1000);
    let spikes = this.events.get(event);
    if (spikes === undefined) {
      this.events.set(event, spikes = { samples: [], longest: 0 });
    }
    spikes.longest = Math.max(spikes.longest, latency);
    const last = spikes.samples.at(-1);
    if (last?.time === time) {
      last.latency = Math.max(last.latency, latency);
      return;
    }
    spikes.samples.push({ time, latency });
    if (spikes.samples.length > MOST) spikes.samples.shift();
  }
}
