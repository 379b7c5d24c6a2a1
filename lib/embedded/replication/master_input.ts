/**
 * The input of a replica from its master: lines first, then the full sync, then
 * the stream.
 *
 * @module
 */

import type { Transport } from "../../net/transport.ts";
import { toBinary } from "../../resp/binary.ts";

/** The size of the read buffer. */
const READ_BUFFER = 64 * 1024;
/** The length of the end mark of data of unknown length. */
const MARK = 40;

/** Reads from the connection to a master. */
export class MasterInput {
  readonly #transport: Transport;
  readonly #heard: () => void;
  readonly #into = new Uint8Array(READ_BUFFER);
  /** Bytes that were read but not consumed. */
  #left: Uint8Array = this.#into.subarray(0, 0);

  /** `heard` is called whenever bytes arrive. */
  constructor(transport: Transport, heard: () => void) {
    this.#transport = transport;
    this.#heard = heard;
  }

  /** The next bytes, valid until the next read; `null` at the end. */
  async some(): Promise<Uint8Array | null> {
    if (this.#left.length > 0) {
      const left = this.#left;
      this.#left = left.subarray(left.length);
      return left;
    }
    const size = await this.#transport.read(this.#into);
    if (size === null) return null;
    this.#heard();
    return this.#into.subarray(0, size);
  }

  /** The next line. Skips empty lines: a busy master sends them as keepalive. */
  async line(): Promise<string> {
    let line = "";
    for (;;) {
      const chunk = await this.#more();
      const end = chunk.indexOf(10);
      if (end < 0) {
        line += toBinary(chunk, 0, chunk.length);
        continue;
      }
      line += toBinary(chunk, 0, end);
      this.#left = chunk.subarray(end + 1);
      line = line.replace(/\r$/, "");
      if (line !== "") return line;
    }
  }

  /** The data of a full sync, preceded by its length or enclosed in end marks. */
  async transfer(): Promise<Uint8Array> {
    const line = await this.line();
    const [, size, mark] = /^\$(?:(\d+)|EOF:(.{40}))$/s.exec(line) ?? [];
    if (size !== undefined) return await this.#exactly(Number(size));
    if (mark !== undefined) return await this.#upTo(mark);
    throw new Error(`The master answers ${line}`);
  }

  async #exactly(size: number): Promise<Uint8Array> {
    const data = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const chunk = await this.#more();
      const part = chunk.subarray(0, size - at);
      data.set(part, at);
      at += part.length;
      this.#left = chunk.subarray(part.length);
    }
    return data;
  }

  /** Reads up to the mark. Nothing follows it until the replica has acknowledged it. */
  async #upTo(mark: string): Promise<Uint8Array> {
    let data = new Uint8Array(READ_BUFFER);
    let at = 0;
    for (;;) {
      const chunk = await this.#more();
      if (at + chunk.length > data.length) {
        const larger = new Uint8Array((at + chunk.length) * 2);
        larger.set(data.subarray(0, at));
        data = larger;
      }
      data.set(chunk, at);
      at += chunk.length;
      const end = at - MARK;
      if (end >= 0 && toBinary(data, end, at) === mark) {
        return data.subarray(0, end);
      }
    }
  }

  async #more(): Promise<Uint8Array> {
    const chunk = await this.some();
    if (chunk === null) throw new Error("The master closed the connection");
    return chunk;
  }
}
