/**
 * A connection without a socket: two transports, each of which reads the bytes
 * written to the other.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";

/** Reads before yielding to the event loop: promises alone starve timers and files. */
const READS_BEFORE_YIELD = 256;

/** One direction of the connection: bytes that wait for their reader. */
class Flow {
  #reads = 0;
  #waiting: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #ended = false;

  write(chunks: readonly Uint8Array[]): void {
    if (this.#ended) throw new Error("The other end of the pipe was closed");
    // The writer may reuse its buffers at once.
    for (const chunk of chunks) this.#waiting.push(chunk.slice());
    this.#wake?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (++this.#reads % READS_BEFORE_YIELD === 0) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    while (this.#waiting.length === 0) {
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = null;
    }
    const first = this.#waiting[0]!;
    const size = Math.min(first.length, into.length);
    into.set(first.subarray(0, size));
    if (size === first.length) this.#waiting.shift();
    else this.#waiting[0] = first.subarray(size);
    return size;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}

/** Makes the two ends of a connection. */
export function makePipe(): [Transport, Transport] {
  const [there, back] = [new Flow(), new Flow()];
  return [makeEnd(back, there), makeEnd(there, back)];
}

function makeEnd(from: Flow, to: Flow): Transport {
  return {
    read: (into) => from.read(into),
    // deno-lint-ignore require-await -- so that a thrown error rejects
    write: async (chunks) => to.write(chunks),
    [Symbol.dispose]() {
      from.end();
      to.end();
    },
  };
}
