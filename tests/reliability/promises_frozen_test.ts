/**
 * A frozen program, as when its machine is suspended.
 *
 * @module
 */

import assert from "node:assert/strict";
import { clientsOf, startProgram, until } from "../client/support.ts";
import { TestServer } from "../support/test_server.ts";

/**
 * Makes a call while its server is frozen; prints "asked", then the outcome.
 */
const FROZEN = `
import { connect } from "@sorrel/redis";
const [port] = Deno.args;
const options = { commandTimeout: 3_000, connectTimeout: 3_000 };
const url = \`redis://127.0.0.1:\${port}\`;
const redis = await connect(url, { ...options, name: "asking" });
const id = await redis.clientId();
console.log("connected");
// The parent process stops the server now.
const line = new Uint8Array(1);
await Deno.stdin.read(line);
const outcome = (call) => call.then(String, (error) => error.message);
const counts = Array.from({ length: 200 }, () => outcome(redis.incr("n")));
const connecting = connect(url, { ...options, name: "connecting" });
connecting.catch(() => {});
setTimeout(() => console.log("asked"), 50);
const last = (await Promise.all(counts)).at(-1);
const same = id === await redis.clientId();
const pong = await outcome(connecting.then((other) => other.ping()));
console.log(JSON.stringify({ last, same, pong }));
Deno.exit();
`;

Deno.test("a program that was frozen for 6 s reads the replies that wait in its sockets", async () => {
  await using server = await TestServer.start();
  const child = startProgram(FROZEN, [String(server.port)], {
    stdin: "piped",
  });
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  const printedOn = async (until: string) => {
    while (!printed.includes(until)) {
      const { value, done } = await lines.read();
      if (done) throw new Error(`The program ended: ${printed}`);
      printed += value;
    }
  };
  try {
    await printedOn("connected\n");
    server.pause();
    await writer.write(new Uint8Array([10]));
    await printedOn("asked\n");
    child.kill("SIGSTOP");
    server.resume();
    // The server replies to everything, but the program does not read.
    await until(async () => /200/.test(await server.ask("GET", "n")));
    await until(async () =>
      (await clientsOf(server, / name=connecting /)).length === 1
    );
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    child.kill("SIGCONT");
    await printedOn("}\n");
  } finally {
    server.resume();
    try {
      // It ends a frozen program, too.
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await writer.close().catch(() => {});
    await lines.cancel();
    await child.stderr.cancel();
    await child.status;
  }
  const outcome = JSON.parse(printed.split("\n").at(-2)!);
  assert.deepEqual(outcome, { last: "200", same: true, pong: "PONG" });
});
