/**
 * Changes as commands, for files and replicas.
 *
 * @module
 */

/** The receivers of a change, as bits: the append-only file, replicas, or both. */
export const REPLICATE = { none: 0, file: 1, replicas: 2, all: 3 } as const;

/** A change, as the command that repeats it. */
export interface Effect {
  /** The number of its database. */
  readonly db: number;
  /** The command. */
  readonly args: readonly string[];
  /** Who gets it: see {@linkcode REPLICATE}. @default {all} */
  readonly to?: number;
}

/** Receives the changes of one command, or of one EXEC, together. */
export type Sink = (effects: readonly Effect[]) => void;

/** The changes of a command, or of an EXEC, until it ends. */
export class Effects {
  /** The receivers of all changes for files. */
  readonly sinks = new Set<Sink>();
  readonly #feeding: () => boolean;
  #effects: Effect[] = [];
  /** Whether any of them is only for some receivers. */
  #partial = false;

  /** `feeding` says whether replicas get changes. */
  constructor(feeding: () => boolean) {
    this.#feeding = feeding;
  }

  /** Whether there are none. */
  get empty(): boolean {
    return this.#effects.length === 0;
  }

  /** Adds a change, if there is a receiver. */
  add(effect: Effect): void {
    if (this.sinks.size === 0 && !this.#feeding()) return;
    this.#effects.push(effect);
    if ((effect.to ?? REPLICATE.all) !== REPLICATE.all) this.#partial = true;
  }

  /** Hands the changes to `feed`, for replicas, and to the sinks. */
  settle(feed: ((effects: readonly Effect[]) => void) | null): void {
    if (this.#effects.length === 0) return;
    const effects = this.#effects;
    this.#effects = [];
    const of = (who: number) =>
      this.#partial
        ? effects.filter(({ to }) => to === undefined || (to & who) !== 0)
        : effects;
    const [passed, lasting] = [of(REPLICATE.replicas), of(REPLICATE.file)];
    this.#partial = false;
    if (passed.length > 0) feed?.(passed);
    if (lasting.length === 0) return;
    for (const sink of this.sinks) sink(lasting);
  }
}
