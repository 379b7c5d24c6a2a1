/**
 * What no client may do to the server: end its process. Each test ends with the
 * same process answering PING.
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import net from "node:net";
import { dial } from "../../lib/net/tcp.ts";
import type { Transport } from "../../lib/net/transport.ts";
import { Asker } from "./asker.ts";

/** The server as a process of its own. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #port: number;
  readonly #output: Promise<string>;

  private constructor(
    child: Deno.ChildProcess,
    port: number,
    output: Promise<string>,
  ) {
    this.#child = child;
    this.#port = port;
    this.#output = output;
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
        "--port",
        "0",
        ...options,
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
    const output = (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return text;
        text += value;
      }
    })();
    return new Program(child, Number(port), output);
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

  /** Connects, and resets the connection before the server has seen it. */
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
    await this.#output;
  }
}

/** Asserts that it is the process it was, and that it answers. */
async function assertLives(server: Program, runId: string): Promise<void> {
  equal(await server.runId(), runId);
  using asker = await server.connect();
  equal(await asker.ask("PING"), "PONG");
}

Deno.test("the server survives 2,000 connections that are reset at once", async () => {
  await using server = await Program.start();
  const runId = await server.runId();
  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 100 }, () => server.reset()));
  }
  await assertLives(server, runId);
});

Deno.test("out of file descriptors, connections wait until some are closed", async () => {
  await using server = await Program.start({ files: 150 });
  const runId = await server.runId();
  const transports: Transport[] = [];
  for (let i = 0; i < 200; i++) transports.push(await server.dial());
  for (const transport of transports.splice(0, 100)) {
    transport[Symbol.dispose]();
  }
  await assertLives(server, runId);
  // Those that waited are served now.
  const asker = new Asker(transports.at(-1)!);
  equal(await asker.ask("PING"), "PONG");
  for (const transport of transports) transport[Symbol.dispose]();
  await assertLives(server, runId);
});

Deno.test("the server survives garbage", async () => {
  await using server = await Program.start();
  const runId = await server.runId();
  let seed = 1;
  for (let i = 0; i < 300; i++) {
    using transport = await server.dial();
    const bytes = Uint8Array.from({ length: i * 7 }, () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      // Half of it looks like the protocol.
      const drawn = seed >> 8;
      return drawn % 2 === 0
        ? drawn % 256
        : "*$\r\n0123:-"[drawn % 10]!.charCodeAt(0);
    });
    // The server may have closed the connection before all is written.
    await transport.write([bytes]).catch(() => {});
  }
  await assertLives(server, runId);
});

Deno.test("the server survives clients that do not read", async () => {
  await using server = await Program.start({
    options: ["--client-output-buffer-limit", "normal", "4mb", "0", "0"],
  });
  const runId = await server.runId();
  using asker = await server.connect();
  await asker.ask("SET", "k", "x".repeat(1_000_000));
  for (let i = 0; i < 20; i++) {
    using transport = await server.dial();
    const gets = new TextEncoder().encode("GET k\r\n".repeat(50));
    await transport.write([gets]).catch(() => {});
  }
  await assertLives(server, runId);
});

Deno.test("the server serves 10,000 connections at once", async () => {
  await using server = await Program.start({
    files: 10_200,
    options: ["--maxclients", "10100"],
  });
  const runId = await server.runId();
  const clients: Asker[] = [];
  while (clients.length < 10_000) {
    clients.push(
      ...await Promise.all(Array.from({ length: 100 }, () => server.connect())),
    );
  }
  const answers = await Promise.all(clients.map((asker) => asker.ask("PING")));
  equal(answers.filter((answer) => answer === "PONG").length, 10_000);
  for (const asker of clients) asker[Symbol.dispose]();
  await assertLives(server, runId);
});

Deno.test("writes are refused with OOM before V8's heap is full", async () => {
  await using server = await Program.start({
    flags: "--max-old-space-size=96",
  });
  const runId = await server.runId();
  using asker = await server.connect();
  let refused: unknown;
  let keys = 0;
  while (refused === undefined) {
    const answers = await asker.all(
      Array.from(
        { length: 500 },
        () => ["SET", `key:${keys++}`, "x".repeat(200)],
      ),
    );
    refused = answers.find((answer) => answer !== "OK");
    ok(keys < 5_000_000);
  }
  match(String(refused), /^OOM command not allowed/);
  // However long a client goes on, reading and deleting work.
  for (let i = 0; i < 100; i++) {
    await asker.all(
      Array.from(
        { length: 500 },
        () => ["SET", `key:${keys++}`, "x".repeat(200)],
      ),
    );
  }
  equal(await asker.ask("GET", "key:0"), "x".repeat(200));
  equal(await asker.ask("FLUSHALL"), "OK");
  await assertLives(server, runId);
});

Deno.test("a value that V8 cannot hold is refused by its length alone", async () => {
  await using server = await Program.start();
  const runId = await server.runId();
  using asker = await server.connect();
  await asker.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n");
  equal(await asker.next(), "ERR Protocol error: invalid bulk length");
  await assertLives(server, runId);
});

Deno.test("a large value stops nobody for long", async () => {
  await using server = await Program.start();
  using asker = await server.connect();
  using transport = await server.dial();
  const size = 128 * 1024 * 1024;
  const command = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`;
  const encoder = new TextEncoder();
  // Not ASCII: what takes longest to become text.
  const chunks = [
    encoder.encode(command),
    new Uint8Array(size).fill(0xe9),
    encoder.encode("\r\n"),
  ];
  let written = false;
  const writing = transport.write(chunks).then(() => written = true);
  let longest = 0;
  while (!written) {
    const start = performance.now();
    await asker.ask("PING");
    longest = Math.max(longest, performance.now() - start);
  }
  await writing;
  const into = new Uint8Array(5);
  await transport.read(into);
  deepEqual(into, encoder.encode("+OK\r\n"));
  ok(longest < 1000, `a PING took ${longest} ms`);
});
