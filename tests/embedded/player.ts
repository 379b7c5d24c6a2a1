/**
 * A scripted session: sends commands as lines and collects the bytes received.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import type { Transport } from "../../lib/net/transport.ts";
import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";

/** A session of a script. */
export class Player implements Disposable {
  readonly #transport: Transport;
  readonly #into = new Uint8Array(4096);
  #got = "";
  #answered = 0;
  #pings = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends commands, all at once. */
  async send(...commands: string[]): Promise<void> {
    const lines = commands.map((command) => `${command}\r\n`).join("");
    await this.#transport.write([binaryToBytes(lines)]);
  }

  /** Waits for the reply to a PING that is sent now. */
  async settled(): Promise<void> {
    const mark = `settled-${this.#pings++}`;
    await this.send(`PING ${mark}`);
    while (!this.#got.endsWith(`${mark}\r\n`)) {
      const size = await this.#transport.read(this.#into);
      ok(size !== null, `The connection ended behind ${this.#got}`);
      this.#got += toBinary(this.#into, 0, size);
    }
  }

  /** Sends a command and returns the raw reply. */
  async ask(command: string): Promise<string> {
    await this.send(command);
    const got = await this.rest();
    return got.slice(0, got.lastIndexOf("$"));
  }

  /** The bytes since the last call, including the reply to a last PING. */
  async rest(): Promise<string> {
    await this.settled();
    const rest = this.#got.slice(this.#answered);
    this.#answered = this.#got.length;
    return rest;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}
