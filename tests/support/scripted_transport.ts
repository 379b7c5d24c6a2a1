/**
 * One connection of a scripted peer: replies to each command as scripted.
 *
 * @module
 */

import type { Transport } from "../../lib/net/transport.ts";

/** One step of a script. */
export type Step =
  | { kind: "expect"; args: readonly string[] | null }
  | { kind: "send"; bytes: Uint8Array }
  | { kind: "hang up" }
  | { kind: "silence" };

const decoder = new TextDecoder();

/** Listens to the events of a {@linkcode ScriptedTransport}. */
export interface Witness {
  written(bytes: Uint8Array): void;
  received(command: string[]): void;
  fail(message: string): Error;
}

/** One connection of a ScriptedPeer. */
export class ScriptedTransport implements Transport {
  /** The remaining steps. */
  readonly steps: Step[];
  readonly #witness: Witness;
  /** The results of coming reads: bytes, the end, or an error. */
  readonly #outgoing: (Uint8Array | null | Error)[] = [];
  #reader: { wake(): void } | null = null;
  #incoming: Uint8Array = new Uint8Array();
  #hungUp = false;
  #disposed = false;

  constructor(steps: Step[], witness: Witness) {
    this.steps = [...steps];
    this.#witness = witness;
    this.#advance();
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#reader) throw new TypeError("Two reads at a time");
    while (this.#outgoing.length === 0 && !this.#disposed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#reader = { wake: resolve };
      await promise;
    }
    if (this.#disposed) throw new Deno.errors.BadResource("Disposed");
    const next = this.#outgoing[0]!;
    // The end and an error stay in the queue: every later read gets them again.
    if (next === null) return null;
    if (next instanceof Error) throw next;
    const count = Math.min(next.length, into.length);
    into.set(next.subarray(0, count));
    if (count === next.length) this.#outgoing.shift();
    else this.#outgoing[0] = next.subarray(count);
    return count;
  }

  // deno-lint-ignore require-await
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#disposed) throw new Deno.errors.BadResource("Disposed");
    if (this.#hungUp) throw new Deno.errors.BrokenPipe("The peer hung up");
    const bytes = concat(chunks);
    this.#witness.written(bytes);
    this.#incoming = concat([this.#incoming, bytes]);
    try {
      for (let request; (request = takeRequest(this.#incoming));) {
        this.#incoming = request.rest;
        this.#witness.received(request.args);
        this.#meet(request.args);
      }
    } catch (error) {
      this.#emit(this.#witness.fail((error as Error).message));
    }
  }

  send(bytes: Uint8Array): void {
    this.#emit(bytes);
  }

  hangUp(): void {
    this.#hungUp = true;
    this.#emit(null);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#wake();
  }

  #meet(args: string[]): void {
    const step = this.steps[0];
    if (step?.kind === "silence") return;
    if (step?.kind !== "expect") {
      throw new Error(`${JSON.stringify(args)} came after the script's end`);
    }
    if (step.args && JSON.stringify(step.args) !== JSON.stringify(args)) {
      throw new Error(`${JSON.stringify(args)} came for ${showStep(step)}`);
    }
    this.steps.shift();
    this.#advance();
  }

  /** Performs the steps that need no command. */
  #advance(): void {
    for (let step; (step = this.steps[0]); this.steps.shift()) {
      if (step.kind === "send") this.send(step.bytes);
      else if (step.kind === "hang up") this.hangUp();
      else return;
    }
  }

  #emit(item: Uint8Array | null | Error): void {
    if (item instanceof Uint8Array && item.length === 0) return;
    this.#outgoing.push(item);
    this.#wake();
  }

  #wake(): void {
    this.#reader?.wake();
    this.#reader = null;
  }
}

/** Takes the first complete request, an array of bulk strings, off `bytes`. */
function takeRequest(
  bytes: Uint8Array,
): { args: string[]; rest: Uint8Array } | null {
  let at = 0;
  const header = (type: string): number | null => {
    const end = bytes.indexOf(0x0a, at);
    if (end === -1) return null;
    const line = decoder.decode(bytes.subarray(at, end + 1));
    const length = new RegExp(`^\\${type}(\\d+)\\r\\n$`).exec(line)?.[1];
    if (length === undefined) {
      throw new Error(`${JSON.stringify(line)} came where "${type}" should be`);
    }
    at = end + 1;
    return Number(length);
  };
  const count = header("*");
  if (count === null) return null;
  const args: string[] = [];
  while (args.length < count) {
    const length = header("$");
    if (length === null || bytes.length < at + length + 2) return null;
    args.push(decoder.decode(bytes.subarray(at, at + length)));
    if (bytes[at + length] !== 0x0d || bytes[at + length + 1] !== 0x0a) {
      throw new Error(`No CRLF after ${JSON.stringify(args)}`);
    }
    at += length + 2;
  }
  return { args, rest: bytes.subarray(at) };
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Describes a step. */
export function showStep(step: Step): string {
  switch (step.kind) {
    case "expect":
      return step.args ? JSON.stringify(step.args) : "any command";
    case "send":
      return `sending ${JSON.stringify(decoder.decode(step.bytes))}`;
    default:
      return step.kind;
  }
}
