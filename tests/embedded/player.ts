/**
 * A session that a test plays: lines out, bytes in.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import type { Transport } from "../../lib/net/transport.ts";
import { binaryToBytes, toBinary } from "../../lib/resp/binary.ts";

/** A session of a script: what it sends, and all it got. */
export class Player implements Disposable {
  readonly #transport: Transport;
  readonly #into = new Uint8Array(4096);
  #got = "";
  #answered = 0;
  #pings = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Writes commands, all at once. */
  async send(...commands: string[]): Promise<void> {
    const lines = commands.map((command) => `${command}\r\n`).join("");
    await this.#transport.write([binaryToBytes(lines)]);
  }

  /** Waits until a PING that is sent now is answered. */
  async settled(): Promise<void> {
    const mark = `settled-${this.#pings++}`;
    await this.send(`PING ${mark}`);
    while (!this.#got.endsWith(`${mark}\r\n`)) {
      const size = await this.#transport.read(this.#into);
      ok(size !== null, `The connection ended behind ${this.#got}`);
      this.#got += toBinary(this.#into, 0, size);
    }
  }

  /** What a command is answered, as it is on the wire. */
  async ask(command: string): Promise<string> {
    await this.send(command);
    const got = await this.rest();
    return got.slice(0, got.lastIndexOf("$"));
  }

  /** What came since the last time this was asked, a last PING's answer included. */
  async rest(): Promise<string> {
    await this.settled();
    const rest = this.#got.slice(this.#answered);
    this.#answered = this.#got.length;
    return rest;
  }

  /** Ends the connection. */
  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}
