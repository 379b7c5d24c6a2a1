/**
 * No client ends the process of the server: each test ends with the same process
 * answering PING.
 */

import { equal, match, ok } from "node:assert/strict";
import type { Asker } from "./asker.ts";
import { Program } from "./program.ts";

/** Asserts that the same process is running and replies. */
async function assertLives(server: Program, runId: string): Promise<void> {
  equal(await server.runId(), runId);
  using asker = await server.connect();
  equal(await asker.ask("PING"), "PONG");
}

/** What hostile and broken clients do, one after the other, to one process. */
const ATTACKS: Record<string, (server: Program) => Promise<void>> = {
  "2,000 connections that are reset at once": async (server) => {
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 100 }, () => server.reset()));
    }
  },

  "garbage": async (server) => {
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
  },

  "clients that do not read": async (server) => {
    using asker = await server.connect();
    await asker.ask("SET", "k", "x".repeat(1_000_000));
    for (let i = 0; i < 20; i++) {
      using transport = await server.dial();
      const gets = new TextEncoder().encode("GET k\r\n".repeat(50));
      await transport.write([gets]).catch(() => {});
    }
  },

  "10,000 connections, then more than there are files for": async (server) => {
    const clients: Asker[] = [];
    while (clients.length < 10_000) {
      clients.push(
        ...await Promise.all(
          Array.from({ length: 100 }, () => server.connect()),
        ),
      );
    }
    const answers = await Promise.all(
      clients.map((asker) => asker.ask("PING")),
    );
    equal(answers.filter((answer) => answer === "PONG").length, 10_000);
    for (let i = 0; i < 200; i++) clients.push(await server.connect());
    const waiting = clients.at(-1)!;
    const answer = waiting.ask("PING");
    for (const asker of clients.splice(0, 300)) asker[Symbol.dispose]();
    // Connections wait until files are free.
    equal(await answer, "PONG");
    for (const asker of clients) asker[Symbol.dispose]();
  },
};

Deno.test("one process survives resets, garbage, slow readers, 10,000 connections and a lack of files", async (t) => {
  await using server = await Program.start({
    files: 10_100,
    options: [
      ...["--maxclients", "20000"],
      ...["--client-output-buffer-limit", "normal", "4mb", "0", "0"],
    ],
  });
  const runId = await server.runId();
  for (const [name, attack] of Object.entries(ATTACKS)) {
    await t.step(name, async () => {
      await attack(server);
      await assertLives(server, runId);
    });
  }
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
