/**
 * A server whose every word is written down in the test, in memory.
 *
 * ```ts
 * const peer = new ScriptedPeer()
 *   .expect("HELLO", "3").reply("%1\r\n+proto\r\n:3\r\n")
 *   .expect("GET", "k").reply("$1\r\nv\r\n").hangUp();
 * const redis = await connect({ dial: peer.dial });
 * // ...
 * await peer.done();
 * ```
 *
 * @module
 */

import type { Address, Dial, Transport } from "../../lib/net/transport.ts";
import {
  ScriptedTransport,
  showStep,
  type Step,
} from "./scripted_transport.ts";

/** What becomes of one dial. */
type Script =
  | { kind: "talk"; steps: Step[] }
  | { kind: "refuse"; error: unknown }
  | { kind: "stall" };

const encoder = new TextEncoder();

/** A scripted server. Each dial takes the next script: see {@linkcode ScriptedPeer.redial}. */
export class ScriptedPeer {
  /** Every `transport.write`, as one chunk, over all connections. */
  readonly writes: Uint8Array[] = [];
  /** Every command that arrived whole, over all connections. */
  readonly received: string[][] = [];
  /** Every address that was dialled. */
  readonly dialled: Address[] = [];
  readonly #scripts: Script[] = [{ kind: "talk", steps: [] }];
  readonly #transports: ScriptedTransport[] = [];
  #failure: Error | null = null;

  /** The next command must be this one. */
  expect(...args: string[]): this {
    return this.#then({ kind: "expect", args });
  }

  /** The next command may be any. */
  expectAny(): this {
    return this.#then({ kind: "expect", args: null });
  }

  /** Sends bytes as they are. Each call is a chunk: no read returns more than one. */
  reply(raw: string | Uint8Array): this {
    const bytes = typeof raw === "string" ? encoder.encode(raw) : raw;
    return this.#then({ kind: "send", bytes });
  }

  /** Sends bytes without a command; at the start of a script, at once. */
  push(raw: string | Uint8Array): this {
    return this.reply(raw);
  }

  /** Closes the connection. */
  hangUp(): this {
    return this.#then({ kind: "hang up" });
  }

  /** Takes whatever comes from here on, and answers nothing. */
  silence(): this {
    return this.#then({ kind: "silence" });
  }

  /** What follows is for the next dial. */
  redial(): this {
    this.#scripts.push({ kind: "talk", steps: [] });
    return this;
  }

  /** This dial fails. */
  refuse(error: unknown = new Deno.errors.ConnectionRefused("refused")): this {
    return this.#replace({ kind: "refuse", error });
  }

  /** This dial goes on until its signal aborts. */
  stall(): this {
    return this.#replace({ kind: "stall" });
  }

  /** The `dial` to give to a client. */
  readonly dial: Dial = (address, signal) => this.#dial(address, signal);

  /** How many connections the client has open. */
  get open(): number {
    return this.#transports.filter((transport) => !transport.disposed).length;
  }

  /** Sends bytes over the newest connection now, whatever the script says. */
  sendNow(raw: string): void {
    this.#transports.at(-1)?.send(encoder.encode(raw));
  }

  /** Closes a connection now, the newest one when `place` is left out, whatever the script says. */
  hangUpNow(place = -1): void {
    this.#transports.at(place)?.hangUp();
  }

  /** Rejects when something went otherwise than written, or has not happened yet. */
  // deno-lint-ignore require-await
  async done(): Promise<void> {
    if (this.#failure) throw this.#failure;
    const scripts = this.#scripts.slice(this.dialled.length);
    const awaited = scripts.find((script) =>
      script.kind !== "talk" || script.steps.length > 0
    );
    if (awaited) {
      throw new Error(`A dial is still awaited: ${showScript(awaited)}`);
    }
    for (const transport of this.#transports) {
      const [step] = transport.steps;
      if (step && step.kind !== "silence") {
        throw new Error(`Still awaited: ${showStep(step)}`);
      }
    }
  }

  #then(step: Step): this {
    const script = this.#scripts.at(-1);
    if (script?.kind !== "talk") {
      throw new TypeError(`Cannot say more to a dial that fails: use redial()`);
    }
    script.steps.push(step);
    return this;
  }

  #replace(script: Script): this {
    const current = this.#scripts.pop();
    if (current?.kind !== "talk" || current.steps.length > 0) {
      throw new TypeError(`Cannot ${script.kind} this dial: use redial()`);
    }
    this.#scripts.push(script);
    return this;
  }

  async #dial(address: Address, signal: AbortSignal): Promise<Transport> {
    signal.throwIfAborted();
    const script = this.#scripts[this.dialled.length];
    this.dialled.push(address);
    if (script === undefined) {
      throw this.#fail(`Unexpected dial number ${this.dialled.length}`);
    }
    if (script.kind === "refuse") throw script.error;
    if (script.kind === "stall") {
      return await new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), {
          once: true,
        })
      );
    }
    const transport = new ScriptedTransport(script.steps, {
      written: (bytes) => this.writes.push(bytes),
      received: (command) => this.received.push(command),
      fail: (message) => this.#fail(message),
    });
    this.#transports.push(transport);
    return transport;
  }

  #fail(message: string): Error {
    const error = new Error(`ScriptedPeer: ${message}`);
    this.#failure ??= error;
    return error;
  }
}

function showScript(script: Script): string {
  return script.kind === "talk"
    ? script.steps.map(showStep).join(", ")
    : script.kind;
}
