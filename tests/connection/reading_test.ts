import assert from "node:assert/strict";
import { Connection } from "../../lib/connection/connection.ts";
import { encodeText, joinBytes } from "../../lib/resp/bytes.ts";
import { ask, PATIENT, until } from "./support.ts";

const TASKS = 12;
const REPLY = encodeText(`$20000\r\n${"x".repeat(20_000)}\r\n`);

/** A connection whose replies the test gives, and what it reads and writes. */
class Wire {
  /** The sizes of the buffers that were read into. */
  readonly reads: number[] = [];
  /** How many commands each write had. */
  writes: number[] = [];
  readonly connection: Connection;
  #unread = new Uint8Array();
  #come = Promise.withResolvers<void>();

  constructor() {
    this.connection = new Connection({
      read: (into) => this.#read(into),
      write: (chunks) => {
        const text = new TextDecoder().decode(joinBytes(chunks));
        this.writes.push(text.split("GET").length - 1);
        return Promise.resolve();
      },
      [Symbol.dispose]: () => {
        // Perhaps it does not read just then.
        this.#come.promise.catch(() => {});
        this.#come.reject(new Error("Disposed"));
      },
    }, PATIENT);
  }

  /** Lets one reply for each task come, all at once. */
  answer(): void {
    this.#unread = joinBytes(Array.from({ length: TASKS }, () => REPLY));
    this.#come.resolve();
  }

  async #read(into: Uint8Array): Promise<number> {
    this.reads.push(into.length);
    await this.#come.promise;
    const count = Math.min(this.#unread.length, into.length);
    into.set(this.#unread.subarray(0, count));
    this.#unread = this.#unread.subarray(count);
    if (this.#unread.length === 0) this.#come = Promise.withResolvers();
    return count;
  }
}

Deno.test("callers run after every four long replies, and the read buffer grows to 256 KiB", async () => {
  const wire = new Wire();
  let over = false;
  const tasks = Array.from({ length: TASKS }, async () => {
    while (!over) await ask(wire.connection, "GET k");
  });
  const written = () => wire.writes.reduce((sum, count) => sum + count, 0);
  await until(() => written() === TASKS);
  wire.answer();
  await until(() => written() === 2 * TASKS);
  assert.deepEqual(
    [...new Set(wire.reads)].filter((size) => Math.log2(size) % 1 === 0),
    [2, 16, 128, 256].map((kib) => kib * 1024),
  );
  wire.writes = [];
  wire.answer();
  await until(() => written() === TASKS);
  assert.deepEqual(wire.writes, [4, 4, 4]);
  over = true;
  wire.answer();
  await Promise.all(tasks);
  wire.connection.destroy(new Error("lost"));
  await wire.connection.closed;
});
