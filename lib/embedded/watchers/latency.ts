/**
 * Latency spikes: LATENCY.
 *
 * @module
 */

import type { Config } from "../base/config.ts";

/** A spike: when, in s since 1970, and how long, in ms. */
export interface Spike {
  /** When it was. */
  readonly time: number;
  /** How long it took. */
  latency: number;
}

/** The spikes of an event; at most one a second. */
export interface Spikes {
  /** The last ones. */
  readonly samples: Spike[];
  /** The longest ever, in ms. */
  longest: number;
}

const MOST = 160;

/** The latency monitor. */
export class Latency {
  /** The spikes by event. */
  readonly events = new Map<string, Spikes>();
  /** Whether LATENCY HISTOGRAM counts how long commands take. */
  tracksCommands = true;
  #threshold = 0;

  /** Follows a configuration, whose threshold says which spikes are kept. */
  constructor(config: Config) {
    config.onSet("latency-monitor-threshold", (value) => {
      this.#threshold = Number(value);
    });
    config.onSet("latency-tracking", (value) => {
      this.tracksCommands = value === "yes";
    });
  }

  /** Whether spikes are kept. */
  get active(): boolean {
    return this.#threshold > 0;
  }

  /** Keeps that an event took `ms`, if that is above the threshold. */
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
