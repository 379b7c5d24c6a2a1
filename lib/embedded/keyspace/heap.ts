/**
 * How full V8's heap is. V8 ends the process when its heap is full, so the server
 * refuses writes before that, whether `maxmemory` is set or not.
 *
 * @module
 */

import { builtinModule } from "../base/process.ts";

/** The part of Node's module `node:v8` that is used here. */
type HeapStatistics = Readonly<
  Record<"used_heap_size" | "heap_size_limit", number>
>;

/** How old a measurement may be, in ms. Measuring takes 2 microseconds. */
const MEASURE_EVERY_MS = 2;
/** V8's limit includes the young generation, but V8 crashes when the rest is full. */
const NEW_SPACE = 96 * 1024 * 1024;
/** The part of the heap that is kept free, for garbage and for one large command. */
const RESERVE = 0.1;
/** The minimum of bytes kept free. */
const LEAST_RESERVE = 16 * 1024 * 1024;

/** Measures V8's heap. On platforms without measurements it never counts as full. */
export class Heap {
  /** The limit of V8's heap in bytes; 0 where it is unknown. */
  readonly limit: number;
  readonly #measure = findMeasure();
  readonly #most: number;
  #measuredAt = -Infinity;
  #full = false;

  /** Reads V8's heap limit. */
  constructor() {
    this.limit = this.#measure?.().heap_size_limit ?? 0;
    const old = this.limit - NEW_SPACE;
    this.#most = old - Math.max(old * RESERVE, LEAST_RESERVE);
  }

  /** The used bytes of the heap; 0 where that is unknown. */
  get used(): number {
    return this.#measure?.().used_heap_size ?? 0;
  }

  /** Whether the heap is too full for more data. `now` is `performance.now()`. */
  isFull(now: number): boolean {
    if (this.#measure !== null && now - this.#measuredAt > MEASURE_EVERY_MS) {
      this.#measuredAt = now;
      this.#full = this.#measure().used_heap_size > this.#most;
    }
    return this.#full;
  }
}

function findMeasure(): (() => HeapStatistics) | null {
  const v8 = builtinModule("node:v8") as
    | { getHeapStatistics(): HeapStatistics }
    | undefined;
  return v8 === undefined ? null : () => v8.getHeapStatistics();
}
