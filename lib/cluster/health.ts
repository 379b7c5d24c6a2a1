/**
 * The circuit breaker of one server.
 *
 * It matters where another server could execute a command: keyless commands, reads
 * from replicas, CLUSTER SLOTS. Commands for the keys of a master go to that
 * master whatever its health. After a failure the server gets no such commands;
 * PINGs in the background, one at a time, find out when it answers again.
 *
 * @module
 */

import { now } from "../connection/clock.ts";

/** The rest after the first failure, in ms; each further one doubles it. */
const FIRST_REST_MS = 250;
/** The longest rest, in ms. */
const LONGEST_REST_MS = 8_000;

type State =
  | { readonly kind: "up" }
  /** It did not answer. It gets no commands, and a probe when the rest is over. */
  | { readonly kind: "down"; readonly rest: number; readonly probeAt: number }
  /** A probe is pending. */
  | { readonly kind: "probed"; readonly rest: number };

/** The health of one server. */
export class Health {
  readonly #probe: () => Promise<unknown>;
  #state: State = { kind: "up" };

  /** Takes how the server is probed: rejects when it does not answer soon. */
  constructor(probe: () => Promise<unknown>) {
    this.#probe = probe;
  }

  /** Whether to send it commands; begins a probe when it is time for one. */
  get isUp(): boolean {
    const state = this.#state;
    if (state.kind === "down" && now() >= state.probeAt) {
      this.#enter({ kind: "probed", rest: state.rest });
      this.#probe().then(() => this.answered(), () => {
        const rest = Math.min(state.rest * 2, LONGEST_REST_MS);
        this.#enter({ kind: "down", rest, probeAt: now() + rest });
      });
    }
    return this.#state.kind === "up";
  }

  /** Notes that it did not answer. */
  failed(): void {
    if (this.#state.kind !== "up") return;
    const probeAt = now() + FIRST_REST_MS;
    this.#enter({ kind: "down", rest: FIRST_REST_MS, probeAt });
  }

  /** Notes that it answered. */
  answered(): void {
    if (this.#state.kind !== "up") this.#enter({ kind: "up" });
  }

  /** The one place that changes the state. */
  #enter(state: State): void {
    this.#state = state;
  }
}
