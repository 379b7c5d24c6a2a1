/**
 * Runs the embedded server as a program.
 *
 * @module
 */

import net from "node:net";
import { dial } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { Asker } from "./asker.ts";

/** The server as a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #port: number;
  /** Its output so far. */
  output: string;
  readonly #reading: Promise<void>;

  private constructor(
    child: Deno.ChildProcess,
    port: number,
    output: string,
    reader: ReadableStreamDefaultReader<string>,
  ) {
    this.#child = child;
    this.#port = port;
    this.output = output;
    this.#reading = this.#read(reader);
  }

  static async start(
    { files = 1024, flags = "", options = [] }: {
      files?: number;
      flags?: string;
      options?: string[];
    } = {},
  ): Promise<Program> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-run",
        "--allow-read",
        new URL("limited_server.ts", import.meta.url).pathname,
        String(files),
        flags,
        ...options,
        "--port",
        "0",
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    const reader = lines.getReader();
    let text = "";
    let port: string | undefined;
    while (port === undefined) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The server did not start: ${text}`);
      text += value;
      port = /redis:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    }
    return new Program(child, Number(port), text, reader);
  }

  async #read(reader: ReadableStreamDefaultReader<string>): Promise<void> {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.output += value;
    }
  }

  get port(): number {
    return this.#port;
  }

  connect(): Promise<Asker> {
    return Asker.to({ hostname: "127.0.0.1", port: this.#port });
  }

  dial(): Promise<Transport> {
    return dial(
      { hostname: "127.0.0.1", port: this.#port },
      AbortSignal.timeout(10_000),
    );
  }

  /** Connects, and resets the connection before the server has accepted it. */
  async reset(): Promise<void> {
    const socket = net.connect(this.#port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resetAndDestroy();
    await closed;
  }

  async runId(): Promise<string> {
    using asker = await this.connect();
    const info = String(await asker.ask("INFO", "server"));
    return /run_id:(\w+)/.exec(info)![1]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
  }
}
