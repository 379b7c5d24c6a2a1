/**
 * An in-memory server that follows a script: the test spells out every byte.
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

/** The script of one dial. */
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

  /** Expects this command next. */
  expect(...args: string[]): this {
    return this.#then({ kind: "expect", args });
  }

  /** Expects any command next. */
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

  /** Accepts all further commands and replies to none. */
  silence(): this {
    return this.#then({ kind: "silence" });
  }

  /** The following steps are for the next dial. */
  redial(): this {
    this.#scripts.push({ kind: "talk", steps: [] });
    return this;
  }

  /** This dial is refused. */
  refuse(error: unknown = new Deno.errors.ConnectionRefused("refused")): this {
    return this.#replace({ kind: "refuse", error });
  }

  /** This dial stays pending until its signal aborts. */
  stall(): this {
    return this.#replace({ kind: "stall" });
  }

  /** The `dial` to give to a client. */
  readonly dial: Dial = (address, signal) => this.#dial(address, signal);

  /** The number of open connections of the client. */
  get open(): number {
    return this.#transports.filter((transport) => !transport.disposed).length;
  }

  /** Sends bytes over the newest connection now, regardless of the script. */
  sendNow(raw: string): void {
    this.#transports.at(-1)?.send(encoder.encode(raw));
  }

  /** Closes a connection now, by default the newest one, regardless of the script. */
  hangUpNow(place = -1): void {
    this.#transports.at(place)?.hangUp();
  }

  /** Rejects if the script was violated or has not been completed yet. */
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
