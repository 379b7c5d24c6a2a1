/**
 * No client may end the server's process. At the end of each test the same process
 * must reply to PING.
 */

import { equal, match, ok } from "node:assert/strict";
import type { Transport } from "../../lib/net/transport.ts";
import { Asker } from "./asker.ts";
import { Program } from "./program.ts";

/** Asserts that the same process is running and replies. */
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
  // The waiting connections are served now.
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
      // Half of the bytes look like the protocol.
      const drawn = seed >> 8;
      return drawn % 2 === 0
        ? drawn % 256
        : "*$\r\n0123:-"[drawn % 10]!.charCodeAt(0);
    });
    // The server may close the connection before all bytes are written.
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
  // Reading and deleting still work, however long the client goes on.
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

Deno.test("a value too large for V8 is refused by its length, before its bytes arrive", async () => {
  await using server = await Program.start();
  const runId = await server.runId();
  using asker = await server.connect();
  await asker.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n");
  equal(await asker.next(), "ERR Protocol error: invalid bulk length");
  await assertLives(server, runId);
});
